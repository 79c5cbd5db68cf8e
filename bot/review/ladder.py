"""What people do on the warning ladder: propose a warning, drop or withdraw it, reset, appeal, review.

Each act runs inside the caller's transaction and leaves a LADDER entry there. The machine itself is ``protect.ladder``.

Raises throughout: ``Stale`` when something stands against it, ``NotAllowed`` when the person may not.
"""

from bot.drafting import standard_text
from bot.errors import Stale
from bot.ledger import entries
from bot.model import DispatchState, EntryKind, Role
from bot.model.ladder import Ladder, Outcome, Step
from bot.protect import ladder as machine
from bot.review import outgoing
from bot.review.acts import need_case, need_role, signed
from bot.review.house import House
from bot.review.incident import incident, newest_attack
from bot.review.rows import Rows
from bot.review.rungs import begin_review, case_of, log, put
from bot.store import cases, dispatches, drafts, mentions, status
from bot.store import ladder as rows
from bot.store.db import Row, Tx
from bot.withdrawal import withdraw as call_back

LONGEST_RECEIPT = 120


def warn(tx: Tx, house: House, case_id: int, *, user: Row, now: int) -> int:
    """Propose the next warning for the newest attack in a case; returns its draft, which two people approve."""
    need_role(user, Role.AGENT, Role.SENIOR)
    case = case_of(tx, case_id)
    need_case(case, user, now)
    mention = newest_attack(tx, house, case)
    if mention is None:
        raise Stale("The post behind this case is gone.")
    known = _of(tx, house, case)
    if _dead(tx, known):
        known = machine.drop(known)
    proposed, step = machine.propose(known, incident(tx, house, mention, case, now), by=user["id"], now=now)
    if dispatches.answered(tx, mention["id"]):
        raise Stale("This post already has a reply, or one that may have been sent.")
    if not cases.claim(tx, case_id, user["id"], now):
        raise Stale("Somebody else is working on this case.")
    draft_id = _draft(tx, house, case, mention, step, user=user, now=now)
    put(tx, house, case, machine.linked(proposed, case_id=case_id, draft_id=draft_id), now)
    log(tx, house, case, "proposed", user=user, now=now, warning=step.value)
    return draft_id


def drop(tx: Tx, house: House, case_id: int, *, user: Row, now: int) -> None:
    """Take a proposed warning back before it leaves; what was queued of the case is called back."""
    need_role(user, Role.AGENT, Role.SENIOR)
    case = case_of(tx, case_id)
    need_case(case, user, now)
    known = _of(tx, house, case)
    waiting = machine.pending(known)
    if waiting is None:
        raise Stale("There is no warning to take back.")
    _discard(tx, waiting.draft_id, now)
    put(tx, house, case, machine.drop(known), now)
    log(tx, house, case, "dropped", user=user, now=now)


def withdraw(tx: Tx, house: House, case_id: int, *, reason: str, user: Row, now: int) -> int:
    """Undo the last warning: it is taken back in public, and an apology to the same post is drafted; returns the draft.

    The apology is one, from a released text, and not the issuer's to approve.
    """
    need_role(user, Role.AGENT, Role.SENIOR)
    case = case_of(tx, case_id)
    need_case(case, user, now)
    known = _of(tx, house, case)
    rung = machine.false_step(known)
    after = machine.withdraw(known, by=user["id"], at=now)
    if rung is None or rung.draft_id is None or rung.case_id != case_id:
        raise Stale("The warning belongs to another case, or its words are erased. Open that case.")
    if not reason.strip():
        raise Stale("Say why the warning was wrong.")
    for sent in dispatches.of_case(tx, case_id):
        if sent["draft_id"] == rung.draft_id and sent["state"] == DispatchState.SENT and sent["remote_id"]:
            outgoing.retract(tx, house, sent["id"], reason=reason, user=user, now=now)
    mention = None if rung.mention_id is None else mentions.by_id(tx, rung.mention_id)
    if mention is None:
        raise Stale("The post that was warned is gone.")
    if not cases.claim(tx, case_id, user["id"], now):
        raise Stale("Somebody else is working on this case.")
    draft_id = _draft(tx, house, case, mention, Step.APOLOGY, user=user, now=now)
    put(tx, house, case, machine.apologised(after, rung.draft_id, draft_id), now)
    log(tx, house, case, "withdrawn", user=user, now=now)
    return draft_id


def reset(tx: Tx, house: House, case_id: int, *, user: Row, now: int) -> None:
    """A senior who issued none of the warnings puts an author back on the ground."""
    need_role(user, Role.SENIOR)
    case = case_of(tx, case_id)
    known = _of(tx, house, case)
    waiting = machine.pending(known)
    after = machine.reset(known, by=user["id"], at=now)
    if waiting is not None:
        _discard(tx, waiting.draft_id, now)
    put(tx, house, case, after, now)
    log(tx, house, case, "reset", user=user, now=now)


def appeal(tx: Tx, house: House, case_id: int, *, user: Row, now: int) -> int:
    """The author objects to being warned: a senior who issued none of it looks, within two working days."""
    need_role(user, Role.AGENT, Role.SENIOR)
    case = case_of(tx, case_id)
    row = rows.row_of(tx, house.keys.author(case["platform"], case["author_id"]))
    if row is None or machine.step_of(_of(tx, house, case), now) is Step.NONE:
        raise Stale("Nobody has been warned here.")
    if rows.open_review(tx, row["id"]) is not None:
        raise Stale("A review is open already.")
    log(tx, house, case, "appeal", user=user, now=now)
    return begin_review(tx, house, row["id"], cause="appeal", by=user["id"], now=now)


def vote(tx: Tx, house: House, review_id: int, *, outcome: Outcome, user: Row, now: int) -> Outcome | None:
    """A senior who issued none of the warnings says what a review comes to; returns the outcome once it is settled."""
    need_role(user, Role.SENIOR)
    review = rows.review(tx, review_id)
    found = None if review is None else rows.by_id(tx, review["ladder_id"])
    if review is None or found is None or review["decided_at"] is not None:
        raise Stale("This review is over.")
    row, known = found
    machine.need_uninvolved(known, user["id"])
    if not rows.vote(tx, review_id, user_id=user["id"], outcome=outcome, at=now):
        raise Stale("You have voted already. Somebody else decides with you.")
    given = [Outcome(each["outcome"]) for each in rows.votes(tx, review_id)]
    _log_review(tx, house, row["id"], f"voted {outcome}", user=user, now=now)
    settled = machine.decided(given, closed=machine.step_of(known, now) is Step.CLOSED)
    if settled is None:
        return None
    rows.decide(tx, review_id, settled, now)
    if settled is Outcome.REOPEN:
        waiting = machine.pending(known)
        if waiting is not None:
            _discard(tx, waiting.draft_id, now)
        after = machine.reopen(known, now)
        rows.put(tx, row["author_key"], row["platform"], after, forget_at=machine.forget_at(after, now))
    _log_review(tx, house, row["id"], f"reviewed {settled}", user=user, now=now)
    return settled


def followed(tx: Tx, house: House, review_id: int, *, receipt: str, user: Row, now: int) -> None:
    """What a review came to was done: a report was made, or counsel has the case. ``receipt`` says what they call it.

    Raises:
        Stale: nothing is asked for, it was done before, or nobody says where it can be found.
    """
    need_role(user, Role.SENIOR)
    shown = " ".join(receipt.split())[:LONGEST_RECEIPT]
    if not shown:
        raise Stale("Write down the receipt or file number, so that somebody can find it later.")
    review = rows.review(tx, review_id)
    if review is None or not rows.followed(tx, review_id, receipt=shown, at=now):
        raise Stale("Nothing is left to do here.")
    _log_review(tx, house, review["ladder_id"], f"followed {review['outcome']}", user=user, now=now)


# parts --------------------------------------------------------------------------------------------


def _of(tx: Tx, house: House, case: Row) -> Ladder:
    return rows.of_author(tx, house.keys.author(case["platform"], case["author_id"]))


def _dead(tx: Tx, known: Ladder) -> bool:
    """Whether the proposal's draft was set aside meanwhile: another post came, or the case was closed and erased."""
    waiting = machine.pending(known)
    draft = None if waiting is None or waiting.draft_id is None else drafts.by_id(tx, waiting.draft_id)
    return waiting is not None and (draft is None or draft["state"] == "void")


def _draft(tx: Tx, house: House, case: Row, mention: Row, step: Step, *, user: Row, now: int) -> int:
    """A draft with the standard text of ``step`` for the post; what was being written for it is set aside."""
    prepared = standard_text(house.config, mention, case, step)
    if prepared is None:
        raise Stale("No released text of the ladder fits this language. Add one to the templates.")
    drafts.set_aside_for(tx, mention["id"], now)
    status.ask(tx, mention["id"], now)
    draft_id = drafts.add(
        tx,
        case_id=case["id"],
        mention_id=mention["id"],
        prepared=prepared,
        config_id=house.config_id,
        at=now,
        user_id=user["id"],
        step=step,
    )
    text = signed(tx, house, Rows(tx, draft_id).draft, user)
    drafts.rewrite(tx, draft_id, version=1, text=text, user_id=user["id"], at=now)
    return draft_id


def _discard(tx: Tx, draft_id: int | None, now: int) -> None:
    """Call back what the draft has on its way, and set it aside."""
    draft = None if draft_id is None else drafts.by_id(tx, draft_id)
    if draft is None:
        return
    call_back(tx, draft["case_id"], now, cause="warning_dropped")
    if not dispatches.leaves(tx, draft["id"]):
        drafts.set_state(tx, draft["id"], "void", now)


def _log_review(tx: Tx, house: House, ladder_id: int, step: str, *, user: Row, now: int) -> None:
    fields: dict[str, entries.Value] = {"ladder": ladder_id, "step": step, "by": house.keys.staff(user["id"], now)}
    entries.append(tx, EntryKind.LADDER, fields, now)
