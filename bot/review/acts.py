"""What a person may do with a case. Each act runs inside the caller's transaction and leaves its trace there.

Raises throughout: ``Stale`` when something changed meanwhile, ``NotAllowed`` when the role forbids it.
"""

from dataclasses import dataclass
from typing import Literal

from bot.config.models import Signature
from bot.drafting import holds_personal_data, propose
from bot.errors import GateRefused, NotAllowed, Stale
from bot.gate.decide import evidence_hash, releasable
from bot.ledger import entries
from bot.lengths import length_on
from bot.model import (
    LANES_WORST_FIRST,
    OWN_WORDS_LANES,
    SHIELDED_LANES,
    AlarmKind,
    CaseState,
    Decision,
    EntryKind,
    Lane,
    Outcome,
    Platform,
    Role,
    RuleResult,
    Trigger,
)
from bot.protect import alarm, solo
from bot.responder import sign
from bot.review import care, facts
from bot.review.decide import ask, hash_of, log_decision, own_approval
from bot.review.house import House
from bot.review.rows import Rows
from bot.store import batches, cases, dispatches, drafts, incidents, mentions, security, status
from bot.store.db import Reader, Row, Tx
from bot.withdrawal import withdraw

_GRAVE = {Lane.THREAT: EntryKind.THREAT, Lane.CRISIS: EntryKind.CRISIS, Lane.ABUSE: EntryKind.LADDER}

WRITERS = (Role.TRAINEE, Role.AGENT, Role.SENIOR)
"""Who may take a case and write. What a trainee writes needs somebody else's approval (``review.training``)."""

CLOSING_REASONS = frozenset({"no_reply_needed", "answered_by_hand", "not_about_us", "duplicate"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an approval. ``seq`` is the ledger entry of the decision."""

    kind: Literal["queued", "waiting", "held", "denied"]
    decision: Decision
    seq: int
    dispatch_id: int | None = None


def need_role(user: Row, *roles: Role) -> None:
    """Refuse everyone who has none of ``roles``."""
    if user["role"] not in roles:
        raise NotAllowed("Your role does not allow this.")


def open_case(tx: Tx, house: House, case_id: int, user: Row, now: int) -> None:
    """Claim a case, make sure there is a draft for its newest post, and ask for a look at that post."""
    need_role(user, *WRITERS)
    case = cases.by_id(tx, case_id)
    if case is not None:
        care.need_fit(tx, house, case, user, now)
    if case is None or not cases.claim(tx, case_id, user["id"], now):
        raise Stale("Somebody else is working on this case.")
    mention = mentions.by_id(tx, case["latest_mention"])
    if mention is None:
        raise Stale("The post behind this case is gone.")
    if mentions.triggers_of(mention) == (Trigger.NONE,):
        return
    status.ask(tx, mention["id"], now)
    draft = drafts.open_of_case(tx, case_id)
    if draft is None and not dispatches.answered(tx, mention["id"]):
        private = holds_personal_data(mentions.findings_of(tx, mention["id"]))
        fake = security.acts_as_us(tx, case_id)
        calm = not fake and not incidents.storm(tx, now)
        prepared = propose(house.config, mention, case, private=private) if calm else None
        drafts.add(
            tx,
            case_id=case_id,
            mention_id=mention["id"],
            prepared=prepared,
            config_id=house.config_id,
            at=now,
            user_id=None,
        )


def need_case(case: Row, user: Row, now: int) -> None:
    """Refuse whoever works on a case that is in somebody else's hands, or on a crisis without the training."""
    care.need_training(Lane(case["lane"]), user)
    if case["claimed_by"] not in {None, user["id"]} and case["claimed_until"] > now:
        raise Stale("Somebody else is working on this case.")


def take_over(tx: Tx, house: House, case_id: int, user: Row, now: int) -> None:
    """Step into a conversation that somebody else has in hand, no reason asked. Their draft stays as they left it."""
    need_role(user, Role.AGENT, Role.SENIOR)
    case = cases.by_id(tx, case_id)
    if case is None:
        raise Stale("This case no longer exists.")
    care.need_fit(tx, house, case, user, now)
    if case["claimed_by"] not in {None, user["id"]} and case["claimed_until"] > now:
        cases.take_over(tx, case_id, user["id"], now)
    open_case(tx, house, case_id, user, now)


def let_go(tx: Tx, case_id: int, user: Row, now: int) -> None:
    """Give a case back to the queue."""
    need_role(user, *WRITERS)
    cases.let_go(tx, case_id, user["id"], now)


def save(tx: Tx, draft_id: int, *, version: int, text: str, user: Row, now: int) -> int:
    """Keep a person's words; returns the new version. Approvals and releases of the old words fall."""
    need_role(user, *WRITERS)
    rows = Rows(tx, draft_id)
    need_case(rows.case, user, now)
    if rows.draft["version"] == version and rows.draft["text"] == text:
        return version
    status.ask(tx, rows.mention["id"], now)
    if rows.case["state"] == CaseState.WAITING:
        cases.move(tx, rows.case["id"], CaseState.CLAIMED, now, user_id=user["id"], why="rewritten")
    return drafts.rewrite(tx, draft_id, version=version, text=text, user_id=user["id"], at=now)


def approve(tx: Tx, house: House, draft_id: int, *, version: int, text: str, user: Row, now: int) -> Verdict:
    """Approve exactly ``text``. It is queued, waits for a second person, or is held or denied; all are logged.

    Raises:
        GateRefused: the text is longer than its platform takes; it is never cut.
    """
    need_role(user, Role.AGENT, Role.SENIOR)
    version = save(tx, draft_id, version=version, text=text, user=user, now=now)
    rows = ready(tx, draft_id, text, user)
    given = [*facts.stored_approvals(tx, draft_id), own_approval(house, rows, user, text, now)]
    decision = ask(tx, house, rows, text=text, phase="approve", approvals=given, now=now)
    kind = leads_to(decision)
    if kind in {"queued", "waiting"}:
        record_approval(tx, house, rows, user=user, text=text, now=now)
    seq = log_decision(tx, house, rows, decision, text=text, phase="approve", now=now)
    if kind == "queued":
        care.answered(tx, rows.case, user, now)
        return Verdict(kind, decision, seq, queue(tx, house, rows, user, now))
    if not drafts.releases(tx, draft_id):
        drafts.set_decision(tx, draft_id, seq)
    if kind == "waiting":
        wait(tx, rows, user, now)
    elif decision.outcome is Outcome.WAIT:
        status.ask(tx, rows.mention["id"], now)
    return Verdict(kind, decision, seq)


def ready(tx: Tx, draft_id: int, text: str, user: Row) -> Rows:
    """The rows of a draft that this person is done with.

    Raises:
        GateRefused: the text is longer than its platform takes.
    """
    if Rows(tx, draft_id).draft["state"] not in {"open", "submitted"}:
        raise Stale("This reply is already on its way.")
    drafts.sign_off(tx, draft_id, user["id"])
    rows = Rows(tx, draft_id)
    platform = Platform(rows.mention["platform"])
    length = length_on(platform, text)
    if length > platform.longest:
        raise GateRefused(f"The reply has {length} characters; the platform takes {platform.longest}.")
    return rows


def wait(tx: Tx, rows: Rows, user: Row, now: int) -> None:
    """The reply waits for somebody else, who may take the case."""
    drafts.set_state(tx, rows.draft["id"], "submitted", now, version=rows.draft["version"])
    cases.move(tx, rows.case["id"], CaseState.WAITING, now, user_id=user["id"])
    cases.free(tx, rows.case["id"])


def leads_to(decision: Decision) -> Literal["queued", "waiting", "held", "denied"]:
    """What an approval with this decision comes to. What one person may release alone is held for them to do so."""
    outcomes = {result.outcome for result in decision.open_rules}
    if not outcomes:
        return "queued"
    if Outcome.DENY in outcomes:
        return "denied"
    alone = any(result.alone for result in decision.open_rules)
    return "waiting" if outcomes == {Outcome.HOLD_SECOND} and not alone else "held"


def record_approval(
    tx: Tx, house: House, rows: Rows, *, user: Row, text: str, now: int, batch: int | None = None
) -> str:
    """One person approved exactly ``text`` for one post, alone or in a batch; returns the hash that was approved."""
    approved = hash_of(house, rows, text)
    fields: dict[str, entries.Value] = {
        "draft": rows.draft["id"],
        "version": rows.draft["version"],
        "by": house.keys.staff(user["id"], now),
        "role": user["role"],
        "text_hash": approved,
        **({} if batch is None else {"batch": batch}),
    }
    seq = entries.append(tx, EntryKind.APPROVAL, fields, now)
    drafts.approve(
        tx,
        rows.draft["id"],
        user=user,
        text_hash=approved,
        post_hash=rows.mention["text_hash"],
        seq=seq,
        at=now,
    )
    return approved


def queue(tx: Tx, house: House, rows: Rows, user: Row, now: int) -> int:
    """Put an approved draft into the outbox, for the countdown first; returns its dispatch."""
    draft, mention = rows.draft, rows.mention
    dispatch_id = dispatches.queue(
        tx,
        {
            "draft_id": draft["id"],
            "case_id": rows.case["id"],
            "mention_id": mention["id"],
            "canonical_target": mention["canonical_key"],
            "platform": mention["platform"],
            "surface": mention["surface"],
            "account": mention["account"],
            "text": draft["text"],
            "text_hash": hash_of(house, rows, draft["text"]),
            "request_key": dispatches.new_request_key(),
            "follow_up": batches.promised_until(tx, mention["canonical_key"]) is not None,
            "due_at": now + house.brand.countdown_seconds * 1000,
            "updated_at": now,
        },
    )
    drafts.set_state(tx, draft["id"], "approved", now, version=draft["version"])
    cases.move(tx, rows.case["id"], CaseState.OUTBOX, now, user_id=user["id"])
    return dispatch_id


def reject(tx: Tx, house: House, draft_id: int, *, version: int, reason: str, user: Row, now: int) -> None:
    """A senior sends a submitted reply back to its author, with the reason as a note in the case."""
    need_role(user, Role.SENIOR)
    rows = Rows(tx, draft_id)
    if rows.draft["state"] != "submitted":
        raise Stale("This reply does not wait for approval any more.")
    drafts.void_approvals(tx, draft_id)
    drafts.set_state(tx, draft_id, "open", now, version=version)
    fields: dict[str, entries.Value] = {"draft": draft_id, "version": version, "step": "rejected"}
    entries.append(tx, EntryKind.APPROVAL, {**fields, "by": house.keys.staff(user["id"], now)}, now)
    cases.note(tx, rows.case["id"], "rejected", now, user_id=user["id"], note=reason)
    cases.move(tx, rows.case["id"], CaseState.NEW, now, user_id=user["id"])


def release(tx: Tx, house: House, draft_id: int, *, rule: str, reason: str, user: Row, now: int) -> None:
    """Let one hold pass, for the decision it was shown in and the evidence it stands on.

    Raises:
        GateRefused: nothing can be released there, or not by this person, or without a reason.
    """
    need_role(user, Role.AGENT, Role.SENIOR)
    drafts.sign_off(tx, draft_id, user["id"])
    rows = Rows(tx, draft_id)
    need_case(rows.case, user, now)
    text = rows.draft["text"]
    approvals = [*facts.stored_approvals(tx, draft_id), own_approval(house, rows, user, text, now)]
    decision = ask(tx, house, rows, text=text, phase="approve", approvals=approvals, now=now)
    held = next((result for result in decision.results if result.rule == rule), None)
    others = {approval.by for approval in approvals} - {str(user["id"])}
    second = user["id"] != rows.draft["written_by"]
    counts = second and (bool(others) or not facts.in_training(tx, rows.draft["written_by"]))
    if held is None or not releasable(held) or not reason.strip():
        raise GateRefused("There is nothing to release here, or the reason is missing.", [rule])
    alone = held.outcome is Outcome.HOLD_SECOND and not counts
    if alone and not held.alone:
        raise GateRefused("A second person must release this.", [rule])
    answered = rows.draft["decision_seq"]
    if not answered:
        answered = log_decision(tx, house, rows, decision, text=text, phase="approve", now=now)
        drafts.set_decision(tx, draft_id, answered)
    record_release(tx, house, rows, held, answered=answered, reason=reason.strip(), user=user, now=now, alone=alone)


def record_release(
    tx: Tx,
    house: House,
    rows: Rows,
    held: RuleResult,
    *,
    answered: int,
    reason: str,
    user: Row,
    now: int,
    alone: bool = False,
) -> None:
    """One person lets one hold pass, which was shown in the logged decision ``answered``.

    ``alone``: it takes a second one, and a solo shift lets this one do without.
    """
    second = user["id"] != rows.draft["written_by"]
    fields: dict[str, entries.Value] = {
        "draft": rows.draft["id"],
        "decision": answered,
        "rule": held.rule,
        "evidence": evidence_hash(held),
        "by": house.keys.staff(user["id"], now),
        "second": second,
    }
    seq = entries.append(tx, EntryKind.RELEASE, {**fields, "alone": True} if alone else fields, now)
    if alone:
        solo.note_release(tx, case_id=rows.case["id"], rule=held.rule, seq=seq, user=user, now=now)
    row: dict[str, object] = {"rule": held.rule, "evidence_hash": evidence_hash(held), "decision_seq": answered}
    people: dict[str, object] = {"user_id": user["id"], "second": second, "reason": reason}
    drafts.release(tx, rows.draft["id"], row | people | {"at": now, "seq": seq})


def close(tx: Tx, house: House, case_id: int, *, reason: str, user: Row, now: int) -> None:
    """Close a case without a reply, with a reason of ``CLOSING_REASONS``; a threat is closed by a senior only."""
    need_role(user, Role.AGENT, Role.SENIOR)
    if reason not in CLOSING_REASONS:
        raise Stale("Choose a reason from the list.")
    lane = _lane_of(tx, case_id)
    if lane is Lane.THREAT:
        need_role(user, Role.SENIOR)
    care.need_training(lane, user)
    alarm.decided_by_hand(tx, case_id, senior=user["role"] == Role.SENIOR, now=now)
    _log_grave(tx, house, case_id, lane, step=f"closed: {reason}", user=user, now=now)
    withdraw(tx, case_id, now, cause="closed")
    cases.move(tx, case_id, CaseState.CLOSED, now, user_id=user["id"], why=reason)
    care.closed(tx, case_id, lane, user, now)


def change_lane(tx: Tx, house: House, case_id: int, *, lane: Lane, user: Row, now: int) -> None:
    """A person corrects where a case belongs; unsent approvals fall.

    Out of a shielded lane only a senior or a person trained for crises moves a case, and the ledger says so:
    with the lane go the second person and the shield.
    """
    need_role(user, Role.AGENT, Role.SENIOR)
    was = _lane_of(tx, case_id)
    if was in SHIELDED_LANES and LANES_WORST_FIRST.index(lane) > LANES_WORST_FIRST.index(was):
        if not may_unshield(user):
            raise NotAllowed("Only a senior or a person trained for crises moves a case out of this lane.")
        alarm.decided_by_hand(tx, case_id, senior=user["role"] == Role.SENIOR, now=now)
        alarm.settle(tx, case_id, AlarmKind.CRISIS, now)
        _log_grave(tx, house, case_id, was, step=f"moved to {lane}", user=user, now=now)
    _put_into(tx, case_id, lane, user, now)


def _put_into(tx: Tx, case_id: int, lane: Lane, user: Row, now: int) -> None:
    withdraw(tx, case_id, now, cause="lane_changed")
    if lane in OWN_WORDS_LANES:
        drafts.set_aside(tx, case_id, now)
    cases.change_lane(tx, case_id, lane, now, user["id"])
    if lane in OWN_WORDS_LANES:
        alarm.raise_alarm(tx, case_id=case_id, kind=AlarmKind(lane.value), acute=True, why="flagged", now=now)
    care.free_untrained(tx, case_id, lane)


def escalate(tx: Tx, house: House, case_id: int, *, lane: Lane, user: Row, now: int) -> None:
    """A person's flag: the case goes to the threat or crisis lane at once, and the ledger says so."""
    need_role(user, *WRITERS)
    if lane not in OWN_WORDS_LANES:
        raise Stale("A case is escalated as a threat or as a crisis.")
    _put_into(tx, case_id, lane, user, now)
    cases.raise_priority(tx, case_id)
    cases.move(tx, case_id, CaseState.ESCALATED, now, user_id=user["id"])
    kind = EntryKind.THREAT if lane is Lane.THREAT else EntryKind.CRISIS
    entries.append(tx, kind, {"case": case_id, "step": "flagged", "by": house.keys.staff(user["id"], now)}, now)


def may_unshield(user: Row) -> bool:
    """Whether a person may take a case out of a shielded lane."""
    return user["role"] == Role.SENIOR or bool(user["trained"])


def _lane_of(tx: Tx, case_id: int) -> Lane:
    case = cases.by_id(tx, case_id)
    if case is None:
        raise Stale("This case no longer exists.")
    return Lane(case["lane"])


def _log_grave(tx: Tx, house: House, case_id: int, lane: Lane, *, step: str, user: Row, now: int) -> None:
    """What people do with a case of a shielded lane stands in the ledger; elsewhere the case tells its own history."""
    kind = _GRAVE.get(lane)
    if kind is not None:
        entries.append(tx, kind, {"case": case_id, "step": step, "by": house.keys.staff(user["id"], now)}, now)


def signed(reader: Reader, house: House, draft: Row, user: Row) -> str:
    """The draft's text as this person would send it: with their initials as the brand wants it, or as the team.

    A person in need gets no sign-off (E-11).
    """
    brand, case = house.brand, cases.by_id(reader, draft["case_id"])
    if case is not None and case["lane"] == Lane.CRISIS:
        return str(draft["text"])
    if user["team_signature"] and brand.signature.style == "caret":
        team = Signature(style="team", team=brand.signature.team or f"Team {brand.name}")
        brand = brand.model_copy(update={"signature": team})
    return sign(draft["text"], brand, user["initials"])
