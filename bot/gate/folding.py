"""Text made comparable: folded words, words without disguise, and the handles a text names.

Every function is linear in the length of the text and takes any string, broken surrogates included.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]
"""A half-open place in a text as somebody wrote it, in code points."""

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_HANDLE = re.compile(r"(?<![\w@.])@([\w.-]+(?:@[\w.-]+)?)")
_PERSON = re.compile(rf"{_HANDLE.pattern}|(?<![\w/])/?u/([\w-]{{3,20}})(?![\w/])")
"""A handle, or a person as Reddit writes them."""
_LOOKS_LIKE = str.maketrans(
    {
        **dict(zip("аеорсухіјѕкмтвнһԁ", "aeopcyxijskmtbhhd", strict=True)),
        **dict(zip("οαερτυικν", "oaeptyikv", strict=True)),
        **dict(zip("013457$@", "oieastsa", strict=True)),
    }
)
"""Cyrillic letters, Greek letters, and digits and signs that pass for Latin ones."""
_UNSEEN = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]+"
)
"""All characters of the category Cf; a test compares the class with the Unicode table."""
_CLAUSE_END = re.compile(r"[.!?;,:–—]+(?:\s|$)|\n")
_PIECE = re.compile(r"[\w$@]+")
_MIN_SPACED = 3
"""From how many single letters on a spaced-out word is put together ("s t o p p")."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as one sees it, and for each of its signs the place it was written at; ``None``: where it stands."""

    plain: str
    written: tuple[Span, ...] | None

    def span(self, start: int, end: int) -> Span:
        """Where the signs from ``start`` to ``end``, at least one, were written."""
        return (start, end) if self.written is None else (self.written[start][0], self.written[end - 1][1])


@dataclass(frozen=True, slots=True)
class Spoken:
    """The folded words of one clause and where each was written."""

    words: tuple[str, ...]
    spans: tuple[Span, ...]

    def span(self, start: int, end: int) -> Span:
        """Where the words from ``start`` to ``end``, at least one, were written."""
        return self.spans[start][0], self.spans[end - 1][1]


def visible(text: str) -> str:
    """``text`` in compatibility form, without characters that draw nothing."""
    return text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def seen(text: str) -> Seen:
    """``text`` as ``visible`` shows it, with the way back."""
    if text.isascii() or (unicodedata.is_normalized("NFKC", text) and not _UNSEEN.search(text)):
        return Seen(text, None)
    shown: list[str] = []
    written: list[Span] = []
    for start, end in _letters(text):
        drawn = visible(text[start:end])
        shown.append(drawn)
        written += [(start, end)] * len(drawn)
    return Seen("".join(shown), tuple(written))


def _letters(text: str) -> Iterator[Span]:
    """Each sign together with the accents that follow it."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not unicodedata.combining(text[place]):
            yield start, place
            start = place


def words(text: str) -> tuple[str, ...]:
    """The words of ``text`` in order, folded for case and typographic apostrophes."""
    found = "\n".join(_WORD.findall(visible(text)))  # folded at once, not word by word: every post passes here
    return tuple(found.casefold().replace("’", "'").split("\n")) if found else ()


def clauses(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of ``text``, clause by clause, so that a "no" counts only where it stands."""
    return tuple(clause.words for clause in spoken(text))


def spoken(text: str) -> tuple[Spoken, ...]:
    """The clauses of ``text`` that have words, and where the words stand."""
    starts = [0, *(end.end() for end in _CLAUSE_END.finditer(text))]
    ends = [*(end.start() for end in _CLAUSE_END.finditer(text)), len(text)]
    found = (_spoken(text[start:end], start) for start, end in zip(starts, ends, strict=True))
    return tuple(clause for clause in found if clause.words)


def _spoken(clause: str, offset: int) -> Spoken:
    shown, folded, spans = seen(clause), list[str](), list[Span]()
    for word in _WORD.finditer(shown.plain):
        start, end = shown.span(*word.span())
        folded.append(word[0].casefold().replace("’", "'"))
        spans.append((offset + start, offset + end))
    return Spoken(tuple(folded), tuple(spans))


def bare(word: str) -> str:
    """A word without accents, look-alike letters and digits that stand for letters."""
    folded = word.casefold().translate(_LOOKS_LIKE)
    return "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))


def bare_words(text: str) -> frozenset[str]:
    """Every word of ``text`` without disguise, spaced-out words put together as well."""
    return frozenset(word for word, _ in placed_bare_words(text))


def placed_bare_words(text: str) -> Iterator[tuple[str, Span]]:
    """The words of ``bare_words``, and where each stands."""
    shown, letters = seen(text), list[re.Match[str]]()
    for piece in _PIECE.finditer(shown.plain):
        if len(piece[0]) == 1:
            letters.append(piece)
            continue
        yield from _joined(shown, letters)
        letters = []
        yield bare(piece[0]), shown.span(*piece.span())
    yield from _joined(shown, letters)


def _joined(shown: Seen, letters: list[re.Match[str]]) -> Iterator[tuple[str, Span]]:
    if len(letters) >= _MIN_SPACED:
        yield bare("".join(letter[0] for letter in letters)), shown.span(letters[0].start(), letters[-1].end())


def handles(text: str) -> tuple[str, ...]:
    """The handles that ``text`` names, in lower case without the leading "@"."""
    return tuple(handle for handle, _ in placed_handles(text))


def placed_handles(text: str) -> Iterator[tuple[str, Span]]:
    """The handles that ``text`` names, as ``handles`` writes them, and where each stands with its "@"."""
    shown = seen(text)
    for found in _HANDLE.finditer(shown.plain):
        yield found[1].rstrip(".-").casefold(), shown.span(*found.span())


def placed_people(text: str) -> Iterator[tuple[str, Span]]:
    """Every handle that ``text`` names, with "@" or as Reddit writes people, from left to right."""
    shown = seen(text)
    for found in _PERSON.finditer(shown.plain):
        name = (found[1] or found[2]).rstrip(".-")
        if name:
            end = found.start(1 if found[1] else 2) + len(name)
            yield name.casefold(), shown.span(found.start(), end)


def without_handles(text: str) -> str:
    """``text`` without the handles it names."""
    return _HANDLE.sub(" ", visible(text))


def blanked(text: str, places: Iterable[Span]) -> str:
    """``text`` with spaces at ``places``, so that everything else stands where it stood."""
    signs = list(text)
    for start, end in places:
        signs[start:end] = " " * (end - start)
    return "".join(signs)
