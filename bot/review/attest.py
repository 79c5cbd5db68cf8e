"""A senior vouches for what a platform does not tell, takes that back, or lets replies go to a stopped place again.

Each act is an ATTEST entry in the transaction of the change, with the person's pseudonym. Their sentence stays out
of the ledger, which holds its commitment only.
"""

from bot.errors import NotAllowed, Stale
from bot.ledger import entries
from bot.model import EntryKind, Platform, Role
from bot.review.acts import need_role
from bot.review.house import House
from bot.review.surroundings import DAY_MS, not_offered
from bot.store import standing
from bot.store.db import Row, Tx

ATTESTABLE = frozenset({"C-05", "C-08", "C-09", "C-18", "C-27", "C-28", "C-30"})
"""Rules that a platform may leave without an answer. What an author said about themselves (C-07) nobody vouches for."""

LONGEST_STATEMENT = 500


def attest(
    tx: Tx, house: House, *, rule: str, platform: Platform, account: str, statement: str, user: Row, now: int
) -> int:
    """Vouch for a rule on ``platform``, for one ``account`` of ours or for all (""); returns the attestation's number.

    It counts for ``attested_days`` of the ruleset; an earlier one by anybody for the same stays beside it.

    Raises:
        NotAllowed: the person is no senior, or nobody may vouch for this rule.
        Stale: the platform answers by itself that nothing is asked there, or the account or the words are missing.
    """
    need_role(user, Role.SENIOR)
    if rule not in ATTESTABLE:
        raise NotAllowed("Nobody can vouch for this rule: its answer is never left open.")
    if not platform.answers or rule in not_offered(house, platform):
        raise Stale("On this platform the rule asks for nothing.")
    if account and account not in {own.handle for own in house.brand.accounts.get(platform, ())}:
        raise Stale("This account is none of ours.")
    said = statement.strip()[:LONGEST_STATEMENT]
    if not said:
        raise Stale("Say what you looked at and what you saw.")
    until = now + house.ruleset.limits.attested_days * DAY_MS
    about = {"rule": rule, "platform": platform.value, "account": account}
    fields: dict[str, entries.Value] = {
        **about,
        "step": "attested",
        "until": until,
        "ruleset": house.ruleset.sha256,
        "by": house.keys.staff(user["id"], now),
        "statement": entries.commit(tx, "statement", f"attestation {rule} {platform}", {"statement": said}),
    }
    seq = entries.append(tx, EntryKind.ATTEST, fields, now)
    row: dict[str, object] = {**about, "surface": "", "user_id": user["id"], "statement": said}
    return standing.attest(tx, row | {"at": now, "until": until, "seq": seq})


def withdraw_attestation(tx: Tx, house: House, attestation_id: int, *, user: Row, now: int) -> None:
    """It counts no longer, whoever gave it.

    Raises:
        Stale: it did not count any more, or never existed.
    """
    need_role(user, Role.SENIOR)
    row = standing.attestation(tx, attestation_id)
    if row is None or not standing.withdraw_attestation(tx, attestation_id, now):
        raise Stale("This attestation does not count any more.")
    fields: dict[str, entries.Value] = {
        "step": "attestation withdrawn",
        "rule": row["rule"],
        "platform": row["platform"],
        "account": row["account"],
        "attested": row["seq"],
        "by": house.keys.staff(user["id"], now),
    }
    entries.append(tx, EntryKind.ATTEST, fields, now)


def lift_place(tx: Tx, house: House, stop_id: int, *, user: Row, now: int) -> None:
    """A senior looked at a place where something was wrong after a reply (C-34): replies may go there again.

    Raises:
        Stale: nothing is stopped there any more.
    """
    need_role(user, Role.SENIOR)
    row = next((stop for stop in standing.place_stops(tx) if stop["id"] == stop_id), None)
    if row is None or not standing.lift_place_stop(tx, stop_id, user["id"], now):
        raise Stale("Nothing is stopped there any more.")
    fields: dict[str, entries.Value] = {
        "step": "place lifted",
        "platform": row["platform"],
        "stop": stop_id,
        "by": house.keys.staff(user["id"], now),
    }
    entries.append(tx, EntryKind.ATTEST, fields, now)
