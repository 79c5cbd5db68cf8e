"""Incidents: opening one by hand, changing and ending it, and answering its posts together."""

from collections.abc import Callable

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk import incidents as shown
from bot.desk.forms import once
from bot.desk.i18n import _
from bot.desk.refusals import in_words
from bot.desk.state import house, now, store, user
from bot.desk.views.case import address
from bot.errors import EarshotError, Stale
from bot.incidents import IncidentRefused, Kind
from bot.review import batches as batch_acts
from bot.review import open_incidents as acts
from bot.store import batches
from bot.store import incidents as rows
from bot.store.db import Row, Tx

incident_room = Blueprint("incidents", __name__, url_prefix="/incidents")

LONGEST = 4_000
"""Code points of a field; what an incident may hold is less."""


def _form() -> dict[str, str]:
    return {field: text.replace("\r\n", "\n")[:LONGEST] for field, text in request.form.items()}


def _version() -> int:
    return request.form.get("version", 0, type=int)


@incident_room.get("")
def show() -> str:
    """Every incident, those that count first."""
    listed = [(row, shown.title(row), *shown.state(row)) for row in rows.listed(store())]
    return render_template("incidents.html", listed=listed)


@incident_room.get("/new")
def begin() -> str:
    """The form that opens one. The topic of the gravest kind stands in it already."""
    urgent = house().config.triage.urgent_topics
    return _new({"kind": Kind.OUTAGE.value, "topic": urgent[0] if urgent else ""})


def _new(form: dict[str, str], fault: str = "") -> str:
    return render_template("incident_new.html", form=form, fault=fault, kinds=shown.KINDS, topics=shown.topics())


@incident_room.post("/new")
def open_one() -> Response | tuple[str, int]:
    """Open an incident; what is at fault is said beside the fields, and nothing that was written is lost."""

    def act(tx: Tx) -> str:
        incident_id = acts.open_incident(tx, house(), shown.read_form(_form()), user=user(), now=now())
        return url_for("incidents.one", incident_id=incident_id, told="incident_opened")

    try:
        return once(act)
    except IncidentRefused as refused:
        return _new(_form(), in_words(refused)), 422


def _row(incident_id: int) -> Row:
    row = rows.by_id(store(), incident_id)
    if row is None:
        abort(404)
    return row


@incident_room.get("/<int:incident_id>")
def one(incident_id: int) -> str:
    """One incident: what it covers, how many cases concern it, and what can be answered together."""
    return _page(_row(incident_id))


def _page(row: Row, *, form: dict[str, str] | None = None, fault: str = "") -> str:
    over = row["ended_at"] is not None
    ready = {kind: _ready(row, kind) for kind in ("answer", "fixed") if row["kind"] != Kind.STORM}
    return render_template(
        "incident.html",
        row=row,
        title=shown.title(row),
        state=shown.state(row),
        over=over,
        counts=rows.counts(store(), row["id"]),
        form=form or shown.form_of(row),
        fault=fault,
        kinds=shown.KINDS,
        topics=shown.topics(),
        ready=ready,
        batches=batches.of_incident(store(), row["id"]),
    )


def _ready(row: Row, kind: str) -> list[tuple[batch_acts.Answer, int]]:
    """The templates that fit, each with the number of posts that it would reach now."""
    if kind == "answer" and row["ended_at"] is not None:
        return []
    found = batch_acts.answers(house(), row, kind)
    counted = [(one, len(batch_acts.reachable(store(), house(), row, kind, one, now=now()))) for one in found]
    return [(one, count) for one, count in counted if count]


@incident_room.post("/<int:incident_id>")
def change(incident_id: int) -> Response | tuple[str, int]:
    """Write an incident anew."""
    row = _row(incident_id)

    def act(tx: Tx) -> str:
        written = shown.read_form(_form())
        acts.change(tx, house(), incident_id, written, version=_version(), user=user(), now=now())
        return url_for("incidents.one", incident_id=incident_id, told="incident_changed")

    try:
        return once(act)
    except IncidentRefused as refused:
        return _page(row, form=_form(), fault=in_words(refused)), 422
    except Stale:
        fault = _("Somebody else changed this incident meanwhile. Below stands what you wrote; look, and save again.")
        return _page(row, form=_form(), fault=fault), 409


def _moved(incident_id: int, told: str, move: Callable[..., None]) -> Response:
    def act(tx: Tx) -> str:
        move(tx, house(), incident_id, version=_version(), user=user(), now=now())
        return url_for("incidents.one", incident_id=incident_id, told=told)

    return once(act)


@incident_room.post("/<int:incident_id>/end")
def end(incident_id: int) -> Response:
    """It is over, or fixed."""
    return _moved(incident_id, "incident_ended", acts.end)


@incident_room.post("/<int:incident_id>/reopen")
def reopen(incident_id: int) -> Response:
    """It was not over."""
    return _moved(incident_id, "incident_reopened", acts.reopen)


@incident_room.post("/<int:incident_id>/case/<int:case_id>/out")
def take_out(incident_id: int, case_id: int) -> Response:
    """This case does not belong to it."""

    def act(tx: Tx) -> str:
        acts.take_out(tx, incident_id, case_id, user=user(), now=now())
        return address(case_id, told="taken_out")

    return once(act)


@incident_room.post("/<int:incident_id>/prepare")
def prepare(incident_id: int) -> Response | tuple[str, int]:
    """Write one answer for every post that it fits. Nothing is approved by that."""
    row, form = _row(incident_id), _form()
    gaps = dict(zip(request.form.getlist("gap-name"), request.form.getlist("gap"), strict=False))
    kind = "fixed" if form.get("kind") == "fixed" else "answer"

    def act(tx: Tx) -> str:
        template = form.get("template", "")
        batch_id = batch_acts.prepare(
            tx, house(), incident_id, kind=kind, template=template, gaps=gaps, user=user(), now=now()
        )
        return url_for("incidents.batch", batch_id=batch_id, told="batch_prepared")

    try:
        return once(act)
    except Stale as stale:
        return _page(row, fault=in_words(stale)), 409


@incident_room.get("/answers/<int:batch_id>")
def batch(batch_id: int) -> str:
    """One answer with all its posts: what would leave, or what became of it."""
    return _batch_page(batch_id)


def _batch_page(batch_id: int, fault: str = "") -> str:
    row = batches.by_id(store(), batch_id)
    if row is None:
        abort(404)
    incident, found = _row(row["incident_id"]), shown.results(store(), row)
    return render_template(
        "batch.html",
        row=row,
        incident=incident,
        title=shown.title(incident),
        results=found,
        sums=shown.sums(found),
        texts=list(dict.fromkeys(one.text for one in found)),
        per_hour=house().brand.batch_per_hour,
        mine=row["signed_by"] == user()["id"],
        fault=fault,
    )


def _on_batch(batch_id: int, act: Callable[[Tx], str]) -> Response | tuple[str, int]:
    """An act on an answer; what changed meanwhile is said on its page."""

    def acted(tx: Tx) -> str:
        return url_for("incidents.batch", batch_id=batch_id, told=act(tx))

    try:
        return once(acted)
    except EarshotError as refused:
        if not isinstance(refused, Stale):
            raise
        return _batch_page(batch_id, in_words(refused)), 409


@incident_room.post("/answers/<int:batch_id>/leave-out/<int:draft_id>")
def leave_out(batch_id: int, draft_id: int) -> Response | tuple[str, int]:
    """One post is not answered with the others."""

    def act(tx: Tx) -> str:
        batch_acts.leave_out(tx, batch_id, draft_id, version=_version(), user=user(), now=now())
        return "left_out"

    return _on_batch(batch_id, act)


@incident_room.post("/answers/<int:batch_id>/approve")
def approve(batch_id: int) -> Response | tuple[str, int]:
    """Approve exactly these texts for exactly these posts."""

    def act(tx: Tx) -> str:
        batch_acts.approve(tx, house(), batch_id, version=_version(), user=user(), now=now())
        approved = batches.by_id(tx, batch_id)
        return "batch_approved" if approved and approved["approved_at"] else "batch_signed"

    return _on_batch(batch_id, act)


@incident_room.post("/answers/<int:batch_id>/cancel")
def cancel(batch_id: int) -> Response | tuple[str, int]:
    """Withdraw all of it at once."""

    def act(tx: Tx) -> str:
        batch_acts.cancel(tx, house(), batch_id, version=_version(), user=user(), now=now())
        return "batch_cancelled"

    return _on_batch(batch_id, act)
