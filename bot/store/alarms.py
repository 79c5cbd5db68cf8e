"""Escalations and the pages that tell people of them. Every change is one conditional update."""

from bot.model import AlarmKind
from bot.model.retention import DAY_MS
from bot.store.db import Reader, Row, Tx

_STANDING = "e.ended_at IS NULL"


def standing(reader: Reader) -> bool:
    """Whether any escalation is open."""
    return bool(reader.value("SELECT 1 FROM escalations WHERE ended_at IS NULL LIMIT 1"))


def open_ones(reader: Reader) -> int:
    """How many escalations are open."""
    return int(reader.value("SELECT count(*) FROM escalations WHERE ended_at IS NULL"))


def by_id(reader: Reader, escalation_id: int) -> Row | None:
    """One escalation."""
    return reader.row("SELECT * FROM escalations WHERE id = :id", id=escalation_id)


def of_case(reader: Reader, case_id: int, kind: AlarmKind | None = None) -> Row | None:
    """The open escalation that holds a case, of one kind or, by default, of any: threats before the others."""
    return reader.row(
        f"""SELECT e.* FROM escalations e JOIN escalation_cases h ON h.escalation_id = e.id
        WHERE h.case_id = :case AND {_STANDING} AND (:kind IS NULL OR e.kind = :kind)
        ORDER BY e.kind = 'threat' DESC, e.id LIMIT 1""",  # noqa: S608 - a constant of ours
        case=case_id,
        kind=kind,
    )


def of_author(reader: Reader, case: Row, kind: AlarmKind) -> Row | None:
    """The open escalation of the author of ``case`` on its platform, whichever of our accounts was written to."""
    return reader.row(
        f"""SELECT e.* FROM escalations e JOIN escalation_cases h ON h.escalation_id = e.id
        JOIN cases c ON c.id = h.case_id
        WHERE c.platform = :platform AND c.author_id = :author AND e.kind = :kind AND {_STANDING}
        ORDER BY e.id LIMIT 1""",  # noqa: S608 - likewise
        platform=case["platform"],
        author=case["author_id"],
        kind=kind,
    )


def open_one(tx: Tx, *, kind: AlarmKind, acute: bool, why: str, page_at: int, at: int) -> int:
    """A new escalation; its first round of pages is due at ``page_at``."""
    row = {"kind": kind, "acute": acute, "why": why, "opened_at": at, "page_at": page_at, "rung_at": at}
    return tx.insert("escalations", row)


def hold(tx: Tx, escalation_id: int, case_id: int, at: int, *, linked_by: int | None = None) -> bool:
    """Put a case into an escalation; False if it was there."""
    fresh = tx.run(
        """INSERT INTO escalation_cases (escalation_id, case_id, at, linked_by)
        VALUES (:escalation, :case, :at, :by) ON CONFLICT DO NOTHING""",
        escalation=escalation_id,
        case=case_id,
        at=at,
        by=linked_by,
    )
    if fresh:
        _keep(tx, escalation_id, over=False)
    return bool(fresh)


def _keep(tx: Tx, escalation_id: int, *, over: bool) -> None:
    """What a restored backup could not know: each case, by its oldest post, has an alarm, or has it no more."""
    rows = tx.rows(
        """SELECT e.kind, e.acute, (SELECT canonical_key FROM mentions WHERE case_id = h.case_id ORDER BY id LIMIT 1)
            AS post FROM escalations e JOIN escalation_cases h ON h.escalation_id = e.id WHERE e.id = :id""",
        id=escalation_id,
    )
    for row in rows:
        if row["post"] is not None:
            tx.keep(f"{row['kind']}_over" if over else "acute" if row["acute"] else str(row["kind"]), row["post"])


def let_go(tx: Tx, escalation_id: int, case_id: int) -> None:
    """The case does not belong to the escalation after all."""
    tx.run(
        "DELETE FROM escalation_cases WHERE escalation_id = :escalation AND case_id = :case",
        escalation=escalation_id,
        case=case_id,
    )


def ring(tx: Tx, escalation_id: int, at: int, *, acute: bool) -> None:
    """Page the chain from its beginning: the alarm is graver than before, or the last one is an hour old."""
    tx.run(
        """UPDATE escalations SET acute = max(acute, :acute), page_at = :at, place = 0, rung_at = :at,
        acknowledged_at = NULL, acknowledged_contact = '', acknowledged_user = NULL, late_page_at = NULL,
        version = version + 1 WHERE id = :id""",
        id=escalation_id,
        at=at,
        acute=acute,
    )
    if acute:
        _keep(tx, escalation_id, over=False)


# what is due ----------------------------------------------------------------------------------------


def rounds_due(reader: Reader, now: int) -> list[Row]:
    """Escalations whose next round of pages is due, the one that waits longest first."""
    return reader.rows(
        "SELECT * FROM escalations WHERE ended_at IS NULL AND page_at <= :now ORDER BY page_at, id", now=now
    )


def next_round(tx: Tx, escalation_id: int, *, place: int, page_at: int) -> None:
    """A round of pages is planned; the next one is that of ``place`` at ``page_at``."""
    tx.run(
        "UPDATE escalations SET place = :place, page_at = :at WHERE id = :id", id=escalation_id, place=place, at=page_at
    )


def hasten(tx: Tx, escalation_id: int, at: int) -> None:
    """Somebody cannot be reached: the next person of the chain is paged at once, if there is one left."""
    tx.run(
        """UPDATE escalations SET page_at = min(page_at, :at)
        WHERE id = :id AND ended_at IS NULL AND acknowledged_at IS NULL AND place > 0""",
        id=escalation_id,
        at=at,
    )


def unpaged_since(reader: Reader, *, rung_before: int, look_before: int) -> list[Row]:
    """Open escalations that nobody was told of in time: alarms rung before, and first looks that were due before."""
    return reader.rows(
        """SELECT * FROM escalations WHERE ended_at IS NULL AND late_page_at IS NULL AND acknowledged_at IS NULL
        AND (paged_at IS NULL OR paged_at < rung_at)
        AND rung_at < CASE WHEN acute = 1 OR kind <> 'threat' THEN :rung ELSE :look END ORDER BY id""",
        rung=rung_before,
        look=look_before,
    )


def undecided_since(reader: Reader, before: int) -> list[Row]:
    """Threats that nobody decided about in time."""
    return reader.rows(
        """SELECT * FROM escalations WHERE state = 'open' AND kind = 'threat' AND late_decision_at IS NULL
        AND opened_at < :before ORDER BY id""",
        before=before,
    )


def unreported_since(reader: Reader, before: int) -> list[Row]:
    """Confirmed threats that were not reported in time."""
    return reader.rows(
        """SELECT * FROM escalations WHERE state = 'confirmed' AND reported_at IS NULL AND late_report_at IS NULL
        AND confirmed_at < :before ORDER BY id""",
        before=before,
    )


_LATE = {"paged": "late_page_at", "decided": "late_decision_at", "reported": "late_report_at"}


def late(tx: Tx, escalation_id: int, timer: str, at: int) -> None:
    """A timer ran out: that of "paged", "decided" or "reported"."""
    tx.run(f"UPDATE escalations SET {_LATE[timer]} = :at WHERE id = :id", id=escalation_id, at=at)  # noqa: S608 - ours


# what people do -------------------------------------------------------------------------------------


def acknowledge(tx: Tx, escalation_id: int, at: int, *, contact: str = "", user_id: int | None = None) -> bool:
    """Somebody looks after it: nobody else is paged. False if somebody did before, or it is over."""
    return bool(
        tx.run(
            """UPDATE escalations SET acknowledged_at = :at, acknowledged_contact = :contact,
            acknowledged_user = :user, page_at = NULL, version = version + 1
            WHERE id = :id AND acknowledged_at IS NULL AND ended_at IS NULL""",
            id=escalation_id,
            at=at,
            contact=contact,
            user=user_id,
        )
    )


def confirm(tx: Tx, escalation_id: int, user_id: int, at: int) -> bool:
    """A person says that it is a threat; False if it was decided before."""
    return bool(
        tx.run(
            """UPDATE escalations SET state = 'confirmed', confirmed_at = :at, confirmed_by = :user,
            version = version + 1 WHERE id = :id AND state = 'open'""",
            id=escalation_id,
            at=at,
            user=user_id,
        )
    )


def reported(tx: Tx, escalation_id: int, at: int) -> None:
    """The police and the board know."""
    tx.run("UPDATE escalations SET reported_at = coalesce(reported_at, :at) WHERE id = :id", id=escalation_id, at=at)


def put_report(tx: Tx, row: dict[str, object]) -> bool:
    """One report that was made: escalation_id, target, at, receipt, user_id; False if it was there."""
    return bool(
        tx.run(
            """INSERT INTO escalation_reports (escalation_id, target, at, receipt, user_id)
            VALUES (:escalation_id, :target, :at, :receipt, :user_id) ON CONFLICT DO NOTHING""",
            **row,
        )
    )


def reports_of(reader: Reader, escalation_id: int) -> list[Row]:
    """The reports that were made, with the initials of who made them."""
    return reader.rows(
        """SELECT r.*, u.initials FROM escalation_reports r JOIN users u ON u.id = r.user_id
        WHERE r.escalation_id = :id ORDER BY r.at""",
        id=escalation_id,
    )


def agree(tx: Tx, row: dict[str, object]) -> bool:
    """Somebody agrees that nothing is reported: escalation_id, user_id, role, reason, at; False if they did before."""
    return bool(
        tx.run(
            """INSERT INTO duty_checks (escalation_id, user_id, role, reason, at)
            VALUES (:escalation_id, :user_id, :role, :reason, :at) ON CONFLICT DO NOTHING""",
            **row,
        )
    )


def agreed(reader: Reader, escalation_id: int) -> list[Row]:
    """Who agreed that nothing is reported, and why."""
    return reader.rows(
        """SELECT d.*, u.initials FROM duty_checks d JOIN users u ON u.id = d.user_id
        WHERE d.escalation_id = :id ORDER BY d.at""",
        id=escalation_id,
    )


def forget_agreed(tx: Tx, escalation_id: int) -> None:
    """What was agreed does not count any more: something came that nobody had seen."""
    tx.run("DELETE FROM duty_checks WHERE escalation_id = :id", id=escalation_id)


def put_request(tx: Tx, row: dict[str, object]) -> None:
    """A request-only offence concerns somebody: escalation_id, user_id, offence, known_on, until, at."""
    tx.run(
        """INSERT INTO requests_to_prosecute (escalation_id, user_id, offence, known_on, until, at)
        VALUES (:escalation_id, :user_id, :offence, :known_on, :until, :at)
        ON CONFLICT (escalation_id, user_id, offence) DO UPDATE SET known_on = :known_on, until = :until""",
        **row,
    )


def requests_of(reader: Reader, user_id: int) -> list[Row]:
    """The deadlines of one person, for themselves only."""
    return reader.rows("SELECT * FROM requests_to_prosecute WHERE user_id = :user ORDER BY until, id", user=user_id)


# reading --------------------------------------------------------------------------------------------


def listed(reader: Reader, *, ended: bool, limit: int) -> list[Row]:
    """Escalations with their first case, the open ones first opened first, the ended ones last ended first."""
    return reader.rows(
        f"""SELECT e.*, (SELECT min(h.case_id) FROM escalation_cases h WHERE h.escalation_id = e.id) AS case_id
        FROM escalations e WHERE (e.ended_at IS NOT NULL) = :ended
        ORDER BY {"e.ended_at DESC, e.id DESC" if ended else "e.acute DESC, e.opened_at, e.id"} LIMIT :limit""",  # noqa: S608 - ours
        ended=ended,
        limit=limit,
    )


def cases_of(reader: Reader, escalation_id: int) -> list[Row]:
    """The cases of an escalation, the first one first; ``linked`` are the initials of who linked one."""
    return reader.rows(
        """SELECT c.*, h.at AS held_at, u.initials AS linked, m.owned_surface FROM escalation_cases h
        JOIN cases c ON c.id = h.case_id LEFT JOIN users u ON u.id = h.linked_by
        LEFT JOIN mentions m ON m.id = c.latest_mention
        WHERE h.escalation_id = :id ORDER BY h.at, c.id""",
        id=escalation_id,
    )


def taken_by(reader: Reader, escalation_id: int) -> str:
    """The initials of who looks after it at the desk; "" if nobody does."""
    found = reader.value(
        "SELECT u.initials FROM escalations e JOIN users u ON u.id = e.acknowledged_user WHERE e.id = :id",
        id=escalation_id,
    )
    return f"^{found}" if found else ""


def case_ids(reader: Reader, escalation_id: int) -> list[int]:
    """The cases that an escalation holds, the first one first."""
    return [
        row["case_id"]
        for row in reader.rows(
            "SELECT case_id FROM escalation_cases WHERE escalation_id = :id ORDER BY at, case_id", id=escalation_id
        )
    ]


def end(tx: Tx, escalation_id: int, state: str, at: int) -> bool:
    """The escalation is over; nobody is paged for it any more. False if it was over."""
    ended = tx.run(
        """UPDATE escalations SET state = :state, ended_at = :at, page_at = NULL, version = version + 1
        WHERE id = :id AND ended_at IS NULL""",
        id=escalation_id,
        state=state,
        at=at,
    )
    if ended:
        _keep(tx, escalation_id, over=True)
    return bool(ended)


# keeping ---------------------------------------------------------------------------------------------

KEPT_MS = 366 * DAY_MS
"""For so long an escalation whose cases are gone counts in the sums of a week; it names no author any more."""

PAGES_MS = 90 * DAY_MS
"""For so long it is kept who was paged when."""

_BARE = "NOT EXISTS (SELECT 1 FROM escalation_cases h WHERE h.escalation_id = {})"


def tidy(tx: Tx, now: int) -> None:
    """What nobody needs any more goes: alarms of erased cases, what was written about them, pages, old deadlines."""
    bare = _BARE.format("escalations.id")
    tx.run(
        f"""UPDATE escalations SET state = 'settled', ended_at = :now, page_at = NULL
        WHERE ended_at IS NULL AND {bare}""",  # noqa: S608 - ours
        now=now,
    )
    tx.run(f"DELETE FROM duty_checks WHERE {_BARE.format('duty_checks.escalation_id')}")  # noqa: S608 - likewise
    tx.run(
        f"UPDATE escalation_reports SET receipt = '' WHERE {_BARE.format('escalation_reports.escalation_id')}"  # noqa: S608 - likewise
    )
    tx.run(f"DELETE FROM escalations WHERE ended_at < :old AND {bare}", old=now - KEPT_MS)  # noqa: S608 - likewise
    tx.run(
        """DELETE FROM pages WHERE made_at < :old AND NOT EXISTS (SELECT 1 FROM page_escalations h
            JOIN escalations e ON e.id = h.escalation_id WHERE h.page_id = pages.id AND e.ended_at IS NULL)""",
        old=now - PAGES_MS,
    )
    tx.run("DELETE FROM requests_to_prosecute WHERE until < date(:old / 1000, 'unixepoch')", old=now - 30 * DAY_MS)
