"""Brings a database file to the schema that this program knows; refuses one that is newer.

Migrations are an ordered list that only grows. All of them run inside one ``BEGIN IMMEDIATE``, so two
processes that start at once queue up instead of failing.
"""

import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot.errors import SchemaTooNew, StoreBusy
from bot.store.db import Store
from bot.store.schema import LISTENING_WIDER, TABLES
from bot.store.schema_after import AFTER_SENDING
from bot.store.schema_alarms import ALARMS
from bot.store.schema_care import CARE
from bot.store.schema_consent import CONSENT_IN_FULL
from bot.store.schema_copies import COPIES
from bot.store.schema_evidence import EVIDENCE
from bot.store.schema_ladder import LADDER
from bot.store.schema_ledger import LEDGER_IN_FULL
from bot.store.schema_privacy import PRIVACY_IN_FULL
from bot.store.schema_security import SECURITY

migrations = Migrations("earshot")

_TRIES = 20


@migrations(name="0001_house")
def _house(database: Database) -> None:
    for statement in TABLES:
        database.execute(statement)


@migrations(name="0002_listening_wider")
def _listening_wider(database: Database) -> None:
    for statement in LISTENING_WIDER:
        database.execute(statement)


@migrations(name="0003_consent_in_full")
def _consent_in_full(database: Database) -> None:
    for statement in CONSENT_IN_FULL:
        database.execute(statement)


@migrations(name="0004_ledger_in_full")
def _ledger_in_full(database: Database) -> None:
    for statement in LEDGER_IN_FULL:
        database.execute(statement)


@migrations(name="0005_privacy_in_full")
def _privacy_in_full(database: Database) -> None:
    for statement in PRIVACY_IN_FULL:
        database.execute(statement)


@migrations(name="0006_ladder")
def _ladder(database: Database) -> None:
    for statement in LADDER:
        database.execute(statement)


@migrations(name="0007_alarms")
def _alarms(database: Database) -> None:
    for statement in ALARMS:
        database.execute(statement)


@migrations(name="0008_evidence")
def _evidence(database: Database) -> None:
    for statement in EVIDENCE:
        database.execute(statement)


@migrations(name="0009_care")
def _care(database: Database) -> None:
    for statement in CARE:
        database.execute(statement)


@migrations(name="0010_security")
def _security(database: Database) -> None:
    for statement in SECURITY:
        database.execute(statement)


@migrations(name="0011_after_sending")
def _after_sending(database: Database) -> None:
    for statement in AFTER_SENDING:
        database.execute(statement)


@migrations(name="0012_copies")
def _copies(database: Database) -> None:
    for statement in COPIES:
        database.execute(statement)


def migrate(path: Path) -> None:
    """Create or upgrade the database file at ``path``.

    Raises:
        SchemaTooNew: the file was written by a newer Earshot.
        StoreBusy: another process kept the file locked.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path)
    try:
        _use_wal(store)
        with store.write():
            known = {migration.name for migration in migrations.pending(store.database)}
            applied = {migration.name for migration in migrations.applied(store.database)}
            newer = applied - known - _names()
            if newer:
                raise SchemaTooNew(
                    "This database was written by a newer Earshot. Start that version, or restore an older backup."
                )
            migrations.apply(store.database)
    finally:
        store.close()


def _names() -> set[str]:
    return {migration.name for migration in migrations._migrations}  # noqa: SLF001 - no public list of all names


def _use_wal(store: Store) -> None:
    # Switching fails at once while another process writes; an empty write waits for that process's end.
    for _ in range(_TRIES):
        try:
            store.connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            with store.write():
                pass
        else:
            return
    raise StoreBusy("Other processes keep the database busy. Nothing is lost; try again.")
