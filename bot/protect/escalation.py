"""What people do with an escalation: take it, say that it is a threat or a figure of speech, report it, link cases.

Nothing here looks for other posts of an author (E-09): cases of the same account on the same platform join by
themselves when an alarm is raised for them, everything else is linked by a person, inside an escalation, and logged.
"""

from collections.abc import Sequence
from typing import Literal

from bot.errors import NotAllowed, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.model import AlarmKind, CaseState, EntryKind, Lane, Platform, Role
from bot.protect.alarm import log
from bot.store import alarms, care, cases, drafts
from bot.store.db import Reader, Row, Tx
from bot.withdrawal import withdraw

Target = Literal[
    "police", "onlinewache", "board", "works_council", "employee", "platform", "dsa18", "hessen", "respect", "hateaid"
]

TARGETS: tuple[Target, ...] = (
    *("police", "board", "works_council", "employee", "platform", "dsa18"),
    *("onlinewache", "hessen", "respect", "hateaid"),
)
"""The checklist of reports (E-04, E-05), in the order in which a person goes through it."""

LONGEST_RECEIPT = 80


def need_trained(user: Row) -> None:
    """Refuse everyone who is neither a senior nor trained to tell a figure of speech from a threat."""
    if user["role"] != Role.SENIOR and not (user["role"] == Role.AGENT and user["trained"]):
        raise NotAllowed("Only a senior or a trained person decides about a threat.")


def need_open(tx: Tx, escalation_id: int, version: int | None = None) -> Row:
    """The escalation, if it is not over and nobody changed it since the page was made.

    Raises:
        Stale: it is over, gone, or changed.
    """
    row = alarms.by_id(tx, escalation_id)
    if row is None or row["ended_at"] is not None:
        raise Stale("This escalation is over.")
    if version is not None and row["version"] != version:
        raise Stale("This escalation has changed meanwhile. Look at it again.")
    return row


def own_forum(held: Sequence[Row]) -> bool:
    """Whether the brand is the host of a post and must itself tell the police (E-05): its forum or its own blog."""
    return any(row["owned_surface"] and row["platform"] != Platform.REDDIT for row in held)


def take(tx: Tx, keys: Keys, escalation_id: int, *, user: Row, now: int) -> None:
    """A person at the desk looks after it: nobody else is paged."""
    need_trained(user)
    row = need_open(tx, escalation_id)
    if alarms.acknowledge(tx, escalation_id, now, user_id=user["id"]):
        by = {"by": keys.staff(user["id"], now), "after_ms": now - row["rung_at"]}
        log(tx, escalation_id, AlarmKind(row["kind"]), "acknowledged", now, **by)


def confirm(tx: Tx, keys: Keys, escalation_id: int, *, version: int, user: Row, now: int) -> None:
    """A person says that it is a threat: what was only suspected is paged at once, and the duty check begins (E-03)."""
    need_trained(user)
    row = _need_threat(tx, escalation_id, version)
    if not alarms.confirm(tx, escalation_id, user["id"], now):
        raise Stale("This was decided before.")
    more: dict[str, entries.Value] = {"by": keys.staff(user["id"], now), "after_ms": now - row["opened_at"]}
    log(tx, escalation_id, AlarmKind.THREAT, "decided", now, decision="threat", **more)
    if not row["acute"]:
        alarms.ring(tx, escalation_id, now, acute=True)
    for case in alarms.cases_of(tx, escalation_id):
        cases.raise_priority(tx, case["id"])
        cases.follow(tx, case["id"], CaseState.ESCALATED, now, user_id=user["id"])


def figurative(tx: Tx, keys: Keys, escalation_id: int, *, version: int, user: Row, now: int) -> None:
    """A person says that nobody is in danger: the author is not frozen any more, the cases close.

    What a model alone suspected is one trained person's word; an acute pattern or a person's flag is a senior's.

    Raises:
        NotAllowed: the role does not suffice.
        Stale: it was confirmed as a threat, or changed meanwhile.
    """
    need_trained(user)
    row = _need_threat(tx, escalation_id, version)
    if row["state"] != "open":
        raise Stale("This was confirmed as a threat. Two people close it, on this page.")
    if row["acute"] and user["role"] != Role.SENIOR:
        raise NotAllowed("Only a senior says that an acute alarm is a figure of speech.")
    alarms.end(tx, escalation_id, "figurative", now)
    more: dict[str, entries.Value] = {"by": keys.staff(user["id"], now), "after_ms": now - row["opened_at"]}
    log(tx, escalation_id, AlarmKind.THREAT, "decided", now, decision="figurative", **more)
    for case_id in alarms.case_ids(tx, escalation_id):
        # Kept as ordinary words from now on: what stays in the threat lane is never purged.
        cases.change_lane(tx, case_id, Lane.COMPLAINT, now, user["id"])
        close_case(tx, case_id, user=user, now=now, why="figurative")


def close_case(tx: Tx, case_id: int, *, user: Row, now: int, why: str) -> None:
    """The threat is over: what was about to be sent comes back, and the case is done.

    If its author is in need as well the case stays, for those who are trained: the alarm for that is not decided.
    """
    withdraw(tx, case_id, now, cause="closed")
    if alarms.of_case(tx, case_id, AlarmKind.CRISIS) is not None:
        cases.change_lane(tx, case_id, Lane.CRISIS, now, user["id"])
        care.hand_to_trained(tx, case_id)
        return
    cases.follow(tx, case_id, CaseState.CLOSED, now, user_id=user["id"], why=why)


def _need_threat(tx: Tx, escalation_id: int, version: int | None = None) -> Row:
    row = need_open(tx, escalation_id, version)
    if row["kind"] != AlarmKind.THREAT:
        raise Stale("This is no threat: it is looked after in its case.")
    return row


def report(tx: Tx, keys: Keys, escalation_id: int, target: str, *, receipt: str, user: Row, now: int) -> None:
    """One report was made: when, by whom, and what the other side calls it.

    Raises:
        Stale: nobody has confirmed the threat, or the report was noted before.
    """
    need_trained(user)
    row = _need_threat(tx, escalation_id)
    if row["state"] != "confirmed":
        raise Stale("Confirm the threat first. In acute danger call 110 before anything else.")
    if target not in targets(tx, row):
        raise Stale("Choose who was told from the list.")
    made = {"escalation_id": escalation_id, "target": target, "receipt": receipt.strip()[:LONGEST_RECEIPT]}
    if not alarms.put_report(tx, made | {"at": now, "user_id": user["id"]}):
        raise Stale("This report was noted before.")
    fields: dict[str, entries.Value] = {"escalation": escalation_id, "step": "made", "target": target}
    entries.append(tx, EntryKind.REPORT, {**fields, "by": keys.staff(user["id"], now)}, now)
    if row["reported_at"] is None and is_reported(row, [each["target"] for each in alarms.reports_of(tx, row["id"])]):
        alarms.reported(tx, escalation_id, now)
        log(tx, escalation_id, AlarmKind.THREAT, "reported", now, after_ms=now - row["confirmed_at"])


def targets(reader: Reader, row: Row) -> list[Target]:
    """The checklist of one escalation: police first; the DSA task only where the brand is the host.

    The online form is not for acute danger (E-02).
    """
    hosted = own_forum(alarms.cases_of(reader, row["id"]))
    left_out = {target for target, out in (("dsa18", not hosted), ("onlinewache", row["acute"])) if out}
    return [target for target in TARGETS if target not in left_out]


def is_reported(row: Row, made: Sequence[str]) -> bool:
    """E-01: the police and the health and safety board know. What was never acute may go through the online form."""
    police = "police" in made or (not row["acute"] and "onlinewache" in made)
    return police and "board" in made


def link(tx: Tx, keys: Keys, escalation_id: int, case_id: int, *, user: Row, now: int) -> None:
    """A person says that another case is of the same author, across platforms, too: it is frozen like the others.

    Raises:
        Stale: there is no such case, or it is held by another open escalation.
    """
    need_trained(user)
    row = _need_threat(tx, escalation_id)
    case = cases.by_id(tx, case_id)
    if case is None:
        raise Stale("There is no case of this number.")
    other = alarms.of_case(tx, case_id, AlarmKind.THREAT)
    if other is not None:
        raise Stale(f"This case is held by escalation {other['id']} already.")
    alarms.hold(tx, escalation_id, case_id, now, linked_by=user["id"])
    alarms.forget_agreed(tx, escalation_id)
    log(tx, escalation_id, AlarmKind(row["kind"]), "linked", now, case=case_id, by=keys.staff(user["id"], now))
    withdraw(tx, case_id, now, cause="lane_changed")
    drafts.set_aside(tx, case_id, now)
    cases.change_lane(tx, case_id, Lane.THREAT, now, user["id"])
