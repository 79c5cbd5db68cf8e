"""Killed at any instant, three writing processes leave every entry with its change and every change with its entry."""

import json
import multiprocessing
import os
import random
import select
import signal
from pathlib import Path

import pytest

from bot.ledger import entries
from bot.ledger.verify import Verdict, verify
from bot.model import EntryKind
from bot.store.db import Store

pytestmark = pytest.mark.crash

FORK = multiprocessing.get_context("fork")
WRITERS = 3
ROUNDS = 50
LONGEST = 0.03
"""Seconds within which a writer is killed after its first write: some ten to thirty writes."""


@pytest.fixture
def changed(database: Path) -> Path:
    store = Store(database)
    store.connection.execute("CREATE TABLE changes (id INTEGER PRIMARY KEY, writer INTEGER, seq INTEGER) STRICT")
    store.close()
    return database


def write_for_ever(path: Path, started: int) -> None:
    store = Store(path)
    store.guard()
    writer = os.getpid()
    while True:
        with store.write() as tx:
            change = tx.insert("changes", {"writer": writer, "seq": 0})
            seq = entries.append(tx, EntryKind.DECISION, {"change": change, "writer": writer}, 1_790_000_000_000)
            tx.run("UPDATE changes SET seq = :seq WHERE id = :id", seq=seq, id=change)
        os.write(started, b".")


def kill_round(path: Path, chance: random.Random) -> int:
    """Start the writers, kill each at a moment of its own; returns how many writes they had told of by then."""
    reading, writing = os.pipe()
    writers = [FORK.Process(target=write_for_ever, args=(path, writing)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    os.close(writing)
    told = len(os.read(reading, 1))
    for writer in writers:
        select.select([], [], [], chance.uniform(0, LONGEST))
        os.kill(writer.pid, signal.SIGKILL)
    for writer in writers:
        writer.join()
        assert writer.exitcode == -signal.SIGKILL, "a writer ended by itself"
    while more := os.read(reading, 65_536):
        told += len(more)
    os.close(reading)
    return told


def test_150_kills_leave_every_entry_with_its_change_and_every_change_with_its_entry(changed):
    chance, told = random.Random(150), 0  # noqa: S311 - moments need no secrecy
    for _ in range(ROUNDS):
        told += kill_round(changed, chance)
        store = Store(changed)
        assert verify(store).verdict is Verdict.OK
        assert store.value("SELECT count(*) FROM changes") >= told, "a committed write was lost"
        store.close()
    store = Store(changed)
    entered = {(row["seq"], *facts(row["body"])) for row in store.rows("SELECT seq, body FROM log")}
    done = {tuple(row) for row in store.rows("SELECT seq, id, writer FROM changes")}
    assert entered == done
    assert len(done) >= ROUNDS
    assert store.value("PRAGMA integrity_check") == "ok"
    store.close()


def facts(body: bytes) -> tuple[int, int]:
    entry = json.loads(body)
    return entry["change"], entry["writer"]
