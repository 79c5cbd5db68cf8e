"""The trained heads of all languages, and their arithmetic of chances.

Owns which bank is asked about which text. What a score means for a post is the detectors' business.
"""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from importlib.resources import files
from typing import NamedTuple

from bot.detectors.bank import Bank, Logits
from bot.detectors.kinds import Kinds
from bot.detectors.weights_file import Head, read
from bot.model import Span


class Heard(NamedTuple):
    """A text, its language, and what the heads hear in it: the logit of every output, by "head.label"."""

    text: str
    language: str
    logits: Logits


class Heads:
    """The banks of all languages. A text in no language of ours is looked at with each bank; the higher score wins."""

    def __init__(self, sources: Mapping[str, Sequence[bytes]] | None = None) -> None:
        self._sources = sources or shipped()
        self._banks: dict[str, Bank] = {}
        self._last: tuple[tuple[tuple[str, ...], tuple[str, ...]], list[Heard]] = (((), ()), [])

    def bank(self, language: str) -> Bank:
        """The bank of "de" or "en", laid out when its first text comes: a house may speak one language only.

        Raises:
            KeyError: there is none for ``language``.
        """
        if language not in self._banks:
            self._banks[language] = Bank(self._sources[language], Kinds(language))
        return self._banks[language]

    def hear(self, texts: Sequence[str], languages: Sequence[str]) -> list[Heard]:
        """What is heard in each text of a batch, in its language; many texts cost little more than one.

        The last batch is remembered: the detectors ask for it one after the other.
        """
        batch = tuple(texts), tuple(languages)
        last = self._last  # Read once: another thread may put its own batch there at any time.
        if last[0] != batch:
            last = self._last = (batch, self._listen(texts, languages))
        return list(last[1])

    def _listen(self, texts: Sequence[str], languages: Sequence[str]) -> list[Heard]:
        found: list[list[Logits]] = [[] for _ in texts]
        for known in self._sources:
            own = [place for place, language in enumerate(languages) if known in self._spoken(language)]
            logits = self.bank(known).logits([texts[place] for place in own]) if own else []
            for place, heard in zip(own, logits, strict=True):
                found[place].append(heard)
        return [Heard(*each) for each in zip(texts, languages, map(_loudest, found), strict=True)]

    def logits(self, text: str, language: str) -> Logits:
        """The logit of every output, by "head.label"; 0 is even odds or the edge that training set."""
        return self.logits_of([text], language)[0]

    def logits_of(self, texts: Sequence[str], language: str) -> list[Logits]:
        """The logits of several texts in one language."""
        return list(map(_loudest, zip(*(bank.logits(texts) for bank in self._asked(language)), strict=True)))

    def deciding(self, text: str, language: str, name: str) -> tuple[Span, ...]:
        """Where the words stand that spoke most for the output ``name``."""
        return max(self._asked(language), key=lambda bank: bank.logits([text])[0][name]).deciding(text, name)

    def of_kind(self, text: str, language: str, kinds: AbstractSet[str]) -> tuple[Span, ...]:
        """Where the first words of one of these classes stand, in the text's language or in any of ours."""
        return next((places for bank in self._asked(language) if (places := bank.of_kind(text, kinds))), ())

    def version(self, head: str) -> str:
        """The version of a head: that of each language's file, in the order of the languages."""
        return "+".join(found.version for found in self._headers if found.name == head)

    @cached_property
    def _headers(self) -> Sequence[Head]:
        return [read(source)[0] for sources in self._sources.values() for source in sources]

    def _asked(self, language: str) -> Sequence[Bank]:
        return [self.bank(known) for known in self._spoken(language)]

    def _spoken(self, language: str) -> Sequence[str]:
        return [language] if language in self._sources else list(self._sources)


def _loudest(found: Sequence[Logits]) -> Logits:
    """For each output the highest of all banks that were asked."""
    if len(found) == 1:
        return found[0]
    return {name: max(logits[name] for logits in found if name in logits) for name in set().union(*found)}


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


def top_share(logits: Sequence[float]) -> int:
    """The highest of the ``shares``."""
    top = max(logits)
    return round(1000 / sum([math.exp(logit - top) for logit in logits]))


def shares(logits: Sequence[float]) -> list[int]:
    """Probabilities in thousandths of logits that exclude each other."""
    top = max(logits)
    powers = [math.exp(logit - top) for logit in logits]
    total = sum(powers)
    return [round(1000 * power / total) for power in powers]
