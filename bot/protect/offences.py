"""Hints on offences, for people to think with and never a verdict (E-06), and the time for a request. Pure.

Sources: German Criminal Code (StGB) sections 77b, 194, 205, 230; consent rules, section 5, E-06.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Literal

REQUEST_MONTHS = 3
"""Section 77b StGB: a request is filed within three months of knowing the deed and who did it."""


@dataclass(frozen=True, slots=True)
class Offence:
    """One section of the law: its name in German, what it means in English, and who must ask for prosecution.

    ``request``: "yes" only the injured person's request leads to prosecution, "follows" it is that of the deed which
    was threatened (section 241 (5)), "no" it is prosecuted anyway.
    """

    section: str
    german: str
    english: str
    request: Literal["yes", "no", "follows"]


OFFENCES: tuple[Offence, ...] = (
    Offence("241", "Bedrohung", "threat", "follows"),
    Offence("240", "Nötigung", "coercion", "no"),
    Offence("126", "Störung des öffentlichen Friedens durch Androhung", "threat of grave crimes", "no"),
    Offence("130", "Volksverhetzung", "incitement to hatred", "no"),
    Offence("185", "Beleidigung", "insult", "yes"),
    Offence("186", "Üble Nachrede", "malicious gossip", "yes"),
    Offence("187", "Verleumdung", "defamation", "yes"),
)

BY_REQUEST = {offence.section: offence for offence in OFFENCES if offence.request != "no"}
"""Those for which the person concerned gets a deadline."""


def request_until(known_on: date) -> date:
    """The last day of the request for somebody who knew deed and offender on ``known_on``.

    The time begins when that day ends, so it lasts until the same number of the third month after, or that month's
    last day. That the law moves a Saturday, Sunday or holiday to the next working day is left out: early is safe.
    """
    months = known_on.month - 1 + REQUEST_MONTHS
    year, month = known_on.year + months // 12, months % 12 + 1
    return date(year, month, min(known_on.day, calendar.monthrange(year, month)[1]))
