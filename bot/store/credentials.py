"""Rows about credentials that end: their names and days, never what they are."""

from collections.abc import Iterable

from bot.store.db import Reader, Row, Tx


def known(reader: Reader) -> set[tuple[str, int, str]]:
    """All of them, as (name, when it ends in UTC milliseconds, who told it)."""
    rows = reader.rows("SELECT name, expires_at, told_by FROM credentials")
    return {(row["name"], row["expires_at"], row["told_by"]) for row in rows}


def replace(tx: Tx, found: Iterable[tuple[str, int, str]]) -> None:
    """Keep what is known now in place of what was."""
    tx.run("DELETE FROM credentials")
    tx.insert_all("credentials", "name expires_at told_by", sorted(found))


def ending(reader: Reader, before: int) -> list[Row]:
    """Those that end before ``before``, the first to end first; ``expires_at`` 0 is a day that nobody can read."""
    return reader.rows("SELECT * FROM credentials WHERE expires_at <= :before ORDER BY expires_at, name", before=before)
