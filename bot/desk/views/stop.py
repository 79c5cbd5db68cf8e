"""Stop-all: anyone who may answer stops everything at once; two people, with fresh passwords, let it run again."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from bot.desk import auth
from bot.desk.forms import once, reason
from bot.desk.state import house, now, person, store
from bot.desk.state import user as me
from bot.review import outgoing
from bot.store import house as house_rows
from bot.store.db import Tx

stop = Blueprint("stop", __name__, url_prefix="/stop")


@stop.get("")
def show() -> str:
    """What stopping means, or who stopped and how it ends."""
    standing = house_rows.stop(store())
    asked_by_me = standing is not None and standing["first_release_by"] == me()["id"]
    return render_template("stop.html", asked_by_me=asked_by_me, missing=request.args.get("missing") == "1")


@stop.post("")
def begin() -> Response:
    """Stop everything that goes out."""
    why = reason()
    if not why:
        return redirect(url_for("stop.show", missing=1), 303)

    def act(tx: Tx) -> str:
        outgoing.stop(tx, house(), reason=why, user=me(), now=now())
        return url_for("stop.show")

    return once(act)


@stop.post("/lift")
def lift() -> Response:
    """Agree to lift the stop; the password must be fresh."""
    someone = person()
    if someone is None or not auth.is_fresh(someone, now()):
        return redirect(url_for("door.confirm", next=url_for("stop.show")), 303)

    def act(tx: Tx) -> str:
        lifted = outgoing.lift_stop(tx, house(), user=me(), now=now())
        return url_for("stop.show", told="lifted" if lifted else "lift_asked")

    return once(act)
