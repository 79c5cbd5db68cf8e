"""What the trained heads see of a text: words, word pairs, letter runs inside words, and classes of words, as slots.

Owns how a text becomes slots, for training and for looking alike. A slot is a place in a table of weights; the
words themselves are in no table, so nothing that anyone wrote can be read out of one. Words are worked on many at
once: a batch of posts costs little more than one.
"""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from bot.detectors.kinds import near
from bot.detectors.text import clean, unmask

READ = 4_000
"""Characters that heads read: the cost of a text of unknown words stays far below 50 ms. Rules read on."""
_BITS = 18
SLOTS = 1 << _BITS
"""Places of a table. A few hundred thousand features share them; the weights of the rare ones are pruned anyway."""
RUNS = range(2, 6)
"""Lengths of letter runs, the edges of the word counted."""
LONGEST = 30
_SIGNS = 3
"""Letters of a word and signs of a row of "!!!!!" that count."""
EDGE = ""
"""The word that stands before the first word of a text and after the last one."""

_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"
_TOKEN = re.compile(
    rf"[a-zäöüß]+(?![\w'’])|[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[:;=8][-o*']?[)(dp/\\|\]\[]+|<3|[{_EMOJI}]|[!?.]+|[^\s\w]"
)
"""The first way is the second one's for most words of ours, and quicker."""
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,500}")
_NAME = re.compile(r"(?<!\w)@[\w.-]{1,80}")
_STEP = np.uint32(16_777_619)
"""The prime of the FNV hash: one more letter, or the second word of a pair, is added to this multiple."""

Place = tuple[int, int]
Numbers = np.ndarray[tuple[int], np.dtype[np.uint32]]
Slots = np.ndarray[tuple[int], np.dtype[np.intp]]
Sums = np.ndarray[tuple[int, int], np.dtype[np.int32]]


def words_of(text: str) -> list[str]:
    """The tokens of a text as the heads read it: cleaned, unmasked, its beginning."""
    return tokens(unmask(clean(text, READ)).text)


def stretches_of(text: str) -> list[str]:
    """What stands between the spaces of a text as the heads read it. No token has a space, so they hold its tokens."""
    return unmask(clean(text, READ)).text.split()


def tokens(text: str) -> list[str]:
    """The tokens of a cleaned and unmasked text: words, numbers, emoji, signs. Addresses become "@" and "§"."""
    if "://" in text or "www." in text:
        text = _ADDRESS.sub(" § ", text)
    if "@" in text:
        text = _NAME.sub(" @ ", text)
    found: list[str] = _TOKEN.findall(text)
    return found if max(map(len, found), default=0) <= LONGEST else [token[:LONGEST] for token in found]


def placed(text: str) -> list[tuple[str, Place]]:
    """The tokens with where they stand; an address stays as it is written, so only words should be looked up."""
    return [(found[0][:LONGEST], found.span()) for found in _TOKEN.finditer(text)]


def canonical(token: str) -> str:
    """One form for all numbers, for both apostrophes, and for rows of signs; very long words are cut."""
    if token[0].isdigit():
        return "0"
    if token[0] in "!?.":
        return token[:_SIGNS]
    return token.replace("’", "'")[:LONGEST]


def checks(words: Sequence[str]) -> Numbers:
    """A checksum of each word, which stands for it in pairs."""
    return np.array([crc32(word.encode()) for word in words], np.uint32)


def own_slots(words: Sequence[str]) -> Slots:
    """The slot of each word itself."""
    return _slots(checks(words) ^ _salt("w"))


def word_slots(words: Sequence[str], kinds: Numbers) -> tuple[Slots, Slots]:
    """All slots of the words, one word's after the other's, and where each word's begin.

    A word has one for itself, one for its class if it has one, and its letter runs if it is made of letters.
    """
    places = np.arange(len(words))
    classed = np.flatnonzero(kinds)
    slots, owners = [own_slots(words), _slots(kinds[classed] ^ _salt("k"))], [places, classed]
    edged = [f"<{word}>" if word[:1].isalpha() else "" for word in words]
    letters = np.frombuffer("".join(edged).encode("utf-32-le", "replace"), np.uint32)
    lengths = np.array([len(word) for word in edged], np.intp)
    owner = np.repeat(places, lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(letters))
    sums = letters
    for length in RUNS:
        sums = sums[:-1] * _STEP + letters[length - 1 :]
        inside = np.flatnonzero(left[: len(sums)] >= length)
        slots.append(_slots(sums[inside] ^ _salt(f"c{length}")))
        owners.append(owner[inside])
    order = np.argsort(np.concatenate(owners), kind="stable")
    counts = np.bincount(np.concatenate(owners), minlength=len(words))
    return np.concatenate(slots)[order], np.cumsum(counts) - counts


def laid_out(texts: Sequence[Sequence[int]]) -> tuple[Slots, Slots]:
    """Texts of numbered words end to end, with the edge (number 0) before each text and after the last.

    The second array says of which text each is, an edge being of the text that it opens; the last edge is of none.
    """
    numbers = [0]
    for text in texts:
        numbers += text
        numbers.append(0)
    return np.array(numbers, np.intp), np.repeat(np.arange(len(texts)), [1 + len(text) for text in texts])


def near_slots(words: Numbers, kinds: Numbers, texts: Slots) -> tuple[Slots, Slots]:
    """The slots of neighbours and of ordered pairs of classes that stand near each other, and whose text they are.

    ``words`` holds the checksums and ``kinds`` the classes of the words of several texts, laid out as by ``laid_out``,
    and ``texts`` of which text each is. Each slot of a text counts once.
    """
    first, second = near(kinds)
    slots = np.concatenate(
        [
            _slots((words[:-1] * _STEP + words[1:]) ^ _salt("p")),
            _slots((kinds[first] * _STEP + kinds[second]) ^ _salt("q")),
        ]
    )
    found = distinct(np.concatenate([texts, texts[first]]) << _BITS | slots)
    return found & (SLOTS - 1), found >> _BITS


def distinct(numbers: Slots) -> Slots:
    """Each number once, in order. ``np.unique`` hashes, which takes ten times as long for the few of a batch."""
    ordered = np.sort(numbers)
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _slots(sums: Numbers) -> Slots:
    """A slot for each sum. The bits are mixed as MurmurHash3 ends (Appleby 2011), the highest ones count."""
    sums = (sums ^ (sums >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    sums = (sums ^ (sums >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return (sums >> np.uint32(32 - _BITS)).astype(np.intp)


def _salt(kind: str) -> np.uint32:
    """What keeps the slots of different sorts of features apart."""
    return np.uint32(crc32(kind.encode()))
