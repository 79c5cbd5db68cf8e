"""What a preserved post is made of: what went to a platform and came back, and what a person called the post.

Standard library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Exchange:
    """One read request and its whole answer, as they passed the HTTP door.

    ``body`` is the answer after decompression. No header holds a credential; what writes or logs in is never one.
    """

    url: str
    asked: Mapping[str, str]
    status: int
    reason: str
    answered: Mapping[str, str]
    body: bytes = field(repr=False)


class Offence(StrEnum):
    """What a person found a post to be (rules E-06 and P-13): a hint for the authorities, never a verdict."""

    THREAT = "threat"
    INSULT = "insult"
    DEFAMATION = "defamation"
    COERCION = "coercion"
    INCITEMENT = "incitement"
    DISTURBANCE = "disturbance"
    FRAUD = "fraud"
    OTHER = "other"

    @property
    def told(self) -> str:
        """The same for people of both languages, with the paragraph of the German criminal code."""
        return _TOLD[self]


_TOLD = {
    Offence.THREAT: "Bedrohung / threat, § 241 StGB",
    Offence.INSULT: "Beleidigung / insult, § 185 StGB",
    Offence.DEFAMATION: "Verleumdung, üble Nachrede / defamation, §§ 186, 187 StGB",
    Offence.COERCION: "Nötigung / coercion, § 240 StGB",
    Offence.INCITEMENT: "Volksverhetzung / incitement to hatred, § 130 StGB",
    Offence.DISTURBANCE: "Störung des öffentlichen Friedens / threat of serious crimes, § 126 StGB",
    Offence.FRAUD: "Betrug, falsche Helfer / fraud, false helpers, § 263 StGB",
    Offence.OTHER: "Anderes / something else",
}


class BundleState(StrEnum):
    """Where a bundle of evidence stands. ``REMOVED``: its hold ended, or it must not be kept."""

    ASKED = "asked"
    TAKEN = "taken"
    REMOVED = "removed"
