"""Posts that do not belong to everyday service: C-19 (the lanes threat and crisis, crisis mode, and tragedies)."""

import re
from collections.abc import Collection

from bot.gate.rule import Question, allow, deny, hold_second, hold_self, missing, note
from bot.gate.rules.occasion import topics
from bot.model import Lane, Origin, RuleResult

_SIGNED = re.compile(r"\^\w{1,12}\s*$")
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]|(?<!\\w)[:;]-?[)(DPp](?!\\w)")
"""Signs of the picture blocks, and smileys of letters."""


def in_the_right_hands(question: Question) -> RuleResult:
    """C-19: a threat gets no reply, and crisis mode silences all but its own texts.

    A person in a crisis gets a person's own words, without the brand's sign-off and without emoji (E-11).

    Any other post that tells of death, war, illness and the like takes a second person for exactly this wording, and
    one that only touches such a topic takes one.
    """
    lanes, draft, mode = question.snapshot.lanes, question.draft, question.context.crisis_mode
    if lanes is not None and Lane.THREAT in lanes:
        return deny("C-19", "threat")
    if mode and not draft.crisis_template:
        return deny("C-19", "crisis mode")
    if lanes is None or mode is None or draft.origin is None:
        return missing("C-19", "lane")
    if Lane.CRISIS not in lanes:
        return note("C-19", "crisis template") if mode else _tragedy(question)
    return _own_words(question)


def _own_words(question: Question) -> RuleResult:
    draft = question.draft
    if draft.origin is not Origin.HUMAN:
        return deny("C-19", "own words")
    if draft.text is None:
        return missing("C-19", "text")
    if _signed(draft.text, question.context.sign_offs):
        return deny("C-19", "sign-off")
    return deny("C-19", "emoji") if _EMOJI.search(draft.text) else note("C-19", "crisis")


def _signed(text: str, sign_offs: Collection[str]) -> bool:
    return bool(_SIGNED.search(text)) or any(text.rstrip().endswith(each) for each in sign_offs if each)


def _tragedy(question: Question) -> RuleResult:
    if question.snapshot.text is None:
        return missing("C-19", "text")
    grave, passing = topics(question)
    if grave:
        return hold_second("C-19", "tragedy", topics=" ".join(grave), text=question.draft_hash)
    if passing:
        return hold_self("C-19", "in passing", topics=" ".join(passing), text=question.draft_hash)
    return allow("C-19")
