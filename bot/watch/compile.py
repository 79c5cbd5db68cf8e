"""The matcher: all terms of all watches in one automaton, and which watch hears a text.

It keeps no text, writes nothing and decides nothing beyond "this watch, this rule, here". A post is searched
once, however many watches there are. The search runs on the folded text; spans are given in the original.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, groupby

from ahocorasick_rs import AhoCorasick

from bot.config.models import TermRow, WatchModel
from bot.model import Match, Platform
from bot.watch.fold import Folded, plain
from bot.watch.terms import Term, parse_term

ANY = -1
"""Group number of a watch's ``any`` terms; the groups of ``all`` are counted from 0."""
NONE = -2
"""Group number of a watch's ``none`` terms."""
NEVER = -3
"""Group number that no term has: what a watch without ``any`` and ``all`` waits for."""
_LEFT, _RIGHT = 1, 2
UNKNOWN_LANGUAGES = frozenset({"", "und"})

Slot = tuple[int, int]
"""Which watch (by its place in the configuration) and which group of it a term belongs to."""
Hit = tuple[int, int, int]
"""Start and end of a term in a text, and its place in ``Matcher.uses``."""

# The constructor of a frozen dataclass sets field by field through object.__setattr__ and takes longer than the whole
# search for a hit. Its slots, filled directly, give the same value; a test compares the two.
_new = object.__new__
_set_watch, _set_version, _set_rule, _set_term, _set_span = (Match.__dict__[field.name].__set__ for field in fields(Match))


@dataclass(frozen=True, slots=True)
class TermUse:
    """A term where it stands: in which watch and group, and in which line (``rule``, "file:line") it was written."""

    slot: Slot
    watch: str
    rule: str
    text: str
    term: Term


class CompiledWatch:
    """A watch with the slots that must be heard and the one that must not."""

    def __init__(self, place: int, model: WatchModel) -> None:
        self.model = model
        groups = [*([ANY] if model.any else []), *range(len(model.all))] or [NEVER]
        self.needed = frozenset((place, group) for group in groups)
        self.stop = (place, NONE)
        self.limited = bool(model.languages or model.platforms)

    def hears(self, slots: set[Slot], language: str, platform: Platform | None) -> bool:
        """Whether the watch fires: every needed group is heard, nothing excludes the text, and no limit stands."""
        return (
            self.needed <= slots
            and self.stop not in slots
            and (not self.limited or (self.speaks(language) and self.listens_on(platform)))
        )

    def speaks(self, language: str) -> bool:
        """Whether the watch listens in ``language``; an unknown language passes every limit."""
        return language in UNKNOWN_LANGUAGES or not self.model.languages or language in self.model.languages

    def listens_on(self, platform: Platform | None) -> bool:
        """Whether the watch listens on ``platform``; ``None`` stands for every platform."""
        return platform is None or not self.model.platforms or platform in self.model.platforms


class Matcher:
    """All watches of one configuration version, compiled. Immutable, may be shared by threads.

    Raises:
        TermError: a term cannot be parsed; the configuration loader finds that first, with its place.
    """

    def __init__(self, watches: Sequence[WatchModel], version: str) -> None:
        self.version = version
        self.watches = tuple(CompiledWatch(place, model) for place, model in enumerate(watches))
        self.uses = tuple(sorted(_uses(watches), key=_pattern))
        patterns = [(pattern, len(list(uses))) for pattern, uses in groupby(self.uses, _pattern)]
        self._automaton = AhoCorasick([pattern for pattern, _ in patterns])
        # What the search asks for each hit lies close together, as numbers: with 10,000 terms, memory is the brake.
        self._first = array("L", accumulate((count for _, count in patterns), initial=0))
        self._open = bytes(use.term.open_start * _LEFT | use.term.open_end * _RIGHT for use in self.uses)
        self._exact = bytes(use.term.exact for use in self.uses)
        self._slots = tuple(use.slot for use in self.uses)

    def match(self, text: str, language: str = "", platform: Platform | None = None) -> tuple[Match, ...]:
        """Every term that stands in ``text`` for the watches that hear it, sorted by span.

        ``language`` is an ISO 639 code; "" or "und" means unknown. Terms of ``none`` are never among the matches.
        """
        folded = Folded(text)
        heard = self._heard(folded)
        slots = self.slots(heard)
        watches = self.watches
        fired = {place for place in {slot[0] for slot in slots} if watches[place].hears(slots, language, platform)}
        if not fired:
            return ()
        return tuple(map(self.as_match, _in_original(folded, [hit for hit in heard if self._slots[hit[2]][0] in fired])))

    def keep(self, text: str, platform: Platform | None = None) -> bool:
        """Whether a watch names ``text`` in any language: worth storing, since ``match`` may hear it.

        Exclusions do not count here, so that a person can see and undo what an exclusion hides.
        """
        slots = self.slots(self._heard(Folded(text)))
        watches = (self.watches[place] for place in {slot[0] for slot in slots})
        return any(watch.needed <= slots and watch.listens_on(platform) for watch in watches)

    def hits(self, text: str) -> list[Hit]:
        """Every term of every watch that stands in ``text``, sorted by span, then in the order of configuration."""
        folded = Folded(text)
        return _in_original(folded, self._heard(folded))

    def slots(self, hits: Iterable[Hit]) -> set[Slot]:
        """The groups of watches that the hits belong to."""
        return {self._slots[place] for _, _, place in hits}

    def as_match(self, hit: Hit) -> Match:
        """The hit in the words of the model."""
        use = self.uses[hit[2]]
        match = _new(Match)
        _set_watch(match, use.watch)
        _set_version(match, self.version)
        _set_rule(match, use.rule)
        _set_term(match, use.text)
        _set_span(match, hit[:2])
        return match

    def _heard(self, folded: Folded) -> list[Hit]:
        """Hits with their offsets in the folded text, in the automaton's order."""
        text, first, exact = folded.text, self._first, self._exact
        heard = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            before, after = text[start - 1 : start], text[end : end + 1]
            inside = (before.isalnum() or before == "_") * _LEFT | (after.isalnum() or after == "_") * _RIGHT
            for place in range(first[pattern], first[pattern + 1]):
                if inside and inside & ~self._open[place]:
                    continue
                if exact[place] and not _is_written(self.uses[place].term, folded, start, end):
                    continue
                heard.append((start, end, place))
        return heard


def _in_original(folded: Folded, heard: Sequence[Hit]) -> list[Hit]:
    spans = folded.spans([hit[:2] for hit in heard])
    return sorted((start, end, hit[2]) for (start, end), hit in zip(spans, heard, strict=True))


def _is_written(term: Term, folded: Folded, start: int, end: int) -> bool:
    [(first, last)] = folded.spans([(start, end)])
    return plain(folded.original[first:last]) == term.cased


def _pattern(use: TermUse) -> str:
    return use.term.folded


def _uses(watches: Sequence[WatchModel]) -> Iterable[TermUse]:
    for place, watch in enumerate(watches):
        for group, rows in ((ANY, watch.any), (NONE, watch.none), *enumerate(watch.all)):
            slot = (place, group)
            for row in rows:
                yield TermUse(slot, watch.watch, f"{row.file}:{row.line}", row.text, parse_term(row.text))
