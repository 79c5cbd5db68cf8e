"""The watch over the ledger: checkpoints that verify, a broken chain that stops all sending."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from tents import HouseInATent, post

from bot.dispatch import Dispatcher
from bot.errors import StoreBusy
from bot.ledger import entries
from bot.ledger.anchors import compare
from bot.ledger.checkpoint import notes
from bot.ledger.keeper import EVERY_ENTRIES, Keeper
from bot.ledger.proof import read_note
from bot.ledger.verify import Verdict
from bot.model import EntryKind
from bot.store import house as house_rows
from bot.store.db import Row

ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


def keeper(tent: HouseInATent, folder: Path | None = None) -> Keeper:
    return Keeper(tent.wiring.stores, tent.wiring.keys, folder or tent.root / "checkpoints", tent.clock)


def start(tent: HouseInATent) -> Keeper:
    with tent.store.write() as tx:
        house_rows.start_health(tx, name="worker", pid=1, version="test", at=tent.clock.now())
    watch = keeper(tent)
    watch.verify_all("worker")
    return watch


def grow(tent: HouseInATent, count: int = 1) -> None:
    with tent.store.write() as tx:
        for _ in range(count):
            entries.append(tx, EntryKind.ATTEST, {}, tent.clock.now())


def health(tent: HouseInATent) -> Row:
    row = house_rows.health(tent.store)
    assert row is not None
    return row


def verdict(tent: HouseInATent) -> Verdict:
    return compare(tent.store, tent.root / "checkpoints", tent.wiring.keys.known).report.verdict


def tamper(tent: HouseInATent, statement: str) -> None:
    """Do what an attacker with the file does: take the guards away first."""
    connection = sqlite3.connect(tent.wiring.database, isolation_level=None)
    for trigger in ("log_is_never_changed", "log_is_never_shortened"):
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute(statement)
    connection.close()


def test_every_checkpoint_of_a_growing_ledger_verifies(tent: HouseInATent) -> None:
    watch = start(tent)
    for count in (1, 7, 3):
        grow(tent, count)
        watch.checkpoint("worker")
        assert verdict(tent) is Verdict.OK
    assert (
        health(tent)["checkpoint_size"] == health(tent)["verified_seq"] == tent.store.value("SELECT count(*) FROM log")
    )


def test_jobs_that_verify_at_the_same_time_count_every_entry_once(tent: HouseInATent) -> None:
    watch, meet = start(tent), threading.Barrier(4)

    def job() -> None:
        for _ in range(5):
            meet.wait()
            watch.checkpoint("worker")
        tent.wiring.stores.close()

    jobs = [threading.Thread(target=job) for _ in range(3)]
    for each in jobs:
        each.start()
    for _ in range(5):
        grow(tent, 40)
        meet.wait()
    for each in jobs:
        each.join()
    watch.checkpoint("worker")
    assert verdict(tent) is Verdict.OK
    assert health(tent)["checkpoint_size"] == tent.store.value("SELECT count(*) FROM log")


def test_a_checkpoint_is_due_after_a_hundred_entries(tent: HouseInATent) -> None:
    watch = start(tent)
    watch.checkpoint("worker")
    size = health(tent)["checkpoint_size"]
    grow(tent, EVERY_ENTRIES - 1)
    watch.verify_tail("worker")
    watch.checkpoint_if_due("worker")
    assert health(tent)["checkpoint_size"] == size
    grow(tent)
    watch.verify_tail("worker")
    watch.checkpoint_if_due("worker")
    assert health(tent)["checkpoint_size"] == size + EVERY_ENTRIES


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET body = CAST(replace(body, 'ATTEST', 'REPORT') AS BLOB) WHERE seq = (SELECT max(seq) FROM log)",
        "DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)",
        "DELETE FROM log",
    ],
)
def test_a_broken_ledger_is_told_stays_told_gets_no_checkpoint_and_stops_every_reply(
    tent: HouseInATent, statement: str
) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    watch = start(tent)
    grow(tent, 3)
    watch.checkpoint("worker")
    size = health(tent)["checkpoint_size"]
    tamper(tent, statement)
    assert keeper(tent).verify_all("worker").verdict is not Verdict.OK
    assert health(tent)["ledger_ok"] == 0
    broken = keeper(tent)
    broken.verify_all("worker")
    broken.checkpoint("worker")
    broken.verify_tail("worker")
    assert (health(tent)["ledger_ok"], health(tent)["checkpoint_size"]) == (0, size)
    Dispatcher(tent.store, lambda: tent.wiring.house(tent.store), tent.publishers, tent.clock).run()
    assert tent.said() == []
    assert tent.store.value("SELECT cause FROM dispatches").startswith("gate:C-33")


def test_with_a_ledger_that_does_not_verify_the_gate_denies(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    tent.open("kim")
    with tent.store.write() as tx:
        house_rows.set_verified(tx, "worker", ok=False, seq=1, at=tent.clock.now())
    tent.beat = lambda: None  # the worker would verify anew
    answer = tent.approve("kim", ANSWER)
    assert answer.kind == "denied"
    assert "C-33" in [result.rule for result in answer.decision.open_rules]
    assert tent.store.value("SELECT count(*) FROM dispatches") == 0


def test_found_broken_while_running_it_stays_broken_until_the_next_start(tent: HouseInATent) -> None:
    watch = start(tent)
    grow(tent, 2)
    watch.verify_tail("worker")
    tamper(tent, "UPDATE log SET h = zeroblob(32) WHERE seq = (SELECT max(seq) FROM log)")
    watch.verify_tail("worker")
    assert health(tent)["ledger_ok"] == 0
    watch.verify_tail("worker")
    assert health(tent)["ledger_ok"] == 0


def test_a_folder_out_of_reach_warns_and_stops_nothing(
    tent: HouseInATent, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    start(tent)
    (tmp_path / "a file").touch()
    watch = keeper(tent, tmp_path / "a file" / "below")
    watch.checkpoint("worker")
    assert health(tent)["checkpoint_at"] == health(tent)["anchor_failing_since"] == tent.clock.now()
    assert "cannot be written" in caplog.text
    note = tent.store.value("SELECT note FROM checkpoints")
    assert read_note(note).signed_by(tent.wiring.keys.known[-1])
    assert read_note(note).checkpoint.size == health(tent)["checkpoint_size"]
    keeper(tent).checkpoint("worker")
    assert health(tent)["anchor_failing_since"] is None


def test_a_locked_database_is_reported_and_the_next_beat_tells(tent: HouseInATent) -> None:
    watch = start(tent)
    grow(tent)
    tent.store.connection.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(tent.wiring.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        watch.verify_tail("worker")
    other.execute("ROLLBACK")
    other.close()
    watch.checkpoint("worker")
    assert verdict(tent) is Verdict.OK
    assert health(tent)["verified_seq"] == tent.store.value("SELECT max(seq) FROM log")


def test_what_the_folder_missed_is_brought_there_once_it_is_back_even_over_a_restart(
    tent: HouseInATent, tmp_path: Path
) -> None:
    start(tent)
    keeper(tent).checkpoint("worker")
    place = tmp_path / "a disk"
    place.touch()
    for _ in range(2):
        tent.clock.advance(1000)
        grow(tent)
        away = keeper(tent, place / "checkpoints")
        away.verify_all("worker")
        away.checkpoint("worker")
    with tent.store.write() as tx:
        house_rows.start_health(tx, name="worker", pid=2, version="test", at=tent.clock.now())
    place.unlink()
    back = keeper(tent, place / "checkpoints")
    assert back.verify_all("worker").verdict is Verdict.OK
    back.checkpoint("worker")
    sizes = [row["size"] for row in tent.store.rows("SELECT size FROM checkpoints ORDER BY size")]
    assert [read_note(note).checkpoint.size for _, note in notes(place / "checkpoints")] == sizes[-2:]
    assert health(tent)["anchor_failing_since"] is None


def test_a_tail_cut_together_with_the_folder_is_found_at_the_next_start(tent: HouseInATent) -> None:
    watch = start(tent)
    grow(tent, 3)
    watch.checkpoint("worker")
    shutil.rmtree(tent.root / "checkpoints")
    tamper(tent, "DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)")
    assert keeper(tent).verify_all("worker").verdict is Verdict.MISSING
    assert health(tent)["ledger_ok"] == 0


def test_a_folder_that_was_emptied_warns_and_stops_nothing(
    tent: HouseInATent, caplog: pytest.LogCaptureFixture
) -> None:
    start(tent).checkpoint("worker")
    shutil.rmtree(tent.root / "checkpoints")
    assert keeper(tent).verify_all("worker").verdict is Verdict.OK
    assert "lacks checkpoints that the database holds: 1" in caplog.text
