"""The desk's words for lanes, states, times and causes, in the reader's language. Never a customer's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from flask_babel import get_locale

from bot.desk.i18n import _, lazy_gettext, ngettext
from bot.desk.state import now, zone
from bot.model import CaseState, DispatchState, EntryKind, Lane, Platform, Priority

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
_LAST_DAY = 253_402_214_400
"""30 December 9999 in seconds since 1970; a day of room for every time zone."""

NEAR_MS = 30 * MINUTE_MS
"""A deadline nearer than this is shown as near."""

LANES: Mapping[Lane, str] = {
    Lane.THREAT: lazy_gettext("Threat"),
    Lane.CRISIS: lazy_gettext("Crisis"),
    Lane.ABUSE: lazy_gettext("Abuse"),
    Lane.SCAM: lazy_gettext("Scam"),
    Lane.HELP: lazy_gettext("Help"),
    Lane.COMPLAINT: lazy_gettext("Complaint"),
    Lane.PRAISE: lazy_gettext("Praise"),
    Lane.LISTEN: lazy_gettext("Only heard"),
    Lane.NOISE: lazy_gettext("Noise"),
}

PRIORITIES: Mapping[Priority, str] = {
    Priority.HIGH: lazy_gettext("High"),
    Priority.MEDIUM: lazy_gettext("Medium"),
    Priority.LOW: lazy_gettext("Low"),
}

PRIORITY_TONES: Mapping[Priority, str] = {Priority.HIGH: "bad", Priority.MEDIUM: "warn", Priority.LOW: "quiet"}

STATES: Mapping[CaseState, str] = {
    CaseState.NEW: lazy_gettext("new"),
    CaseState.CLAIMED: lazy_gettext("in work"),
    CaseState.WAITING: lazy_gettext("waits for a second person"),
    CaseState.OUTBOX: lazy_gettext("about to leave"),
    CaseState.SENT: lazy_gettext("answered"),
    CaseState.FAILED: lazy_gettext("did not leave"),
    CaseState.ESCALATED: lazy_gettext("escalated"),
    CaseState.CLOSED: lazy_gettext("closed"),
}

PLATFORMS: Mapping[Platform, str] = {
    **{platform: platform.label for platform in Platform},
    Platform.REPLAY: lazy_gettext("Sample platform"),
}

DISPATCHES: Mapping[DispatchState, str] = {
    DispatchState.QUEUED: lazy_gettext("queued"),
    DispatchState.SENDING: lazy_gettext("leaving now"),
    DispatchState.SENT: lazy_gettext("sent"),
    DispatchState.UNCERTAIN: lazy_gettext("uncertain"),
    DispatchState.REFUSED: lazy_gettext("did not leave"),
    DispatchState.CANCELLED: lazy_gettext("cancelled"),
    DispatchState.RETRACTING: lazy_gettext("being taken back"),
    DispatchState.RETRACTED: lazy_gettext("taken back"),
}

CLOSINGS: Mapping[str, str] = {
    "no_reply_needed": lazy_gettext("No reply needed"),
    "answered_by_hand": lazy_gettext("Answered by hand"),
    "not_about_us": lazy_gettext("Not about us"),
    "duplicate": lazy_gettext("Same as another case"),
}

ENTRIES: Mapping[EntryKind, str] = {
    EntryKind.DECISION: lazy_gettext("Decision about a reply"),
    EntryKind.APPROVAL: lazy_gettext("Exactly this text approved"),
    EntryKind.RELEASE: lazy_gettext("A hold was released with a reason"),
    EntryKind.SEND_RESULT: lazy_gettext("Outcome of a send"),
    EntryKind.OPT_OUT: lazy_gettext("Contact wish changed"),
    EntryKind.DELETION: lazy_gettext("Words erased"),
    EntryKind.LADDER: lazy_gettext("Step of the warning ladder"),
    EntryKind.THREAT: lazy_gettext("Threat escalated"),
    EntryKind.CRISIS: lazy_gettext("Crisis escalated"),
    EntryKind.EVIDENCE: lazy_gettext("Evidence secured"),
    EntryKind.REPORT: lazy_gettext("Report made"),
    EntryKind.CONFIG: lazy_gettext("Configuration came into force"),
    EntryKind.ACCESS: lazy_gettext("Protected words read"),
    EntryKind.EXPORT: lazy_gettext("Ledger exported"),
    EntryKind.CHECKPOINT: lazy_gettext("Checkpoint signed and kept elsewhere"),
    EntryKind.KILL: lazy_gettext("Stop-all changed"),
    EntryKind.KEY: lazy_gettext("Signing key changed"),
    EntryKind.RETRACT: lazy_gettext("A reply of ours taken back"),
    EntryKind.RESTORE: lazy_gettext("Restored from a backup"),
    EntryKind.ATTEST: lazy_gettext("A person vouched for a fact"),
    EntryKind.INCIDENT: lazy_gettext("Incident opened, changed or answered"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline in words. ``tone`` is "bad" when over, "warn" when near, else ""."""

    words: str
    tone: str


def lane(value: str) -> str:
    """A lane's name."""
    return str(LANES[Lane(value)])


def platform(value: str) -> str:
    """A platform's name."""
    return str(PLATFORMS[Platform(value)])


def ago(at: int) -> str:
    """How long something is ago, short: "14 min"."""
    return _length(max(0, now() - at))


def _length(milliseconds: int) -> str:
    if milliseconds < MINUTE_MS:
        return _("now")
    # Rounded down by hand: Babel rounds up from 0.85 of the next unit, and a deadline must not look farther away.
    unit = next(size for size in (24 * HOUR_MS, HOUR_MS, MINUTE_MS) if milliseconds >= size)
    return _spelled(timedelta(milliseconds=milliseconds // unit * unit), get_locale())


@lru_cache(maxsize=512)
def _spelled(length: timedelta, locale: Locale) -> str:
    """A length in words; a page of the queue asks for a hundred, most of them alike."""
    return str(format_timedelta(length, format="short", locale=locale, threshold=1))


def length(milliseconds: int) -> str:
    """A length of time, to the second below one minute: "3 hr", "40 seconds"."""
    if milliseconds < MINUTE_MS:
        return ngettext("%(num)s second", "%(num)s seconds", milliseconds // 1000)
    return _length(milliseconds)


def seconds_ago(at: int) -> str:
    """How long something is ago, to the second below one minute."""
    past = max(0, now() - at)
    if past < 5000:  # noqa: PLR2004 - five seconds are no age
        return _("just now")
    if past < MINUTE_MS:
        return ngettext("%(num)s second ago", "%(num)s seconds ago", past // 1000)
    return _("%(length)s ago", length=_length(past))


def moment(at: int) -> str:
    """A time of day, with the day unless it is today: "today, 09:26"."""
    there, here = _local(at), _local(now())
    time = format_time(there, "HH:mm", locale=get_locale())
    if there.date() == here.date():
        return _("today, %(time)s", time=time)
    if there.date() == here.date() - timedelta(days=1):
        return _("yesterday, %(time)s", time=time)
    pattern = "d MMM" if there.year == here.year else "d MMM y"
    if str(get_locale()).startswith("de"):
        pattern = pattern.replace("d MMM", "d. MMM")
    return f"{format_date(there.date(), pattern, locale=get_locale())}, {time}"


def day(at: int) -> str:
    """A day, with its year: "24 Nov 2026"."""
    pattern = "d. MMM y" if language_code() == "de" else "d MMM y"
    return str(format_date(_local(at).date(), pattern, locale=get_locale()))


def date_of(known: date) -> str:
    """A day of the calendar without its year: "16 Nov"."""
    return str(format_date(known, "d. MMM" if language_code() == "de" else "d MMM", locale=get_locale()))


def clock_time(at: int) -> str:
    """Only the time of day."""
    return str(format_time(_local(at), "HH:mm", locale=get_locale()))


def exact(at: int) -> str:
    """Date and time to the second with the zone, as a record needs it."""
    return str(format_datetime(_local(at), "yyyy-MM-dd HH:mm:ss zzz", tzinfo=zone(), locale=get_locale()))


def iso(at: int) -> str:
    """The machine's form of a time, for ``<time datetime>``."""
    return _local(at).isoformat(timespec="seconds")


def clamped(at: int) -> int:
    """Seconds that a calendar knows: a hostile date far beyond it becomes the nearest day that exists."""
    return min(max(at // 1000, 0), _LAST_DAY)


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(clamped(at), UTC).astimezone(zone())


def due(at: int | None) -> Due | None:
    """A deadline in words, or None where there is none."""
    if at is None:
        return None
    left = at - now()
    if left < 0:
        return Due(_("overdue, %(length)s", length=_length(-left)), "bad")
    return Due(_("%(length)s left", length=_length(left)), "warn" if left < NEAR_MS else "")


def language_name(code: str) -> str:
    """A language's name in the reader's language; "another language" for one that could not be named."""
    return str(get_locale().languages.get(code, _("another language")))


def language_code() -> str:
    """The page's language: "de" or "en"."""
    return "de" if get_locale().language == "de" else "en"


def mine() -> str:
    """Title of the list of one's own cases."""
    return str(_("In your hands"))


def every_lane() -> str:
    """Title of a list without a lane."""
    return str(_("All lanes"))


def show_news(count: int) -> str:
    """The button that brings new cases into the list."""
    return str(ngettext("Show %(num)s new", "Show %(num)s new", count))
