"""What is known of target posts right now, and the requests to look again."""

import json
from dataclasses import asdict

from bot.model import READABLE_BY_ALL, PostStatus, Visibility
from bot.store import upkeep
from bot.store.db import Reader, Row, Tx


def put(tx: Tx, mention_id: int, status: PostStatus) -> bool:
    """Keep the newest status of a post, without its text, and close the request for it; False for older news.

    News from far ahead were learnt under a clock that was wrong, and count no more. A post that stands there for
    everyone may be read here again (P-10).
    """
    known = asdict(status)
    del known["text"]
    newest = tx.run(
        """INSERT INTO post_status (mention_id, checked_at, body) VALUES (:id, :at, :body)
        ON CONFLICT (mention_id) DO UPDATE SET checked_at = excluded.checked_at, body = excluded.body
        WHERE excluded.checked_at >= post_status.checked_at OR post_status.checked_at > excluded.checked_at + :ahead""",
        ahead=upkeep.AHEAD_MS,
        id=mention_id,
        at=status.checked_at,
        body=json.dumps(known),
    )
    tx.run("DELETE FROM rechecks WHERE mention_id = :id", id=mention_id)
    if newest and status.exists and status.visibility in READABLE_BY_ALL:
        upkeep.stands(tx, mention_id, status.checked_at)
    return bool(newest)


def get(reader: Reader, mention_id: int) -> PostStatus | None:
    """The newest status of a post, or None if nobody looked yet."""
    body = reader.value("SELECT body FROM post_status WHERE mention_id = :id", id=mention_id)
    if body is None:
        return None
    known = json.loads(body)
    return PostStatus(**{**known, "visibility": Visibility(known["visibility"])})


def ask(tx: Tx, mention_id: int, at: int) -> None:
    """Ask the worker to look at a post again."""
    tx.run(
        """INSERT INTO rechecks (mention_id, asked_at) VALUES (:id, :at)
        ON CONFLICT (mention_id) DO UPDATE SET asked_at = excluded.asked_at, next_try_at = 0""",
        id=mention_id,
        at=at,
    )


def is_asked(reader: Reader, mention_id: int) -> bool:
    """Whether a request to look at a post is open."""
    return reader.row("SELECT 1 FROM rechecks WHERE mention_id = :id", id=mention_id) is not None


def asked(reader: Reader, now: int, limit: int = 20) -> list[Row]:
    """Open requests whose next try is due, oldest first, with the mention's columns."""
    return reader.rows(
        """SELECT m.*, r.attempts AS tries FROM rechecks r JOIN mentions m ON m.id = r.mention_id
        WHERE r.next_try_at <= :now ORDER BY r.asked_at LIMIT :limit""",
        now=now,
        limit=limit,
    )


def postpone(tx: Tx, mention_id: int, until: int) -> None:
    """The platform did not answer: try again at ``until``."""
    tx.run(
        "UPDATE rechecks SET attempts = attempts + 1, next_try_at = :until WHERE mention_id = :id",
        until=until,
        id=mention_id,
    )
