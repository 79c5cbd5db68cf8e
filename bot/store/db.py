"""The database file: one connection a thread, reads without a transaction, writes through ``write()`` only.

Every write is ``BEGIN IMMEDIATE``: deferred transactions of several processes fail half-way as
"locked" when they turn from reading to writing; immediate ones queue up at their start.
"""

import logging
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, Protocol

from sqlite_utils import Database

from bot.errors import StoreBusy, StoreDamaged, StoreError, StoreFull, StoreGone
from bot.store import in_use

log = logging.getLogger(__name__)

Params = Mapping[str, object]
Row = sqlite3.Row

Fact = tuple[str, ...]
"""What a restore must know although it happened after the backup: a kind, and its words."""


class Journal(Protocol):
    """A file elsewhere that takes facts, and outlives the database."""

    def lines(self, facts: Iterable[Fact]) -> list[str]:
        """The facts as they may be kept: keyed digests, no words and no ids."""
        ...

    def append(self, lines: Sequence[str]) -> None:
        """Keep lines; durable once it returns.

        Raises:
            OSError: the place cannot be written.
        """
        ...


BUSY_MS = 10_000
"""How long a writer waits for another one, in milliseconds."""

_BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_BUSY_RECOVERY", "SQLITE_LOCKED"}
_FULL = {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"}
_GONE = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
DAMAGED = (
    "The database file is damaged. Stop the worker and the desk, copy the folder as it is, and put the newest backup "
    "into force: earshot restore FILE"
)
"""What everybody is told who opens such a file."""


def translated(error: sqlite3.Error) -> StoreError:
    """SQLite's error as one of ours."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(_DAMAGED):
        return StoreDamaged(DAMAGED)
    if name in _BUSY:
        return StoreBusy("Another process is writing to the database. Nothing is lost; try again.")
    if name in _FULL:
        return StoreFull("There is no room left for the database. Free some space; nothing was half written.")
    if name.startswith(_GONE):
        return StoreGone("The disk of the database takes no writes, or is gone. Nothing is lost; bring it back.")
    return StoreError(f"The database refused: {error}")


def _refused(error: sqlite3.DatabaseError) -> NoReturn:
    """Raise SQLite's error as one of ours; a broken constraint and a statement that the guard refused stay theirs."""
    damaged = getattr(error, "sqlite_errorname", "").startswith(_DAMAGED)
    if damaged or isinstance(error, sqlite3.OperationalError):
        raise translated(error) from error
    raise error


def _place_of(path: Path) -> tuple[int, int] | None:
    """Which file stands under a name; None if none does."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino


class Reader:
    """Runs queries. Rows can be read by column name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def rows(self, sql: str, **params: object) -> list[Row]:
        """All rows of a query with named parameters."""
        try:
            return self.connection.execute(sql, params).fetchall()
        except sqlite3.DatabaseError as error:
            _refused(error)

    def row(self, sql: str, **params: object) -> Row | None:
        """The first row, or None."""
        try:
            row: Row | None = self.connection.execute(sql, params).fetchone()
        except sqlite3.DatabaseError as error:
            _refused(error)
        return row

    def value(self, sql: str, **params: object) -> Any:  # noqa: ANN401 - SQLite decides the type
        """The first column of the first row, or None."""
        row = self.row(sql, **params)
        return None if row is None else row[0]

    def stream(self, sql: str, **params: object) -> Iterator[Row]:
        """Rows one by one, for what is too large to hold. A file that cannot be read is a StoreError, too."""
        try:
            yield from self.connection.execute(sql, params)
        except sqlite3.DatabaseError as error:
            raise translated(error) from error

    def chunks(self, size: int, sql: str, **params: object) -> Iterator[list[tuple[Any, ...]]]:
        """Plain tuples, up to ``size`` at a time: the quickest way through a large table. Else like ``stream``."""
        try:
            cursor = self.connection.execute(sql, params)
            cursor.row_factory = None
            while rows := cursor.fetchmany(size):
                yield rows
        except sqlite3.DatabaseError as error:
            raise translated(error) from error

    @contextmanager
    def standstill(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever others write meanwhile. Not for long: the WAL grows."""
        outer = self.connection.in_transaction
        if not outer:
            self.rows("BEGIN")
        try:
            yield
        finally:
            if not outer:
                self.connection.execute("ROLLBACK")


class Tx(Reader):
    """An open write transaction. Functions that change rows ask for one, so none can write outside of it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.kept: list[Fact] = []

    def keep(self, kind: str, *words: str) -> None:
        """Let the journal have a fact before this transaction is committed; for the kinds see ``ledger.journal``."""
        self.kept.append((kind, *words))

    def run(self, sql: str, **params: object) -> int:
        """Run one statement; returns how many rows changed."""
        try:
            return self.connection.execute(sql, params).rowcount
        except sqlite3.DatabaseError as error:
            _refused(error)

    def insert(self, table: str, row: Params, *, tail: str = "") -> int:
        """Insert one row and return its rowid. ``table`` and the keys are names from our own code, never input."""
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) {tail}"  # noqa: S608 - names are ours
        try:
            return int(self.connection.execute(statement, dict(row)).lastrowid or 0)
        except sqlite3.DatabaseError as error:
            _refused(error)

    def insert_all(self, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
        """Insert many rows at once. ``columns`` are names from our own code, divided by spaces."""
        names = columns.split()
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names are ours
        try:
            self.connection.executemany(statement, rows)
        except sqlite3.DatabaseError as error:
            _refused(error)


class Store(Reader):
    """One connection to the database file. Not to be shared between threads."""

    def __init__(self, path: Path, *, busy_ms: int = BUSY_MS, journal: Journal | None = None) -> None:
        self.path = path
        self.journal = journal
        handle = in_use.share(path)
        self._shared = weakref.finalize(self, _let_go, handle)
        try:
            connection = sqlite3.connect(path, timeout=busy_ms / 1000, isolation_level=None, cached_statements=512)
            for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "temp_store = MEMORY"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "").startswith(_DAMAGED):
                raise translated(error) from error
            raise StoreError(f"The database {path} cannot be opened: {error}") from error
        connection.row_factory = sqlite3.Row
        super().__init__(connection)
        self.database = Database(connection)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """One write transaction: all of it, or none of it.

        Raises:
            StoreBusy: another writer held the file longer than the timeout.
            StoreFull: no room; rolled back.
        """
        self._execute("BEGIN IMMEDIATE")
        try:
            tx = Tx(self.connection)
            yield tx
            self._keep(tx)
            self._execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def _keep(self, tx: Tx) -> None:
        """Bring the transaction's facts to the journal first; out of reach, they wait here and stop nothing."""
        if self.journal is None or not tx.kept:
            return
        lines = self.journal.lines(tx.kept)
        try:
            self.journal.append(lines)
        except OSError as error:
            log.warning("the journal beside the checkpoints cannot be written: %s", error.strerror)
            tx.insert_all("journal_waiting", "line", [(line,) for line in lines])

    def keep_now(self, kind: str, *words: str) -> None:
        """Let the journal have a fact at once; durable when this returns.

        Raises:
            OSError: the journal cannot be written.
        """
        if self.journal is not None:
            self.journal.append(self.journal.lines([(kind, *words)]))

    def _execute(self, statement: str) -> None:
        try:
            self.connection.execute(statement)
        except sqlite3.DatabaseError as error:
            _refused(error)

    def need_sound(self) -> None:
        """Look at every page of the file: about a second a gigabyte.

        Raises:
            StoreDamaged: one of them cannot be what was written there.
        """
        if self.value("PRAGMA quick_check(1)") != "ok":
            raise StoreDamaged(DAMAGED)

    def truncate_wal(self) -> bool:
        """Empty the write-ahead file, in which erased words still stand; False while another connection reads."""
        row = self.row("PRAGMA wal_checkpoint(TRUNCATE)")
        return row is not None and row[0] == 0

    def rewrite(self) -> None:
        """Write the whole file anew; the write-ahead file is to be emptied afterwards.

        Where pages were rebalanced, SQLite leaves copies of rows behind that ``secure_delete`` does not reach. Nobody
        else writes meanwhile, and as much room is needed as the file takes.

        Raises:
            StoreBusy: another writer held the file longer than the timeout.
            StoreFull: no room; the file is as it was.
        """
        whole = Store(self.path)  # a connection that no guard keeps from it
        try:
            whole.connection.execute("PRAGMA temp_store = FILE")
            whole._execute("VACUUM")
        finally:
            whole.close()

    def guard(self) -> None:
        """From now on refuse statements that no running part of the house needs (rule A-02)."""
        self.connection.set_authorizer(_authorise)

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back."""
        self.connection.close()
        self._shared()


def _let_go(handle: int | None) -> None:
    if handle is not None:
        os.close(handle)


_REFUSED = {
    sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_DROP_TRIGGER,
    sqlite3.SQLITE_DROP_VIEW,
}
_LEDGER_CHANGES = {sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}


def _authorise(action: int, first: str | None, _second: str | None, _base: str | None, _inner: str | None) -> int:
    if action in _REFUSED or (action in _LEDGER_CHANGES and first == "log"):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in {"writable_schema", "recursive_triggers"}:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


class Stores:
    """Opens one guarded connection a thread to one database file; what they must not lose goes to ``journal``, too.

    The file counts as in use from the beginning, also while no thread has asked for a connection yet.
    """

    def __init__(self, path: Path, journal: Journal | None = None) -> None:
        self.path = path
        self._journal = journal
        self._shared = weakref.finalize(self, _let_go, in_use.share(path))
        self._stood = _place_of(path)
        self._local = threading.local()

    def __call__(self) -> Store:
        """This thread's connection.

        Raises:
            StoreGone: under the database's name stands no file any more, or another one. What is written to a file
                that nobody finds again is lost, and a new file would be a house without a memory.
        """
        store: Store | None = getattr(self._local, "store", None)
        if self._shared.alive and _place_of(self.path) != self._stood:
            raise StoreGone(
                f"{self.path} is not the database that was opened here. Bring its disk or folder back; if you put "
                "another database there, start again."
            )
        if store is None:
            if not self._shared.alive:
                self._shared = weakref.finalize(self, _let_go, in_use.share(self.path))
                self._stood = _place_of(self.path)
            store = self._local.store = Store(self.path, journal=self._journal)
            store.guard()
        return store

    def close(self) -> None:
        """Close this thread's connection, if it has one; the file is not in use any more unless others have theirs."""
        self._shared()
        store: Store | None = getattr(self._local, "store", None)
        if store is not None:
            store.close()
            self._local.store = None
