"""Rows of the ledger and of its vault. Hashing is the ledger's business, not ours."""

import json
from collections.abc import Iterator
from typing import Any

from bot.store.db import Reader, Row, Tx

CHUNK = 2048
"""So many entries are read at once."""


def head(reader: Reader) -> tuple[int, bytes]:
    """Number and hash of the last entry; ``(0, 32 zero bytes)`` when there is none."""
    row = reader.row("SELECT seq, h FROM log ORDER BY seq DESC LIMIT 1")
    return (0, bytes(32)) if row is None else (int(row["seq"]), bytes(row["h"]))


def last_body(reader: Reader) -> bytes:
    """Body of the last entry; empty when there is none."""
    return reader.value("SELECT body FROM log ORDER BY seq DESC LIMIT 1") or b""


def append(tx: Tx, seq: int, body: bytes, prev: bytes, digest: bytes) -> None:
    """Insert the next entry; the insert guard refuses any other number or predecessor."""
    tx.insert("log", {"seq": seq, "body": body, "prev": prev, "h": digest})


def chunks(reader: Reader, after: int | None = None) -> Iterator[list[tuple[Any, ...]]]:
    """Entries in order, some at a time, as (seq, body, prev, h): those after number ``after``, or every row."""
    columns = "SELECT seq, body, prev, h FROM log"
    if after is None:
        return reader.chunks(CHUNK, f"{columns} ORDER BY seq")
    return reader.chunks(CHUNK, f"{columns} WHERE seq > :after ORDER BY seq", after=after)


def page(reader: Reader, before: int | None, limit: int) -> list[Row]:
    """The newest ``limit`` entries below number ``before``, newest first."""
    return reader.rows(
        "SELECT seq, body, h FROM log WHERE :before IS NULL OR seq < :before ORDER BY seq DESC LIMIT :limit",
        before=before,
        limit=limit,
    )


def entry(reader: Reader, seq: int) -> Row | None:
    """One entry by its number."""
    return reader.row("SELECT seq, body, prev, h FROM log WHERE seq = :seq", seq=seq)


def checkpoints(reader: Reader, *, since: int | None = None, above: int | None = None) -> Iterator[Row]:
    """Size and signed note of every checkpoint as stored, smallest first.

    Or only of those written at ``since`` or later, or of more than ``above`` entries.
    """
    return reader.stream(
        """SELECT size, note FROM checkpoints
        WHERE (:since IS NULL OR at >= :since) AND (:above IS NULL OR size > :above) ORDER BY size""",
        since=since,
        above=above,
    )


def seal(tx: Tx, commitment: str, subject: str, *, kind: str, salt: bytes, snapshot: bytes) -> None:
    """Keep what a commitment opens to, erasable by ``subject``."""
    tx.insert("vault", {"commitment": commitment, "kind": kind, "subject": subject, "salt": salt, "snapshot": snapshot})


def opening(reader: Reader, commitment: str) -> Row | None:
    """Salt and snapshot of a commitment, or None once erased."""
    return reader.row("SELECT kind, salt, snapshot FROM vault WHERE commitment = :c", c=commitment)


def openings(reader: Reader) -> Iterator[Row]:
    """Every opening that is left, as stored."""
    return reader.stream("SELECT commitment, kind, salt, snapshot FROM vault ORDER BY commitment")


def erase_post(tx: Tx, subject: str, canonical_key: str) -> int:
    """Destroy the openings of one subject that name one of their posts; the entries stay and still verify."""
    named = json.dumps(canonical_key, ensure_ascii=False)
    return tx.run(
        "DELETE FROM vault WHERE subject = :subject AND instr(CAST(snapshot AS TEXT), :named) > 0",
        subject=subject,
        named=named,
    )


def erase(tx: Tx, subject: str) -> int:
    """Destroy salts and snapshots of one subject; the entries stay and still verify."""
    return tx.run("DELETE FROM vault WHERE subject = :subject", subject=subject)
