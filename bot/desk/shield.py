"""Nobody reads hate by accident: which texts stand behind steps, what their summary says, which step is open.

Level 0 is a neutral summary, 1 the text with the found words masked, 2 the wording. Below its level a
text is not in the page at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.desk.i18n import _
from bot.model import SHIELDED_LANES, Finding, Lane, Span
from bot.review.care import Shown
from bot.store import queue
from bot.store.db import Reader

SHOWN_MS = 10 * 60_000
"""A reveal holds for ten minutes, for the person who asked for it."""

EVENTS: Mapping[int, Shown] = {1: "shown_masked", 2: "shown_words"}
"""The case event that counts a reveal of each level."""

DETECTORS = frozenset({"abuse", "hate", "threat", "crisis"})
"""Detectors whose spans are masked at level 1."""

Level = Literal[0, 1, 2]


@dataclass(frozen=True, slots=True)
class Shield:
    """A text behind steps. ``maskable``: there are spans to mask, so that level 1 makes sense."""

    level: Level
    summary: str
    labels: tuple[tuple[str, str], ...]
    maskable: bool


def needed(lane: Lane, *, not_assessed: bool) -> bool:
    """Whether the texts of a case stand behind the shield. What nobody assessed may hold anything."""
    return lane in SHIELDED_LANES or not_assessed


def summary(lane: Lane, labels: Mapping[str, str], *, not_assessed: bool, stage: str = "assessed") -> str:
    """What a shielded text is about, in neutral words of ours. ``stage`` is the post's."""
    if stage == "kept":
        return _("Not assessed yet: in a moment it is known what it says.")
    if not_assessed:
        return _("Not assessed: three attempts failed, nobody knows yet what it says.")
    if lane is Lane.THREAT:
        return _("Reads like a threat against people or places.")
    if lane is Lane.CRISIS:
        return _("Someone may be in acute distress.")
    if labels.get("sentiment") == "negative":
        return _("Attacks a person, and is angry about the service as well.")
    return _("Attacks a person.")


def found_words(finding: Finding) -> tuple[str, str] | None:
    """One detector's answer as tone and words, or None when it is not about harm."""
    told = {
        "abuse": (_("attack on a person"), _("no attack found")),
        "hate": (_("hate against a group"), _("no hate found")),
        "threat": (_("threat"), _("no threat found")),
        "crisis": (_("distress"), _("no distress found")),
    }
    if finding.detector not in told:
        return None
    if finding.failed:
        return "warn", _("%(detector)s could not answer", detector=finding.detector)
    yes, no = told[finding.detector]
    return ("bad", yes) if finding.score and finding.label not in {"none", "undetermined"} else ("quiet", no)


def spans(findings: Sequence[Finding]) -> list[Span]:
    """What level 1 masks."""
    return [span for finding in findings if finding.detector in DETECTORS for span in finding.spans]


def level(reader: Reader, case_id: int, user_id: int, wanted: int, now: int) -> Level:
    """The step that is open: what the address asks for, as far as this person asked for it within ten minutes."""
    if wanted not in EVENTS:
        return 0
    given = queue.shown_to(reader, case_id, user_id, now - SHOWN_MS)
    if wanted == 2 and EVENTS[2] in given:  # noqa: PLR2004 - the second step
        return 2
    return 1 if given else 0
