"""What a reply promises in the brand's name, and places nobody filled: C-32."""

import re
from collections.abc import Iterator

from bot.gate.approvals import counted
from bot.gate.folding import words
from bot.gate.phrases import Clause, find_phrases, negated, phrase_book, spoken_phrases
from bot.gate.rule import Question, allow, hold_second, hold_self, missing, note
from bot.gate.ruleset import Ruleset
from bot.model import RuleResult

_GAP = re.compile(r"\[[^\[\]\n]{1,80}\]|\{[^{}\n]{1,80}\}")
_AMOUNT = re.compile(
    r"(?:€|\$|£|\b(?:EUR|Euro|USD|GBP))\s?\d[\d.,]{0,12}|\d[\d.,]{0,12}\s?(?:€|\$|£|\b(?:EUR|Euros?|Cents?|pounds?|dollars?)\b)",
    re.IGNORECASE,
)
_NEEDS_SECOND = frozenset({"money", "law"})
_BEFORE = 2
"""A "not" this many words before a certainty turns it round ("not quite sure")."""


def promises_are_covered(question: Question) -> RuleResult:
    """C-32: no open gap, and every promise stands in the released template or a second person answers for it."""
    draft = question.draft
    if draft.text is None:
        return missing("C-32", "text")
    if not draft.text.strip():
        return hold_self("C-32", "empty")
    gaps = max(len(draft.gaps), len(_GAP.findall(draft.text)))
    if gaps:
        return hold_self("C-32", "gap", gaps=gaps)
    return _promises(question, draft.text)


def _promises(question: Question, text: str) -> RuleResult:
    kinds = sorted(set(_uncovered(text, question.draft.template_text or "", question.ruleset)))
    if not kinds:
        return allow("C-32")
    named = " ".join(kinds)
    if len(counted(question).names) > 1:
        return note("C-32", "two people", kinds=named)
    hold = hold_second if _NEEDS_SECOND & set(kinds) else hold_self
    return hold("C-32", "promise", kinds=named, text=question.draft_hash)


def _uncovered(text: str, template: str, ruleset: Ruleset) -> Iterator[str]:
    """The kinds of promise that the template does not make in the same words."""
    said = words(template)
    if any(amount not in template for amount in _AMOUNT.findall(text)):
        yield "money"
    time_is_open = _GAP.search(template) is not None  # a released template left it to a person
    if not time_is_open and _announced(text, ruleset) - _announced(template, ruleset):
        yield "date"
    for kind, listed in ruleset.commitments:
        if kind == "date" and time_is_open:
            continue
        for clause, start, end in spoken_phrases(text, listed):
            turned = kind == "certainty" and negated(clause, start - _BEFORE, start, ruleset)
            hours = kind == "date" and start > 0 and clause[start - 1][0].isdigit()  # "von 8 bis 18 Uhr"
            if not turned and not hours and not _says(said, clause[start:end]):
                yield kind


def _announced(text: str, ruleset: Ruleset) -> set[tuple[Clause, str]]:
    """Days for which ``text`` says that all will be well, each with what it says of it."""
    lists, found = ruleset.completion, set[tuple[Clause, str]]()
    for clause, start, end in spoken_phrases(text, lists.days):
        if not find_phrases(clause, phrase_book(lists.past)) and not negated(clause, 0, len(clause), ruleset):
            found |= {(clause[start:end], done) for done in lists.done if set(done.split()) <= set(clause)}
    return found


def _says(said: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(said[start : start + len(part)] == part for start in range(len(said)))
