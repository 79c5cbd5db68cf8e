"""When credentials stop to work: as the platform says in the token itself, or on the day that the operator wrote down.

No platform of ours says it in an answer. A token of the form JWT names its own end (RFC 7519, "exp"); for any other the
operator may write a day, such as 2027-03-31, into a secret of the same name with ``_EXPIRES`` at its end.
"""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import SecretStr

from bot.errors import EarshotError
from bot.ports import Clock
from bot.store import credentials
from bot.store.db import Reader, Store

DAY_MS = 86_400_000
WARN_MS = 14 * DAY_MS
"""Issue 7: an alarm 14 days before a credential expires."""

SUFFIX = "_EXPIRES"
UNREADABLE = 0
"""In place of a day that cannot be read: the alarm stands until it can."""

Secrets = Callable[[str], SecretStr | None]
"""A secret by its name; None if it is not set."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A credential that ends at ``at``, in UTC milliseconds; ``UNREADABLE`` if its day cannot be read."""

    name: str
    at: int
    told_by: str

    def sentence(self, now: int) -> str:
        """What to tell the operator."""
        if self.at == UNREADABLE:
            return f"ALARM: {self.name}{SUFFIX} holds no day. Write it as 2027-03-31."
        day = f"{datetime.fromtimestamp(self.at / 1000, UTC):%Y-%m-%d}"
        if self.at <= now:
            return f"ALARM: {self.name} ended on {day}. Put a new one into its file."
        return f"ALARM: {self.name} ends on {day}. Put a new one into its file before; nothing needs a restart."


def endings(names: Iterable[str], secrets: Secrets) -> list[Ending]:
    """What is known about the end of the named secrets; of two days the earlier one counts."""
    found = []
    for name in sorted(set(names)):
        days = ((_of_token(name, secrets), "platform"), (_written(name, secrets), "operator"))
        known = [(at, who) for at, who in days if at is not None]
        if known:
            found.append(Ending(name, *min(known)))
    return found


def _of_token(name: str, secrets: Secrets) -> int | None:
    """The end that a JWT names; None for any other secret."""
    try:
        secret = secrets(name)
        parts = secret.get_secret_value().split(".") if secret else []
        if len(parts) != 3:  # noqa: PLR2004 - header, claims and signature
            return None
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return int(claims["exp"]) * 1000
    except (EarshotError, ValueError, TypeError, KeyError, OverflowError):
        return None


def _written(name: str, secrets: Secrets) -> int | None:
    """The day that the operator wrote down, its first moment in UTC; None if there is none."""
    try:
        day = secrets(f"{name}{SUFFIX}")
        if day is None:
            return None
        return int(datetime.strptime(day.get_secret_value(), "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)
    except (EarshotError, ValueError):
        return UNREADABLE


def note(store: Store, names: Iterable[str], secrets: Secrets) -> None:
    """Keep what is known where desk and ``status`` read it; they need no secrets for it."""
    found = {(ending.name, ending.at, ending.told_by) for ending in endings(names, secrets)}
    if found != credentials.known(store):
        with store.write() as tx:
            credentials.replace(tx, found)


def soon(reader: Reader, clock: Clock) -> list[Ending]:
    """Those that end within 14 days or have ended, as the worker found them."""
    rows = credentials.ending(reader, clock.now() + WARN_MS)
    return [Ending(row["name"], row["expires_at"], row["told_by"]) for row in rows]
