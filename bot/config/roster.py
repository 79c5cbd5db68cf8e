"""The shape of ``roster.yaml``: who is on call for what, week by week, and on which days otherwise. Pure.

The file is optional: without it those of ``protection.yaml`` are paged in its order, and nobody is missed at the desk.
Times are those of the clock where the brand is. Holidays stand in ``protection.yaml``, once for everything.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.bases import Frozen, Language, Name, Token

Duty = Literal["threat", "crisis", "security", "desk"]
"""What somebody is on call for: the three kinds of alarm, and the desk."""

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]

MOMENT = "%Y-%m-%d %H:%M"


def _moment(text: str) -> str:
    try:
        datetime.strptime(text, MOMENT)  # noqa: DTZ007 - the zone is the brand's, which another file names
    except ValueError:
        raise ValueError("Write a day and a time here, such as 2026-12-24 18:00.") from None
    return text


def _time(text: str) -> str:
    try:
        datetime.strptime(f"2026-01-01 {text}", MOMENT)  # noqa: DTZ007 - likewise
    except ValueError:
        raise ValueError("Write a time of day here, such as 18:00.") from None
    return text


Moment = Annotated[str, AfterValidator(_moment)]
TimeOfDay = Annotated[str, AfterValidator(_time)]


class Colleague(Frozen):
    """Somebody who is on call. ``channels`` and ``language`` are as in ``protection.yaml``; the desk needs none."""

    name: Name
    channels: Annotated[tuple[Token, ...], Field(max_length=5)] = ()
    language: Language | None = None


class Line(Frozen):
    """Who has which duties."""

    duties: Annotated[tuple[Duty, ...], Field(min_length=1)]
    person: Name


class Turn(Line):
    """A part of every week. An end that is not after the beginning is on the next day: 18:00 to 08:00, 08:00 to 08:00.

    ``holiday`` among the ``days``: on a holiday those lines count that name it, instead of the weekday's; a duty
    without such a line goes on as on any other day.
    """

    days: Annotated[tuple[Day, ...], Field(min_length=1)]
    begins: TimeOfDay
    ends: TimeOfDay


class Swap(Line):
    """A dated exception: it counts before the weekly pattern."""

    begins: Moment
    ends: Moment


class Roster(Frozen):
    """Who is on call for what. Where lines overlap the first one counts.

    ``solo_review_percent``: how many of a hundred replies that were let pass alone in a solo shift somebody else looks
    at on the next working day; one at least.
    """

    people: Annotated[tuple[Colleague, ...], Field(max_length=200)] = ()
    weekly: Annotated[tuple[Turn, ...], Field(max_length=500)] = ()
    exceptions: Annotated[tuple[Swap, ...], Field(max_length=1000)] = ()
    solo_review_percent: Annotated[int, Field(ge=1, le=100)] = 20

    @property
    def duties(self) -> tuple[Duty, ...]:
        """What the roster names somebody for at some time; only that can lack somebody."""
        lines: tuple[Line, ...] = (*self.weekly, *self.exceptions)
        named = {duty for line in lines for duty in line.duties}
        order: tuple[Duty, ...] = ("threat", "crisis", "security", "desk")
        return tuple(duty for duty in order if duty in named)

    def person(self, name: str) -> Colleague | None:
        """The colleague called ``name``."""
        return next((one for one in self.people if one.name == name), None)
