"""From a model's raw numbers to a label of the head. Pure arithmetic; it knows no text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_HALF = 0.5
"""From here on a label of a multi-label model counts as given: what such models are trained to."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How to read one row of logits.

    ``labels`` are the model's, in the order of its outputs; ``meaning`` leads from each to one of ``heads_labels``,
    the first of which means that nothing was found.
    """

    labels: Sequence[str]
    meaning: Mapping[str, str]
    heads_labels: Sequence[str]
    multi_label: bool

    def of(self, row: Sequence[float]) -> tuple[str, int]:
        """The head's label and how sure the model is, per mille. Of equals the one that stands first counts.

        Single-label: probabilities of labels with one meaning are added. Multi-label: the surest label counts
        if it is at least even, otherwise nothing was found.
        """
        sure = self._several(row) if self.multi_label else self._one(row)
        label = max(sure, key=lambda name: sure[name])
        return label, min(1000, round(1000 * sure[label]))

    def _one(self, row: Sequence[float]) -> dict[str, float]:
        highest = max(row)
        weights = [math.exp(value - highest) for value in row]
        total = sum(weights)
        sure = self._empty()
        for label, weight in zip(self.labels, weights, strict=True):
            sure[self.meaning[label]] += weight / total
        return sure

    def _several(self, row: Sequence[float]) -> dict[str, float]:
        nothing = self.heads_labels[0]
        sure = self._empty()
        for label, value in zip(self.labels, row, strict=True):
            name = self.meaning[label]
            if name != nothing:
                sure[name] = max(sure[name], _sigmoid(value))
        most = max(sure.values())
        return {nothing: 1 - most} if most < _HALF else sure

    def _empty(self) -> dict[str, float]:
        meant = set(self.meaning.values())
        return {name: 0.0 for name in self.heads_labels if name in meant or name == self.heads_labels[0]}


def _sigmoid(value: float) -> float:
    small = math.exp(-abs(value))
    return 1 / (1 + small) if value >= 0 else small / (1 + small)
