"""What the desk shows: cases by lane and priority, and counts for its rail."""

from bot.model import Lane
from bot.store.db import Reader, Row

OPEN = "('new', 'claimed', 'waiting', 'outbox', 'failed', 'escalated')"
"""States of a case that still need somebody."""


def lane_counts(reader: Reader) -> dict[Lane, int]:
    """How many open cases each lane holds; lanes without one are missing."""
    rows = reader.rows(f"SELECT lane, count(*) AS n FROM cases WHERE state IN {OPEN} GROUP BY lane")  # noqa: S608 - ours
    return {Lane(row["lane"]): int(row["n"]) for row in rows}


def in_lane(reader: Reader, lane: Lane, *, limit: int = 50, offset: int = 0) -> list[Row]:
    """Open cases of a lane, most urgent first, each with its latest post and who holds it."""
    return reader.rows(
        f"""SELECT c.*, m.text, m.text_hash, m.triggers, m.created_at AS posted_at, m.declared_language,
            u.initials AS holder
        FROM (SELECT * FROM cases WHERE lane = :lane AND state IN {OPEN}
              ORDER BY rank, due_at, id LIMIT :limit OFFSET :offset) c
        JOIN mentions m ON m.id = c.latest_mention LEFT JOIN users u ON u.id = c.claimed_by
        ORDER BY c.rank, c.due_at, c.id""",  # noqa: S608 - a constant of ours
        lane=lane,
        limit=limit,
        offset=offset,
    )


def mine(reader: Reader, user_id: int, limit: int = 50) -> list[Row]:
    """Open cases that a person holds."""
    return _with_post(reader, f"c.claimed_by = :user AND c.state IN {OPEN}", limit, user=user_id)


def in_state(reader: Reader, state: str, limit: int = 50) -> list[Row]:
    """Cases in one state, for the list of what waits for approval, what was sent, what failed."""
    return _with_post(reader, "c.state = :state", limit, state=state)


def _with_post(reader: Reader, condition: str, limit: int, **params: object) -> list[Row]:
    return reader.rows(
        f"""SELECT c.*, m.text, m.text_hash, m.triggers, m.created_at AS posted_at, m.declared_language,
            u.initials AS holder
        FROM cases c JOIN mentions m ON m.id = c.latest_mention LEFT JOIN users u ON u.id = c.claimed_by
        WHERE {condition} ORDER BY c.rank, c.due_at, c.id LIMIT :limit""",  # noqa: S608 - constants of ours
        limit=limit,
        **params,
    )


def newest_change(reader: Reader) -> int:
    """A number that grows whenever a case opens or changes: the desk polls it."""
    return int(reader.value("SELECT coalesce(max(id), 0) FROM case_events"))


def opened_since(reader: Reader, event: int, lane: Lane) -> int:
    """How many cases of a lane have news after the event with number ``event``."""
    return int(
        reader.value(
            """SELECT count(DISTINCT e.case_id) FROM case_events e JOIN cases c ON c.id = e.case_id
            WHERE e.id > :event AND c.lane = :lane AND e.kind IN ('opened', 'post_joined')""",
            event=event,
            lane=lane,
        )
    )
