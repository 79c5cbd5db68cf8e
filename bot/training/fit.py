"""From labelled posts to a head: logistic regression over slots, pruned and rounded to int8.

Owns the arithmetic of training. Which posts teach which head stands in ``recipes``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from bot.detectors import features
from bot.detectors.kinds import Kinds
from bot.detectors.weights_file import Head, Output
from bot.training.folding import Folding

_STEPS = 127
_CLIPPED = 99.98
"""Percentile of the weights that the largest int8 step stands for: a few giants would make all others coarse."""
_EVEN = 0.3
"""What a slot that leans to neither side still counts, beside the strength of its leaning (Wang and Manning 2012)."""
_UNSEEN = 0.01
"""How often a slot counts as seen that only folding gave a weight."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One post to learn from: its text, the label that is true of it, and how much it counts."""

    text: str
    label: str
    weight: float = 1.0
    inputs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a head is fitted. ``labels``: its outputs, each learned against the rest.

    ``strength`` is the inverse of the regularisation, ``keep`` the most weights of an output, ``shifts`` what is
    added to the bias of an output (where its edge should not lie at even odds), ``inputs`` further measures.
    """

    name: str
    language: str
    labels: tuple[str, ...]
    strength: float = 0.15
    keep: int = 50_000
    shifts: Mapping[str, float] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()


def fit(plan: Plan, lessons: Sequence[Lesson], folding: Folding, version: str) -> Head:
    """The trained head. The same lessons in the same order give the same head."""
    with threadpool_limits(1):
        slots = _matrix([lesson.text for lesson in lessons], Kinds(plan.language))
        book = _Book(
            slots=slots,
            further=sparse.hstack([folding.matrix(slots), _inputs(plan, lessons)]),
            labels=np.array([lesson.label for lesson in lessons]),
            counts=np.array([lesson.weight for lesson in lessons]),
        )
        outputs = [_output(plan, label, book, folding) for label in plan.labels]
    return Head(plan.name, plan.language, version, tuple(outputs))


@dataclass(frozen=True, slots=True)
class _Book:
    """All lessons as numbers, one row each: slots, what is folded in and measured, labels, and how much they count."""

    slots: sparse.csr_matrix
    further: sparse.csr_matrix
    labels: np.ndarray
    counts: np.ndarray


def _output(plan: Plan, label: str, book: _Book, folding: Folding) -> Output:
    """One label against the rest: fitted, folded, pruned to the strongest weights, rounded to steps of one size."""
    true = book.labels == label
    scaling = _rarity(book.slots) * (_EVEN + np.abs(_leaning(book.slots, true, book.counts)))
    model = LogisticRegression(C=plan.strength, class_weight="balanced", solver="liblinear", max_iter=300)
    design = sparse.hstack([book.slots @ sparse.diags(scaling), book.further]).tocsr()
    model.fit(design, true, sample_weight=book.counts)
    learned = model.coef_[0]
    inputs_from = learned.size - len(plan.inputs)
    row = learned[: features.SLOTS] * scaling + folding.unfold(learned[features.SLOTS : inputs_from])
    scale, weights = _pruned(row, np.asarray(book.slots.sum(axis=0)).ravel(), plan.keep)
    named = {name: round(float(value), 4) for name, value in zip(plan.inputs, learned[inputs_from:], strict=True)}
    bias = round(float(model.intercept_[0]) + plan.shifts.get(label, 0.0), 4)
    return Output(label, bias, scale, weights, named)


def _pruned(row: np.ndarray, seen: np.ndarray, keep: int) -> tuple[float, dict[int, int]]:
    """The size of one step, and the strongest weights in steps. Rare slots must weigh more to be kept."""
    worth = np.abs(row) * np.sqrt(np.maximum(seen, _UNSEEN))
    kept = np.argsort(-worth, kind="stable")[:keep]
    scale = float(f"{np.percentile(np.abs(row[kept]), _CLIPPED) / _STEPS:.6g}")
    steps = np.clip(np.rint(row[kept] / scale), -_STEPS, _STEPS).astype(int)
    return scale, {int(slot): int(step) for slot, step in zip(kept, steps, strict=True) if step}


def _leaning(slots: sparse.csr_matrix, true: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """How much more often each slot stands in posts of the label than in the others, as a logarithm."""
    present = sparse.diags(counts) @ (slots > 0).astype(float)
    inside = np.asarray(present[true].sum(axis=0)).ravel() + 1
    outside = np.asarray(present[~true].sum(axis=0)).ravel() + 1
    leaning: np.ndarray = np.log((inside / inside.sum()) / (outside / outside.sum()))
    return leaning


def counted(texts: Sequence[str], kinds: Kinds) -> sparse.csr_matrix:
    """How often each slot occurs in each text, one row a text. ``Bank`` adds up the weights of the same slots."""
    read = [[features.canonical(token) for token in features.words_of(text)] for text in texts]
    places = {word: place for place, word in enumerate(dict.fromkeys((features.EDGE, *chain.from_iterable(read))))}
    words = list(places)
    classes = kinds.numbers(words)
    slots, starts = features.word_slots(words[1:], classes[1:])
    by_word = _csr(np.ones(len(slots)), slots, np.array([0, *starts, len(slots)]))
    numbers, owners = features.laid_out([[places[word] for word in text] for text in read])
    said = sparse.coo_matrix((np.ones(len(owners)), (owners, numbers[:-1])), shape=(len(texts), len(words))).tocsr()
    said.data[:] = 1
    near, of = features.near_slots(features.checks(words)[numbers], classes[numbers], owners)
    beside = _csr(np.ones(len(near)), near, np.searchsorted(of, np.arange(len(texts) + 1)))
    return (said @ by_word + beside).tocsr()


def _matrix(texts: Sequence[str], kinds: Kinds) -> sparse.csr_matrix:
    """One row a text: how often each slot occurs, divided by the root of all occurrences."""
    counts = counted(texts, kinds)
    return (sparse.diags(1 / np.sqrt(counts.sum(axis=1).A1)) @ counts).tocsr()


def _csr(values: np.ndarray, slots: np.ndarray, ends: np.ndarray) -> sparse.csr_matrix:
    rows = sparse.csr_matrix((values, slots, ends), shape=(len(ends) - 1, features.SLOTS))
    rows.sum_duplicates()
    return rows


def _rarity(slots: sparse.csr_matrix) -> np.ndarray:
    """The inverse document frequency of each slot, smoothed."""
    seen = np.bincount(slots.indices, minlength=features.SLOTS)
    rarity: np.ndarray = np.log((1 + slots.shape[0]) / (1 + seen)) + 1
    return rarity


def _inputs(plan: Plan, lessons: Sequence[Lesson]) -> sparse.csr_matrix:
    rows = [[lesson.inputs[name] for name in plan.inputs] for lesson in lessons]
    return sparse.csr_matrix(np.array(rows).reshape(len(lessons), len(plan.inputs)))
