"""What a case's page and the evidence room say of bundles, in words. Reads only, and no words of a post."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from babel.numbers import format_decimal
from flask_babel import get_locale

from bot.desk.i18n import _, lazy_gettext
from bot.desk.state import now, user
from bot.model import SHIELDED_LANES, Lane, Platform, Role
from bot.model.evidence import BundleState, Offence
from bot.model.retention import UNAPPROVED_HOLD_MS
from bot.protect.holds import may_keep
from bot.store import evidence as rows
from bot.store import holds
from bot.store.db import Reader, Row

OFFENCES: Mapping[Offence, str] = {
    Offence.THREAT: lazy_gettext("Threat, § 241 StGB"),
    Offence.INSULT: lazy_gettext("Insult, § 185 StGB"),
    Offence.DEFAMATION: lazy_gettext("Defamation, §§ 186, 187 StGB"),
    Offence.COERCION: lazy_gettext("Coercion, § 240 StGB"),
    Offence.INCITEMENT: lazy_gettext("Incitement to hatred, § 130 StGB"),
    Offence.DISTURBANCE: lazy_gettext("Announcing serious crimes, § 126 StGB"),
    Offence.FRAUD: lazy_gettext("Fraud, false helpers, § 263 StGB"),
    Offence.OTHER: lazy_gettext("Something else"),
}
"""What a person may find a post to be: a hint for the police, never a verdict."""

_LIKELY = {Lane.THREAT: Offence.THREAT, Lane.ABUSE: Offence.INSULT, Lane.SCAM: Offence.FRAUD}

STEPS: Mapping[str, str] = {
    "asked": lazy_gettext("Asked for"),
    "taken": lazy_gettext("Taken and signed"),
    "read": lazy_gettext("A copy was taken to read it"),
    "handed_over": lazy_gettext("Handed over"),
    "removed": lazy_gettext("Removed"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One bundle in a list. ``about`` says what it holds; ``held`` is the review of its hold, None if there is none."""

    id: int
    case_id: int
    platform: str
    at: int
    state: str
    words: str
    tone: str
    about: str
    manifest: str
    held: int | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The evidence of one case.

    ``may``: the reader may deal with evidence. ``forbidden``: nothing may be kept. ``hold`` is the hold in force;
    ``lapses`` is when it ends by itself because nobody approved it yet, and ``approves`` whether the reader may.
    """

    may: bool
    forbidden: bool
    lines: tuple[Line, ...]
    pending: bool
    offences: tuple[tuple[str, str], ...]
    likely: str
    hold: Row | None
    lapses: int | None
    approves: bool
    hint: str
    open: bool


def shelf_of(reader: Reader, case: Row) -> Shelf:
    """The evidence of a case as this reader sees it."""
    me, lane = user(), Lane(case["lane"])
    may, hold = may_keep(me), holds.of_case(reader, case["id"], now())
    lines = tuple(line_of(row, case["platform"]) for row in rows.of_case(reader, case["id"])) if may else ()
    waits = hold is not None and hold["approved_by"] is None
    return Shelf(
        may=may,
        forbidden=rows.forbidden(reader, case["id"]),
        lines=lines,
        pending=any(line.state == BundleState.ASKED for line in lines),
        offences=tuple((offence.value, told) for offence, told in OFFENCES.items()),
        likely=_LIKELY.get(lane, Offence.OTHER).value,
        hold=hold,
        lapses=hold["at"] + UNAPPROVED_HOLD_MS if hold is not None and waits else None,
        approves=hold is not None and waits and me["role"] == Role.SENIOR and hold["asked_by"] != me["id"],
        hint=_hint(Platform(case["platform"])),
        open=bool(lines) or lane in SHIELDED_LANES or lane is Lane.SCAM,
    )


def _hint(platform: Platform) -> str:
    """What the platform's own terms say against keeping a post (source X5, R3)."""
    if platform is Platform.X:
        return _(
            "X lets deleted posts be kept only where a law forbids deleting them, and with its written permission."
        )
    if platform is Platform.REDDIT:
        return _("Reddit knows no exception for keeping deleted posts. Ask your lawyers before you keep one.")
    return ""


def line_of(row: Row, platform: str, held: int | None = None) -> Line:
    """One bundle in words."""
    state = BundleState(row["state"])
    told = {
        BundleState.ASKED: (_("being taken"), "accent"),
        BundleState.TAKEN: (_("taken"), "ok"),
        BundleState.REMOVED: (_("removed"), "quiet"),
    }[state]
    if state is BundleState.ASKED and row["trouble"]:
        told = (
            _("waits: the folder cannot be written") if row["trouble"] == "folder" else _("waits for the platform"),
            "warn",
        )
    return Line(
        id=row["id"],
        case_id=row["case_id"],
        platform=platform,
        at=row["taken_at"] or row["asked_at"],
        state=state.value,
        words=told[0],
        tone=told[1],
        about=_about(row) if state is BundleState.TAKEN else "",
        manifest=row["manifest"],
        held=held,
    )


def _about(row: Row) -> str:
    told = json.loads(row["told"])
    answers = {
        "shown": _("the platform showed the post"),
        "gone": _("the platform no longer showed the post"),
        "refused": _("the platform did not show us the post"),
        "no_answer": _("the platform did not answer"),
        "not_asked": _("the platform cannot be asked"),
    }
    pictures = {
        "full page": _("with a picture"),
        "cut": _("with a picture of its beginning"),
        "no browser": _("no picture: no browser is installed"),
        "the browser failed": _("no picture: the browser failed"),
    }
    pages = {"full page": _("with a picture of the page"), "cut": _("with a picture of the page's beginning")}
    size = _("%(n)s kB", n=format_decimal(-(-row["size"] // 1000), locale=get_locale()))
    parts = (
        answers.get(told.get("platform_answer", "")),
        pictures.get(told.get("picture", "")),
        pages.get(told.get("page", "")),
        size,
    )
    return ", ".join(filter(None, parts))
