"""Express agreements of authors to be matched with what we know from elsewhere (C-25), under their keyed digests."""

from collections.abc import Mapping

from bot.store.db import Reader, Row, Tx


def record(tx: Tx, row: Mapping[str, object]) -> int:
    """Keep one: author_key, platform, evidence, given_at, at, until, user_id, seq; returns its number.

    An earlier one that ran out makes room; the caller looks first whether one is in force.
    """
    tx.run("DELETE FROM opt_ins WHERE author_key = :k AND withdrawn_at IS NULL", k=row["author_key"])
    return tx.insert("opt_ins", row)


def in_force(reader: Reader, author_key: str, now: int) -> Row | None:
    """The agreement that counts at ``now``, or None."""
    return reader.row(
        "SELECT * FROM opt_ins WHERE author_key = :k AND withdrawn_at IS NULL AND until > :now", k=author_key, now=now
    )


def of_author(reader: Reader, author_key: str) -> list[Row]:
    """All that is still held of an author, oldest first."""
    return reader.rows("SELECT * FROM opt_ins WHERE author_key = :k ORDER BY id", k=author_key)


def withdraw(tx: Tx, author_key: str, at: int) -> bool:
    """It counts no longer, over a restore too; False if none was in force."""
    ended = tx.run(
        "UPDATE opt_ins SET withdrawn_at = :at WHERE author_key = :k AND withdrawn_at IS NULL", at=at, k=author_key
    )
    if ended:
        tx.keep("opt_in_over", author_key)
    return bool(ended)


def forget(tx: Tx, author_key: str) -> None:
    """The author had everything erased, or the account is gone."""
    tx.run("DELETE FROM opt_ins WHERE author_key = :k", k=author_key)


def forget_old(tx: Tx, now: int) -> None:
    """What was withdrawn or ran out is needed no more: that it was there stands in the ledger."""
    tx.run("DELETE FROM opt_ins WHERE withdrawn_at IS NOT NULL OR until <= :now", now=now)
