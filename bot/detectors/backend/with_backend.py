"""A head for which a model speaks, with the light head beside it. It never raises.

For threat and crisis a model never hides an alarm of the light head; for every other head the model's word is the
last, and it may take back what the light head found.

Owns when the model is asked, when its word counts, and when it is switched off.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.detectors.backend.runner import Classifier, Unanswered
from bot.detectors.backend.verdict import Verdict
from bot.detectors.text import READ_LIMIT
from bot.model import Finding
from bot.ports import Detector

log = logging.getLogger(__name__)

STRIKES = 3
"""Failures in a row after which a model is not asked again until the next start."""
ALARMS: Mapping[str, str] = MappingProxyType({"threat": "threat", "crisis": "crisis"})
"""Heads whose rules a model may add to and never silence, with the label that is at stake."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a finding says about the model: its version, and the word that stands in the reason."""

    version: str
    reason: str


class Fallback:
    """The light head, which says in every finding that a model should have spoken, and why it did not."""

    def __init__(self, light: Detector, why: str) -> None:
        self.name, self.version = light.name, light.version
        self._light, self._why = light, why

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """The light head's findings, marked."""
        return [_marked(finding, self._why) for finding in self._light.detect(texts)]


class WithBackend:
    """Labels of the light head, told by a model. A text without a letter is left to the light head."""

    def __init__(self, light: Detector, classifier: Classifier, verdict: Verdict, named: Named, batch: int) -> None:
        self.name, self.version = light.name, named.version
        self._light, self._classifier, self._verdict = light, classifier, verdict
        self._reason, self._batch = named.reason, batch
        self._strikes = 0

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text, in order. The same texts in the same batch bring the same findings."""
        found = list(self._light.detect(texts))
        readable = [place for place, text in enumerate(texts) if any(map(str.isalpha, text[:READ_LIMIT]))]
        for places in _parts(readable, self._batch):
            answers = self._answers([texts[place] for place in places], [found[place] for place in places])
            for place, finding in zip(places, answers, strict=True):
                found[place] = finding
        return found

    def _answers(self, texts: Sequence[str], light: Sequence[Finding]) -> list[Finding]:
        if self._strikes >= STRIKES:
            return [_marked(finding, "off") for finding in light]
        try:
            rows = self._classifier.rows([_sendable(text) for text in texts])
        except Unanswered as error:
            self._strike(error)
            return [_marked(finding, error.why) for finding in light]
        self._strikes = 0
        return [
            self._weighed(finding, self._told(row, cut=cut or len(text) > READ_LIMIT))
            for text, finding, (row, cut) in zip(texts, light, rows, strict=True)
        ]

    def _told(self, row: Sequence[float], *, cut: bool) -> Finding:
        label, score = self._verdict.of(row)
        reason = f"{self._reason};cut" if cut else self._reason
        return Finding(self.name, self.version, label, score, (), reason)

    def _weighed(self, light: Finding, told: Finding) -> Finding:
        """The model's word, unless the light head holds more against a post that nobody may overlook."""
        alarm = ALARMS.get(self.name)
        if alarm is None or light.label in {"none", "undetermined"}:
            return told
        if light.label == alarm and told.label == alarm:
            return replace(light, score=max(light.score, told.score), reason=f"{light.reason};{told.reason}")
        return told if told.label == alarm else light

    def _strike(self, error: Unanswered) -> None:
        self._strikes += 1
        if self._strikes >= STRIKES:
            log.error("The model of '%s' is switched off until the next start: %s", self.name, error)
        else:
            log.warning("The model of '%s' did not answer, the light head did: %s", self.name, error)


def _marked(finding: Finding, why: str) -> Finding:
    return replace(finding, reason=f"{finding.reason};fallback.{why}".removeprefix(";"))


def _sendable(text: str) -> str:
    """What was read of the text, without halves of surrogate pairs, which no tokenizer takes."""
    return text[:READ_LIMIT].encode("utf-8", "replace").decode("utf-8")


def _parts(places: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (places[start : start + size] for start in range(0, len(places), size))
