"""Whether the gate itself can be trusted right now: C-33."""

from bot.gate.facts import Health
from bot.gate.rule import Question, allow, deny, missing
from bot.gate.ruleset import Limits
from bot.model import RuleResult


def gate_is_healthy(question: Question) -> RuleResult:
    """C-33: ledger writable and verified, checkpoint recent, clocks agree, nobody pressed stop."""
    health, limits = question.context.health, question.ruleset.limits
    if health is None:
        return missing("C-33", "health")
    trouble = _trouble(health, limits)
    if trouble:
        return deny("C-33", trouble)
    facts = (health.ledger_writable, health.verified, health.clock_skew_ms, health.stopped)
    ages = (health.checkpoint_age_ms, health.heartbeat_age_ms)
    if None in facts or any(age is None or age < 0 for age in ages):
        return missing("C-33", "health")
    if health.heartbeat_age_ms is not None and health.heartbeat_age_ms > limits.heartbeat_seconds * 1000:
        return missing("C-33", "heartbeat")
    return allow("C-33")


def _trouble(health: Health, limits: Limits) -> str:
    """What stands against sending, "" when nothing is known to."""
    if health.stopped:
        return "stopped"
    if health.ledger_writable is False:
        return "not writable"
    if health.verified is False:
        return "not verified"
    if health.checkpoint_age_ms is not None and health.checkpoint_age_ms >= limits.checkpoint_minutes * 60_000:
        return "checkpoint"
    if health.clock_skew_ms is not None and abs(health.clock_skew_ms) >= limits.clock_skew_seconds * 1000:
        return "clock"
    return ""
