"""The outbox: what is about to leave, what did not, what is uncertain, what is out there."""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk import page, reasons, words
from bot.desk.forms import filters, once, reason
from bot.desk.state import house, now, store, user
from bot.desk.text import Piece, cut, marked, name
from bot.desk.thread import safe_url
from bot.model import DispatchState
from bot.review import outgoing
from bot.store import dispatches, queue
from bot.store.db import Row, Tx

outbox = Blueprint("outbox", __name__, url_prefix="/outbox")

MOST = 100
"""Replies shown on one tab."""

SHORT = 600


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One reply. ``left`` counts whole seconds to its departure; ``headline`` and ``sentence`` say why it did not."""

    id: int
    case_id: int
    handle: str
    platform: str
    lane: str
    pieces: tuple[Piece, ...]
    state: str
    state_words: str
    left: int
    whole: int
    due_at: int
    approved: tuple[tuple[str, int], ...]
    headline: str
    sentence: str
    delay: str
    denied: bool
    held: bool
    sent_at: int | None
    url: str
    retractable: bool


@outbox.get("")
def show() -> str:
    """One tab of the outbox."""
    tab = request.args.get("show", "leaving")
    if tab not in page.OUTBOX_TABS:
        abort(404)
    rows = dispatches.in_state(store(), *page.OUTBOX_TABS[tab], limit=MOST)
    if tab == "leaving":
        rows.sort(key=lambda row: (row["due_at"], row["id"]))
    approved = queue.approvers(store(), [row["draft_id"] for row in rows])
    lines = [_outgoing(row, approved.get(row["draft_id"], [])) for row in rows]
    return render_template("outbox.html", tab=tab, lines=lines, countdown=house().brand.countdown_seconds)


def _outgoing(row: Row, approved: list[Row]) -> Outgoing:
    headline, sentence = reasons.cause_words(row["cause"])
    named = reasons.rule_and_code(row["cause"])
    whole = max(1, house().brand.countdown_seconds)
    left = max(0, -(-(row["due_at"] - now()) // 1000))
    state = DispatchState(row["state"])
    return Outgoing(
        id=row["id"],
        case_id=row["case_id"],
        handle=name(row["author_handle"]),
        platform=words.platform(row["platform"]),
        lane=row["lane"],
        pieces=tuple(marked(cut(row["text"], SHORT)[0], [])),
        state=state.value,
        state_words=str(words.DISPATCHES[state]),
        left=left,
        whole=max(whole, left),
        due_at=row["due_at"],
        approved=tuple((one["initials"], one["at"]) for one in approved),
        headline=headline,
        sentence=sentence,
        delay=reasons.delay_words(row["cause"]),
        denied=named is not None and named[0] in {"C-07", "C-08", "C-18"},
        held=row["cause"] == reasons.HELD,
        sent_at=row["sent_at"],
        url=safe_url(row["remote_url"]),
        retractable=state is DispatchState.SENT and bool(row["remote_id"]),
    )


def _case_of(dispatch_id: int) -> int:
    row = dispatches.by_id(store(), dispatch_id)
    if row is None:
        abort(404)
    return int(row["case_id"])


@outbox.post("/<int:dispatch_id>/cancel")
def cancel(dispatch_id: int) -> Response:
    """Take a reply back while it counts down; its draft opens again in the case."""
    case_id = _case_of(dispatch_id)

    def act(tx: Tx) -> str:
        outgoing.cancel(tx, house(), dispatch_id, user=user(), now=now())
        return url_for("case.show", case_id=case_id, **filters(request.args).args(told="cancelled"))

    return once(act)


@outbox.post("/<int:dispatch_id>/retry")
def retry(dispatch_id: int) -> Response:
    """Open the draft of a reply that did not leave; it needs a new approval."""
    case_id = _case_of(dispatch_id)

    def act(tx: Tx) -> str:
        outgoing.retry(tx, dispatch_id, user=user(), now=now())
        return url_for("case.show", case_id=case_id)

    return once(act)


@outbox.post("/<int:dispatch_id>/retract")
def retract(dispatch_id: int) -> Response:
    """Take back a reply of ours that is out there."""
    why = reason()
    _case_of(dispatch_id)

    def act(tx: Tx) -> str:
        outgoing.retract(tx, house(), dispatch_id, reason=why, user=user(), now=now())
        return url_for("outbox.show", show="sent", told="retracting")

    return once(act)


@outbox.post("/<int:dispatch_id>/resolve")
def resolve(dispatch_id: int) -> Response:
    """Somebody looked at the platform and says whether an uncertain reply is there."""
    seen = request.form.get("seen", "")
    if seen not in {"yes", "no"}:
        abort(400)
    _case_of(dispatch_id)

    def act(tx: Tx) -> str:
        outgoing.resolve(tx, house(), dispatch_id, sent=seen == "yes", user=user(), now=now())
        return url_for("outbox.show", show="sent" if seen == "yes" else "failed", told="resolved")

    return once(act)
