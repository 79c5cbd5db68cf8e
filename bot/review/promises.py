"""What a reply of ours that stands in public has promised: one more to the same post, within 14 days (C-10)."""

from bot.model.retention import DAY_MS
from bot.review.house import House
from bot.store import batches, drafts
from bot.store.db import Tx

KEPT_MS = 14 * DAY_MS
"""A promised second reply may go this long after the first (consent rules, section 0, C-10)."""


def sent(tx: Tx, house: House, *, draft_id: int, dispatch_id: int, now: int) -> None:
    """A reply stands in public. If its template promises to write again, that is remembered with the incident.

    Called in the transaction that records the receipt. Nothing here may fail: the words are out.
    """
    draft = drafts.by_id(tx, draft_id)
    known = {template.template for template in house.config.templates if template.promises}
    if draft is not None and draft["template"] in known:
        incident = batches.incident_of_case(tx, draft["case_id"], draft_id)
        batches.promise(tx, dispatch_id, incident, now + KEPT_MS)
