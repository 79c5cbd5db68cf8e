"""What is learnt of a thread later: when its root becomes known, cases that are one conversation become one."""

from bot.model import LANES_WORST_FIRST, CaseState, Lane, Priority
from bot.store import cases, drafts, mentions, security
from bot.store.db import Row, Tx

_FINISHED = frozenset({CaseState.SENT, CaseState.CLOSED})
MERGED = "merged"
_MOVED = (
    "mentions",
    "drafts",
    "dispatches",
    "case_events",
    "care_tasks",
    "hand_answers",
    "solo_releases",
    "handover_notes",
)


def learn_root(tx: Tx, mention_id: int, root_key: str, at: int) -> list[int]:
    """Note the root of a stored post's thread; its case follows there, or merges with the one that is there.

    Returns the dispatches that a merger called back.
    """
    mention = mentions.by_id(tx, mention_id)
    if mention is None or not root_key or mention["thread_key"] == root_key:
        return []
    tx.run("UPDATE mentions SET root_key = :root, thread_key = :root WHERE id = :id", root=root_key, id=mention_id)
    case = None if mention["case_id"] is None else cases.by_id(tx, mention["case_id"])
    if case is None:
        return []
    there = cases.of_thread(tx, mention, root_key)
    if there is not None and there["id"] != case["id"]:
        elder, younger = sorted((case, there), key=lambda row: int(row["id"]))
        return _merge(tx, elder, younger, root_key, at)
    if case["thread_key"] == mention["thread_key"]:
        tx.run("UPDATE cases SET thread_key = :root WHERE id = :id", root=root_key, id=case["id"])
    return []


def _merge(tx: Tx, elder: Row, younger: Row, root_key: str, at: int) -> list[int]:
    """Everything of the younger case goes into the elder one; what was approved and not sent is open again."""
    both = (elder, younger)
    called_back = [back for case in both for back in drafts.reopen(tx, case["id"], at, cause=MERGED)]
    for table in _MOVED:
        tx.run(f"UPDATE {table} SET case_id = :to WHERE case_id = :was", to=elder["id"], was=younger["id"])  # noqa: S608 - constants of ours
    security.follow(tx, younger["id"], elder["id"])
    tx.run("DELETE FROM cases WHERE id = :id", id=younger["id"])
    unfinished = [case for case in both if case["state"] not in _FINISHED] or [elder]
    dues = [case["due_at"] for case in unfinished if case["due_at"] is not None]
    tx.run(
        """UPDATE cases SET thread_key = :root, lane = :lane, priority = :priority, rank = :rank, state = :state,
        latest_mention = (
            SELECT id FROM mentions WHERE case_id = :id ORDER BY triggers <> 'none' DESC, id DESC LIMIT 1),
        due_at = :due, not_assessed = :not_assessed, claimed_by = :holder,
        claimed_until = :until, updated_at = :at, version = version + 1 WHERE id = :id""",
        root=root_key,
        lane=min((Lane(case["lane"]) for case in unfinished), key=LANES_WORST_FIRST.index),
        priority=min((Priority(case["priority"]) for case in unfinished), key=tuple(Priority).index),
        rank=min(case["rank"] for case in unfinished),
        due=min(dues, default=None),
        not_assessed=max(case["not_assessed"] for case in both),
        at=at,
        id=elder["id"],
        **_held(unfinished, at),
    )
    cases.note(tx, elder["id"], MERGED, at)
    return called_back


def _held(unfinished: list[Row], at: int) -> dict[str, object]:
    """Where the merged case stands, and who holds it: whoever held one of the two."""
    states = {CaseState(case["state"]) for case in unfinished}
    holder = next((case for case in unfinished if case["claimed_by"] is not None and case["claimed_until"] > at), None)
    if CaseState.ESCALATED in states:
        state = CaseState.ESCALATED
    elif states <= _FINISHED:
        state = states.pop()
    else:
        state = CaseState.NEW if holder is None else CaseState.CLAIMED
    claim = (None, 0) if holder is None else (holder["claimed_by"], holder["claimed_until"])
    return {"state": state, "holder": claim[0], "until": claim[1]}
