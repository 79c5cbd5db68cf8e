"""Which language a post is in: German with its dialects and its English words, English, or another one.

Owns the labels de, en, other and undetermined. Function words decide; short posts without any are told
apart by their three-letter groups. The profiles are counted from the words and sentences of the lexicon.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from operator import add

from bot.detectors.text import clean
from bot.model import Finding

_PROFILES = ("de", "en", "fr", "es", "it", "nl", "pl", "tr", "pt", "nordic", "east")
_OURS = 2
"""How many profiles have a label of their own; the rest are "other"."""
_READ = 1_500
"""Characters read: language shows within a few sentences, and the rest of a long post costs time."""
_WORDS, _WORDS_BY_LETTERS = 60, 12
_NOT_WORDS = re.compile(r"https?://\S{1,500}|(?:t|bit)\.\w{2,9}/\S{1,200}|@[\w.@-]{1,80}|&\w{1,8};")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FOREIGN_SCRIPT = re.compile(r"[\u0370-\u1cff\u2e80-\ud7ff\uf900-\ufaff]")
_CLEAR_LEAD = 3
"""Function words by which a language must lead to be taken without a look at letter groups."""
_WORD_WEIGHT = 3.0
"""Nats that one function word counts: about the evidence of three typical letter groups."""
_ENOUGH_NATS = 1.2
"""Least lead of the best language; below it nobody could tell (odds of about 3 to 1)."""

_Vector = tuple[float, ...]


class Language:
    """Labels: de, en, other, undetermined. The score is how clear the lead is, per mille."""

    name = "language"
    version = "1"

    def __init__(self) -> None:
        sources = [_read(profile) for profile in _PROFILES]
        self._words = _function_words(sources)
        self._groups, self._unseen = _letter_groups(sources)
        self._last: tuple[tuple[str, ...], list[Finding]] = ((), [])

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. The reason is "function-words", "letters", "script" or "no-words".

        The last batch is remembered: whoever needs the language as well asks for the same texts.
        """
        batch = tuple(texts)
        if self._last[0] != batch:
            self._last = (batch, [self._look(text) for text in batch])
        return list(self._last[1])

    def _look(self, text: str) -> Finding:
        seen = clean(text, _READ)
        words = _WORD.findall(_own_words(seen.text))[:_WORDS]
        letters = sum(map(len, words))
        if not letters:
            return self._say("undetermined", 0, "no-words")
        foreign = 0 if seen.text.isascii() else len(_FOREIGN_SCRIPT.findall("".join(words)))
        if 2 * foreign > letters:
            return self._say("other", 1000 * foreign // letters, "script")
        return self._by_function_words(words) or self._by_letters(words)

    def _by_function_words(self, words: Sequence[str]) -> Finding | None:
        """The language whose function words lead clearly, if one does."""
        known = self._words
        counts = [0] * len(_PROFILES)
        for word in words:
            for place in known.get(word, ()):
                counts[place] += 1
        best, lead, place = _leader(counts)
        if lead < _CLEAR_LEAD:
            return None
        return self._say(_label(place), 500 + int(500 * lead / best), "function-words")

    def _by_letters(self, words: Sequence[str]) -> Finding:
        """The likeliest language by letter groups and function words together."""
        totals = [0.0] * len(_PROFILES)
        for word in words[:_WORDS_BY_LETTERS]:
            for group in _groups_of(word[:30]):
                vector = self._groups.get(group, self._unseen)
                totals = list(map(add, totals, vector))
            for place in self._words.get(word, ()):
                totals[place] += _WORD_WEIGHT
        _, lead, place = _leader(totals)
        if lead < _ENOUGH_NATS:
            return self._say("undetermined", 0, "letters")
        return self._say(_label(place), round(1000 / (1 + math.exp(-lead))), "letters")

    def _say(self, label: str, score: int, reason: str) -> Finding:
        return Finding(self.name, self.version, label, min(score, 1000), (), reason)


def _own_words(text: str) -> str:
    """The text without addresses and names, which speak no language."""
    return _NOT_WORDS.sub(" ", text) if "@" in text or "/" in text or "&" in text else text


def _label(place: int) -> str:
    return _PROFILES[place] if place < _OURS else "other"


def _leader(values: Sequence[float]) -> tuple[float, float, int]:
    """The best value, its lead over the best of another label, and its place. Other languages are one label."""
    place = values.index(max(values))
    rivals = [*values[:place], *values[place + 1 :]] if place < _OURS else values[:_OURS]
    return values[place], values[place] - max(rivals), place


def _read(profile: str) -> tuple[list[str], list[str]]:
    """Function words and all words of one profile's file."""
    lines = files("bot.detectors").joinpath("lexicon", "language", f"{profile}.txt").read_text("utf-8").splitlines()
    function_words = [word for line in lines if line.startswith("=") for word in line[1:].split()]
    sentences = [word for line in lines if line[:1] not in {"=", "#"} for word in _WORD.findall(line.lower())]
    return function_words, [*function_words, *sentences]


def _function_words(sources: Sequence[tuple[list[str], list[str]]]) -> dict[str, tuple[int, ...]]:
    known: dict[str, tuple[int, ...]] = {}
    for place, (function_words, _) in enumerate(sources):
        for word in dict.fromkeys(function_words):
            known[word] = (*known.get(word, ()), place)
    return known


def _groups_of(word: str) -> Iterable[str]:
    """Three-letter groups of a word with its edges marked."""
    edged = f" {word} "
    return [edged[start : start + 3] for start in range(len(edged) - 2)]


def _letter_groups(sources: Sequence[tuple[list[str], list[str]]]) -> tuple[dict[str, _Vector], _Vector]:
    """Logarithms of smoothed group frequencies per profile, relative to their mean; and those of an unseen group."""
    counts = [Counter(group for word in words for group in _groups_of(word)) for _, words in sources]
    sizes = [sum(count.values()) for count in counts]
    smooth = 0.3
    kinds = len({group for count in counts for group in count})

    def vector(group: str) -> _Vector:
        return tuple(
            math.log((count[group] + smooth) / (size + smooth * kinds))
            for count, size in zip(counts, sizes, strict=True)
        )

    unseen = tuple(0.0 for _ in sources)
    return {group: _centred(vector(group)) for group in set().union(*counts)}, unseen


def _centred(vector: _Vector) -> _Vector:
    mean = sum(vector) / len(vector)
    return tuple(value - mean for value in vector)
