"""Whether a post is about the brand at all, or about a namesake: the share, the colour, the landscape.

Owns a small model for each watch that gives examples, counted when the configuration is compiled. A watch without
examples is never asked. It knows no lanes: what a namesake means for a post is triage's matter.
"""

import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from bot.detectors.text import clean
from bot.model import Finding, Span
from bot.ports import Detector

Examples = tuple[Sequence[str], Sequence[str]]
"""Sentences about the brand, and sentences that only share a name with it."""

_READ = 2_000
"""Characters read: what a post is about shows early, and a long one costs time."""
_WORD = re.compile(r"https?://\S*|@[\w.@-]+|[^\W_]+(?:-[^\W_]+)*")
_SMOOTH = 0.3
"""Added to every count, so that a feature which stands on one side only is no proof."""
_SHRINK = 1.0
"""A feature seen in n examples keeps n / (n + this) of its weight: one example is little evidence."""
_FIELD_PRIOR = 8.0
"""How many examples a field of the lexicon is worth before the watch's own are counted."""
_UNKNOWN_WORD = 0.7
"""What the beginning of a word counts when no example holds the word in this form."""
_EVERYWHERE = 0.3
"""A word in this share of all examples is the name itself, or says as little."""
_PAIR = 0.4
"""What a pair of words counts beside its two words."""
_STEM = 5
"""Letters of a beginning."""
_KEY = 3
"""Letters that the beginnings of the lexicon are found by; none is shorter."""
_PLAIN_LENGTH = 12
"""Words of a usual post. The evidence of a longer one is damped by the root of its excess."""
_CAUTION = 0.5
"""Nats in favour of the brand: most of what a watch hears is about it."""
_MOST = 1.3
"""Nats that a single word or pair may count: no one word decides alone."""
_MOST_FIELD = 2.2
"""The same for a field of the lexicon that examples speak of; another one counts no more than a word."""
_SURE = 0.7
"""Nats from which a side is named at all; nearer to even nobody could tell (odds of about 2 to 1)."""
_SHOWN = 5
"""Words that a finding shows."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one watch's model makes of a text. ``nats`` above zero speak for the brand."""

    watch: str
    nats: float
    words: tuple[tuple[str, Span, float], ...]

    @property
    def label(self) -> str:
        return "about" if self.nats >= _SURE else "namesake" if self.nats <= -_SURE else "undetermined"


class Relevance:
    """The models of all watches that give examples. Immutable, may be shared by threads."""

    name = "relevance"

    def __init__(self, examples: Mapping[str, Examples]) -> None:
        lexicon = _lexicon()
        self.version = lexicon.version
        self._models = {watch: _Model(*sides, lexicon) for watch, sides in examples.items()}

    def of(self, watches: Collection[str]) -> Detector:
        """The detector for a post that ``watches`` heard. Labels: about, namesake, undetermined.

        A post is about the brand if one of the watches says so, and a namesake's only if all of them say so that
        have examples. The score is the per mille of being right; the reason is the watch that decided, the spans
        are the words that spoke for the label.
        """
        return _Asked(self.version, {watch: self._models[watch] for watch in sorted(set(watches) & set(self._models))})


class _Asked:
    """The models of those watches that heard a post, as a detector."""

    name = Relevance.name

    def __init__(self, version: str, models: Mapping[str, "_Model"]) -> None:
        self.version = version
        self._models = models

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text."""
        return [self._look(text) for text in texts]

    def _look(self, text: str) -> Finding:
        if not self._models:
            return Finding(self.name, self.version, "undetermined", 0, (), "no-examples")
        seen = clean(text, _READ)
        tokens = _tokens(seen.text)
        verdicts = [model.judge(watch, tokens) for watch, model in self._models.items()]
        best = max(verdicts, key=lambda verdict: verdict.nats)
        if best.label == "undetermined":
            return Finding(self.name, self.version, "undetermined", 0, (), best.watch)
        sign = 1 if best.nats > 0 else -1
        told = sorted((word for word in best.words if word[2] * sign > 0), key=lambda word: -word[2] * sign)[:_SHOWN]
        spans = tuple(sorted({seen.span(*span) for _, span, _ in told}))
        return Finding(self.name, self.version, best.label, _per_mille(abs(best.nats)), spans, best.watch)


class _Model:
    """Weights in nats of words, their beginnings, pairs and fields, counted from one watch's examples."""

    def __init__(self, about: Sequence[str], not_about: Sequence[str], lexicon: "_Lexicon") -> None:
        self._field_of = lexicon.field_of
        ours, theirs = self._counted(about), self._counted(not_about)
        sizes = len(about), len(not_about)
        often = _EVERYWHERE * sum(sizes)
        self._silent = {*lexicon.common, *(word for word, count in (ours + theirs).items() if count > often)}
        self._weights = {
            feature: _weight(ours[feature], theirs[feature], *sizes, prior=lexicon.leaning.get(feature, 0.0))
            for feature in {*ours, *theirs, *lexicon.leaning}
        }

    def judge(self, watch: str, tokens: Sequence[tuple[str, Span]]) -> _Verdict:
        """The evidence of all words together, each counted once, and of all fields that they stand for."""
        weights, places = self._weights, dict(reversed(tokens))
        fields = {token: field for token in places if (field := self._field_of(token))}
        words = {token: self._weigh(token) for token in places}
        # Not sets: their order, and with it the last digit of a sum, differs from process to process.
        pairs = dict.fromkeys(f"{one} {other}" for (one, _), (other, _) in pairwise(tokens))
        total = sum(words.values()) + sum(weights[field] for field in dict.fromkeys(fields.values()))
        total += _PAIR * sum(weights[pair] for pair in pairs if pair in weights)
        for token, field in fields.items():
            words[token] += weights[field]
        nats = total / max(1.0, math.sqrt(len(words) / _PLAIN_LENGTH)) + _CAUTION
        return _Verdict(watch, nats, tuple((token, places[token], weight) for token, weight in words.items() if weight))

    def _weigh(self, token: str) -> float:
        """A word's own weight, or that of its beginning for a word that no example holds in this form."""
        if token in self._silent or token.isdigit():
            return 0.0
        known = self._weights.get(token)
        return _UNKNOWN_WORD * self._weights.get(_stem(token), 0.0) if known is None else known

    def _counted(self, sentences: Iterable[str]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for sentence in sentences:
            tokens = [token for token, _ in _tokens(clean(sentence, _READ).text)]
            fields = (field for token in tokens if (field := self._field_of(token)))
            pairs = (f"{one} {other}" for one, other in pairwise(tokens))
            counts.update({*tokens, *map(_stem, tokens), *fields, *pairs})
        return counts


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The fields: which word belongs to which, and how far each leans towards the brand before any example."""

    version: str
    whole: Mapping[str, str]
    stems: Mapping[str, tuple[tuple[str, str], ...]]
    leaning: Mapping[str, float]
    common: frozenset[str]

    def field_of(self, token: str) -> str:
        """The field of a word, or "". The longest stem decides."""
        if token in self.whole:
            return self.whole[token]
        for stem, field in self.stems.get(token[:_KEY], ()):
            if token.startswith(stem):
                return field
        return ""


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    source = tomllib.loads(files("bot.detectors").joinpath("lexicon", "relevance.toml").read_text("utf-8"))
    whole, leaning = {}, {}
    stems: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for side, prior in (("about", _FIELD_PRIOR), ("namesake", -_FIELD_PRIOR)):
        for name, words in source[side].items():
            field = f"<{name}>"
            leaning[field] = prior
            for word in words.split():
                stem = word.removesuffix("*")
                if stem == word:
                    whole[word] = field
                else:
                    stems[stem[:_KEY]].append((stem, field))
    longest_first = {key: tuple(sorted(found, key=lambda one: -len(one[0]))) for key, found in stems.items()}
    common = frozenset(source["common"]["words"].split())
    return _Lexicon(source["version"], whole, longest_first, leaning, common)


def _tokens(text: str) -> list[tuple[str, Span]]:
    """Words and names of accounts with their places; addresses say nothing about what a post is about."""
    return [(found[0], found.span()) for found in _WORD.finditer(text) if "://" not in found[0]]


def _stem(token: str) -> str:
    """The beginning of a word, marked: "Rechnungen" is known where "Rechnung" is, "Aktienkurs" where "Aktie" is."""
    return f"{token[:_STEM]}*"


def _weight(ours: int, theirs: int, about: int, not_about: int, *, prior: float) -> float:
    """Smoothed log odds of a feature in nats, shrunk towards zero the fewer examples hold it."""
    for_us, against = ours + max(prior, 0.0), theirs + max(-prior, 0.0)
    odds = math.log((for_us + _SMOOTH) / (about + abs(prior) + 2 * _SMOOTH))
    odds -= math.log((against + _SMOOTH) / (not_about + abs(prior) + 2 * _SMOOTH))
    seen = for_us + against
    most = _MOST_FIELD if prior and ours + theirs else _MOST
    return max(-most, min(most, odds * seen / (seen + _SHRINK)))


def _per_mille(nats: float) -> int:
    return round(1000 / (1 + math.exp(-min(nats, 30.0))))
