"""Solo shifts: a senior opens one with a fresh password, anybody ends it, others look at what was let pass alone."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from bot.desk import auth
from bot.desk.forms import once, reason
from bot.desk.i18n import lazy_gettext
from bot.desk.state import house, now, person, store, user
from bot.desk.words import language_code
from bot.gate.sentences import title
from bot.protect import solo as acts
from bot.store import shifts
from bot.store.db import Tx

solo = Blueprint("solo", __name__, url_prefix="/solo")

HOUR_MS = 3_600_000
HOURS = (2, 4, 6, 8, 10, 12)
"""How long a shift may last, to choose from; 12 is the most (``protect.solo``)."""

OUTCOMES = {
    "right": lazy_gettext("Right as it was"),
    "talk": lazy_gettext("Let us talk about it"),
    "wrong": lazy_gettext("Should not have left"),
}


@solo.get("")
def show() -> str:
    """The shift that is open or the form for one, what waits to be looked at, and the list of what was let pass."""
    return render_template(
        "solo.html",
        shift=shifts.open_solo(store(), now()),
        ends=[(hours, now() + hours * HOUR_MS) for hours in HOURS],
        usual=8,
        waiting=acts.waiting_for(store(), user()),
        passed=shifts.released_alone(store(), now() - shifts.KEPT_DAYS * shifts.DAY_MS),
        outcomes=OUTCOMES,
        rule=lambda rule: title(rule, language_code()),
        percent=house().config.roster.solo_review_percent,
        missing=request.args.get("missing") == "1",
    )


@solo.post("")
def begin() -> Response:
    """Open a solo shift; the password must be fresh."""
    someone, why, hours = person(), reason(), request.form.get("hours", 0, type=int)
    if someone is None or not auth.is_fresh(someone, now()):
        return redirect(url_for("door.confirm", next=url_for("solo.show")), 303)
    if not why or hours not in HOURS:
        return redirect(url_for("solo.show", missing=1), 303)

    def act(tx: Tx) -> str:
        until = now() + hours * HOUR_MS
        acts.begin(tx, house().keys, house().config, until=until, reason=why, user=user(), now=now())
        return url_for("solo.show", told="solo_began")

    return once(act)


@solo.post("/end")
def end() -> Response:
    """End it before its time."""

    def act(tx: Tx) -> str:
        acts.end(tx, house().keys, house().config, user=user(), now=now())
        return url_for("solo.show", told="solo_ended")

    return once(act)


@solo.post("/releases/<int:release_id>/review")
def review(release_id: int) -> Response:
    """Somebody else looked at what was let pass alone."""
    outcome = request.form.get("outcome", "")

    def act(tx: Tx) -> str:
        acts.review(tx, house().keys, release_id, outcome=outcome, user=user(), now=now())
        return url_for("solo.show", told="solo_reviewed")

    return once(act)
