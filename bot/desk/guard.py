"""The door of every request: known host, no foreign site behind a form, and one table of who may enter which room.

What the table does not name is closed to everyone. Roles are checked here and once more by the acts themselves.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, g, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from bot.desk import auth
from bot.desk.bad_day import WRITTEN_WHEN_BARE
from bot.desk.state import Desk, desk, now, store
from bot.errors import StoreFull
from bot.model import Role
from bot.model.room import Room
from bot.store import house as house_rows

MAX_BODY = 64 * 1024
"""Bytes of a request's body. The longest thing anyone sends is a reply."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

LIVE = "X-Earshot-Live"
"""Header of our own scripts: they want a status instead of the sign-in page."""

_ORDER = (Role.GUEST, Role.TRAINEE, Role.AGENT, Role.SENIOR)

ACCESS: Mapping[str, Role | None] = {
    "static": None,
    "door.sign_in": None,
    "door.enter": None,
    "square.show": None,
    "public.about": None,
    "public.verify": None,
    "door.sign_out": Role.GUEST,
    "door.confirm": Role.GUEST,
    "door.confirmed": Role.GUEST,
    "account.show": Role.GUEST,
    "account.save": Role.GUEST,
    "account.theme": Role.GUEST,
    "account.sign_out_everywhere": Role.GUEST,
    "rules.show": Role.GUEST,
    "rules.vouch": Role.SENIOR,
    "rules.withdraw": Role.SENIOR,
    "rules.lift": Role.SENIOR,
    "queue.show": Role.TRAINEE,
    "queue.changes": Role.TRAINEE,
    "case.show": Role.TRAINEE,
    "case.open_case": Role.TRAINEE,
    "case.let_go": Role.TRAINEE,
    "case.take_over": Role.AGENT,
    "case.close": Role.AGENT,
    "case.not_by_hand": Role.AGENT,
    "case.escalate": Role.TRAINEE,
    "case.change_lane": Role.AGENT,
    "case.opt_out": Role.AGENT,
    "case.lift_opt_out": Role.AGENT,
    "case.answer_once": Role.AGENT,
    "case.reveal": Role.TRAINEE,
    "case.recheck": Role.TRAINEE,
    "draft.save": Role.TRAINEE,
    "draft.hand_on": Role.TRAINEE,
    "draft.approve": Role.AGENT,
    "draft.reject": Role.SENIOR,
    "draft.release": Role.AGENT,
    "draft.show_panel": Role.TRAINEE,
    "draft.preview": Role.TRAINEE,
    "outbox.show": Role.AGENT,
    "outbox.cancel": Role.AGENT,
    "outbox.retry": Role.AGENT,
    "outbox.retract": Role.AGENT,
    "outbox.resolve": Role.SENIOR,
    "stop.show": Role.TRAINEE,
    "stop.begin": Role.TRAINEE,
    "stop.lift": Role.AGENT,
    "ledger.show": Role.AGENT,
    "ledger.entry": Role.AGENT,
    "ledger.why": Role.AGENT,
    "ledger.verify": Role.AGENT,
    "person.show": Role.SENIOR,
    "person.search": Role.SENIOR,
    "person.export": Role.SENIOR,
    "person.opt_out": Role.SENIOR,
    "person.opt_in": Role.SENIOR,
    "person.withdraw_opt_in": Role.SENIOR,
    "person.erase": Role.SENIOR,
    "care.show": Role.AGENT,
    "care.done": Role.AGENT,
    "care.rest": Role.TRAINEE,
    "care.go_on": Role.TRAINEE,
    "care.show_hotlines": Role.TRAINEE,
    "care.confirm": Role.AGENT,
    "care.insert": Role.AGENT,
    "evidence.show": Role.AGENT,
    "evidence.bundle": Role.AGENT,
    "evidence.preserve": Role.AGENT,
    "evidence.fetch": Role.AGENT,
    "evidence.hand_over": Role.AGENT,
    "evidence.police": Role.TRAINEE,
    "evidence.suspect": Role.AGENT,
    "escalations.show": Role.AGENT,
    "escalations.one": Role.AGENT,
    "escalations.take": Role.AGENT,
    "escalations.confirm": Role.AGENT,
    "escalations.figurative": Role.AGENT,
    "escalations.tell": Role.AGENT,
    "escalations.close": Role.AGENT,
    "escalations.no_report": Role.AGENT,
    "escalations.link": Role.AGENT,
    "escalations.concerns_me": Role.AGENT,
    "escalations.link_of_page": None,
    "escalations.acknowledge": None,
    "holds.show": Role.SENIOR,
    "holds.place": Role.SENIOR,
    "holds.approve": Role.SENIOR,
    "holds.extend": Role.SENIOR,
    "holds.end": Role.SENIOR,
    "ladder.show": Role.SENIOR,
    "ladder.warn": Role.AGENT,
    "ladder.drop": Role.AGENT,
    "ladder.withdraw": Role.AGENT,
    "ladder.reset": Role.SENIOR,
    "ladder.appeal": Role.AGENT,
    "ladder.vote": Role.SENIOR,
    "ladder.followed": Role.SENIOR,
    "incidents.show": Role.AGENT,
    "incidents.begin": Role.AGENT,
    "incidents.one": Role.AGENT,
    "incidents.open_one": Role.AGENT,
    "incidents.change": Role.AGENT,
    "incidents.end": Role.AGENT,
    "incidents.reopen": Role.AGENT,
    "incidents.take_out": Role.AGENT,
    "incidents.prepare": Role.AGENT,
    "incidents.batch": Role.AGENT,
    "incidents.leave_out": Role.AGENT,
    "incidents.approve": Role.AGENT,
    "incidents.cancel": Role.AGENT,
    "security.show": Role.AGENT,
    "security.one": Role.AGENT,
    "security.open_one": Role.AGENT,
    "security.reported": Role.AGENT,
    "security.warned": Role.AGENT,
    "security.close": Role.AGENT,
    "security.tell_customer": Role.AGENT,
    "handover.show": Role.TRAINEE,
    "handover.note": Role.TRAINEE,
    "handover.kept": Role.AGENT,
    "handover.leave": Role.TRAINEE,
    "solo.show": Role.AGENT,
    "solo.begin": Role.SENIOR,
    "solo.end": Role.AGENT,
    "solo.review": Role.AGENT,
    "weekly.show": Role.SENIOR,
    "weekly.export": Role.SENIOR,
    "monitoring.healthz": None,
    "monitoring.readyz": None,
    "monitoring.figures": None,
}
"""The least role that each endpoint asks for; ``None`` lets everyone in."""

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Sent with every answer, errors included."""


def install(app: Flask) -> None:
    """Put the guard before every request and its headers on every answer."""
    app.before_request(check)
    app.after_request(seal)


def check() -> BaseResponse | None:
    """Turn away what must not come in; otherwise note who is asking."""
    about = desk()
    if request.blueprint == "monitoring":
        # Machines ask by an address of their own choice, without a session: none of these pages rests on either.
        g.person = None
        return None
    if not known_host(request, about):
        abort(400)
    if request.method not in SAFE and not same_site(request):
        abort(403)
    if (request.content_length or 0) > MAX_BODY:
        abort(413)
    g.person = auth.recognise(request, about)
    if request.endpoint is None:
        return None
    if request.endpoint not in ACCESS:
        abort(403)
    return _enter(ACCESS[request.endpoint])


def _enter(least: Role | None) -> BaseResponse | None:
    someone = g.person
    if someone is not None and request.headers.get(LIVE) is None:
        auth.touch(store(), someone, now())
    if least is None:
        return None
    if someone is None:
        if request.headers.get(LIVE):
            abort(401)
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("door.sign_in", next=back if back != "/" else None), 303)
    if not opens(request.endpoint or "", someone.role):
        abort(403)
    need_room(request)
    return None


def need_room(request: Request) -> None:
    """With almost no room left only what protects people is written; everything else is turned away whole.

    Raises:
        StoreFull: this waits until there is room.
    """
    if request.method in SAFE or request.endpoint in WRITTEN_WHEN_BARE:
        return
    if house_rows.room(store()) is Room.BARE:
        raise StoreFull("There is almost no room left on the disk.")


def opens(endpoint: str, role: Role) -> bool:
    """Whether a role may enter an endpoint: what a page does not offer, it does not show."""
    least = ACCESS.get(endpoint, Role.SENIOR)
    return endpoint in ACCESS and (least is None or _ORDER.index(role) >= _ORDER.index(least))


def known_host(request: Request, about: Desk) -> bool:
    """Whether the Host header names one of our own names; a foreign one would poison links and cookies."""
    return (urlsplit(f"//{request.host}").hostname or "") in about.hosts


def same_site(request: Request) -> bool:
    """Whether a changing request comes from our own pages.

    Browsers say so in Sec-Fetch-Site; older ones send Origin, which must be our own host. What sends
    neither is no browser that anyone signs in with.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == request.host


def local(path: str) -> str:
    """``path`` if it leads to a page of ours, else the front page."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if inside else "/"


def seal(response: Response) -> Response:
    """Put the security headers on an answer; pages are never kept by anyone."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
