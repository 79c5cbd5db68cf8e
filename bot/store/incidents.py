"""Incidents and the cases that concern them. Folding is read from these rows; no case changes by it."""

import json
from collections.abc import Collection, Iterable, Sequence

from bot.errors import Stale
from bot.store.db import Reader, Row, Tx

OPEN = "i.ended_at IS NULL AND i.valid_from <= :now AND (i.valid_until IS NULL OR i.valid_until > :now)"
"""Whether incident ``i`` counts at ``:now``."""

FOLD = """(SELECT min(f.incident_id) FROM incident_cases f WHERE f.case_id = cases.id AND f.folds = 1
    AND f.taken_out = 0 AND cases.state IN ('new', 'outbox') AND cases.not_assessed = 0
    AND (f.incident_id || ' ' || cases.lane) IN (SELECT value FROM json_each(:folding)))"""
"""The incident in whose row a row of ``cases`` stands, or NULL: the oldest that fits, so that none stands in two.

``:folding`` is a JSON list of incident and lane, divided by a blank. What somebody works on, what failed and what was
not assessed never folds.
"""

_NEWS = "('opened', 'post_joined', 'post_edited', 'merged', 'lane_changed')"


def by_id(reader: Reader, incident_id: int) -> Row | None:
    """One incident, with the initials of who opened and who ended it."""
    return reader.row(
        """SELECT i.*, o.initials AS opener, e.initials AS ender FROM incidents i
        JOIN users o ON o.id = i.opened_by LEFT JOIN users e ON e.id = i.ended_by WHERE i.id = :id""",
        id=incident_id,
    )


def listed(reader: Reader, *, limit: int = 100) -> list[Row]:
    """Incidents, those that are not ended first, then the newest."""
    return reader.rows(
        "SELECT * FROM incidents ORDER BY ended_at IS NOT NULL, valid_from DESC, id DESC LIMIT :n", n=limit
    )


def standing(reader: Reader, now: int) -> list[Row]:
    """The incidents that count now, oldest first."""
    return reader.rows(f"SELECT i.* FROM incidents i WHERE {OPEN} ORDER BY i.id", now=now)  # noqa: S608 - a constant of ours


def storm(reader: Reader, now: int) -> bool:
    """Whether many are angry about the same: then nobody is warned, and nothing is prepared."""
    return bool(reader.value(f"SELECT 1 FROM incidents i WHERE i.kind = 'storm' AND {OPEN} LIMIT 1", now=now))  # noqa: S608 - likewise


def add(tx: Tx, row: dict[str, object]) -> int:
    """Open an incident; returns its number."""
    return tx.insert("incidents", row)


def change(tx: Tx, incident_id: int, *, version: int, **columns: object) -> None:
    """Write columns over version ``version``; cases are compared anew.

    Raises:
        Stale: somebody changed it meanwhile.
    """
    known = {"kind", "words", "topic", "area", "link", "valid_from", "valid_until", "ended_at", "ended_by"}
    if not known >= columns.keys():
        raise ValueError(f"No such columns: {columns.keys() - known}")
    sets = "".join(f"{name} = :{name}, " for name in columns)
    changed = tx.run(
        f"UPDATE incidents SET {sets} cursor = 0, version = version + 1 WHERE id = :id AND version = :version",  # noqa: S608 - names checked above
        id=incident_id,
        version=version,
        **columns,
    )
    if not changed:
        raise Stale("Somebody else changed this incident meanwhile.")


# cases of an incident -----------------------------------------------------------------------------


def with_news(reader: Reader, incident: Row, limit: int) -> tuple[list[int], int]:
    """Open cases that opened or changed since they were last compared, and the event to go on from.

    In steps of ``limit`` events; where nothing is new the event is the one that was given.
    """
    rows = reader.rows(
        f"""SELECT e.id, e.case_id FROM case_events e WHERE e.id > :cursor AND e.kind IN {_NEWS}
        ORDER BY e.id LIMIT :limit""",  # noqa: S608 - a constant of ours
        cursor=incident["cursor"],
        limit=limit,
    )
    cursor = rows[-1]["id"] if rows else incident["cursor"]
    return list(dict.fromkeys(int(row["case_id"]) for row in rows)), int(cursor)


def to_compare(reader: Reader, case_ids: Iterable[int], since: int) -> list[Row]:
    """The posts of cases with what triage said: case_id, topic, reason, text, created_at, personal, latest.

    The posts from ``since`` on, and in any case the one that a reply would answer, which comes first.
    """
    return reader.rows(
        """SELECT c.id AS case_id, c.topic, c.reason, m.text, m.created_at, m.id = c.latest_mention AS latest,
            EXISTS (SELECT 1 FROM findings f WHERE f.mention_id = m.id AND f.label = 'personal_data'
                AND f.detector IN ('personal_data', 'personal_attached')) AS personal
        FROM cases c JOIN mentions m ON m.case_id = c.id
        WHERE c.id IN (SELECT value FROM json_each(:ids)) AND (m.id = c.latest_mention OR m.created_at >= :since)
        ORDER BY c.id, latest DESC, m.id""",
        ids=json.dumps(list(case_ids)),
        since=since,
    )


def compared(tx: Tx, incident: Row, fits: Sequence[tuple[int, bool, bool]], cursor: int) -> bool:
    """Keep how cases stand to an incident: (case, concerns, folds); False if the incident changed meanwhile."""
    going_on = tx.run(
        "UPDATE incidents SET cursor = :cursor WHERE id = :id AND version = :version",
        cursor=cursor,
        id=incident["id"],
        version=incident["version"],
    )
    for case_id, concerns, folds in fits if going_on else ():
        key = {"incident": incident["id"], "case": case_id}
        if concerns:
            tx.run(
                """INSERT INTO incident_cases (incident_id, case_id, folds)
                SELECT :incident, id, :folds FROM cases WHERE id = :case
                ON CONFLICT (case_id, incident_id) DO UPDATE SET folds = excluded.folds""",
                folds=folds,
                **key,
            )
        else:
            tx.run(
                "DELETE FROM incident_cases WHERE incident_id = :incident AND case_id = :case AND taken_out = 0", **key
            )
    return bool(going_on)


def surface(tx: Tx, case_id: int) -> None:
    """A case needs somebody: it stands for itself again until its author writes anew."""
    tx.run("UPDATE incident_cases SET folds = 0 WHERE case_id = :case", case=case_id)


def take_out(tx: Tx, incident_id: int, case_id: int) -> bool:
    """A person says that a case does not belong to an incident; False if it did not stand there."""
    changed = tx.run(
        "UPDATE incident_cases SET taken_out = 1 WHERE incident_id = :incident AND case_id = :case AND taken_out = 0",
        incident=incident_id,
        case=case_id,
    )
    return bool(changed)


def stands_in(reader: Reader, incident_id: int, case_id: int, now: int) -> bool:
    """Whether an incident counts now and a case still is one of its many."""
    return bool(
        reader.value(
            f"""SELECT 1 FROM incident_cases f JOIN incidents i ON i.id = f.incident_id
            WHERE f.incident_id = :incident AND f.case_id = :case AND f.folds = 1 AND f.taken_out = 0 AND {OPEN}""",  # noqa: S608 - a constant of ours
            incident=incident_id,
            case=case_id,
            now=now,
        )
    )


def of_case(reader: Reader, case_id: int, now: int) -> list[Row]:
    """The incidents that count now and that a case concerns, oldest first, each with ``folds``."""
    return reader.rows(
        f"""SELECT i.*, f.folds FROM incident_cases f JOIN incidents i ON i.id = f.incident_id
        WHERE f.case_id = :case AND f.taken_out = 0 AND {OPEN} ORDER BY i.id""",  # noqa: S608 - a constant of ours
        case=case_id,
        now=now,
    )


def of_cases(reader: Reader, case_ids: Collection[int]) -> list[Row]:
    """The incidents that cases concern or concerned: ``case_id``, ``kind``, and since when the incident is."""
    return reader.rows(
        """SELECT f.case_id, i.kind, i.valid_from FROM incident_cases f JOIN incidents i ON i.id = f.incident_id
        WHERE f.case_id IN (SELECT value FROM json_each(:cases)) ORDER BY f.case_id, i.id""",
        cases=json.dumps(list(case_ids)),
    )


def counts(reader: Reader, incident_id: int) -> tuple[int, int]:
    """How many open cases concern an incident, and how many of them fold."""
    row = reader.row(
        """SELECT count(*), coalesce(sum(f.folds), 0) FROM incident_cases f JOIN cases c ON c.id = f.case_id
        WHERE f.incident_id = :id AND f.taken_out = 0 AND c.state NOT IN ('sent', 'closed')""",
        id=incident_id,
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)


def folding(pairs: Collection[tuple[int, str]]) -> str:
    """The parameter of ``FOLD``: pairs of an incident and a lane that it folds."""
    return json.dumps([f"{incident} {lane}" for incident, lane in sorted(pairs)])
