"""The warning ladder in words: where an author stands, what comes next, and why it may not. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.desk.i18n import _, lazy_gettext
from bot.desk.state import house, now, store, user
from bot.desk.text import name
from bot.model import Lane, Role
from bot.model.ladder import Bar, Ladder, Outcome, Rung, Step
from bot.protect import ladder as machine
from bot.review.incident import incident, newest_attack
from bot.store import dispatches, drafts, users
from bot.store import ladder as rows
from bot.store.db import Reader, Row

STEPS: Mapping[Step, str] = {
    Step.NONE: lazy_gettext("No warning"),
    Step.W1: lazy_gettext("First warning"),
    Step.W2: lazy_gettext("Second warning"),
    Step.W3: lazy_gettext("Third warning"),
    Step.CLOSED: lazy_gettext("No more replies"),
    Step.APOLOGY: lazy_gettext("Apology"),
}

BARS: Mapping[Bar, str] = {
    Bar.THREAT: lazy_gettext("A threat by this person is open. It goes before."),
    Bar.CRISIS: lazy_gettext("This person may be in need. Then nobody warns."),
    Bar.CLOSED: lazy_gettext("The last warning has been given."),
    Bar.STOPPED: lazy_gettext("All replies are stopped."),
    Bar.STORM: lazy_gettext("Many are angry about the same. Nobody warns meanwhile."),
    Bar.NOT_ABUSE: lazy_gettext("The case is not in the lane for abuse."),
    Bar.NOBODY_MEANT: lazy_gettext("No attack on a person was found. Anger at a product or at us is never warned."),
    Bar.NOT_ADDRESSED: lazy_gettext("The post does not address us."),
    Bar.PENDING: lazy_gettext("A warning is prepared already."),
    Bar.SAME_INCIDENT: lazy_gettext("Nothing new has happened since the last warning could be read."),
}

FOLLOWED = frozenset({Outcome.REPORT, Outcome.LEGAL})
"""Outcomes that ask somebody to do something."""
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.REOPEN: lazy_gettext("Reopen"),
    Outcome.STAY: lazy_gettext("Stay closed"),
    Outcome.REPORT: lazy_gettext("Report to the platform"),
    Outcome.LEGAL: lazy_gettext("Hand to legal"),
}

CAUSES: Mapping[str, str] = {
    "closed": lazy_gettext("after the third warning"),
    "appeal": lazy_gettext("the author objects"),
}


@dataclass(frozen=True, slots=True)
class RungView:
    """One warning in words. ``tone`` is "ok" for one that counts, "warn" for one on its way, else "quiet"."""

    title: str
    told: str
    at: int
    tone: str


@dataclass(frozen=True, slots=True)
class LadderView:
    """The panel of one case. ``following`` is the warning that could come; ``against`` says why it may not."""

    step: str
    rungs: tuple[RungView, ...]
    following: str
    against: tuple[str, ...]
    closed: bool
    pending: bool
    droppable: bool
    withdrawable: bool
    elsewhere: int | None
    resettable: bool
    appealable: bool
    review_due: int | None
    lapses_at: int | None


@dataclass(frozen=True, slots=True)
class Vote:
    """Who voted what in a review."""

    initials: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One line of the page of closed authors.

    ``review``: number of the open one; ``why_not``: why no vote is asked; ``to_follow``: number of the decided one that
    asks for something which nobody has done.
    """

    case_id: int | None
    handle: str
    platform: str
    closed_at: int | None
    review: int | None
    cause: str
    due_at: int | None
    votes: tuple[Vote, ...]
    why_not: str
    outcome: str
    decided_at: int | None
    to_follow: int | None
    receipt: str


def of_case(reader: Reader, row: Row) -> LadderView | None:
    """The panel for a case; None where nobody is warned and there is no reason to."""
    key = house().keys.author(row["platform"], row["author_id"])
    known, held = rows.of_author(reader, key), rows.row_of(reader, key)
    if row["lane"] != Lane.ABUSE and not known.rungs:
        return None
    step, false = machine.step_of(known, now()), machine.false_step(known)
    waiting, closed = machine.pending(known), step is Step.CLOSED
    review = rows.open_review(reader, held["id"]) if held else None
    ours = false is not None and false.case_id == row["id"]
    mine = false is not None and false.proposed_by == user()["id"]
    open_case = row["claimed_by"] in {None, user()["id"]} or row["claimed_until"] <= now()
    counting = machine.counting(known)
    return LadderView(
        step=str(STEPS[step]),
        rungs=tuple(_rungs(reader, known)),
        following="" if closed else str(STEPS[machine.next_step(known, now())]),
        against=_against(reader, row, known),
        closed=closed,
        pending=waiting is not None,
        droppable=waiting is not None and waiting.case_id == row["id"] and open_case,
        withdrawable=ours and not mine and not closed and open_case,
        elsewhere=false.case_id if false is not None and not ours and not closed else None,
        resettable=bool(counting) and not closed and _may_judge(known),
        appealable=step is not Step.NONE and review is None,
        review_due=review["due_at"] if review else None,
        lapses_at=max(rung.incident_at for rung in counting) + machine.DECAY_MS if counting else None,
    )


def _may_judge(known: Ladder) -> bool:
    return user()["role"] == Role.SENIOR and machine.uninvolved(known, user()["id"])


def _against(reader: Reader, row: Row, known: Ladder) -> tuple[str, ...]:
    """Why no warning may be proposed in this case now; empty if one may."""
    mention = newest_attack(reader, house(), row)
    if mention is None:
        return (_("The post behind this case is gone."),)
    bars = machine.bars(known, incident(reader, house(), mention, row, now()), now())
    told = [str(BARS[bar]) for bar in bars]
    if Bar.SAME_INCIDENT not in bars and dispatches.answered(reader, mention["id"]):
        told.append(_("This post already has a reply."))
    if row["claimed_by"] not in {None, user()["id"]} and row["claimed_until"] > now():
        told.append(_("Somebody else works on this case."))
    return tuple(told)


def _rungs(reader: Reader, known: Ladder) -> list[RungView]:
    counting, told, number = machine.counting(known), [], 0
    for rung in known.rungs:
        number += rung in counting or rung.delivered_at is None
        title = str(STEPS[machine.WARNINGS[number - 1]]) if rung in counting else ""
        told.append(_rung(reader, rung, title or _step_of_draft(reader, rung), counts=rung in counting))
    return told


def _step_of_draft(reader: Reader, rung: Rung) -> str:
    draft = None if rung.draft_id is None else drafts.by_id(reader, rung.draft_id)
    return str(STEPS[Step(draft["step"])]) if draft else _("Warning")


def _rung(reader: Reader, rung: Rung, title: str, *, counts: bool) -> RungView:
    if rung.withdrawn_at is not None:
        return RungView(title, _("withdrawn"), rung.withdrawn_at, "quiet")
    if rung.delivered_at is None:
        by = users.by_id(reader, rung.proposed_by)
        return RungView(title, _("proposed by ^%(who)s", who=by["initials"] if by else ""), rung.proposed_at, "warn")
    told, tone = (_("in public"), "ok") if counts else (_("counts no more"), "quiet")
    return RungView(title, told, rung.delivered_at, tone)


def reviews() -> tuple[ReviewView, ...]:
    """Closed authors and open reviews, the next one due first."""
    reader = store()
    return tuple(_review(reader, row) for row in rows.under_review(reader, now()))


def _review(reader: Reader, row: Row) -> ReviewView:
    given: Sequence[Row] = rows.votes(reader, row["review_id"]) if row["review_id"] else ()
    return ReviewView(
        case_id=row["case_id"],
        handle=name(row["author_handle"]) if row["author_handle"] else "",
        platform=row["platform"],
        closed_at=row["closed_at"],
        review=row["review_id"],
        cause=str(CAUSES[row["cause"]]) if row["cause"] else "",
        due_at=row["due_at"],
        votes=tuple(Vote(each["initials"], str(OUTCOMES[Outcome(each["outcome"])])) for each in given),
        why_not=_why_no_vote(reader, row, given),
        outcome=str(OUTCOMES[Outcome(row["outcome"])]) if row["outcome"] else "",
        decided_at=row["decided_at"],
        to_follow=row["decided_id"] if row["outcome"] in FOLLOWED and row["done_at"] is None else None,
        receipt=row["receipt"] or "",
    )


def _why_no_vote(reader: Reader, row: Row, given: Sequence[Row]) -> str:
    found = rows.by_id(reader, row["id"])
    if found is None or not machine.uninvolved(found[1], user()["id"]):
        return _("You took part in one of the warnings. Somebody else decides.")
    if any(each["user_id"] == user()["id"] for each in given):
        return _("You have voted. A second senior must agree before anybody is answered again.")
    return ""


def event_words() -> dict[str, str]:
    """What the ladder's events are called in the history of a case."""
    return {
        "ladder_proposed": _("Warning proposed"),
        "ladder_dropped": _("Proposed warning taken back"),
        "ladder_delivered": _("Warning stands in public"),
        "ladder_closed": _("Closed after the third warning"),
        "ladder_withdrawn": _("Warning withdrawn"),
        "ladder_reset": _("Warnings reset"),
        "ladder_appeal": _("The author objects to the warning"),
        "taken_over": _("Taken over"),
    }
