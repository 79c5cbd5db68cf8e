"""Legal holds (P-13): cases whose words are kept as evidence, who asked, who approved, and until when."""

from bot.model.retention import UNAPPROVED_HOLD_MS
from bot.store.db import Reader, Row, Tx

IN_FORCE = f"""h.ended_at IS NULL AND (h.approved_by IS NOT NULL OR h.at > :now - {UNAPPROVED_HOLD_MS})"""
"""Of a hold ``h`` at ``:now``. One that waits for its second person counts for some days, so that nothing is lost."""


def ask(tx: Tx, row: dict[str, object]) -> int:
    """Ask for a hold: case_id, classification, basis, asked_by, at, review_at; returns its number."""
    hold_id = tx.insert("legal_holds", row)
    _keep(tx, hold_id, "held")
    return hold_id


def _keep(tx: Tx, hold_id: int, kind: str) -> None:
    """What a restored backup could not know: a case, by its oldest post, is held, and by whom."""
    hold = tx.row(
        """SELECT h.*, (SELECT canonical_key FROM mentions WHERE case_id = h.case_id ORDER BY id LIMIT 1) AS post
        FROM legal_holds h WHERE h.id = :id""",
        id=hold_id,
    )
    if hold is not None and hold["post"] is not None:
        tx.keep(kind, hold["post"], *(str(hold[by]) for by in ("asked_by", "approved_by") if hold[by] is not None))


def by_id(reader: Reader, hold_id: int) -> Row | None:
    """One hold."""
    return reader.row("SELECT * FROM legal_holds WHERE id = :id", id=hold_id)


def of_case(reader: Reader, case_id: int | None, now: int) -> Row | None:
    """The hold in force on a case, or None."""
    return reader.row(
        f"SELECT * FROM legal_holds h WHERE h.case_id = :case AND {IN_FORCE} ORDER BY id LIMIT 1",  # noqa: S608 - ours
        case=case_id,
        now=now,
    )


def approve(tx: Tx, hold_id: int, user_id: int) -> bool:
    """A second person agrees; False if it was approved, or ended, or they asked for it themselves."""
    agreed = tx.run(
        """UPDATE legal_holds SET approved_by = :user
        WHERE id = :id AND approved_by IS NULL AND ended_at IS NULL AND asked_by <> :user""",
        user=user_id,
        id=hold_id,
    )
    if agreed:
        _keep(tx, hold_id, "held")
    return bool(agreed)


def extend(tx: Tx, hold_id: int, review_at: int) -> None:
    """Somebody reviewed a hold and it goes on."""
    tx.run("UPDATE legal_holds SET review_at = :at WHERE id = :id", at=review_at, id=hold_id)


def end(tx: Tx, hold_id: int, at: int) -> bool:
    """The hold is over; False if it was before."""
    ended = tx.run("UPDATE legal_holds SET ended_at = :at WHERE id = :id AND ended_at IS NULL", at=at, id=hold_id)
    if ended:
        _keep(tx, hold_id, "held_over")
    return bool(ended)


def open_ones(reader: Reader) -> list[Row]:
    """Holds that have not ended, the next review first, with the initials of who asked and who approved."""
    return reader.rows(
        """SELECT h.*, a.initials AS asked, b.initials AS approved FROM legal_holds h
        JOIN users a ON a.id = h.asked_by LEFT JOIN users b ON b.id = h.approved_by
        WHERE h.ended_at IS NULL ORDER BY h.review_at, h.id"""
    )


def overdue(reader: Reader, now: int) -> list[Row]:
    """Holds whose review is due: ``id``, ``case_id`` and ``review_at``."""
    return reader.rows(
        """SELECT id, case_id, review_at FROM legal_holds
        WHERE ended_at IS NULL AND review_at <= :now ORDER BY review_at""",
        now=now,
    )
