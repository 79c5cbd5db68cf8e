"""A write happens whole or not at all, waits its turn, and says plainly why it could not happen."""

import multiprocessing
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import StoreBusy, StoreError, StoreFull
from bot.store.db import Store, Stores

FORK = multiprocessing.get_context("fork")
WRITERS = 3
WRITES = 60


@pytest.fixture
def counted(database: Path) -> Iterator[Store]:
    store = Store(database)
    with store.write() as tx:
        tx.run("CREATE TABLE ticks (id INTEGER PRIMARY KEY, writer INTEGER, n INTEGER, text TEXT) STRICT")
    store.guard()
    yield store
    store.close()


def count(store: Store) -> int:
    return store.value("SELECT count(*) FROM ticks")


def test_a_write_that_ends_well_is_seen_by_others(counted):
    with counted.write() as tx:
        assert tx.insert("ticks", {"writer": 1, "n": 1}) == 1
        assert tx.run("UPDATE ticks SET n = :n WHERE id = :id", n=7, id=1) == 1
        assert tx.run("UPDATE ticks SET n = :n WHERE id = :id", n=8, id=2) == 0
    other = Store(counted.path)
    assert [tuple(row) for row in other.rows("SELECT writer, n FROM ticks")] == [(1, 7)]
    other.close()


def break_off(store: Store, error: type[BaseException]) -> None:
    with store.write() as tx:
        tx.insert("ticks", {"writer": 1, "n": 1})
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, StoreError])
def test_a_write_that_breaks_leaves_nothing(counted, error):
    with pytest.raises(error):
        break_off(counted, error)
    assert count(counted) == 0
    with counted.write() as tx:
        tx.insert("ticks", {"writer": 1, "n": 2})
    assert count(counted) == 1


def test_a_nested_write_is_refused_and_the_outer_one_stays_whole(counted):
    with counted.write() as tx:
        tx.insert("ticks", {"writer": 1, "n": 1})
        with pytest.raises(StoreError), counted.write():
            pass
    assert count(counted) == 1


def test_a_writer_that_waits_too_long_is_told_so_and_loses_nothing(counted):
    impatient = Store(counted.path, busy_ms=1)
    with counted.write() as tx:
        tx.insert("ticks", {"writer": 1, "n": 1})
        with pytest.raises(StoreBusy), impatient.write():
            pass
        assert count(impatient) == 0
    with impatient.write() as tx:
        tx.insert("ticks", {"writer": 2, "n": 1})
    assert count(impatient) == 2
    impatient.close()


def write_too_much(store: Store) -> None:
    with store.write() as tx:
        for number in range(10_000):
            tx.insert("ticks", {"writer": 1, "n": number, "text": "x" * 1_000})


def test_a_full_database_is_reported_and_nothing_is_half_written(counted):
    pages = counted.value("PRAGMA page_count")
    assert counted.value(f"PRAGMA max_page_count = {pages + 4}") == pages + 4
    with pytest.raises(StoreFull, match="no room"):
        write_too_much(counted)
    assert count(counted) == 0
    assert counted.value("PRAGMA integrity_check") == "ok"
    counted.rows(f"PRAGMA max_page_count = {pages + 1_000}")
    with counted.write() as tx:
        tx.insert("ticks", {"writer": 1, "n": 1, "text": "x" * 1_000})
    assert count(counted) == 1


def tick(path: Path, writer: int, barrier) -> None:
    store = Store(path)
    store.guard()
    barrier.wait()
    for _ in range(WRITES):
        with store.write() as tx:
            last = tx.value("SELECT coalesce(max(n), 0) FROM ticks")
            tx.insert("ticks", {"writer": writer, "n": last + 1})
    store.close()


def test_three_processes_that_read_and_then_write_never_fail_and_never_lose_a_step(counted):
    counted.close()  # an open connection must not be carried into a child
    barrier = FORK.Barrier(WRITERS)
    children = [FORK.Process(target=tick, args=(counted.path, writer, barrier)) for writer in range(WRITERS)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * WRITERS
    after = Store(counted.path)
    numbers = [row["n"] for row in after.rows("SELECT n FROM ticks ORDER BY id")]
    after.close()
    assert numbers == list(range(1, WRITERS * WRITES + 1))


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE log",
        "DROP TABLE vault",
        "DROP TRIGGER log_is_never_changed",
        "DROP INDEX vault_by_subject",
        "ALTER TABLE log RENAME TO gol",
        "ALTER TABLE log ADD COLUMN note TEXT",
        "ATTACH ':memory:' AS other",
        "PRAGMA writable_schema = ON",
        "PRAGMA Writable_Schema = 1",
        "PRAGMA main.WRITABLE_SCHEMA(1)",
        "PRAGMA Recursive_Triggers = ON",
        "UPDATE log SET body = x'00'",
        "DELETE FROM log",
        "UPDATE sqlite_master SET sql = ''",
        "DELETE FROM sqlite_schema",
        "VACUUM INTO 'copy.db'",
    ],
)
def test_a_guarded_connection_refuses_what_no_part_of_the_house_needs(store, statement, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = store.rows("SELECT * FROM sqlite_master")
    with pytest.raises(
        sqlite3.DatabaseError, match=r"not authorized|authorization denied|prohibited|may not be modified"
    ):
        store.connection.execute(statement)
    assert store.rows("SELECT * FROM sqlite_master") == before


def test_a_guarded_connection_still_reads_writes_and_erases(store):
    with store.write() as tx:
        tx.insert("tallies", {"day": 1, "source": "s", "reason": "r", "n": 1})
        tx.run("UPDATE tallies SET n = n + 1")
        tx.run("DELETE FROM tallies")
        tx.run("DELETE FROM vault")
    assert store.value("SELECT count(*) FROM tallies") == 0


def test_every_connection_overwrites_what_it_deletes_and_keeps_references(store):
    assert store.value("PRAGMA secure_delete") == 1
    assert store.value("PRAGMA foreign_keys") == 1
    assert store.value("PRAGMA synchronous") == 2


def test_rows_come_by_name_one_by_one_or_all_at_once(counted):
    with counted.write() as tx:
        for number in range(3):
            tx.insert("ticks", {"writer": 0, "n": number})
    assert [row["n"] for row in counted.stream("SELECT n FROM ticks WHERE n >= :least", least=1)] == [1, 2]
    assert counted.row("SELECT n FROM ticks WHERE n > 9") is None
    assert counted.value("SELECT n FROM ticks WHERE n > 9") is None


@pytest.mark.parametrize("read", ["rows", "row", "value"])
def test_a_query_that_the_database_refuses_is_an_error_of_ours(store, read):
    with pytest.raises(StoreError):
        getattr(store, read)("SELECT * FROM no_such_table")
    with pytest.raises(StoreError):
        list(store.stream("SELECT * FROM no_such_table"))


def test_a_database_that_cannot_be_opened_is_an_error_of_ours(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path)


def test_each_thread_has_a_guarded_connection_of_its_own(database):
    stores, seen = Stores(database), []
    own = stores()

    def work() -> None:
        seen.append(stores())
        stores.close()
        seen.append(stores())
        stores.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert stores() is own
    assert len({id(store) for store in (own, *seen)}) == 3
    with pytest.raises(sqlite3.DatabaseError):
        own.connection.execute("DROP TABLE log")
    stores.close()
    stores.close()
