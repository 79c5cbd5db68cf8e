"""A database comes up to date whoever starts first, and is never opened by a program that is too old for it."""

import multiprocessing
import sqlite3
import threading
from pathlib import Path

import pytest

from bot.errors import SchemaTooNew, StoreBusy
from bot.store import migrate as module
from bot.store.db import Store
from bot.store.migrate import migrate

FORK = multiprocessing.get_context("fork")
ROUNDS = 20
ALL = [name for name, _ in module.STEPS]


def migrate_together(path: Path, barrier, outcomes) -> None:
    barrier.wait()
    try:
        migrate(path)
        outcomes.put("")
    except BaseException as error:
        outcomes.put(repr(error))
        raise


def schema(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    return rows


def test_two_processes_that_migrate_at_once_both_succeed(tmp_path):
    for number in range(ROUNDS):
        path = tmp_path / f"{number}.db"
        barrier, outcomes = FORK.Barrier(2), FORK.SimpleQueue()
        children = [FORK.Process(target=migrate_together, args=(path, barrier, outcomes)) for _ in range(2)]
        for child in children:
            child.start()
        assert [outcomes.get() for _ in children] == ["", ""]
        for child in children:
            child.join()
        store = Store(path)
        assert store.value("PRAGMA journal_mode") == "wal"
        assert [row["name"] for row in store.rows("SELECT name FROM _sqlite_migrations")] == ALL
        store.close()


def test_migrating_again_changes_nothing(database):
    before = schema(database)
    migrate(database)
    assert schema(database) == before
    assert {"log", "vault", "mentions", "cases", "drafts", "dispatches", "users"} <= {name for name, _ in before}


def test_the_folder_of_the_database_is_made(tmp_path):
    migrate(tmp_path / "new" / "folder" / "earshot.db")
    assert schema(tmp_path / "new" / "folder" / "earshot.db")


def test_an_older_program_refuses_a_newer_schema_and_leaves_it_alone(database):
    store = Store(database)
    with store.write() as tx:
        tx.insert("_sqlite_migrations", {"migration_set": "earshot", "name": "9999_future", "applied_at": ""})
    store.close()
    before = schema(database)
    with pytest.raises(SchemaTooNew, match="newer Earshot"):
        migrate(database)
    assert schema(database) == before


def test_migrations_of_another_library_in_the_same_file_are_not_ours(database):
    store = Store(database)
    with store.write() as tx:
        tx.insert("_sqlite_migrations", {"migration_set": "other", "name": "9999_future", "applied_at": ""})
    store.close()
    migrate(database)


def test_a_migration_that_breaks_leaves_no_half_schema(tmp_path, monkeypatch):
    monkeypatch.setattr(
        module, "STEPS", (*module.STEPS, ("9999_broken", ("CREATE TABLE whole (a)", "CREATE TABLE broken (")))
    )
    with pytest.raises(sqlite3.OperationalError):
        migrate(tmp_path / "earshot.db")
    assert schema(tmp_path / "earshot.db") == []


def test_a_file_that_stays_locked_is_reported_as_busy(tmp_path, monkeypatch):
    path = tmp_path / "earshot.db"
    monkeypatch.setattr(module, "Store", lambda path: Store(path, busy_ms=1))
    holder = Store(path)
    with holder.write(), pytest.raises(StoreBusy):
        migrate(path)
    holder.close()
    assert schema(path) == []


def test_a_file_that_another_process_writes_to_just_now_is_switched_when_that_is_done(tmp_path, monkeypatch):
    path, queueing = tmp_path / "earshot.db", threading.Event()

    def watched(path: Path) -> Store:
        store = Store(path)
        store.connection.set_trace_callback(lambda sql: queueing.set() if sql.startswith("BEGIN") else None)
        return store

    monkeypatch.setattr(module, "Store", watched)
    holder = Store(path)
    newcomer = threading.Thread(target=migrate, args=(path,))
    with holder.write() as tx:
        tx.run("CREATE TABLE old (x)")
        newcomer.start()
        assert queueing.wait(timeout=30)
    newcomer.join()
    assert holder.value("SELECT count(*) FROM log") == 0
    assert holder.value("PRAGMA journal_mode") == "wal"
    holder.close()


def test_people_keep_their_roles_and_sessions_when_trainees_come(tmp_path, monkeypatch):
    path = tmp_path / "earlier.db"
    with monkeypatch.context() as earlier:
        earlier.setattr(module, "STEPS", tuple(step for step in module.STEPS if step[0] < "0016_shifts"))
        migrate(path)
    store = Store(path)
    with store.write() as tx:
        for name, role in (("anna", "senior"), ("ben", "agent"), ("cleo", "guest")):
            row = {"name": name, "role": role, "initials": "AB", "password_hash": "-", "trained": 1, "created_at": 1}
            tx.insert("users", row)
        session = {"id_hash": "h", "user_id": 1, "created_at": 1, "seen_at": 1, "expires_at": 9}
        tx.insert("sessions", session)
    store.close()
    migrate(path)
    store = Store(path)
    roles = {row["name"]: (row["role"], row["trained"]) for row in store.rows("SELECT * FROM users")}
    assert roles == {"anna": ("senior", 1), "ben": ("agent", 1), "cleo": ("guest", 1)}
    assert store.value("SELECT count(*) FROM sessions") == 1
    assert store.rows("PRAGMA foreign_key_check") == []
    with pytest.raises(sqlite3.IntegrityError), store.write() as tx:
        tx.run("UPDATE users SET role = 'admin'")
    store.close()
