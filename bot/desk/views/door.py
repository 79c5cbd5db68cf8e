"""The door: signing in and out, and the password once more before a grave act."""

from flask import Blueprint, abort, current_app, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from bot.desk import auth
from bot.desk.guard import local
from bot.desk.state import desk, now, person, store

door = Blueprint("door", __name__)


@door.get("/sign-in")
def sign_in() -> str | Response:
    """The sign-in page; who is signed in already goes on."""
    if person() is not None:
        return redirect(local(request.args.get("next", "/")), 303)
    return render_template("signin.html", wrong=False, name="")


@door.post("/sign-in")
def enter() -> tuple[str, int] | Response:
    """Check name and password; a right pair begins a new session and ends the one that was there."""
    bell: auth.Doorbell = current_app.extensions["earshot-doorbell"]
    if bell.rings_too_often(request.remote_addr or "", now()):
        abort(429)
    name, someone = request.form.get("name", "")[:80], person()
    row = auth.check(store(), name, request.form.get("password", ""), now())
    if row is None:
        return render_template("signin.html", wrong=True, name=name), 401
    cookie = auth.begin(store(), row["id"], now(), replacing=someone.session if someone else "")
    response = redirect(local(request.form.get("next", "/")), 303)
    auth.give(response, cookie, desk())
    return response


@door.post("/sign-out")
def sign_out() -> Response:
    """End this session, here and in the database."""
    someone = person()
    if someone is not None:
        auth.end(store(), someone)
    response = redirect(url_for("door.sign_in"), 303)
    auth.forget(response, desk())
    return response


@door.get("/confirm")
def confirm() -> str:
    """Ask for the password again."""
    return render_template("confirm.html", wrong=False, next=local(request.args.get("next", "/")))


@door.post("/confirm")
def confirmed() -> tuple[str, int] | Response:
    """A right password begins the session anew, so that it counts as fresh for ten minutes."""
    someone, where = person(), local(request.form.get("next", "/"))
    bell: auth.Doorbell = current_app.extensions["earshot-doorbell"]
    if someone is None or bell.rings_too_often(request.remote_addr or "", now()):
        abort(429)
    row = auth.check(store(), someone.row["name"], request.form.get("password", ""), now())
    if row is None:
        return render_template("confirm.html", wrong=True, next=where), 401
    until = int(someone.row["expires_at"])
    cookie = auth.begin(store(), someone.id, now(), replacing=someone.session, until=until)
    response = redirect(where, 303)
    auth.give(response, cookie, desk())
    return response
