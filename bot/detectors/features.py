"""What the trained heads see of a text: words, word pairs, letter runs inside words, and classes of words, as slots.

Owns how a text becomes slots, for training and for looking alike. A slot is a place in a table of weights; the
words themselves are in no table, so nothing that anyone wrote can be read out of one.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

from bot.detectors.kinds import Kinds, near
from bot.detectors.text import clean, unmask

READ = 4_000
"""Characters that heads read: the cost of a text of unknown words stays far below 50 ms. Rules read on."""
SLOTS = 1 << 18
"""Places of a table. A few hundred thousand features share them; the weights of the rare ones are pruned anyway."""
RUNS = range(2, 6)
"""Lengths of letter runs, the edges of the word counted."""
LONGEST = 30
_SIGNS = 3
"""Letters of a word and signs of a row of "!!!!!" that count."""

_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"
_TOKEN = re.compile(rf"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[:;=8][-o*']?[)(dp/\\|\]\[]+|<3|[{_EMOJI}]|[!?.]+|[^\s\w]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,500}")
_NAME = re.compile(r"(?<!\w)@[\w.-]{1,80}")

Place = tuple[int, int]


def tokens(text: str) -> list[str]:
    """The tokens of a cleaned and unmasked text: words, numbers, emoji, signs. Addresses become "@" and "§"."""
    if "://" in text or "www." in text:
        text = _ADDRESS.sub(" § ", text)
    if "@" in text:
        text = _NAME.sub(" @ ", text)
    return _TOKEN.findall(text)


def placed(text: str) -> list[tuple[str, Place]]:
    """The tokens with where they stand; an address stays as it is written, so only words should be looked up."""
    return [(found[0], found.span()) for found in _TOKEN.finditer(text)]


def canonical(token: str) -> str:
    """One form for all numbers, for both apostrophes, and for rows of signs; very long words are cut."""
    if token[0].isdigit():
        return "0"
    if token[0] in "!?.":
        return token[:_SIGNS]
    return token.replace("’", "'")[:LONGEST]


def word_slots(word: str, kind: str) -> list[int]:
    """The slots of one canonical word: the word itself, its class, and its letter runs if it is made of letters."""
    slots = [_slot("w" + word)]
    if kind:
        slots.append(_slot("k" + kind))
    if word[0].isalpha():
        edged = f"<{word}>"
        ends = len(edged) + 1
        runs = [edged[start : start + length] for length in RUNS for start in range(ends - length)]
        slots += [crc32(run.encode(), _RUN) % SLOTS for run in runs]
    return slots


def opening(word: str) -> int:
    """The checksum of a word as the first of a pair. Kept with the word, it makes a pair's slot one step away."""
    return crc32(f"p{word} ".encode())


def pair_slots(openings: Sequence[int], words: Sequence[bytes]) -> set[int]:
    """The slots of all neighbours, the edges of the text counted as neighbours. Words come in UTF-8."""
    return {crc32(word, before) % SLOTS for before, word in zip((_START, *openings), (*words, b"$"), strict=True)}


def kind_slots(kinds: Sequence[str]) -> set[int]:
    """The slots of ordered pairs of classes that stand near each other."""
    return {_kind_slot(first, second) for first, second in near(kinds)}


def text_slots(text: str, kinds: Kinds) -> list[int]:
    """All slots of a text as training counts them. ``Bank`` adds up the same ones, word by word."""
    words = [canonical(token) for token in tokens(unmask(clean(text, READ)).text)]
    classes = {word: kinds.of(word) for word in words}
    slots = [slot for word, kind in classes.items() for slot in word_slots(word, kind)]
    slots += sorted(pair_slots([opening(word) for word in words], [word.encode() for word in words]))
    return slots + sorted(kind_slots([classes[word] for word in words]))


def _slot(feature: str) -> int:
    return crc32(feature.encode()) % SLOTS


_START = opening("^")
_RUN = crc32(b"c")
_kind_slot = lru_cache(maxsize=8192)(lambda first, second: _slot(f"q{first} {second}"))
