"""Why a watch heard a text, or why it did not: for "earshot try" and for the desk.

It only reads what the matcher found. The words for a person are the screens' matter; here are the facts.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from bot.model import Match, Platform
from bot.watch.compile import ANY, NONE, CompiledWatch, Hit, Matcher
from bot.watch.fold import Folded


class Limit(StrEnum):
    """A limit of a watch that a text does not meet."""

    LANGUAGES = "languages"
    PLATFORMS = "platforms"


@dataclass(frozen=True, slots=True)
class MissingGroup:
    """A group none of whose terms stands in the text. ``group`` is "any", or "all 1" for the first one of ``all``."""

    group: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one watch makes of one text.

    ``hits`` are the terms of ``any`` and ``all`` that stand in the text, ``stopped_by`` those of ``none``, both
    sorted by span. ``missing`` and ``limits`` say what else kept the watch from firing.
    """

    watch: str
    fired: bool
    hits: tuple[Match, ...]
    missing: tuple[MissingGroup, ...]
    stopped_by: tuple[Match, ...]
    limits: tuple[Limit, ...]

    @property
    def nearly(self) -> bool:
        """At least one term hit, but the watch did not fire."""
        return bool(self.hits) and not self.fired


def explain(
    matcher: Matcher, text: str, language: str = "", platform: Platform | None = None
) -> tuple[Explanation, ...]:
    """One explanation for every watch, in the order of the configuration.

    ``language`` and ``platform`` mean what they mean for ``Matcher.match``, and ``fired`` is what it decides.
    """
    folded = Folded(text)
    hits = matcher.heard(folded)
    slots = {matcher.uses[place].slot for _, _, place in hits}
    heard: defaultdict[int, list[Hit]] = defaultdict(list)
    stops: defaultdict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        watch_place, group = matcher.uses[hit[2]].slot
        (stops if group == NONE else heard)[watch_place].append(hit)
    return tuple(
        Explanation(
            watch=watch.model.watch,
            fired=watch.hears(slots, language, platform),
            hits=matcher.as_matches(folded, heard[place]),
            missing=_missing(watch, {group for _, group in watch.needed - slots}),
            stopped_by=matcher.as_matches(folded, stops[place]),
            limits=_limits(watch, language, platform),
        )
        for place, watch in enumerate(matcher.watches)
    )


def _missing(watch: CompiledWatch, groups: set[int]) -> tuple[MissingGroup, ...]:
    named = [(ANY, "any", watch.model.any)]
    named += [(group, f"all {group + 1}", rows) for group, rows in enumerate(watch.model.all)]
    return tuple(MissingGroup(name, tuple(row.text for row in rows)) for group, name, rows in named if group in groups)


def _limits(watch: CompiledWatch, language: str, platform: Platform | None) -> tuple[Limit, ...]:
    met = {Limit.LANGUAGES: watch.speaks(language), Limit.PLATFORMS: watch.listens_on(platform)}
    return tuple(limit for limit, is_met in met.items() if not is_met)
