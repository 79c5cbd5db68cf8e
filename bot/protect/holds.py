"""Legal holds (P-13): words are kept as evidence against every erasure, by two people, for six months at a time.

Two roles deal with evidence: seniors and trained people may ask for a hold; only a senior who did not ask approves it.

A held case is exempt from retention, from erasure at request and from deletion sync; a post that is gone on its
platform is marked and kept. Every read of it is an entry. X lets deleted content be kept only where the law forbids its
deletion and with its own written permission (source X5), Reddit knows no exception: say so in ``basis``, or do not ask.
"""

from bot.errors import NotAllowed, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.model import EntryKind, Role
from bot.model.retention import DAY_MS, LONGEST_HOLD_DAYS
from bot.protect.erasure import need_senior
from bot.store import cases, holds
from bot.store.db import Row, Tx

LONGEST = 500
"""Signs of a classification or a basis."""


def may_keep(user: Row) -> bool:
    """Whether a person may deal with evidence: a senior, or somebody trained for threats and crises."""
    return user["role"] == Role.SENIOR or (user["role"] == Role.AGENT and bool(user["trained"]))


def need_keeper(user: Row) -> None:
    """Refuse everyone who may not deal with evidence."""
    if not may_keep(user):
        raise NotAllowed("Evidence is for seniors and for people trained for threats.")


def place(tx: Tx, keys: Keys, case_id: int, *, classification: str, basis: str, days: int, user: Row, now: int) -> int:
    """Ask for a hold on a case; it counts for three days until a second senior approves it. Returns its number.

    Raises:
        Stale: something is missing, too long, or held already.
    """
    need_keeper(user)
    if cases.by_id(tx, case_id) is None:
        raise Stale("This case no longer exists.")
    if not classification.strip() or not basis.strip():
        raise Stale("Say what a person found the post to be, and on what legal basis it is kept.")
    if not 1 <= days <= LONGEST_HOLD_DAYS:
        raise Stale(f"A hold is reviewed after 1 to {LONGEST_HOLD_DAYS} days.")
    if holds.of_case(tx, case_id, now) is not None:
        raise Stale("This case is held already.")
    row = {
        "case_id": case_id,
        "classification": classification.strip()[:LONGEST],
        "basis": basis.strip()[:LONGEST],
        "asked_by": user["id"],
        "at": now,
        "review_at": now + days * DAY_MS,
    }
    hold_id = holds.ask(tx, row)
    _log(tx, keys, "hold_asked", hold_id, case_id, user=user, now=now)
    return hold_id


def approve(tx: Tx, keys: Keys, hold_id: int, *, user: Row, now: int) -> None:
    """The second person agrees.

    Raises:
        NotAllowed: it is the person who asked.
        Stale: it is approved or over.
    """
    need_senior(user)
    hold = _open(tx, hold_id)
    if hold["asked_by"] == user["id"]:
        raise NotAllowed("Somebody else must approve what you asked for.")
    if not holds.approve(tx, hold_id, user["id"]):
        raise Stale("This hold is approved already.")
    _log(tx, keys, "hold_approved", hold_id, hold["case_id"], user=user, now=now)


def extend(tx: Tx, keys: Keys, hold_id: int, *, days: int, user: Row, now: int) -> None:
    """A senior reviewed the hold and it goes on for up to six months."""
    need_senior(user)
    hold = _open(tx, hold_id)
    if not 1 <= days <= LONGEST_HOLD_DAYS:
        raise Stale(f"A hold is reviewed after 1 to {LONGEST_HOLD_DAYS} days.")
    holds.extend(tx, hold_id, now + days * DAY_MS)
    _log(tx, keys, "hold_extended", hold_id, hold["case_id"], user=user, now=now)


def end(tx: Tx, keys: Keys, hold_id: int, *, user: Row, now: int) -> None:
    """The evidence is not needed any more: the case is erased when its time comes, and at once where that was asked."""
    need_senior(user)
    hold = _open(tx, hold_id)
    holds.end(tx, hold_id, now)
    _log(tx, keys, "hold_ended", hold_id, hold["case_id"], user=user, now=now)


def note_read(tx: Tx, keys: Keys, case_id: int, *, user: Row, now: int) -> bool:
    """Log that a person reads a held case; False if it is not held."""
    hold = holds.of_case(tx, case_id, now)
    if hold is not None:
        _log(tx, keys, "hold_read", hold["id"], case_id, user=user, now=now)
    return hold is not None


def _open(tx: Tx, hold_id: int) -> Row:
    hold = holds.by_id(tx, hold_id)
    if hold is None or hold["ended_at"] is not None:
        raise Stale("This hold is over.")
    return hold


def _log(tx: Tx, keys: Keys, step: str, hold_id: int, case_id: int, *, user: Row, now: int) -> None:
    kind = EntryKind.ACCESS if step == "hold_read" else EntryKind.EVIDENCE
    fields: dict[str, entries.Value] = {"step": step, "hold": hold_id, "case": case_id}
    entries.append(tx, kind, {**fields, "by": keys.staff(user["id"], now)}, now)
