"""The trained heads: linear models over words, word pairs and letter runs, all added up in one pass over a text.

Owns the tables of weights and their arithmetic. What a score means for a post is the detectors' business.
"""

import math
import sys
from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate, islice
from typing import NamedTuple

from bot.detectors import features
from bot.detectors.kinds import Kinds
from bot.detectors.text import clean, unmask
from bot.detectors.weights_file import Output, read
from bot.model import Span

_ZERO = 128
"""What stands in a table for the weight 0: tables hold numbers from 0 to 255 for weights from -128 to 127."""
_TOGETHER = 250
"""Rows added before 16 bits an output could run over (257 times 255)."""
_LEVEL = 1 << 17
"""What stands for the sum 0 of a word: far above what its weights can take away, far below what 4,000 words fill."""
_KNOWN_WORDS = 20_000
"""Words whose sums are remembered, about 6 MB: nine of ten words of a post were seen before."""
_SHARED = 256
_DECIDING = 5
"""Texts whose scores are shared by the detectors (a batch is 50), and words shown as having decided."""

_Sums = tuple[int, ...]


class _Word(NamedTuple):
    """What is remembered of a word: how many slots it has, their sums by output, its class, and its part in pairs.

    ``packed`` holds the sums as one large number of 32 bits an output.
    """

    word: str
    size: int
    sums: _Sums
    packed: int
    kind: str
    encoded: bytes
    opening: int


class Bank:
    """All heads of one language: their tables interleaved, so that one look at a slot finds every output."""

    def __init__(self, sources: Iterable[bytes], kinds: Kinds) -> None:
        heads = [read(source) for source in sources]
        self._kinds = kinds
        self._outputs: dict[str, Output] = {}
        rows: list[tuple[bytes, bytes]] = []
        for head, weights in heads:
            self._outputs |= {f"{head.name}.{output.label}": output for output in head.outputs}
            rows += weights
        self._names = tuple(self._outputs)
        self._biases = tuple(output.bias for output in self._outputs.values())
        self._scales = tuple(output.scale for output in self._outputs.values())
        self._width = len(rows)
        table = array("H", [_ZERO]) * (features.SLOTS * self._width)
        for place, (gaps, values) in enumerate(rows):
            for slot, value in zip(accumulate(gaps), values, strict=True):
                table[(slot - 1) * self._width + place] = value ^ _ZERO
        self._table = table.tobytes()
        self._row = self._width * table.itemsize
        self._words: dict[str, _Word] = {}
        self._shared = lru_cache(maxsize=_SHARED)(self._logits)

    def logits(self, text: str) -> Mapping[str, float]:
        """The logit of every output, by "head.label". 0 is the edge of a decision for heads with one output."""
        return self._shared(text[: features.READ])

    def _logits(self, text: str) -> Mapping[str, float]:
        words = self._seen(text)
        near = [
            *features.pair_slots([word.opening for word in words], [word.encoded for word in words]),
            *features.kind_slots([word.kind for word in words]),
        ]
        distinct = {word.word: word for word in words}.values()
        packed = sum([word.packed for word in distinct])
        lanes = memoryview(packed.to_bytes(4 * self._width, sys.byteorder)).cast("I")
        level = _LEVEL * len(distinct)
        root = math.sqrt(max(sum([word.size for word in distinct]) + len(near), 1))
        return {
            name: bias + scale * (total + lane - level) / root
            for name, bias, scale, total, lane in zip(
                self._names, self._biases, self._scales, self._added(near), lanes, strict=True
            )
        }

    def inputs(self, name: str) -> Mapping[str, float]:
        """What further measures of a text weigh for the output ``name``, by the measure's name."""
        return self._outputs[name].inputs

    def deciding(self, text: str, name: str) -> tuple[Span, ...]:
        """Where the words stand that spoke most for the output ``name``."""
        seen = unmask(clean(text, features.READ))
        place = self._names.index(name)
        weighed = [
            (self._known(token).sums[place] * self._scales[place], span) for token, span in features.placed(seen.text)
        ]
        strongest = sorted((weight, span) for weight, span in weighed if weight > 0)[-_DECIDING:]
        return tuple(sorted(seen.span(*span) for _, span in strongest))

    def of_kind(self, text: str, kinds: Container[str]) -> tuple[Span, ...]:
        """Where the first words of one of these classes stand."""
        seen = unmask(clean(text, features.READ))
        places = (span for token, span in features.placed(seen.text) if self._known(token).kind in kinds)
        return tuple(seen.span(*span) for span in islice(places, _DECIDING))

    def _seen(self, text: str) -> list[_Word]:
        """What is known of each token, in the order of the text."""
        cleaned = unmask(clean(text, features.READ))
        known = self._words
        return [known.get(token) or self._word(token) for token in features.tokens(cleaned.text)]

    def _known(self, token: str) -> _Word:
        return self._words.get(token) or self._word(token)

    def _word(self, token: str) -> _Word:
        word = features.canonical(token)
        kind = self._kinds.of(word)
        slots = features.word_slots(word, kind)
        sums = self._added(slots)
        packed = int.from_bytes(array("I", [total + _LEVEL for total in sums]).tobytes(), sys.byteorder)
        seen = _Word(word, len(slots), sums, packed, kind, word.encode(), features.opening(word))
        if len(token) <= features.LONGEST:
            if len(self._words) >= _KNOWN_WORDS:
                self._words.clear()
            self._words[token] = seen
        return seen

    def _added(self, slots: Sequence[int]) -> _Sums:
        """For each output the sum of its weights in these slots.

        A row of the table is read as one large number of 16 bits an output, so that one addition adds all outputs.
        """
        table, row, number = self._table, self._row, int.from_bytes
        totals: _Sums = (0,) * self._width
        for start in range(0, len(slots), _TOGETHER):
            chunk = slots[start : start + _TOGETHER]
            packed = sum([number(table[slot * row : slot * row + row], sys.byteorder) for slot in chunk])
            lanes = memoryview(packed.to_bytes(row, sys.byteorder)).cast("H")
            level = _ZERO * len(chunk)
            totals = tuple([total + lane - level for total, lane in zip(totals, lanes, strict=True)])
        return totals


class Heads:
    """The banks of all languages. A text in no language of ours is looked at with each bank; the higher score wins."""

    def __init__(self, sources: Mapping[str, Sequence[bytes]] | None = None) -> None:
        self._sources = sources or shipped()
        self._banks: dict[str, Bank] = {}

    def bank(self, language: str) -> Bank:
        """The bank of "de" or "en", laid out when its first text comes: a house may speak one language only.

        Raises:
            KeyError: there is none for ``language``.
        """
        if language not in self._banks:
            self._banks[language] = Bank(self._sources[language], Kinds(language))
        return self._banks[language]

    def logits(self, text: str, language: str) -> Mapping[str, float]:
        """The logit of every output, by "head.label"; 0 is even odds or the edge that training set."""
        banks = self._asked(language)
        if len(banks) == 1:
            return banks[0].logits(text)
        found = [bank.logits(text) for bank in banks]
        return {name: max(logits[name] for logits in found if name in logits) for name in set().union(*found)}

    def deciding(self, text: str, language: str, name: str) -> tuple[Span, ...]:
        """Where the words stand that spoke most for the output ``name``."""
        return max(self._asked(language), key=lambda bank: bank.logits(text)[name]).deciding(text, name)

    def of_kind(self, text: str, language: str, kinds: Container[str]) -> tuple[Span, ...]:
        """Where the first words of one of these classes stand, in the text's language or in any of ours."""
        return next((places for bank in self._asked(language) if (places := bank.of_kind(text, kinds))), ())

    def version(self, head: str) -> str:
        """The version of a head: that of each language's file, in the order of the languages."""
        known = [read(source)[0] for sources in self._sources.values() for source in sources]
        return "+".join(found.version for found in known if found.name == head)

    def _asked(self, language: str) -> Sequence[Bank]:
        return [self.bank(known) for known in ([language] if language in self._sources else self._sources)]


def shipped() -> dict[str, list[bytes]]:
    """The weight files of this release, by language and in the order of their names."""
    folder = files("bot.detectors").joinpath("weights")
    sources: dict[str, list[bytes]] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".weights"):
            sources.setdefault(file.name.split(".")[1], []).append(file.read_bytes())
    return sources


def per_mille(logit: float) -> int:
    """The probability of a logit in thousandths; 500 at logit 0."""
    return round(1000 / (1 + math.exp(-max(-30.0, min(30.0, logit)))))


def shares(logits: Sequence[float]) -> list[int]:
    """Probabilities in thousandths of logits that exclude each other."""
    top = max(logits)
    powers = [math.exp(logit - top) for logit in logits]
    return [round(1000 * power / sum(powers)) for power in powers]
