"""Places in a draft that a rule minds. The rules decide from them, and the desk shows them to whoever writes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.gate.folding import Spoken, blanked, placed_handles, spoken
from bot.gate.phrases import find_phrases, negated, phrase_book, said
from bot.gate.ruleset import Ruleset
from bot.gate.wording import Pair, Phrases

_BEFORE = 3
"""A "not" this many words before a phrase turns it round ("leider kein Angebot", "not your fault")."""

_LONGEST = 4
"""Most words that the second half of a pair has."""

_AROUND = 12
"""From how many words before a pair an "if" still reaches it."""

_POLITE = ("sie", "ihnen", "ihr", "ihre", "ihrem", "ihren", "ihrer", "ihres")
"""Words that mean the reader only with a capital letter."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a rule minds (``code``), and where: half-open, in code points of the draft."""

    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A text of ours, its clauses, and the ruleset it is read with."""

    text: str
    told: tuple[Spoken, ...]
    ruleset: Ruleset


def draft_of(text: str, ruleset: Ruleset) -> Draft:
    """``text`` taken apart once, for all lists. Handles are no words."""
    return Draft(text, spoken(blanked(text, (place for _, place in placed_handles(text)))), ruleset)


def phrase_marks(draft: Draft, listed: Phrases, code: str) -> Iterator[Mark]:
    """Where the clauses say one of the phrases and mean it."""
    for clause, start, end in said(draft.told, listed):
        if not _means_others(draft.text, clause, start, end) and not negated(
            clause.words, start - _BEFORE, start, draft.ruleset
        ):
            yield Mark(code, *clause.span(start, end))


def whole_marks(draft: Draft, listed: Phrases, code: str) -> Iterator[Mark]:
    """Clauses that say one of the phrases and nothing else."""
    for clause in draft.told:
        if clause.words in phrase_book(listed).patterns:
            yield Mark(code, *clause.span(0, len(clause.words)))


def pair_marks(draft: Draft, pair: Pair) -> Iterator[Mark]:
    """Where a clause says what the pair begins with and, soon after, what it ends with, and means it.

    What is between or around may turn it round: a negation, or a word of the pair's ``unless``.
    """
    book = phrase_book(pair.then)
    for clause, start, end in said(draft.told, pair.first):
        words = clause.words
        for begins, ends in find_phrases(words[end : end + pair.within + _LONGEST], book)[:1]:
            last = end + ends
            around = set(words[max(0, start - _AROUND) : last + 1])
            turned = around & set(pair.unless) or negated(words, end, end + begins, draft.ruleset)
            turned = turned or _means_others(draft.text, clause, start, last)
            if begins <= pair.within and not turned:
                yield Mark(pair.kind, *clause.span(start, last))


def not_released(marks: Iterable[Mark], text: str, template: str | None) -> Iterator[Mark]:
    """The marks whose words do not stand in the released template."""
    known = (template or "").casefold()
    return (mark for mark in marks if text[mark.start : mark.end].casefold() not in known)


def _means_others(text: str, clause: Spoken, start: int, end: int) -> bool:
    """Whether a word that may mean the reader is written small ("sie", "ihr"): then it means somebody else."""
    places = (place for place in range(start, end) if clause.words[place] in _POLITE)
    return any(text[clause.spans[place][0]].islower() for place in places)
