"""Words of one language as signs: each word of a text becomes one letter that says what kind of word it is.

Owns reading a lexicon of word classes and finding them in a text, split, joined, starred or misspelt. It knows no
rules: what a row of signs means is the detector's business.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from bot.detectors.text import Remembered
from bot.model import Span

NOTHING = "-"
"""The sign of a word that says nothing here."""
_GROUPED = {"slur": "S", "many": "G", "weak": "a", "country": "l", "one": "g", "person": "f", "land": "L"} | {
    "weakslur": "s"
}
_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'", "`": "'"})
_LETTER = r"[^\W\d_]"
_EMOJI = "💩🐀🐷🐖🐒🪳🐍🤮🤢"
_TOKEN = re.compile(
    rf"{_LETTER}(?:{_LETTER}|\*+(?=\w)|['’`](?={_LETTER}))*|[.!\n]+|\?+[?!]*|[,;:–—()]|[\"„“”«»‟]|[{_EMOJI}]"
)
_DISGUISED = re.compile(
    rf"(?<!\w)!?{_LETTER}(?:{_LETTER}|[^\w\s,;:?()\"„“”«»–—]{{1,3}}(?={_LETTER})|_(?={_LETTER}))*|[.!\n]+|\?+[?!]*"
    rf"|[,;:–—()]|[\"„“”«»‟]|[{_EMOJI}]"
)
"""Words with other signs between their letters, or one for the first: these stand for letters or for nothing."""
_DROPPED, _STANDING = re.compile(r"[._\-'’`]"), re.compile(r"[^\w*]+")
_MARKS = {
    **dict.fromkeys('"„“”«»‟', '"'),
    **dict.fromkeys(",;:–—()", ","),
    "?": "?",
    **dict.fromkeys(_EMOJI, "Z"),
    **dict.fromkeys("🤮🤢", "K"),
}
_SWEARING = re.compile(r"(?:scheiss|drecks|dreck|kack|sau|mist|verfickte|fuck)-?(?=.{4})")
_STEM_TAIL = 10
_STEMS = range(14, 2, -1)
_LONG, _LONGEST = 9, 60
_KNOWN_SIGNS = 8_192
"""Words whose sign is remembered, and slips, and stretches between two spaces."""
_SHORTEST_MISSPELT = 4
_MISSPELT = "GgapAZEVXHK"


@dataclass(frozen=True, slots=True)
class Sign:
    """What a word is: one or more signs, and the group that it names, if it names one."""

    signs: str
    group: str = ""


_UNKNOWN, _KNOWN = Sign(NOTHING), Sign(NOTHING)
"""Words that no row lists, and listed ones that say nothing: only the first may be a slip of another word."""
_PLAIN_LETTERS = 2
"""Letters that must stand in a starred word, and that a slip may not leave out."""


class _Clue(NamedTuple):
    """What a stretch between two spaces tells by itself, before the text is read.

    ``names``: a word may name a group as it is written, ``names_misspelt``: as it may be meant. ``differs``: this is
    not the same. ``first`` is its first word and ``torn`` its last one if nobody knows that, both as they may be meant:
    words of two neighbours may be one.
    """

    names: bool
    names_misspelt: bool
    differs: bool
    first: str
    torn: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as a row of signs, with the place in the text and the group of each."""

    signs: str
    places: tuple[Span, ...]
    groups: tuple[str, ...]


def fold(text: str) -> str:
    """Umlauts as two letters, every apostrophe the same."""
    return text if text.isascii() and "`" not in text else text.translate(_FOLDS)


class WordClasses:
    """The word classes of one language."""

    def __init__(self, language: str) -> None:
        source = tomllib.loads(files("bot.detectors").joinpath("lexicon", f"hate_{language}.toml").read_text("utf-8"))
        self.function = frozenset(fold(source["function"]["words"]).split())
        real = fold(source["function"]["real"]).split()
        self._words: dict[str, Sign] = {}
        self._stems: dict[str, Sign] = {}
        self._phrases: dict[str, dict[str, list[tuple[tuple[str, ...], Sign]]]] = {}
        self._telling: set[str] = set()
        for entries, sign in _entries(source):
            for entry in fold(entries).split():
                self._enter(entry, sign)
        for word in (*self.function, *real):
            self._words.setdefault(word, _KNOWN)
        for following in self._phrases.values():
            for known in following.values():
                known.sort(key=lambda row: -len(row[0]))
        self._sign = Remembered(self._find, _KNOWN_SIGNS)
        self._slip = Remembered(self._misspelt, _KNOWN_SIGNS)
        self._clues = Remembered(self._clue, _KNOWN_SIGNS)

    def _enter(self, entry: str, sign: Sign) -> None:
        if "_" in entry:
            first, *rest = entry.split("_")
            self._phrases.setdefault(first, {}).setdefault(rest[0], []).append((tuple(rest), sign))
            if sign.group:
                # No phrase stands in a text without its longest word, which is its rarest.
                self._telling.add(max(first, *rest, key=len))
        elif entry[-1] == "*":
            self._stems.setdefault(entry[:-1], sign)
        else:
            self._words.setdefault(entry, sign)

    @cached_property
    def _by_shape(self) -> dict[tuple[str, int], list[tuple[str, Sign]]]:
        """The words that a slip is looked up in, by first letter and length. Few texts need it."""
        shapes: dict[tuple[str, int], list[tuple[str, Sign]]] = {}
        for word, sign in self._words.items():
            if len(word) >= _SHORTEST_MISSPELT and sign.signs in _MISSPELT and word.isalpha():
                shapes.setdefault((word[0], len(word)), []).append((word, sign))
        return shapes

    def worth_reading(self, text: str, *, misspelt: bool = False) -> bool:
        """Whether ``read`` may name a group; with ``misspelt`` also, whether that may find more than without.

        Most posts name nobody: to see this takes a tenth of the time of reading them.
        """
        if "\n" in text:  # It may be one token with the signs of two stretches.
            return True
        clues = list(map(self._clues.__getitem__, text.split()))
        if not misspelt:
            return any(clue.names for clue in clues)
        spoken = [clue for clue in clues if clue.first]
        joined = any(one.torn and one.torn + other.first in self._words for one, other in pairwise(spoken))
        return joined or (any(clue.names_misspelt for clue in clues) and any(clue.differs for clue in clues))

    def _clue(self, stretch: str) -> _Clue:
        places, meant_places = ([found.span() for found in form.finditer(stretch)] for form in (_TOKEN, _DISGUISED))
        words = [fold(stretch[start:end]) for start, end in places]
        meant = [self._plain(fold(stretch[start:end])) for start, end in meant_places]
        signs = list(map(self._sign.__getitem__, meant))
        mended = [
            self._mended(meant[place : place + 2])[0] if sign is _UNKNOWN else sign for place, sign in enumerate(signs)
        ]
        return _Clue(
            self._may_name(words, map(self._sign.__getitem__, words)),
            self._may_name(meant, mended),
            places != meant_places or words != meant or signs != mended,
            meant[0] if meant else "",
            meant[-1] if meant and signs[-1] is _UNKNOWN else "",
        )

    def _may_name(self, words: Sequence[str], signs: Iterable[Sign]) -> bool:
        return any(sign.group for sign in signs) or not self._telling.isdisjoint(words)

    def read(self, text: str, original: str, *, misspelt: bool = False) -> Reading:
        """``text``, which is cleaned, as signs. ``misspelt``: unknown words may miss a letter or swap two.

        ``original`` is the text with its capitals, letter by letter the same: in German they tell "Schwarze", people,
        from "schwarze Kabel".
        """
        found = [match.span() for match in (_DISGUISED if misspelt else _TOKEN).finditer(text)]
        words = fold(" ".join([text[start:end] for start, end in found])).split(" ") if found else []
        if misspelt:
            words = [self._plain(word) for word in words]
        signs: list[str] = []
        places: list[Span] = []
        groups: list[str] = []
        done = 0
        for place, (word, own) in enumerate(zip(words, map(self._sign.__getitem__, words), strict=True)):
            if place < done:
                continue
            sign, done = own, place + 1
            if word in self._phrases:
                sign, done = self._at(words, place) or (sign, done)
            if misspelt and sign is _UNKNOWN:
                sign, taken = self._mended(words[place : place + 2])
                done = place + taken
            span = found[place] if done == place + 1 else (found[place][0], found[done - 1][1])
            if sign.signs == "a" and signs and signs[-1] not in ".?" and original[span[0]].isupper():
                sign = Sign("G", sign.group)
            signs.append(sign.signs)
            places += [span] * len(sign.signs)
            groups += [sign.group] * len(sign.signs)
        return Reading("".join(signs), tuple(places), tuple(groups))

    def _plain(self, word: str) -> str:
        """A disguised word without the signs between its letters, or with a star for each of them."""
        if word.isalpha() or word in self._words or not word[-1].isalpha():
            return word
        return _STANDING.sub("*", _DROPPED.sub("", word))

    def joined(self, text: str) -> Reading:
        """``text`` without its spaces, read as words written together, or as nothing at all."""
        word = "".join(letter for letter in fold(text) if letter.isalpha())
        parts = self._parts(word) if len(word) <= _LONGEST else None
        row = [(sign, part.group) for part in parts or () for sign in part.signs]
        return Reading("".join(sign for sign, _ in row), ((0, len(text)),) * len(row), tuple(g for _, g in row))

    def _at(self, words: Sequence[str], place: int) -> tuple[Sign, int] | None:
        """The sign of the longest phrase that begins at ``place``, and where the phrase ends."""
        following = self._phrases[words[place]]
        for rest, sign in following.get(words[place + 1], ()) if place + 1 < len(words) else ():
            end = place + 1 + len(rest)
            if tuple(words[place + 1 : end]) == rest:
                return sign, end
        return None

    def _find(self, word: str) -> Sign:
        if not word[0].isalpha() and word[0] != "*":
            return Sign(_MARKS.get(word[0], "."))
        known = self._known(word)
        if known is None and "*" in word:
            known = self._starred(word)
        if known is None and word.endswith("'s"):
            known = self._known(word[:-2])
        if known is not None:
            return known
        swearing = _SWEARING.match(word)
        meant = self._known(word[swearing.end() :]) if swearing else None
        if meant is not None and meant.signs in "GgaflSs":
            return Sign("FG" if meant.signs in "Ggafl" else f"F{meant.signs}", meant.group)
        parts = self._parts(word) if _LONG <= len(word) <= _LONGEST else None
        if parts is None:
            return _UNKNOWN
        return Sign("".join(part.signs for part in parts), next((part.group for part in parts if part.group), ""))

    def _known(self, word: str) -> Sign | None:
        sign = self._words.get(word)
        if sign is not None:
            return sign
        for length in _STEMS:
            if length <= len(word) <= length + _STEM_TAIL:
                sign = self._stems.get(word[:length])
                if sign is not None:
                    return sign
        return None

    def _parts(self, word: str) -> tuple[Sign, ...] | None:
        """The known words that ``word`` consists of when the spaces are missing; the fewest from the left."""
        reached: dict[int, tuple[Sign, ...]] = {0: ()}
        for start in range(len(word)):
            before = reached.get(start)
            if before is None:
                continue
            for end in range(start + 2, min(len(word), start + 20) + 1):
                sign = self._words.get(word[start:end]) or (self._known(word[start:end]) if end == len(word) else None)
                if sign is not None and (end not in reached or len(reached[end]) > len(before)):
                    reached[end] = (*before, sign)
        parts = reached.get(len(word))
        meant = "".join(part.signs for part in parts or ())
        return parts if re.search("[GS]", meant) and re.search("[AZHEVXKScm]", meant) else None

    def _starred(self, word: str) -> Sign | None:
        """A word with stars for letters, when it can only be one that is listed here."""
        plain = sum(letter != "*" for letter in word)
        if plain < _PLAIN_LETTERS:
            return None
        shape = re.compile(word.replace("*", "..?"))
        meant = "SGgAZ" if plain * 2 >= len(word) else "S"
        return next(
            (sign for known, sign in self._words.items() if sign.signs in meant and shape.fullmatch(known)), None
        )

    def _mended(self, words: Sequence[str]) -> tuple[Sign, int]:
        """The word that ``words`` begin with, torn in two or misspelt, and how many of ``words`` it takes."""
        torn = self._words.get("".join(words), _UNKNOWN) if len(words) > 1 else _UNKNOWN
        if torn.signs in _MISSPELT:
            return torn, 2
        return (self._slip[words[0]] if len(words[0]) >= _SHORTEST_MISSPELT else _UNKNOWN), 1

    def _misspelt(self, word: str) -> Sign:
        half = len(word) // 2
        head, tail = word[:half], word[half + 1 :]
        for length in (len(word), len(word) + 1, len(word) - 1):
            for known, sign in self._by_shape.get((word[0], length), ()):
                # One slip leaves the first or the second half as it is, which is quicker asked.
                if (known.startswith(head) or known.endswith(tail)) and (
                    slipped(known, word) if length >= len(word) else slipped(word, known)
                ):
                    return sign
        return _UNKNOWN


def slipped(meant: str, written: str) -> bool:
    """True when ``written`` is ``meant`` with one letter missing or two neighbours swapped, the first letter kept."""
    same = 0
    while same < min(len(written), len(meant)) and meant[same] == written[same]:
        same += 1
    if len(meant) == len(written) + 1:
        return meant[same + 1 :] == written[same:]
    return meant[same : same + 2] == written[same : same + 2][::-1] and meant[same + 2 :] == written[same + 2 :]


def _entries(source: Mapping[str, Mapping[str, str]]) -> Iterable[tuple[str, Sign]]:
    """Every row of a lexicon with its sign; where two rows name one word, the first counts."""
    yield source["classes"]["z"], _KNOWN
    for table, sign in _GROUPED.items():
        yield from ((words, Sign(sign, group)) for group, words in source.get(table, {}).items())
    for signs, words in source["classes"].items():
        yield words, Sign(NOTHING if signs == "b" else signs)
