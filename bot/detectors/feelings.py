"""What lexicons say of a text's tone: vaderSentiment for English behind a limit, the house's own words for German.

Owns these measures, one set a language. A trained head weighs them beside the words; nothing here decides.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from string import punctuation

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bot.detectors.german import GermanFeeling
from bot.detectors.text import clean

READ = 2_000
"""Characters read. The tone of a post shows early, and vaderSentiment grows with the square of the length."""
_EMOJI_LIMIT = 50
"""vaderSentiment spells every emoji out in words; ten thousand of them would stall it."""
_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
_NOTHING = {"vader.neg": 0.0, "vader.neu": 0.0, "vader.pos": 0.0, "vader.compound": 0.0}
_NO_TONE = {**_NOTHING, "vader.neu": 1.0}
"""What vaderSentiment says of a text without a word, and of one without a word that it knows."""
_SILENT = 0.05
"""A German feeling of less than this is none."""


class Feelings:
    """Measures of tone by name, from -1 to 1. A language's lexicon is read when its first text comes; keep it."""

    @cached_property
    def _german(self) -> GermanFeeling:
        return GermanFeeling()

    @cached_property
    def _vader(self) -> SentimentIntensityAnalyzer:
        return SentimentIntensityAnalyzer()

    def measures(self, text: str, language: str) -> Mapping[str, float]:
        """The measures for ``language``, "de" or "en"."""
        return self._english(text) if language == "en" else self._of_german_words(text)

    def _english(self, text: str) -> Mapping[str, float]:
        read = _limited(text)
        if not self._known(read):
            return _NO_TONE if read.strip() else _NOTHING
        found: Mapping[str, float] = self._vader.polarity_scores(read)
        return {f"vader.{name}": float(value) for name, value in found.items()}

    def _known(self, text: str) -> bool:
        """Whether vaderSentiment knows any word, face or emoji of ``text``; else its answer needs no asking."""
        lexicon = self._vader.lexicon
        words = text.lower().split()
        return (
            not lexicon.keys().isdisjoint(words)
            or not lexicon.keys().isdisjoint([word.strip(punctuation) for word in words])
            or not (text.isascii() or self._vader.emojis.keys().isdisjoint(text))
        )

    def _of_german_words(self, text: str) -> Mapping[str, float]:
        feeling = self._german.feeling(clean(text, READ).text)
        return {
            "words.positive": max(feeling, 0.0),
            "words.negative": max(-feeling, 0.0),
            "words.none": float(abs(feeling) < _SILENT),
        }


def _limited(text: str) -> str:
    """The text as vaderSentiment may see it: 2,000 characters, at most 50 emoji, no broken surrogates."""
    read = text[:READ].encode("utf-8", "replace").decode("utf-8")
    if read.isascii():
        return read
    emoji = list(_EMOJI.finditer(read))
    if len(emoji) <= _EMOJI_LIMIT:
        return read
    end = emoji[_EMOJI_LIMIT].start()
    return read[:end] + _EMOJI.sub(" ", read[end:])
