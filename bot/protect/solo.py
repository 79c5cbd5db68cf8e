"""Solo shifts: a senior is answered for at night, and what one person let pass alone is looked at the next day.

While one is open, the gate takes some holds for a second person as released by whoever wrote the reply, with a reason
(``Rule.alone``): promises of money, a language, the brand's own wish for two pairs of eyes. What protects people stays
with two: abuse, threats, crises, the ladder, grave topics, lifting a stop. It ends by itself.
"""

from typing import Literal, get_args
from zoneinfo import ZoneInfo

from bot.config.models import ConfigSet
from bot.errors import NotAllowed, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.model import EntryKind, Role
from bot.ports import Clock
from bot.protect.ladder import working_days_later
from bot.store import shifts
from bot.store.db import Reader, Row, Store, Tx

LONGEST_MS = 12 * 3_600_000
"""A shift is no longer; who needs more opens another, with the password given anew."""

Outcome = Literal["right", "talk", "wrong"]
"""Right as it was; something to talk about; it should not have left."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def begin(tx: Tx, keys: Keys, config: ConfigSet, *, until: int, reason: str, user: Row, now: int) -> int:
    """A senior opens a solo shift until a time; returns its number. The desk asks for a fresh password first.

    Raises:
        NotAllowed: the person is no senior, or the time makes no shift.
        Stale: a solo shift is open already, or no reason is given.
    """
    if user["role"] != Role.SENIOR:
        raise NotAllowed("Only a senior opens a solo shift.")
    if not now < until <= now + LONGEST_MS:
        raise NotAllowed("A solo shift ends within the next twelve hours.")
    if not reason.strip():
        raise Stale("Say in a few words why one person is alone.")
    close_due(tx, config, now)
    if shifts.not_closed(tx) is not None:
        raise Stale("A solo shift is open already.")
    shift_id = shifts.begin_solo(tx, at=now, until=until, user_id=user["id"], reason=reason.strip())
    _log(tx, "solo_opened", now, shift=shift_id, until=until, by=keys.staff(user["id"], now))
    return shift_id


def end(tx: Tx, keys: Keys, config: ConfigSet, *, user: Row, now: int) -> None:
    """Somebody at the desk ends the shift before its time: two people count again from now on.

    Raises:
        NotAllowed: the person does not answer posts.
        Stale: none is open.
    """
    if user["role"] not in {Role.AGENT, Role.SENIOR}:
        raise NotAllowed("Your role does not allow this.")
    close_due(tx, config, now)
    row = shifts.not_closed(tx)
    if row is None:
        raise Stale("No solo shift is open.")
    _close(tx, config, row, at=now, by=user["id"], now=now, told={"by": keys.staff(user["id"], now)})


def close_due(tx: Tx, config: ConfigSet, now: int) -> bool:
    """Close the shift whose time is up and draw what is looked at; True if there was one. The worker asks this."""
    row = shifts.not_closed(tx)
    if row is None or row["until"] > now:
        return False
    _close(tx, config, row, at=row["until"], by=None, now=now, told={})
    return True


def run(store: Store, config: ConfigSet, clock: Clock) -> None:
    """The worker's step: a shift whose time is up is closed. It stopped to count at that time, whoever was running."""
    row = shifts.not_closed(store)
    if row is not None and row["until"] <= clock.now():
        with store.write() as tx:
            close_due(tx, config, clock.now())


def _close(
    tx: Tx, config: ConfigSet, row: Row, *, at: int, by: int | None, now: int, told: dict[str, entries.Value]
) -> None:
    passed = shifts.let_pass_in(tx, row["id"])
    zone, holidays = ZoneInfo(config.brand.timezone), config.protection.holidays
    due_at = working_days_later(at, 1, zone, holidays)
    drawn = sample(passed, config.roster.solo_review_percent)
    for release in drawn:
        shifts.draw(tx, release["id"], due_at)
    shifts.end_solo(tx, row["id"], at=at, user_id=by)
    _log(tx, "solo_ended", now, shift=row["id"], released=len(passed), drawn=len(drawn), **told)


def sample(passed: list[Row], percent: int) -> list[Row]:
    """Which of them somebody looks at: so many of a hundred, one at least, by their entries' hashes.

    Nobody knows the hash of an entry before it is written, so nobody can tell what will be drawn.
    """
    many = -(-len(passed) * percent // 100)
    return sorted(passed, key=lambda row: bytes(row["h"]))[:many]


def note_release(tx: Tx, *, case_id: int, rule: str, seq: int, user: Row, now: int) -> None:
    """Put what one person let pass alone onto the shift's list; ``seq`` is its RELEASE entry.

    Raises:
        Stale: the shift is over.
    """
    shift = shifts.open_solo(tx, now)
    if shift is None:
        raise Stale("The solo shift is over. A second person must release this.")
    row = {"shift_id": shift["id"], "case_id": case_id, "rule": rule, "user_id": user["id"], "at": now, "seq": seq}
    shifts.let_pass(tx, row)


def may_review(release: Row, user: Row) -> bool:
    """Whether a person may look at what was let pass: anybody who answers posts, except who let it pass."""
    return user["role"] in {Role.AGENT, Role.SENIOR} and release["user_id"] != user["id"]


def review(tx: Tx, keys: Keys, release_id: int, *, outcome: str, user: Row, now: int) -> None:
    """Somebody else looked at what was let pass alone, and says what they think; the ledger keeps it.

    Raises:
        NotAllowed: it is their own.
        Stale: it was not drawn, was looked at before, or the outcome is none of ``OUTCOMES``.
    """
    row = shifts.release_by_id(tx, release_id)
    if row is None or outcome not in OUTCOMES:
        raise Stale("Choose what you think from the list.")
    if not may_review(row, user):
        raise NotAllowed("Somebody else looks at what you let pass.")
    if not shifts.reviewed(tx, release_id, outcome=outcome, user_id=user["id"], at=now):
        raise Stale("Somebody looked at this before.")
    told: dict[str, entries.Value] = {"shift": row["shift_id"], "release": row["seq"], "outcome": outcome}
    _log(tx, "solo_reviewed", now, **told, by=keys.staff(user["id"], now))


def waiting_for(reader: Reader, user: Row) -> list[Row]:
    """What this person may look at now."""
    return [row for row in shifts.to_review(reader) if may_review(row, user)]


def _log(tx: Tx, step: str, now: int, **more: entries.Value) -> int:
    return entries.append(tx, EntryKind.RELEASE, {"step": step, **more}, now)
