"""Rules kept as data: patterns in TOML, run only where one of their trigger words stands in the text.

Owns reading a rulebook and finding its hits. What a hit means is the detector's business.

A pattern is a regular expression over cleaned text with four conveniences. ``{name}`` is a class of words of
the same file; a space is a short separator inside one sentence, " ?" one that may be missing; ``~`` is a
separator with up to four words in between; and every umlaut also stands for its spelling with e, every ß for
ss. A pattern begins and ends at the edge of a word. ``on`` lists the triggers, or names of lists under
``[triggers]``. A ``[[not]]`` rule silences every hit that its own stretch touches.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

from ahocorasick_rs import AhoCorasick, Implementation

from bot.detectors.text import Clean
from bot.model import Finding, Span
from bot.ports import Detector

_SPELLINGS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
_SEPARATOR = r"[^\w.!?\n]{1,4}"
_MAYBE = r"[^\w.!?\n]{0,4}"
_GAP = rf"(?:(?:{_SEPARATOR}\w{{1,30}}){{0,4}}{_SEPARATOR})"
_WORD = re.compile(r"[^\W\d_]")
_NAME = re.compile(r"\{([a-z_]+)\}")
_NAMED, _SHOWN = 3, 20
"""How many rules a reason names and how many places a finding shows, at most."""


@dataclass(frozen=True)
class Rule:
    """One pattern, the label it speaks for, and how sure a hit is (per mille). No label: it silences others."""

    name: str
    label: str
    score: int
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern, compiled when it is first needed: most rules sleep through most days."""
        return re.compile(self.source)


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that holds, and where in the cleaned text."""

    rule: Rule
    span: Span


class Rulebook:
    """The rules of one file of the lexicon, and the automaton of their trigger words."""

    def __init__(self, name: str) -> None:
        source = tomllib.loads(files("bot.detectors").joinpath("lexicon", f"{name}.toml").read_text("utf-8"))
        self.version: str = source["version"]
        classes = _classes(source["classes"])
        self.rules = tuple(_rule(row, classes) for row in source["rule"] + source.get("not", []))
        shared: dict[str, list[str]] = source.get("triggers", {})
        triggers: dict[str, list[int]] = {}
        for place, row in enumerate(source["rule"] + source.get("not", [])):
            words = [word for name in row["on"] for word in shared.get(name, [name])]
            for spelling in set().union(*map(_spellings, words)):
                triggers.setdefault(spelling, []).append(place)
        self._owners = tuple(triggers.values())
        self._automaton = AhoCorasick(list(triggers), implementation=Implementation.DFA)

    def hits(self, seen: Clean) -> list[Hit]:
        """Every hit that nothing silences, surest first."""
        found = {index for index, _, _ in self._automaton.find_matches_as_indexes(seen.text, overlapping=True)}
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


plainly = lru_cache(maxsize=256)(Finding)
"""A finding without spans: nearly all are, and they are few and the same for most posts."""


def _classes(source: dict[str, str]) -> dict[str, str]:
    """Word classes with the classes they name filled in, in the order of the file."""
    classes: dict[str, str] = {}
    for name, words in source.items():
        classes[name] = f"(?:{_filled(words, classes)})"
    return classes


def _filled(pattern: str, classes: dict[str, str]) -> str:
    return _NAME.sub(lambda found: classes[found[1]], pattern)


def _rule(row: dict[str, str], classes: dict[str, str]) -> Rule:
    pattern = _filled(row["pattern"], classes).replace(" ?", _MAYBE).replace(" ", _SEPARATOR).replace("~", _GAP)
    for letter, spelling in _SPELLINGS.items():
        pattern = pattern.replace(letter, f"(?:{letter}|{spelling})")
    return Rule(row["id"], row.get("label", ""), int(row.get("score", 0)), rf"(?<!\w)(?:{pattern})(?!\w)")


def _spellings(word: str) -> set[str]:
    folded = word
    for letter, spelling in _SPELLINGS.items():
        folded = folded.replace(letter, spelling)
    return {word, folded, word.replace("ß", "ss")}


def _search(rules: Iterable[Rule], text: str) -> list[Hit]:
    return [Hit(rule, found.span()) for rule in rules for found in rule.pattern.finditer(text)]


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
