"""Raising an alarm: a case becomes, or joins, an escalation, and its pages are planned (E-01, E-09, E-11).

It is called in the transaction of the change that it tells of and sends nothing itself: the worker pages.
"""

from bot.errors import NotAllowed, Stale
from bot.ledger import entries
from bot.model import AlarmKind, EntryKind, Lane
from bot.store import alarms, cases
from bot.store.db import Row, Tx

MINUTE_MS = 60_000
FIRST_LOOK_MS = 5 * MINUTE_MS
"""Consent rules, section 0, E-01: a model's flag without an acute pattern is paged if nobody looked for so long."""

JOIN_MS = 60 * MINUTE_MS
"""Consent rules, section 0: one page per author and hour."""

KINDS = {AlarmKind.THREAT: EntryKind.THREAT, AlarmKind.CRISIS: EntryKind.CRISIS, AlarmKind.SECURITY: EntryKind.REPORT}
"""The ledger's type for each kind of alarm."""


def raise_alarm(tx: Tx, *, case_id: int, kind: AlarmKind, acute: bool, why: str, now: int) -> int:
    """Open the escalation of a case, or join the author's open one, and plan its first page; returns its number.

    Raising the same alarm again within an hour changes nothing. ``why`` is a reason code of ours, never words of a
    post. A threat that is not ``acute`` gets a first look before anybody is paged; everything else is paged at once.

    Raises:
        Stale: the case is gone.
    """
    case = cases.by_id(tx, case_id)
    if case is None:
        raise Stale("This case no longer exists.")
    known = alarms.of_case(tx, case_id, kind) or alarms.of_author(tx, case, kind)
    if known is None:
        wait = FIRST_LOOK_MS if kind is AlarmKind.THREAT and not acute else 0
        escalation_id = alarms.open_one(tx, kind=kind, acute=acute, why=why, page_at=now + wait, at=now)
        alarms.hold(tx, escalation_id, case_id, now)
        log(tx, escalation_id, kind, "opened", now, case=case_id, acute=acute, why=why)
        return escalation_id
    escalation_id = int(known["id"])
    if alarms.hold(tx, escalation_id, case_id, now):
        alarms.forget_agreed(tx, escalation_id)
        log(tx, escalation_id, kind, "joined", now, case=case_id, acute=acute, why=why)
    if _rings_again(known, acute=acute, now=now):
        alarms.ring(tx, escalation_id, now, acute=acute)
        log(tx, escalation_id, kind, "rung_again", now, case=case_id, acute=acute, why=why)
    return escalation_id


def _rings_again(known: Row, *, acute: bool, now: int) -> bool:
    """A graver alarm pages at once; a like one only when the last was raised an hour ago or longer."""
    return (acute and not known["acute"]) or now - known["rung_at"] >= JOIN_MS


def settle(tx: Tx, case_id: int, kind: AlarmKind, now: int) -> None:
    """What the alarm was raised for is over, as a crisis that was answered: nobody is paged for it any more.

    A threat is not settled but decided (``escalation``).
    """
    known = alarms.of_case(tx, case_id, kind)
    if known is not None and alarms.end(tx, known["id"], "settled", now):
        log(tx, known["id"], kind, "settled", now, case=case_id)


def decided_by_hand(tx: Tx, case_id: int, *, senior: bool, now: int) -> None:
    """A person closes a threat's case or moves it out of its lane: for the alarm that is a figure of speech.

    Raises:
        NotAllowed: a person confirmed the threat, or it is acute and no senior says so.
    """
    known = alarms.of_case(tx, case_id, AlarmKind.THREAT)
    if known is None:
        return
    if known["state"] != "open":
        raise NotAllowed("This threat was confirmed. Two people close it, on the page of its escalation.")
    if known["acute"] and not senior:
        raise NotAllowed("Only a senior says that an acute alarm is a figure of speech.")
    others = [row for row in alarms.cases_of(tx, known["id"]) if row["id"] != case_id and row["lane"] == Lane.THREAT]
    if others:
        alarms.let_go(tx, known["id"], case_id)
        log(tx, known["id"], AlarmKind.THREAT, "let_go", now, case=case_id)
    elif alarms.end(tx, known["id"], "figurative", now):
        fields = {"decision": "figurative", "after_ms": now - known["opened_at"]}
        log(tx, known["id"], AlarmKind.THREAT, "decided", now, case=case_id, **fields)


def log(tx: Tx, escalation_id: int, kind: AlarmKind, step: str, now: int, **more: entries.Value) -> int:
    """One line of the ledger about an escalation."""
    fields: dict[str, entries.Value] = {"escalation": escalation_id, "step": step, **more}
    return entries.append(tx, KINDS[kind], fields, now)
