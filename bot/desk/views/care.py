"""Looking after people: debriefs and reviews after a crisis, breaks, hotlines and their cards."""

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk import care as shown
from bot.desk.forms import once, reply_text
from bot.desk.state import house, now, store, user
from bot.desk.views.case import address, page_of
from bot.desk.words import language_code
from bot.errors import Stale
from bot.model import Lane, Role
from bot.protect import debrief, exposure, hotlines
from bot.review import acts
from bot.store import care as rows
from bot.store import cases, drafts
from bot.store.db import Row, Tx

care = Blueprint("care", __name__)


@care.get("/care")
def show() -> str:
    """What is to be done after a crisis, and what everyone together read last week."""
    return render_template(
        "care.html",
        tasks=debrief.shown_to(store(), user()),
        may_finish=lambda task: debrief.may_finish(task, user()),
        me=user()["id"],
        week=exposure.last_week(store(), house().config, now()),
        least=exposure.LEAST_PEOPLE,
    )


@care.post("/care/tasks/<int:task_id>/done")
def done(task_id: int) -> Response:
    """A debrief or a review was done."""

    def act(tx: Tx) -> str:
        debrief.finish(tx, house().keys, task_id, user=user(), now=now())
        return url_for("care.show", told="cared_for")

    return once(act)


@care.post("/care/rest")
def rest() -> Response:
    """Take a break from hard texts; a case that is given along goes back to the queue."""
    case_id = request.form.get("case", 0, type=int)

    def act(tx: Tx) -> str:
        exposure.rest(tx, user()["id"], now())
        if case_id:
            acts.let_go(tx, case_id, user(), now())
        return url_for("queue.show", told="resting")

    return once(act)


@care.post("/care/go-on")
def go_on() -> Response:
    """End one's own break."""

    def act(tx: Tx) -> str:
        rows.end_rest(tx, user()["id"])
        return url_for("account.show")

    return once(act)


@care.get("/hotlines")
def show_hotlines() -> str:
    """Every card with its source, and whether it may leave."""
    language = language_code()
    known = hotlines.standings(store(), now())
    return render_template(
        "hotlines.html",
        cards=[(each, shown.view(each, language), _countries(each)) for each in known],
        countries=house().config.protection.hotline_countries,
        good_days=hotlines.GOOD_DAYS,
        place=0 if language == "de" else 1,
        confirms=user()["role"] == Role.SENIOR or bool(user()["trained"]),
    )


def _countries(each: hotlines.Standing) -> str:
    return ", ".join(str(shown.COUNTRIES[country]) for country in each.card.countries)


@care.post("/hotlines/<card_id>/confirm")
def confirm(card_id: str) -> Response:
    """I looked at the source: the numbers hold."""

    def act(tx: Tx) -> str:
        hotlines.confirm(tx, house().keys, card_id, user=user(), now=now())
        return url_for("care.show_hotlines", told="hotline_confirmed")

    return once(act)


@care.post("/draft/<int:draft_id>/card")
def insert(draft_id: int) -> Response | tuple[str, int]:
    """Put a hotline card into the reply, behind what is written already."""
    draft = drafts.by_id(store(), draft_id)
    case = None if draft is None else cases.by_id(store(), draft["case_id"])
    if case is None or case["lane"] != Lane.CRISIS:
        abort(404)
    text = _with_card(case)

    def act(tx: Tx) -> str:
        acts.save(tx, draft_id, version=request.form.get("version", 0, type=int), text=text, user=user(), now=now())
        return address(case["id"], told="saved", _anchor="reply")

    try:
        return once(act)
    except Stale:
        return page_of(case["id"], mine=text), 409


def _with_card(case: Row) -> str:
    language, asked = shown.reply_language(case), request.form.get("card", "")
    line = next((view.line for _, view in shown.views(store(), language) if view.id == asked and view.good), None)
    if line is None:
        abort(404)
    text = reply_text()
    return text if line in text else f"{text}\n{line}".strip()
