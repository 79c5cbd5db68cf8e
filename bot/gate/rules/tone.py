"""What a reply is not for: advertising (C-24), and saying who somebody is (C-26)."""

import re
from collections.abc import Iterator

from bot.gate.marks import Draft, Mark, draft_of, not_released, pair_marks, phrase_marks
from bot.gate.phrases import negated, said, spoken_phrases
from bot.gate.rule import Question, allow, deny, hold_self, missing
from bot.gate.rules.commitments import AMOUNT
from bot.gate.wording import Phrases
from bot.model import RuleResult

_HASHTAG = re.compile(r"(?<![\w&/#])#(?=\w*[^\W\d_])\w+")
_PERCENT = re.compile(
    r"\d\s?%\s?(?:\w+\s){0,2}(?:off|discount|rabatt|günstiger|cheaper|weniger|billiger)\b", re.IGNORECASE
)
_TEASER = re.compile(r"\b(?:nur|ab|statt|only|just|from|instead of)\s$", re.IGNORECASE)
_TEASER_LENGTH = 12


def no_advertising(question: Question) -> RuleResult:
    """C-24: no offer, price, upsell, campaign tag, discount or survey; a person looks where the price was asked for."""
    text, post = question.draft.text, question.snapshot.text
    if text is None or post is None:
        return missing("C-24", "text")
    if not any(True for _ in advertising_marks(question)):
        return allow("C-24")
    if any(True for _ in spoken_phrases(post, question.ruleset.advertising.asked)):
        return hold_self("C-24", "price asked", text=question.draft_hash)
    return deny("C-24", "advertising")


def advertising_marks(question: Question) -> Iterator[Mark]:
    """Every place of the draft that sells something."""
    text, post = question.draft.text, question.snapshot.text or ""
    if text is None:
        return
    lists, draft = question.ruleset.advertising, draft_of(text, question.ruleset)
    found = [*phrase_marks(draft, lists.push, "advertising"), *_goods(draft, post, lists.goods)]
    found += (Mark("advertising", *place.span()) for place in _PERCENT.finditer(text))
    if not AMOUNT.search(post) and not any(True for _ in spoken_phrases(post, lists.asked)):
        found += _teasers(text)
    theirs = post.casefold()
    found += (Mark("campaign", *tag.span()) for tag in _HASHTAG.finditer(text) if tag[0].casefold() not in theirs)
    yield from not_released(found, text, question.draft.template_text)


def _goods(draft: Draft, post: str, goods: Phrases) -> Iterator[Mark]:
    """What sells unless the post speaks of the same."""
    asked_about = {word[:_STEM] for clause, start, end in spoken_phrases(post, goods) for word in clause[start:end]}
    for clause, start, end in said(draft.told, goods):
        told = {word[:_STEM] for word in clause.words[start:end]}
        if not told & asked_about and not negated(clause.words, 0, len(clause.words), draft.ruleset):
            yield Mark("advertising", *clause.span(start, end))


_STEM = 5
"""So many letters tell whether post and reply speak of the same ("survey", "surveys")."""


def _teasers(text: str) -> Iterator[Mark]:
    """Prices that nobody asked for and that are praised as low ("nur 9,99 €")."""
    for amount in AMOUNT.finditer(text):
        praised = _TEASER.search(text, max(0, amount.start() - _TEASER_LENGTH), amount.start())
        if praised:
            yield Mark("advertising", praised.start(), amount.end())


def nothing_about_the_person(question: Question) -> RuleResult:
    """C-26: the reply says and implies nothing about health, belief, origin, love life, union, debts or crime."""
    if question.draft.text is None:
        return missing("C-26", "text")
    kinds = sorted({mark.code for mark in trait_marks(question)})
    return deny("C-26", "trait", kinds=" ".join(kinds)) if kinds else allow("C-26")


def trait_marks(question: Question) -> Iterator[Mark]:
    """Every place of the draft that says who its reader is."""
    if question.draft.text is None:
        return
    draft, lists = draft_of(question.draft.text, question.ruleset), question.ruleset.traits
    for kind, named in lists.named.items():
        yield from phrase_marks(draft, named, kind)
    for pair in lists.pairs:
        yield from pair_marks(draft, pair)
