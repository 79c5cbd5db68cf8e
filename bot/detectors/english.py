"""The tone of an English text: vaderSentiment's rules and lexicon, asked only about the words that they change.

Owns the way to vaderSentiment. The answers are those of its ``polarity_scores`` to the last digit. That looks at every
word of a text over again for each word that it knows; here it is shown such a word with its neighbours, and only where
one of them could change what the word says by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fabs
from string import punctuation
from typing import NamedTuple

from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer, normalize

from bot.detectors.text import Remembered

_BEFORE, _FROM = 3, 3
"""Words before a known word that change what it says, and how many from it on do: "the bomb", "to die for"."""
_CHANGING = frozenset({"no", "this", "least", *NEGATE}) | {
    max(phrase.split(), key=len) for phrase in (*BOOSTER_DICT, *SPECIAL_CASES)
}
"""Words that every change needs one of, beside words in capitals and those with "n't". Of a phrase the longest."""
_KNOWN_WORDS = 16_384
"""Words that are remembered as they are written: about 5 MB."""
_SHORTEST = 3
"""Letters of a word; what is shorter without its punctuation may be a face."""
_UNTOUCHED: Mapping[str, float] = {"neg": 0.0, "neu": 1.0, "pos": 0.0, "compound": 0.0}
_EMPTY: Mapping[str, float] = {"neg": 0.0, "neu": 0.0, "pos": 0.0, "compound": 0.0}
"""The tone of a text of words that say nothing, and of one without words."""


class _Word(NamedTuple):
    """A word as vaderSentiment reads it: without its punctuation, in lower case, and what it says by itself.

    ``changes``: it may be one that changes what its neighbours say.
    """

    bare: str
    lower: str
    valence: float | None
    in_capitals: bool
    changes: bool


@dataclass(frozen=True, slots=True)
class _Near:
    """A known word's surroundings, as vaderSentiment wants to be shown a text."""

    words_and_emoticons: Sequence[str]
    is_cap_diff: bool


class EnglishFeeling:
    """Feels the tone of a text as vaderSentiment does. Building it reads the lexicon; keep it."""

    def __init__(self) -> None:
        self._vader = SentimentIntensityAnalyzer()
        lexicon: Mapping[str, float] = self._vader.lexicon
        self._lexicon = {word: valence for word, valence in lexicon.items() if word not in BOOSTER_DICT}
        self._emojis: Mapping[str, str] = self._vader.emojis
        self._read = Remembered(self._look, _KNOWN_WORDS)

    def feeling(self, text: str) -> Mapping[str, float]:
        """The shares "neg", "neu" and "pos" of a text, and its "compound" tone from -1 to 1."""
        text = self._spelt_out(text).strip()
        words = list(map(self._read.__getitem__, text.split()))
        known = [place for place, word in enumerate(words) if word.valence is not None]
        if not known:
            return _UNTOUCHED if words else _EMPTY
        folded = text.lower()
        denied = "n't" in folded
        valences: list[float] = [0] * len(words)
        for place in known:
            valences[place] = self._felt(words, place, denied=denied)
        if "but" in folded:
            bare = [word.bare for word in words]
            valences = self._vader._but_check(bare, valences)  # noqa: SLF001 - their rule, asked and not copied
        return self._scored([valence for valence in valences if valence], len(words), text)

    def _felt(self, words: Sequence[_Word], place: int, *, denied: bool) -> float:
        """What the known word at ``place`` says. ``denied``: there is an "n't" in the text."""
        word = words[place]
        if word.lower == "kind" and words[place + 1 : place + 2] and words[place + 1].lower == "of":
            return 0
        near = words[max(0, place - _BEFORE) : place + _FROM]
        raised = word.in_capitals and not all(other.in_capitals for other in words)
        if denied or raised or any(other.changes for other in near):
            return self._changed(words, place)
        return word.valence or 0

    def _changed(self, words: Sequence[_Word], place: int) -> float:
        """What the known word at ``place`` says among its neighbours."""
        start = max(0, place - _BEFORE)
        differs = 0 < sum(word.in_capitals for word in words) < len(words)
        near = _Near([word.bare for word in words[start : place + _FROM]], differs)
        valence: float = self._vader.sentiment_valence(0, near, words[place].bare, place - start, [])[0]
        return valence

    def _scored(self, felt: Sequence[float], words: int, text: str) -> Mapping[str, float]:
        """What vaderSentiment's ``score_valence`` says of ``words`` words of which only those in ``felt`` count.

        That one looks at every word; the sums are its own, in its order, as digits depend on it.
        """
        emphasis: float = self._vader._punctuation_emphasis(text)  # noqa: SLF001 - their rule, asked and not copied
        total = float(sum(felt))
        if total:
            total += emphasis if total > 0 else -emphasis
        good = bad = 0.0
        for valence in felt:
            if valence > 0:
                good += float(valence) + 1
            else:
                bad += float(valence) - 1
        if good > fabs(bad):
            good += emphasis
        elif good < fabs(bad):
            bad -= emphasis
        neutral = words - len(felt)
        whole = good + fabs(bad) + neutral
        return {
            "neg": round(fabs(bad / whole), 3),
            "neu": round(fabs(neutral / whole), 3),
            "pos": round(fabs(good / whole), 3),
            "compound": round(normalize(total), 4),
        }

    def _look(self, token: str) -> _Word:
        bare = token if token.isalpha() or len(inner := token.strip(punctuation)) < _SHORTEST else inner
        lower = bare.lower()
        return _Word(bare, lower, self._lexicon.get(lower), bare.isupper(), lower in _CHANGING)

    def _spelt_out(self, text: str) -> str:
        """The text with every emoji in words, apart from what stands before it."""
        emojis = self._emojis
        if text.isascii() or emojis.keys().isdisjoint(text):
            return text
        gaps = ("" if before == " " else " " for before in f" {text}")
        return "".join(gap + emojis[sign] if sign in emojis else sign for gap, sign in zip(gaps, text, strict=False))
