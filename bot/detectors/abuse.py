"""Attacks on a person. Swearing at a product, a price or the firm is criticism, however harsh.

Owns the labels none, abuse, quoted and profanity. It never warns anyone: people do.
"""

from collections.abc import Sequence

from bot.detectors.rulebook import Rulebook, say
from bot.detectors.text import Clean, clean, unmask
from bot.model import Finding


class Abuse:
    """Labels: none, abuse, quoted (told or quoted by the author), profanity (nobody meant), undetermined."""

    name = "abuse"

    def __init__(self) -> None:
        self._rules = Rulebook("abuse")
        self.version = self._rules.version

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: how sure the surest rule is, per mille; 0 when none holds."""
        return [self._look(unmask(clean(text))) for text in texts]

    def _look(self, seen: Clean) -> Finding:
        hits = self._rules.hits(seen)
        told = [hit.span for hit in hits if hit.rule.label == "quoted"]
        hits = [
            hit
            for hit in hits
            if hit.rule.label == "quoted" or not any(hit.span[0] < end and start < hit.span[1] for start, end in told)
        ]
        for label in ("abuse", "quoted", "profanity"):
            speaking = [hit for hit in hits if hit.rule.label == label]
            if speaking:
                return say(self, seen, speaking, label=label, score=speaking[0].rule.score)
        return say(self, seen)
