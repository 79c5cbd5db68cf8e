"""Who is on call for what at a time, and until when: the roster's lines laid over real days. Pure.

A line of the roster means the clock on the wall. In the night in which an hour is missing, 02:30 is the moment an hour
after 01:30; where an hour comes twice, a line begins and ends at its first. So what ends where another begins leaves
no gap and no overlap, in any night.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo

from bot.config.models import ConfigSet
from bot.config.roster import MOMENT, Colleague, Day, Duty, Roster, Turn

ALARMS: tuple[Duty, ...] = ("threat", "crisis", "security")
"""The duties that have a chain in ``protection.yaml`` besides."""

WEEK_DAYS = 8
"""The days of a week from any hour, the last one included."""

AHEAD_DAYS = 15
"""How far ahead is looked for the next change: two weeks of the pattern, so that every line has its turn."""

_WEEK: tuple[Day, ...] = get_args(Day)[:7]


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call (None: nobody), and until when; ``until`` is None if that does not change in two weeks."""

    person: Colleague | None
    until: int | None


@dataclass(frozen=True, slots=True)
class _Span:
    """One line on one day: UTC milliseconds, the end excluded."""

    begins: int
    ends: int
    person: str


def on_call(roster: Roster, duty: Duty, at: int, *, zone: ZoneInfo, holidays: Collection[str]) -> OnCall:
    """Who is on call for ``duty`` at ``at`` (UTC milliseconds), and until when.

    ``holidays`` are days as ``2026-12-25``. An exception counts before the weekly pattern, an earlier line before a
    later one.
    """
    days = _days(at, zone, AHEAD_DAYS)
    spans = list(_spans(roster, duty, days, zone, holidays))
    seen_until = _moment(datetime.combine(days[-1], time()), zone)  # turns of later days are not laid out
    holder = _holder(spans, at)
    changes = sorted({edge for span in spans for edge in (span.begins, span.ends) if at < edge <= seen_until})
    until = next((edge for edge in changes if _holder(spans, edge) != holder), None)
    return OnCall(None if holder is None else roster.person(holder), until)


def of_config(config: ConfigSet, duty: Duty, at: int) -> OnCall:
    """The same under a configuration: with its roster, its zone and its holidays."""
    zone = ZoneInfo(config.brand.timezone)
    return on_call(config.roster, duty, at, zone=zone, holidays=config.protection.holidays)


def unmanned(config: ConfigSet, at: int) -> tuple[Duty, ...]:
    """The duties that the roster knows and that nobody is on call for at ``at``: for the desk's banner and a metric."""
    zone, holidays = ZoneInfo(config.brand.timezone), config.protection.holidays
    days = _days(at, zone, 0) if config.roster.duties else []
    return tuple(
        duty for duty in config.roster.duties if _holder(_spans(config.roster, duty, days, zone, holidays), at) is None
    )


def unpaged(config: ConfigSet, at: int) -> tuple[Duty, ...]:
    """The kinds of alarm that reach nobody at ``at``: no chain is named, and nobody is on call."""
    return tuple(
        kind for kind in ALARMS if kind in config.protection.unpaged and of_config(config, kind, at).person is None
    )


def vacancies(config: ConfigSet, at: int) -> tuple[tuple[Duty, int, int], ...]:
    """When in the week from ``at`` nobody is on call for a duty of the roster: duty, begin and end, by their begin."""
    zone, found = ZoneInfo(config.brand.timezone), list[tuple[Duty, int, int]]()
    days = _days(at, zone, WEEK_DAYS)
    until = _moment(datetime.combine(days[-1], time()), zone)
    for duty in config.roster.duties:
        spans = list(_spans(config.roster, duty, days, zone, config.protection.holidays))
        edges = sorted({at, until, *(edge for span in spans for edge in (span.begins, span.ends) if at < edge < until)})
        for begins, ends in pairwise(edges):
            if _holder(spans, begins) is None:
                joined = bool(found) and (found[-1][0], found[-1][2]) == (duty, begins)
                found.append((duty, found.pop()[1] if joined else begins, ends))
    return tuple(sorted(found, key=lambda vacancy: vacancy[1]))


def _days(at: int, zone: ZoneInfo, ahead: int) -> list[date]:
    """The days whose turns may last at ``at``, and so many after it."""
    today = datetime.fromtimestamp(at // 1000, UTC).astimezone(zone).date()
    return [today + timedelta(days=days) for days in range(-2, ahead + 1)]


def _holder(spans: Iterable[_Span], at: int) -> str | None:
    return next((span.person for span in spans if span.begins <= at < span.ends), None)


def _spans(
    roster: Roster, duty: Duty, days: Sequence[date], zone: ZoneInfo, holidays: Collection[str]
) -> Iterator[_Span]:
    """What the roster says about a duty: exceptions first, then every turn of the days, in the roster's order."""
    for swap in roster.exceptions:
        if duty in swap.duties:
            begins, ends = (_moment(datetime.strptime(each, MOMENT), zone) for each in (swap.begins, swap.ends))  # noqa: DTZ007 - the zone follows
            yield _Span(begins, ends, swap.person)

    lines = [line for line in roster.weekly if duty in line.duties]
    festive = any("holiday" in line.days for line in lines)
    for line in lines:
        for day in days:
            kind = "holiday" if festive and day.isoformat() in holidays else _WEEK[day.weekday()]
            if kind in line.days:
                yield _on(line, day, zone)


def _on(line: Turn, day: date, zone: ZoneInfo) -> _Span:
    begins, ends = time.fromisoformat(line.begins), time.fromisoformat(line.ends)
    last = day if ends > begins else day + timedelta(days=1)
    return _Span(_moment(datetime.combine(day, begins), zone), _moment(datetime.combine(last, ends), zone), line.person)


def _moment(there: datetime, zone: ZoneInfo) -> int:
    return int(there.replace(tzinfo=zone, fold=0).timestamp()) * 1000
