"""Small ledgers for tests, and what somebody with the file and an editor for it can do to them."""

import sqlite3
from pathlib import Path

from bot.ledger import entries, verify
from bot.ledger.proof import Checkpoint, Tree, digest
from bot.model import EntryKind
from bot.store.db import Reader, Store

AT = 1_790_000_000_000
COLUMNS = ("seq", "body", "prev", "h")
Entry = tuple[int, bytes, bytes, bytes]


def fill(store: Store, count: int) -> None:
    """Append ``count`` entries, the first of them with an opening in the vault."""
    for number in range(count):
        with store.write() as tx:
            fields: dict[str, entries.Value] = {"case": number, "outcome": "ALLOW"}
            if number == 0:
                fields["post"] = entries.commit(tx, "post", "author-1", {"id": "4711", "handle": "kim"})
            entries.append(tx, EntryKind.DECISION, fields, AT + number)


def rows(reader: Reader) -> list[Entry]:
    """All entries as stored."""
    return [tuple(row) for row in reader.rows("SELECT seq, body, prev, h FROM log ORDER BY seq")]


def checkpoint(ledger: list[Entry]) -> Checkpoint:
    """The checkpoint that was taken when these were all entries."""
    tree = Tree()
    tree.extend([entry[3] for entry in ledger])
    return Checkpoint(tree.size, tree.root())


def rechained(bodies: list[bytes]) -> list[Entry]:
    """Entries with these bodies whose hashes all fit: a full rewrite."""
    ledger, prev = [], bytes(32)
    for number, body in enumerate(bodies, start=1):
        ledger.append((number, body, prev, digest(prev, body)))
        prev = ledger[-1][3]
    return ledger


class Forger:
    """Holds the file without the program: no guard, no triggers, no types, no keys."""

    def __init__(self, ledger: list[Entry]) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("CREATE TABLE log (seq, body, prev, h)")
        self.reader = Reader(self.connection)
        self.write(ledger)

    def write(self, ledger: list[Entry]) -> None:
        self.connection.execute("DELETE FROM log")
        self.connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?)", ledger)

    def put(self, column: str, value: object, row: int) -> None:
        """Overwrite one column of the row that was written as number ``row``."""
        self.connection.execute(f"UPDATE log SET {column} = ? WHERE rowid = ?", (value, row))  # noqa: S608 - our columns

    def verdict(self, *checkpoints: Checkpoint) -> verify.Verdict:
        return verify.verify(self.reader, checkpoints).verdict

    def close(self) -> None:
        self.connection.close()


def copy_without_triggers(path: Path) -> sqlite3.Connection:
    """An unguarded connection to a ledger's file, its triggers dropped."""
    connection = sqlite3.connect(path, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    return connection
