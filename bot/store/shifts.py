"""Rows about shifts: solo shifts, what was let pass alone in them, and notes for the next shift."""

from bot.store.db import Reader, Row, Tx
from bot.store.queue import OPEN

DAY_MS = 86_400_000
KEPT_DAYS = 30
"""How long shifts that ended, what was looked at, and notes stay."""


# solo shifts ------------------------------------------------------------------------------------------


def open_solo(reader: Reader, now: int) -> Row | None:
    """The solo shift that counts now, with the initials of who opened it. At its end it counts no more."""
    return reader.row(
        """SELECT s.*, u.initials FROM solo_shifts s JOIN users u ON u.id = s.opened_by
        WHERE s.ended_at IS NULL AND s.until > :now""",
        now=now,
    )


def not_closed(reader: Reader) -> Row | None:
    """The solo shift that nobody has closed, whether its time is up or not."""
    return reader.row("SELECT * FROM solo_shifts WHERE ended_at IS NULL")


def begin_solo(tx: Tx, *, at: int, until: int, user_id: int, reason: str) -> int:
    """A solo shift begins; returns its number."""
    return tx.insert("solo_shifts", {"began_at": at, "until": until, "opened_by": user_id, "reason": reason})


def end_solo(tx: Tx, shift_id: int, *, at: int, user_id: int | None) -> None:
    """It is over: by a person, or by its time (None)."""
    tx.run("UPDATE solo_shifts SET ended_at = :at, ended_by = :by WHERE id = :id", at=at, by=user_id, id=shift_id)


def let_pass(tx: Tx, row: dict[str, object]) -> None:
    """One hold was released by one person alone: shift_id, case_id, rule, user_id, at, seq (the RELEASE entry)."""
    tx.insert("solo_releases", row)


def let_pass_in(reader: Reader, shift_id: int) -> list[Row]:
    """What was let pass in a shift, oldest first, with the hash of its entry, which nobody could foresee."""
    return reader.rows(
        """SELECT r.*, l.h FROM solo_releases r JOIN log l ON l.seq = r.seq WHERE r.shift_id = :id ORDER BY r.id""",
        id=shift_id,
    )


def draw(tx: Tx, release_id: int, due_at: int) -> None:
    """Somebody else looks at this one, by ``due_at``."""
    tx.run("UPDATE solo_releases SET due_at = :due WHERE id = :id", due=due_at, id=release_id)


def released_alone(reader: Reader, since: int) -> list[Row]:
    """Everything that was let pass alone since a time, newest first."""
    return reader.rows("SELECT * FROM solo_releases WHERE at >= :since ORDER BY at DESC, id DESC", since=since)


def release_by_id(reader: Reader, release_id: int) -> Row | None:
    """One of them."""
    return reader.row("SELECT * FROM solo_releases WHERE id = :id", id=release_id)


def to_review(reader: Reader) -> list[Row]:
    """What was drawn and not looked at yet, the longest due first."""
    return reader.rows("SELECT * FROM solo_releases WHERE due_at IS NOT NULL AND outcome IS NULL ORDER BY due_at, id")


def reviewed(tx: Tx, release_id: int, *, outcome: str, user_id: int, at: int) -> bool:
    """Somebody looked; False if somebody did before."""
    return bool(
        tx.run(
            """UPDATE solo_releases SET outcome = :outcome, reviewed_by = :by, reviewed_at = :at
            WHERE id = :id AND due_at IS NOT NULL AND outcome IS NULL""",
            outcome=outcome,
            by=user_id,
            at=at,
            id=release_id,
        )
    )


# handing over -----------------------------------------------------------------------------------------


def claims(reader: Reader, now: int, *, me: int) -> list[Row]:
    """Open cases that are in somebody's hands, in the order in which they are due.

    Of one's own (``me``) also those whose time ran out: nobody else may have taken them yet.
    """
    return reader.rows(
        f"""SELECT id, lane, topic, state, due_at, claimed_by FROM cases
        WHERE state IN {OPEN} AND claimed_by IS NOT NULL AND (claimed_until > :now OR claimed_by = :me)
        ORDER BY due_at IS NULL, due_at, id""",  # noqa: S608 - constants of ours
        now=now,
        me=me,
    )


def add_note(tx: Tx, *, user_id: int, text: str, case_id: int | None, at: int) -> int:
    """A word for the next shift; with a case it is a promise that stays open."""
    return tx.insert("handover_notes", {"user_id": user_id, "text": text, "case_id": case_id, "at": at})


def notes(reader: Reader, since: int) -> list[Row]:
    """The words for the next shift since a time, newest first, with the initials of who wrote them."""
    return reader.rows(
        """SELECT n.*, u.initials FROM handover_notes n JOIN users u ON u.id = n.user_id
        WHERE n.case_id IS NULL AND n.at >= :since ORDER BY n.at DESC, n.id DESC""",
        since=since,
    )


def promises(reader: Reader) -> list[Row]:
    """What was promised about a case and is not done, the oldest first."""
    return reader.rows(
        """SELECT n.*, u.initials, c.lane, c.state FROM handover_notes n JOIN users u ON u.id = n.user_id
        JOIN cases c ON c.id = n.case_id WHERE n.done_at IS NULL ORDER BY n.at, n.id"""
    )


def keep_promise(tx: Tx, note_id: int, *, user_id: int, at: int) -> bool:
    """It was done; False if it was done before, or is gone."""
    return bool(
        tx.run(
            """UPDATE handover_notes SET done_at = :at, done_by = :by
            WHERE id = :id AND case_id IS NOT NULL AND done_at IS NULL""",
            at=at,
            by=user_id,
            id=note_id,
        )
    )


def purge(tx: Tx, now: int) -> None:
    """Forget what is older than its days; what still waits to be looked at stays until somebody did."""
    before = now - KEPT_DAYS * DAY_MS
    tx.run("DELETE FROM handover_notes WHERE at < :before", before=before)
    tx.run(
        """DELETE FROM solo_shifts WHERE ended_at < :before AND NOT EXISTS (SELECT 1 FROM solo_releases r
        WHERE r.shift_id = solo_shifts.id AND r.due_at IS NOT NULL
        AND (r.outcome IS NULL OR r.reviewed_at >= :before))""",
        before=before,
    )
