"""backup and restore as an operator types them; each command of docs/operations.md is run here."""

import gc
import re
import shlex
from pathlib import Path

import pytest
from programs import ended

from bot.store import house as house_rows
from bot.store.db import Store

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
LINES = [
    shlex.split(line)[1:] for line in re.findall(r"^ {4}(earshot .+)$", PAGE.partition("# A bad day")[0], re.MULTILINE)
]
PHRASE = "eine sehr lange Losung"


@pytest.fixture(autouse=True)
def phrase(monkeypatch):
    monkeypatch.setenv("EARSHOT_BACKUP_PASSPHRASE", PHRASE)


def test_every_command_of_the_page_does_what_the_page_says(earshot, house):
    assert [words[0] for words in LINES] == ["backup", "backup", "restore", "ledger", "user", "restore"]
    for words in LINES:
        stdin = "y\n" if words[0] == "restore" else ""
        said = earshot(*words, stdin=stdin)
        assert said.code == 0, said.out + said.err
        gc.collect()  # as if the process that ran the command had ended
    store = Store(house / "data" / "earshot.db")
    assert house_rows.stop(store) is not None
    assert [row["blind"] for row in store.rows("SELECT blind FROM restores")] == [1]
    store.close()
    assert len(list((house / "data").glob("earshot-before-restore-*.db"))) == 2


def test_it_says_what_is_in_force_and_where_the_database_from_before_is(earshot, house):
    assert "without the keys" in earshot("backup", "copy.backup").out
    said = earshot("restore", "copy.backup", "--yes")
    assert said.code == 0
    assert "Sending is stopped until two people lift it" in said.out
    (aside,) = (house / "data").glob("earshot-before-restore-*.db")
    assert str(aside.relative_to(house)) in said.out
    assert earshot("ledger", "verify", "--full").code == 0


def test_nobody_says_yes_and_nothing_happens(earshot, house):
    earshot("backup", "copy.backup")
    assert earshot("restore", "copy.backup", stdin="n\n").code == 130
    assert not list((house / "data").glob("earshot-before-restore-*"))


def test_while_the_worker_runs_a_restore_says_what_to_stop(earshot, house, started):
    earshot("backup", "copy.backup")
    worker = started("worker")
    assert "The worker runs" in worker.stdout.readline()
    said = earshot("restore", "copy.backup", "--yes")
    assert (said.code, said.err) == (
        1,
        "The worker, the desk or another command has this database open. Stop them, then restore.\n",
    )
    assert earshot("backup", "while it runs.backup").code == 0
    ended(worker)
    assert earshot("restore", "copy.backup", "--yes").code == 0


def test_while_a_desk_runs_alone_it_is_refused_as_well(earshot, house, started, monkeypatch):
    monkeypatch.setenv("EARSHOT_PORT", "0")
    earshot("backup", "copy.backup")
    desk = started("desk")
    assert "The desk is at" in desk.stdout.readline()
    assert earshot("restore", "copy.backup", "--yes").code == 1
    ended(desk)


def test_on_an_empty_machine_the_keys_come_from_the_backup_and_the_journal_from_its_disk(earshot, house):
    earshot("backup", "copy.backup", "--with-keys")
    for name in ("data", "keys"):
        (house / name).rename(house / f"lost {name}")
    said = earshot("restore", "copy.backup", "--yes")
    assert said.code == 0, said.err
    assert "Put the keys of the backup into keys/." in said.out
    assert earshot("ledger", "verify", "--full").code == 0


def test_without_keys_or_with_the_wrong_phrase_it_says_where_to_look(earshot, house, monkeypatch):
    earshot("backup", "bare.backup")
    earshot("backup", "full.backup", "--with-keys")
    (house / "keys").rename(house / "lost keys")
    assert "Put your copy there." in earshot("restore", "bare.backup", "--yes").err
    monkeypatch.setenv("EARSHOT_BACKUP_PASSPHRASE", "eine ganz andere Losung")
    said = earshot("restore", "full.backup", "--yes")
    assert (said.code, said.err) == (1, "The keys do not open with this passphrase.\n")
    monkeypatch.setenv("EARSHOT_BACKUP_PASSPHRASE", "zu kurz")
    (house / "lost keys").rename(house / "keys")
    assert "16 characters" in earshot("backup", "short.backup", "--with-keys").err


def test_an_unwritable_checkpoint_folder_is_named_by_backup(earshot, house):
    folder = house / "checkpoints"
    if folder.exists():
        folder.rename(house / "away")
    folder.write_text("no folder")
    said = earshot("backup", "copy.backup")
    assert said.code == 1
    assert "The journal beside the checkpoints cannot be written" in said.err
    assert not (house / "copy.backup").exists()


def test_without_a_database_there_is_nothing_to_back_up(earshot, folder):
    said = earshot("backup", "copy.backup")
    assert (said.code, said.err) == (1, "There is no database at data/earshot.db. See EARSHOT_DATA_DIR.\n")
