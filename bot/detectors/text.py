"""The shared view of a hostile text: cleaned for matching, every character traced back to where it came from.

Owns cleaning, unmasking and the limit of what is read. It decides nothing about what a text means.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick

from bot.model import Span

READ_LIMIT = 20_000
"""Characters of a text that detectors read. Platforms allow 500 to 40,000; the longest answerable post fits."""

_EMOJI = "\u2600-\u27bf\U0001f300-\U0001faff"
_PLAIN = re.compile(
    rf"(?:[\t\n\r -~\u00a1-\u00a7\u00a9\u00ab\u00ac\u00ae\u00b0\u00b1\u00b6\u00b7\u00bb\u00bf-\u00ff"
    rf"\u2013\u2014\u2018-\u201f\u2026\u20ac{_EMOJI}]|(?<=[{_EMOJI}])[\ufe0f\u200d])*+"
)
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Mc"})
_HOMOGLYPHS = str.maketrans("авекмнорстухіјѕԁɡοαεικτυνρ", "abekmhopctyxijsdgoaeiktuvp")
_LETTER = "[a-zäöüß]"
_LEET = re.compile(rf"[013457@$!](?<=[a-zäöüß0-9@$!].){_LETTER}")
_LEAST_LETTERS = 2
"""One letter among digits is a unit ("5g"), not a word."""
_LEET_LETTERS = str.maketrans("013457@$!", "oieastasi")
_DRAWN_OUT = re.compile(rf"({_LETTER})\1{{2,}}")
_TRIPLES = AhoCorasick([letter * 3 for letter in "abcdefghijklmnopqrstuvwxyzäöüß"])
_SPACED_HINT = re.compile(rf"[ ._*-]{_LETTER}[ ._*-]{_LETTER}[ ._*-]")
_SPACED_OUT = re.compile(rf"(?<!\w){_LETTER}(?:[ ._*-]{_LETTER}){{3,40}}(?!\w)")
_MIXED = re.compile(r"[a-z][\u0370-\u03ff\u0400-\u052f\u0261]|[\u0370-\u03ff\u0400-\u052f\u0261][a-z]")
_WORD = re.compile(r"\w+")
_LONGEST_WORD = 60
_VOWELS = frozenset("aeiouyäöü")


_Seen = TypeVar("_Seen")


class Remembered(dict[str, _Seen]):
    """What ``look`` makes of a word, remembered for ``most`` words of up to 60 letters. It starts anew when it is full.

    Nine of ten words of a post were seen before, and a mapping answers in half the time of ``lru_cache``. Threads may
    share it: at worst two of them look at the same word.
    """

    def __init__(self, look: Callable[[str], _Seen], most: int) -> None:
        super().__init__()
        self._look = look
        self._most = most

    def __missing__(self, word: str) -> _Seen:
        seen = self._look(word)
        if len(word) <= _LONGEST_WORD:
            if len(self) >= self._most:
                self.clear()
            self[word] = seen
        return seen


class Clean(NamedTuple):
    """Lower-case text to match on. ``origin[i]`` is where ``text[i]`` came from; ``None`` means the same place.

    ``cut`` says that the original is longer than what was read.
    """

    text: str
    origin: tuple[int, ...] | None
    cut: bool

    def span(self, start: int, end: int) -> Span:
        """The span in the original text that ``text[start:end]`` came from. Empty spans stay empty."""
        if self.origin is None:
            return start, end
        if start >= end:
            place = self.origin[start] if start < len(self.origin) else 0
            return place, place
        return self.origin[start], self.origin[end - 1] + 1


def clean(text: str, limit: int = READ_LIMIT) -> Clean:
    """Compatibility forms folded (NFKC), lower case, invisible characters, marks and broken surrogates removed.

    A short text is cleaned whole and once for everybody who asks, whatever their limit.
    """
    seen = _clean(text, limit) if len(text) > _SHARED_UP_TO else _shared(text)
    if len(seen.text) <= limit:
        return seen
    return Clean(seen.text[:limit], None if seen.origin is None else seen.origin[:limit], cut=True)


def _clean(text: str, limit: int) -> Clean:
    read = text[:limit]
    cut = len(text) > limit
    if (read.isascii() and read.isprintable()) or _PLAIN.fullmatch(read):
        return Clean(read.lower(), None, cut)
    letters: list[str] = []
    origin: list[int] = []
    for start, cluster in _clusters(read):
        folded = _fold(cluster)
        letters.append(folded)
        origin.extend([start] * len(folded))
    return Clean("".join(letters), tuple(origin), cut)


_SHARED_UP_TO = 4_000
_shared = lru_cache(maxsize=256)(lambda text: _clean(text, READ_LIMIT))
"""The detectors look at one batch after the other: what one of them cleaned, the next ones find here."""


def unmask(seen: Clean) -> Clean:
    """The same text with disguises undone: look-alike letters, l33t, drawn-out and s p a c e d words."""
    return _unmask(seen) if len(seen.text) > _SHARED_UP_TO else _shared_unmasked(seen)


def _unmask(seen: Clean) -> Clean:
    text = seen.text
    if seen.origin is not None and _MIXED.search(text):
        text = text.translate(_HOMOGLYPHS)
    text = _without_leet(text)
    seen = seen if text is seen.text else Clean(text, seen.origin, seen.cut)
    if _SPACED_HINT.search(seen.text):
        seen = _rewrite(
            seen, [(found.start(), found.end(), found[0][::2]) for found in _SPACED_OUT.finditer(seen.text)]
        )
    if _TRIPLES.find_matches_as_indexes(seen.text):
        edits = [(found.start(), found.end(), _squeezed(found[1])) for found in _DRAWN_OUT.finditer(seen.text)]
        seen = _rewrite(seen, edits)
    return seen


_shared_unmasked = lru_cache(maxsize=256)(_unmask)


def words_in(text: str) -> frozenset[str]:
    """The words and numbers of a cleaned text, each once."""
    return _words(text) if len(text) > _SHARED_UP_TO else _shared_words(text)


def _words(text: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(_words_between_spaces.__getitem__, text.split())))


_words_between_spaces: Remembered[list[str]] = Remembered(_WORD.findall, most=8_192)
_shared_words = lru_cache(maxsize=256)(_words)


def _clusters(text: str) -> list[tuple[int, str]]:
    """Each visible character with at most one mark that follows it: more marks are decoration or attack."""
    clusters: list[tuple[int, str]] = []
    for place, letter in enumerate(text):
        if letter.isascii() or unicodedata.category(letter) not in _INVISIBLE:
            clusters.append((place, letter))
        elif clusters and unicodedata.combining(letter) and len(clusters[-1][1]) == 1:
            clusters[-1] = (clusters[-1][0], clusters[-1][1] + letter)
    return clusters


@lru_cache(maxsize=4096)
def _fold(cluster: str) -> str:
    """One cluster in lower case and compatibility form, without marks that did not melt into a letter."""
    if unicodedata.category(cluster[0]) in {"Cs", "Co", "Cn"}:
        return "\ufffd"
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).lower())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def _without_leet(text: str) -> str:
    """The text in one pass, as long as before, with its disguised stretches read as letters in their places."""
    pieces: list[str] = []
    done = 0
    for found in _LEET.finditer(text):
        if found.start() < done:
            continue
        start, end = _token_at(text, found.start())
        token = text[start:end]
        read = _unleet(token)
        if read == token:
            continue
        new = max(start, done)
        pieces += [text[done:new], read[new - start :]]
        done = end
    return "".join([*pieces, text[done:]])


def _token_at(text: str, place: int) -> Span:
    """The stretch around ``place`` up to a space, at most 24 characters to each side."""
    start = max(text.rfind(" ", max(0, place - 24), place) + 1, place - 24, 0)
    end = text.find(" ", place, place + 24)
    return start, end if end > 0 else min(place + 24, len(text))


@lru_cache(maxsize=1024)
def _unleet(token: str) -> str:
    """Digits and signs read as letters, unless the token is an address, a name or a number with its unit."""
    stem = token.rstrip("!?.,")
    if token[0] in "@#" or "/" in token or sum(letter.isalpha() for letter in stem) < _LEAST_LETTERS:
        return token
    return stem.translate(_LEET_LETTERS) + token[len(stem) :]


def _squeezed(letter: str) -> str:
    return letter if letter in _VOWELS else letter * 2


def _rewrite(seen: Clean, edits: Sequence[tuple[int, int, str]]) -> Clean:
    """Replace stretches, keeping for every new character the place of one it stands for."""
    pieces: list[str] = []
    origin: list[int] = []
    places: Sequence[int] = range(len(seen.text)) if seen.origin is None else seen.origin
    done = 0
    for start, end, replacement in edits:
        pieces += [seen.text[done:start], replacement]
        origin += places[done:start]
        stretch = end - start
        last = len(replacement) - 1
        origin += [places[start + (position * (stretch - 1) // last if last else 0)] for position in range(last + 1)]
        done = end
    pieces.append(seen.text[done:])
    origin += places[done:]
    return Clean("".join(pieces), tuple(origin), seen.cut)
