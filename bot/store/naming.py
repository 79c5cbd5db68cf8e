"""Pseudonyms of the ledger that somebody asked to open (W-03): who asked, for what, and who opened them with them."""

from bot.store.db import Reader, Row, Tx


def ask(tx: Tx, row: dict[str, object]) -> int:
    """Ask: pseudonym, occasion, reason, asked_by, at; returns its number."""
    return tx.insert("pseudonym_openings", row)


def by_id(reader: Reader, number: int) -> Row | None:
    """One of them."""
    return reader.row("SELECT * FROM pseudonym_openings WHERE id = :id", id=number)


def opened(tx: Tx, number: int, user_id: int, at: int) -> bool:
    """A second person opens it; False if somebody did, or they asked for it themselves."""
    return bool(
        tx.run(
            """UPDATE pseudonym_openings SET opened_by = :user, opened_at = :at
            WHERE id = :id AND opened_by IS NULL AND asked_by <> :user""",
            user=user_id,
            at=at,
            id=number,
        )
    )


def listed(reader: Reader) -> list[Row]:
    """All that are kept, the newest first, with the initials of the two."""
    return reader.rows(
        """SELECT o.*, a.initials AS asked, b.initials AS opened FROM pseudonym_openings o
        JOIN users a ON a.id = o.asked_by LEFT JOIN users b ON b.id = o.opened_by ORDER BY o.at DESC, o.id DESC"""
    )


def purge(tx: Tx, before: int) -> None:
    """Forget what was asked before a time."""
    tx.run("DELETE FROM pseudonym_openings WHERE at < :before", before=before)
