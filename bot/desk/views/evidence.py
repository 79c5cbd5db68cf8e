"""The evidence room: every bundle, who had it in hand, and the acts that are logged. For seniors and trained people."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.desk import evidence as told
from bot.desk.forms import LONGEST_REASON, filters, once
from bot.desk.state import house, now, store, user
from bot.desk.text import visible
from bot.errors import EarshotError, Stale
from bot.model.evidence import Offence
from bot.protect.evidence import acts, shelf
from bot.protect.holds import may_keep
from bot.store import cases, mentions
from bot.store import evidence as rows
from bot.store.db import Tx

evidence_room = Blueprint("evidence", __name__)


def _for_keepers() -> None:
    """For everybody else these rooms are not there: the guard knows roles, and this takes training, too."""
    if not may_keep(user()):
        abort(404)


@evidence_room.get("/evidence")
def show() -> str:
    """All bundles, newest first."""
    _for_keepers()
    lines = [told.line_of(row, row["platform"], row["held"]) for row in rows.every(store(), now())]
    return render_template("evidence.html", lines=lines, lost=shelf.lost(shelf.folder_of(store().path)))


@evidence_room.get("/evidence/<int:evidence_id>")
def bundle(evidence_id: int) -> str:
    """One bundle: what it holds, and its custody log."""
    return _page(evidence_id)


def _page(evidence_id: int, *, spoilt: bool = False) -> str:
    _for_keepers()
    row = rows.by_id(store(), evidence_id)
    if row is None:
        abort(404)
    return render_template(
        "bundle.html",
        line=told.line_of(row, row["platform"]),
        custody=rows.custody(store(), evidence_id),
        steps=told.STEPS,
        public=house().keys.known[-1].hex(),
        spoilt=spoilt,
    )


@evidence_room.post("/case/<int:case_id>/evidence")
def preserve(case_id: int) -> BaseResponse:
    """Preserve what the case holds and what its platform shows now."""
    _for_keepers()
    offence = request.form.get("offence", "")
    if offence not in set(Offence):
        abort(400)

    def act(tx: Tx) -> str:
        acts.preserve(tx, house().keys, case_id, offence=Offence(offence), user=user(), now=now())
        return url_for("case.show", case_id=case_id, **filters(request.args).args(told="preserving"))

    return once(act)


@evidence_room.post("/evidence/<int:evidence_id>/copy")
def fetch(evidence_id: int) -> BaseResponse | tuple[str, int]:
    """A copy of a bundle to read it; each one is logged."""
    _for_keepers()
    try:
        body = acts.opened(store(), house().keys, evidence_id, user=user())
    except Stale:
        raise
    except EarshotError:
        return _page(evidence_id, spoilt=True), 409
    with store().write() as tx:
        acts.note_read(tx, house().keys, evidence_id, user=user(), now=now())
    headers = {"Content-Disposition": f'attachment; filename="evidence-{evidence_id}.zip"'}
    return Response(body, mimetype="application/zip", headers=headers)


@evidence_room.post("/evidence/<int:evidence_id>/hand-over")
def hand_over(evidence_id: int) -> BaseResponse:
    """Log that somebody outside got the bundle, and why."""
    _for_keepers()
    receiver, reason = (" ".join(request.form.get(name, "").split())[:LONGEST_REASON] for name in ("to", "reason"))

    def act(tx: Tx) -> str:
        acts.hand_over(tx, house().keys, evidence_id, receiver=receiver, reason=reason, user=user(), now=now())
        return url_for("evidence.bundle", evidence_id=evidence_id, told="handed_over")

    return once(act)


@evidence_room.get("/case/<int:case_id>/police")
def police(case_id: int) -> str:
    """Suspected pictures of abused children: what to do, and nothing else."""
    row = cases.by_id(store(), case_id)
    if row is None:
        abort(404)
    post = mentions.by_id(store(), row["latest_mention"])
    where = visible(post["canonical_key"]) if post else ""
    return render_template("police.html", row=row, where=where, marked=rows.forbidden(store(), case_id))


@evidence_room.post("/case/<int:case_id>/police")
def suspect(case_id: int) -> BaseResponse:
    """A person suspects pictures of abused children: nothing is kept, and media are hidden for good."""

    def act(tx: Tx) -> str:
        acts.suspect(tx, house().keys, case_id, user=user(), now=now())
        return url_for("evidence.police", case_id=case_id)

    return once(act)
