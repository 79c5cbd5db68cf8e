"""One's own account: how the desk looks and which keys it takes, and where one is signed in."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from bot.desk import auth, care
from bot.desk.guard import local
from bot.desk.state import desk, house, now, person, store, user
from bot.model import Role
from bot.store import users

account = Blueprint("account", __name__, url_prefix="/account")

THEMES = ("", "light", "dark")
LANGUAGES = ("", "de", "en")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One of the person's sessions."""

    since: int
    seen: int
    here: bool


@account.get("")
def show() -> str:
    """Preferences and sessions."""
    someone = person()
    sessions = [
        SignedIn(row["created_at"], row["seen_at"], someone is not None and row["id_hash"] == someone.session)
        for row in users.sessions_of(store(), user()["id"], now())
        if row["seen_at"] >= now() - auth.IDLE_MS
    ]
    return render_template(
        "account.html",
        sessions=sessions,
        initials=house().brand.signature.style == "caret",
        day=None if user()["role"] == Role.GUEST else care.of_day(store()),
    )


@account.post("")
def save() -> Response:
    """Keep the preferences."""
    theme, language = request.form.get("theme", ""), request.form.get("language", "")
    with store().write() as tx:
        users.set_team_signature(tx, user()["id"], on=request.form.get("team_signature") == "1")
        users.set_preferences(
            tx,
            user()["id"],
            shortcuts=request.form.get("shortcuts") == "1",
            theme=theme if theme in THEMES else "",
            language=language if language in LANGUAGES else "",
        )
    return redirect(url_for("account.show", told="preferences"), 303)


@account.post("/theme")
def theme() -> Response:
    """Only the theme: the button in every page's head."""
    me, wanted = user(), request.form.get("theme", "")
    with store().write() as tx:
        users.set_preferences(
            tx,
            me["id"],
            shortcuts=bool(me["shortcuts"]),
            theme=wanted if wanted in THEMES else "",
            language=me["language"],
        )
    return redirect(local(request.form.get("next", "/")), 303)


@account.post("/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    """End all sessions of this person, this one included."""
    with store().write() as tx:
        users.end_sessions(tx, user()["id"])
    response = redirect(url_for("door.sign_in"), 303)
    auth.forget(response, desk())
    return response
