"""Folding: one plain spelling for every way of writing a word, with the way back to the original offsets.

"Störung", "Stoerung", "STÖRUNG" and a decomposed "o" + U+0308 fold to "stoerung"; "ß" to "ss"; other accents are
dropped, full-width and styled letters become plain, quotes and dashes typewriter ones, invisible characters
vanish, and a run of white space becomes one space. Terms and texts fold alike, so "Boeing" equals "Böing".
This module knows nothing of terms or watches. Time is linear in the length of the text, whatever stands in it.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import count
from operator import add

from bot.model import Span

_DIAERESIS = "\u0308"
_UMLAUT_VOWELS = "aouAOU"
_REPLACEMENT = "\ufffd"
_PLAIN = {
    **dict.fromkeys("“”„‟«»", '"'),
    **dict.fromkeys("‘’‚‛‹›´′", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("™℠", ""),
    "ß": "ss",
    "ẞ": "SS",
}
_STRANGE = re.compile(r"[^\x00-\x7f]")
_IRREGULAR = re.compile(r"[^\x21-\x7f](?:[^\x21-\x7f]+|(?<! ))")
_WIDE = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "ae", "Ö": "oe", "Ü": "ue"}
_FEW = 12
"""Up to so many different characters it is faster to replace one after the other than to look at every place."""
_CACHED_CHARACTERS = 8192


def _is_invisible(char: str) -> bool:
    """Format characters, combining marks, variation selectors and the combining grapheme joiner."""
    return (
        unicodedata.category(char) == "Cf"
        or unicodedata.combining(char) != 0
        or "\ufe00" <= char <= "\ufe0f"
        or char == "\u034f"
    )


def _with_umlauts(text: str) -> str:
    """Decomposed umlauts spelled out; the only fold that looks at two code points."""
    if _DIAERESIS in text:
        for vowel in _UMLAUT_VOWELS:
            text = text.replace(vowel + _DIAERESIS, vowel + "e")
    return text


def _uncased(char: str) -> str:
    """The plain spelling of one code point, its case kept."""
    if char in _PLAIN:
        return _PLAIN[char]
    if char.isspace():
        return " "
    if unicodedata.category(char) == "Cs":
        return _REPLACEMENT
    if _is_invisible(char):
        return ""
    letters = unicodedata.normalize("NFKD", char)
    if letters == char:
        return char
    letters = "".join(letter for letter in _with_umlauts(letters) if not _is_invisible(letter))
    # "(10)" out of one sign would put a word boundary inside a code point, where no span can begin or end.
    return letters if len(letters) == 1 or letters.isalnum() else char


@lru_cache(maxsize=_CACHED_CHARACTERS)
def _plain_character(char: str) -> str:
    return _uncased(char)


@lru_cache(maxsize=_CACHED_CHARACTERS)
def _folded_character(char: str) -> str:
    # lower() after casefold() because Cherokee folds to capitals, which the lower() in fold() would undo.
    return "".join(map(_uncased, _uncased(char).casefold())).lower()


def fold(text: str) -> str:
    """The folded spelling of ``text``: no case, no accents, single spaces, none at the ends. Idempotent."""
    return _fold(text)[0]


def _fold(text: str) -> tuple[str, str | None]:
    """The folded spelling, and which of the letters that fold to two stand in ``text``.

    ``None`` instead of them if anything else changed the length: then offsets take the long way.
    """
    wide: str | None = ""
    if not text.isascii():
        text = _with_umlauts(text)
        wide = "".join(letter for letter in _WIDE if letter in text)
        for letter in wide:
            text = text.replace(letter, _WIDE[letter])
    length = len(text)
    if not text.isascii():
        strange = set(_STRANGE.findall(text))
        few = len(strange) <= _FEW
        for char in strange:
            letters = _folded_character(char)
            if len(letters) != 1:
                wide = None
            if few and letters != char:
                text = text.replace(char, letters)
        if not few:
            text = "".join(map(_folded_character, text))
    folded = text.lower().strip()
    if "  " in folded or not folded.isprintable():
        folded = " ".join(folded.split())
    return folded, wide if len(folded) == length else None


def plain(text: str) -> str:
    """``text`` folded in everything but its case, for terms that are heard only as they are written."""
    return " ".join("".join(map(_plain_character, _with_umlauts(text))).split())


class Folded:
    """A text with its folded spelling, and the way back from offsets of the one to offsets of the other.

    All offsets count code points. The map is built at the first question: most posts hit nothing.
    """

    __slots__ = ("_from", "_shifts", "_wide", "original", "text")

    def __init__(self, original: str) -> None:
        self.original = original
        self.text, self._wide = _fold(original)
        self._from: Sequence[int] = ()
        self._shifts: Sequence[int] = ()

    def spans(self, slices: Iterable[tuple[int, int, int]]) -> list[Span]:
        """Where each non-empty slice of the folded text stands in the original.

        A slice is start, end and the caller's own number, which is of no meaning here.
        """
        if not self._from:
            self._from, self._shifts = (
                _steps(self.original) if self._wide is None else _short(self.original, self._wide)
            )
        starts, shifts = self._from, self._shifts
        return [
            (start + shifts[bisect_right(starts, start) - 1], end + shifts[bisect_right(starts, end - 1) - 1])
            for start, end, _ in slices
        ]


Steps = tuple[Sequence[int], Sequence[int]]
"""Folded offsets, and by how many code points the original is ahead of the folded text from each of them on."""


def _short(original: str, wide: str) -> Steps:
    """The steps of a text in which nothing changes its length but the letters ``wide``, each folding to two."""
    places = []
    for letter in wide:
        place = original.find(letter)
        while place >= 0:
            places.append(place)
            place = original.find(letter, place + 1)
    places.sort()
    return [0, *map(add, places, count(1))], range(0, -len(places) - 1, -1)


def _steps(original: str) -> Steps:
    """The steps of any text."""
    starts, shifts, shift = [0], [0], 0
    # With a space in front, white space at the beginning is a run like any other; original offsets are one less.
    padded = f" {original}"
    for run in _IRREGULAR.finditer(padded):
        folded = run.start() - 1 - shift
        after_space = False
        for place in range(run.start() - 1, run.end() - 1):
            char = padded[place + 1]
            letters = "e" if char == _DIAERESIS and padded[place] in _UMLAUT_VOWELS else _folded_character(char)
            if letters == " ":
                letters = "" if after_space else " "
                after_space = True
            elif letters:
                after_space = False
            for _ in letters:
                if place - folded != shift:
                    shift = place - folded
                    starts.append(folded)
                    shifts.append(shift)
                folded += 1
        if run.end() - 1 - folded != shift:
            shift = run.end() - 1 - folded
            starts.append(folded)
            shifts.append(shift)
    return starts, shifts
