"""Escalations as the desk shows them: banners, the list, and one of them with its timers. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.desk import words
from bot.desk.i18n import _, lazy_gettext, ngettext
from bot.desk.state import house, now
from bot.model import AlarmKind, Role
from bot.protect import escalation, paging
from bot.protect.alarm import FIRST_LOOK_MS, MINUTE_MS
from bot.protect.offences import OFFENCES
from bot.protect.oncall import unpaged
from bot.store import alarms, pages
from bot.store.db import Reader, Row

KINDS = {
    AlarmKind.THREAT: lazy_gettext("Threat"),
    AlarmKind.CRISIS: lazy_gettext("Person in need"),
    AlarmKind.SECURITY: lazy_gettext("Security"),
}
STATES = {
    "open": lazy_gettext("waits for a decision"),
    "confirmed": lazy_gettext("confirmed"),
    "figurative": lazy_gettext("figure of speech"),
    "reported": lazy_gettext("reported"),
    "no_report": lazy_gettext("closed without a report"),
    "settled": lazy_gettext("settled"),
}
WHY = {
    "acute_pattern": lazy_gettext("The text names a place, a weapon or a time near a threat."),
    "suspected": lazy_gettext("A detector suspects a threat. Nobody has looked yet whether it is one."),
    "flagged": lazy_gettext("A person raised the alarm."),
}
TARGETS = {
    "police": lazy_gettext("Police: 110 or the nearest station"),
    "board": lazy_gettext("Health and safety board"),
    "works_council": lazy_gettext("Works council"),
    "employee": lazy_gettext("The threatened colleague knows"),
    "platform": lazy_gettext("Report to the platform"),
    "dsa18": lazy_gettext("Our own forum: police told with all we know (DSA, Art. 18)"),
    "onlinewache": lazy_gettext("Police online form, hate on the net (not for danger)"),
    "hessen": lazy_gettext("HessenGegenHetze"),
    "respect": lazy_gettext("REspect, reporting centre"),
    "hateaid": lazy_gettext("HateAid, for the colleague"),
}
PAGES = {
    "due": lazy_gettext("about to be paged"),
    "sending": lazy_gettext("being paged"),
    "sent": lazy_gettext("paged"),
    "uncertain": lazy_gettext("perhaps paged: the worker was cut off. The next person was paged at once."),
    "dropped": lazy_gettext("not needed any more"),
}
REQUESTS = {
    "yes": lazy_gettext("only at the request of the person concerned"),
    "follows": lazy_gettext("request as for the deed that was threatened"),
    "no": lazy_gettext("without a request"),
}


@dataclass(frozen=True, slots=True)
class Banner:
    """One line above every page; ``escalation`` is where it leads, or None for the list."""

    tone: str
    strong: str
    words: str
    escalation: int | None = None


def unnamed(kind: str, *, first_look: bool) -> bool:
    """Whether the configuration names nobody who is paged for this now."""
    config = house().config
    looking = first_look and (config.protection.first_look.first or config.protection.first_look.then)
    return not looking and kind in unpaged(config, now())


def banners(reader: Reader) -> tuple[Banner, ...]:
    """What is wrong with the alarms now, the gravest first: nobody is paged, or nobody can be reached, or came."""
    if not alarms.standing(reader):
        return ()
    waiting = [row for row in alarms.listed(reader, ended=False, limit=50) if row["acknowledged_at"] is None]
    found = []
    alone = [row for row in waiting if unnamed(row["kind"], first_look=paging.is_first_look(row))]
    if alone:
        strong = _("Nobody is paged.")
        told = ngettext(
            "%(num)s alarm waits here, and protection.yaml names nobody to be paged for it.",
            "%(num)s alarms wait here, and protection.yaml names nobody to be paged for them.",
            len(alone),
        )
        found.append(Banner("bad", strong, told, _one(alone)))
    failing = pages.failing(reader)
    if failing:
        people = ", ".join(dict.fromkeys(row["contact"] for row in failing))
        told = _("No channel reaches %(people)s. The next person is paged; we try again.", people=people)
        found.append(Banner("bad", _("A page does not arrive."), told))
    named = [row for row in waiting if row not in alone]
    ringing = [row for row in named if row["acute"] or row["kind"] != AlarmKind.THREAT]
    if ringing:
        told = ngettext("%(num)s alarm is in nobody’s hands.", "%(num)s alarms are in nobody’s hands.", len(ringing))
        found.append(Banner("bad", _("Alarm."), told, _one(ringing)))
    late = [
        row for row in alarms.listed(reader, ended=False, limit=50) if row["late_decision_at"] or row["late_report_at"]
    ]
    if late:
        told = ngettext("%(num)s escalation is overdue.", "%(num)s escalations are overdue.", len(late))
        found.append(Banner("warn", _("Overdue."), told, _one(late)))
    return tuple(found)


def _one(rows: Sequence[Row]) -> int | None:
    return int(rows[0]["id"]) if len(rows) == 1 else None


@dataclass(frozen=True, slots=True)
class Timer:
    """One promise of time: what, by when, and when it was kept. ``tone`` is "ok", "bad" when late, "warn" or ""."""

    words: str
    due_at: int
    done_at: int | None
    tone: str


def timers(row: Row) -> list[Timer]:
    """E-01's timers of an escalation, as far as they run for it."""
    look = paging.is_first_look(row)
    paged_by = row["rung_at"] + (FIRST_LOOK_MS if look else 0) + MINUTE_MS
    paged = row["paged_at"] if row["paged_at"] and row["paged_at"] >= row["rung_at"] else None
    taken = row["acknowledged_at"]
    found = []
    if not (look and taken and not paged):
        found.append(_timer(_("Somebody is paged"), paged_by, paged))
    if row["kind"] == AlarmKind.THREAT:
        decided = row["confirmed_at"] or (row["ended_at"] if row["state"] == "figurative" else None)
        found.append(_timer(_("A person decides"), row["opened_at"] + paging.DECIDED_MS, decided))
    if row["confirmed_at"]:
        told = _("Police and board know")
        found.append(_timer(told, row["confirmed_at"] + paging.REPORTED_MS, row["reported_at"]))
    return found


def _timer(told: str, due_at: int, done_at: int | None) -> Timer:
    late = (done_at or now()) > due_at
    return Timer(told, due_at, done_at, "bad" if late else "ok" if done_at else "")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist: who is told, and if they were, when, by whom and under which number."""

    target: str
    words: str
    made: Row | None


@dataclass(frozen=True, slots=True)
class EscalationFile:
    """Everything that the page of one escalation shows."""

    row: Row
    kind: str
    state: str
    why: str
    by: str
    cases: tuple[Row, ...]
    timers: tuple[Timer, ...]
    pages: tuple[Row, ...]
    checks: tuple[Check, ...]
    agreed: tuple[Row, ...]
    agreed_by_me: bool
    trained: bool
    may_say_figurative: bool
    unnamed: bool


def is_trained(user: Row) -> bool:
    """Whether a person decides about threats."""
    return user["role"] == Role.SENIOR or (user["role"] == Role.AGENT and bool(user["trained"]))


def may_say_figurative(row: Row, user: Row) -> bool:
    """Whether a person may say with one key that this is a figure of speech."""
    unconfirmed = row["kind"] == AlarmKind.THREAT and row["state"] == "open"
    return unconfirmed and is_trained(user) and (not row["acute"] or user["role"] == Role.SENIOR)


def read(reader: Reader, row: Row, user: Row) -> EscalationFile:
    """One escalation for one reader."""
    made = {report["target"]: report for report in alarms.reports_of(reader, row["id"])}
    agreed = alarms.agreed(reader, row["id"])
    threat = row["kind"] == AlarmKind.THREAT
    return EscalationFile(
        row=row,
        kind=str(KINDS[AlarmKind(row["kind"])]),
        state=str(STATES[row["state"]]),
        why=str(WHY.get(row["why"], "")),
        by=acknowledged_by(reader, row),
        cases=tuple(alarms.cases_of(reader, row["id"])),
        timers=tuple(timers(row)),
        pages=tuple(pages.of_escalation(reader, row["id"])),
        checks=tuple(
            Check(target, str(TARGETS[target]), made.get(target)) for target in escalation.targets(reader, row)
        )
        if threat
        else (),
        agreed=tuple(agreed),
        agreed_by_me=user["id"] in {each["user_id"] for each in agreed},
        trained=is_trained(user),
        may_say_figurative=may_say_figurative(row, user),
        unnamed=row["ended_at"] is None and unnamed(row["kind"], first_look=paging.is_first_look(row)),
    )


def acknowledged_by(reader: Reader, row: Row) -> str:
    """Who looks after an escalation: a contact's name, or initials."""
    return row["acknowledged_contact"] or alarms.taken_by(reader, row["id"])


def hints() -> list[tuple[str, str, str]]:
    """Offences for people to think with: section, name, and whose request it takes."""
    german = words.language_code() == "de"
    return [(one.section, one.german if german else one.english, str(REQUESTS[one.request])) for one in OFFENCES]


def day(written: str) -> str:
    """A day that stands in the store as "2026-11-24", as people write it."""
    return words.day(int(datetime.fromisoformat(f"{written}T12:00+00:00").timestamp() * 1000))


def of_case(reader: Reader, case_id: int, user: Row) -> EscalationFile | None:
    """The open escalation that holds a case."""
    row = alarms.of_case(reader, case_id)
    return None if row is None else read(reader, row, user)
