"""What the gate is asked about: the target post, the draft, and everything around them, as frozen facts.

``bot/review.py`` alone builds these from rows. Nothing here reads, fetches or tells the time. A fact that
is left out is ``None``, and the gate takes ``None`` as *missing*, never as "yes". Times and ages are
integers in milliseconds.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from bot.gate.folding import placed_people
from bot.model import DispatchState, Lane, Origin, Platform, PostStatus, Role, Trigger, Visibility
from bot.model.ladder import Bar

Phase = Literal["preview", "approve", "dispatch"]
"""``preview`` only shows the panel; ``approve`` and ``dispatch`` are decisions and are logged."""

OptOut = Literal["yes", "ask", "no"]
"""Whether words ask us to stop writing; ``ask``: only a person can tell."""

Standing = Literal["permitted", "barred", "stopped"]
"""Whether we may write in a community (C-30): its own yes, its own no, or stopped by us after what happened there."""

AUTHOR_SLOT, NAME_SLOT, OTHER_SLOT = "{author}", "{name}", "{other}"
"""What stands in the ledger's text for the author's @handle, for their handle without "@", and for anybody else's."""

_SHORTEST_NAME = 3
"""A handle of fewer letters is no word by which anybody could be found."""


def slotted(text: str, author_handle: str, own: frozenset[str] = frozenset()) -> str:
    """Our text in the form that the ledger may hold for ever (A-03): nobody is named in it but our ``own`` accounts.

    A text that names a stranger is denied (C-16), so no two texts that may leave differ in such a name alone.
    ``own`` are handles in lower case without "@".
    """
    if author_handle:
        name = re.escape(author_handle)
        text = re.sub(rf"@{name}(?!\w|[-.@]\w)", lambda _: AUTHOR_SLOT, text, flags=re.IGNORECASE)
        if len(author_handle) >= _SHORTEST_NAME:
            text = re.sub(rf"(?<![\w@/.-]){name}(?!\w|[-.@]\w)", lambda _: NAME_SLOT, text, flags=re.IGNORECASE)
    author = author_handle.casefold()
    while places := [(handle, place) for handle, place in placed_people(text) if handle not in own]:
        for handle, (start, end) in reversed(places):
            text = text[:start] + (AUTHOR_SLOT if handle == author else OTHER_SLOT) + text[end:]
    return text


def text_hash(text: str, author_handle: str, own: frozenset[str] = frozenset()) -> str:
    """SHA-256 (hex) of our outgoing text in its slotted form: what an approval names.

    Of our replies only. It is *not* the hash of a post, which ``PostStatus.text_hash`` and
    ``Snapshot.stored_hash`` hold: never compare the two.
    """
    return hashlib.sha256(slotted(text, author_handle, own).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The target post as stored, and what was found out about it last.

    ``stored_hash`` is the hash of the stored text in the form that ``PostStatus.text_hash`` uses;
    ``approved_hash`` the same when the person approved, ``None`` as long as nobody did. ``own_accounts``
    are our accounts on this platform: handles in lower case without "@", and ids. ``status_age_ms`` is the
    age of ``status`` now. ``lanes`` are all lanes of the case. ``unlisted_allowed``: this source also
    answers posts that everyone can read but that are not listed. ``sarcastic`` is what a detector thinks, ``None``
    before the post was assessed; ``earlier_texts`` are the other posts of the thread that we keep, oldest first.
    """

    platform: Platform | None = None
    surface: str | None = None
    account: str | None = None
    native_id: str | None = None
    canonical_key: str | None = None
    triggers: tuple[Trigger, ...] | None = None
    text: str | None = None
    quoted_texts: tuple[str, ...] = ()
    stored_hash: str | None = None
    approved_hash: str | None = None
    created_at: int | None = None
    author_id: str | None = None
    author_handle: str | None = None
    lanes: tuple[Lane, ...] | None = None
    language: str | None = None
    status: PostStatus | None = None
    status_age_ms: int | None = None
    surface_allowed: bool | None = None
    unlisted_allowed: bool = False
    own_accounts: frozenset[str] | None = None
    sarcastic: bool | None = None
    earlier_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """The act in question: which text would be sent how, and to what.

    ``target_key`` is the canonical key of the post that the draft is bound to; ``visibility`` the one the
    reply would carry. ``template_text`` is the wording of the *released* template that the draft came
    from, gaps and all; ``None`` when there is none or it is not released. ``gaps`` names gaps still open.
    ``author`` is the pseudonym of the person whose draft this is. ``ladder_step``: this text is a warning;
    ``apology``: it asks pardon for one that was withdrawn.
    ``address`` is the form that the post asks for, "du" or "sie", "" when either fits.
    """

    text: str | None = None
    target_key: str | None = None
    act: str | None = None
    visibility: Visibility | None = None
    language: str | None = None
    origin: Origin | None = None
    template: str = ""
    template_text: str | None = None
    crisis_template: bool = False
    gaps: tuple[str, ...] = ()
    author: str | None = None
    ladder_step: bool = False
    apology: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """One person approved the text with this ``text_hash`` at ``at``. ``trained``: for crises.

    ``languages`` are those the person answers in; empty means all of the brand's.
    """

    by: str
    role: Role
    text_hash: str
    at: int
    trained: bool = False
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Release:
    """A person lets one hold pass: of this rule, with this evidence, in this decision.

    ``reason`` is a reason code, never empty. ``second``: given as the second named person.
    """

    rule: str
    evidence_hash: str
    decision_seq: int
    by: str
    reason: str
    second: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """How the gate itself is doing (C-33), from the row that the worker writes."""

    ledger_writable: bool | None = None
    verified: bool | None = None
    checkpoint_age_ms: int | None = None
    clock_skew_ms: int | None = None
    stopped: bool | None = None
    heartbeat_age_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply of ours that left, or is about to, within the last 24 hours (C-15). ``template`` is "" for own words."""

    text: str
    account: str
    at: int
    template: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """Our own account as the daily look found it (C-27, D-01, D-02); ``None`` is what the platform does not show.

    ``label_required``: the platform's own rules ask for the bot label. ``trouble`` says what is wrong, "" if nothing.
    """

    age_ms: int
    labelled: bool | None = None
    bio: bool | None = None
    trouble: str = ""
    label_required: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """The privacy notice as last fetched (C-28). ``current``: it is the version that the configuration names."""

    age_ms: int
    http_status: int | None = None
    current: bool | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of the platform's allowance, per mille, and how long it asked us to wait (C-29)."""

    left: int | None = None
    wait_ms: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """Everything around the post and the draft.

    ``last_decision_seq`` is the logged decision that the releases answer; a dispatch passes the one that
    its approval passed. ``answer_once_for`` is the canonical key of a later post for which a person chose
    to answer a suppressed author once. ``earlier_dispatches`` are the states of all *other* dispatches to
    this canonical target, from any of our accounts; ``followup_until`` ends the period that an earlier
    reply announced, ``None`` when it announced none. ``unanswered_replies`` and ``replies_7d`` leave out
    replies to a new post of the author that addressed us. ``warning_bars`` are what stands against the
    warning in this draft (E-10), ``None`` if nobody asked. ``barred_approvers`` may not approve this text (an apology:
    the warning's issuer). ``brand_words`` are brand and product names; ``allowed_hosts`` exact host names in lower
    case; ``contacts`` and ``hotlines`` exact strings, ``blocked_hotlines`` those of cards that
    nobody confirmed lately; ``sign_offs`` how the team signs as a whole. ``false_helper``: the post is of an
    account that acts in our name (E-13). ``not_offered`` names rules whose
    question the platform cannot answer, ``attested`` those a named person answered for it. ``recent_replies`` leave
    out this draft's own; ``burst_released``: a person let this burst of one template pass a moment ago.
    ``solo``: a senior opened a solo shift that has not ended. ``author_in_training``: a trainee wrote the draft.
    ``permissions`` names what outside permission is on file. ``reply_languages`` are those in which this post may be
    answered; ``customer_numbers`` how our own numbers look ("#" a digit, "@" a letter). ``identifiers`` are kinds of
    what leads to the author from elsewhere (customer number, email, phone) and stands in the case's notes; ``opt_in``
    is the ledger entry of the author's express agreement to that, ``None`` if none counts.
    """

    phase: Phase
    now: int
    approvals: tuple[Approval, ...] = ()
    releases: tuple[Release, ...] = ()
    last_decision_seq: int | None = None
    suppressed: bool | None = None
    answer_once_for: str | None = None
    stop_phrase_in_thread: OptOut | None = None
    earlier_dispatches: tuple[DispatchState, ...] | None = None
    followup_until: int | None = None
    unanswered_replies: int | None = None
    replies_7d: int | None = None
    ladder_terminal: bool | None = None
    warning_bars: tuple[Bar, ...] | None = None
    open_threat_case: bool | None = None
    crisis_mode: bool | None = None
    health: Health | None = None
    four_eyes: Literal["sensitive", "always"] | None = None
    batch: bool = False
    barred_approvers: frozenset[str] = frozenset()
    allowed_hosts: frozenset[str] | None = None
    contacts: tuple[str, ...] = ()
    hotlines: tuple[str, ...] = ()
    blocked_hotlines: tuple[str, ...] = ()
    sign_offs: tuple[str, ...] = ()
    false_helper: bool = False
    brand_words: frozenset[str] = frozenset()
    not_offered: frozenset[str] = frozenset()
    attested: frozenset[str] = frozenset()
    recent_replies: tuple[Sent, ...] | None = None
    burst_released: bool = False
    solo: bool = False
    author_in_training: bool = False
    permissions: frozenset[str] = frozenset()
    presence: Presence | None = None
    notice: Notice | None = None
    budget: Budget | None = None
    community: Standing | None = None
    reply_languages: tuple[str, ...] | None = None
    customer_numbers: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    opt_in: int | None = None
