"""Who may open and read what is hard to read, and what follows a crisis that somebody answered (E-11, W-04)."""

from typing import Literal

from bot.errors import Untrained
from bot.model import SHIELDED_LANES, AlarmKind, Lane
from bot.protect import alarm, debrief, exposure
from bot.review.house import House
from bot.store import alarms, care, cases
from bot.store.db import Reader, Row, Tx

Shown = Literal["shown_masked", "shown_words"]
"""The case event that counts a reveal."""


def need_fit(reader: Reader, house: House, case: Row, user: Row, now: int) -> None:
    """Refuse who may not open a case or read its wording now: crises without the training, hard texts past the budget.

    Raises:
        Untrained, Spent: so it is.
    """
    threat = alarms.of_case(reader, case["id"], AlarmKind.THREAT)
    exposure.need_fit(reader, house.config, case, user, acute=bool(threat and threat["acute"]), now=now)


def need_training(lane: Lane, user: Row) -> None:
    """Only trained people answer or close a crisis.

    Raises:
        Untrained: it is a crisis, and the person is not trained for one.
    """
    if lane is Lane.CRISIS and not user["trained"]:
        raise Untrained("Only a person trained for crises answers this case.")


def reveal(tx: Tx, house: House, case: Row, shown: Shown, *, user: Row, now: int) -> None:
    """Open a step of the shield. The case's history counts it; the wording counts into the person's day, too.

    Raises:
        Untrained, Spent: not this person, or not today.
    """
    need_fit(tx, house, case, user, now)
    cases.note(tx, case["id"], shown, now, user_id=user["id"])
    if shown == "shown_words" and (case["lane"] in SHIELDED_LANES or case["not_assessed"]):
        care.expose(tx, user["id"], now)


def answered(tx: Tx, case: Row, user: Row, now: int) -> None:
    """A reply to a crisis was approved by one person alone: nobody is paged any more, a debrief and a review open."""
    if case["lane"] == Lane.CRISIS:
        alarm.settle(tx, case["id"], AlarmKind.CRISIS, now)
        debrief.after_answer(tx, case["id"], user, now)


def free_untrained(tx: Tx, case_id: int, lane: Lane) -> None:
    """A case that became a crisis leaves the hands of who is not trained for one."""
    if lane is Lane.CRISIS:
        care.hand_to_trained(tx, case_id)


def closed(tx: Tx, case_id: int, lane: Lane, user: Row, now: int) -> None:
    """A crisis, or a threat of somebody in need, was closed without a reply."""
    if lane is Lane.CRISIS or alarms.of_case(tx, case_id, AlarmKind.CRISIS) is not None:
        alarm.settle(tx, case_id, AlarmKind.CRISIS, now)
        debrief.after_close(tx, case_id, user, now)
