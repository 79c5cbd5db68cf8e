"""Text made comparable: folded words, words without disguise, and the handles a text names.

Every function is linear in the length of the text and takes any string, broken surrogates included.
"""

import re
import unicodedata

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_HANDLE = re.compile(r"(?<![\w@.])@([\w.-]+(?:@[\w.-]+)?)")
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
_MIN_SPACED = 3
"""From how many single letters on a spaced-out word is put together ("s t o p p")."""


def visible(text: str) -> str:
    """``text`` in compatibility form, without characters that draw nothing."""
    return text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def words(text: str) -> tuple[str, ...]:
    """The words of ``text`` in order, folded for case and typographic apostrophes."""
    found = "\n".join(_WORD.findall(visible(text)))  # folded at once, not word by word: every post passes here
    return tuple(found.casefold().replace("’", "'").split("\n")) if found else ()


def clauses(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of ``text``, clause by clause, so that a "no" counts only where it stands."""
    return tuple(filter(None, (words(clause) for clause in _CLAUSE_END.split(text))))


def bare(word: str) -> str:
    """A word without accents, look-alike letters and digits that stand for letters."""
    folded = word.casefold().translate(_LOOKS_LIKE)
    return "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))


def bare_words(text: str) -> frozenset[str]:
    """Every word of ``text`` without disguise, spaced-out words put together as well."""
    found: set[str] = set()
    letters: list[str] = []
    for piece in re.findall(r"[\w$@]+", visible(text)):
        if len(piece) == 1:
            letters.append(piece)
            continue
        found |= _joined(letters)
        letters = []
        found.add(bare(piece))
    return frozenset(found | _joined(letters))


def _joined(letters: list[str]) -> set[str]:
    return {bare("".join(letters))} if len(letters) >= _MIN_SPACED else set()


def handles(text: str) -> tuple[str, ...]:
    """The handles that ``text`` names, in lower case without the leading "@"."""
    return tuple(found.rstrip(".-").casefold() for found in _HANDLE.findall(visible(text)))


def without_handles(text: str) -> str:
    """``text`` without the handles it names."""
    return _HANDLE.sub(" ", visible(text))
