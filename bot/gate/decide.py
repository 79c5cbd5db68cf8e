"""The decision: every rule asked and reported in order, the worst answer wins."""

import dataclasses
import hashlib
import json

from bot.gate.approvals import counted
from bot.gate.facts import Context, DraftFacts, Release, Snapshot
from bot.gate.rule import ATTESTED, NOT_OFFERED, SILENT, Question, Rule, allow
from bot.gate.ruleset import Ruleset
from bot.gate.table import RULES
from bot.model import SHIELDED_LANES, Decision, Outcome, RuleResult

_HOLDS = frozenset({Outcome.HOLD_SELF, Outcome.HOLD_SECOND})


def decide(snapshot: Snapshot, draft: DraftFacts, context: Context, ruleset: Ruleset) -> Decision:
    """Ask every rule about this draft for this post; DENY > HOLD-second > HOLD-self > WAIT > NOTE > ALLOW.

    Pure: the same facts give the same decision. Missing facts never allow and are never released.
    """
    question = Question(snapshot, draft, context, ruleset)
    results = tuple(_answer(rule, question) for rule in RULES)
    return Decision(
        outcome=worst(results),
        results=results,
        ruleset=ruleset.sha256,
        phase=context.phase,
        target_key=snapshot.canonical_key or "",
        text_hash=question.draft_hash or "",
        decided_at=context.now,
    )


def worst(results: tuple[RuleResult, ...]) -> Outcome:
    """The severest outcome; no results at all is a DENY."""
    return max((result.outcome for result in results), key=lambda outcome: outcome.severity, default=Outcome.DENY)


def evidence_hash(result: RuleResult) -> str:
    """SHA-256 (hex) of what a rule found: what a release names, so that it covers nothing else."""
    found = [result.rule, result.outcome.value, result.code, dict(result.evidence)]
    return hashlib.sha256(json.dumps(found, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def releasable(result: RuleResult) -> bool:
    """Whether a person may let this hold pass. Missing input never."""
    codes = next((rule.releasable for rule in RULES if rule.id == result.rule), frozenset())
    return result.outcome in _HOLDS and not result.missing and (result.alone or result.code in codes)


def _answer(rule: Rule, question: Question) -> RuleResult:
    context, result = question.context, rule.ask(question)
    if result.missing and result.code == SILENT:
        if rule.id in context.not_offered:
            return allow(rule.id, NOT_OFFERED)
        if rule.id in context.attested:
            return allow(rule.id, ATTESTED)
    if result.missing and rule.strict and context.phase == "dispatch":
        return dataclasses.replace(result, outcome=Outcome.DENY)
    result = dataclasses.replace(result, alone=_alone(rule, result, question))
    if releasable(result) and any(_covers(release, result, question) for release in context.releases):
        return dataclasses.replace(result, outcome=Outcome.NOTE, released=True)
    return result


def _alone(rule: Rule, result: RuleResult, question: Question) -> bool:
    """Whether the solo shift lets one person release this hold: nowhere near abuse, threats, crises or the ladder."""
    lanes, draft = question.snapshot.lanes, question.draft
    if not question.context.solo or lanes is None or SHIELDED_LANES & set(lanes) or draft.ladder_step or draft.apology:
        return False
    return result.outcome is Outcome.HOLD_SECOND and not result.missing and result.code in rule.alone


def _covers(release: Release, result: RuleResult, question: Question) -> bool:
    """Whether ``release`` names exactly this hold, in the decision it was shown in, by someone who may."""
    same = (
        release.rule == result.rule
        and release.evidence_hash == evidence_hash(result)
        and question.context.last_decision_seq is not None
        and release.decision_seq == question.context.last_decision_seq
    )
    if not same or not release.by or not release.reason.strip():
        return False
    author, barred = question.draft.author, question.context.barred_approvers
    if release.by in barred:
        return result.outcome is Outcome.HOLD_SELF and release.by == author
    second = release.second and bool(author) and release.by != author
    if result.outcome is Outcome.HOLD_SECOND and question.context.author_in_training:
        # A trainee's word counts for nobody: two others stand behind such a reply.
        second = second and bool(counted(question).names - {release.by})
    return second or result.alone or (result.outcome is Outcome.HOLD_SELF and release.by == author)
