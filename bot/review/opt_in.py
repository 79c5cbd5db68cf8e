"""The record of an author's express agreement to be matched with what we know from elsewhere (C-25).

A senior records it with the place where it can be found, and with the day on which it was given. It counts for a year
at most and ends at once when the author opts out, when a senior withdraws it at the author's wish, or with an erasure.
Each act is an ATTEST entry; the evidence stays out of the ledger, which holds its commitment. Without a record that
counts, the gate denies every reply to a case in which a customer number, an e-mail address or a phone number stands.
"""

from bot.errors import Stale
from bot.gate.rules.origin import identifiers_in
from bot.ledger import entries
from bot.model import EntryKind, Role
from bot.model.retention import DAY_MS, OPT_IN_DAYS
from bot.review.acts import need_role
from bot.review.house import House
from bot.store import opt_ins, opt_outs, people
from bot.store.db import Row, Tx

LONGEST_EVIDENCE = 300

NO_PLACE = "Say where the agreement can be found: the form and its number, or the address of the post."
NUMBERS = "Name the place of the agreement, not a customer number, an e-mail address or a phone number."
WRONG_DAY = f"An agreement counts for {OPT_IN_DAYS} days from the day on which it was given, no later than today."
OPTED_OUT = "This person wants no replies. Their agreement counts only once they invited us again."


def record(
    tx: Tx, house: House, platform: str, author_id: str, *, evidence: str, given_at: int, user: Row, now: int
) -> int:
    """Note that an author agreed at ``given_at`` (UTC milliseconds); returns the record's number.

    Raises:
        NotAllowed: the person is no senior.
        Stale: nothing is held of the account, they opted out, it is on record already, or the evidence will not do.
    """
    need_role(user, Role.SENIOR)
    said, key = evidence.strip()[:LONGEST_EVIDENCE], house.keys.author(platform, author_id)
    if not said:
        raise Stale(NO_PLACE)
    if identifiers_in(said, house.brand.personal_data.customer_numbers):
        raise Stale(NUMBERS)
    if not now - OPT_IN_DAYS * DAY_MS < given_at <= now:
        raise Stale(WRONG_DAY)
    if not people.cases_of(tx, platform, author_id, now):
        raise Stale("Nothing is held of this account any more.")
    if opt_outs.standing(tx, key) is not None:
        raise Stale(OPTED_OUT)
    if opt_ins.in_force(tx, key, now) is not None:
        raise Stale("An agreement of this person is on record already.")
    until, subject = given_at + OPT_IN_DAYS * DAY_MS, {"author": author_id, "platform": platform}
    fields: dict[str, entries.Value] = {
        "step": "opt-in recorded",
        "platform": platform,
        "given_at": given_at,
        "until": until,
        "author": entries.commit(tx, "author", key, {**subject}),
        "evidence": entries.commit(tx, "opt-in", key, {**subject, "evidence": said}),
        "by": house.keys.staff(user["id"], now),
    }
    seq = entries.append(tx, EntryKind.ATTEST, fields, now)
    row = {"author_key": key, "platform": platform, "evidence": said, "given_at": given_at, "until": until}
    return opt_ins.record(tx, {**row, "at": now, "user_id": user["id"], "seq": seq})


def withdraw(tx: Tx, house: House, platform: str, author_id: str, *, user: Row, now: int) -> None:
    """The author takes the agreement back; replies that rest on it are asked about again when they leave.

    Raises:
        Stale: none is in force.
    """
    need_role(user, Role.SENIOR)
    key = house.keys.author(platform, author_id)
    found = opt_ins.in_force(tx, key, now)
    if found is None:
        raise Stale("No agreement of this person is in force.")
    opt_ins.withdraw(tx, key, now)
    fields: dict[str, entries.Value] = {"step": "opt-in withdrawn", "platform": platform, "attested": found["seq"]}
    author = entries.commit(tx, "author", key, {"author": author_id, "platform": platform})
    entries.append(tx, EntryKind.ATTEST, {**fields, "author": author, "by": house.keys.staff(user["id"], now)}, now)
