"""The rules: every one with its reach and its figures; seniors vouch for what a platform does not tell."""

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from bot.desk import auth, rulebook
from bot.desk.forms import once
from bot.desk.state import house, now, person, user
from bot.model import Platform
from bot.review import attest
from bot.store.db import Tx

rules = Blueprint("rules", __name__, url_prefix="/rules")


@rules.get("")
def show() -> str:
    """All rules, the attestations in force, and places where replies rest."""
    return render_template(
        "rules.html",
        lines=rulebook.lines(),
        rests=rulebook.rests(),
        ruleset=house().ruleset,
        days=house().ruleset.limits.attested_days,
        missing=request.args.get("missing", ""),
        fresh=_password_is_fresh(),
    )


def _password_is_fresh() -> bool:
    someone = person()
    return someone is not None and auth.is_fresh(someone, now())


def _confirm(rule: str = "") -> Response:
    return redirect(url_for("door.confirm", next=url_for("rules.show", _anchor=rule or None)), 303)


@rules.post("/attest")
def vouch() -> Response:
    """Vouch for one rule in one place; the password must be fresh. Without words the field says so."""
    rule, place = request.form.get("rule", ""), request.form.get("where", "").partition(" ")
    if not _password_is_fresh():
        return _confirm(rule)
    said = request.form.get("statement", "").strip()
    if place[0] not in set(Platform):
        abort(400)
    if not said:
        return redirect(url_for("rules.show", missing=rule, _anchor=rule), 303)

    def act(tx: Tx) -> str:
        where, account = Platform(place[0]), place[2]
        attest.attest(tx, house(), rule=rule, platform=where, account=account, statement=said, user=user(), now=now())
        return url_for("rules.show", told="attested", _anchor=rule)

    return once(act)


@rules.post("/withdraw/<int:attestation_id>")
def withdraw(attestation_id: int) -> Response:
    """Take an attestation back."""

    def act(tx: Tx) -> str:
        attest.withdraw_attestation(tx, house(), attestation_id, user=user(), now=now())
        return url_for("rules.show", told="attestation_withdrawn")

    return once(act)


@rules.post("/lift/<int:stop_id>")
def lift(stop_id: int) -> Response:
    """Let replies go to a place again; the password must be fresh."""
    if not _password_is_fresh():
        return _confirm()

    def act(tx: Tx) -> str:
        attest.lift_place(tx, house(), stop_id, user=user(), now=now())
        return url_for("rules.show", told="place_lifted")

    return once(act)
