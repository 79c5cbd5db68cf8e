"""Posts that do not belong to everyday service: C-19 (the lanes threat and crisis, crisis mode, and tragedies)."""

from bot.gate.rule import Question, allow, deny, hold_second, hold_self, missing, note
from bot.gate.rules.occasion import topics
from bot.model import Lane, Origin, RuleResult


def in_the_right_hands(question: Question) -> RuleResult:
    """C-19: a threat gets no reply, a crisis a person's own words, and crisis mode silences the rest.

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
    if draft.origin is not Origin.HUMAN and not draft.crisis_template:
        return deny("C-19", "own words")
    return note("C-19", "crisis")


def _tragedy(question: Question) -> RuleResult:
    if question.snapshot.text is None:
        return missing("C-19", "text")
    grave, passing = topics(question)
    if grave:
        return hold_second("C-19", "tragedy", topics=" ".join(grave), text=question.draft_hash)
    if passing:
        return hold_self("C-19", "in passing", topics=" ".join(passing), text=question.draft_hash)
    return allow("C-19")
