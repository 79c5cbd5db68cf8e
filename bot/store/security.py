"""Security cases: accounts that act in our name, and reports of such. They name conversations, never a person."""

from bot.store import cases
from bot.store.db import Reader, Row, Tx


def by_id(reader: Reader, security_id: int) -> Row | None:
    """One security case."""
    return reader.row("SELECT * FROM security_cases WHERE id = :id", id=security_id)


def of_case(reader: Reader, case_id: int) -> Row | None:
    """The security case of a conversation."""
    return reader.row("SELECT * FROM security_cases WHERE case_id = :id", id=case_id)


def warns_of(reader: Reader, case_id: int) -> Row | None:
    """The newest open security case whose false helper answered a post of this conversation."""
    return reader.row(
        """SELECT s.* FROM security_cases s JOIN mentions m ON m.id = s.customer_mention
        WHERE m.case_id = :id AND s.closed_at IS NULL AND s.kind = 'false_helper' ORDER BY s.id DESC LIMIT 1""",
        id=case_id,
    )


def acts_as_us(reader: Reader, case_id: int) -> bool:
    """Whether a conversation is that of a false helper: nobody answers it (E-13)."""
    found = "SELECT 1 FROM security_cases WHERE case_id = :id AND kind = 'false_helper' AND outcome <> :cleared"
    return bool(reader.value(found, id=case_id, cleared="no_false_helper"))


def listed(reader: Reader, *, closed: bool, limit: int = 100) -> list[Row]:
    """Security cases with platform and name of the account, the newest first."""
    return reader.rows(
        """SELECT s.*, c.platform, c.author_handle FROM security_cases s JOIN cases c ON c.id = s.case_id
        WHERE (s.closed_at IS NOT NULL) = :closed ORDER BY s.id DESC LIMIT :limit""",
        closed=closed,
        limit=limit,
    )


def open_count(reader: Reader) -> int:
    """How many security cases are open."""
    return int(reader.value("SELECT count(*) FROM security_cases WHERE closed_at IS NULL"))


def put(
    tx: Tx,
    *,
    case_id: int,
    kind: str,
    signals: str,
    mention_id: int,
    customer: int | None,
    at: int,
    by_person: bool = False,
) -> bool:
    """Open the security case of a conversation; True if it is new or open again, False if it was open.

    A false helper's post outweighs a report. One that a person cleared stays so until a person opens it again.
    """
    return bool(
        tx.run(
            """INSERT INTO security_cases (case_id, kind, signals, mention_id, customer_mention, opened_at)
            VALUES (:case, :kind, :signals, :mention, :customer, :at)
            ON CONFLICT (case_id) DO UPDATE SET kind = :kind, signals = :signals, mention_id = :mention,
            customer_mention = coalesce(:customer, customer_mention), version = version + 1, closed_at = NULL,
            outcome = '', reported_at = NULL, receipt = ''
            WHERE outcome IN ('taken_down', 'stays') OR (kind = 'report' AND :kind = 'false_helper')
            OR (:by_person AND closed_at IS NOT NULL)""",
            case=case_id,
            kind=kind,
            signals=signals,
            mention=mention_id,
            customer=customer,
            at=at,
            by_person=by_person,
        )
    )


def follow(tx: Tx, was: int, to: int) -> None:
    """Two conversations became one: its security case is that of either."""
    tx.run("UPDATE OR IGNORE security_cases SET case_id = :to WHERE case_id = :was", to=to, was=was)


def reported(tx: Tx, security_id: int, *, version: int, receipt: str, at: int) -> bool:
    """The platform was told; False if something changed meanwhile."""
    return _changed(tx, security_id, version, "reported_at = :at, receipt = :receipt", at=at, receipt=receipt)


def warned(tx: Tx, security_id: int, *, version: int, at: int) -> bool:
    """The warning stands on our own timeline; False if something changed meanwhile."""
    return _changed(tx, security_id, version, "warned_at = :at", at=at)


def closed(tx: Tx, security_id: int, *, version: int, outcome: str, at: int) -> bool:
    """It is over; False if something changed meanwhile."""
    return _changed(tx, security_id, version, "closed_at = :at, outcome = :outcome", at=at, outcome=outcome)


def _changed(tx: Tx, security_id: int, version: int, change: str, **values: object) -> bool:
    return bool(
        tx.run(
            f"""UPDATE security_cases SET {change}, version = version + 1
            WHERE id = :id AND version = :version AND closed_at IS NULL""",  # noqa: S608 - constants of ours
            id=security_id,
            version=version,
            **values,
        )
    )


def into_lane(tx: Tx, case_id: int, at: int) -> bool:
    """Put a conversation into the lane of scams, unless it stands in a graver one; True if it moved."""
    moved = tx.run(
        """UPDATE cases SET lane = 'scam', version = version + 1, updated_at = :at
        WHERE id = :id AND lane IN ('help', 'complaint', 'praise', 'listen', 'noise')""",
        id=case_id,
        at=at,
    )
    if moved:
        cases.note(tx, case_id, "lane_changed", at, note="scam")
    return bool(moved)


def customers_post(reader: Reader, row: Row) -> Row | None:
    """The post that ``row`` answers, if we hold it, somebody else wrote it, and its author spoke to us there."""
    if not row["parent_key"]:
        return None
    return reader.row(
        """SELECT * FROM mentions WHERE platform = :platform AND surface = :surface AND native_id = :parent
        AND author_id <> :author AND (triggers <> 'none' OR EXISTS (
            SELECT 1 FROM mentions o WHERE o.platform = mentions.platform AND o.surface = mentions.surface
            AND o.thread_key = mentions.thread_key AND o.author_id = mentions.author_id AND o.triggers <> 'none'))""",
        platform=row["platform"],
        surface=row["surface"],
        parent=row["parent_key"],
        author=row["author_id"],
    )


def answers_to(reader: Reader, row: Row, limit: int = 20) -> list[Row]:
    """Posts of others that answer ``row`` and came in before it, assessed already."""
    return reader.rows(
        """SELECT * FROM mentions WHERE platform = :platform AND surface = :surface AND parent_key = :id
        AND author_id <> :author AND stage = 'assessed' AND case_id IS NOT NULL ORDER BY id LIMIT :limit""",
        platform=row["platform"],
        surface=row["surface"],
        id=row["native_id"],
        author=row["author_id"],
        limit=limit,
    )
