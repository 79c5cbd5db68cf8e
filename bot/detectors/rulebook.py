"""Rules kept as data: patterns in TOML, run only where one of their trigger words stands in the text.

Owns reading a rulebook and finding its hits. What a hit means is the detector's business.

A pattern is a regular expression over cleaned text with four conveniences. ``{name}`` is a class of words of
the same file; a space is a short separator inside one sentence, " ?" one that may be missing; ``~`` is a
separator with up to four words in between; and every umlaut also stands for its spelling with e, every ß for
ss. A pattern begins and ends at the edge of a word. ``on`` lists the triggers, or names of lists under
``[triggers]``. ``needs`` spares a slow pattern that common triggers wake: every match of it holds one of these whole
words, or one of these pieces of words, which are written between stars. A ``[[not]]`` rule silences every hit that its
own stretch touches.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from bot.detectors.text import Clean, words_in
from bot.model import Finding, Span
from bot.ports import Detector

_SPELLINGS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
_SEPARATOR = r"[^\w.!?\n]{1,4}"
_MAYBE = r"[^\w.!?\n]{0,4}"
_GAP = rf"(?:(?:{_SEPARATOR}\w{{1,30}}){{0,4}}{_SEPARATOR})"
_WORD = re.compile(r"[^\W\d_]")
_NAME = re.compile(r"\{([a-z_]+)\}")
_REMEMBERED_UP_TO = 4_000
"""Characters of a text whose triggers are remembered for the next rulebook."""
_NAMED, _SHOWN = 3, 20
"""How many rules a reason names and how many places a finding shows, at most."""


@dataclass(frozen=True)
class Rule:
    """One pattern, the label it speaks for, and how sure a hit is (per mille). No label: it silences others."""

    name: str
    label: str
    score: int
    source: str
    words: frozenset[str] = frozenset()
    pieces: tuple[str, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern, compiled when it is first needed: most rules sleep through most days."""
        return re.compile(self.source)

    def may_hold(self, text: str) -> bool:
        """Whether ``text`` holds one of the words that the pattern needs."""
        if not self.words and not self.pieces:
            return True
        return not self.words.isdisjoint(words_in(text)) or any(piece in text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that holds, and where in the cleaned text."""

    rule: Rule
    span: Span


class _Triggers:
    """The trigger words of all rulebooks in one automaton: each asks about the same texts, which are read once."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._laid_out: tuple[int, AhoCorasick] = (0, AhoCorasick([]))
        self._remembered = lru_cache(maxsize=256)(self._find)

    def place_of(self, word: str) -> int:
        """The number of a trigger, the next one if no rulebook has it yet."""
        return self._places.setdefault(word, len(self._places))

    def standing_in(self, text: str) -> frozenset[int]:
        """The numbers of the triggers in a cleaned text, of whatever rulebook."""
        known = len(self._places)
        return self._find(text, known) if len(text) > _REMEMBERED_UP_TO else self._remembered(text, known)

    def _find(self, text: str, known: int) -> frozenset[int]:
        count, automaton = self._laid_out  # Read once: another thread may lay out its own at any time.
        if count < known:
            words = list(self._places)
            automaton = AhoCorasick(words, implementation=Implementation.DFA)
            self._laid_out = len(words), automaton
        return frozenset([place for place, _, _ in automaton.find_matches_as_indexes(text, overlapping=True)])


_TRIGGERS = _Triggers()


class Rulebook:
    """The rules of one file of the lexicon, and the trigger words that wake them."""

    def __init__(self, name: str) -> None:
        source = tomllib.loads(files("bot.detectors").joinpath("lexicon", f"{name}.toml").read_text("utf-8"))
        self.version: str = source["version"]
        classes = _classes(source["classes"])
        self.rules = tuple(_rule(row, classes) for row in source["rule"] + source.get("not", []))
        shared: dict[str, list[str]] = source.get("triggers", {})
        self._owners: dict[int, list[int]] = {}
        for place, row in enumerate(source["rule"] + source.get("not", [])):
            words = [word for name in row["on"] for word in shared.get(name, [name])]
            for spelling in set().union(*map(_spellings, words)):
                self._owners.setdefault(_TRIGGERS.place_of(spelling), []).append(place)

    def hits(self, seen: Clean) -> list[Hit]:
        """Every hit that nothing silences, surest first."""
        found = self._owners.keys() & _TRIGGERS.standing_in(seen.text)
        if not found:
            return []
        awake = [self.rules[place] for place in sorted({place for index in found for place in self._owners[index]})]
        hits = _search([rule for rule in awake if rule.label], seen.text)
        if not hits:
            return []
        silenced = merged(hit.span for hit in _search([rule for rule in awake if not rule.label], seen.text))
        hits = [hit for hit in hits if not touches(hit.span, silenced)]
        return sorted(hits, key=lambda hit: (-hit.rule.score, hit.span))


def say(who: Detector, seen: Clean, hits: Sequence[Hit] = (), *, label: str = "none", score: int = 0) -> Finding:
    """The finding for ``hits``: their spans in the original, and the surest rules' names as reason.

    A text without a letter is "undetermined". The reason ends in "cut" when the text was too long to read whole.
    """
    if not hits:
        label = label if _WORD.search(seen.text) else "undetermined"
        return plainly(who.name, who.version, label, score, (), "cut" if seen.cut else "")
    names = dict.fromkeys(hit.rule.name for hit in hits[:_NAMED])
    spans = tuple(sorted({seen.span(*hit.span) for hit in hits[:_SHOWN]}))
    return Finding(who.name, who.version, label, score, spans, ";".join([*names, *(["cut"] if seen.cut else [])]))


plainly = lru_cache(maxsize=4_096)(Finding)
"""A finding without spans: nearly all are, and most posts have those of others. To make one takes ten times as long."""


def _classes(source: dict[str, str]) -> dict[str, str]:
    """Word classes with the classes they name filled in, in the order of the file."""
    classes: dict[str, str] = {}
    for name, words in source.items():
        classes[name] = f"(?:{_filled(words, classes)})"
    return classes


def _filled(pattern: str, classes: dict[str, str]) -> str:
    return _NAME.sub(lambda found: classes[found[1]], pattern)


def _rule(row: dict[str, Any], classes: dict[str, str]) -> Rule:
    pattern = _filled(row["pattern"], classes).replace(" ?", _MAYBE).replace(" ", _SEPARATOR).replace("~", _GAP)
    for letter, spelling in _SPELLINGS.items():
        pattern = pattern.replace(letter, f"(?:{letter}|{spelling})")
    needs = set().union(*map(_spellings, row.get("needs", ())))
    words = frozenset(word for word in needs if "*" not in word)
    pieces = tuple(sorted(word.strip("*") for word in needs - words))
    source = rf"(?<!\w)(?:{pattern})(?!\w)"
    return Rule(row["id"], row.get("label", ""), int(row.get("score", 0)), source, words, pieces)


def _spellings(word: str) -> set[str]:
    folded = word
    for letter, spelling in _SPELLINGS.items():
        folded = folded.replace(letter, spelling)
    return {word, folded, word.replace("ß", "ss")}


def _search(rules: Iterable[Rule], text: str) -> list[Hit]:
    return [Hit(rule, found.span()) for rule in rules if rule.may_hold(text) for found in rule.pattern.finditer(text)]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Sorted spans that no longer overlap, so that one bisection answers whether another touches them."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def touches(span: Span, stretches: Sequence[Span]) -> bool:
    """Whether ``span`` overlaps one of the ``stretches`` that ``merged`` gave."""
    place = bisect_left(stretches, (span[1], -1))
    return place > 0 and stretches[place - 1][1] > span[0]
