"""One case: its thread, its reasons, and what a person may do with it."""

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk import casefile, page, shield
from bot.desk.forms import filters, once
from bot.desk.state import house, now, store, user
from bot.desk.views.queue import asked, listing
from bot.model import Lane
from bot.protect.holds import note_read
from bot.review import acts, by_hand, care, outgoing
from bot.store import cases, holds, mentions, status
from bot.store.db import Row, Tx

case = Blueprint("case", __name__, url_prefix="/case/<int:case_id>")

FLAGS = frozenset({Lane.THREAT, Lane.CRISIS})
"""Lanes that a person's flag leads to."""


@case.get("")
def show(case_id: int) -> str:
    """The case, with its list beside it. Who reads one under a legal hold leaves an entry (P-13)."""
    if holds.of_case(store(), case_id, now()) is not None:
        with store().write() as tx:
            note_read(tx, house().keys, case_id, user=user(), now=now())
    return page_of(case_id)


def page_of(case_id: int, *, mine: str | None = None, no_link: str = "") -> str:
    """The page of a case; ``mine`` is a reply that could not be saved because somebody else saved another.

    ``no_link`` is what somebody gave as the address of their answer and what is none.
    """
    row = _row(case_id)
    known = asked() if filters(request.args).args() else filters(request.args.copy() | {"lane": row["lane"]})
    return render_template(
        "desk.html",
        listing=listing(known),
        rail=page.rail(store()),
        file=casefile.read(row, unsaved=mine),
        unsaved=mine,
        no_link=no_link,
    )


def _row(case_id: int) -> Row:
    row = cases.by_id(store(), case_id)
    if row is None:
        abort(404)
    return row


def address(case_id: int, **more: object) -> str:
    """The address of a case with the list's filters and the open step of its shield."""
    level = request.args.get("level", "")
    return url_for("case.show", case_id=case_id, **filters(request.args).args(level=level, **more))


def list_address(**more: object) -> str:
    """The address of the list with its filters."""
    return url_for("queue.show", **filters(request.args).args(**more))


@case.post("/open")
def open_case(case_id: int) -> Response:
    """Take the case."""

    def act(tx: Tx) -> str:
        acts.open_case(tx, house(), case_id, user(), now())
        return address(case_id)

    return once(act)


@case.post("/take-over")
def take_over(case_id: int) -> Response:
    """Step in where a colleague is at work, no reason asked."""

    def act(tx: Tx) -> str:
        acts.take_over(tx, house(), case_id, user(), now())
        return address(case_id, told="taken_over")

    return once(act)


@case.post("/let-go")
def let_go(case_id: int) -> Response:
    """Give the case back, no reason asked."""

    def act(tx: Tx) -> str:
        acts.let_go(tx, case_id, user(), now())
        return list_address(told="let_go")

    return once(act)


@case.post("/close")
def close(case_id: int) -> Response | tuple[str, int]:
    """Close the case without a reply of ours; a person may have answered at the original."""
    why, link = request.form.get("reason", ""), request.form.get("link", "").strip()
    if why == by_hand.REASON and not by_hand.good_link(link):
        return page_of(case_id, no_link=link), 422

    def act(tx: Tx) -> str:
        if why == by_hand.REASON:
            by_hand.answered(tx, house(), case_id, link=link, user=user(), now=now())
            return list_address(told="by_hand")
        acts.close(tx, house(), case_id, reason=why, user=user(), now=now())
        return list_address(told="closed")

    return once(act)


@case.post("/not-by-hand")
def not_by_hand(case_id: int) -> Response:
    """Nobody answered at the original after all."""

    def act(tx: Tx) -> str:
        by_hand.taken_back(tx, house(), case_id, user=user(), now=now())
        return address(case_id, told="not_by_hand")

    return once(act)


@case.post("/escalate")
def escalate(case_id: int) -> Response:
    """Hand the case to the people who protect staff or who help in a crisis."""
    lane = _lane(FLAGS)

    def act(tx: Tx) -> str:
        acts.escalate(tx, house(), case_id, lane=lane, user=user(), now=now())
        return list_address(told="escalated")

    return once(act)


@case.post("/lane")
def change_lane(case_id: int) -> Response:
    """Correct where the case belongs."""
    lane = _lane(frozenset(Lane))

    def act(tx: Tx) -> str:
        acts.change_lane(tx, house(), case_id, lane=lane, user=user(), now=now())
        return address(case_id, lane=lane.value, told="moved")

    return once(act)


def _lane(allowed: frozenset[Lane]) -> Lane:
    asked_for = request.form.get("lane", "")
    if asked_for not in allowed:
        abort(400)
    return Lane(asked_for)


@case.post("/opt-out")
def opt_out(case_id: int) -> Response:
    """Do not write to this author any more."""

    def act(tx: Tx) -> str:
        outgoing.opt_out(tx, house(), case_id, user=user(), now=now())
        return address(case_id, told="opted_out")

    return once(act)


@case.post("/opt-out/lift")
def lift_opt_out(case_id: int) -> Response:
    """The author invited us again."""

    def act(tx: Tx) -> str:
        outgoing.lift_opt_out(tx, house(), case_id, user=user(), now=now())
        return address(case_id, told="opt_out_lifted")

    return once(act)


@case.post("/answer-once")
def answer_once(case_id: int) -> Response:
    """Answer this one post although the author opted out before."""

    def act(tx: Tx) -> str:
        outgoing.answer_once(tx, house(), case_id, user=user(), now=now())
        return address(case_id, told="answer_once")

    return once(act)


@case.post("/reveal")
def reveal(case_id: int) -> Response:
    """Open the next step of the shield; every step is counted in the case's history."""
    row, level = _row(case_id), request.form.get("level", 0, type=int)
    if level not in shield.EVENTS:
        abort(400)

    def act(tx: Tx) -> str:
        care.reveal(tx, house(), row, shield.EVENTS[level], user=user(), now=now())
        return url_for("case.show", case_id=case_id, **filters(request.args).args(level=level))

    return once(act)


@case.post("/recheck")
def recheck(case_id: int) -> Response:
    """Ask the worker to look at the post again."""
    row = _row(case_id)

    def act(tx: Tx) -> str:
        if mentions.by_id(tx, row["latest_mention"]) is not None:
            status.ask(tx, row["latest_mention"], now())
        return address(case_id, told="rechecked")

    return once(act)
