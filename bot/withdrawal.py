"""What was approved comes back, because the post or the case changed: unsent replies, approvals, and open pages.

Every reply that does not leave for such a reason has its entry in the ledger.
"""

from collections.abc import Iterable

from bot.ledger import entries
from bot.model import EntryKind
from bot.store import drafts
from bot.store.db import Tx


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
