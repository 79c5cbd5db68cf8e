"""Cases and what stands in them: lanes, moves, matches, findings, drafts, people. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bot.model.posts import Span


class Lane(StrEnum):
    """A queue of the desk."""

    THREAT = "threat"
    CRISIS = "crisis"
    ABUSE = "abuse"
    SCAM = "scam"
    HELP = "help"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    LISTEN = "listen"
    NOISE = "noise"


LANES_WORST_FIRST: tuple[Lane, ...] = tuple(Lane)
"""Which lane governs a case when several fit: the first (consent-rules section 5)."""


SHIELDED_LANES = frozenset({Lane.THREAT, Lane.CRISIS, Lane.ABUSE})
"""Lanes whose texts stand behind a summary until someone asks to read them."""


class AlarmKind(StrEnum):
    """What people are paged for (E-01, E-11, E-13)."""

    THREAT = "threat"
    CRISIS = "crisis"
    SECURITY = "security"


OWN_WORDS_LANES = frozenset({Lane.THREAT, Lane.CRISIS})
"""Lanes that people answer in their own words: the responder prepares nothing."""


class Priority(StrEnum):
    """How urgent a case is. Three steps, never a number."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class CaseState(StrEnum):
    """Where a case stands on its way through the desk."""

    NEW = "new"
    CLAIMED = "claimed"
    WAITING = "waiting"
    OUTBOX = "outbox"
    SENT = "sent"
    FAILED = "failed"
    ESCALATED = "escalated"
    CLOSED = "closed"


MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.NEW: frozenset({CaseState.CLAIMED, CaseState.ESCALATED, CaseState.CLOSED}),
    CaseState.CLAIMED: frozenset(
        {CaseState.NEW, CaseState.WAITING, CaseState.OUTBOX, CaseState.ESCALATED, CaseState.CLOSED}
    ),
    CaseState.WAITING: frozenset(
        {CaseState.NEW, CaseState.CLAIMED, CaseState.OUTBOX, CaseState.ESCALATED, CaseState.CLOSED}
    ),
    CaseState.OUTBOX: frozenset(
        {CaseState.NEW, CaseState.CLAIMED, CaseState.SENT, CaseState.FAILED, CaseState.ESCALATED}
    ),
    CaseState.SENT: frozenset({CaseState.NEW, CaseState.CLAIMED, CaseState.CLOSED, CaseState.ESCALATED}),
    CaseState.FAILED: frozenset(
        {CaseState.NEW, CaseState.CLAIMED, CaseState.OUTBOX, CaseState.SENT, CaseState.ESCALATED, CaseState.CLOSED}
    ),
    CaseState.ESCALATED: frozenset({CaseState.CLAIMED, CaseState.WAITING, CaseState.OUTBOX, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset({CaseState.NEW, CaseState.CLAIMED, CaseState.ESCALATED}),
}
"""The moves a case may make. A new post of the author takes any unsent case back to ``NEW``."""


class Role(StrEnum):
    """What a signed-in person may do. A guest may only look at their own account page.

    A trainee drafts; what they write leaves only when somebody else approves it.
    """

    GUEST = "guest"
    TRAINEE = "trainee"
    AGENT = "agent"
    SENIOR = "senior"


class Origin(StrEnum):
    """Who wrote the first words of a draft (rule D-01)."""

    HUMAN = "human"
    TEMPLATE = "template"
    MODEL = "model"


class Match(NamedTuple):
    """A watch that heard a post: which rule hit and where. ``rule`` is "file:line" of the term.

    A named tuple, because a busy text makes many of them: building a dataclass would cost more than finding them.
    """

    watch: str
    version: str
    rule: str
    term: str
    span: Span


@dataclass(frozen=True, slots=True)
class Finding:
    """What one detector says about one text. ``failed`` marks a detector that could not answer."""

    detector: str
    version: str
    label: str
    score: int
    spans: tuple[Span, ...] = ()
    reason: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Triage:
    """Where a case belongs and why, in words for both languages of the desk (key -> German, English)."""

    lane: Lane
    priority: Priority
    topic: str
    reason: str
    language: str
    not_assessed: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in a draft that a person must fill. ``name`` is what stands between the brackets."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the responder proposes. ``reason`` says in words why this template was chosen."""

    text: str
    template: str
    template_version: str
    language: str
    address: str
    gaps: tuple[Gap, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the team, never to a customer. ``subject`` and ``body`` hold no customer's words."""

    subject: str
    body: str
    urgent: bool = False
