"""Rows about what leaves the house with the ledger: ruleset files for exports, and how far each anchor has come."""

from bot.store.db import Reader, Row, Tx


def keep_ruleset(tx: Tx, digest: str, source: bytes, at: int) -> bool:
    """Keep a ruleset file; True when it was not known yet."""
    row = {"hash": digest, "source": source, "at": at}
    return tx.run("INSERT INTO rulesets VALUES (:hash, :source, :at) ON CONFLICT DO NOTHING", **row) == 1


def ruleset(reader: Reader, digest: str) -> bytes | None:
    """A ruleset file by its SHA-256 in hex digits, or None if it was never kept."""
    source: bytes | None = reader.value("SELECT source FROM rulesets WHERE hash = :h", h=digest)
    return source


def anchor(reader: Reader, name: str) -> Row | None:
    """How far an anchor has come (size, at, failing_since), or None before its first time."""
    return reader.row("SELECT size, at, failing_since FROM anchors WHERE name = :n", n=name)


def anchored(tx: Tx, name: str, size: int, at: int) -> None:
    """An anchor has our checkpoints up to this size."""
    tx.run(
        """INSERT INTO anchors (name, size, at) VALUES (:name, :size, :at)
        ON CONFLICT (name) DO UPDATE SET size = excluded.size, at = excluded.at, failing_since = NULL""",
        name=name,
        size=size,
        at=at,
    )


def out_of_reach(tx: Tx, name: str, at: int) -> None:
    """An anchor could not take our checkpoints; since when is kept from the first time on."""
    tx.run(
        """INSERT INTO anchors (name, failing_since) VALUES (:name, :at)
        ON CONFLICT (name) DO UPDATE SET failing_since = coalesce(failing_since, excluded.failing_since)""",
        name=name,
        at=at,
    )
