"""ledger: its exit codes are a contract with whoever watches a house."""

import json
import shutil
import sqlite3

import pytest
from programs import Said

from bot import keys
from bot.ledger import entries
from bot.ledger.checkpoint import sign, write
from bot.ledger.proof import Checkpoint, Tree
from bot.ledger.proof import main as proof_main
from bot.model import EntryKind
from bot.store import house as house_rows
from bot.store.db import Store

LOOSE = "ALTER TABLE checkpoints RENAME TO old; CREATE TABLE checkpoints (size, note, at);"
"""A table of the same name that takes values of any type."""


def database(house):
    return house / "data" / "earshot.db"


@pytest.fixture
def recorded(house):
    """Five entries and a checkpoint over them."""
    store, tree = Store(database(house)), Tree()
    with store.write() as tx:
        for number in range(5):
            entries.append(
                tx, EntryKind.KILL, {"step": "stopped", "by": f"person {number}"}, 1_790_000_000_000 + number
            )
    tree.extend([row["h"] for row in store.rows("SELECT h FROM log ORDER BY seq")])
    note = sign(Checkpoint(tree.size, tree.root()), keys.load(house / "keys").signer)
    write(house / "checkpoints", tree.size, note)
    with store.write() as tx:
        house_rows.start_health(tx, name="worker", pid=1, version="test", at=1)
        house_rows.set_checkpoint(tx, "worker", tree.size, note, anchored=True, at=1)
    store.close()
    return house


def unguarded(house, *statements):
    """Change the file as somebody does who has it and knows SQLite."""
    connection = sqlite3.connect(database(house))
    for statement in ("DROP TRIGGER log_is_never_changed", "DROP TRIGGER log_is_never_shortened", *statements):
        connection.execute(statement)
    connection.commit()
    connection.close()


def verdict(said: Said) -> str:
    return json.loads(said.out)["verdict"]


def test_an_untouched_ledger_verifies(earshot, recorded):
    said = earshot("ledger", "verify")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("ok: 5 entries")
    assert said.out.endswith(" 1 checkpoint compared.\n")
    assert json.loads(earshot("ledger", "verify", "--json").out)["checkpoints"] == 1
    assert verdict(earshot("ledger", "verify", "--json")) == "ok"


def test_one_changed_letter_is_exit_1(earshot, recorded):
    unguarded(recorded, "UPDATE log SET body = CAST(replace(CAST(body AS TEXT), 'person 2', 'person 9') AS BLOB)")
    said = earshot("ledger", "verify", "--json")
    assert (said.code, verdict(said)) == (1, "tampered")
    assert json.loads(said.out)["entry"] == 3


def test_a_cut_tail_is_exit_2(earshot, recorded):
    unguarded(recorded, "DELETE FROM log WHERE seq > 3")
    said = earshot("ledger", "verify", "--json")
    assert (said.code, verdict(said)) == (2, "missing")


def test_a_forged_checkpoint_is_exit_1(earshot, recorded):
    (checkpoint,) = [path for path in (recorded / "checkpoints").rglob("*") if path.is_file()]
    text = checkpoint.read_text()
    checkpoint.write_text(text.replace("5", "6", 1))
    assert earshot("ledger", "verify").code == 1


def test_a_checkpoint_folder_that_is_gone_is_exit_2(earshot, recorded):
    shutil.rmtree(recorded / "checkpoints")
    said = earshot("ledger", "verify")
    assert said.code == 2
    assert said.out.startswith("missing: The checkpoint folder lacks the checkpoint of size 5 that the database holds.")
    assert said.out.endswith(" 1 checkpoint compared.\n")


def test_a_folder_that_was_told_to_be_out_of_reach_is_said_and_no_finding(earshot, recorded):
    shutil.rmtree(recorded / "checkpoints")
    unguarded(recorded, "UPDATE health SET anchor_failing_since = 1")
    said = earshot("ledger", "verify")
    assert said.code == 0
    assert "out of reach" in said.out


@pytest.mark.parametrize("cut", ["DELETE FROM log WHERE seq > 3", "DELETE FROM log"])
def test_a_tail_cut_together_with_the_folder_is_seen_by_the_notes_in_the_database(earshot, recorded, cut):
    shutil.rmtree(recorded / "checkpoints")
    unguarded(recorded, cut, "UPDATE health SET anchor_failing_since = 1")
    said = earshot("ledger", "verify", "--json")
    assert (said.code, verdict(said)) == (2, "missing")


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE checkpoints SET note = replace(note, 'earshot/ledger', 'earshot/budget')",
        "UPDATE checkpoints SET note = 'x'",
        "UPDATE checkpoints SET size = 4",
        "UPDATE checkpoints SET at = -1, note = ''",
        "DROP TABLE checkpoints",
        f"{LOOSE} INSERT INTO checkpoints SELECT size, CAST(note AS BLOB), at FROM old",  # noqa: S608 - both halves are ours
        f"{LOOSE} INSERT INTO checkpoints SELECT 'five', note, at FROM old",  # noqa: S608 - both halves are ours
    ],
)
def test_a_forged_note_in_the_database_is_exit_1(earshot, recorded, forgery):
    unguarded(recorded, *forgery.split(";"))
    said = earshot("ledger", "verify", "--json")
    assert (said.code, verdict(said)) == (1, "tampered")


def test_wrong_usage_is_exit_3(earshot, recorded):
    assert earshot("ledger", "verify", "--datebase", "x").code == 3
    assert earshot("ledger", "verify", "too", "much").code == 3
    assert earshot("ledger", "prove").code == 3
    assert earshot("ledger", "show", "--last", "0").code == 3


def test_another_file_can_be_verified(earshot, recorded, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes(database(recorded).read_bytes())
    assert earshot("ledger", "verify", "--database", copy).code == 0


@pytest.mark.parametrize("command", ["verify", "show"])
def test_where_there_is_no_database_it_says_so_and_makes_none(earshot, folder, command):
    said = earshot("ledger", command)
    assert said.code == 1
    assert "EARSHOT_DATA_DIR" in said.err
    assert list(folder.iterdir()) == []


def test_a_file_that_is_no_database_is_a_finding_and_no_crash(earshot, recorded):
    for path in (recorded / "data").iterdir():
        path.unlink()
    database(recorded).write_bytes(b"not a database" * 1_000)
    said = earshot("ledger", "verify")
    assert said.code == 1
    assert "fault in Earshot" not in said.err


def test_show_prints_the_newest_entries_first(earshot, recorded):
    lines = earshot("ledger", "show", "--last", "2").out.splitlines()
    assert [line.split()[0] for line in lines] == ["5", "4"]
    assert all("KILL" in line and "step stopped" in line for line in lines)
    told = json.loads(earshot("ledger", "show", "--json").out)
    assert [entry["seq"] for entry in told] == [5, 4, 3, 2, 1]
    assert told[0]["by"] == "person 4"


def test_full_verify_also_reads_what_the_entries_say(earshot, recorded):
    assert earshot("ledger", "verify", "--full").code == 0
    store = Store(database(recorded))
    with store.write() as tx:
        entries.append(tx, EntryKind.DECISION, {"act": "DIRECT_MESSAGE"}, 1_790_000_060_000)
    store.close()
    assert earshot("ledger", "verify").code == 0
    said = earshot("ledger", "verify", "--full", "--json")
    assert (said.code, verdict(said), json.loads(said.out)["entry"]) == (1, "tampered", 6)


def test_without_public_keys_nothing_is_verified_and_it_says_what_to_do(earshot, recorded):
    (recorded / "keys" / "signing.pub").unlink()
    said = earshot("ledger", "verify")
    assert (said.code, said.out) == (1, "")
    assert "Put signing.pub back" in said.err


def test_a_new_key_is_told_and_old_checkpoints_still_verify(earshot, recorded):
    before = keys.published(recorded / "keys")
    said = earshot("keys", "rotate", "signing")
    assert (said.code, said.err) == (0, "")
    after = keys.published(recorded / "keys")
    assert after[:-1] == before
    assert after[-1].hex() in said.out
    secret = (recorded / "keys" / "signing.key").read_text()
    assert secret not in said.out
    assert earshot("ledger", "verify", "--full").code == 0
    assert json.loads(earshot("ledger", "show", "--json").out)[0]["type"] == "KEY"


def test_the_key_of_a_broken_ledger_stays(earshot, recorded):
    unguarded(recorded, "DELETE FROM log WHERE seq > 3")
    said = earshot("keys", "rotate", "signing")
    assert (said.code, "its key stays" in said.err) == (1, True)
    assert len(keys.published(recorded / "keys")) == 1


def test_an_export_is_written_checked_by_its_own_verifier_and_told_of(earshot, recorded):
    said = earshot("ledger", "export", "out.zip", "--from", "2", "--to", "4")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Wrote out.zip; entry 6 tells of it.")
    told = json.loads(earshot("ledger", "show", "--json", "--last", "1").out)[0]
    assert proof_main(["out.zip", "--key", keys.published(recorded / "keys")[-1].hex()]) == 0
    assert (told["type"], told["from"], told["to"], told["personal"]) == ("EXPORT", 2, 4, False)
    assert earshot("ledger", "export", "more.zip", "--with-personal-data").code == 0
    assert json.loads(earshot("ledger", "show", "--json", "--last", "1").out)[0]["personal"] is True
    assert earshot("ledger", "verify", "--full").code == 0


@pytest.mark.parametrize(
    ("words", "code", "said_of"),
    [
        (("nowhere/out.zip",), 1, "cannot be written"),
        (("taken.zip",), 1, "exists already"),
        (("out.zip", "--from", "6"), 1, "entries 1 to 5"),
        ((), 3, "FILE"),
        (("out.zip", "--from", "0"), 3, "--from"),
    ],
)
def test_an_export_that_cannot_be_made_leaves_no_file_and_no_entry(earshot, recorded, words, code, said_of):
    (recorded / "taken.zip").write_text("mine")
    said = earshot("ledger", "export", *words)
    assert (said.code, said_of in said.err) == (code, True), said.err
    assert not (recorded / "out.zip").exists()
    assert (recorded / "taken.zip").read_text() == "mine"
    assert len(json.loads(earshot("ledger", "show", "--json").out)) == 5


@pytest.mark.parametrize("command", [("keys", "rotate", "signing"), ("ledger", "export", "out.zip")])
def test_without_a_database_nothing_is_rotated_or_exported(earshot, folder, command):
    said = earshot(*command)
    assert (said.code, "EARSHOT_DATA_DIR" in said.err) == (1, True)
    assert list(folder.iterdir()) == []
