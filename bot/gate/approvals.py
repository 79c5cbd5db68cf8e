"""Which approvals count: of exactly this text, recent, by people who may (C-13, C-32)."""

from dataclasses import dataclass

from bot.gate.facts import Approval
from bot.gate.rule import Question
from bot.model import Role

_MAY_APPROVE = frozenset({Role.AGENT, Role.SENIOR})
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class People:
    """Who approved validly, whether one of them is trained for crises, and if nobody did, why."""

    names: frozenset[str]
    trained: bool
    why_not: str


def counted(question: Question) -> People:
    """The people whose approval counts for the draft as it is now."""
    text = question.draft_hash
    faults = {approval: _fault(approval, question, text) for approval in question.context.approvals}
    valid = [approval for approval, fault in faults.items() if not fault]
    return People(
        names=frozenset(approval.by for approval in valid),
        trained=any(approval.trained for approval in valid),
        why_not="nobody" if valid or not faults else list(faults.values())[-1],
    )


def _fault(approval: Approval, question: Question, text: str | None) -> str:
    """Why an approval does not count, "" when it does."""
    context, limits = question.context, question.ruleset.limits
    hours = limits.approval_batch_hours if context.batch else limits.approval_hours
    if text is None or approval.text_hash != text:
        return "other text"
    if not approval.by or approval.role not in _MAY_APPROVE or approval.by in context.barred_approvers:
        return "role"
    return "" if 0 <= context.now - approval.at <= hours * _HOUR_MS else "expired"
