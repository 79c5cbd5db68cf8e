"""Evidence bundles in rows: what is asked for, what was taken, who had it in hand, and what must never be kept.

The bundles themselves are files. ``operator`` is always a pseudonym, as in the ledger.
"""

import json
from collections.abc import Mapping

from bot.store.db import Reader, Row, Tx
from bot.store.holds import IN_FORCE

CLAIM_MS = 480_000
"""How long a worker has to take one bundle, before another one may: beyond all of its deadlines together.

Twenty posts and three threads at eight seconds a request, two starts of the browser for the report, one for the page.
"""


def ask(tx: Tx, case_id: int, operator: str, at: int) -> int:
    """Ask for a bundle of a case; returns its number."""
    return tx.insert("evidence", {"case_id": case_id, "operator": operator, "asked_at": at})


def by_id(reader: Reader, evidence_id: int) -> Row | None:
    """One bundle with its case's platform and author."""
    return reader.row(
        """SELECT e.*, c.platform, c.author_id FROM evidence e JOIN cases c ON c.id = e.case_id WHERE e.id = :id""",
        id=evidence_id,
    )


def of_case(reader: Reader, case_id: int) -> list[Row]:
    """The bundles of one case, newest first."""
    return reader.rows("SELECT * FROM evidence WHERE case_id = :id ORDER BY id DESC", id=case_id)


def every(reader: Reader, now: int) -> list[Row]:
    """All bundles, newest first, with the platform and the review of the hold in force, None if there is none."""
    return reader.rows(
        f"""SELECT e.*, c.platform, (SELECT max(h.review_at) FROM legal_holds h WHERE h.case_id = e.case_id
            AND {IN_FORCE}) AS held
        FROM evidence e JOIN cases c ON c.id = e.case_id ORDER BY e.id DESC""",  # noqa: S608 - a constant of ours
        now=now,
    )


def pending(reader: Reader, case_id: int) -> bool:
    """Whether a bundle of this case is asked for and not taken yet."""
    return bool(reader.value("SELECT 1 FROM evidence WHERE case_id = :id AND state = 'asked' LIMIT 1", id=case_id))


def answered_by(reader: Reader, post: Row) -> Row | None:
    """The stored post that a post answers; None if we never heard it."""
    return reader.row(
        """SELECT * FROM mentions WHERE platform = :platform AND native_id = :parent AND surface = :surface
        ORDER BY id LIMIT 1""",
        platform=post["platform"],
        parent=post["parent_key"],
        surface=post["surface"],
    )


# the worker's side --------------------------------------------------------------------------------


def claim(tx: Tx, now: int) -> Row | None:
    """Take the oldest bundle that is asked for and due; nobody else gets it meanwhile."""
    found = tx.value(
        "SELECT id FROM evidence WHERE state = 'asked' AND next_try_at <= :now ORDER BY next_try_at, id LIMIT 1",
        now=now,
    )
    if found is None:
        return None
    tx.run(
        "UPDATE evidence SET attempts = attempts + 1, next_try_at = :until WHERE id = :id",
        until=now + CLAIM_MS,
        id=found,
    )
    return by_id(tx, int(found))


def postpone(tx: Tx, evidence_id: int, until: int, trouble: str) -> None:
    """It could not be taken now, and why; the next try is due at ``until``."""
    tx.run(
        "UPDATE evidence SET next_try_at = :until, trouble = :trouble WHERE id = :id AND state = 'asked'",
        until=until,
        trouble=trouble,
        id=evidence_id,
    )


def taken(tx: Tx, evidence_id: int, *, at: int, manifest: str, size: int, told: Mapping[str, object]) -> bool:
    """A bundle lies in its place: SHA-256 of its manifest, its bytes, and what it says of itself.

    False if it is not asked for any more; then the file must go.
    """
    return bool(
        tx.run(
            """UPDATE evidence SET state = 'taken', taken_at = :at, manifest = :manifest, size = :size, told = :told,
            trouble = '' WHERE id = :id AND state = 'asked'""",
            at=at,
            manifest=manifest,
            size=size,
            told=json.dumps(dict(told)),
            id=evidence_id,
        )
    )


def without_hold(reader: Reader, now: int) -> list[Row]:
    """Bundles, taken or asked for, that no hold in force keeps, or that must not be kept."""
    return reader.rows(
        f"""SELECT e.*, c.platform, c.author_id,
            EXISTS (SELECT 1 FROM untouchable u WHERE u.case_id = e.case_id) AS forbidden
        FROM evidence e JOIN cases c ON c.id = e.case_id WHERE e.state <> 'removed' AND (
            EXISTS (SELECT 1 FROM untouchable u WHERE u.case_id = e.case_id)
            OR NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.case_id = e.case_id AND {IN_FORCE}))""",  # noqa: S608 - likewise
        now=now,
    )


def removed(tx: Tx, evidence_id: int) -> bool:
    """The bundle goes; False if it went before."""
    return bool(tx.run("UPDATE evidence SET state = 'removed' WHERE id = :id AND state <> 'removed'", id=evidence_id))


def states(reader: Reader) -> dict[int, str]:
    """Number of each bundle -> its state."""
    return {row["id"]: row["state"] for row in reader.rows("SELECT id, state FROM evidence")}


def last_number(reader: Reader) -> int:
    """The highest number that this database ever gave to a bundle."""
    return int(reader.value("SELECT seq FROM sqlite_sequence WHERE name = 'evidence'") or 0)


# who had it in hand -------------------------------------------------------------------------------


def note(tx: Tx, evidence_id: int, step: str, operator: str, at: int, *, receiver: str = "", reason: str = "") -> None:
    """Write one line of a bundle's custody log."""
    row = {"evidence_id": evidence_id, "at": at, "step": step, "operator": operator}
    tx.insert("custody", {**row, "receiver": receiver, "reason": reason})


def custody(reader: Reader, evidence_id: int) -> list[Row]:
    """A bundle's custody log, oldest first."""
    return reader.rows("SELECT * FROM custody WHERE evidence_id = :id ORDER BY id", id=evidence_id)


# what must never be kept --------------------------------------------------------------------------


def forbid(tx: Tx, case_id: int, at: int) -> bool:
    """Nothing of this case is kept or shown any more but its words; False if that was so before."""
    fresh = tx.run("INSERT INTO untouchable (case_id, at) VALUES (:id, :at) ON CONFLICT DO NOTHING", id=case_id, at=at)
    for row in tx.rows("SELECT canonical_key FROM mentions WHERE case_id = :id", id=case_id) if fresh else ():
        tx.keep("forbidden", row["canonical_key"])
    tx.run(
        """UPDATE mentions SET extras = '{"quoted": null, "media": [], "poll": []}' WHERE case_id = :id""", id=case_id
    )
    return bool(fresh)


def untouchable(reader: Reader) -> frozenset[str]:
    """Keys and ids of the posts of all such cases: they stay out of the evidence of any other case, too."""
    found = reader.rows(
        "SELECT canonical_key, native_id FROM mentions WHERE case_id IN (SELECT case_id FROM untouchable)"
    )
    return frozenset(row[name] for row in found for name in ("canonical_key", "native_id"))


def forbidden(reader: Reader, case_id: int) -> bool:
    """Whether a person suspects pictures of abused children in this case."""
    return bool(reader.value("SELECT 1 FROM untouchable WHERE case_id = :id", id=case_id))
