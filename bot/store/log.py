"""Rows of the ledger and of its vault. Hashing is the ledger's business, not ours."""

from collections.abc import Iterator

from bot.store.db import Reader, Row, Tx


def head(reader: Reader) -> tuple[int, bytes]:
    """Number and hash of the last entry; ``(0, 32 zero bytes)`` when there is none."""
    row = reader.row("SELECT seq, h FROM log ORDER BY seq DESC LIMIT 1")
    return (0, bytes(32)) if row is None else (int(row["seq"]), bytes(row["h"]))


def append(tx: Tx, seq: int, body: bytes, prev: bytes, digest: bytes) -> None:
    """Insert the next entry; the insert guard refuses any other number or predecessor."""
    tx.insert("log", {"seq": seq, "body": body, "prev": prev, "h": digest})


def entries(reader: Reader, after: int | None = None) -> Iterator[Row]:
    """Entries in order with columns seq, body, prev, h as stored: those after number ``after``, or every row."""
    columns = "SELECT seq, body, prev, h FROM log"
    if after is None:
        return reader.stream(f"{columns} ORDER BY seq")
    return reader.stream(f"{columns} WHERE seq > :after ORDER BY seq", after=after)


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


def checkpoints(reader: Reader, since: int | None = None) -> Iterator[Row]:
    """Size and signed note of every checkpoint as stored, smallest first; or of those written at ``since`` or later."""
    return reader.stream(
        "SELECT size, note FROM checkpoints WHERE :since IS NULL OR at >= :since ORDER BY size", since=since
    )


def seal(tx: Tx, commitment: str, subject: str, *, kind: str, salt: bytes, snapshot: bytes) -> None:
    """Keep what a commitment opens to, erasable by ``subject``."""
    tx.insert("vault", {"commitment": commitment, "kind": kind, "subject": subject, "salt": salt, "snapshot": snapshot})


def opening(reader: Reader, commitment: str) -> Row | None:
    """Salt and snapshot of a commitment, or None once erased."""
    return reader.row("SELECT kind, salt, snapshot FROM vault WHERE commitment = :c", c=commitment)


def erase(tx: Tx, subject: str) -> int:
    """Destroy salts and snapshots of one subject; the entries stay and still verify."""
    return tx.run("DELETE FROM vault WHERE subject = :subject", subject=subject)
