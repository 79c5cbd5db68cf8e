"""Sums by week for the safety board and the works council: what staff met, and what was done about it.

Numbers behind which fewer than five authors stand are not told (P-09), and there is no total that would tell them by
subtraction. Nothing is counted by member of staff (W-02), so that the sums serve the assessment of risks (W-04).
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.ledger import entries
from bot.model import EntryKind
from bot.store import weekly
from bot.store.db import Reader, Tx

MOST_WEEKS = 104
_CATCHING_UP = 4
"""Weeks back that are still closed after a silence of the worker: older rows are gone."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Week:
    """One week from Monday on. ``sums`` by what; None where a number is not told. ``running``: it is not over."""

    monday: date
    sums: dict[str, int | None]
    running: bool

    @property
    def name(self) -> str:
        """The week as ISO 8601 counts it: "2026-W47"."""
        return self.monday.strftime("%G-W%V")


def weeks(reader: Reader, zone: ZoneInfo, now: int, count: int) -> list[Week]:
    """The last ``count`` weeks in the brand's time zone, the running one first."""
    first = _monday(now, zone)
    mondays = [first - timedelta(weeks=back) for back in range(min(max(count, 1), MOST_WEEKS))]
    begins = [_begin(monday, zone) for monday in mondays]
    closed = weekly.kept(reader, begins)
    return [
        Week(
            monday,
            closed.get(begin) or weekly.sums(reader, begin, _begin(monday + timedelta(weeks=1), zone)),
            running=monday == first,
        )
        for monday, begin in zip(mondays, begins, strict=True)
    ]


def close_finished(tx: Tx, zone: ZoneInfo, now: int) -> int:
    """Keep the sums of the weeks that are over, before their rows go; returns how many were kept just now."""
    first, done = _monday(now, zone), 0
    for back in range(1, _CATCHING_UP + 1):
        monday = first - timedelta(weeks=back)
        end = _begin(monday + timedelta(weeks=1), zone)
        done += weekly.close(tx, _begin(monday, zone), end)
    return done


def note(tx: Tx, by: str, count: int, now: int) -> int:
    """The entry that says that the sums were taken along. ``by`` is a pseudonym of staff or "operator"."""
    return entries.append(tx, EntryKind.EXPORT, {"what": "protection", "weeks": count, "by": by}, now)


def as_csv(told: Sequence[Week], heads: Sequence[str]) -> str:
    """The weeks as CSV after RFC 4180, opened safely by spreadsheets; "<5" where a number is not told.

    ``heads`` are the words of the first line: for the week, then for each sum.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_safe(head) for head in heads])
    for week in told:
        writer.writerow([week.name, *(shown(week.sums.get(what, 0)) for what in weekly.QUERIES)])
    return out.getvalue()


def shown(number: int | None) -> str:
    """A number as it is told."""
    return f"<{weekly.LEAST}" if number is None else str(number)


def _safe(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _monday(now: int, zone: ZoneInfo) -> date:
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date()
    return today - timedelta(days=today.weekday())


def _begin(monday: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(monday, time(), zone).timestamp() * 1000)
