"""What a reply promises in the brand's name, and places nobody filled: C-32."""

import re
from collections.abc import Iterable, Iterator

from bot.gate.approvals import counted
from bot.gate.folding import Span, words
from bot.gate.marks import Draft, Mark, draft_of
from bot.gate.phrases import Clause, find_phrases, negated, phrase_book, said, spoken_phrases
from bot.gate.rule import Question, allow, hold_second, hold_self, missing, note
from bot.gate.ruleset import Ruleset
from bot.model import RuleResult

_GAP = re.compile(r"\[[^\[\]\n]{1,80}\]|\{[^{}\n]{1,80}\}")
AMOUNT = re.compile(
    r"(?:€|\$|£|\b(?:EUR|Euro|USD|GBP))\s?\d[\d.,]{0,12}|\d[\d.,]{0,12}\s?(?:€|\$|£|\b(?:EUR|Euros?|Cents?|pounds?|dollars?)\b)",
    re.IGNORECASE,
)
"""Money as people write it."""

_FREE_CALL = re.compile(r"[\s,(–-]{0,3}(?:kostenlos|kostenfrei|gratis|free of charge|for free)", re.IGNORECASE)
"""Said right after a number of ours: it costs nothing to call."""

_DECIMALS = re.compile(r"\d[.,]\d\d(?![\d.,])")
_NEEDS_SECOND = frozenset({"money", "law"})
_BEFORE = 3
"""A "not" this many words before a certainty turns it round ("not quite sure")."""


def promises_are_covered(question: Question) -> RuleResult:
    """C-32: no open gap, and every promise stands in the released template or a second person answers for it."""
    draft = question.draft
    if draft.text is None:
        return missing("C-32", "text")
    if not draft.text.strip():
        return hold_self("C-32", "empty")
    found = [mark.code for mark in commitment_marks(question)]
    gaps = max(len(draft.gaps), found.count("gap"))
    if gaps:
        return hold_self("C-32", "gap", gaps=gaps)
    kinds = sorted(set(found))
    if not kinds:
        return allow("C-32")
    named = " ".join(kinds)
    if len(counted(question).names) > 1:
        return note("C-32", "two people", kinds=named)
    hold = hold_second if _NEEDS_SECOND & set(kinds) else hold_self
    return hold("C-32", "promise", kinds=named, text=question.draft_hash)


def commitment_marks(question: Question) -> Iterator[Mark]:
    """Every gap of the draft, and every promise that the released template does not make in the same words."""
    text, template = question.draft.text, question.draft.template_text or ""
    if text is None:
        return
    draft, known = draft_of(text, question.ruleset), words(template)
    yield from (Mark("gap", *gap.span()) for gap in _GAP.finditer(text))
    amounts = "price" if _asked_for_price(question) else "money"
    yield from (Mark(amounts, *amount.span()) for amount in AMOUNT.finditer(text) if amount[0] not in template)
    time_is_open = _GAP.search(template) is not None  # a released template left it to a person
    if not time_is_open:
        told = {what for what, _ in _announced(draft_of(template, question.ruleset))}
        yield from (mark for what, mark in _announced(draft) if what not in told)
    free = _free_calls(text, question.context.contacts)
    for kind, listed in question.ruleset.commitments:
        if kind == "date" and time_is_open:
            continue
        for clause, start, end in said(draft.told, listed):
            place, told_so = clause.span(start, end), _says(known, clause.words[start:end])
            if not told_so and place[1] not in free and not _turned(kind, clause.words, (start, end), question.ruleset):
                yield Mark(kind, *place)


def _asked_for_price(question: Question) -> bool:
    """Whether the post asks what something costs, or speaks of amounts itself: then naming one answers it."""
    post = question.snapshot.text or ""
    spoken_of = AMOUNT.search(post) or _DECIMALS.search(post)
    return bool(spoken_of) or any(True for _ in spoken_phrases(post, question.ruleset.advertising.asked))


def _free_calls(text: str, contacts: Iterable[str]) -> frozenset[int]:
    """Where ``text`` ends to say of one of our numbers that calling it costs nothing."""
    ends = (found.end() for contact in filter(None, contacts) for found in re.finditer(re.escape(contact), text))
    return frozenset(said_so.end() for end in ends if (said_so := _FREE_CALL.match(text, end)))


def _turned(kind: str, clause: Clause, place: Span, ruleset: Ruleset) -> bool:
    """Whether the words at ``place`` promise nothing: "no discount", "not sure", "sure not", opening hours."""
    start, end = place
    hours = kind == "date" and start > 0 and clause[start - 1][0].isdigit()  # "von 8 bis 18 Uhr"
    refused = kind == "certainty" and bool(set(clause[end : end + 1]) & set(ruleset.negations))
    return hours or refused or negated(clause, start - _BEFORE, start, ruleset)


def _announced(draft: Draft) -> Iterator[tuple[tuple[Clause, str], Mark]]:
    """Days for which the draft says that all will be well, each with what it says of it, and where."""
    lists = draft.ruleset.completion
    for clause, start, end in said(draft.told, lists.days):
        told = clause.words
        if find_phrases(told, phrase_book(lists.past)) or negated(told, 0, len(told), draft.ruleset):
            continue
        for done in lists.done:
            if set(done.split()) <= set(told):
                yield (told[start:end], done), Mark("date", *clause.span(start, end))


def _says(known: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(known[start : start + len(part)] == part for start in range(len(known)))
