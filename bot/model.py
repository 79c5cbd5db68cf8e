"""The nouns of the house, and which moves a case may make. Standard library only, no behaviour.

Times are integers: UTC milliseconds since 1970. Scores are integers per mille. Platform ids are
text, because some are larger than 2^53. Spans are half-open ``(start, end)`` offsets in code points
of the text as it was stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Span = tuple[int, int]


class Platform(StrEnum):
    """Where a post lives. The value is the name used in config, rows and ledger."""

    REPLAY = "replay"
    MASTODON = "mastodon"


class Visibility(StrEnum):
    """Who can read a post, as the platform says it. Anything unknown counts as not public."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    DIRECT = "direct"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """How a post stands to other posts."""

    POST = "post"
    REPLY = "reply"
    QUOTE = "quote"
    REPOST = "repost"


class Trigger(StrEnum):
    """How the author engaged with us (rule C-04). ``NONE``: only a watch heard the post."""

    MENTION = "mention"
    REPLY = "reply"
    QUOTE = "quote"
    OWN_PAGE = "own_page"
    NONE = "none"


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
    """What a signed-in person may do. A guest may only look at their own account page."""

    GUEST = "guest"
    AGENT = "agent"
    SENIOR = "senior"


class Origin(StrEnum):
    """Who wrote the first words of a draft (rule D-01)."""

    HUMAN = "human"
    TEMPLATE = "template"
    MODEL = "model"


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


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a post: only what rule P-04 allows to keep. ``None`` means the platform did not say."""

    native_id: str
    handle: str
    is_bot: bool | None = None
    opted_out: bool | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One attachment: its kind ("image", "video", "audio", "gifv", "unknown") and alternative text."""

    kind: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """The post that a post quotes. Its words are never the author's."""

    native_id: str
    author_id: str
    visibility: Visibility = Visibility.UNKNOWN
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A post as fetched from a platform.

    ``canonical_key`` identifies it across servers and restarts; ``native_id`` is the id to reply to on
    ``surface`` (the server or site) as ``account`` (our own account that heard it). ``own_mentions``
    are the accounts named in the post's *own* text, as ids or lower-case handles without "@";
    inherited thread mentions do not belong there. ``root_key`` and ``parent_key`` are native ids.
    """

    platform: Platform
    surface: str
    account: str
    native_id: str
    canonical_key: str
    text: str
    author: Author
    created_at: int
    visibility: Visibility
    kind: Kind = Kind.POST
    url: str = ""
    declared_language: str = ""
    own_mentions: tuple[str, ...] = ()
    parent_key: str = ""
    parent_author_id: str = ""
    root_key: str = ""
    owned_surface: bool = False
    edited_at: int | None = None
    quoted: Quoted | None = None
    media: tuple[Media, ...] = ()
    poll: tuple[str, ...] = ()

    @property
    def thread_key(self) -> str:
        """The root's id where it is known, else the parent's, else the post's own."""
        return self.root_key or self.parent_key or self.native_id


@dataclass(frozen=True, slots=True)
class Page:
    """What one fetch brought. ``cursor`` is to be stored together with ``mentions``; ``more`` asks for another fetch.

    ``dropped`` counts what the connector itself let fall, by reason ("not public", "broken line", ...).
    """

    mentions: tuple[Mention, ...]
    cursor: str
    more: bool = False
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A watch that heard a post: which rule hit and where. ``rule`` is "file:line" of the term."""

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
class PostStatus:
    """What a publisher's ``inspect`` found out about a target post just now (section 5 of the platform notes).

    ``None`` means that the platform did not answer this question; the gate never reads it as "yes".
    """

    checked_at: int
    exists: bool | None
    visibility: Visibility = Visibility.UNKNOWN
    http_status: int | None = None
    text_hash: str = ""
    edited_at: int | None = None
    author_is_bot: bool | None = None
    author_opted_out: bool | None = None
    author_active: bool | None = None
    author_blocks_us: bool | None = None
    replies_open: bool | None = None
    summoned: bool | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The public post that a reply answers, as its platform needs it."""

    platform: Platform
    surface: str
    account: str
    native_id: str
    canonical_key: str
    author_handle: str
    visibility: Visibility
    url: str = ""


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


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a post of ours exists: the platform's id and address, and the text as read back."""

    platform: Platform
    surface: str
    account: str
    native_id: str
    url: str
    at: int
    text_read_back: str = ""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's answer. ``code`` is a stable reason, ``evidence`` holds counts, flags and hashes only."""

    rule: str
    outcome: Outcome
    code: str
    evidence: Mapping[str, int | str | bool | None] = field(default_factory=dict)
    missing: bool = False
    released: bool = False


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
class Notice:
    """A message to the team, never to a customer. ``subject`` and ``body`` hold no customer's words."""

    subject: str
    body: str
    urgent: bool = False
