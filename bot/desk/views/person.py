"""What is held of one person: to tell them, to give it to them, to erase it. Seniors only; every look is an entry."""

import json
from datetime import UTC, datetime

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from bot.desk import auth
from bot.desk.forms import once
from bot.desk.i18n import _
from bot.desk.state import house, now, person, store, user
from bot.errors import Stale
from bot.model import EntryKind, Platform
from bot.model.retention import OPT_IN_DAYS
from bot.protect import access, erasure
from bot.review import opt_in as agreements
from bot.review import outgoing
from bot.store import people
from bot.store.db import Tx

person_room = Blueprint("person", __name__, url_prefix="/person")

LONGEST_NAME = 200


@person_room.get("")
def show() -> str:
    """The search, and what is being erased."""
    return _page()


def _page(told: access.Told | None = None, *, trouble: str = "", searched: str = "", refused: str = "") -> str:
    return render_template(
        "person.html",
        told=told,
        refused=refused,
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
    return platform, erasure.somebody(store(), house().brand, platform, name) if name else None


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


@person_room.post("/opt-in")
def opt_in() -> BaseResponse | str:
    """Record that this person agreed to be matched with what we know of them; what will not do stays in the form."""
    platform, account = _account()
    form = request.form

    def act(tx: Tx) -> str:
        given, said = _day(form.get("given", "")), form.get("evidence", "")
        agreements.record(tx, house(), platform, account or "", evidence=said, given_at=given, user=user(), now=now())
        return url_for("person.show", told="saved")

    try:
        return once(act)
    except Stale as error:
        told = access.summary(store(), house().keys, platform, account or "", now())
        return _page(told, searched=form.get("name", ""), refused=_why_not(error))


def _why_not(error: Stale) -> str:
    days = OPT_IN_DAYS
    told = {
        agreements.NO_PLACE: _(
            "Say where the agreement can be found: the form and its number, or the address of the post."
        ),
        agreements.NUMBERS: _(
            "Name the place of the agreement, not a customer number, an e-mail address or a phone number."
        ),
        agreements.WRONG_DAY: _(
            "It counts for %(n)s days from the day on which it was given, no later than today.", n=days
        ),
        agreements.OPTED_OUT: _(
            "This person wants no replies. Their agreement counts only once they invited us again."
        ),
    }
    return told.get(str(error), _("Nothing was recorded: it is on record already, or nothing is held any more."))


def _day(written: str) -> int:
    """Midnight UTC of a day as browsers write it."""
    try:
        return int(datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        raise Stale(agreements.WRONG_DAY) from None


@person_room.post("/opt-in/withdraw")
def withdraw_opt_in() -> BaseResponse:
    """The person takes the agreement back."""
    platform, account = _account()

    def act(tx: Tx) -> str:
        agreements.withdraw(tx, house(), platform, account or "", user=user(), now=now())
        return url_for("person.show", told="saved")

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
