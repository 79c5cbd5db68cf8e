"""What a post to a company is about, by a trained head: the guess that triage takes where its own words say nothing.

Owns the topic's label and score. Which topics a house knows, and from which score on it believes, is configuration.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.detectors.heads import shares
from bot.model import Finding
from bot.ports import Detector

LABELS = (
    "outage_fixed",
    "outage_mobile",
    "outage_tv",
    "billing",
    "delivery",
    "contract",
    "cancellation",
    "hotline",
    "praise",
    "other",
)
_LANGUAGES = frozenset({"de", "en"})


class TopicHead(Protocol):
    """What is asked of the trained heads; a stand-in with two numbers will do in a test."""

    def logits(self, text: str, language: str) -> Mapping[str, float]:
        """The logit of every output, by "head.label"."""
        ...

    def version(self, head: str) -> str:
        """The version of a head."""
        ...


class Topic:
    """Labels: those of ``LABELS``, and undetermined. The language comes from the given detector."""

    name = "topic"

    def __init__(self, language: Detector, heads: TopicHead) -> None:
        self.version = heads.version(self.name)
        self._language = language
        self._heads = heads

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: the label's probability per mille; the reason names the language's head."""
        languages = self._language.detect(texts)
        return [self._look(text, found.label) for text, found in zip(texts, languages, strict=True)]

    def _look(self, text: str, language: str) -> Finding:
        if language not in _LANGUAGES:
            return Finding(self.name, self.version, "undetermined", 0, (), "language")
        logits = self._heads.logits(text, language)
        names = [label for label in LABELS if f"{self.name}.{label}" in logits]
        if not names:
            return Finding(self.name, self.version, "undetermined", 0, (), "no-head")
        chances = shares([logits[f"{self.name}.{label}"] for label in names])
        chance, label = max(zip(chances, names, strict=True), key=lambda chosen: chosen[0])
        return Finding(self.name, self.version, label, chance, (), f"head.{language}")
