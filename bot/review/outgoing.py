"""What a person may do with replies on their way out or already there, and with stop-all and opt-outs."""

from bot.errors import Held, Stale
from bot.ledger import entries
from bot.model import CaseState, DispatchState, EntryKind, Role
from bot.review import promises, rungs
from bot.review.acts import WRITERS, need_role
from bot.review.house import House
from bot.store import cases, copies, dispatches, drafts, opt_outs, people, standing, status
from bot.store import house as house_rows
from bot.store.db import Reader, Row, Tx
from bot.withdrawal import withdraw


def cancel(tx: Tx, house: House, dispatch_id: int, *, user: Row, now: int) -> None:
    """Take a reply back during its countdown; its draft opens again."""
    need_role(user, Role.AGENT, Role.SENIOR)
    row = _dispatch(tx, dispatch_id)
    if not dispatches.set_state(tx, dispatch_id, DispatchState.QUEUED, DispatchState.CANCELLED, now, cause="cancelled"):
        raise Stale("This reply is no longer waiting: it is being sent or was sent.")
    fields: dict[str, entries.Value] = {"dispatch": dispatch_id, "result": "cancelled"}
    entries.append(tx, EntryKind.SEND_RESULT, {**fields, "by": house.keys.staff(user["id"], now)}, now)
    drafts.take_back(tx, row["draft_id"], now)
    cases.follow(tx, row["case_id"], CaseState.CLAIMED, now, user_id=user["id"])
    cases.claim(tx, row["case_id"], user["id"], now)
    status.ask(tx, row["mention_id"], now)


def retry(tx: Tx, dispatch_id: int, *, user: Row, now: int) -> None:
    """A refused reply goes back to work as a draft of this person; it needs a new approval."""
    need_role(user, Role.AGENT, Role.SENIOR)
    row = _dispatch(tx, dispatch_id)
    if row["state"] != DispatchState.REFUSED:
        raise Stale("Only a reply that was not sent can be prepared again.")
    draft = drafts.open_of_case(tx, row["case_id"])
    if draft is None or (draft["id"], draft["state"]) != (row["draft_id"], "open"):
        raise Stale("This reply was taken up again already, or a newer one is being written.")
    if not cases.claim(tx, row["case_id"], user["id"], now):
        raise Stale("Somebody else is working on this case.")
    cases.move(tx, row["case_id"], CaseState.CLAIMED, now, user_id=user["id"])
    status.ask(tx, row["mention_id"], now)


def resolve(tx: Tx, house: House, dispatch_id: int, *, sent: bool, user: Row, now: int) -> None:
    """A senior looked at the platform and says whether an uncertain reply is there.

    Nobody can say of one that the platform's moderators hold that it is not: they may let it through at any time.
    """
    need_role(user, Role.SENIOR)
    row = _dispatch(tx, dispatch_id)
    if not sent and row["cause"] == Held.__name__:
        raise Stale("The platform's moderators hold this reply. It stays until they decide.")
    to = DispatchState.SENT if sent else DispatchState.REFUSED
    extra = {"sent_at": now} if sent else {"cause": "not_there"}
    if not dispatches.set_state(tx, dispatch_id, DispatchState.UNCERTAIN, to, now, **extra):
        raise Stale("This reply is not uncertain any more.")
    if sent:
        drafts.set_state(tx, row["draft_id"], "done", now)
        rungs.delivered(tx, house, row["draft_id"], now)
        promises.sent(tx, house, draft_id=row["draft_id"], dispatch_id=dispatch_id, now=now)
    else:
        drafts.take_back(tx, row["draft_id"], now)
    follows = CaseState.SENT if sent else CaseState.FAILED
    cases.follow(tx, row["case_id"], follows, now, user_id=user["id"], why="resolved")
    result: dict[str, entries.Value] = {
        "dispatch": dispatch_id,
        "draft": row["draft_id"],
        **(sent_or_found(tx, dispatch_id) if sent else {"result": "not_sent"}),
        "text_hash": row["text_hash"],
        "found_by": house.keys.staff(user["id"], now),
    }
    if sent:
        standing.fired(tx, row["platform"], [("", standing.SENT)], now)
    entries.append(tx, EntryKind.SEND_RESULT, result, now)


def sent_or_found(reader: Reader, dispatch_id: int) -> dict[str, entries.Value]:
    """How the ledger tells that a reply is there: one whose decision a restore lost counts as found, not as sent."""
    lost = copies.of_dispatch(reader, dispatch_id)
    if lost is None or lost["decided"]:
        return {"result": "sent"}
    return {"result": "found", "begun_at": lost["begun_at"]}


def retract(tx: Tx, house: House, dispatch_id: int, *, reason: str, user: Row, now: int) -> None:
    """Ask the worker to delete our own reply. Works under stop-all; one person and a reason suffice."""
    need_role(user, Role.AGENT, Role.SENIOR)
    row = _dispatch(tx, dispatch_id)
    if not reason.strip():
        raise Stale("Say why the reply is taken back.")
    if not row["remote_id"]:
        raise Stale("There is no receipt of this reply, so it cannot be taken back from here.")
    if not dispatches.set_state(tx, dispatch_id, DispatchState.SENT, DispatchState.RETRACTING, now, claimed_until=0):
        raise Stale("Only a reply that was sent can be taken back.")
    cases.note(tx, row["case_id"], "retract_asked", now, user_id=user["id"], note=reason.strip())
    fields: dict[str, entries.Value] = {
        "dispatch": dispatch_id,
        "step": "asked",
        "by": house.keys.staff(user["id"], now),
    }
    entries.append(tx, EntryKind.RETRACT, fields, now)


def stop(tx: Tx, house: House, *, reason: str, user: Row | None, now: int) -> None:
    """Stop everything that goes out, at once; trainees may, too. What is queued stays queued."""
    if user is not None:
        need_role(user, *WRITERS)
    if house_rows.stop(tx) is None:
        house_rows.begin_stop(tx, user_id=None if user is None else user["id"], reason=reason, at=now)
        by = "operator" if user is None else house.keys.staff(user["id"], now)
        entries.append(tx, EntryKind.KILL, {"step": "stopped", "by": by}, now)


def lift_stop(tx: Tx, house: House, *, user: Row, now: int) -> bool:
    """Agree to lift the stop; True once two different people did."""
    need_role(user, Role.AGENT, Role.SENIOR)
    if house_rows.stop(tx) is None:
        return True
    lifted = house_rows.release_stop(tx, user_id=user["id"], at=now)
    step = "lifted" if lifted else "lift_asked"
    entries.append(tx, EntryKind.KILL, {"step": step, "by": house.keys.staff(user["id"], now)}, now)
    return lifted


def opt_out(tx: Tx, house: House, case_id: int, *, user: Row, now: int) -> None:
    """Do not write to this author any more."""
    case = _opt_out_case(tx, case_id, user)
    opt_outs.add(tx, _key(house, case), case["platform"], case["latest_mention"], now)
    withdraw(tx, case_id, now, cause="opted_out")
    _log_opt_out(tx, house, case, step="set", user=user, now=now)


def opt_out_account(tx: Tx, house: House, platform: str, author_id: str, *, user: Row, now: int) -> None:
    """Do not write to this account any more, whatever is open with it.

    Raises:
        Stale: nothing is known of the account.
    """
    known = people.cases_of(tx, platform, author_id, now)
    if not known:
        raise Stale("Nothing is held of this account any more.")
    for case in known[:-1]:
        withdraw(tx, case["id"], now, cause="opted_out")
    opt_out(tx, house, known[-1]["id"], user=user, now=now)


def lift_opt_out(tx: Tx, house: House, case_id: int, *, user: Row, now: int) -> None:
    """The author invited us again: write to them as to anybody."""
    case = _opt_out_case(tx, case_id, user)
    opt_outs.lift(tx, _key(house, case), now)
    _log_opt_out(tx, house, case, step="lifted", user=user, now=now)


def answer_once(tx: Tx, house: House, case_id: int, *, user: Row, now: int) -> None:
    """Answer this one post of an author who opted out earlier and now addresses us again."""
    case = _opt_out_case(tx, case_id, user)
    opt_outs.answer_once(tx, _key(house, case), case["latest_mention"])
    _log_opt_out(tx, house, case, step="once", user=user, now=now)


def _opt_out_case(tx: Tx, case_id: int, user: Row) -> Row:
    need_role(user, Role.AGENT, Role.SENIOR)
    case = cases.by_id(tx, case_id)
    if case is None:
        raise Stale("This case no longer exists.")
    return case


def _key(house: House, case: Row) -> str:
    return house.keys.author(case["platform"], case["author_id"])


def _log_opt_out(tx: Tx, house: House, case: Row, *, step: str, user: Row, now: int) -> None:
    key = _key(house, case)
    commitment = entries.commit(tx, "author", key, {"author": case["author_id"], "platform": case["platform"]})
    by = house.keys.staff(user["id"], now)
    fields: dict[str, entries.Value] = {"platform": case["platform"], "author": commitment, "step": step, "by": by}
    entries.append(tx, EntryKind.OPT_OUT, fields, now)
    cases.note(tx, case["id"], f"opt_out_{step}", now, user_id=user["id"])


def _dispatch(tx: Tx, dispatch_id: int) -> Row:
    row = dispatches.by_id(tx, dispatch_id)
    if row is None:
        raise Stale("This reply no longer exists.")
    return row
