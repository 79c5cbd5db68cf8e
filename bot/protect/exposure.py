"""How much hate a person reads in a day: the budget that the team agreed on, breaks, and who may open what (W-04).

What one person read is shown to that person alone. A sum is told only over five people or more.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.config.models import ConfigSet
from bot.errors import Spent, Untrained
from bot.model import OWN_WORDS_LANES, SHIELDED_LANES, Lane, Role
from bot.store import care
from bot.store.db import Reader, Row, Tx

NEAR_PER_CENT = 80
"""From here on the desk offers to hand over and to rest."""

BREAK_MS = 30 * 60_000
SEEN_MS = 3_600_000
"""Somebody seen at the desk within an hour counts as signed in, as their session does."""

LEAST_PEOPLE = 5
"""Sums over fewer people would tell about single ones (W-02)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one person read today, and how much the team agreed on."""

    read: int
    most: int

    @property
    def near(self) -> bool:
        """Whether to offer handing over and resting."""
        return self.read * 100 >= self.most * NEAR_PER_CENT

    @property
    def spent(self) -> bool:
        """Whether such cases go to others."""
        return self.read >= self.most


@dataclass(frozen=True, slots=True)
class Week:
    """A whole week of everyone together."""

    begins: int
    texts: int


def day_start(now: int, zone: ZoneInfo) -> int:
    """When the day of ``now`` began in ``zone``, in UTC milliseconds."""
    there = datetime.fromtimestamp(now // 1000, UTC).astimezone(zone)
    return int(there.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()) * 1000


def week_before(now: int, zone: ZoneInfo) -> tuple[int, int]:
    """Begin and end of the last whole week, Monday to Monday: weeks that never overlap give no single day away."""
    today = datetime.fromtimestamp(now // 1000, UTC).astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    begin, end = (datetime.combine(day, time(), zone) for day in (monday - timedelta(days=7), monday))
    return int(begin.timestamp()) * 1000, int(end.timestamp()) * 1000


def budget(reader: Reader, config: ConfigSet, user_id: int, now: int) -> Budget:
    """A person's budget today. Only for that person's own eyes, and for deciding what they may open."""
    since = day_start(now, ZoneInfo(config.brand.timezone))
    return Budget(care.read_by(reader, user_id, since), config.protection.exposure_per_day)


def last_week(reader: Reader, config: ConfigSet, now: int) -> Week | None:
    """What everyone together read in the last whole week; None below five people."""
    begin, end = week_before(now, ZoneInfo(config.brand.timezone))
    row = care.read_by_all(reader, begin, end)
    return None if row is None or row["people"] < LEAST_PEOPLE else Week(begin, int(row["texts"]))


def resting(reader: Reader, config: ConfigSet, user_id: int, now: int) -> bool:
    """Whether a person gets no hard texts right now."""
    return budget(reader, config, user_id, now).spent or care.rests_until(reader, user_id, now) is not None


def closed_lanes(reader: Reader, config: ConfigSet, user: Row, now: int) -> frozenset[Lane]:
    """Lanes whose cases this person is not led to.

    Crises without the training, threats as a trainee, all hard texts when they rest.
    """
    if resting(reader, config, user["id"], now):
        return SHIELDED_LANES
    if user["role"] == Role.TRAINEE:
        return OWN_WORDS_LANES
    return frozenset() if user["trained"] else frozenset({Lane.CRISIS})


def alone(reader: Reader, config: ConfigSet, user: Row, lane: Lane, now: int) -> bool:
    """Whether nobody else at the desk could take a case of ``lane`` now. Who the others are is not told."""
    others = care.others_here(reader, user["id"], trained=lane is Lane.CRISIS, seen_since=now - SEEN_MS, now=now)
    return not any(not resting(reader, config, other, now) for other in others)


def need_fit(reader: Reader, config: ConfigSet, case: Row, user: Row, *, acute: bool, now: int) -> None:
    """Refuse who may not open a case or read its wording now.

    A crisis and an ``acute`` threat are still opened by somebody whose budget is spent when nobody else could.

    Raises:
        Untrained: it is a crisis, and the person is not trained for one; or a threat, and they are still in training.
        Spent: the person read enough today, or is on a break.
    """
    lane = Lane(case["lane"])
    if lane is Lane.CRISIS and not user["trained"]:
        raise Untrained("Only a person trained for crises opens this case.")
    if lane in OWN_WORDS_LANES and user["role"] == Role.TRAINEE:
        raise Untrained("Threats are not for people in training.")
    if not (lane in SHIELDED_LANES or case["not_assessed"]) or not resting(reader, config, user["id"], now):
        return
    urgent = lane is Lane.CRISIS or (lane is Lane.THREAT and acute)
    if not (urgent and alone(reader, config, user, lane, now)):
        raise Spent("You have read enough of this today. The case goes to somebody else.")


def rest(tx: Tx, user_id: int, now: int) -> int:
    """A person takes a break from hard texts; returns until when."""
    care.rest(tx, user_id, now + BREAK_MS)
    return now + BREAK_MS
