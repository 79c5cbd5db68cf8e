"""The handover: what is in whose hands, what was promised, a word for the next shift. One button frees the leaver."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from bot.desk import shifts as shown
from bot.desk.forms import once
from bot.desk.state import now, store, user
from bot.errors import Stale
from bot.review import acts
from bot.store import batches, cases, shifts
from bot.store.db import Tx

handover = Blueprint("handover", __name__, url_prefix="/handover")

NOTE_DAYS = 3
"""So long a word for the next shift stands on the page: over a weekend."""

LONGEST_NOTE = 1000


@handover.get("")
def show() -> str:
    """Everything that the next shift needs, on one page that prints well."""
    held, me = shifts.claims(store(), now(), me=user()["id"]), user()["id"]
    return render_template(
        "handover.html",
        on_call=shown.on_call(),
        mine=[row for row in held if row["claimed_by"] == me],
        others=[row for row in held if row["claimed_by"] != me],
        promises=shifts.promises(store()),
        owed=batches.owed(store(), now()),
        notes=shifts.notes(store(), now() - NOTE_DAYS * shifts.DAY_MS),
        longest=LONGEST_NOTE,
        missing=request.args.get("missing", ""),
    )


@handover.post("/note")
def note() -> Response:
    """Leave a word for the next shift; with the number of a case it is a promise that stays open until it is kept."""
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n").strip()[:LONGEST_NOTE]
    number = request.form.get("case", "").strip()
    if not text:
        return redirect(url_for("handover.show", missing="text"), 303)
    case_id = int(number) if number.isdecimal() and len(number) <= 15 else None  # noqa: PLR2004 - SQLite counts no further
    if number and (case_id is None or cases.by_id(store(), case_id) is None):
        return redirect(url_for("handover.show", missing="case"), 303)

    def act(tx: Tx) -> str:
        shifts.add_note(tx, user_id=user()["id"], text=text, case_id=case_id, at=now())
        return url_for("handover.show", told="noted")

    return once(act)


@handover.post("/promises/<int:note_id>/kept")
def kept(note_id: int) -> Response:
    """What was promised is done."""

    def act(tx: Tx) -> str:
        if not shifts.keep_promise(tx, note_id, user_id=user()["id"], at=now()):
            raise Stale("This was done before.")
        return url_for("handover.show", told="promise_kept")

    return once(act)


@handover.post("/leave")
def leave() -> Response:
    """Give all of one's own cases back to the queue, each as with its own button."""

    def act(tx: Tx) -> str:
        for row in shifts.claims(tx, now(), me=user()["id"]):
            if row["claimed_by"] == user()["id"]:
                acts.let_go(tx, row["id"], user(), now())
        return url_for("handover.show", told="left")

    return once(act)
