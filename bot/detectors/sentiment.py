"""How a post feels about things: German by the house's own words, English by vaderSentiment behind a limit.

Owns the labels negative, neutral, positive and undetermined. It judges one text and never an author.
"""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from ahocorasick_rs import AhoCorasick, MatchKind
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bot.detectors.german import GermanFeeling
from bot.detectors.text import Clean, clean
from bot.model import Finding
from bot.ports import Detector

_READ = 2_000
"""Characters read. The tone of a post shows early, and vaderSentiment grows with the square of the length."""
_EMOJI_LIMIT = 50
"""vaderSentiment spells every emoji out in words; ten thousand of them would stall it."""
_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
_NEUTRAL_BELOW = {"de": 0.34, "en": 0.2}
"""Least size of a feeling (-1 to 1) that counts, per language: measured on public labelled posts."""


class Sentiment:
    """Labels: negative, neutral, positive, undetermined. The language comes from the given detector."""

    name = "sentiment"
    version = "1"

    def __init__(self, language: Detector) -> None:
        self._language = language
        self._german = GermanFeeling()
        self._vader = SentimentIntensityAnalyzer()
        self._phrases, self._weights = _english_phrases()

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score per mille: 500 is a coin's toss; the reason names the lexicon."""
        languages = self._language.detect(texts)
        return [self._look(text, found.label) for text, found in zip(texts, languages, strict=True)]

    def _look(self, text: str, language: str) -> Finding:
        seen = clean(text, _READ)
        if language == "en":
            return self._say("en", self._english(text, seen), seen)
        feeling = self._german.feeling(seen.text)
        if language == "de" or (language == "undetermined" and feeling):
            return self._say("de", feeling, seen)
        return Finding(self.name, self.version, "undetermined", 0, (), "language")

    def _english(self, text: str, seen: Clean) -> float:
        """The compound of vaderSentiment, moved by what it does not know about networks and customers."""
        found = self._phrases.find_matches_as_indexes(seen.text)
        shift = sum(self._weights[index] for index, _, _ in found)
        compound = float(self._vader.polarity_scores(_limited(text))["compound"])
        return max(-1.0, min(1.0, compound + max(-0.7, min(0.7, shift))))

    def _say(self, lexicon: str, feeling: float, seen: Clean) -> Finding:
        edge = _NEUTRAL_BELOW[lexicon]
        strength = abs(feeling)
        reason = f"{lexicon}.words" + (";cut" if seen.cut else "")
        if strength < edge:
            return Finding(self.name, self.version, "neutral", round(1000 - 450 * strength / edge), (), reason)
        label = "positive" if feeling > 0 else "negative"
        score = round(550 + 450 * (strength - edge) / (1 - edge))
        return Finding(self.name, self.version, label, score, (), reason)


def _limited(text: str) -> str:
    """The text as vaderSentiment may see it: 2,000 characters, at most 50 emoji, no broken surrogates."""
    read = text[:_READ].encode("utf-8", "replace").decode("utf-8")
    emoji = list(_EMOJI.finditer(read))
    if len(emoji) <= _EMOJI_LIMIT:
        return read
    end = emoji[_EMOJI_LIMIT].start()
    return read[:end] + _EMOJI.sub(" ", read[end:])


def _english_phrases() -> tuple[AhoCorasick, tuple[float, ...]]:
    source = tomllib.loads(files("bot.detectors").joinpath("lexicon", "sentiment_en.toml").read_text("utf-8"))
    weights = {phrase: float(weight) for weight, phrases in source["phrases"].items() for phrase in phrases}
    return AhoCorasick(list(weights), matchkind=MatchKind.LeftmostLongest), tuple(weights.values())
