"""False helpers and phishing, and people who report that someone acts in the brand's name.

Owns the labels none, scam and impostor_report. It judges words, never an account.
"""

from collections.abc import Sequence

from bot.detectors.heads import Heads, Heard
from bot.detectors.layers import heard_in, joined
from bot.detectors.rulebook import Rulebook, say
from bot.detectors.text import clean
from bot.model import Finding
from bot.ports import Detector

_SECOND_SIGN = 60
"""Per mille that every further rule adds: a prize and a link are worse than either."""
_LABELS = ("impostor_report", "scam")
"""Who warns of a scam is no scammer: the report is asked for first."""


class Scam:
    """Labels: none, scam, impostor_report, undetermined."""

    name = "scam"

    def __init__(self, language: Detector, heads: Heads) -> None:
        self._rules = Rulebook("scam")
        self._language = language
        self._heads = heads
        self.version = f"{self._rules.version}+{heads.version(self.name)}"

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: the surest layer's, and more for each further rule, per mille."""
        return [self._look(heard) for heard in heard_in(self._language, self._heads, texts)]

    def _look(self, heard: Heard) -> Finding:
        report, scam = heard.logits["scam.impostor_report"], heard.logits["scam.scam"]
        label = "scam" if scam > report else "impostor_report"
        return joined(self._by_rules(heard.text), self._heads, heard, label)

    def _by_rules(self, text: str) -> Finding:
        seen = clean(text)
        hits = self._rules.hits(seen)
        for label in _LABELS:
            speaking = [hit for hit in hits if hit.rule.label == label]
            if speaking:
                further = len({hit.rule.name for hit in speaking}) - 1
                score = min(1000, speaking[0].rule.score + _SECOND_SIGN * further)
                return say(self, seen, speaking, label=label, score=score)
        return say(self, seen)
