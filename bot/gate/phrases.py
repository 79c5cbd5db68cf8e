"""Phrases of the ruleset, where a text says them, and whether a "not" turns them round.

In a phrase "#" is any number and "x*" any word beginning with x.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.gate.folding import clauses, words
from bot.gate.ruleset import Phrases, Ruleset

Clause = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """Phrases as word patterns, sorted by their first word so that long texts stay cheap.

    ``open_first`` are those that may begin with any word; ``by_first`` has them, too.
    """

    patterns: frozenset[Clause]
    by_first: dict[str, tuple[Clause, ...]]
    open_first: tuple[Clause, ...]


@cache
def phrase_book(listed: Phrases) -> PhraseBook:
    """Read a list of the ruleset once; there are about a dozen of them."""
    patterns = tuple(tuple(_pattern(part) for part in phrase.split()) for phrase in listed)
    plain = tuple(pattern for pattern in patterns if not _is_open(pattern[0]))
    open_first = tuple(found for found in patterns if _is_open(found[0]))
    by_first = {
        first: (*(found for found in plain if found[0] == first), *open_first)
        for first in {found[0] for found in plain}
    }
    return PhraseBook(frozenset(patterns), by_first, open_first)


def find_phrases(spoken: Clause, book: PhraseBook) -> tuple[tuple[int, int], ...]:
    """Where the words say a phrase of the book: half-open word positions in reading order."""
    return tuple(
        (start, start + len(pattern))
        for start, word in enumerate(spoken)
        for pattern in book.by_first.get(word, book.open_first)
        if _stands(spoken[start : start + len(pattern)], pattern)
    )


def spoken_phrases(text: str, listed: Phrases) -> Iterator[tuple[Clause, int, int]]:
    """Every place where ``text`` says one of the phrases: the clause, first and past-last word."""
    for clause in clauses(text):
        for start, end in find_phrases(clause, phrase_book(listed)):
            yield clause, start, end


def negated(clause: Clause, start: int, end: int, ruleset: Ruleset) -> bool:
    """Whether a negation stands among the words from ``start`` to ``end``.

    "no problem" is none, and neither is the one that a "but" takes back ("not here but by DM").
    """
    return any(
        clause[place] in ruleset.negations
        and not set(clause[place + 1 : place + 2]) & set(ruleset.reassurances)
        and not set(clause[place + 1 : end]) & set(ruleset.contrasts)
        for place in range(max(start, 0), min(end, len(clause)))
    )


def _stands(spoken: Clause, pattern: Clause) -> bool:
    return len(spoken) == len(pattern) and all(map(_fits, spoken, pattern))


def _fits(word: str, pattern: str) -> bool:
    if pattern == "#":
        return word[0].isdigit()
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def _is_open(pattern: str) -> bool:
    return pattern == "#" or pattern.endswith("*")


def _pattern(part: str) -> str:
    return part if part == "#" else "".join(words(part)) + ("*" if part.endswith("*") else "")
