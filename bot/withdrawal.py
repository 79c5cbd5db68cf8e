"""A post or a case changed: unsent replies, approvals and open pages come back, and words that are public no more go.

Every reply that does not leave for such a reason, and every post that goes, has its entry in the ledger.
"""

from collections.abc import Iterable

from bot.ledger import entries
from bot.model import EntryKind, Platform, Visibility
from bot.model.retention import HOUR_MS, keeping
from bot.store import cases, drafts, holds, mentions, upkeep
from bot.store.db import Row, Tx

KEPT = "kept_for_hold"
"""Event of a case whose post is gone, while a legal hold keeps its words (P-13)."""


def withdraw(tx: Tx, case_id: int, at: int, *, cause: str = "post_changed") -> None:
    """Call back what is queued for a case and void what was approved; drafts get a new version.

    The new version makes pages stale that still show the case as it was before.
    """
    log_called_back(tx, drafts.reopen(tx, case_id, at, cause=cause), at, cause=cause)


def log_called_back(tx: Tx, dispatch_ids: Iterable[int], at: int, *, cause: str) -> None:
    """One entry for each approved reply that was called back before it left."""
    for dispatch_id in dispatch_ids:
        fields: dict[str, entries.Value] = {"dispatch": dispatch_id, "result": "cancelled", "cause": cause}
        entries.append(tx, EntryKind.SEND_RESULT, fields, at)


def take_out(tx: Tx, row: Row, visibility: Visibility, at: int, *, cause: str) -> None:
    """The post in ``row`` is not for everyone any more: erase its words, and whatever was approved for it comes back.

    ``cause`` ("gone", "unanswered") says how we know. The deletion is closed later, when the words stand nowhere else.
    """
    if holds.of_case(tx, row["case_id"], at) is None:
        mentions.hide(tx, row["id"], visibility)
        tx.keep("gone", row["canonical_key"])
        hours = keeping(Platform(row["platform"])).lost_ms // HOUR_MS
        upkeep.notice_deletion(tx, row["id"], at=at, hours=hours)
        fields: dict[str, entries.Value] = {"step": "noticed", "noticed_at": at, "hours": hours}
        fields |= {"mention": row["id"], "platform": row["platform"], "cause": cause}
        entries.append(tx, EntryKind.DELETION, fields, at)
    elif row["visibility"] == visibility:
        return  # it is marked already
    else:
        mentions.set_visibility(tx, row["id"], visibility)
        cases.note(tx, row["case_id"], KEPT, at)
    cases.wake(tx, row["case_id"], at, fresh=False)
    withdraw(tx, row["case_id"], at)
