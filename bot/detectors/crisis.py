"""People in danger: despair, self-harm, violence at home, or cut off from an emergency call.

Owns the labels none and crisis. It never answers anyone: a trained person does, in their own words.
"""

from collections.abc import Sequence

from bot.detectors.rulebook import Rulebook, say
from bot.detectors.text import Clean, clean, unmask
from bot.model import Finding


class Crisis:
    """Labels: none, crisis, undetermined."""

    name = "crisis"

    def __init__(self) -> None:
        self._rules = Rulebook("crisis")
        self.version = self._rules.version

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: how sure the surest rule is, per mille; 0 when none holds."""
        return [self._look(unmask(clean(text))) for text in texts]

    def _look(self, seen: Clean) -> Finding:
        hits = self._rules.hits(seen)
        if not hits:
            return say(self, seen)
        return say(self, seen, hits, label="crisis", score=hits[0].rule.score)
