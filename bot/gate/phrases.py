"""Phrases of the ruleset, where a text says them, and whether a "not" turns them round.

In a phrase "#" is any number and "x*" any word beginning with x.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.gate.folding import Spoken, spoken, words
from bot.gate.ruleset import Phrases, Ruleset

Clause = tuple[str, ...]
_KEY = 3
"""So many first letters sort the phrases that begin with the beginning of a word."""


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """Phrases as word patterns, sorted by how their first word begins, so that long lists and long texts stay cheap.

    ``by_word`` are those that begin with a whole word, ``by_start`` those whose first word is the beginning of one, by
    its first letters; ``others`` may begin with any word.
    """

    patterns: frozenset[Clause]
    by_word: dict[str, list[Clause]]
    by_start: dict[str, list[Clause]]
    others: list[Clause]


@cache
def phrase_book(listed: Phrases) -> PhraseBook:
    """Read a list of the ruleset once; there are some dozens of them."""
    patterns = [tuple(_pattern(part) for part in phrase.split()) for phrase in listed]
    book = PhraseBook(frozenset(patterns), defaultdict(list), defaultdict(list), [])
    for pattern in patterns:
        first = pattern[0]
        if not _is_open(first):
            book.by_word[first].append(pattern)
        elif len(first) > _KEY:
            book.by_start[first[:_KEY]].append(pattern)
        else:
            book.others.append(pattern)
    return book


@cache
def word_set(*listed: Phrases) -> frozenset[str]:
    """All words of some lists of the ruleset, folded as a text's words are."""
    return frozenset(word for phrases in listed for phrase in phrases for word in words(phrase))


def find_phrases(clause: Clause, book: PhraseBook) -> tuple[tuple[int, int], ...]:
    """Where the words say a phrase of the book: half-open word positions in reading order."""
    by_word, by_start, others = book.by_word, book.by_start, book.others
    return tuple(
        (start, start + len(pattern))
        for start, word in enumerate(clause)
        for pattern in (*by_word.get(word, ()), *by_start.get(word[:_KEY], ()), *others)
        if _stands(clause[start : start + len(pattern)], pattern)
    )


def spoken_phrases(text: str, listed: Phrases) -> Iterator[tuple[Clause, int, int]]:
    """Every place where ``text`` says one of the phrases: the clause, first and past-last word."""
    for clause, start, end in said(spoken(text), listed):
        yield clause.words, start, end


def said(told: Sequence[Spoken], listed: Phrases) -> Iterator[tuple[Spoken, int, int]]:
    """Every place where the clauses say one of the phrases: the clause, first and past-last word."""
    for clause in told:
        for start, end in find_phrases(clause.words, phrase_book(listed)):
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


def _stands(found: Clause, pattern: Clause) -> bool:
    return len(found) == len(pattern) and all(map(_fits, found, pattern))


def _fits(word: str, pattern: str) -> bool:
    if pattern == "#":
        return word[0].isdigit()
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def _is_open(pattern: str) -> bool:
    return pattern == "#" or pattern.endswith("*")


def _pattern(part: str) -> str:
    return part if part == "#" else "".join(words(part)) + ("*" if part.endswith("*") else "")
