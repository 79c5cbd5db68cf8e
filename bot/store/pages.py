"""Pages: one message to one contact about one or more escalations. Each is claimed, sent, and marked."""

from bot.model import AlarmKind
from bot.store.db import Reader, Row, Tx

_NEEDED = """EXISTS (SELECT 1 FROM page_escalations h JOIN escalations e ON e.id = h.escalation_id
    WHERE h.page_id = p.id AND e.ended_at IS NULL AND e.acknowledged_at IS NULL)"""


def made_since(reader: Reader, contact: str, since: int) -> int:
    """How many pages a contact was given since a time."""
    return int(
        reader.value(
            "SELECT count(*) FROM pages WHERE contact = :c AND made_at > :since AND state <> 'dropped'",
            c=contact,
            since=since,
        )
    )


def about_since(reader: Reader, escalation_id: int, since: int) -> bool:
    """Whether an escalation was paged, or planned to be, since a time."""
    return bool(
        reader.value(
            """SELECT 1 FROM pages p JOIN page_escalations h ON h.page_id = p.id
            WHERE h.escalation_id = :id AND p.made_at >= :since LIMIT 1""",
            id=escalation_id,
            since=since,
        )
    )


def told_since(reader: Reader, contact: str, escalation_id: int, since: int) -> bool:
    """Whether a contact was paged about an escalation, or is about to be, since a time."""
    return bool(
        reader.value(
            """SELECT 1 FROM pages p JOIN page_escalations h ON h.page_id = p.id
            WHERE p.contact = :contact AND h.escalation_id = :id AND p.made_at >= :since LIMIT 1""",
            contact=contact,
            id=escalation_id,
            since=since,
        )
    )


def waits(reader: Reader, contact: str, escalation_id: int) -> bool:
    """Whether a page about this escalation still waits to be sent to this contact."""
    return bool(
        reader.value(
            """SELECT 1 FROM pages p JOIN page_escalations h ON h.page_id = p.id
            WHERE p.contact = :contact AND h.escalation_id = :id AND p.state IN ('due', 'sending')""",
            contact=contact,
            id=escalation_id,
        )
    )


def waiting_digest(reader: Reader, contact: str, kind: AlarmKind) -> int | None:
    """The digest to a contact that was not claimed yet."""
    found = reader.value(
        "SELECT id FROM pages WHERE contact = :c AND kind = :kind AND digest = 1 AND state = 'due' AND attempts = 0",
        c=contact,
        kind=kind,
    )
    return None if found is None else int(found)


def add(tx: Tx, row: dict[str, object]) -> int:
    """A new page: kind, contact, digest, first_look, made_at, due_at."""
    return tx.insert("pages", row)


def about(tx: Tx, page_id: int, escalation_id: int, due_at: int) -> None:
    """The page tells of this escalation as well, at ``due_at`` at the latest."""
    tx.run(
        "INSERT INTO page_escalations (page_id, escalation_id) VALUES (:page, :id) ON CONFLICT DO NOTHING",
        page=page_id,
        id=escalation_id,
    )
    tx.run("UPDATE pages SET due_at = min(due_at, :due) WHERE id = :page", page=page_id, due=due_at)


def drop_needless(tx: Tx) -> None:
    """Pages that wait although all that they tell of is over or in somebody's hands are not sent."""
    tx.run(f"UPDATE pages AS p SET state = 'dropped' WHERE state = 'due' AND NOT {_NEEDED}")  # noqa: S608 - ours


def next_due(reader: Reader, now: int) -> Row | None:
    """The page that is due longest."""
    return reader.row("SELECT * FROM pages WHERE state = 'due' AND due_at <= :now ORDER BY due_at, id LIMIT 1", now=now)


def claim(tx: Tx, page_id: int, *, until: int, token_hash: str, token_until: int) -> bool:
    """Take a page to send it; False if another worker was quicker."""
    return bool(
        tx.run(
            """UPDATE pages SET state = 'sending', attempts = attempts + 1, claimed_until = :until,
            token_hash = :hash, token_until = :token_until WHERE id = :id AND state = 'due'""",
            id=page_id,
            until=until,
            hash=token_hash,
            token_until=token_until,
        )
    )


def sent(tx: Tx, page_id: int, at: int) -> bool:
    """The channel took it; its escalations count as paged. False if the claim had run out meanwhile."""
    marked = tx.run(
        "UPDATE pages SET state = 'sent', sent_at = :at, failing_since = NULL WHERE id = :id AND state = 'sending'",
        id=page_id,
        at=at,
    )
    if marked:
        tx.run(
            """UPDATE escalations SET paged_at = :at
            WHERE id IN (SELECT escalation_id FROM page_escalations WHERE page_id = :id)""",
            id=page_id,
            at=at,
        )
    return bool(marked)


def failed(tx: Tx, page_id: int, *, channel: int, due_at: int, cause: str, at: int) -> None:
    """The channel did not take it: ``channel`` is tried at ``due_at``."""
    tx.run(
        """UPDATE pages SET state = 'due', channel = :channel, due_at = :due, cause = :cause,
        failing_since = coalesce(failing_since, :at) WHERE id = :id AND state = 'sending'""",
        id=page_id,
        channel=channel,
        due=due_at,
        cause=cause,
        at=at,
    )


def drop(tx: Tx, page_id: int) -> None:
    """The contact does not stand in the configuration any more."""
    tx.run("UPDATE pages SET state = 'dropped' WHERE id = :id AND state = 'due'", id=page_id)


def cut_off(tx: Tx, now: int) -> list[Row]:
    """Pages whose worker died while it sent them: nobody knows whether they arrived. They are never sent again."""
    return tx.rows(
        "UPDATE pages SET state = 'uncertain' WHERE state = 'sending' AND claimed_until <= :now RETURNING *", now=now
    )


def escalations_of(reader: Reader, page_id: int) -> list[Row]:
    """What a page tells of."""
    return reader.rows(
        """SELECT e.*, (SELECT min(h.case_id) FROM escalation_cases h WHERE h.escalation_id = e.id) AS case_id
        FROM escalations e JOIN page_escalations p ON p.escalation_id = e.id WHERE p.page_id = :id ORDER BY e.id""",
        id=page_id,
    )


def by_token(reader: Reader, token_hash: str, now: int) -> Row | None:
    """The page whose acknowledge link bears this token, unless the link has expired."""
    return reader.row("SELECT * FROM pages WHERE token_hash = :h AND token_until > :now", h=token_hash, now=now)


def use_token(tx: Tx, page_id: int, at: int) -> bool:
    """The link is used once; False if it was used before."""
    return bool(
        tx.run("UPDATE pages SET acknowledged_at = :at WHERE id = :id AND acknowledged_at IS NULL", id=page_id, at=at)
    )


def of_escalation(reader: Reader, escalation_id: int) -> list[Row]:
    """The pages about one escalation, oldest first."""
    return reader.rows(
        """SELECT p.* FROM pages p JOIN page_escalations h ON h.page_id = p.id
        WHERE h.escalation_id = :id ORDER BY p.made_at, p.id""",
        id=escalation_id,
    )


def failing(reader: Reader) -> list[Row]:
    """Pages that no channel takes, and those that were cut off while nobody acknowledged."""
    return reader.rows(
        f"""SELECT p.* FROM pages p WHERE {_NEEDED}
        AND ((p.state IN ('due', 'sending') AND p.failing_since IS NOT NULL) OR p.state = 'uncertain')
        ORDER BY p.made_at""",  # noqa: S608 - ours
    )
