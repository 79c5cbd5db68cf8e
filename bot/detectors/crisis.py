"""People in danger: despair, self-harm, violence at home, or cut off from an emergency call.

Owns the labels none and crisis. It never answers anyone: a trained person does, in their own words.
"""

from collections.abc import Sequence

from bot.detectors.heads import Heads
from bot.detectors.layers import heard_by_sentences, joined
from bot.detectors.rulebook import Rulebook, say
from bot.detectors.text import clean, unmask
from bot.model import Finding
from bot.ports import Detector


class Crisis:
    """Labels: none, crisis, undetermined."""

    name = "crisis"

    def __init__(self, language: Detector, heads: Heads) -> None:
        self._rules = Rulebook("crisis")
        self._language = language
        self._heads = heads
        self.version = f"{self._rules.version}+{heads.version(self.name)}"

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: how sure the surest layer is, per mille; 0 when none speaks."""
        return [
            joined(self._by_rules(heard.text), self._heads, heard, "crisis")
            for heard in heard_by_sentences(self._language, self._heads, texts)
        ]

    def _by_rules(self, text: str) -> Finding:
        seen = unmask(clean(text))
        hits = self._rules.hits(seen)
        if not hits:
            return say(self, seen)
        return say(self, seen, hits, label="crisis", score=hits[0].rule.score)
