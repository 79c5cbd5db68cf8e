"""Answers that one person approves for many posts: the batches, their posts, and what our replies promised."""

from bot.errors import Stale
from bot.model import DispatchState
from bot.store.db import Reader, Row, Tx

LIVE = "b.approved_at IS NOT NULL AND b.cancelled_at IS NULL"
"""Whether the posts of batch ``b`` are being answered."""


def by_id(reader: Reader, batch_id: int) -> Row | None:
    """One batch."""
    return reader.row("SELECT * FROM batches WHERE id = :id", id=batch_id)


def of_incident(reader: Reader, incident_id: int) -> list[Row]:
    """The batches of an incident, newest first, with the number of their ``posts`` and of those still ``waiting``."""
    return reader.rows(
        """SELECT b.*, (SELECT count(*) FROM batch_posts p WHERE p.batch_id = b.id) AS posts,
            (SELECT count(*) FROM batch_posts p WHERE p.batch_id = b.id AND p.outcome = '') AS waiting
        FROM batches b WHERE b.incident_id = :id ORDER BY b.id DESC""",
        id=incident_id,
    )


def candidates(reader: Reader, incident_id: int, now: int, limit: int) -> list[Row]:
    """Posts that one answer could reach, the oldest first: folded, addressed to us, in nobody's hands, not answered.

    The columns of the case, with the post's ``text`` and ``canonical_key``. A reply that a person writes keeps its post
    out.
    """
    return reader.rows(
        """SELECT c.*, m.text, m.canonical_key FROM incident_cases f JOIN cases c ON c.id = f.case_id
        JOIN mentions m ON m.id = c.latest_mention
        WHERE f.incident_id = :incident AND f.folds = 1 AND f.taken_out = 0 AND c.state = 'new' AND c.not_assessed = 0
          AND c.claimed_until <= :now AND m.triggers NOT IN ('', 'none') AND m.sealed_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM dispatches d WHERE d.mention_id = m.id
            AND d.state IN ('queued', 'sending', 'sent', 'uncertain', 'retracting'))
          AND NOT EXISTS (SELECT 1 FROM drafts r WHERE r.mention_id = m.id
            AND r.state IN ('open', 'submitted', 'approved') AND r.written_by IS NOT NULL)
        ORDER BY m.created_at, c.id LIMIT :limit""",
        incident=incident_id,
        now=now,
        limit=limit,
    )


def promised(reader: Reader, incident_id: int, now: int, limit: int) -> list[Row]:
    """Posts to whom a reply of ours promised news of an incident that have had none, the oldest promise first.

    The same columns as ``candidates``. Not those whose author has a case open that somebody must see first.
    """
    return reader.rows(
        """SELECT c.*, m.text, m.canonical_key FROM promises p JOIN dispatches d ON d.id = p.dispatch_id
        JOIN cases c ON c.id = d.case_id JOIN mentions m ON m.id = d.mention_id
        WHERE p.incident_id = :incident AND p.until > :now AND d.state = 'sent' AND c.state = 'sent'
          AND c.latest_mention = m.id AND m.sealed_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM dispatches x WHERE x.mention_id = m.id AND x.id <> d.id
            AND x.state IN ('queued', 'sending', 'sent', 'uncertain', 'retracting'))
          AND NOT EXISTS (SELECT 1 FROM drafts r WHERE r.mention_id = m.id
            AND r.state IN ('open', 'submitted', 'approved') AND r.written_by IS NOT NULL)
        ORDER BY p.dispatch_id LIMIT :limit""",
        incident=incident_id,
        now=now,
        limit=limit,
    )


def owed(reader: Reader, now: int) -> list[Row]:
    """How many posts wait for the news that a reply of ours promised: ``incident_id``, ``n``, the first ``until``."""
    return reader.rows(
        """SELECT p.incident_id, count(*) AS n, min(p.until) AS until
        FROM promises p JOIN dispatches d ON d.id = p.dispatch_id
        WHERE p.until > :now AND d.state = 'sent' AND NOT EXISTS (SELECT 1 FROM dispatches x
            WHERE x.mention_id = d.mention_id AND x.id > d.id AND x.state IN ('sending', 'sent', 'uncertain'))
        GROUP BY p.incident_id ORDER BY until, p.incident_id""",
        now=now,
    )


def add(tx: Tx, row: dict[str, object]) -> int:
    """A batch is prepared; returns its number."""
    return tx.insert("batches", row)


def add_post(tx: Tx, batch_id: int, draft_id: int, version: int) -> None:
    """Put one post's draft, in this version, into a batch."""
    tx.insert("batch_posts", {"batch_id": batch_id, "draft_id": draft_id, "version": version})


def posts(reader: Reader, batch_id: int) -> list[Row]:
    """The posts of a batch in the order in which they are answered, with draft, case, and the newest dispatch."""
    return reader.rows(
        """SELECT p.*, r.text, r.state AS draft_state, r.version AS now_version, r.case_id, r.mention_id,
            c.author_handle, c.platform, c.account, substr(m.text, 1, 400) AS post,
            d.id AS dispatch_id, d.state AS dispatch_state, d.cause, d.remote_url, d.sent_at
        FROM batch_posts p JOIN drafts r ON r.id = p.draft_id JOIN cases c ON c.id = r.case_id
        JOIN mentions m ON m.id = r.mention_id
        LEFT JOIN dispatches d ON d.id = (SELECT max(id) FROM dispatches WHERE draft_id = r.id)
        WHERE p.batch_id = :id ORDER BY p.due_at, p.draft_id""",
        id=batch_id,
    )


def leave_out(tx: Tx, batch_id: int, draft_id: int) -> None:
    """Take one post out of a batch that is not approved, and its draft with it."""
    tx.run("DELETE FROM batch_posts WHERE batch_id = :batch AND draft_id = :draft", batch=batch_id, draft=draft_id)


def move(tx: Tx, batch_id: int, version: int, **columns: object) -> None:
    """Write columns of a batch over version ``version``.

    Raises:
        Stale: somebody changed it meanwhile, or it is cancelled.
    """
    if not {"signed_by", "approved_at", "cancelled_at"} >= columns.keys():
        raise ValueError(f"No such columns: {columns.keys()}")
    sets = "".join(f"{name} = :{name}, " for name in columns)
    changed = tx.run(
        f"""UPDATE batches SET {sets} version = version + 1
        WHERE id = :id AND version = :version AND cancelled_at IS NULL""",  # noqa: S608 - names checked above
        id=batch_id,
        version=version,
        **columns,
    )
    if not changed:
        raise Stale("Somebody else changed this answer meanwhile.")


def rewritten(tx: Tx, batch_id: int, draft_id: int, version: int) -> None:
    """A post's draft was signed, which makes another version of it."""
    tx.run(
        "UPDATE batch_posts SET version = :version WHERE batch_id = :batch AND draft_id = :draft",
        version=version,
        batch=batch_id,
        draft=draft_id,
    )


def plan(tx: Tx, batch_id: int, draft_id: int, due_at: int) -> None:
    """Say when a post's turn comes."""
    tx.run(
        "UPDATE batch_posts SET due_at = :due WHERE batch_id = :batch AND draft_id = :draft AND outcome = ''",
        due=due_at,
        batch=batch_id,
        draft=draft_id,
    )


def last_due(reader: Reader) -> int:
    """When the last post of all batches that are being answered has its turn; 0 if none waits."""
    found = reader.value(
        f"SELECT max(p.due_at) FROM batch_posts p JOIN batches b ON b.id = p.batch_id WHERE p.outcome = '' AND {LIVE}"  # noqa: S608 - a constant of ours
    )
    return int(found or 0)


def due(reader: Reader, now: int, limit: int) -> list[Row]:
    """The posts whose turn has come, the longest waiting first."""
    return reader.rows(
        f"""SELECT p.* FROM batch_posts p JOIN batches b ON b.id = p.batch_id
        WHERE p.outcome = '' AND p.due_at <= :now AND {LIVE} ORDER BY p.due_at, p.draft_id LIMIT :limit""",  # noqa: S608 - likewise
        now=now,
        limit=limit,
    )


def is_due(reader: Reader, batch_id: int, draft_id: int, now: int) -> Row | None:
    """The post with its batch, if its turn still is; None if it was cancelled or taken meanwhile."""
    return reader.row(
        f"""SELECT p.*, b.signed_by, b.approved_at, b.kind, b.incident_id FROM batch_posts p
        JOIN batches b ON b.id = p.batch_id
        WHERE p.batch_id = :batch AND p.draft_id = :draft AND p.outcome = '' AND p.due_at <= :now AND {LIVE}""",  # noqa: S608 - likewise
        batch=batch_id,
        draft=draft_id,
        now=now,
    )


def settle(tx: Tx, batch_id: int, draft_id: int, outcome: str, rule: str = "") -> None:
    """What became of a post's turn."""
    tx.run(
        """UPDATE batch_posts SET outcome = :outcome, rule = :rule
        WHERE batch_id = :batch AND draft_id = :draft AND outcome = ''""",
        outcome=outcome,
        rule=rule,
        batch=batch_id,
        draft=draft_id,
    )


def of_draft(reader: Reader, draft_id: int) -> bool:
    """Whether a draft is part of a batch that a person approved and nobody cancelled."""
    return bool(
        reader.value(
            f"SELECT 1 FROM batch_posts p JOIN batches b ON b.id = p.batch_id WHERE p.draft_id = :id AND {LIVE}",  # noqa: S608 - likewise
            id=draft_id,
        )
    )


def unsent(reader: Reader, batch_id: int) -> list[Row]:
    """What a cancellation calls back: posts whose turn is to come, and replies that are queued."""
    return reader.rows(
        """SELECT p.draft_id, r.case_id, d.id AS dispatch_id FROM batch_posts p JOIN drafts r ON r.id = p.draft_id
        LEFT JOIN dispatches d ON d.draft_id = p.draft_id AND d.state = 'queued'
        WHERE p.batch_id = :id AND (p.outcome = '' OR d.id IS NOT NULL)""",
        id=batch_id,
    )


def open_ones(reader: Reader, incident_id: int) -> list[Row]:
    """The batches of an incident that are not cancelled and still have something to leave, or wait for approval."""
    return reader.rows(
        """SELECT b.* FROM batches b WHERE b.incident_id = :id AND b.cancelled_at IS NULL AND (b.approved_at IS NULL
        OR EXISTS (SELECT 1 FROM batch_posts p LEFT JOIN dispatches d ON d.draft_id = p.draft_id AND d.state = 'queued'
            WHERE p.batch_id = b.id AND (p.outcome = '' OR d.id IS NOT NULL)))""",
        id=incident_id,
    )


def withdraw_all(tx: Tx, at: int) -> None:
    """Nothing of any answer to many leaves any more: what a restored backup had approved is looked at anew."""
    tx.run(
        "UPDATE approvals SET void = 1 WHERE draft_id IN (SELECT draft_id FROM batch_posts WHERE outcome = '')",
    )
    tx.run(
        """UPDATE drafts SET state = 'void', updated_at = :at
        WHERE state = 'open' AND id IN (SELECT draft_id FROM batch_posts WHERE outcome = '')""",
        at=at,
    )
    tx.run("UPDATE batch_posts SET outcome = 'withdrawn' WHERE outcome = ''")
    tx.run("UPDATE batches SET cancelled_at = :at, version = version + 1 WHERE cancelled_at IS NULL", at=at)


# promises -----------------------------------------------------------------------------------------


def promise(tx: Tx, dispatch_id: int, incident_id: int | None, until: int) -> None:
    """A reply that promised to write again stands in public."""
    row = {"dispatch": dispatch_id, "incident": incident_id, "until": until}
    tx.run(
        """INSERT INTO promises (dispatch_id, incident_id, until) VALUES (:dispatch, :incident, :until)
        ON CONFLICT DO NOTHING""",
        **row,
    )


def promised_until(reader: Reader, canonical_target: str) -> int | None:
    """Until when a second reply to a post may go, because our first one there announced it (C-10)."""
    found = reader.value(
        """SELECT max(p.until) FROM promises p JOIN dispatches d ON d.id = p.dispatch_id
        WHERE d.canonical_target = :target AND d.state = :sent""",
        target=canonical_target,
        sent=DispatchState.SENT,
    )
    return None if found is None else int(found)


def incident_of_case(reader: Reader, case_id: int, draft_id: int) -> int | None:
    """The incident that a reply is about: its batch's, else the oldest that the case concerns."""
    found = reader.value(
        """SELECT coalesce((SELECT b.incident_id FROM batch_posts p JOIN batches b ON b.id = p.batch_id
            WHERE p.draft_id = :draft),
            (SELECT min(incident_id) FROM incident_cases WHERE case_id = :case AND taken_out = 0))""",
        draft=draft_id,
        case=case_id,
    )
    return None if found is None else int(found)
