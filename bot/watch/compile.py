"""The matcher: all terms of all watches in one automaton, and which watch hears a text.

It keeps no text, writes nothing and decides nothing beyond "this watch, this rule, here". A post is searched
once, however many watches there are. The search runs on the folded text; spans are given in the original.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise, starmap
from operator import attrgetter

from ahocorasick_rs import AhoCorasick

from bot.config.models import WatchModel
from bot.model import Match, Platform
from bot.watch.fold import Folded, plain
from bot.watch.terms import Term, parse_term

ANY = -1
"""Group number of a watch's ``any`` terms; the groups of ``all`` are counted from 0."""
NONE = -2
"""Group number of a watch's ``none`` terms."""
NEVER = -3
"""Group number that no term has: what a watch without ``any`` and ``all`` waits for."""

Slot = tuple[int, int]
"""Which watch (by its place in the configuration) and which group of it a term belongs to."""
Hit = tuple[int, int, int]
"""Start and end of a term in the folded text, and the place of its use in ``Matcher.uses``."""

_UNKNOWN_LANGUAGES = frozenset({"", "und"})
_by_span = attrgetter("span")


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
        self.unconditional = not (model.all or model.none or model.languages or model.platforms)

    def hears(self, slots: set[Slot], language: str, platform: Platform | None) -> bool:
        """Whether the watch fires: every needed group is heard, nothing excludes the text, and no limit stands."""
        return self.needed <= slots and self.stop not in slots and self.speaks(language) and self.listens_on(platform)

    def speaks(self, language: str) -> bool:
        """Whether the watch listens in ``language``; an unknown language passes every limit."""
        return language in _UNKNOWN_LANGUAGES or not self.model.languages or language in self.model.languages

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
        patterns: defaultdict[str, list[TermUse]] = defaultdict(list)
        for use in _uses(watches):
            patterns[use.term.folded].append(use)
        self._automaton = AhoCorasick(list(patterns))
        # The first use of a pattern has the pattern's number, so that most hits need no second look-up: with 10,000
        # terms it is fetching memory that takes the time.
        first, further = [uses[0] for uses in patterns.values()], [uses[1:] for uses in patterns.values()]
        self.uses = (*first, *chain.from_iterable(further))
        ends = accumulate(map(len, further), initial=len(first))
        self._further = tuple(starmap(range, pairwise(ends)))
        self._simple = bytes(len(uses) == 1 and not uses[0].term.is_special for uses in patterns.values())
        self._slots = tuple(use.slot for use in self.uses)
        self._unconditional = frozenset(slot for watch in self.watches if watch.unconditional for slot in watch.needed)

    def match(self, text: str, language: str = "", platform: Platform | None = None) -> tuple[Match, ...]:
        """Every term that stands in ``text`` for the watches that hear it, sorted by span.

        ``language`` is an ISO 639 code; "" or "und" means unknown. Terms of ``none`` are never among the matches.
        """
        folded = Folded(text)
        heard = self.heard(folded)
        if not heard:
            return ()
        slots = self._slots
        heard_slots = {slots[place] for _, _, place in heard}
        fired = {
            slot[0]
            for slot in heard_slots
            if slot in self._unconditional or self.watches[slot[0]].hears(heard_slots, language, platform)
        }
        if len(fired) < len(heard_slots):
            heard = [hit for hit in heard if slots[hit[2]][0] in fired]
        return self.as_matches(folded, heard)

    def keep(self, text: str, platform: Platform | None = None) -> bool:
        """Whether a watch names ``text`` in any language: worth storing, since ``match`` may hear it.

        Exclusions do not count here, so that a person can see and undo what an exclusion hides.
        """
        heard_slots = {self._slots[place] for _, _, place in self.heard(Folded(text))}
        watches = (self.watches[slot[0]] for slot in heard_slots)
        return any(watch.needed <= heard_slots and watch.listens_on(platform) for watch in watches)

    def heard(self, folded: Folded) -> list[Hit]:
        """Every term of every watch that stands in the text, with its word boundaries and capitals kept."""
        text, simple = f" {folded.text} ", self._simple
        heard = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            before, after = text[start - 1], text[end]
            inside_left = before != " " and (before.isalnum() or before == "_")
            inside_right = after != " " and (after.isalnum() or after == "_")
            if simple[pattern]:
                if not inside_left and not inside_right:
                    heard.append((start - 1, end - 1, pattern))
                continue
            for place in (pattern, *self._further[pattern]):
                hit = (start - 1, end - 1, place)
                if _holds(self.uses[place].term, folded, hit, inside_left=inside_left, inside_right=inside_right):
                    heard.append(hit)
        return heard

    def as_matches(self, folded: Folded, heard: Sequence[Hit]) -> tuple[Match, ...]:
        """The hits in the words of the model, sorted by span, then in the order of the configuration."""
        uses, version = self.uses, self.version
        matches = [
            Match(uses[place].watch, version, uses[place].rule, uses[place].text, span)
            for (_, _, place), span in zip(heard, folded.spans(heard), strict=True)
        ]
        matches.sort(key=_by_span)
        return tuple(matches)


def _holds(term: Term, folded: Folded, hit: Hit, *, inside_left: bool, inside_right: bool) -> bool:
    """Whether the hit keeps to the term's closed ends and, if it asks for them, to its capitals."""
    if (inside_left and not term.open_start) or (inside_right and not term.open_end):
        return False
    if not term.exact:
        return True
    [(first, last)] = folded.spans([hit])
    return plain(folded.original[first:last]) == term.cased


def _uses(watches: Sequence[WatchModel]) -> Iterable[TermUse]:
    for place, watch in enumerate(watches):
        for group, rows in ((ANY, watch.any), (NONE, watch.none), *enumerate(watch.all)):
            slot = (place, group)
            for row in rows:
                yield TermUse(slot, watch.watch, f"{row.file}:{row.line}", row.text, parse_term(row.text))
