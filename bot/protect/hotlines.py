"""The hotline registry (E-12): which numbers may leave, exactly how they are written, and who confirmed them when.

``hotlines.toml`` beside this file is the only place where such a number stands. A card older than 90 days is blocked:
the desk does not offer it and the gate stops it, until a named person looked at its source.
"""

import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import Field

from bot.config.bases import Frozen, Language
from bot.errors import NotAllowed, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.model import EntryKind, Role
from bot.store import care
from bot.store.db import Reader, Row, Tx

DAY_MS = 86_400_000
GOOD_DAYS = 90
"""How long a confirmation holds (E-12)."""

Audience = Literal["danger", "everyone", "young", "parents", "violence"]
Pair = Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
"""German and English."""

_OR = (" oder ", " or ")


class Card(Frozen):
    """One service: its numbers as they must be written, for whom, and where and when somebody read them.

    ``language`` is what is spoken there, ``site`` the service's own page. Without ``verified_on`` nobody confirmed the
    card yet.
    """

    id: str
    service: Pair
    numbers: Annotated[tuple[str, ...], Field(min_length=1)]
    countries: Annotated[tuple[str, ...], Field(min_length=1)]
    language: Language
    audience: Audience
    hours: Pair
    source: str
    site: str = ""
    verified_on: date | None = None

    def line(self, language: str) -> str:
        """The card as it stands in a reply; German for "de", English otherwise."""
        place = 0 if language == "de" else 1
        return f"{self.service[place]}: {_OR[place].join(self.numbers)} ({self.hours[place]})"

    @property
    def key(self) -> str:
        """The numbers as one text: what a confirmation is about."""
        return " | ".join(self.numbers)


class Report(Frozen):
    """How the people of some platforms are told that somebody may harm themselves."""

    platforms: tuple[str, ...]
    how: Pair


class Registry(Frozen):
    """Everything in ``hotlines.toml``."""

    card: tuple[Card, ...]
    report: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A card as it stands now: who confirmed it last ("" for the release itself), when, and whether it may leave."""

    card: Card
    by: str
    at: int | None
    good: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a brand's countries: those that may leave, and those whose card is blocked."""

    good: tuple[str, ...]
    blocked: tuple[str, ...]


@cache
def registry() -> Registry:
    """The registry of this release."""
    source = resources.files("bot.protect").joinpath("hotlines.toml").read_text("utf-8")
    return Registry.model_validate(tomllib.loads(source))


def report_for(platform: str) -> Pair | None:
    """How a platform's people are told that somebody may harm themselves, German and English; None without any."""
    return next((each.how for each in registry().report if platform in each.platforms), None)


def standings(reader: Reader, now: int) -> tuple[Standing, ...]:
    """All cards in the order of the registry."""
    given = {(row["card"], row["numbers"]): row for row in care.confirmations(reader)}
    return tuple(standing(card, given.get((card.id, card.key)), now) for card in registry().card)


def standing(card: Card, confirmed: Row | None, now: int) -> Standing:
    """A card with its newest confirmation (``at``, ``name``), or with what the release says of it."""
    released = None if card.verified_on is None else _midnight(card.verified_on)
    if confirmed is not None and (released is None or confirmed["at"] >= released):
        return Standing(card, str(confirmed["name"]), confirmed["at"], good=_fresh(confirmed["at"], now))
    return Standing(card, "", released, good=released is not None and _fresh(released, now))


def _fresh(at: int, now: int) -> bool:
    return now - at <= GOOD_DAYS * DAY_MS


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000


def choices(
    known: Iterable[Standing], countries: Collection[str], language: str, audience: str = ""
) -> tuple[Standing, ...]:
    """The cards for somebody in ``countries``: those in their language first. ``audience`` "" stands for everyone's."""
    fitting = [
        each for each in known if set(each.card.countries) & set(countries) and audience in {"", each.card.audience}
    ]
    return tuple(sorted(fitting, key=lambda each: each.card.language != language))


def numbers(known: Sequence[Standing], countries: Collection[str]) -> Numbers:
    """What the gate must know. A number that stands on a blocked card of these countries is blocked."""
    here = [each for each in known if set(each.card.countries) & set(countries)]
    blocked = {number for each in here if not each.good for number in each.card.numbers}
    good = {number for each in here if each.good for number in each.card.numbers} - blocked
    return Numbers(tuple(sorted(good)), tuple(sorted(blocked)))


def confirm(tx: Tx, keys: Keys, card_id: str, *, user: Row, now: int) -> int:
    """A senior or trained person looked at the source: the numbers hold. Returns the ledger entry's number.

    Raises:
        NotAllowed: the person is neither.
        Stale: there is no such card.
    """
    if user["role"] == Role.GUEST or not (user["role"] == Role.SENIOR or user["trained"]):
        raise NotAllowed("A senior or a person trained for crises confirms hotlines.")
    card = next((each for each in registry().card if each.id == card_id), None)
    if card is None:
        raise Stale("There is no such card. See: earshot hotlines list")
    fields: dict[str, entries.Value] = {"step": "hotline_confirmed", "card": card.id, "numbers": card.key}
    seq = entries.append(tx, EntryKind.ATTEST, {**fields, "by": keys.staff(user["id"], now)}, now)
    care.confirm(tx, card.id, card.key, user["id"], at=now, seq=seq)
    return seq
