"""False helpers: the security cases, what to copy for the platform and for our timeline, and how each ended.

Seniors and the people whom protection.yaml names work here; for others the room is empty.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk import words
from bot.desk.forms import once
from bot.desk.i18n import _, lazy_gettext
from bot.desk.state import house, now, store, user
from bot.desk.text import name, visible
from bot.desk.thread import safe_url
from bot.protect import report_pack
from bot.protect import security as acts
from bot.review import warn_customer
from bot.store import cases, dispatches, mentions
from bot.store import security as rows
from bot.store.db import Row, Tx

security = Blueprint("security", __name__, url_prefix="/security")

OUTCOMES = {
    "taken_down": lazy_gettext("taken down"),
    "stays": lazy_gettext("the platform leaves it"),
    "no_false_helper": lazy_gettext("no false helper"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One security case in the list."""

    id: int
    kind: str
    handle: str
    platform: str
    opened_at: int
    signals: tuple[str, ...]
    reported: bool
    outcome: str


@security.get("")
def show() -> str:
    """Open security cases, the warning for our timeline, and what was closed lately."""
    allowed = acts.may_look(house().config, user())
    return render_template(
        "security.html",
        allowed=allowed,
        open_ones=_lines(closed=False) if allowed else [],
        closed_ones=_lines(closed=True) if allowed else [],
        warnings=[(code, report_pack.warning(house().brand, code)) for code in _own_first(words.language_code())],
    )


def _lines(*, closed: bool) -> list[Line]:
    return [
        Line(
            id=row["id"],
            kind=row["kind"],
            handle=name(row["author_handle"]),
            platform=words.platform(row["platform"]),
            opened_at=row["opened_at"],
            signals=report_pack.signals(row, words.language_code()),
            reported=row["reported_at"] is not None,
            outcome=str(OUTCOMES.get(row["outcome"], "")),
        )
        for row in rows.listed(store(), closed=closed)
    ]


def _needed(security_id: int) -> Row:
    """The row, for those who may see it; to others it does not exist."""
    row = rows.by_id(store(), security_id)
    if row is None or not acts.may_look(house().config, user()):
        abort(404)
    return row


@security.get("/<int:security_id>")
def one(security_id: int) -> str:
    """One security case with everything that is to be copied."""
    row = _needed(security_id)
    case = cases.by_id(store(), row["case_id"])
    if case is None:
        abort(404)
    customer = mentions.by_id(store(), row["customer_mention"]) if row["customer_mention"] else None
    post = mentions.by_id(store(), row["mention_id"]) if row["mention_id"] else None
    language = words.language_code()
    told = report_pack.pack(store(), house().brand, row, case)
    return render_template(
        "security_case.html",
        row=row,
        case=case,
        handle=name(case["author_handle"]),
        platform=words.platform(case["platform"]),
        post_url=safe_url(post["url"]) if post else "",
        posted_at=post["created_at"] if post else None,
        customer=customer,
        answered=customer is not None and dispatches.answered(store(), customer["id"]),
        where=told.where[language],
        signals=told.signals[language],
        reports=[(code, visible(told.report[code])) for code in _own_first(language) if code in told.report],
        warnings=[(code, told.warning[code]) for code in _own_first(language)],
        receipt=visible(row["receipt"]),
        outcomes=OUTCOMES,
        language_names={"de": _("German"), "en": _("English")},
    )


def _own_first(language: str) -> tuple[str, ...]:
    return tuple(sorted(report_pack.LANGUAGES, key=lambda code: code != language))


def _done(security_id: int, act: Callable[[Tx], object]) -> Response:
    _needed(security_id)

    def acted(tx: Tx) -> str:
        acts.need_security(house().config, user())
        act(tx)
        return url_for("security.one", security_id=security_id, told="saved")

    return once(acted)


def _version() -> int:
    return request.form.get("version", 0, type=int)


@security.post("/<int:security_id>/reported")
def reported(security_id: int) -> Response:
    """The platform was told."""
    receipt, version = request.form.get("receipt", ""), _version()
    return _done(
        security_id,
        lambda tx: acts.report(tx, house().keys, security_id, version=version, receipt=receipt, user=user(), now=now()),
    )


@security.post("/<int:security_id>/warned")
def warned(security_id: int) -> Response:
    """The warning stands on our own timeline."""
    version = _version()
    return _done(
        security_id,
        lambda tx: acts.warn(tx, house().keys, security_id, version=version, user=user(), now=now()),
    )


@security.post("/<int:security_id>/close")
def close(security_id: int) -> Response:
    """It is over."""
    outcome, version = request.form.get("outcome", ""), _version()
    return _done(
        security_id,
        lambda tx: acts.close(tx, house().keys, security_id, version=version, outcome=outcome, user=user(), now=now()),
    )


@security.post("/open/<int:case_id>")
def open_one(case_id: int) -> Response:
    """Somebody at the desk sees a false helper, or a report of one, that no detector saw."""
    kind = request.form.get("kind", "")

    def act(tx: Tx) -> str:
        acts.open_by_hand(tx, house().keys, case_id, kind, user=user(), now=now())
        return url_for("case.show", case_id=case_id, told="saved")

    return once(act)


@security.post("/<int:security_id>/customer")
def tell_customer(security_id: int) -> Response:
    """Prepare the warning in the customer's case; it goes out through the gate like any reply."""
    _needed(security_id)

    def act(tx: Tx) -> str:
        acts.need_security(house().config, user())
        return url_for("case.show", case_id=warn_customer.prepare(tx, house(), security_id, user=user(), now=now()))

    return once(act)
