"""Where a draft comes from and what it resembles: C-14, C-15, C-25."""

import re

from bot.gate.facts import Sent
from bot.gate.folding import visible, without_handles, words
from bot.gate.rule import Question, allow, deny, hold_self, missing, note
from bot.model import Origin, Platform, RuleResult, Trigger

MODEL_DRAFTS_ON_X = "x_model_drafts"
"""The permission that X must have given in writing (C-14)."""

_DAY_MS = 86_400_000
_MINUTE_MS = 60_000
_GRAM = 3
_STILL_THE_TEMPLATE = 400
"""Likeness to its template, per mille, of a text in which a person filled the gaps."""
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,63}")
_PHONE = re.compile(r"(?:\+|\b0)[\d\s()/.-]{6,24}")
_PHONE_DIGITS = 7
_DATE = re.compile(r"\b\d{1,2}[./]\s?\d{1,2}[./]\s?(?:19|20)\d\d\b|\b\d{1,2}:\d{2}\b")
_SIGNATURE = re.compile(r"\^\w{1,12}\s*$")

Grams = frozenset[tuple[str, ...]]


def model_text_is_permitted(question: Question) -> RuleResult:
    """C-14: text drafted by a model leaves on X only with X's written permission on file."""
    platform, origin = question.snapshot.platform, question.draft.origin
    if platform is None or origin is None:
        return missing("C-14", "origin")
    if platform is Platform.X and origin is Origin.MODEL and MODEL_DRAFTS_ON_X not in question.context.permissions:
        return deny("C-14", "no permission")
    return allow("C-14")


def not_the_same_again(question: Question) -> RuleResult:
    """C-15: not the same words as our other replies of the last day, and never one text from two accounts.

    A released template to an author who addressed us may repeat; a burst of one asks once.
    """
    draft, context, snapshot = question.draft, question.context, question.snapshot
    recent, account = context.recent_replies, snapshot.account
    if draft.text is None or recent is None or account is None or snapshot.triggers is None:
        return missing("C-15", "replies")
    ours = _grams(draft.text)
    today = [sent for sent in recent if 0 <= context.now - sent.at <= _DAY_MS]
    if any(sent.account != account and _grams(sent.text) == ours for sent in today):
        return deny("C-15", "two accounts")
    if set(snapshot.triggers) - {Trigger.NONE} and _is_template(question, ours):
        return _burst(question, today)
    nearest = max((_likeness(ours, _grams(sent.text)) for sent in today), default=0)
    if nearest >= question.ruleset.limits.likeness:
        return hold_self("C-15", "similar", likeness=nearest, text=question.draft_hash)
    return allow("C-15", likeness=nearest)


def _is_template(question: Question, ours: Grams) -> bool:
    """Whether the text still is the released template that it came from, gaps filled, and not a person's own words."""
    draft = question.draft
    if not draft.template or draft.template_text is None:
        return False
    return _likeness(ours, _grams(draft.template_text)) >= _STILL_THE_TEMPLATE


def _burst(question: Question, today: list[Sent]) -> RuleResult:
    limits, context = question.ruleset.limits, question.context
    window = limits.burst_minutes * _MINUTE_MS
    same = sum(sent.template == question.draft.template and context.now - sent.at <= window for sent in today)
    if same < limits.burst_replies:
        return allow("C-15", burst=same)
    if context.burst_released:
        return note("C-15", "burst released")
    return hold_self("C-15", "burst", template=question.draft.template)


def _grams(text: str) -> Grams:
    """The runs of three words; of a shorter text the one run that it is."""
    spoken = words(_SIGNATURE.sub("", without_handles(text)))
    return frozenset(spoken[start : start + _GRAM] for start in range(max(1, len(spoken) - _GRAM + 1)))


def _likeness(ours: Grams, theirs: Grams) -> int:
    """Jaccard likeness of two sets of runs, per mille."""
    return 1000 * len(ours & theirs) // len(ours | theirs)


def no_match_from_elsewhere(question: Question) -> RuleResult:
    """C-25: nothing about the author from outside the platform, unless they agreed to it on record.

    Either way the entry names the record, or says that there is none. What the reply itself may show, C-22 says.
    """
    draft, context = question.draft, question.context
    if draft.text is None:
        return missing("C-25", "text")
    found = {*context.identifiers, *({"customer number"} & identifiers_in(draft.text, context.customer_numbers))}
    kinds = " ".join(sorted(found))
    if found and context.opt_in is None:
        return deny("C-25", "off-platform", kinds=kinds, opt_in="none")
    return note("C-25", "opt-in", kinds=kinds, opt_in=context.opt_in) if found else allow("C-25")


def identifiers_in(text: str, customer_numbers: tuple[str, ...]) -> frozenset[str]:
    """The kinds of identifiers of a person that stand in a text: customer number, email, phone."""
    plain = visible(text)
    found = {
        "customer number": any(re.search(_as_pattern(shape), plain) for shape in customer_numbers),
        "email": _EMAIL.search(plain) is not None,
        "phone": any(sum(map(str.isdigit, run)) >= _PHONE_DIGITS for run in _PHONE.findall(_DATE.sub(";", plain))),
    }
    return frozenset(kind for kind, hit in found.items() if hit)


def _as_pattern(shape: str) -> str:
    """A customer number as it is configured ("#" a digit, "@" a letter) as a pattern that stands alone."""
    signs = {"#": r"\d", "@": r"[^\W\d_]"}
    return rf"(?<!\w){''.join(signs.get(sign) or re.escape(sign) for sign in shape)}(?!\w)"
