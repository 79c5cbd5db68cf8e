"""ledger: its exit codes are a contract with whoever watches a house."""

import json
import shutil
import sqlite3

import pytest
from programs import Said

from bot import keys
from bot.ledger import entries
from bot.ledger.checkpoint import Checkpoint, sign, write
from bot.ledger.tree import Tree
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
    for row in store.rows("SELECT h FROM log ORDER BY seq"):
        tree.add(row["h"])
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
