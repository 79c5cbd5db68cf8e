"""What the gate says, what it allows, what became of it, and what the ledger calls that. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.posts import Target


class Outcome(StrEnum):
    """What the gate says, mildest first."""

    ALLOW = "ALLOW"
    NOTE = "NOTE"
    WAIT = "WAIT"
    HOLD_SELF = "HOLD-self"
    HOLD_SECOND = "HOLD-second"
    DENY = "DENY"

    @property
    def severity(self) -> int:
        """Position in the order ALLOW < NOTE < WAIT < HOLD-self < HOLD-second < DENY."""
        return tuple(Outcome).index(self)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's answer. ``code`` is a stable reason, ``evidence`` holds counts, flags and hashes only.

    ``alone``: it asks for a second person, and the solo shift lets one person release it with a reason.
    """

    rule: str
    outcome: Outcome
    code: str
    evidence: Mapping[str, int | str | bool | None] = field(default_factory=dict)
    missing: bool = False
    released: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate said about one draft, with every rule's answer.

    ``phase``, ``target_key``, ``text_hash`` and ``decided_at`` tie it to one act: a consent is minted
    for exactly this text to exactly this post, and only from a decision of phase "dispatch".
    """

    outcome: Outcome
    results: tuple[RuleResult, ...]
    ruleset: str
    phase: str = "preview"
    target_key: str = ""
    text_hash: str = ""
    decided_at: int = 0

    @property
    def open_rules(self) -> tuple[RuleResult, ...]:
        """The rules that stand against sending, worst first."""
        against = [result for result in self.results if result.outcome.severity > Outcome.NOTE.severity]
        return tuple(sorted(against, key=lambda result: -result.outcome.severity))


@dataclass(frozen=True, slots=True)
class Consent:
    """Leave to publish exactly ``text`` as a public reply to ``target``, once, until ``valid_until``.

    Only the gate makes one, from an ALLOW decided for this dispatch. It is never stored.
    """

    target: Target
    text: str
    request_key: str
    decision_seq: int
    valid_until: int


class DispatchState(StrEnum):
    """Where an outgoing reply stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RETRACTING = "retracting"
    RETRACTED = "retracted"


class EntryKind(StrEnum):
    """The types of ledger entry (rule A-07 as changed in section 0)."""

    DECISION = "DECISION"
    APPROVAL = "APPROVAL"
    RELEASE = "RELEASE"
    SEND_RESULT = "SEND_RESULT"
    OPT_OUT = "OPT_OUT"
    DELETION = "DELETION"
    LADDER = "LADDER"
    THREAT = "THREAT"
    CRISIS = "CRISIS"
    EVIDENCE = "EVIDENCE"
    REPORT = "REPORT"
    CONFIG = "CONFIG"
    ACCESS = "ACCESS"
    EXPORT = "EXPORT"
    CHECKPOINT = "CHECKPOINT"
    KILL = "KILL"
    KEY = "KEY"
    RETRACT = "RETRACT"
    RESTORE = "RESTORE"
    ATTEST = "ATTEST"
    INCIDENT = "INCIDENT"
