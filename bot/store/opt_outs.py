"""The suppression list: authors who asked us not to write, as keys that say nothing without our own key."""

from bot.store import opt_ins
from bot.store.db import Reader, Row, Tx


def add(tx: Tx, author_key: str, platform: str, mention_id: int | None, at: int) -> bool:
    """An author opts out; doing so twice keeps the first. True if it is the first.

    Whatever they had agreed to (C-25) ends with it.
    """
    if standing(tx, author_key) is not None:
        return False
    opt_ins.withdraw(tx, author_key, at)
    tx.insert("opt_outs", {"author_key": author_key, "platform": platform, "mention_id": mention_id, "at": at})
    tx.keep("opt_out", author_key, platform)
    return True


def standing(reader: Reader, author_key: str) -> Row | None:
    """The opt-out in force, or None."""
    return reader.row(
        "SELECT * FROM opt_outs WHERE author_key = :k AND lifted_at IS NULL ORDER BY id DESC LIMIT 1", k=author_key
    )


def lift(tx: Tx, author_key: str, at: int) -> None:
    """The author invited us again and a person lifts the opt-out."""
    tx.run("UPDATE opt_outs SET lifted_at = :at WHERE author_key = :k AND lifted_at IS NULL", at=at, k=author_key)


def forget(tx: Tx, author_key: str) -> None:
    """The account is gone, so nobody is left whom we could write to."""
    tx.run("DELETE FROM opt_outs WHERE author_key = :k", k=author_key)


def to_review(reader: Reader, before: int) -> int:
    """How many opt-outs stand since ``before``: a person looks whether they are still needed."""
    return int(reader.value("SELECT count(*) FROM opt_outs WHERE lifted_at IS NULL AND at <= :before", before=before))


def answer_once(tx: Tx, author_key: str, mention_id: int) -> None:
    """A person decides to answer one later mention of an author who opted out."""
    tx.run("UPDATE opt_outs SET once_for = :m WHERE author_key = :k AND lifted_at IS NULL", m=mention_id, k=author_key)
