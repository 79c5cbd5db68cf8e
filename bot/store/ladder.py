"""The rows of the warning ladder: per author their warnings and reviews."""

from bot.model.ladder import Ladder, Outcome, Rung
from bot.store.db import Reader, Row, Tx

_COLUMNS = (
    "case_id",
    "mention_id",
    "draft_id",
    "apology_id",
    "incident_at",
    "proposed_by",
    "proposed_at",
    "delivered_at",
    "withdrawn_at",
    "withdrawn_by",
)


def row_of(reader: Reader, author_key: str) -> Row | None:
    """The row of an author's ladder, or None for somebody who was never warned."""
    return reader.row("SELECT * FROM ladders WHERE author_key = :key", key=author_key)


def of_author(reader: Reader, author_key: str) -> Ladder:
    """An author's ladder; an empty one for somebody who was never warned."""
    row = row_of(reader, author_key)
    return Ladder() if row is None else _read(reader, row)


def by_id(reader: Reader, ladder_id: int) -> tuple[Row, Ladder] | None:
    """One ladder with its row."""
    row = reader.row("SELECT * FROM ladders WHERE id = :id", id=ladder_id)
    return None if row is None else (row, _read(reader, row))


def _read(reader: Reader, row: Row) -> Ladder:
    people: dict[int, set[int]] = {}
    for each in reader.rows("SELECT number, user_id FROM rung_people WHERE ladder_id = :id", id=row["id"]):
        people.setdefault(each["number"], set()).add(each["user_id"])
    rungs = reader.rows("SELECT * FROM rungs WHERE ladder_id = :id ORDER BY number", id=row["id"])
    return Ladder(
        rungs=tuple(
            Rung(**{name: rung[name] for name in _COLUMNS}, issued_by=frozenset(people.get(rung["number"], ())))
            for rung in rungs
        ),
        closed_at=row["closed_at"],
        reset_at=row["reset_at"],
    )


def put(tx: Tx, author_key: str, platform: str, ladder: Ladder, *, forget_at: int) -> int:
    """Write an author's whole ladder as it is now; returns its number."""
    tx.run(
        """INSERT INTO ladders (author_key, platform, closed_at, reset_at, forget_at)
        VALUES (:key, :platform, :closed, :reset, :forget) ON CONFLICT (author_key) DO UPDATE
        SET closed_at = :closed, reset_at = :reset, forget_at = :forget""",
        key=author_key,
        platform=platform,
        closed=ladder.closed_at,
        reset=ladder.reset_at,
        forget=forget_at,
    )
    if ladder.closed_at is not None:
        tx.keep("closed", author_key, platform)
    ladder_id = int(tx.value("SELECT id FROM ladders WHERE author_key = :key", key=author_key))
    tx.run("DELETE FROM rungs WHERE ladder_id = :id", id=ladder_id)
    for number, rung in enumerate(ladder.rungs, start=1):
        place = {"ladder_id": ladder_id, "number": number}
        tx.insert("rungs", place | {name: getattr(rung, name) for name in _COLUMNS})
        for user_id in sorted(rung.issued_by):
            tx.insert("rung_people", place | {"user_id": user_id})
    return ladder_id


def of_draft(reader: Reader, draft_id: int) -> Row | None:
    """The row of the ladder whose warning, or whose apology, stands in this draft."""
    return reader.row(
        """SELECT l.* FROM ladders l JOIN rungs r ON r.ladder_id = l.id
        WHERE r.draft_id = :draft OR r.apology_id = :draft LIMIT 1""",
        draft=draft_id,
    )


def forget(tx: Tx, author_key: str) -> None:
    """Erase an author's ladder: they asked for it, or nobody is left whom it could concern."""
    tx.run("DELETE FROM ladders WHERE author_key = :key", key=author_key)


def forget_old(tx: Tx, now: int) -> int:
    """Erase the ladders whose time is over; returns how many."""
    return tx.run("DELETE FROM ladders WHERE forget_at <= :now", now=now)


def in_distress(reader: Reader, platform: str, author_id: str) -> bool:
    """Whether an open case of an author stands in the crisis lane: then nobody warns them."""
    return bool(
        reader.value(
            """SELECT 1 FROM cases WHERE platform = :platform AND author_id = :author AND lane = 'crisis'
            AND state <> 'closed' LIMIT 1""",
            platform=platform,
            author=author_id,
        )
    )


# reviews ------------------------------------------------------------------------------------------


def open_review(reader: Reader, ladder_id: int) -> Row | None:
    """The review of a ladder that is not decided."""
    return reader.row("SELECT * FROM ladder_reviews WHERE ladder_id = :id AND decided_at IS NULL", id=ladder_id)


def newest_review(reader: Reader, ladder_id: int) -> Row | None:
    """The newest review of a ladder, decided or not."""
    return reader.row("SELECT * FROM ladder_reviews WHERE ladder_id = :id ORDER BY id DESC LIMIT 1", id=ladder_id)


def review(reader: Reader, review_id: int) -> Row | None:
    """One review."""
    return reader.row("SELECT * FROM ladder_reviews WHERE id = :id", id=review_id)


def begin_review(tx: Tx, ladder_id: int, *, cause: str, at: int, by: int | None, due_at: int) -> int:
    """Open a review; returns its number."""
    row = {"ladder_id": ladder_id, "cause": cause, "opened_at": at, "opened_by": by, "due_at": due_at}
    return tx.insert("ladder_reviews", row)


def votes(reader: Reader, review_id: int) -> list[Row]:
    """Who voted what in a review, in order, with their initials."""
    return reader.rows(
        """SELECT v.*, u.initials FROM ladder_votes v JOIN users u ON u.id = v.user_id
        WHERE v.review_id = :id ORDER BY v.at, v.rowid""",
        id=review_id,
    )


def vote(tx: Tx, review_id: int, *, user_id: int, outcome: Outcome, at: int) -> bool:
    """Count a person's vote; False if they voted before."""
    row = {"review": review_id, "user": user_id, "outcome": outcome, "at": at}
    return bool(
        tx.run(
            """INSERT INTO ladder_votes (review_id, user_id, outcome, at) VALUES (:review, :user, :outcome, :at)
            ON CONFLICT DO NOTHING""",
            **row,
        )
    )


def decide(tx: Tx, review_id: int, outcome: Outcome, at: int) -> None:
    """The review has come to an end."""
    tx.run("UPDATE ladder_reviews SET decided_at = :at, outcome = :to WHERE id = :id", at=at, to=outcome, id=review_id)


def under_review(reader: Reader, now: int) -> list[Row]:
    """Closed authors, and those with a review that is not decided or not followed, the next one due first.

    Each ladder's row with its newest case that is still there, the author's handle in it, and its open review.
    """
    return reader.rows(
        """SELECT l.*, c.id AS case_id, c.author_handle, v.id AS review_id, v.cause, v.opened_at, v.due_at,
            d.id AS decided_id, d.outcome, d.decided_at, d.done_at, d.receipt
        FROM ladders l
        LEFT JOIN ladder_reviews v ON v.ladder_id = l.id AND v.decided_at IS NULL
        LEFT JOIN ladder_reviews d ON d.id = (SELECT max(id) FROM ladder_reviews
            WHERE ladder_id = l.id AND decided_at IS NOT NULL)
        LEFT JOIN cases c ON c.id = (SELECT max(case_id) FROM rungs WHERE ladder_id = l.id)
        WHERE (l.closed_at IS NOT NULL OR v.id IS NOT NULL OR (d.outcome IN ('report', 'legal') AND d.done_at IS NULL))
            AND l.forget_at > :now
        ORDER BY v.due_at IS NULL, v.due_at, l.closed_at DESC, l.id""",
        now=now,
    )


def reviews_waiting(reader: Reader) -> int:
    """How many reviews are not decided, or ask for something that nobody has done yet."""
    return int(
        reader.value(
            """SELECT count(*) FROM ladder_reviews
            WHERE decided_at IS NULL OR (outcome IN ('report', 'legal') AND done_at IS NULL)"""
        )
    )


def followed(tx: Tx, review_id: int, *, receipt: str, at: int) -> bool:
    """What a review came to was done; False where nothing is asked, or it was done before."""
    return bool(
        tx.run(
            """UPDATE ladder_reviews SET done_at = :at, receipt = :receipt
            WHERE id = :id AND outcome IN ('report', 'legal') AND done_at IS NULL""",
            at=at,
            receipt=receipt,
            id=review_id,
        )
    )
