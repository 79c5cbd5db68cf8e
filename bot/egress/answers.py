"""What a platform's answer means to the house: which error of the tree it is, and how long to wait.

Pure: it reads a status code and headers, of a body only its form, and never a clock. "Now" is the answer's own Date.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from bot.errors import Gone, Permanent, PlatformError, RateLimited, Transient, Unauthorised, Uncertain

DEFAULT_WAIT: Final = 60.0
"""Seconds to wait when a platform says "too many" but not for how long."""

LONGEST_WAIT: Final = 86_400.0
"""Seconds that we wait at most, whatever a header says."""

TOO_LARGE: Final = "The platform's answer is too large."
NOT_JSON: Final = "The platform's answer is not readable JSON."

DEEPEST: Final = 100
"""Levels of an answer in JSON. A long thread has some fifty; who takes it apart step by step bears a few hundred."""

_FAMILIES: Final = ("X-RateLimit-", "X-Rate-Limit-", "RateLimit-")
_CODE: Final = re.compile("[A-Za-z_]{1,60}")
_AN_INSTANT: Final = 1_000_000_000.0
"""Smaller numbers are seconds to go; larger ones seconds since 1970."""
_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503
_UNFINISHED: Final = frozenset({408, 425})
_REFUSALS: Final = {401: Unauthorised, 404: Gone, 410: Gone}


def _seconds(text: str) -> float | None:
    """A plain count of seconds; ``None`` for anything else, including signs, exponents and odd digits."""
    whole = text.strip().partition(".")[0]
    return float(whole) if whole.isascii() and whole.isdecimal() and len(whole) <= 12 else None  # noqa: PLR2004 - epoch ms


def _instant(text: str) -> datetime | None:
    """An HTTP date, an ISO 8601 date or seconds since 1970."""
    seconds = _seconds(text)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC)
        found = parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _until(text: str, headers: Mapping[str, str]) -> float | None:
    """Seconds from the answer's own date to the instant in ``text``."""
    then, now = _instant(text), _instant(headers.get("Date", ""))
    return (then - now).total_seconds() if then and now else None


def retry_after(headers: Mapping[str, str]) -> float:
    """How many seconds the platform asks us to wait, between 1 and ``LONGEST_WAIT``."""
    asked = headers.get("Retry-After", "")
    wait = _seconds(asked)
    if wait is None:
        wait = _until(asked, headers)
    resets = (_reset(headers.get(f"{family}Reset", ""), headers) for family in _FAMILIES)
    reset, now = next(filter(None, resets), None), _instant(headers.get("Date", ""))
    if wait is None and reset and now:
        wait = (reset - now).total_seconds()
    return min(max(DEFAULT_WAIT if wait is None else wait, 1.0), LONGEST_WAIT)


def budget(headers: Mapping[str, str]) -> tuple[int, int, int] | None:
    """What the platform says about our allowance: requests left, time of the refill in UTC milliseconds, requests then.

    Families of headers: Mastodon X-RateLimit- with an ISO date, Reddit the same with seconds to go, X X-Rate-Limit-
    and Bluesky RateLimit- with seconds since 1970.
    """
    for family in _FAMILIES:
        remaining = _seconds(headers.get(f"{family}Remaining", ""))
        reset = _reset(headers.get(f"{family}Reset", ""), headers)
        if remaining is None or reset is None:
            continue
        most = _seconds(headers.get(f"{family}Limit", ""))
        if most is None:
            most = remaining + (_seconds(headers.get(f"{family}Used", "")) or 0)
        return int(remaining), int(reset.timestamp() * 1000), int(most)
    return None


def _reset(text: str, headers: Mapping[str, str]) -> datetime | None:
    """When an allowance is refilled: an instant, or seconds from the answer's own date."""
    seconds = _seconds(text)
    if seconds is None or seconds >= _AN_INSTANT:
        return _instant(text)
    now = _instant(headers.get("Date", ""))
    return now + timedelta(seconds=seconds) if now else None


def error_code(text: bytes) -> str:
    """The error's name in an answer such as ``{"error": "ExpiredToken"}``: one word, never a sentence of a platform."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    code = told.get("error") if isinstance(told, dict) else ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def readable(text: bytes) -> bool:
    """Whether ``text`` is JSON, and not too deep."""
    try:
        level = [json.loads(text)]
    except (ValueError, RecursionError):
        return False
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return True
    return False


def _within(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def broken(sentence: str, *, writing: bool) -> PlatformError:
    """The error for an answer that never came or cannot be read: a write may have arrived, a read is lost."""
    return Uncertain(sentence) if writing else Transient(sentence)


def error_for(status: int, headers: Mapping[str, str], *, writing: bool) -> PlatformError | None:
    """The error that ``status`` means; ``None`` for success. ``writing`` marks a request that creates something.

    A 5xx answer to a write is uncertain even with Retry-After: the server behind a proxy may have done it.
    """
    sentence = f"The platform answered {status}."
    if 200 <= status < 300:  # noqa: PLR2004 - the HTTP class of success
        return None
    if status == _TOO_MANY or (status == _UNAVAILABLE and "Retry-After" in headers and not writing):
        return RateLimited(sentence, retry_after(headers))
    if status in _REFUSALS:
        return _REFUSALS[status](sentence)
    if 400 <= status < 500 and status not in _UNFINISHED:  # noqa: PLR2004 - the HTTP class of our own faults
        return Permanent(sentence)
    return broken(sentence, writing=writing)
