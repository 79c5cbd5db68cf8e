"""The reply: saving it, asking the gate, approving it, sending it back, releasing a hold."""

from collections.abc import Callable

from flask import Blueprint, abort, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk import panel
from bot.desk.forms import Filters, filters, once, reason, reply_text
from bot.desk.i18n import _
from bot.desk.state import house, now, store, user
from bot.desk.views.case import address, list_address, page_of
from bot.desk.words import clock_time
from bot.errors import Stale
from bot.lengths import length_on
from bot.model import Lane, Platform
from bot.protect import exposure
from bot.review import acts, training
from bot.review.open_incidents import folding
from bot.store import cases, drafts, queue
from bot.store.db import Row, Tx

draft = Blueprint("draft", __name__, url_prefix="/draft/<int:draft_id>")

LONGEST = 10_000
"""Code points that a draft may have while somebody writes it; the platform's own limit is far lower."""


def _row(draft_id: int) -> Row:
    row = drafts.by_id(store(), draft_id)
    if row is None:
        abort(404)
    return row


def _text() -> str:
    text = reply_text()
    if len(text) > LONGEST:
        abort(413)
    return text


def _version() -> int:
    return request.form.get("version", 0, type=int)


@draft.post("/save")
def save(draft_id: int) -> Response | tuple[str, int] | tuple[Response, int]:
    """Keep the words: as a form for everyone, or as a quiet request of our own script."""
    row, text = _row(draft_id), _text()
    if request.accept_mimetypes.best == "application/json":
        return _autosave(row, text)

    def act(tx: Tx) -> str:
        acts.save(tx, draft_id, version=_version(), text=text, user=user(), now=now())
        return address(row["case_id"], told="saved")

    try:
        return once(act)
    except Stale:
        return page_of(row["case_id"], mine=text), 409


def _autosave(row: Row, text: str) -> tuple[Response, int]:
    try:
        with store().write() as tx:
            version = acts.save(tx, row["id"], version=_version(), text=text, user=user(), now=now())
    except Stale:
        return jsonify(told=_("Not saved: somebody else changed the reply. Approve to compare.")), 409
    return jsonify(version=version, told=_("Saved %(time)s", time=clock_time(now()))), 200


@draft.post("/approve")
def approve(draft_id: int) -> Response | tuple[str, int]:
    """Approve exactly this text. What leaves or is handed on makes room for the next case."""
    return _given(
        draft_id,
        lambda tx, version, text: acts.approve(
            tx, house(), draft_id, version=version, text=text, user=user(), now=now()
        ),
    )


@draft.post("/hand-on")
def hand_on(draft_id: int) -> Response | tuple[str, int]:
    """A trainee is done with this text: somebody else approves it, or does not."""
    return _given(
        draft_id,
        lambda tx, version, text: training.hand_on(
            tx, house(), draft_id, version=version, text=text, user=user(), now=now()
        ),
    )


def _given(draft_id: int, judge: Callable[[Tx, int, str], acts.Verdict]) -> Response | tuple[str, int]:
    """A text that somebody is done with. What leaves or is handed on makes room for the next case."""
    row, text = _row(draft_id), _text()
    case = cases.by_id(store(), row["case_id"])
    if case is not None and length_on(Platform(case["platform"]), text) > Platform(case["platform"]).longest:
        return page_of(row["case_id"], mine=text), 422

    def act(tx: Tx) -> str:
        verdict = judge(tx, _version(), text)
        if verdict.kind in {"queued", "waiting"}:
            return _next(tx, row["case_id"], verdict)
        return address(row["case_id"], told=verdict.kind)

    try:
        return once(act)
    except Stale:
        return page_of(row["case_id"], mine=text), 409


def _next(tx: Tx, case_id: int, verdict: acts.Verdict) -> str:
    """Take the next case of the same list and go there; without one back to the list."""
    told = {"told": verdict.kind, "dispatch": verdict.dispatch_id or ""}
    case = cases.by_id(tx, case_id)
    known = filters(request.args)
    if not known.args(page="") and case is not None:
        known = Filters(lane=Lane(case["lane"]))
    wanted = known.wanted(user()["id"], folding(tx, now()))
    closed = exposure.closed_lanes(tx, house().config, user(), now())
    following = queue.next_case(tx, wanted, now=now(), after=case_id, user_id=user()["id"], without=closed)
    if following is None:
        return url_for("queue.show", **known.args(**told))
    acts.open_case(tx, house(), following, user(), now())
    return url_for("case.show", case_id=following, **known.args(**told))


@draft.post("/reject")
def reject(draft_id: int) -> Response:
    """A second person sends the reply back to its author."""
    why = reason()

    def act(tx: Tx) -> str:
        acts.reject(tx, house(), draft_id, version=_version(), reason=why, user=user(), now=now())
        return list_address(told="rejected")

    return once(act)


@draft.post("/release")
def release(draft_id: int) -> Response:
    """Let one hold pass, with a reason."""
    row, rule, why = _row(draft_id), request.form.get("rule", ""), reason()

    def act(tx: Tx) -> str:
        acts.release(tx, house(), draft_id, rule=rule, reason=why, user=user(), now=now())
        return address(row["case_id"], told="released")

    return once(act)


@draft.get("/panel")
def show_panel(draft_id: int) -> str:
    """The consent panel alone, for the page to refresh itself."""
    return _panel(_row(draft_id), None)


@draft.post("/preview")
def preview(draft_id: int) -> str:
    """The consent panel for words that are not saved yet; writes nothing."""
    return _panel(_row(draft_id), _text())


def _panel(row: Row, text: str | None) -> str:
    shown = panel.of_draft(store(), house(), row["id"], user=user(), now=now(), text=text)
    return render_template("_gate.html", panel=shown, draft_id=row["id"], case_id=row["case_id"])
