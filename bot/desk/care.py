"""What a case's page knows about looking after people: may I open it today, what to call, which hotlines to offer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.desk.alarms import unnamed
from bot.desk.i18n import lazy_gettext
from bot.desk.state import house, now, user
from bot.desk.words import language_code
from bot.errors import Spent, Untrained
from bot.model import SHIELDED_LANES, AlarmKind, Lane
from bot.protect import exposure, hotlines
from bot.protect.exposure import Budget
from bot.protect.hotlines import Audience, Standing
from bot.review import care as review
from bot.store import care, users
from bot.store.db import Reader, Row

Stop = Literal["", "untrained", "spent", "resting"]
"""Why this person does not open the case; "" if they may."""

AUDIENCES: Mapping[Audience, str] = {
    "danger": lazy_gettext("Life in danger"),
    "everyone": lazy_gettext("Everyone"),
    "young": lazy_gettext("Children and young people"),
    "parents": lazy_gettext("Parents"),
    "violence": lazy_gettext("Violence at home"),
}

COUNTRIES: Mapping[str, str] = {
    "de": lazy_gettext("Germany"),
    "gb": lazy_gettext("United Kingdom"),
    "ie": lazy_gettext("Ireland"),
    "us": lazy_gettext("United States"),
}


@dataclass(frozen=True, slots=True)
class CardView:
    """A hotline card, worded in ``language``: ``line`` is what it puts into a reply, ``good`` whether it may leave."""

    id: str
    language: str
    line: str
    audience: str
    service: str
    numbers: tuple[str, ...]
    hours: str
    good: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One's own day: hard texts read, until when one rests. Nobody else sees it."""

    budget: Budget
    rests_until: int | None


@dataclass(frozen=True, slots=True)
class Care:
    """What a case's page shows of it.

    ``although``: the budget is spent, but nobody else could take it now. ``emergency`` are the numbers of the acute
    screen, ``report`` how the platform's people are told. ``trained``: somebody here is trained for
    crises; ``paged``: somebody is paged for them.
    """

    hard: bool
    stop: Stop
    although: bool
    day: Day
    cards: tuple[CardView, ...]
    emergency: tuple[CardView, ...]
    report: str
    trained: bool
    paged: bool


def of_day(reader: Reader) -> Day:
    """The day of who is signed in."""
    me = user()["id"]
    return Day(exposure.budget(reader, house().config, me, now()), care.rests_until(reader, me, now()))


def of_case(reader: Reader, case: Row) -> Care:
    """The care part of a case's page."""
    hard, day = case["lane"] in SHIELDED_LANES or bool(case["not_assessed"]), of_day(reader)
    stop = _stop(reader, case, day)
    crisis = case["lane"] == Lane.CRISIS
    cards = views(reader, reply_language(case)) if crisis else ()
    ours = views(reader, language_code()) if crisis else ()
    how = hotlines.report_for(case["platform"]) if crisis else None
    return Care(
        hard=hard,
        stop=stop,
        although=hard and not stop and (day.budget.spent or day.rests_until is not None),
        day=day,
        cards=tuple(view for _, view in cards),
        emergency=tuple(view for each, view in ours if each.card.audience == "danger"),
        report=how[0 if language_code() == "de" else 1] if how else "",
        trained=any(row["trained"] and row["active"] for row in users.every(reader)),
        paged=not unnamed(AlarmKind.CRISIS, first_look=False),
    )


def _stop(reader: Reader, case: Row, day: Day) -> Stop:
    try:
        review.need_fit(reader, house(), case, user(), now())
    except Untrained:
        return "untrained"
    except Spent:
        return "resting" if day.rests_until is not None else "spent"
    return ""


def reply_language(case: Row) -> str:
    """The language of a reply: the post's, if cards exist in it, else the brand's first one."""
    return str(case["language"]) if case["language"] in {"de", "en"} else house().brand.languages[0]


def views(reader: Reader, language: str) -> tuple[tuple[Standing, CardView], ...]:
    """The cards for the brand's countries, worded in ``language``."""
    known = hotlines.standings(reader, now())
    fitting = hotlines.choices(known, house().config.protection.hotline_countries, language)
    return tuple((each, view(each, language)) for each in fitting)


def view(each: Standing, language: str) -> CardView:
    """One card as the desk shows it."""
    card, place = each.card, 0 if language == "de" else 1
    return CardView(
        id=card.id,
        language="de" if language == "de" else "en",
        line=card.line(language),
        audience=str(AUDIENCES[card.audience]),
        service=card.service[place],
        numbers=card.numbers,
        hours=card.hours[place],
        good=each.good,
    )
