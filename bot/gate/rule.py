"""The shape of a rule: what it is asked, what it may answer, and what the table says about it."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.gate.facts import Context, DraftFacts, Snapshot, text_hash
from bot.gate.ruleset import Ruleset
from bot.model import Outcome, PostStatus, RuleResult

OK = "ok"
MISSING = "missing"
"""A fact that we owe to the gate is not there."""
SILENT = "silent"
"""The platform did not say; passes where the platform cannot answer at all, or a person attested it."""
NOT_OFFERED = "not offered"
ATTESTED = "attested"

Evidence = int | str | bool | None


@dataclass(frozen=True, slots=True)
class Question:
    """Everything a rule may look at."""

    snapshot: Snapshot
    draft: DraftFacts
    context: Context
    ruleset: Ruleset

    @property
    def fresh_status(self) -> PostStatus | None:
        """What the platform said about the post, unless that is too old for this phase."""
        age = self.snapshot.status_age_ms
        limits = self.ruleset.limits
        limit = limits.dispatch_status_seconds if self.context.phase == "dispatch" else limits.status_minutes * 60
        if age is None or not 0 <= age <= limit * 1000:
            return None
        return self.snapshot.status

    @property
    def draft_hash(self) -> str | None:
        """Hash of the draft's text in its slotted form; ``None`` when text or addressee are missing."""
        if self.draft.text is None or self.snapshot.author_handle is None:
            return None
        return text_hash(self.draft.text, self.snapshot.author_handle, self.snapshot.own_accounts or frozenset())


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the rule table.

    ``strict``: missing input waits while people look and denies at dispatch (consent-rules section 0);
    otherwise it waits. ``releasable`` names the codes whose hold a person may release; all others only
    clear when their cause is gone. ``alone`` names those codes among the holds for a second person that one person
    may release in a solo shift: what the brand asks of itself, never what protects people.
    """

    id: str
    german: str
    english: str
    ask: Callable[[Question], RuleResult]
    strict: bool = False
    releasable: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()


def allow(rule: str, code: str = OK, **evidence: Evidence) -> RuleResult:
    """The rule is content."""
    return RuleResult(rule, Outcome.ALLOW, code, evidence)


def note(rule: str, code: str, **evidence: Evidence) -> RuleResult:
    """The rule is content, and a person should see why."""
    return RuleResult(rule, Outcome.NOTE, code, evidence)


def wait(rule: str, code: str, **evidence: Evidence) -> RuleResult:
    """It clears by itself; nobody can release it."""
    return RuleResult(rule, Outcome.WAIT, code, evidence)


def hold_self(rule: str, code: str, **evidence: Evidence) -> RuleResult:
    """One person must look."""
    return RuleResult(rule, Outcome.HOLD_SELF, code, evidence)


def hold_second(rule: str, code: str, **evidence: Evidence) -> RuleResult:
    """A second named person must look."""
    return RuleResult(rule, Outcome.HOLD_SECOND, code, evidence)


def deny(rule: str, code: str, **evidence: Evidence) -> RuleResult:
    """No; nobody can release it."""
    return RuleResult(rule, Outcome.DENY, code, evidence)


def missing(rule: str, fact: str) -> RuleResult:
    """We do not know ``fact``. Waits; the table decides what that means at dispatch."""
    return RuleResult(rule, Outcome.WAIT, MISSING, {"fact": fact}, missing=True)


def silent(rule: str) -> RuleResult:
    """The platform did not answer this rule's question."""
    return RuleResult(rule, Outcome.WAIT, SILENT, {}, missing=True)
