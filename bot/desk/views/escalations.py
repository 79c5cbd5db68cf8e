"""Escalations: the list, the screen for the moment of danger, and what people do there. And the acknowledge link."""

from collections.abc import Callable
from datetime import date, datetime

from flask import Blueprint, abort, current_app, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from bot.desk import alarms as shown
from bot.desk import auth
from bot.desk.forms import once, reason
from bot.desk.state import desk, house, now, store, user, zone
from bot.errors import Stale
from bot.model import AlarmKind
from bot.protect import duty, escalation, paging
from bot.protect.oncall import unpaged
from bot.store import alarms, pages
from bot.store.db import Tx

escalations = Blueprint("escalations", __name__)

ENDED = 30
"""Escalations that are over, on the list."""


@escalations.get("/escalations")
def show() -> str:
    """Every open escalation, the last ones that ended, and the reader's own deadlines."""
    return render_template(
        "escalations.html",
        shown=shown,
        open=alarms.listed(store(), ended=False, limit=200),
        ended=alarms.listed(store(), ended=True, limit=ENDED),
        requests=alarms.requests_of(store(), user()["id"]),
        unnamed=[str(shown.KINDS[AlarmKind(kind)]) for kind in unpaged(house().config, now())],
        sections={section: name for section, name, _ in shown.hints()},
    )


@escalations.get("/escalations/<int:escalation_id>")
def one(escalation_id: int) -> str:
    """One escalation: whom to call, what is to be decided, what was done when."""
    row = alarms.by_id(store(), escalation_id)
    if row is None:
        abort(404)
    file = shown.read(store(), row, user())
    return render_template("escalation.html", file=file, shown=shown, hints=shown.hints(), today=_today())


def _today() -> date:
    return datetime.fromtimestamp(now() / 1000, zone()).date()


def _done(escalation_id: int, told: str, act: Callable[[Tx], object]) -> Response:
    def acted(tx: Tx) -> str:
        act(tx)
        return url_for("escalations.one", escalation_id=escalation_id, told=told)

    return once(acted)


def _version() -> int:
    return request.form.get("version", -1, type=int)


@escalations.post("/escalations/<int:escalation_id>/take")
def take(escalation_id: int) -> Response:
    """Look after it; nobody else is paged."""
    keys = house().keys
    return _done(escalation_id, "taken", lambda tx: escalation.take(tx, keys, escalation_id, user=user(), now=now()))


@escalations.post("/escalations/<int:escalation_id>/confirm")
def confirm(escalation_id: int) -> Response:
    """It is a threat."""
    return _done(
        escalation_id,
        "confirmed",
        lambda tx: escalation.confirm(tx, house().keys, escalation_id, version=_version(), user=user(), now=now()),
    )


@escalations.post("/escalations/<int:escalation_id>/figurative")
def figurative(escalation_id: int) -> Response:
    """It is a figure of speech."""
    return _done(
        escalation_id,
        "figurative",
        lambda tx: escalation.figurative(tx, house().keys, escalation_id, version=_version(), user=user(), now=now()),
    )


@escalations.post("/escalations/<int:escalation_id>/told")
def tell(escalation_id: int) -> Response:
    """Somebody was told."""
    target, receipt = request.form.get("target", ""), request.form.get("receipt", "")
    return _done(
        escalation_id,
        "saved",
        lambda tx: escalation.report(
            tx, house().keys, escalation_id, target, receipt=" ".join(receipt.split()), user=user(), now=now()
        ),
    )


@escalations.post("/escalations/<int:escalation_id>/close")
def close(escalation_id: int) -> Response:
    """Everybody who had to know does."""
    return _done(
        escalation_id,
        "closed",
        lambda tx: duty.reported(tx, house().keys, escalation_id, version=_version(), user=user(), now=now()),
    )


@escalations.post("/escalations/<int:escalation_id>/no-report")
def no_report(escalation_id: int) -> Response:
    """One of two people who agree that nothing is reported."""
    why = reason()
    return _done(
        escalation_id,
        "saved",
        lambda tx: duty.no_report(
            tx, house().keys, escalation_id, version=_version(), reason=why, user=user(), now=now()
        ),
    )


@escalations.post("/escalations/<int:escalation_id>/link")
def link(escalation_id: int) -> Response:
    """Another case is of the same author."""
    case_id = request.form.get("case", 0, type=int)
    return _done(
        escalation_id,
        "linked",
        lambda tx: escalation.link(tx, house().keys, escalation_id, case_id, user=user(), now=now()),
    )


@escalations.post("/escalations/<int:escalation_id>/concerns-me")
def concerns_me(escalation_id: int) -> Response:
    """The reader is the person whom it concerns: until when may they ask for prosecution?"""
    try:
        known_on = date.fromisoformat(request.form.get("known_on", ""))
    except ValueError:
        raise Stale("Write the day on which you learned of it.") from None
    if not date(2020, 1, 1) <= known_on <= _today():
        raise Stale("Write the day on which you learned of it.")
    section = request.form.get("section", "")

    def act(tx: Tx) -> str:
        duty.concerns_me(tx, escalation_id, section=section, known_on=known_on, user=user(), now=now())
        return url_for("escalations.show", told="saved")

    return once(act)


@escalations.get("/ack/<token>")
def link_of_page(token: str) -> str | tuple[str, int]:
    """What the link in a page shows, without signing in: which alarm, in whose hands, and a button. It says no more."""
    if _rings_too_often():
        abort(429)
    page = pages.by_token(store(), paging.token_hash(token), now())
    if page is None:
        return render_template("ack.html", page=None, token="", rows=(), shown=shown), 404
    rows = pages.escalations_of(store(), page["id"])
    return render_template("ack.html", page=page, token=token, rows=rows, reader=store(), shown=shown)


@escalations.post("/ack/<token>")
def acknowledge(token: str) -> Response:
    """The person who was paged looks after it."""
    if _rings_too_often():
        abort(429)
    with store().write() as tx:
        paging.acknowledge(tx, token, now())
    return redirect(url_for("escalations.link_of_page", token=token), 303)


def _rings_too_often() -> bool:
    """Tries an address and minute, as at the door: nobody guesses tokens, and nobody burdens the desk with it."""
    bell: auth.Doorbell = current_app.extensions["earshot-doorbell"]
    return bell.rings_too_often(f"ack:{request.remote_addr}", desk().clock.now())
