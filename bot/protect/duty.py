"""Closing a confirmed threat: it was reported, or two people, one of them a senior, say in writing why not (E-03).

Section 138 StGB makes it a crime to keep credible knowledge of certain planned crimes to oneself. So nobody closes a
confirmed threat alone, and what comes in meanwhile makes what was agreed void.
"""

from datetime import date

from bot.errors import NotAllowed, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.model import AlarmKind, Role
from bot.protect.alarm import log
from bot.protect.escalation import close_case, need_open, need_trained, targets
from bot.protect.offences import BY_REQUEST, request_until
from bot.store import alarms
from bot.store.db import Row, Tx

TWO = 2
LEAST_REASON = 10
"""Signs of a reason that somebody can check later."""


def no_report(tx: Tx, keys: Keys, escalation_id: int, *, version: int, reason: str, user: Row, now: int) -> bool:
    """One person agrees that nothing is reported; True once two did, one of them a senior, and it is closed.

    Raises:
        Stale: nobody has confirmed the threat, it was reported, the reason is missing, or the person agreed before.
    """
    need_trained(user)
    row = _need_confirmed(tx, escalation_id, version)
    if row["reported_at"] is not None:
        raise Stale("This was reported. Close it as reported.")
    if len(reason.strip()) < LEAST_REASON:
        raise Stale("Write down why nothing is reported, in a sentence that somebody can check later.")
    agreement = {"escalation_id": escalation_id, "user_id": user["id"], "role": user["role"]}
    if not alarms.agree(tx, agreement | {"reason": reason.strip(), "at": now}):
        raise NotAllowed("You agreed already. Somebody else must look at it, too.")
    by: dict[str, entries.Value] = {"by": keys.staff(user["id"], now), "role": user["role"]}
    log(tx, escalation_id, AlarmKind.THREAT, "no_report_agreed", now, **by)
    given = alarms.agreed(tx, escalation_id)
    if len(given) < TWO or Role.SENIOR not in {each["role"] for each in given}:
        return False
    _end(tx, escalation_id, "no_report", user=user, now=now)
    log(tx, escalation_id, AlarmKind.THREAT, "closed", now, outcome="no_report", people=len(given))
    return True


def reported(tx: Tx, keys: Keys, escalation_id: int, *, version: int, user: Row, now: int) -> None:
    """Close a threat that the police and the board know of.

    Raises:
        Stale: a report is missing.
    """
    need_trained(user)
    row = _need_confirmed(tx, escalation_id, version)
    made = {each["target"] for each in alarms.reports_of(tx, escalation_id)}
    if row["reported_at"] is None:
        raise Stale("Tell the police and the health and safety board first, and note both here.")
    if "dsa18" in targets(tx, row) and "dsa18" not in made:
        raise Stale(
            "On our own forum the law wants us to tell the police ourselves (DSA, Art. 18). Note it here first."
        )
    _end(tx, escalation_id, "reported", user=user, now=now)
    log(tx, escalation_id, AlarmKind.THREAT, "closed", now, outcome="reported", by=keys.staff(user["id"], now))


def _need_confirmed(tx: Tx, escalation_id: int, version: int) -> Row:
    row = need_open(tx, escalation_id, version)
    if row["state"] != "confirmed":
        raise Stale("Say first whether this is a threat or a figure of speech.")
    return row


def _end(tx: Tx, escalation_id: int, outcome: str, *, user: Row, now: int) -> None:
    alarms.end(tx, escalation_id, outcome, now)
    for case_id in alarms.case_ids(tx, escalation_id):
        close_case(tx, case_id, user=user, now=now, why=outcome)


def concerns_me(tx: Tx, escalation_id: int, *, section: str, known_on: date, user: Row, now: int) -> None:
    """The person at the desk is the one whom an offence injured: until when they may ask for prosecution (E-06).

    Only that person sees it: the company cannot ask in their place.

    Raises:
        Stale: the offence needs no request, or the escalation is gone.
    """
    if alarms.by_id(tx, escalation_id) is None:
        raise Stale("This escalation no longer exists.")
    if section not in BY_REQUEST:
        raise Stale("This offence is prosecuted without a request.")
    row = {"escalation_id": escalation_id, "user_id": user["id"], "offence": section, "at": now}
    known = {"known_on": known_on.isoformat(), "until": request_until(known_on).isoformat()}
    alarms.put_request(tx, row | known)
