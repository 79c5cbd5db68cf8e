"""Signing in and out: sessions kept on the server, locks after wrong passwords, a fresh password before grave acts.

A cookie holds a random id; the database holds only its SHA-256. Nothing here tells whether a name exists.
"""

import hashlib
import secrets
import threading
from collections import deque

from flask import Request, g
from werkzeug.wrappers import Response

from bot.desk import passwords
from bot.desk.state import Desk, Person
from bot.store import users
from bot.store.db import Row, Store

SESSION_MS = 12 * 3_600_000
"""A session ends after twelve hours, whatever happens."""

IDLE_MS = 60 * 60_000
"""A session ends after an hour without a click."""

SEEN_EVERY_MS = 5 * 60_000
"""A sign of life is written at most this often: reading pages should not write."""

FRESH_MS = 10 * 60_000
"""For so long after giving the password a grave act is not asked for it again."""

FAILURES = 5
LOCK_MS = 60_000
LONGEST_LOCK_MS = 3_600_000

_TRIES = 30
_WINDOW_MS = 60_000


class Doorbell:
    """Counts sign-in tries an address and minute in this process: hashing is dear, so it is rationed."""

    def __init__(self) -> None:
        self._rung: dict[str, deque[int]] = {}
        self._lock = threading.Lock()

    def rings_too_often(self, address: str, now: int) -> bool:
        """Note one try; True when this address has had its tries for the last minute."""
        with self._lock:
            for known in [known for known, tries in self._rung.items() if tries[-1] < now - _WINDOW_MS]:
                del self._rung[known]
            tries = self._rung.setdefault(address, deque(maxlen=_TRIES + 1))
            tries.append(now)
            return len(tries) > _TRIES and tries[0] >= now - _WINDOW_MS


def cookie_name(desk: Desk) -> str:
    """The prefix binds the cookie to this host, but browsers take it over https only."""
    return "__Host-earshot" if desk.https else "earshot"


def recognise(request: Request, desk: Desk) -> Person | None:
    """Who the request's cookie belongs to, or None. Idle and expired sessions count as none."""
    cookie = request.cookies.get(cookie_name(desk), "")
    if not 20 <= len(cookie) <= 100:  # noqa: PLR2004 - no id of ours is shorter or longer
        return None
    id_hash, now = _hash(cookie), desk.clock.now()
    row = users.session(desk.stores(), id_hash, now)
    if row is None or row["seen_at"] < now - IDLE_MS:
        return None
    return Person(row, id_hash)


def touch(store: Store, someone: Person, now: int) -> None:
    """Write a sign of life if the last one is a while ago."""
    if someone.row["seen_at"] < now - SEEN_EVERY_MS:
        with store.write() as tx:
            users.touch_session(tx, someone.session, now)


def check(store: Store, name: str, password: str, now: int) -> Row | None:
    """The active person with this name and password, or None. Wrong passwords lock the name for a growing while."""
    row = users.by_name(store, name)
    locked = row is not None and row["locked_until"] > now
    right = passwords.fits(row["password_hash"] if row and not locked else None, password)
    if row is None or locked:
        return None
    if not right:
        with store.write() as tx:
            users.count_failure(tx, row["id"], now + lock_ms(row["failures"] + 1))
        return None
    if row["failures"]:
        with store.write() as tx:
            users.clear_failures(tx, row["id"])
    return row if row["active"] else None


def lock_ms(failures: int) -> int:
    """How long a name rests after so many wrong passwords in a row."""
    over = failures - FAILURES
    return 0 if over < 0 else min(LOCK_MS * 2 ** min(over, 10), LONGEST_LOCK_MS)


def begin(store: Store, user_id: int, now: int, *, replacing: str = "", until: int | None = None) -> str:
    """Start a session and end the one it replaces; returns the id for the cookie."""
    cookie = secrets.token_urlsafe(32)
    with store.write() as tx:
        if replacing:
            users.end_session(tx, replacing)
        users.begin_session(tx, _hash(cookie), user_id, at=now, expires_at=until or now + SESSION_MS)
    return cookie


def end(store: Store, someone: Person) -> None:
    """End one session in the database."""
    with store.write() as tx:
        users.end_session(tx, someone.session)


def give(response: Response, cookie: str, desk: Desk) -> None:
    """Put the session's id into the answer."""
    response.set_cookie(
        cookie_name(desk),
        cookie,
        max_age=SESSION_MS // 1000,
        httponly=True,
        secure=desk.https,
        samesite="Lax",
        path="/",
    )


def forget(response: Response, desk: Desk) -> None:
    """Take the cookie back."""
    response.delete_cookie(cookie_name(desk), httponly=True, secure=desk.https, samesite="Lax", path="/")
    g.pop("person", None)


def is_fresh(someone: Person, now: int) -> bool:
    """Whether the password was given within the last ten minutes."""
    return bool(someone.row["signed_in_at"] >= now - FRESH_MS)


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()
