"""What people do with evidence: ask for it, read it, hand it over, and say that something must never be kept.

Two roles may: seniors, and people trained for threats and crises. Each act writes a line of the bundle's custody log
and its ledger entry in one transaction; whom a bundle was handed to, and why, stand behind a commitment.
"""

from bot.errors import EarshotError, NotAllowed, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.model import EntryKind, Role
from bot.model.evidence import BundleState, Offence
from bot.protect import holds as hold_acts
from bot.protect.evidence import shelf
from bot.protect.evidence.verify import Finding, check, read
from bot.protect.holds import need_keeper
from bot.store import cases, holds
from bot.store import evidence as rows
from bot.store.db import Reader, Row, Store, Tx

BASIS = "Art. 6(1)(f), 17(3)(e) DSGVO / GDPR; § 24 BDSG"
REVIEW_DAYS = 180
LONGEST = 500
"""Signs of a receiver or a reason."""

FORBIDDEN = "Nothing of this case may be kept: a person suspects pictures of abused children. Call the police."


def preserve(tx: Tx, keys: Keys, case_id: int, *, offence: Offence, user: Row, now: int) -> int:
    """Ask for a bundle of a case, and for the legal hold that keeps it unless there is one; returns its number.

    Raises:
        Stale: the case is gone, its evidence is being taken already, or nothing of it may be kept.
    """
    need_keeper(user)
    if cases.by_id(tx, case_id) is None:
        raise Stale("This case no longer exists.")
    if rows.forbidden(tx, case_id):
        raise Stale(FORBIDDEN)
    if rows.pending(tx, case_id):
        raise Stale("The evidence of this case is being taken already.")
    if holds.of_case(tx, case_id, now) is None:
        hold_acts.place(
            tx, keys, case_id, classification=offence.told, basis=BASIS, days=REVIEW_DAYS, user=user, now=now
        )
    operator = keys.staff(user["id"], now)
    evidence_id = rows.ask(tx, case_id, operator, now)
    log(tx, evidence_id, case_id, "asked", operator=operator, now=now)
    return evidence_id


def log(tx: Tx, evidence_id: int, case_id: int, step: str, *, operator: str, now: int, **more: entries.Value) -> None:
    """A line of the custody log that names nobody, and its ledger entry."""
    rows.note(tx, evidence_id, step, operator, now)
    _enter(tx, evidence_id, case_id, step, operator=operator, now=now, **more)


def _enter(
    tx: Tx, evidence_id: int, case_id: int, step: str, *, operator: str, now: int, **more: entries.Value
) -> None:
    kind = EntryKind.ACCESS if step == "read" else EntryKind.EVIDENCE
    fields: dict[str, entries.Value] = {"step": f"evidence_{step}", "evidence": evidence_id, "case": case_id}
    entries.append(tx, kind, {**fields, "by": operator, **more}, now)


def opened(store: Store, keys: Keys, evidence_id: int, *, user: Row) -> bytes:
    """A bundle's bytes, once they are found to be those that were taken. The caller logs what it does with them.

    Raises:
        Stale: it is not taken, or gone.
        EarshotError: its file is missing, or not the one that was taken.
    """
    row = _taken(store, evidence_id, user)
    place = shelf.place_of(shelf.folder_of(store.path), evidence_id)
    try:
        body = read(place)
        check(body, keys.known, row["manifest"])
    except OSError as error:
        told = f"{place} cannot be read: {error.strerror}."
        raise EarshotError(f"{told} Put it back from your backup; its hash is in the ledger.") from error
    except Finding as finding:
        told = f"{place} is not the bundle that was taken. {finding.sentence}"
        raise EarshotError(f"{told} Leave it as it is, and put the right one back from your backup.") from finding
    return body


def note_read(tx: Tx, keys: Keys, evidence_id: int, *, user: Row, now: int) -> None:
    """Log that a person took a copy of a bundle to read it."""
    row = _taken(tx, evidence_id, user)
    log(tx, evidence_id, row["case_id"], "read", operator=keys.staff(user["id"], now), now=now)


def hand_over(tx: Tx, keys: Keys, evidence_id: int, *, receiver: str, reason: str, user: Row, now: int) -> None:
    """Log that a bundle was handed to somebody outside: who got it, and why.

    Raises:
        Stale: one of the two is missing, or the bundle is.
    """
    row = _taken(tx, evidence_id, user)
    receiver, reason = receiver.strip()[:LONGEST], reason.strip()[:LONGEST]
    if not receiver or not reason:
        raise Stale("Say who gets the evidence, and why.")
    operator = keys.staff(user["id"], now)
    rows.note(tx, evidence_id, "handed_over", operator, now, receiver=receiver, reason=reason)
    subject = keys.author(row["platform"], row["author_id"])
    told = entries.commit(tx, "custody", subject, {"receiver": receiver, "reason": reason})
    manifest = {"manifest": row["manifest"], "to": told}
    _enter(tx, evidence_id, row["case_id"], "handed_over", operator=operator, now=now, **manifest)


def _taken(reader: Reader, evidence_id: int, user: Row) -> Row:
    need_keeper(user)
    row = rows.by_id(reader, evidence_id)
    if row is None or row["state"] != BundleState.TAKEN:
        raise Stale("This evidence is not there: it is not taken yet, or its hold has ended.")
    return row


def suspect(tx: Tx, keys: Keys, case_id: int, *, user: Row, now: int) -> None:
    """A person suspects pictures of abused children: nothing is kept, and what was taken goes (rule E-08).

    Anybody who works on cases may say so, without a second person: waiting would be worse than a mistake.

    Raises:
        Stale: the case is gone.
    """
    if user["role"] not in {Role.AGENT, Role.SENIOR}:
        raise NotAllowed("Your role does not allow this.")
    if cases.by_id(tx, case_id) is None:
        raise Stale("This case no longer exists.")
    if not rows.forbid(tx, case_id, now):
        return
    operator = keys.staff(user["id"], now)
    fields: dict[str, entries.Value] = {"step": "never_kept", "case": case_id, "by": operator}
    entries.append(tx, EntryKind.EVIDENCE, fields, now)
    for row in rows.of_case(tx, case_id):
        if rows.removed(tx, row["id"]):
            log(tx, row["id"], case_id, "removed", operator=operator, now=now, cause="never_kept")
