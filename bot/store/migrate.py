"""Brings a database file to the schema that this program knows; refuses one that is newer.

Migrations are an ordered list that only grows. All of them run inside one ``BEGIN IMMEDIATE``, so two
processes that start at once queue up instead of failing.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot.errors import SchemaTooNew, StoreBusy
from bot.store.db import Store
from bot.store.schema import LISTENING_WIDER, TABLES
from bot.store.schema_after import AFTER_SENDING
from bot.store.schema_alarms import ALARMS
from bot.store.schema_bad_day import BAD_DAY
from bot.store.schema_care import CARE
from bot.store.schema_consent import CONSENT_IN_FULL
from bot.store.schema_consent_rest import CONSENT_REST
from bot.store.schema_copies import COPIES
from bot.store.schema_evidence import EVIDENCE
from bot.store.schema_incidents import INCIDENTS
from bot.store.schema_ladder import LADDER
from bot.store.schema_ledger import LEDGER_IN_FULL
from bot.store.schema_monitoring import MONITORING
from bot.store.schema_naming import NAMING
from bot.store.schema_operations import OPERATIONS
from bot.store.schema_outcomes import OUTCOMES
from bot.store.schema_privacy import PRIVACY_IN_FULL
from bot.store.schema_security import SECURITY
from bot.store.schema_shifts import SHIFTS

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("0001_house", TABLES),
    ("0002_listening_wider", LISTENING_WIDER),
    ("0003_consent_in_full", CONSENT_IN_FULL),
    ("0004_ledger_in_full", LEDGER_IN_FULL),
    ("0005_privacy_in_full", PRIVACY_IN_FULL),
    ("0006_ladder", LADDER),
    ("0007_alarms", ALARMS),
    ("0008_evidence", EVIDENCE),
    ("0009_care", CARE),
    ("0010_security", SECURITY),
    ("0011_after_sending", AFTER_SENDING),
    ("0012_copies", COPIES),
    ("0013_monitoring", MONITORING),
    ("0014_consent_rest", CONSENT_REST),
    ("0016_shifts", SHIFTS),
    ("0017_incidents", INCIDENTS),
    ("0018_operations", OPERATIONS),
    ("0019_bad_day", BAD_DAY),
    ("0020_outcomes", OUTCOMES),
    ("0021_naming", NAMING),
)
"""Every migration with its statements, the oldest first. A number that is not there was never used."""

_TRIES = 20


def known() -> Migrations:
    """The steps as the library takes them."""
    steps = Migrations("earshot")
    for name, statements in STEPS:
        steps(name=name)(_runs(statements))
    return steps


def _runs(statements: tuple[str, ...]) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        for statement in statements:
            database.execute(statement)

    return run


def migrate(path: Path) -> None:
    """Create or upgrade the database file at ``path``.

    Raises:
        SchemaTooNew: the file was written by a newer Earshot.
        StoreBusy: another process kept the file locked.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    store, migrations = Store(path), known()
    try:
        _use_wal(store)
        with store.write():
            applied = {migration.name for migration in migrations.applied(store.database)}
            newer = applied - {name for name, _ in STEPS}
            if newer:
                raise SchemaTooNew(
                    "This database was written by a newer Earshot. Start that version, or restore an older backup."
                )
            migrations.apply(store.database)
    finally:
        store.close()


def pending(path: Path) -> tuple[str, ...]:
    """The migrations that the database at ``path`` still lacks, in order; none if there is no database yet."""
    if not path.exists():
        return ()
    store = Store(path)
    try:
        migrations = known()
        applied = migrations.applied(store.database)
        return tuple(migration.name for migration in migrations.pending(store.database)) if applied else ()
    finally:
        store.close()


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
