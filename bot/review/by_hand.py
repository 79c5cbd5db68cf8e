"""Answered by hand: a person wrote at the original what we could not send. The ledger says just that.

No consent is claimed and no receipt: the entry is an ATTEST of a named person. It counts like a reply where
rules C-10 (one reply a post) and C-11 (replies that nobody answered) count, so that nobody is answered twice.
"""

import re

from bot.errors import Stale
from bot.ledger import entries
from bot.model import CaseState, DispatchState, EntryKind, Role
from bot.review import acts
from bot.review.house import House
from bot.store import cases, dispatches, drafts, hand_answers, mentions
from bot.store.db import Row, Tx

REASON = "answered_by_hand"
"""Why the case is closed."""
LONGEST = 500
"""Characters of the link, if one is kept."""

_LINK = re.compile(r"https?://[^\s<>\"]{1,490}")
_UNDER_WAY = frozenset({DispatchState.SENDING, DispatchState.UNCERTAIN})


def good_link(link: str) -> bool:
    """Whether this is nothing, or an address that a browser opens."""
    return not link or bool(_LINK.fullmatch(link))


def answered(tx: Tx, house: House, case_id: int, *, link: str, user: Row, now: int) -> None:
    """Close a case because this person answered its newest post at the original; ``link`` leads there, or is "".

    Raises:
        Stale: the link is none, or a reply of ours may be there already.
        NotAllowed: the role forbids it.
    """
    if not good_link(link):
        raise Stale("A link begins with https:// and has no spaces; or leave it out.")
    case = cases.by_id(tx, case_id)
    mention = mentions.by_id(tx, case["latest_mention"]) if case is not None else None
    if case is None or mention is None:
        raise Stale("The post behind this case is gone.")
    if _UNDER_WAY & {DispatchState(row["state"]) for row in dispatches.to_post(tx, mention["canonical_key"])}:
        raise Stale("A reply may be there already. Look at the outbox, then say what you see.")
    acts.close(tx, house, case_id, reason=REASON, user=user, now=now)
    drafts.set_aside_for(tx, mention["id"], now)
    subject = house.keys.author(mention["platform"], mention["author_id"])
    proof = entries.commit(tx, "by_hand", subject, {"post": mention["canonical_key"], "link": link})
    fields: dict[str, entries.Value] = {"case": case_id, "platform": mention["platform"], "account": case["account"]}
    fields |= {"step": REASON, "answer": proof, "by": house.keys.staff(user["id"], now)}
    hand_answers.add(tx, mention, url=link, seq=entries.append(tx, EntryKind.ATTEST, fields, now), at=now)


def taken_back(tx: Tx, house: House, case_id: int, *, user: Row, now: int) -> None:
    """Nobody answered after all, or the answer is gone: the case opens again and may be answered from here.

    Raises:
        Stale: there is nothing to take back.
    """
    acts.need_role(user, Role.AGENT, Role.SENIOR)
    row = hand_answers.of_case(tx, case_id)
    if row is None or not hand_answers.remove(tx, row["id"]):
        raise Stale("Nothing stands here that was answered by hand.")
    fields: dict[str, entries.Value] = {"case": case_id, "step": "not answered by hand", "entry": row["seq"]}
    entries.append(tx, EntryKind.ATTEST, {**fields, "by": house.keys.staff(user["id"], now)}, now)
    cases.follow(tx, case_id, CaseState.NEW, now, user_id=user["id"], why="not_answered_by_hand")
