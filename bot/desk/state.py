"""What one desk rests on, and what one request knows: who asks, at what time, under which configuration."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import current_app, g

from bot.gate.ruleset import Ruleset
from bot.keys import Keys
from bot.model import Role
from bot.ports import Clock
from bot.review.house import House, house_of
from bot.store.db import Row, Store, Stores

EXTENSION = "earshot-desk"

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Host names that always lead to this machine."""


def always() -> bool:
    """A desk without a worker in its process is well as long as it answers."""
    return True


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that was handed to ``create_app``."""

    stores: Stores
    keys: Keys
    clock: Clock
    ruleset: Ruleset
    hosts: frozenset[str]
    https: bool
    checkpoints_dir: Path | None
    metrics_token: str = field(default="", repr=False)
    alive: Callable[[], bool] = always
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in: the users row and the hash of the session's id."""

    row: Row
    session: str

    @property
    def id(self) -> int:
        """The person's number."""
        return int(self.row["id"])

    @property
    def role(self) -> Role:
        """What they may do."""
        return Role(self.row["role"])

    @property
    def initials(self) -> str:
        """How they sign."""
        return str(self.row["initials"])


def desk() -> Desk:
    """The desk that this request belongs to."""
    found: Desk = current_app.extensions[EXTENSION]
    return found


def store() -> Store:
    """This thread's connection."""
    return desk().stores()


def now() -> int:
    """One time for the whole request, in UTC milliseconds."""
    if "now" not in g:
        g.now = desk().clock.now()
    at: int = g.now
    return at


def house() -> House:
    """The configuration in force with rules and keys, the same for the whole request."""
    if "house" not in g:
        about = desk()
        g.house = house_of(store(), ruleset=about.ruleset, keys=about.keys)
    found: House = g.house
    return found


def zone() -> ZoneInfo:
    """The brand's time zone."""
    return ZoneInfo(house().brand.timezone)


def person() -> Person | None:
    """Who is signed in, if anybody."""
    found: Person | None = g.get("person")
    return found


def user() -> Row:
    """The users row of who is signed in. Only for rooms that the guard keeps closed to strangers."""
    someone = person()
    if someone is None:
        raise LookupError("Nobody is signed in.")
    return someone.row
