"""Posts that do not belong to everyday service: C-19 (the lanes threat and crisis, and crisis mode)."""

from bot.gate.rule import Question, allow, deny, missing, note
from bot.model import Lane, Origin, RuleResult


def in_the_right_hands(question: Question) -> RuleResult:
    """C-19: a threat gets no reply, a crisis a person's own words, and crisis mode silences the rest."""
    lanes, draft, mode = question.snapshot.lanes, question.draft, question.context.crisis_mode
    if lanes is not None and Lane.THREAT in lanes:
        return deny("C-19", "threat")
    if mode and not draft.crisis_template:
        return deny("C-19", "crisis mode")
    if lanes is None or mode is None or draft.origin is None:
        return missing("C-19", "lane")
    if Lane.CRISIS not in lanes:
        return note("C-19", "crisis template") if mode else allow("C-19")
    if draft.origin is not Origin.HUMAN and not draft.crisis_template:
        return deny("C-19", "own words")
    return note("C-19", "crisis")
