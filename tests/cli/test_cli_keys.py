"""keys rotate: each key is exchanged in the way that what rests on it allows, and nothing secret is printed."""

import json

import pytest

from bot import keys
from bot.cli.keys import NEVER
from bot.keys import FORMER_MS
from bot.ledger.rotation import rotate_pseudonym
from bot.store import users
from bot.store.db import Store

NOW = 1_790_000_000_000


@pytest.fixture
def store(house):
    opened = Store(house / "data" / "earshot.db")
    yield opened
    opened.close()


def contents(folder):
    return {place.name: place.read_text() for place in folder.iterdir()}


def test_the_suppression_key_is_never_rotated_and_it_says_why(earshot, house):
    before = contents(house / "keys")
    said = earshot("keys", "rotate", "suppression")
    assert (said.code, said.out, said.err.strip()) == (1, "", NEVER)
    assert contents(house / "keys") == before


def test_a_new_pseudonym_key_gives_staff_other_names_from_now_on(earshot, house):
    folder = house / "keys"
    running, before = keys.load(folder), contents(folder)
    name = running.staff(7, NOW)
    said = earshot("keys", "rotate", "pseudonym")
    assert (said.code, said.err) == (0, "")
    after = contents(folder)
    assert {file for file in before if after[file] != before[file]} == {"pseudonym.key"}
    assert (folder / "pseudonym.former").stat().st_mode & 0o777 == 0o600
    assert not any(secret.strip() in said.out for file, secret in after.items() if file != "signing.pub")
    # A process that runs already takes it up, too; who has the former key can still say who it was.
    assert running.staff(7, NOW) != name
    former = bytes.fromhex((folder / "pseudonym.former").read_text().split()[1])
    assert keys.Keys(former, b"", b"").staff(7, NOW) == name


def test_the_ledger_tells_of_it_and_verifies(earshot, house):
    earshot("keys", "rotate", "pseudonym")
    (told, *_) = json.loads(earshot("ledger", "show", "--json").out)
    assert (told["type"], told["step"], told["by"]) == ("ACCESS", "pseudonym_key_rotated", "operator")
    assert earshot("ledger", "verify", "--full").code == 0


def test_a_backup_from_before_is_still_ours(earshot, house):
    assert earshot("backup", "nightly.backup").code == 0
    earshot("keys", "rotate", "pseudonym")
    said = earshot("restore", "nightly.backup", "--yes")
    assert said.code == 0, said.err
    assert earshot("ledger", "verify", "--full").code == 0


def test_a_former_pseudonym_key_is_destroyed_after_twelve_months(house, store):
    folder = house / "keys"
    first = (folder / "pseudonym.key").read_text()
    rotate_pseudonym(store, folder, NOW)
    assert first in (folder / "pseudonym.former").read_text()
    rotate_pseudonym(store, folder, NOW + FORMER_MS - 1)
    assert first in (folder / "pseudonym.former").read_text()
    rotate_pseudonym(store, folder, NOW + FORMER_MS)
    assert first not in (folder / "pseudonym.former").read_text()
    assert len((folder / "pseudonym.former").read_text().splitlines()) == 2


def test_a_damaged_list_of_former_keys_is_refused_and_nothing_changes(earshot, house):
    (house / "keys" / "pseudonym.former").write_text("what is this")
    before = contents(house / "keys")
    said = earshot("keys", "rotate", "pseudonym")
    assert said.code == 1
    assert "pseudonym.former is damaged. Put it back from your backup." in said.err
    assert contents(house / "keys") == before


def test_former_keys_go_into_a_sealed_copy_and_come_back(house, store, tmp_path):
    rotate_pseudonym(store, house / "keys", NOW)
    box = keys.sealed(house / "keys", "correct horse battery staple")
    keys.unsealed(box, "correct horse battery staple", tmp_path / "other")
    assert contents(tmp_path / "other") == contents(house / "keys")
    assert (tmp_path / "other" / "pseudonym.former").stat().st_mode & 0o777 == 0o600


def test_rotating_sessions_signs_everybody_out(earshot, house, store):
    earshot("user", "add", "anna", "--password-stdin", stdin="ein langes Passwort\n")
    with store.write() as tx:
        user = users.by_name(tx, "anna")
        users.begin_session(tx, "0" * 64, user["id"], at=1, expires_at=2)
    said = earshot("keys", "rotate", "session")
    assert (said.code, said.out) == (0, "Every session ended (1). Everybody signs in anew.\n")
    assert store.value("SELECT count(*) FROM sessions") == 0


def test_another_name_is_wrong_usage(earshot, house):
    assert earshot("keys", "rotate", "everything").code == 3
