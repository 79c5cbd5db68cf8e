"""Forms that work twice without acting twice, and the address's filters."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from bot.desk.state import now, store, user
from bot.desk.text import fill
from bot.model import CaseState, Lane, Platform
from bot.store import users
from bot.store.db import Tx
from bot.store.queue import Wanted

PAGE = 50
"""Cases a page of the list."""

LONGEST_REASON = 500

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which list stands beside a case: all of it is in the address, so that a link shows the same."""

    lane: Lane | None = None
    state: CaseState | None = None
    mine: bool = False
    platform: str = ""
    language: str = ""
    page: int = 1
    incident: int | None = None

    def wanted(self, user_id: int, folding: str) -> Wanted:
        """The same as a question to the store; ``folding`` says what stands in the rows of incidents."""
        holder = user_id if self.mine else None
        incident = self.incident if folding else None
        return Wanted(self.lane, self.state, holder, self.platform, self.language, folding, incident)

    def args(self, **change: object) -> dict[str, Any]:
        """Query arguments for ``url_for``; what is empty is left out."""
        known: dict[str, object] = {
            "lane": self.lane.value if self.lane else "",
            "state": self.state.value if self.state else "",
            "mine": "1" if self.mine else "",
            "platform": self.platform,
            "language": self.language,
            "page": self.page if self.page > 1 else "",
            "incident": self.incident or "",
        }
        return {name: value for name, value in (known | change).items() if value}


def filters(args: "MultiDict[str, str]") -> Filters:
    """The filters that an address names; what makes no sense counts as left out."""
    language = args.get("language", "")
    page = args.get("page", 1, type=int)
    return Filters(
        lane=Lane(args["lane"]) if args.get("lane") in set(Lane) else None,
        state=CaseState(args["state"]) if args.get("state") in set(CaseState) else None,
        mine=args.get("mine") == "1",
        platform=args["platform"] if args.get("platform") in set(Platform) else "",
        language=language if _LANGUAGE.fullmatch(language) else "",
        page=min(max(page, 1), 10_000),
        incident=args.get("incident", type=int) or None,
    )


def new_key() -> str:
    """A one-time key for a form."""
    return secrets.token_urlsafe(18)


def once(act: Callable[[Tx], str]) -> Response:
    """Run ``act`` in one transaction and go where it says; a second use of the form only goes there again."""
    key = request.form.get("key", "")
    known = _KEY.fullmatch(key) is not None
    with store().write() as tx:
        where = users.form_result(tx, key, user()["id"]) if known else None
        if where is None:
            where = act(tx)
            if known:
                users.use_form(tx, key, user()["id"], where, now())
    return redirect(where, 303)


def reason() -> str:
    """The reason that a form gives, on one line and not endless."""
    return " ".join(request.form.get("reason", "").split())[:LONGEST_REASON]


def reply_text() -> str:
    """The reply that a form holds: line ends as the store has them, gaps filled from their own fields."""
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    return fill(text, list(zip(request.form.getlist("gap-name"), request.form.getlist("gap"), strict=False)))
