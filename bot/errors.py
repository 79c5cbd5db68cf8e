"""The error tree. Every error that Earshot raises on purpose is one of these.

    EarshotError
    +-- ConfigError              a file in config/ is wrong: says where and what to do
    +-- StoreError
    |   +-- StoreBusy            another writer held the database longer than the timeout; try again
    |   +-- StoreFull            the disk or the page limit is reached; nothing was half written
    |   +-- StoreGone            the database is not at its place any more, or cannot be written there
    |   +-- StoreDamaged         the database file is damaged
    |   +-- SchemaTooNew         this database was written by a newer Earshot
    +-- LeaseHeld                another worker has this house; this one sends nothing
    +-- LedgerBroken             the ledger was tampered with or lost entries
    +-- GateRefused              the consent gate did not allow this act
    +-- Stale                    the row changed since it was read: reload and compare
    +-- NotAllowed               this person may not do this
    |   +-- Untrained            only people trained for crises may
    |   +-- Spent                the person read enough hard texts today, or is on a break
    +-- PlatformError            something between us and a platform
        +-- Transient            may work later; nothing was sent
        |   +-- RateLimited      carries ``retry_after`` in seconds
        +-- Permanent            will not work later; nothing was sent
        |   +-- Unauthorised     our credentials were refused
        |   +-- Gone             the post or the account is no longer there
        |   +-- EgressRefused    our own door refused the request before a byte left
        +-- Uncertain            it may have been sent: look before anyone tries again
            +-- Held             it was sent, and waits for moderators of the platform

Messages are plain sentences for a person. They never hold a token or a customer's words.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class EarshotError(Exception):
    """Base of every error that Earshot raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a configuration file. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.sentence}"


class ConfigError(EarshotError):
    """One or more faults in the configuration, all of them at once, in reading order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class StoreError(EarshotError):
    """The database could not do what was asked."""


class StoreBusy(StoreError):
    """Another writer held the database longer than the timeout."""


class StoreFull(StoreError):
    """No room left on the disk or below the page limit; the transaction was rolled back."""


class StoreGone(StoreError):
    """The database is not at its place any more, or its disk takes no writes. It is waited for; none is made anew."""


class StoreDamaged(StoreError):
    """The database file is damaged. Only a backup helps."""


class SchemaTooNew(StoreError):
    """The database holds migrations that this program does not know."""


class LeaseHeld(EarshotError):
    """Another worker has this house: this one does not start, or ends."""


class LedgerBroken(EarshotError):
    """The ledger does not verify."""


class GateRefused(EarshotError):
    """The consent gate did not allow the act. ``rules`` names the rules that stood against it."""

    def __init__(self, message: str, rules: Sequence[str] = ()) -> None:
        self.rules = tuple(rules)
        super().__init__(message)


class Stale(EarshotError):
    """What was submitted rests on an older version than the stored one."""


class NotAllowed(EarshotError):
    """The person's role does not allow this act."""


class Untrained(NotAllowed):
    """Only people trained for crises open and answer one (E-11)."""


class Spent(NotAllowed):
    """The person read as many hard texts today as the team agreed on, or is on a break: others take the case."""


class PlatformError(EarshotError):
    """Something between us and a platform. ``code`` is the platform's one word for the error, if any."""

    code = ""


class Transient(PlatformError):
    """It may work later; nothing was sent."""


class RateLimited(Transient):
    """The platform asks us to wait. ``retry_after`` is in seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Permanent(PlatformError):
    """It will not work later; nothing was sent."""


class Unauthorised(Permanent):
    """Our credentials were refused."""


class Gone(Permanent):
    """The post or the account is no longer there, or no longer visible to everyone."""


class EgressRefused(Permanent):
    """Our own door refused the request before a byte left the machine."""


class Uncertain(PlatformError):
    """The request may have arrived. Never repeat it blindly."""


class Held(Uncertain):
    """It arrived, and the platform keeps it back until its moderators decide. Nothing may take its place until then."""
