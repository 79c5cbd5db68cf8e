"""Rows about looking after people: what a person read, their breaks, confirmed hotline cards, debriefs and reviews."""

from typing import Literal

from bot.store.db import Reader, Row, Tx

DAY_MS = 86_400_000
KEPT_DAYS = 30
"""How long it stays known what a person read, and which tasks are done."""

Task = Literal["debrief", "review"]


def expose(tx: Tx, user_id: int, at: int) -> None:
    """A person read the wording of a hard text."""
    tx.insert("exposures", {"user_id": user_id, "at": at})


def read_by(reader: Reader, user_id: int, since: int) -> int:
    """How many hard texts one person read since ``since``. For that person's own page and budget, nothing else."""
    return int(
        reader.value("SELECT count(*) FROM exposures WHERE user_id = :id AND at >= :since", id=user_id, since=since)
    )


def read_by_all(reader: Reader, since: int, until: int) -> Row | None:
    """Of a span of time: how many hard texts (``texts``) were read by how many people (``people``)."""
    return reader.row(
        """SELECT count(*) AS texts, count(DISTINCT user_id) AS people FROM exposures
        WHERE at >= :since AND at < :until""",
        since=since,
        until=until,
    )


def rest(tx: Tx, user_id: int, until: int) -> None:
    """A person wants no hard texts until a time."""
    tx.run(
        """INSERT INTO rests (user_id, until) VALUES (:id, :until)
        ON CONFLICT (user_id) DO UPDATE SET until = excluded.until""",
        id=user_id,
        until=until,
    )


def end_rest(tx: Tx, user_id: int) -> None:
    """The person goes on."""
    tx.run("DELETE FROM rests WHERE user_id = :id", id=user_id)


def rests_until(reader: Reader, user_id: int, now: int) -> int | None:
    """Until when a person is on a break, or None."""
    found: int | None = reader.value(
        "SELECT until FROM rests WHERE user_id = :id AND until > :now", id=user_id, now=now
    )
    return found


def others_here(reader: Reader, user_id: int, *, trained: bool, seen_since: int, now: int) -> list[int]:
    """Who else is signed in and may work on cases; ``trained``: only people trained for crises."""
    rows = reader.rows(
        """SELECT DISTINCT u.id FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE u.id <> :me AND u.active = 1 AND u.role IN ('agent', 'senior') AND (u.trained = 1 OR NOT :trained)
        AND s.expires_at > :now AND s.seen_at >= :since""",
        me=user_id,
        trained=trained,
        now=now,
        since=seen_since,
    )
    return [int(row["id"]) for row in rows]


def hand_to_trained(tx: Tx, case_id: int) -> None:
    """A case that became a crisis in the hands of somebody who is not trained for one is free for those who are."""
    tx.run(
        """UPDATE cases SET claimed_by = NULL, claimed_until = 0, version = version + 1,
        state = CASE WHEN state = 'claimed' THEN 'new' ELSE state END
        WHERE id = :id AND lane = 'crisis' AND claimed_by IN (SELECT id FROM users WHERE trained = 0)""",
        id=case_id,
    )


def confirm(tx: Tx, card: str, numbers: str, user_id: int, *, at: int, seq: int) -> None:
    """A named person says that exactly these ``numbers`` of a card hold."""
    tx.insert("hotline_checks", {"card": card, "numbers": numbers, "user_id": user_id, "at": at, "seq": seq})


def confirmations(reader: Reader) -> list[Row]:
    """The newest confirmation of each card and its numbers, with the name of who gave it."""
    return reader.rows(
        """SELECT c.card, c.numbers, c.at, u.name FROM hotline_checks c JOIN users u ON u.id = c.user_id
        WHERE c.id IN (SELECT max(id) FROM hotline_checks GROUP BY card, numbers)"""
    )


def open_task(tx: Tx, kind: Task, case_id: int, user_id: int, at: int) -> bool:
    """Something is to be done after a person dealt with a case; False if it stands open already."""
    known = tx.value(
        "SELECT 1 FROM care_tasks WHERE kind = :k AND case_id = :c AND user_id = :u AND done_at IS NULL",
        k=kind,
        c=case_id,
        u=user_id,
    )
    if known is None:
        tx.insert("care_tasks", {"kind": kind, "case_id": case_id, "user_id": user_id, "opened_at": at})
    return known is None


def task(reader: Reader, task_id: int) -> Row | None:
    """One debrief or review."""
    return reader.row("SELECT * FROM care_tasks WHERE id = :id", id=task_id)


def open_tasks(reader: Reader) -> list[Row]:
    """What is still to be done, oldest first, with the initials of whose crisis it was."""
    return reader.rows(
        """SELECT t.*, u.initials FROM care_tasks t JOIN users u ON u.id = t.user_id
        WHERE t.done_at IS NULL ORDER BY t.opened_at, t.id"""
    )


def finish(tx: Tx, task_id: int, user_id: int, at: int) -> bool:
    """A debrief or review was done; False if it was done before."""
    return bool(
        tx.run(
            "UPDATE care_tasks SET done_at = :at, done_by = :by WHERE id = :id AND done_at IS NULL",
            at=at,
            by=user_id,
            id=task_id,
        )
    )


def purge(tx: Tx, now: int) -> None:
    """Forget what is older than its days."""
    before = now - KEPT_DAYS * DAY_MS
    tx.run("DELETE FROM exposures WHERE at < :before", before=before)
    tx.run("DELETE FROM care_tasks WHERE done_at < :before", before=before)
    tx.run("DELETE FROM rests WHERE until < :now", now=now)
