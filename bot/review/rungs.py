"""What is written of a ladder and told to the ledger, whoever moves it; and what the delivery of a warning does."""

from zoneinfo import ZoneInfo

from bot.errors import Stale
from bot.ledger import entries
from bot.model import EntryKind
from bot.model.ladder import Ladder
from bot.protect import ladder as machine
from bot.review.house import House
from bot.review.incident import WARNING_STEPS
from bot.store import cases, drafts
from bot.store import ladder as rows
from bot.store.db import Row, Tx


def delivered(tx: Tx, house: House, draft_id: int, now: int) -> None:
    """A reply stands in public. If it was a warning its step counts; the third one closes its author, and review opens.

    Dispatch calls this in the transaction that records the receipt. Nothing here may fail: the words are out.
    """
    draft = drafts.by_id(tx, draft_id)
    if draft is None or draft["step"] not in WARNING_STEPS:
        return
    case, row = case_of(tx, draft["case_id"]), rows.of_draft(tx, draft_id)
    if row is None:
        return
    found = rows.by_id(tx, row["id"])
    if found is None:
        return
    was = found[1]
    approved = {approval["user_id"] for approval in drafts.approvals(tx, draft_id)}
    after = machine.deliver(was, draft_id, approved_by=approved, at=now)
    ladder_id = put(tx, house, case, after, now)
    log(tx, house, case, "delivered", user=None, now=now, warning=draft["step"])
    if after.closed_at is not None and was.closed_at is None:
        log(tx, house, case, "closed", user=None, now=now)
        if rows.open_review(tx, ladder_id) is None:  # an appeal that is open already goes on as the review
            begin_review(tx, house, ladder_id, cause="closed", by=None, now=now)


def case_of(tx: Tx, case_id: int) -> Row:
    """One case.

    Raises:
        Stale: it was erased.
    """
    case = cases.by_id(tx, case_id)
    if case is None:
        raise Stale("This case no longer exists.")
    return case


def put(tx: Tx, house: House, case: Row, after: Ladder, now: int) -> int:
    """Write the ladder of a case's author as it is now; returns its number."""
    key = house.keys.author(case["platform"], case["author_id"])
    return rows.put(tx, key, case["platform"], after, forget_at=machine.forget_at(after, now))


def begin_review(tx: Tx, house: House, ladder_id: int, *, cause: str, by: int | None, now: int) -> int:
    """Open a review, due in two working days of the brand's zone; returns its number."""
    holidays = house.config.protection.holidays
    due = machine.review_due(now, ZoneInfo(house.brand.timezone), holidays)
    return rows.begin_review(tx, ladder_id, cause=cause, at=now, by=by, due_at=due)


def log(tx: Tx, house: House, case: Row, step: str, *, user: Row | None, now: int, warning: str = "") -> None:
    """One LADDER entry and one line of the case's history. ``user`` is None where a delivery speaks, not a person."""
    key = house.keys.author(case["platform"], case["author_id"])
    author = entries.commit(tx, "author", key, {"author": case["author_id"], "platform": case["platform"]})
    fields: dict[str, entries.Value] = {"case": case["id"], "author": author, "step": step}
    if warning:
        fields["warning"] = warning
    if user is not None:
        fields["by"] = house.keys.staff(user["id"], now)
    entries.append(tx, EntryKind.LADDER, fields, now)
    cases.note(tx, case["id"], f"ladder_{step}", now, user_id=user["id"] if user else None, note=warning)
