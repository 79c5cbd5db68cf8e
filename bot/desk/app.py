"""Builds the desk: rooms, guard, languages, and plain pages for everything that goes wrong."""

import logging
from collections.abc import Callable, Collection
from pathlib import Path

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy

from bot.desk import auth, forms, guard, page, reasons, state, words
from bot.desk.state import LOOPBACK, Desk
from bot.desk.views.account import account
from bot.desk.views.care import care
from bot.desk.views.case import case
from bot.desk.views.door import door
from bot.desk.views.draft import draft
from bot.desk.views.escalations import escalations
from bot.desk.views.evidence import evidence_room
from bot.desk.views.handover import handover
from bot.desk.views.holds import holds
from bot.desk.views.incidents import incident_room
from bot.desk.views.ladder import ladder
from bot.desk.views.ledger import ledger
from bot.desk.views.monitoring import monitoring
from bot.desk.views.outbox import outbox
from bot.desk.views.person import person_room
from bot.desk.views.public import public
from bot.desk.views.queue import queue
from bot.desk.views.rules import rules
from bot.desk.views.security import security
from bot.desk.views.solo import solo
from bot.desk.views.square import square
from bot.desk.views.stop import stop
from bot.desk.views.weekly import weekly
from bot.errors import EarshotError, GateRefused, NotAllowed, Stale, StoreBusy, StoreDamaged, StoreFull, StoreGone
from bot.gate.ruleset import Ruleset
from bot.keys import Keys
from bot.log import rebind
from bot.ports import Clock
from bot.store.db import Stores

log = logging.getLogger(__name__)

LANGUAGES = ("de", "en")

NUMBERED = frozenset({"case_id", "draft_id", "dispatch_id", "escalation_id"})
"""Parts of an address that are numbers of ours."""

ROOMS = (
    door,
    queue,
    case,
    draft,
    outbox,
    stop,
    ledger,
    person_room,
    holds,
    rules,
    account,
    square,
    public,
    ladder,
    care,
    evidence_room,
    security,
    weekly,
    escalations,
    monitoring,
    handover,
    solo,
    incident_room,
)


def create_app(
    *,
    stores: Stores,
    keys: Keys,
    clock: Clock,
    ruleset: Ruleset,
    hosts: Collection[str] = (),
    https: bool = False,
    checkpoints_dir: Path | None = None,
    metrics_token: str = "",
    alive: Callable[[], bool] = state.always,
    sandbox: bool = False,
) -> Flask:
    """The desk as a WSGI application.

    ``hosts`` are the names under which people reach it, loopback aside; ``https`` says that they do so over
    TLS. ``checkpoints_dir`` is what "verify now" compares the ledger with. ``metrics_token`` opens /metrics; without it
    nobody may read them. ``alive`` says whether a worker in the same process still beats. ``sandbox``: every page says
    in a red frame that nothing leaves.
    """
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=guard.MAX_BODY,
        MAX_FORM_MEMORY_SIZE=guard.MAX_BODY,
        MAX_FORM_PARTS=60,
        BABEL_TRANSLATION_DIRECTORIES="translations",
        BABEL_DEFAULT_LOCALE="en",
    )
    app.extensions[state.EXTENSION] = Desk(
        stores,
        keys,
        clock,
        ruleset,
        LOOPBACK | {host.lower() for host in hosts},
        https,
        checkpoints_dir,
        metrics_token,
        alive,
        sandbox,
    )
    app.extensions["earshot-doorbell"] = auth.Doorbell()
    app.before_request(about_request)
    app.teardown_request(lambda _error: rebind())
    guard.install(app)
    Babel(app, locale_selector=language)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(for_templates)
    for room in ROOMS:
        app.register_blueprint(room)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(EarshotError, earshot_error)
    app.register_error_handler(Exception, unexpected)
    return app


def about_request() -> None:
    """Lines that this request logs name its room, and the case, draft or reply that it is about by our number."""
    numbers = {name.removesuffix("_id"): value for name, value in (request.view_args or {}).items() if name in NUMBERED}
    rebind(stage="desk", room=request.endpoint or "", **numbers)


def language() -> str:
    """The person's choice, else the address's (before signing in, and on public pages), else the browser's."""
    someone, asked = state.person(), request.args.get("language", "")
    chosen = someone.row["language"] if someone and not (asked and request.blueprint == "public") else asked
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, "en")


def for_templates() -> dict[str, object]:
    """What every template may use."""
    someone = state.person()
    return {
        "words": words,
        "topic_word": reasons.topic_word,
        "person": someone,
        "lang": words.language_code(),
        "theme": someone.row["theme"] if someone else "",
        "around": LocalProxy(page.frame),
        "sandbox": state.desk().sandbox,
        "new_key": forms.new_key,
        "now": state.now,
        "may": lambda endpoint: someone is not None and guard.opens(endpoint, someone.role),
    }


def http_error(error: HTTPException) -> ResponseReturnValue:
    """A plain page for a refused request."""
    return problem(error.code or 500)


def earshot_error(error: EarshotError) -> ResponseReturnValue:
    """A plain page for what Earshot itself refused."""
    codes: tuple[tuple[type[EarshotError], int], ...] = (
        (NotAllowed, 403),
        (Stale, 409),
        (GateRefused, 409),
        (StoreBusy, 503),
        (StoreFull, 503),
        (StoreGone, 503),
        (StoreDamaged, 503),
    )
    code = next((code for kind, code in codes if isinstance(error, kind)), 500)
    if code >= 500:  # noqa: PLR2004 - where server errors begin
        log.error("request to %s failed: %s", request.endpoint, type(error).__name__)
    return problem(code, error)


def unexpected(error: Exception) -> ResponseReturnValue:
    """The outermost net: logged by the error's kind and place, never with the words that a message may hold."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    log.error("request to %s failed: %s in %s", request.endpoint, type(error).__name__, place)
    return problem(500)


def problem(code: int, error: EarshotError | None = None) -> ResponseReturnValue:
    """The page, or for our own scripts the bare status, that tells what happened and what to do."""
    if request.headers.get(guard.LIVE):
        return jsonify(status=code), code
    g.setdefault("person", None)
    return render_template("error.html", code=code, kind=type(error).__name__ if error else ""), code
