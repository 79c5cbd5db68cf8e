"""The warning ladder: proposing and undoing warnings in a case, and the reviews of closed authors."""

from collections.abc import Callable

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk import ladder as shown
from bot.desk.forms import once, reason
from bot.desk.state import house, now, user
from bot.desk.views.case import address
from bot.model.ladder import Outcome
from bot.review import ladder as acts
from bot.store.db import Tx

ladder = Blueprint("ladder", __name__, url_prefix="/ladder")


@ladder.get("")
def show() -> str:
    """Closed authors with the reviews that are due."""
    return render_template("ladder.html", reviews=shown.reviews(), outcomes=shown.OUTCOMES)


def _in_case(case_id: int, told: str, act: Callable[[Tx], object]) -> Response:
    def acted(tx: Tx) -> str:
        act(tx)
        return address(case_id, told=told)

    return once(acted)


@ladder.post("/case/<int:case_id>/warn")
def warn(case_id: int) -> Response:
    """Propose the next warning."""
    return _in_case(case_id, "warned", lambda tx: acts.warn(tx, house(), case_id, user=user(), now=now()))


@ladder.post("/case/<int:case_id>/drop")
def drop(case_id: int) -> Response:
    """Take a proposed warning back."""
    return _in_case(case_id, "warning_dropped", lambda tx: acts.drop(tx, house(), case_id, user=user(), now=now()))


@ladder.post("/case/<int:case_id>/withdraw")
def withdraw(case_id: int) -> Response:
    """Undo the last warning with an apology."""
    why = reason()
    return _in_case(
        case_id, "withdrawn", lambda tx: acts.withdraw(tx, house(), case_id, reason=why, user=user(), now=now())
    )


@ladder.post("/case/<int:case_id>/reset")
def reset(case_id: int) -> Response:
    """Put the author back on the ground."""
    return _in_case(case_id, "ladder_reset", lambda tx: acts.reset(tx, house(), case_id, user=user(), now=now()))


@ladder.post("/case/<int:case_id>/appeal")
def appeal(case_id: int) -> Response:
    """Note that the author objects."""
    return _in_case(case_id, "appealed", lambda tx: acts.appeal(tx, house(), case_id, user=user(), now=now()))


@ladder.post("/review/<int:review_id>")
def vote(review_id: int) -> Response:
    """Say what a review comes to."""
    chosen = request.form.get("outcome", "")
    if chosen not in set(Outcome):
        abort(400)

    def acted(tx: Tx) -> str:
        acts.vote(tx, house(), review_id, outcome=Outcome(chosen), user=user(), now=now())
        return url_for("ladder.show", told="voted")

    return once(acted)


@ladder.post("/review/<int:review_id>/followed")
def followed(review_id: int) -> Response:
    """Note that what a review came to was done, and what it is called elsewhere."""
    receipt = request.form.get("receipt", "")

    def acted(tx: Tx) -> str:
        acts.followed(tx, house(), review_id, receipt=receipt, user=user(), now=now())
        return url_for("ladder.show", told="saved")

    return once(acted)
