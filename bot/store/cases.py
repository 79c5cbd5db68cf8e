"""Cases: one conversation with one author. Every change of one leaves an event."""

from enum import StrEnum

from bot.errors import Stale
from bot.model import LANES_WORST_FIRST, MOVES, CaseState, Lane, Priority, Triage, Trigger
from bot.store.db import Reader, Row, Tx

JOIN_MS = 6 * 3_600_000
"""Posts of one author on one platform within six hours are one case (1/3, 2/3)."""

CLAIM_MS = 15 * 60_000
"""How long a person's claim on a case lasts without a sign of life."""

_RANK = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2}
_DONE = (CaseState.SENT, CaseState.CLOSED)


def by_id(reader: Reader, case_id: int) -> Row | None:
    """One case's row."""
    return reader.row("SELECT * FROM cases WHERE id = :id", id=case_id)


def note(tx: Tx, case_id: int, kind: str, at: int, *, user_id: int | None = None, note: str = "") -> None:
    """Write one event of a case's history."""
    tx.insert("case_events", {"case_id": case_id, "at": at, "kind": kind, "user_id": user_id, "note": note})


def events(reader: Reader, case_id: int) -> list[Row]:
    """A case's history, oldest first, with the initials of who acted."""
    return reader.rows(
        """SELECT e.*, u.initials FROM case_events e LEFT JOIN users u ON u.id = e.user_id
        WHERE e.case_id = :id ORDER BY e.id""",
        id=case_id,
    )


class Joined(StrEnum):
    """How an assessed mention came to its case."""

    OPENED = "opened"
    NEW_POST = "post_joined"
    EDITED = "post_edited"


def attach(tx: Tx, mention: Row, triage: Triage, *, due_at: int | None, at: int) -> tuple[int, Joined]:
    """Put an assessed mention into its case; returns the case and how it came there.

    A post raises the lane and the priority if they are worse; where everything was done, it begins anew. A post
    that was edited into something worse opens a finished case again. ``latest_mention``, which a reply answers,
    stays the newest post that addressed us, if one did.
    """
    known = _find(tx, mention)
    if known is None:
        return _open(tx, mention, triage, due_at, at), Joined.OPENED
    fresh = mention["case_id"] is None
    anew = fresh and known["state"] in _DONE
    lane = triage.lane if anew else min(Lane(known["lane"]), triage.lane, key=LANES_WORST_FIRST.index)
    priority = triage.priority if anew else min(Priority(known["priority"]), triage.priority, key=_RANK.__getitem__)
    tx.run(
        """UPDATE cases SET lane = :lane, priority = :priority, rank = :rank, topic = :topic, language = :language,
        reason = :reason, updated_at = :at, version = version + 1,
        latest_mention = CASE WHEN :fresh AND (:addressed OR
            (SELECT triggers FROM mentions WHERE id = latest_mention) = 'none') THEN :mention ELSE latest_mention END,
        due_at = CASE WHEN :anew THEN :due ELSE coalesce(min(due_at, :due), due_at, :due) END,
        not_assessed = :not_assessed OR EXISTS (SELECT 1 FROM mentions m LEFT JOIN findings f ON f.mention_id = m.id
            WHERE m.case_id = :id AND m.id <> :mention AND (m.stage = 'poison' OR f.failed = 1))
        WHERE id = :id""",
        lane=lane,
        priority=priority,
        rank=_RANK[priority],
        topic=triage.topic or known["topic"],
        language=triage.language,
        reason=triage.reason,
        not_assessed=triage.not_assessed,
        at=at,
        fresh=fresh,
        anew=anew,
        addressed=mention["triggers"] != Trigger.NONE,
        mention=mention["id"],
        due=due_at,
        id=known["id"],
    )
    joined = Joined.NEW_POST if fresh else Joined.EDITED
    note(tx, known["id"], joined, at)
    if known["state"] in _DONE and not fresh and lane is not Lane(known["lane"]):
        move(tx, known["id"], CaseState.NEW, at, why="post_changed")
    return int(known["id"]), joined


def _find(tx: Tx, mention: Row) -> Row | None:
    if mention["case_id"] is not None:
        return by_id(tx, mention["case_id"])
    return of_thread(tx, mention, mention["thread_key"]) or tx.row(
        """SELECT c.* FROM cases c JOIN mentions m ON m.case_id = c.id
        WHERE c.platform = :platform AND c.account = :account AND c.surface = :surface AND c.author_id = :author_id
        AND m.fetched_at >= :since ORDER BY m.fetched_at DESC, m.id DESC LIMIT 1""",
        since=mention["fetched_at"] - JOIN_MS,
        **_place(mention),
    )


def _place(row: Row) -> dict[str, object]:
    return {name: row[name] for name in ("platform", "account", "surface", "author_id")}


def of_thread(reader: Reader, row: Row, thread_key: str) -> Row | None:
    """The case of one thread with the author, on the surface and for the account of ``row``, a mention or a case."""
    return reader.row(
        """SELECT * FROM cases WHERE platform = :platform AND account = :account AND surface = :surface
        AND author_id = :author_id AND thread_key = :thread""",
        thread=thread_key,
        **_place(row),
    )


def _open(tx: Tx, mention: Row, triage: Triage, due_at: int | None, at: int) -> int:
    place = "platform account surface thread_key author_id author_handle"
    case_id = tx.insert(
        "cases",
        {name: mention[name] for name in place.split()}
        | {
            "lane": triage.lane,
            "priority": triage.priority,
            "rank": _RANK[triage.priority],
            "topic": triage.topic,
            "language": triage.language,
            "reason": triage.reason,
            "not_assessed": triage.not_assessed,
            "latest_mention": mention["id"],
            "opened_at": at,
            "updated_at": at,
            "due_at": due_at,
        },
    )
    note(tx, case_id, Joined.OPENED, at)
    return case_id


def wake(tx: Tx, case_id: int, at: int, *, fresh: bool) -> None:
    """A post of the author came or changed: whatever was decided about the case is open again."""
    row = by_id(tx, case_id)
    woken = {CaseState.WAITING, CaseState.OUTBOX, *((CaseState.FAILED, *_DONE) if fresh else ())}
    if row is not None and row["state"] in woken:
        holder = row["claimed_by"] is not None and row["claimed_until"] > at and row["state"] not in _DONE
        move(tx, case_id, CaseState.CLAIMED if holder else CaseState.NEW, at, why="post_changed")


def move(tx: Tx, case_id: int, to: CaseState, at: int, *, user_id: int | None = None, why: str = "") -> None:
    """Move a case to another state, if the model allows that move; moving to where it is changes nothing.

    Raises:
        Stale: the case is in a state from which this move is not possible.
    """
    row = by_id(tx, case_id)
    if row is None:
        raise Stale("This case no longer exists.")
    state = CaseState(row["state"])
    if state is to:
        return
    if to not in MOVES[state]:
        raise Stale(f"The case has changed meanwhile: it is {state}, so it cannot become {to}.")
    keep_claim = to in {CaseState.CLAIMED, CaseState.WAITING, CaseState.OUTBOX}
    tx.run(
        """UPDATE cases SET state = :to, updated_at = :at, version = version + 1,
        claimed_by = CASE WHEN :keep THEN claimed_by END, claimed_until = CASE WHEN :keep THEN claimed_until ELSE 0 END
        WHERE id = :id""",
        to=to,
        at=at,
        keep=keep_claim,
        id=case_id,
    )
    note(tx, case_id, f"state_{to}", at, user_id=user_id, note=why)


def follow(tx: Tx, case_id: int, to: CaseState, at: int, *, user_id: int | None = None, why: str = "") -> bool:
    """Let a case follow what happened to its reply, unless it was moved elsewhere meanwhile; True if it moved."""
    row = by_id(tx, case_id)
    if row is None or (to is not CaseState(row["state"]) and to not in MOVES[CaseState(row["state"])]):
        return False
    move(tx, case_id, to, at, user_id=user_id, why=why)
    return True


def claim(tx: Tx, case_id: int, user_id: int, at: int) -> bool:
    """Take a case for a person: if one row changed, it is theirs. A claim of somebody else runs out by itself."""
    taken = tx.run(
        """UPDATE cases SET claimed_by = :user, claimed_until = :until, version = version + 1,
        state = CASE WHEN state IN ('new', 'failed', 'sent', 'closed') THEN 'claimed' ELSE state END
        WHERE id = :id AND (claimed_by IS NULL OR claimed_by = :user OR claimed_until <= :at)""",
        user=user_id,
        until=at + CLAIM_MS,
        id=case_id,
        at=at,
    )
    if taken:
        note(tx, case_id, "claimed", at, user_id=user_id)
    return bool(taken)


def take_over(tx: Tx, case_id: int, user_id: int, at: int) -> None:
    """A colleague steps in, whoever has the case: it is theirs for as long as any claim lasts."""
    tx.run(
        """UPDATE cases SET claimed_by = :user, claimed_until = :until, version = version + 1,
        state = CASE WHEN state IN ('new', 'failed', 'sent', 'closed') THEN 'claimed' ELSE state END WHERE id = :id""",
        user=user_id,
        until=at + CLAIM_MS,
        id=case_id,
    )
    note(tx, case_id, "taken_over", at, user_id=user_id)


def let_go(tx: Tx, case_id: int, user_id: int, at: int) -> None:
    """Give a claimed case back to the queue, no reason asked."""
    changed = tx.run(
        """UPDATE cases SET claimed_by = NULL, claimed_until = 0, version = version + 1,
        state = CASE WHEN state = 'claimed' THEN 'new' ELSE state END WHERE id = :id AND claimed_by = :user""",
        id=case_id,
        user=user_id,
    )
    if changed:
        note(tx, case_id, "let_go", at, user_id=user_id)


def in_hand(reader: Reader, case_id: int, at: int) -> bool:
    """Whether somebody is working on a case at this moment."""
    return bool(
        reader.value(
            "SELECT 1 FROM cases WHERE id = :id AND state = 'claimed' AND claimed_until > :at", id=case_id, at=at
        )
    )


def free(tx: Tx, case_id: int) -> None:
    """Let others take a case that waits for a second person."""
    tx.run("UPDATE cases SET claimed_by = NULL, claimed_until = 0 WHERE id = :id", id=case_id)


def raise_priority(tx: Tx, case_id: int) -> None:
    """A person says that a case cannot wait."""
    tx.run("UPDATE cases SET priority = 'high', rank = 0 WHERE id = :id", id=case_id)


def change_lane(tx: Tx, case_id: int, lane: Lane, at: int, user_id: int) -> None:
    """A person puts a case into another lane."""
    tx.run("UPDATE cases SET lane = :lane, version = version + 1 WHERE id = :id", lane=lane, id=case_id)
    note(tx, case_id, "lane_changed", at, user_id=user_id, note=lane)


def author_threatens(reader: Reader, case: Row) -> bool:
    """Whether an open case of the same author on the same platform stands in the threat lane (rule C-21)."""
    return bool(
        reader.value(
            """SELECT 1 FROM cases WHERE platform = :platform AND author_id = :author AND lane = 'threat'
            AND state <> 'closed' LIMIT 1""",
            platform=case["platform"],
            author=case["author_id"],
        )
    )
