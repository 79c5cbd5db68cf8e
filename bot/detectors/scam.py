"""False helpers and phishing, and people who report that someone acts in the brand's name.

Owns the labels none, scam and impostor_report. It judges words, never an account.
"""

from collections.abc import Sequence

from bot.detectors.rulebook import Rulebook, say
from bot.detectors.text import Clean, clean
from bot.model import Finding

_SECOND_SIGN = 60
"""Per mille that every further rule adds: a prize and a link are worse than either."""


class Scam:
    """Labels: none, scam, impostor_report, undetermined. Someone who warns of a scam is no scammer."""

    name = "scam"

    def __init__(self) -> None:
        self._rules = Rulebook("scam")
        self.version = self._rules.version

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: the surest rule's, and more for each further rule, per mille."""
        return [self._look(clean(text)) for text in texts]

    def _look(self, seen: Clean) -> Finding:
        hits = self._rules.hits(seen)
        for label in ("impostor_report", "scam"):
            speaking = [hit for hit in hits if hit.rule.label == label]
            if speaking:
                further = len({hit.rule.name for hit in speaking}) - 1
                score = min(1000, speaking[0].rule.score + _SECOND_SIGN * further)
                return say(self, seen, speaking, label=label, score=score)
        return say(self, seen)
