"""Legal holds: which cases are kept as evidence, who asked and who approved, and when each is looked at again."""

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk.forms import once
from bot.desk.state import house, now, store, user
from bot.model.retention import LONGEST_HOLD_DAYS
from bot.protect import holds as acts
from bot.store import holds as rows
from bot.store.db import Tx

holds = Blueprint("holds", __name__, url_prefix="/holds")


@holds.get("")
def show() -> str:
    """The holds that have not ended, and the form for another."""
    return render_template(
        "holds.html",
        holds=rows.open_ones(store()),
        me=user()["id"],
        longest=LONGEST_HOLD_DAYS,
        case=request.args.get("case", type=int),
    )


def _done(act: Callable[[Tx], object]) -> Response:
    def acted(tx: Tx) -> str:
        act(tx)
        return url_for("holds.show", told="saved")

    return once(acted)


def _days() -> int:
    return request.form.get("days", 0, type=int)


@holds.post("")
def place() -> Response:
    """Ask for a hold on a case."""
    case_id, words = request.form.get("case", 0, type=int), request.form
    return _done(
        lambda tx: acts.place(
            tx,
            house().keys,
            case_id,
            classification=words.get("classification", ""),
            basis=words.get("basis", ""),
            days=_days(),
            user=user(),
            now=now(),
        )
    )


@holds.post("/<int:hold_id>/approve")
def approve(hold_id: int) -> Response:
    """Agree as the second person."""
    return _done(lambda tx: acts.approve(tx, house().keys, hold_id, user=user(), now=now()))


@holds.post("/<int:hold_id>/extend")
def extend(hold_id: int) -> Response:
    """It was reviewed and goes on."""
    return _done(lambda tx: acts.extend(tx, house().keys, hold_id, days=_days(), user=user(), now=now()))


@holds.post("/<int:hold_id>/end")
def end(hold_id: int) -> Response:
    """The evidence is not needed any more."""
    return _done(lambda tx: acts.end(tx, house().keys, hold_id, user=user(), now=now()))
