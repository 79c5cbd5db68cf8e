"""Hate against a protected group. Contempt for a thing, a firm, a trade or one person is something else.

Owns the labels none, hate and undetermined. It names the group that a text attacks, never a trait of its author, and
it warns no one: people do. How: the trained head hears who sounds hateful; the words around a named group become signs
(``word_classes``), and a small grammar over these signs says who is said to be what, denied what, wished what, and
whether somebody only quotes it. Neither is enough alone: the head hears counter-speech as well, the grammar knows
only what it was taught.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files

from bot.detectors.heads import Heads, Heard, per_mille
from bot.detectors.layers import HEAD, heard_in
from bot.detectors.rulebook import plainly
from bot.detectors.text import Clean, clean, unmask
from bot.detectors.word_classes import NOTHING, Reading, WordClasses, fold
from bot.model import Finding, Span
from bot.ports import Detector

_LANGUAGES = ("de", "en")
_WORD = re.compile(r"[^\W\d_]")
_READ = 3_000
"""Characters looked at: a grammar over every word costs more than a list of triggers, and hate comes early."""
_SHORT = 400
"""Characters up to which one hateful sentence is heard by the head; in a longer text it nearly drowns."""
_SILENT, _SILENT_LONG = -1.75, -3.0
"""Logits of the head below which a short and a longer text are not read: nearly every ordinary post."""
_MISSPELT = -1.65
"""Logit from which words that nobody knows are taken for slips."""
_HEARD, _HEARD_ALONE = -0.25, 0.5
"""Logits from which the head's word counts when a group is named: beside a word of attack, and without one."""
_HEARD_UNNAMED = 0.8
"""Logit from which it counts without a name: "whoever prays to Allah", "folk over seventy"."""
_LOOSE = frozenset({"near", "hint", "they", "double-denial"})
_DOUBTED = -1.0
"""Logit below which a loose rule is a coincidence."""
_NAMES = frozenset({"dehumanising", "contempt", "disgust", "crime_accusation", "mental_illness_as_insult"}) | {
    "insult_person",
    "insult_character",
    "insult_intellect",
    "insult_political",
}
_DEEDS = frozenset({"annihilation", "expulsion", "violence", "kill_verb"})
"""Classes of words, known to the heads, that call somebody bad, and that do or wish them harm."""
_HEARD_SCORE = 620
_QUOTED = re.compile(r'"[^"]{2,80}"')
_NAMED = re.compile("[GSgsLl]")
_ATTACK = re.compile("[AZHEeKVXDTMWCNhS]")
_MACROS = {
    "{w}": "[^.?no]",
    "{not_n}": r"(?<!n)(?<!n[^.?])(?<!n[^.?][^.?])",
    "{d}": "[dP]",
    "{them}": "(?:[GgLS]|n[^.?]{0,4}f)[^o]{0,28}?",
}
_SPACED_OUT = 3.9
"""Letters and space per word below which a text looks torn apart; ordinary texts have five to seven."""
_TORN_UP_TO = 80
_TELLING = 200
"""Words at the beginning that tell the language."""

_Hit = tuple[str, int, str, Span]
"""The rule's name, its score, the group, and where in the cleaned text."""


@dataclass(frozen=True)
class _Rule:
    """One pattern over signs, compiled when it is first needed: few texts get that far."""

    name: str
    score: int
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.source)


class Hate:
    """Labels: none, hate, undetermined. The reason is ``group=<group>;<rule>``, the rule ``head`` for the head.

    The group is "-" where none is named by a word that is known.
    """

    name = "hate"

    def __init__(self, language: Detector, heads: Heads) -> None:
        source = tomllib.loads(files("bot.detectors").joinpath("lexicon", "hate.toml").read_text("utf-8"))
        self._language = language
        self._heads = heads
        # A language's words are read when its first hateful text comes.
        self._classes = cache(WordClasses)
        self.version = f"{source['version']}+{heads.version(self.name)}"
        self._folds = [_Rule("", 0, pattern) for pattern in source["fold"]["group"]]
        self._aside = _Rule("", 0, source["fold"]["aside"])
        self._rules = {
            each: [_rule(row) for row in source["rule"] if row.get("language", each) == each] for each in _LANGUAGES
        }
        self._silence = [_rule(row) for row in source["not"]]

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: how sure the surest layer is, per mille; 0 when none speaks."""
        return [self._look(heard) for heard in heard_in(self._language, self._heads, texts)]

    def _look(self, heard: Heard) -> Finding:
        text, language, logit = heard.text, heard.language, heard.logits["hate.hate"]
        if logit < (_SILENT if len(text) <= _SHORT else _SILENT_LONG) or not _WORD.search(text[:_READ]):
            return self._none(text[:_READ], "cut" if len(text) > _READ else "")
        seen = unmask(clean(text, _READ))
        tail = ";cut" if seen.cut else ""
        hit, named = self._hit(seen, text, language, logit)
        if hit is None:
            if named or logit < _HEARD_UNNAMED or language == "other":
                return self._none(seen.text, tail[1:])
            spans = self._heads.deciding(text, language, "hate.hate")
            return Finding(self.name, self.version, "hate", _heard_score(logit), spans, f"group=-;{HEAD}{tail}")
        name, score, group, (start, end) = hit
        return Finding(self.name, self.version, "hate", score, (seen.span(start, end),), f"group={group};{name}{tail}")

    def _none(self, text: str, reason: str = "") -> Finding:
        label = "none" if _WORD.search(text) else "undetermined"
        return plainly(self.name, self.version, label, 0, (), reason)

    def _hit(self, seen: Clean, text: str, language: str, logit: float) -> tuple[_Hit | None, bool]:
        """What the grammar finds in the likeliest reading, else what the head hears about a group that is named.

        The second says whether any group is.
        """
        heard: _Hit | None = None
        named = False
        for plain, spoken in self._readings(seen, text, language, logit):
            if not any(plain.groups):
                continue
            named = True
            reading = self._widened(plain, seen, text, language) if logit >= _DOUBTED else plain
            signs = self._folded(reading)
            ruled = self._ruled(reading, signs, spoken)
            if ruled is not None and (logit >= _DOUBTED or ruled[0] not in _LOOSE):
                return ruled, named
            if heard is None and logit >= (_HEARD if _ATTACK.search(signs) else _HEARD_ALONE):
                heard = _heard(reading, signs, self._silenced(signs), logit)
        return heard, named

    def _widened(self, reading: Reading, seen: Clean, text: str, language: str) -> Reading:
        """The reading with the words of attack that only the heads' classes know."""
        attacks = dict.fromkeys(self._heads.of_kind(text, language, _DEEDS), "V")
        attacks |= dict.fromkeys(self._heads.of_kind(text, language, _NAMES), "A")
        signs = [
            attacks.get(seen.span(*place), sign) if sign == NOTHING else sign
            for sign, place in zip(reading.signs, reading.places, strict=True)
        ]
        return replace(reading, signs="".join(signs))

    def _readings(self, seen: Clean, text: str, language: str, logit: float) -> Iterator[tuple[Reading, str]]:
        """The readings of a text in which somebody may be named, likeliest first, and each only once."""
        original = text if seen.origin is None else "".join(text[place] for place in seen.origin)
        words = fold(seen.text).split()
        spoken = [language] if language in _LANGUAGES else self._spoken(words[:_TELLING])
        for misspelt in (False, True) if logit >= _MISSPELT else (False,):
            for each in spoken:
                if self._classes(each).worth_reading(seen.text, misspelt=misspelt):
                    yield self._classes(each).read(seen.text, original, misspelt=misspelt), each
        if logit >= _MISSPELT and len(seen.text) <= _TORN_UP_TO and len(words) * _SPACED_OUT > len(seen.text):
            for each in spoken:
                yield self._classes(each).joined(seen.text), each

    def _spoken(self, words: Sequence[str]) -> list[str]:
        """Both languages, the one with more of the small words first."""
        return sorted(_LANGUAGES, key=lambda each: -sum(word in self._classes(each).function for word in words))

    def _folded(self, reading: Reading) -> str:
        """The signs without quotations, and with all that names a group as one sign."""
        signs = _QUOTED.sub(lambda found: " " * len(found[0]), reading.signs)
        signs = self._aside.pattern.sub(NOTHING, signs)
        for fold_ in self._folds:
            signs = fold_.pattern.sub(lambda found: "G" * len(found[0]), signs)
        return signs.replace("I", NOTHING)

    def _silenced(self, signs: str) -> Sequence[Span]:
        return [found.span() for rule in self._silence for found in rule.pattern.finditer(signs)]

    def _ruled(self, reading: Reading, signs: str, language: str) -> _Hit | None:
        """The surest rule that holds and nothing silences."""
        silenced: Sequence[Span] | None = None
        for rule in self._rules[language]:
            for found in rule.pattern.finditer(signs):
                if silenced is None:  # In most texts no rule holds, and nothing need be silenced.
                    silenced = self._silenced(signs)
                start, end = found.span()
                if any(start < last and first < end for first, last in silenced):
                    continue
                group = next((group for group in reading.groups[start:end] if group), "")
                if group:
                    return rule.name, rule.score, group, (reading.places[start][0], reading.places[end - 1][1])
        return None


def _heard(reading: Reading, signs: str, silenced: Sequence[Span], logit: float) -> _Hit | None:
    """The first group that is named and that no guard keeps."""
    for found in _NAMED.finditer(signs):
        place = found.start()
        if reading.groups[place] and not any(first <= place < last for first, last in silenced):
            return HEAD, _heard_score(logit), reading.groups[place], reading.places[place]
    return None


def _heard_score(logit: float) -> int:
    """How sure the head is, on the scale of the rules."""
    return _HEARD_SCORE + per_mille(logit) * 3 // 10


def _rule(row: dict[str, str]) -> _Rule:
    pattern = row["pattern"]
    for name, meaning in _MACROS.items():
        pattern = pattern.replace(name, meaning)
    return _Rule(row["id"], int(row.get("score", 0)), pattern)
