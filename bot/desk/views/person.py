"""What is held of one person: to tell them, to give it to them, to erase it. Seniors only; every look is an entry."""

import json

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from bot.desk import auth
from bot.desk.forms import once
from bot.desk.i18n import _
from bot.desk.state import house, now, person, store, user
from bot.errors import Stale
from bot.model import EntryKind, Platform
from bot.protect import access, erasure
from bot.review import outgoing
from bot.store import people
from bot.store.db import Tx

person_room = Blueprint("person", __name__, url_prefix="/person")

LONGEST_NAME = 200


@person_room.get("")
def show() -> str:
    """The search, and what is being erased."""
    return _page()


def _page(told: access.Told | None = None, *, trouble: str = "", searched: str = "") -> str:
    return render_template(
        "person.html",
        told=told,
        trouble=trouble,
        searched=searched,
        platform=request.form.get("platform", ""),
        platforms=[(platform.value, platform.label) for platform in Platform],
        jobs=people.open_erasures(store()),
    )


def _asked() -> tuple[str, str]:
    platform = request.form.get("platform", "")
    name = " ".join(request.form.get("name", "").split())[:LONGEST_NAME]
    if platform not in set(Platform):
        raise Stale("Choose a platform.")
    return platform, name


def _account() -> tuple[str, str | None]:
    platform, name = _asked()
    return platform, erasure.account(store(), platform, name) if name else None


@person_room.post("")
def search() -> str:
    """Say how much is held of an account, without its words."""
    try:
        platform, account = _account()
    except Stale as error:
        return _page(trouble=str(error), searched=request.form.get("name", ""))
    if account is None:
        told = _("Nothing is held of this account. If its name changed, search for its id on the platform.")
        return _page(trouble=told, searched=request.form.get("name", ""))
    with store().write() as tx:
        access.note(tx, house().keys, EntryKind.ACCESS, platform, account, user=user(), now=now())
    return _page(access.summary(store(), house().keys, platform, account, now()), searched=request.form.get("name", ""))


@person_room.post("/export")
def export() -> BaseResponse:
    """Everything that is held of an account, as a file for the person."""
    platform, account = _account()
    if account is None:
        raise Stale("Nothing is held of this account any more.")
    with store().write() as tx:
        access.note(tx, house().keys, EntryKind.EXPORT, platform, account, user=user(), now=now())
    told = access.export(store(), house().keys, platform, account, now())
    headers = {"Content-Disposition": f'attachment; filename="{platform}-account.json"'}
    return Response(json.dumps(told, ensure_ascii=False, indent=2), mimetype="application/json", headers=headers)


@person_room.post("/opt-out")
def opt_out() -> BaseResponse:
    """Do not write to this person any more."""
    platform, account = _account()

    def act(tx: Tx) -> str:
        outgoing.opt_out_account(tx, house(), platform, account or "", user=user(), now=now())
        return url_for("person.show", told="opted_out")

    return once(act)


@person_room.post("/erase")
def erase() -> BaseResponse:
    """Erase everything that is held of an account; the password must be fresh, and the box ticked."""
    someone = person()
    if someone is None or not auth.is_fresh(someone, now()):
        return redirect(url_for("door.confirm", next=url_for("person.show")), 303)
    platform, account = _account()
    if account is None or request.form.get("sure") != "1":
        raise Stale("Nothing was erased: the box was not ticked, or nothing is held any more.")

    def act(tx: Tx) -> str:
        erasure.ask(tx, house().keys, platform, account, user=user(), now=now())
        return url_for("person.show", told="erasing")

    return once(act)
