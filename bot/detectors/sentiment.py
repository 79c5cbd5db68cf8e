"""How a post feels about things: a trained head over its words and over what the lexicons say of them.

Owns the labels negative, neutral, positive and undetermined. It judges one text and never an author. Friendly words
with signs of mockery are not guessed at: the label stays what the words say, and the score says "unsure".
"""

from collections.abc import Sequence
from functools import cache
from operator import mul

from bot.detectors.feelings import READ, Feelings
from bot.detectors.heads import Heads, Heard, shares
from bot.detectors.layers import heard_in
from bot.detectors.rulebook import Rulebook, plainly
from bot.detectors.text import clean
from bot.model import Finding
from bot.ports import Detector

LABELS = ("negative", "neutral", "positive")
_OUTPUTS = tuple(f"sentiment.{label}" for label in LABELS)
_UNSURE = 300
"""Score of a post that may be mocking: below any threshold of triage."""
_SAID_BY_WORDS = 0.5
"""How strongly German words must feel in a text too short to show its language."""


class Sentiment:
    """Labels: negative, neutral, positive, undetermined. The language comes from the given detector."""

    name = "sentiment"

    def __init__(self, language: Detector, heads: Heads, feelings: Feelings) -> None:
        self.version = heads.version(self.name)
        self._language = language
        self._heads = heads
        self._feelings = feelings
        self._mockery = Rulebook("mockery")
        self._inputs = cache(self._weights)

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: the label's probability per mille; the reason names the language's head."""
        return [self._look(heard) for heard in heard_in(self._language, self._heads, texts)]

    def _look(self, heard: Heard) -> Finding:
        text, language, logits = heard
        if language == "undetermined" and self._feels_german(text):
            language, logits = "de", self._heads.logits(text, "de")
        if language not in {"de", "en"}:
            return plainly(self.name, self.version, "undetermined", 0, (), "language")
        measures = self._feelings.measures(text, language)
        chances = shares(
            [
                logits[name] + sum(map(mul, weights, map(measures.__getitem__, names)))
                for name, names, weights in self._inputs(language)
            ]
        )
        chance, label = max(zip(chances, LABELS, strict=True))
        seen = clean(text, READ)
        reason = f"head.{language}" + (";cut" if seen.cut else "")
        if label == "positive" and (logits["sarcasm.sarcasm"] > 0 or self._mockery.hits(seen)):
            return plainly(self.name, self.version, label, min(chance, _UNSURE), (), reason + ";sarcasm")
        return plainly(self.name, self.version, label, chance, (), reason)

    def _weights(self, language: str) -> Sequence[tuple[str, tuple[str, ...], tuple[float, ...]]]:
        """Of each output its name, the measures that it hears, and what these weigh."""
        inputs = {name: self._heads.bank(language).inputs(name) for name in _OUTPUTS}
        return [(name, tuple(weights), tuple(weights.values())) for name, weights in inputs.items()]

    def _feels_german(self, text: str) -> bool:
        measures = self._feelings.measures(text, "de")
        return max(measures["words.positive"], measures["words.negative"]) >= _SAID_BY_WORDS
