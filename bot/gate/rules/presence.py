"""Whether the account that would speak is what it says it is, where it may speak, and how often: C-27 to C-30."""

from bot.gate.facts import Presence
from bot.gate.phrases import spoken_phrases
from bot.gate.rule import Question, allow, deny, hold_self, missing, silent, wait
from bot.model import Origin, RuleResult

_HOUR_MS = 3_600_000
_OK = 200


def account_says_what_it_is(question: Question) -> RuleResult:
    """C-27: the daily look found our account labelled and explained, and a model's draft says so (D-01 to D-03)."""
    seen, draft = question.context.presence, question.draft
    if draft.origin is None or draft.text is None:
        return missing("C-27", "origin")
    model = draft.origin is Origin.MODEL
    if model and not any(True for _ in spoken_phrases(draft.text, question.ruleset.disclosure.notices)):
        return deny("C-27", "no AI notice")
    if seen is None or not 0 <= seen.age_ms <= question.ruleset.limits.presence_hours * _HOUR_MS:
        return silent("C-27")
    fault = _fault(seen, labelled=seen.label_required or model)
    if fault is None:
        return silent("C-27")
    return deny("C-27", fault) if fault else allow("C-27")


def _fault(seen: Presence, *, labelled: bool) -> str | None:
    """What is wrong with the account, "" when all is well, ``None`` when its platform does not tell enough."""
    if seen.trouble:
        return "account"
    if labelled and seen.labelled is False:
        return "no label"
    if seen.bio is False:
        return "bio"
    return None if seen.bio is None or (labelled and seen.labelled is None) else ""


def privacy_notice_stands(question: Question) -> RuleResult:
    """C-28: the privacy notice that our bio links to answers, in the version we named."""
    notice = question.context.notice
    if notice is None or not 0 <= notice.age_ms <= question.ruleset.limits.notice_days * 24 * _HOUR_MS:
        return silent("C-28")
    if notice.http_status != _OK:
        return hold_self("C-28", "unreachable", http=notice.http_status)
    if notice.current is None:
        return silent("C-28")
    return allow("C-28") if notice.current else hold_self("C-28", "other version")


def within_budget(question: Question) -> RuleResult:
    """C-29: the platform did not ask us to wait, and its allowance is not used up.

    Reading leaves half of an allowance to people (``StoredBudget``); a reply that a person approved may use that half.
    """
    budget = question.context.budget
    if budget is None:
        return missing("C-29", "budget")
    if budget.wait_ms > 0:
        return wait("C-29", "asked to wait", seconds=-(-budget.wait_ms // 1000))
    if budget.left is not None and budget.left < question.ruleset.limits.budget_floor:
        return wait("C-29", "used up", left=budget.left)
    return allow("C-29")


def community_permits(question: Question) -> RuleResult:
    """C-30: the community lets us write, and nothing that happened there made us stop (C-34)."""
    match question.context.community:
        case "permitted":
            return allow("C-30")
        case "barred":
            return deny("C-30", "not on the list")
        case "stopped":
            return deny("C-30", "stopped")
        case None:
            return silent("C-30")
