"""The trained heads of one language: linear models over words, word pairs and letter runs, added up for many posts.

Owns the table of weights and its arithmetic. What a score means for a post is the detectors' business.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import chain, islice
from threading import RLock

import numpy as np

from bot.detectors import features
from bot.detectors.features import EDGE, Slots, Sums
from bot.detectors.kinds import Kinds
from bot.detectors.text import Clean, Remembered, clean, unmask
from bot.detectors.weights_file import Output, read
from bot.model import Span

_KNOWN_WORDS = 20_000
"""Words whose sums are remembered, about 2 MB: nine of ten words of a post were seen before."""
_KNOWN_STRETCHES, _LONGEST_STRETCH = 20_000, 60
"""What stands between two spaces, "netz!!" or an address: how many are remembered with their words, and letters of the
longest, about 5 MB. To part a post at its spaces takes a tenth of the time of looking for its words."""
_KNOWN_KINDS = 8_192
"""Words, and stretches, whose classes are remembered for those who ask where a class stands."""
_TOGETHER = 16_000
"""Characters of the posts that are added up at once: even if every word is new, fewer than are remembered."""
_REMEMBERED = 512
"""Texts whose logits are kept for the detectors that ask for them one after the other."""
_DECIDING = 5
"""Words shown as having decided."""

Logits = Mapping[str, float]


class Bank:
    """All heads of one language: their tables side by side, so that one look at a slot finds every output."""

    def __init__(self, sources: Iterable[bytes], kinds: Kinds) -> None:
        self._kinds = kinds
        self._kind = Remembered(kinds.of, _KNOWN_KINDS)
        self._kinds_in = Remembered(self._of_stretch, _KNOWN_KINDS)
        self._outputs: dict[str, Output] = {}
        columns: list[tuple[bytes, bytes]] = []
        for head, weights in map(read, sources):
            self._outputs |= {f"{head.name}.{output.label}": output for output in head.outputs}
            columns += weights
        self._biases = np.array([output.bias for output in self._outputs.values()])
        self._scales = np.array([output.scale for output in self._outputs.values()])
        self._table = np.zeros((features.SLOTS, len(columns)), np.int8)
        for place, (gaps, values) in enumerate(columns):
            slots = np.cumsum(np.frombuffer(gaps, np.uint8), dtype=np.intp) - 1
            self._table[slots, place] = np.frombuffer(values, np.int8)
        self._sums = np.zeros((_KNOWN_WORDS, len(columns)), np.int32)
        self._sizes = np.zeros(_KNOWN_WORDS, np.int32)
        self._checks = np.zeros(_KNOWN_WORDS, np.uint32)
        self._classes = np.zeros(_KNOWN_WORDS, np.uint32)
        self._known: dict[str, int] = {}
        self._stretches: dict[str, Sequence[int]] = {}
        self._forget()
        self._remembered: dict[str, Logits] = {}
        self._lock = RLock()

    def logits(self, texts: Sequence[str]) -> list[Logits]:
        """For each text the logit of every output, by "head.label". 0 is the edge of a decision of a lone output."""
        read_ = [text[: features.READ] for text in texts]
        with self._lock:
            fresh = set(read_).difference(self._remembered)
            if fresh and len(self._remembered) + len(fresh) > _REMEMBERED:
                self._remembered.clear()
                fresh = set(read_)
            for group in _groups(fresh):
                self._remembered.update(zip(group, self._look(group), strict=True))
            return [self._remembered[text] for text in read_]

    def inputs(self, name: str) -> Mapping[str, float]:
        """What further measures of a text weigh for the output ``name``, by the measure's name."""
        return self._outputs[name].inputs

    def deciding(self, text: str, name: str) -> tuple[Span, ...]:
        """Where the words stand that spoke most for the output ``name``."""
        seen, words = _placed(text)
        place = list(self._outputs).index(name)
        with self._lock:
            weights = self._sums[self._numbers([word for word, _ in words]), place].tolist()
        weighed = [(weight, span) for weight, (_, span) in zip(weights, words, strict=True) if weight > 0]
        return tuple(sorted(seen.span(*span) for _, span in sorted(weighed)[-_DECIDING:]))

    def of_kind(self, text: str, kinds: AbstractSet[str]) -> tuple[Span, ...]:
        """Where the first words of one of these classes stand. Most texts have none, as their stretches tell."""
        if all(map(kinds.isdisjoint, map(self._kinds_in.__getitem__, features.stretches_of(text)))):
            return ()
        seen, words = _placed(text)
        places = (span for word, span in words if self._kind[word] in kinds)
        return tuple(seen.span(*span) for span in islice(places, _DECIDING))

    def _of_stretch(self, stretch: str) -> AbstractSet[str]:
        """The classes of the words between two spaces."""
        return {self._kind[word] for word, _ in _forms(stretch)}

    def _look(self, texts: Sequence[str]) -> list[Logits]:
        numbers, owners = features.laid_out(self._numbered([features.stretches_of(text) for text in texts]))
        every = np.arange(len(texts))
        distinct = features.distinct(owners * _KNOWN_WORDS + numbers[:-1])
        said, begins = distinct % _KNOWN_WORDS, np.searchsorted(distinct, every * _KNOWN_WORDS)
        slots, of = features.near_slots(self._checks[numbers], self._classes[numbers], owners)
        starts = np.searchsorted(of, every)
        totals = np.add.reduceat(self._sums[said], begins) + _summed(self._table[slots], starts)
        sizes = np.add.reduceat(self._sizes[said], begins) + np.bincount(of)
        logits = self._biases + self._scales * totals / np.sqrt(sizes)[:, None]
        return [dict(zip(self._outputs, row, strict=True)) for row in logits.tolist()]

    def _numbered(self, texts: Sequence[Sequence[str]]) -> list[list[int]]:
        """The numbers of the words of each text, which is given as its stretches."""
        known = self._stretches
        fresh = {stretch for text in texts for stretch in text if stretch not in known}
        if len(known) + len(fresh) > _KNOWN_STRETCHES:
            known.clear()
            fresh = set(chain.from_iterable(texts))
        # A stretch has at most as many words as letters: none is forgotten while numbers are given.
        if len(self._known) + sum(map(len, fresh)) > _KNOWN_WORDS:
            self._forget()
            fresh = set(chain.from_iterable(texts))
        if fresh:
            read_ = [list(map(_canonical.__getitem__, features.tokens(stretch))) for stretch in fresh]
            self._learn(set(chain.from_iterable(read_)))
            known.update(zip(fresh, [list(map(self._known.__getitem__, words)) for words in read_], strict=True))
        numbered: list[list[int]] = []
        for text in texts:
            numbered.append([])
            for stretch in text:
                numbered[-1] += known[stretch]
        for stretch in fresh:
            if len(stretch) > _LONGEST_STRETCH:
                del known[stretch]
        return numbered

    def _numbers(self, words: Sequence[str]) -> list[int]:
        """The number of each word."""
        if len(self._known) + len(words) > _KNOWN_WORDS:
            self._forget()
        self._learn(set(words))
        return list(map(self._known.__getitem__, words))

    def _learn(self, words: Iterable[str]) -> None:
        """Give the next numbers to the words that have none."""
        fresh = sorted(set(words).difference(self._known))
        if not fresh:
            return
        rows = slice(len(self._known), len(self._known) + len(fresh))
        classes = self._kinds.numbers(fresh)
        slots, starts = features.word_slots(fresh, classes)
        self._sums[rows] = _summed(self._table[slots], starts)
        self._sizes[rows] = np.diff(starts, append=len(slots))
        self._checks[rows] = features.checks(fresh)
        self._classes[rows] = classes
        self._known.update(zip(fresh, range(rows.start, rows.stop), strict=True))

    def _forget(self) -> None:
        """Know the edge of a text and nothing else: it stands for no word, weighs nothing, and ends sentences."""
        self._known = {EDGE: 0}
        self._stretches.clear()
        self._checks[0] = features.checks([EDGE])[0]
        self._classes[0] = self._kinds.numbers([EDGE])[0]


@lru_cache(maxsize=64)
def _placed(text: str) -> tuple[Clean, Sequence[tuple[str, Span]]]:
    """The text as the heads read it, and where its words stand. The detectors ask about one batch after the other."""
    seen = unmask(clean(text, features.READ))
    return seen, _forms(seen.text)


def _forms(text: str) -> Sequence[tuple[str, Span]]:
    """The canonical words of a text as it is written, and where they stand."""
    return [(_canonical[word], span) for word, span in features.placed(text)]


_canonical = Remembered(features.canonical, _KNOWN_WORDS)


def _summed(rows: np.ndarray, starts: Slots) -> Sums:
    """The sums of rows from each start to the next."""
    sums: Sums = np.add.reduceat(rows, starts, axis=0, dtype=np.int32)
    return sums


def _groups(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in groups of at most ``_TOGETHER`` characters."""
    group: list[str] = []
    letters = 0
    for text in texts:
        letters += len(text)
        if letters > _TOGETHER and group:
            yield group
            group, letters = [], len(text)
        group.append(text)
    if group:
        yield group
