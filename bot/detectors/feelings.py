"""What lexicons say of a text's tone: vaderSentiment for English behind a limit, the house's own words for German.

Owns these measures, one set a language. A trained head weighs them beside the words; nothing here decides.
"""

import re
from collections.abc import Mapping
from functools import cached_property

from bot.detectors.english import EnglishFeeling
from bot.detectors.german import GermanFeeling
from bot.detectors.text import clean

READ = 2_000
"""Characters read. The tone of a post shows early, and vaderSentiment grows with the square of the length."""
_EMOJI_LIMIT = 50
"""vaderSentiment spells every emoji out in words; ten thousand of them would stall it."""
_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
_SILENT = 0.05
"""A German feeling of less than this is none."""


class Feelings:
    """Measures of tone by name, from -1 to 1. A language's lexicon is read when its first text comes; keep it."""

    @cached_property
    def _german(self) -> GermanFeeling:
        return GermanFeeling()

    @cached_property
    def _english(self) -> EnglishFeeling:
        return EnglishFeeling()

    def measures(self, text: str, language: str) -> Mapping[str, float]:
        """The measures for ``language``, "de" or "en"."""
        return self._of_english_words(text) if language == "en" else self._of_german_words(text)

    def _of_english_words(self, text: str) -> Mapping[str, float]:
        return {f"vader.{name}": value for name, value in self._english.feeling(_limited(text)).items()}

    def _of_german_words(self, text: str) -> Mapping[str, float]:
        feeling = self._german.feeling(clean(text, READ).text)
        return {
            "words.positive": max(feeling, 0.0),
            "words.negative": max(-feeling, 0.0),
            "words.none": float(abs(feeling) < _SILENT),
        }


def _limited(text: str) -> str:
    """The text as vaderSentiment may see it: 2,000 characters, at most 50 emoji, no broken surrogates."""
    if text.isascii():
        return text[:READ]
    read = text[:READ].encode("utf-8", "replace").decode("utf-8")
    emoji = list(_EMOJI.finditer(read))
    if len(emoji) <= _EMOJI_LIMIT:
        return read
    end = emoji[_EMOJI_LIMIT].start()
    return read[:end] + _EMOJI.sub(" ", read[end:])
