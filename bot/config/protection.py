"""The shape of ``protection.yaml``: who is paged when somebody threatens staff or is in need. Pure.

The file is optional, and nothing in it is demanded: without it the desk says that nobody is paged.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.bases import Frozen, Language, Name, Token
from bot.config.places import server

HotlineCountry = Literal["de", "gb", "ie", "us"]
"""Countries that ``bot/protect/hotlines.toml`` knows cards of; a test compares the two."""


Holiday = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


StaffName = Annotated[str, Field(pattern=r"^\S.+\S$", max_length=80)]
"""Two letters would stand in any text."""


class Paged(Frozen):
    """Somebody who is paged.

    ``channels`` name secrets, each an address as apprise writes it (mail, chat, webhook, phone push); the next one is
    used when one is down. ``language`` is that of the page; without it the brand's first one.
    """

    name: Name
    channels: Annotated[tuple[Token, ...], Field(min_length=1, max_length=5)]
    language: Language | None = None


class Chain(Frozen):
    """Who is paged in which order: all of ``first`` at once, then those of ``then`` one after another, and round again.

    ``minutes``: how long one waits for an acknowledgement before the next person is paged.
    """

    first: Annotated[tuple[Paged, ...], Field(max_length=10)] = ()
    then: Annotated[tuple[Paged, ...], Field(max_length=20)] = ()
    minutes: Annotated[int, Field(ge=1, le=60)] = 5


class Protection(Frozen):
    """Who protects staff, and what the house needs for it.

    ``threat``: the on-call senior and the health and safety board (E-01). ``first_look``: people trained to tell a
    figure of speech from a threat; without them those of ``threat`` are asked. ``crisis``: people trained for
    crises (E-11). ``security``: those who look after false helpers (E-13). ``exposure_per_day``: how many hard
    texts a person reads in a day of the brand's zone before such cases go to others. ``hotline_countries``: where
    the people who may be in need live (E-12). ``security_people``: names at the desk of people who work on false
    helpers (E-13), beside seniors. ``friendly_handles``: accounts that may look like ours, such as fan pages,
    shops, and employees who write under their own name. ``staff_names``: colleagues whom posts name; lists cover
    their names (W-04). ``pseudonym_openers``: names at the desk of those who may, two together, open a pseudonym of
    the ledger (W-03). ``holidays``: days, beside weekends, on which nobody has to decide a review of the ladder.
    ``page_pictures``: servers whose public pages evidence may read and draw (E-07), also those of their style sheets;
    none of them, and bundles have no picture of a page.
    """

    threat: Chain = Chain()
    first_look: Chain = Chain()
    crisis: Chain = Chain()
    security: Chain = Chain()
    security_people: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    friendly_handles: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    staff_names: Annotated[tuple[StaffName, ...], Field(max_length=2_000)] = ()
    exposure_per_day: Annotated[int, Field(ge=1, le=1000)] = 20
    pseudonym_openers: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=400)] = ()
    hotline_countries: Annotated[tuple[HotlineCountry, ...], Field(min_length=1)] = ("de",)
    page_pictures: Annotated[tuple[Annotated[Name, AfterValidator(server)], ...], Field(max_length=20)] = ()

    @property
    def people(self) -> tuple[Paged, ...]:
        """Everybody who is paged for anything."""
        chains = (self.threat, self.first_look, self.crisis, self.security)
        return tuple(paged for chain in chains for paged in (*chain.first, *chain.then))

    @property
    def unpaged(self) -> list[str]:
        """The kinds of alarm for which nobody is named."""
        chains = {"threat": self.threat, "crisis": self.crisis, "security": self.security}
        return [kind for kind, chain in chains.items() if not (chain.first or chain.then)]
