"""Dispatches: the outbox. One row is one attempt to publish one approved text once."""

import secrets
import sqlite3

from bot.errors import Stale
from bot.model import DispatchState
from bot.store.db import Reader, Row, Tx

CLAIM_MS = 60_000
"""How long a dispatch that is being worked on stays out of others' hands."""


def by_id(reader: Reader, dispatch_id: int) -> Row | None:
    """One dispatch's row."""
    return reader.row("SELECT * FROM dispatches WHERE id = :id", id=dispatch_id)


def new_request_key() -> str:
    """A fresh key under which a platform can recognise a repeated request."""
    return secrets.token_hex(16)


def answered(reader: Reader, mention_id: int) -> bool:
    """Whether a reply to this post is on its way, may be there, or is there, also one that a person gave by hand."""
    return bool(
        reader.value(
            """SELECT 1 FROM dispatches WHERE mention_id = :id
            AND state IN ('queued', 'sending', 'sent', 'uncertain', 'retracting')
            UNION ALL SELECT 1 FROM hand_answers WHERE mention_id = :id LIMIT 1""",
            id=mention_id,
        )
    )


def to_post(reader: Reader, canonical_target: str) -> list[Row]:
    """Every attempt to answer a post, from any of our accounts."""
    return reader.rows("SELECT * FROM dispatches WHERE canonical_target = :t ORDER BY id", t=canonical_target)


def leaves(reader: Reader, draft_id: int) -> bool:
    """Whether this draft's reply is being sent, may be there, or is there."""
    return bool(
        reader.value(
            """SELECT 1 FROM dispatches WHERE draft_id = :id
            AND state IN ('queued', 'sending', 'sent', 'uncertain', 'retracting') LIMIT 1""",
            id=draft_id,
        )
    )


def queue(tx: Tx, row: dict[str, object]) -> int:
    """Put an approved draft into the outbox.

    Raises:
        Stale: this post already has a reply queued, sent or uncertain (rule C-10).
    """
    try:
        return tx.insert("dispatches", row)
    except sqlite3.IntegrityError as error:
        raise Stale("This post already has a reply, or one that may have been sent.") from error


def due(reader: Reader, now: int, limit: int = 20) -> list[int]:
    """Ids of queued dispatches whose time has come, in the order they were approved."""
    rows = reader.rows(
        """SELECT id FROM dispatches WHERE state = 'queued' AND due_at <= :now AND claimed_until <= :now
        ORDER BY due_at, id LIMIT :limit""",
        now=now,
        limit=limit,
    )
    return [int(row["id"]) for row in rows]


def claim(tx: Tx, dispatch_id: int, now: int) -> Row | None:
    """Take a queued dispatch: if one row changed, it is ours. None if somebody else was quicker or it was cancelled."""
    taken = tx.run(
        """UPDATE dispatches SET claimed_until = :until, attempts = attempts + 1, updated_at = :now
        WHERE id = :id AND state = 'queued' AND claimed_until <= :now""",
        until=now + CLAIM_MS,
        now=now,
        id=dispatch_id,
    )
    return by_id(tx, dispatch_id) if taken else None


def is_claimed_as(reader: Reader, row: Row) -> bool:
    """Whether a claimed dispatch is still queued and still ours: nobody cancelled it or took it over meanwhile."""
    now = by_id(reader, row["id"])
    return now is not None and (now["state"], now["attempts"]) == (DispatchState.QUEUED, row["attempts"])


def set_state(tx: Tx, dispatch_id: int, was: DispatchState, to: DispatchState, at: int, **columns: object) -> bool:
    """Move a dispatch from ``was`` to ``to`` and set further columns; False if it is no longer ``was``."""
    known = {"cause", "due_at", "remote_id", "remote_url", "sent_at", "started_at", "claimed_until", "look_at"}
    if not known >= columns.keys():
        raise ValueError(f"No such columns: {columns.keys() - known}")
    extra = "".join(f", {name} = :{name}" for name in columns)
    changed = tx.run(
        f"UPDATE dispatches SET state = :to, updated_at = :at{extra} WHERE id = :id AND state = :was",  # noqa: S608 - names checked above
        id=dispatch_id,
        was=was,
        to=to,
        at=at,
        **columns,
    )
    if changed and to is DispatchState.RETRACTING and was is not to:
        tx.keep("retract", tx.value("SELECT request_key FROM dispatches WHERE id = :id", id=dispatch_id))
    return bool(changed)


def to_look_at(reader: Reader, now: int, limit: int) -> list[Row]:
    """Replies that stand, as far as we know, and whose turn it is to be looked at again."""
    return reader.rows(
        "SELECT * FROM dispatches WHERE state = 'sent' AND look_at <= :now ORDER BY look_at LIMIT :limit",
        now=now,
        limit=limit,
    )


def look_at(tx: Tx, dispatch_id: int, at: int | None) -> bool:
    """Look at a reply again at ``at``, or never; False if it was taken back meanwhile."""
    return bool(tx.run("UPDATE dispatches SET look_at = :at WHERE id = :id AND state = 'sent'", id=dispatch_id, at=at))


def interrupted(reader: Reader, now: int) -> list[int]:
    """Ids left open by a crash or an unclear answer, whose time to look (again) has come."""
    rows = reader.rows(
        """SELECT id FROM dispatches WHERE state IN ('sending', 'uncertain') AND claimed_until <= :now ORDER BY id""",
        now=now,
    )
    return [int(row["id"]) for row in rows]


def in_state(reader: Reader, *states: DispatchState, limit: int = 200) -> list[Row]:
    """Dispatches in any of ``states`` with their case's author and lane, newest first."""
    marks = ", ".join(f"'{state.value}'" for state in states)
    return reader.rows(
        f"""SELECT d.*, c.author_handle, c.lane FROM dispatches d JOIN cases c ON c.id = d.case_id
        WHERE d.state IN ({marks}) ORDER BY d.updated_at DESC LIMIT :limit""",  # noqa: S608 - enum values
        limit=limit,
    )


def states_for_target(reader: Reader, canonical_target: str, except_draft: int) -> list[DispatchState]:
    """States of all other dispatches to a post, from any of our accounts.

    One that a restore lost counts as uncertain, and so does whatever a restore without its journal cannot know. One
    that a person gave by hand counts as sent.
    """
    rows = reader.rows(
        """SELECT state FROM dispatches WHERE canonical_target = :t AND draft_id <> :d
        UNION ALL SELECT 'sent' FROM hand_answers WHERE canonical_target = :t
        UNION ALL SELECT 'uncertain' FROM begun b JOIN mentions m ON m.id = b.mention_id
        WHERE m.canonical_key = :t AND b.dispatch_id IS NULL
        UNION ALL SELECT 'uncertain' FROM mentions m WHERE m.canonical_key = :t
        AND EXISTS (SELECT 1 FROM restores r WHERE r.blind = 1 AND m.created_at <= r.at)
        AND NOT EXISTS (SELECT 1 FROM dispatches d WHERE d.canonical_target = :t AND d.state = 'sent')""",
        t=canonical_target,
        d=except_draft,
    )
    return [DispatchState(row["state"]) for row in rows]


def of_case(reader: Reader, case_id: int) -> list[Row]:
    """All dispatches of a case, oldest first."""
    return reader.rows("SELECT * FROM dispatches WHERE case_id = :id ORDER BY id", id=case_id)


def recent(reader: Reader, since: int, except_draft: int, limit: int = 1_000) -> list[Row]:
    """Replies that left or are about to, changed after ``since``, of other drafts: text, account, updated_at, template.

    The newest ``limit`` of them: a desk that sends more in a day shows likeness within that many.
    """
    return reader.rows(
        """SELECT d.text, d.account, d.updated_at, r.template FROM dispatches d JOIN drafts r ON r.id = d.draft_id
        WHERE d.updated_at >= :since AND d.draft_id <> :draft
          AND d.state IN ('queued', 'sending', 'sent', 'uncertain')
        ORDER BY d.updated_at DESC LIMIT :limit""",
        since=since,
        draft=except_draft,
        limit=limit,
    )


def replies_to_author(reader: Reader, case: Row, since: int) -> tuple[int, int]:
    """Replies that C-11 counts: (those the author has not answered since, all since ``since``).

    A reply to a post that addressed us does not count (consent-rules section 0, C-11). One given by hand does.
    """
    row = reader.row(
        """WITH replies (case_id, mention_id, sent_at) AS (
            SELECT case_id, mention_id, sent_at FROM dispatches WHERE state = 'sent'
            UNION ALL SELECT case_id, mention_id, at FROM hand_answers)
        SELECT count(*) FILTER (WHERE d.sent_at > coalesce((
            SELECT max(m2.created_at) FROM mentions m2
            WHERE m2.platform = c.platform AND m2.author_id = c.author_id), 0)),
            count(*) FILTER (WHERE d.sent_at >= :since)
        FROM replies d JOIN cases c ON c.id = d.case_id JOIN mentions m ON m.id = d.mention_id
        WHERE c.platform = :platform AND c.account = :account AND c.author_id = :author
          AND m.triggers IN ('', 'none')""",
        since=since,
        platform=case["platform"],
        account=case["account"],
        author=case["author_id"],
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)
