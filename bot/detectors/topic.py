"""What a post to a company is about, by a trained head: the guess that triage takes where its own words say nothing.

Owns the topic's label and score. Which topics a house knows, and from which score on it believes, is configuration.
"""

from collections.abc import Sequence
from typing import Protocol

from bot.detectors.heads import Heard, top_share
from bot.detectors.layers import Hearing, heard_in
from bot.detectors.rulebook import plainly
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
_OUTPUTS = {label: f"topic.{label}" for label in LABELS}
_LANGUAGES = frozenset({"de", "en"})


class TopicHead(Hearing, Protocol):
    """What is asked of the trained heads."""

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
        return [self._look(heard) for heard in heard_in(self._language, self._heads, texts)]

    def _look(self, heard: Heard) -> Finding:
        if heard.language not in _LANGUAGES:
            return plainly(self.name, self.version, "undetermined", 0, (), "language")
        logits = {label: heard.logits[output] for label, output in _OUTPUTS.items() if output in heard.logits}
        if not logits:
            return plainly(self.name, self.version, "undetermined", 0, (), "no-head")
        label = max(logits, key=logits.__getitem__)
        return plainly(self.name, self.version, label, top_share(list(logits.values())), (), f"head.{heard.language}")
