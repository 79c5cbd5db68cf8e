"""The tone of an English text: vaderSentiment's rules and lexicon, asked only about the words that they change.

Owns the way to vaderSentiment. The answers are those of its ``polarity_scores`` to the last digit. That looks at every
word of a text over again for each word that it knows; here it is shown such a word with its neighbours, and only where
one of them could change what the word says by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import punctuation

from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

_BEFORE, _FROM = 3, 3
"""Words before a known word that change what it says, and how many from it on do: "the bomb", "to die for"."""
_CHANGING = frozenset({"no", "this", "least", *NEGATE}) | {
    max(phrase.split(), key=len) for phrase in (*BOOSTER_DICT, *SPECIAL_CASES)
}
"""Words that every change needs one of, beside words in capitals and those with "n't". Of a phrase the longest."""
_SHORTEST = 3
"""Letters of a word; what is shorter without its punctuation may be a face."""


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

    def feeling(self, text: str) -> Mapping[str, float]:
        """The shares "neg", "neu" and "pos" of a text, and its "compound" tone from -1 to 1."""
        text = self._spelt_out(text).strip()
        words = [
            token if token.isalpha() or len(word := token.strip(punctuation)) < _SHORTEST else word
            for token in text.split()
        ]
        lower = [word.lower() for word in words]
        differs = 0 < sum(map(str.isupper, words)) < len(words)
        denied = "n't" in text.lower()
        valences: list[float] = [0] * len(words)
        lexicon = self._lexicon
        for place in [place for place, word in enumerate(lower) if word in lexicon]:
            start, end = max(0, place - _BEFORE), place + _FROM
            if lower[place : place + 2] == ["kind", "of"]:
                continue
            if denied or (differs and words[place].isupper()) or not _CHANGING.isdisjoint(lower[start:end]):
                near = _Near(words[start:end], differs)
                valences[place] = self._vader.sentiment_valence(0, near, words[place], place - start, [])[0]
            else:
                valences[place] = lexicon[lower[place]]
        if "but" in lower:
            valences = self._vader._but_check(words, valences)  # noqa: SLF001 - their rule, asked and not copied
        found: Mapping[str, float] = self._vader.score_valence(valences, text)
        return found

    def _spelt_out(self, text: str) -> str:
        """The text with every emoji in words, apart from what stands before it."""
        emojis = self._emojis
        if text.isascii() or emojis.keys().isdisjoint(text):
            return text
        gaps = ("" if before == " " else " " for before in f" {text}")
        return "".join(gap + emojis[sign] if sign in emojis else sign for gap, sign in zip(gaps, text, strict=False))
