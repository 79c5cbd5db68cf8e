"""Once, fresh, and approved word for word: C-10, C-12, C-13."""

from bot.gate.approvals import counted
from bot.gate.rule import Question, allow, deny, hold_second, hold_self, missing, wait
from bot.model import DispatchState, Lane, PostStatus, RuleResult, Trigger

_HOUR_MS = 3_600_000
_ON_ITS_WAY = frozenset({DispatchState.QUEUED, DispatchState.RETRACTING})
_SENSITIVE = frozenset({Lane.ABUSE, Lane.THREAT})
"""Lanes in which one person alone never answers (a crisis has its own rule)."""


def one_reply_a_post(question: Question) -> RuleResult:
    """C-10: one reply to a post, across all our accounts; one more if the first announced it.

    An apology stands in for the warning that was withdrawn.
    """
    earlier, until = question.context.earlier_dispatches, question.context.followup_until
    if earlier is None:
        return missing("C-10", "dispatches")
    if {DispatchState.SENDING, DispatchState.UNCERTAIN} & set(earlier):
        return deny("C-10", "under way")
    if question.draft.apology and not _ON_ITS_WAY & set(earlier):
        return allow("C-10", "apology")
    sent = earlier.count(DispatchState.SENT)
    announced = until is not None and question.context.now <= until
    if sent > 1 or (sent == 1 and not announced):
        return deny("C-10", "answered", sent=sent)
    if _ON_ITS_WAY & set(earlier):
        return wait("C-10", "queued")
    return hold_self("C-10", "follow-up", sent=sent, until=until) if sent else allow("C-10")


def fresh_and_unchanged(question: Question) -> RuleResult:
    """C-12: the post is recent, still there, and says what it said when the person approved."""
    status, snapshot, context = question.fresh_status, question.snapshot, question.context
    if status is not None and status.exists is False:
        return deny("C-12", "deleted")
    if status is None or not status.text_hash or snapshot.stored_hash is None or snapshot.created_at is None:
        return missing("C-12", "post")
    if snapshot.triggers is None or (context.phase == "dispatch" and snapshot.approved_hash is None):
        return missing("C-12", "approved post")
    if _edited(question, status):
        return hold_self("C-12", "edited")
    return _age(question, snapshot.created_at, snapshot.triggers)


def _edited(question: Question, status: PostStatus) -> bool:
    stored, approved = question.snapshot.stored_hash, question.snapshot.approved_hash
    return status.text_hash != stored or approved not in {None, stored}


def _age(question: Question, created_at: int, triggers: tuple[Trigger, ...]) -> RuleResult:
    limits = question.ruleset.limits
    age = question.context.now - created_at
    if age < -limits.clock_skew_seconds * 1000:
        return wait("C-12", "future")
    hours = limits.mention_days * 24 if Trigger.MENTION in triggers else limits.other_trigger_hours
    return hold_self("C-12", "old", hours=hours) if age > hours * _HOUR_MS else allow("C-12")


def exact_text_approved(question: Question) -> RuleResult:
    """C-13: a named person approved exactly this text; two different people where it is sensitive.

    A trained person answers a crisis alone. Nothing here can be released, except that in a solo shift one person alone
    answers for what they wrote; else it clears by approving.
    """
    snapshot, draft, context = question.snapshot, question.draft, question.context
    if question.draft_hash is None or snapshot.lanes is None or context.four_eyes is None or not draft.author:
        return missing("C-13", "draft")
    people = counted(question)
    crisis = Lane.CRISIS in snapshot.lanes and Lane.THREAT not in snapshot.lanes
    if crisis:
        return allow("C-13", approved=1) if people.trained else hold_second("C-13", "trained")
    needed = 2 if draft.ladder_step or _SENSITIVE & set(snapshot.lanes) else 1
    if needed > 1 and len(people.names) < needed:
        return hold_second("C-13", "two people", approved=len(people.names), needed=needed)
    if not people.names:
        return hold_self("C-13", people.why_not)
    if context.four_eyes == "always" and not people.names - {draft.author}:
        return hold_second("C-13", "not the author", text=question.draft_hash)
    return allow("C-13", approved=len(people.names), needed=needed)
