"""Kinds of words: which class of the house's own lexicon a word is in, by itself, by its end or by its beginning.

Owns the lookup. Classes let a head that saw few posts know that a word it never saw is a weapon or a wish.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from zlib import crc32

import numpy as np

END = "."
"""The kind of a sign that ends a sentence."""
_REACH = 3
"""How many classed words ahead a word makes pairs with, inside its sentence."""
_LEAST_REST = 3
"""Letters that must be left of a compound beside its known end or beginning."""


class Kinds:
    """The classes of one language's words."""

    def __init__(self, language: str) -> None:
        source = tomllib.loads(kinds_source(language).decode())
        self._words = _by_word(source["words"])
        self._ends = _by_length(source.get("suffixes", {}))
        self._beginnings = _by_length(source.get("prefixes", {}))

    def numbers(self, words: Sequence[str]) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
        """A number for the class of each word, 0 for a word without one. A class keeps its number for ever."""
        return np.array([number_of(self.of(word)) for word in words], np.uint32)

    def of(self, word: str) -> str:
        """The class of a canonical word, ``END`` for a sign that ends a sentence and for no word at all, else ""."""
        if word[:1] in "!?.":
            return END
        known = self._words.get(word)
        if known is not None or len(word) <= _LEAST_REST:
            return known or ""
        longest = len(word) - _LEAST_REST
        for length, ends in self._ends:
            if length <= longest and word[-length:] in ends:
                return ends[word[-length:]]
        for length, beginnings in self._beginnings:
            if length <= longest and word[:length] in beginnings:
                return beginnings[word[:length]]
        return ""


def kinds_source(language: str) -> bytes:
    """The file of a language's classes as it is."""
    return files("bot.detectors").joinpath("lexicon", f"classes_{language}.toml").read_bytes()


def near(numbers: "np.ndarray[tuple[int], np.dtype[np.uint32]]") -> tuple[np.ndarray, np.ndarray]:
    """Places of ordered pairs of classes that stand near each other in one sentence, given each word's number.

    Words without a class do not count: a pair may stand far apart.
    """
    ends = numbers == number_of(END)
    spoken = np.flatnonzero((numbers != 0) & ~ends)
    sentence = np.cumsum(ends)[spoken]
    first, second = [], []
    for reach in range(1, _REACH + 1):
        together = sentence[reach:] == sentence[:-reach]
        first.append(spoken[:-reach][together])
        second.append(spoken[reach:][together])
    return np.concatenate(first), np.concatenate(second)


@cache
def number_of(kind: str) -> int:
    """The number of a class of words, 0 for none."""
    return crc32(kind.encode())


def _by_word(classes: Mapping[str, str]) -> dict[str, str]:
    return {word: kind for kind, words in classes.items() for word in words.split()}


def _by_length(classes: Mapping[str, str]) -> Sequence[tuple[int, dict[str, str]]]:
    """Affixes with their classes, the longest first."""
    affixes = _by_word(classes)
    lengths = sorted({len(affix) for affix in affixes}, reverse=True)
    return [(length, {affix: kind for affix, kind in affixes.items() if len(affix) == length}) for length in lengths]
