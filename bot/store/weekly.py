"""Sums by week of what staff met and what was done about it. No author and no member of staff stands in them."""

from collections.abc import Mapping, Sequence

from bot.store.db import Reader, Row, Tx

LEAST = 5
"""Distinct authors that must stand behind a number before it is told (P-09)."""

_CASES = """SELECT count(*) AS n, count(DISTINCT platform || char(10) || author_id) AS authors FROM cases
    WHERE opened_at >= :begin AND opened_at < :end AND lane = '{}'"""
_ALARMS = """SELECT count(DISTINCT e.id) AS n, count(DISTINCT c.platform || char(10) || c.author_id) AS authors
    FROM escalations e LEFT JOIN escalation_cases h ON h.escalation_id = e.id LEFT JOIN cases c ON c.id = h.case_id
    WHERE e.{at} >= :begin AND e.{at} < :end AND e.kind = '{kind}' AND {state}"""
_REPORTS = """SELECT count(DISTINCT r.escalation_id || ' ' || r.target) AS n,
    count(DISTINCT c.platform || char(10) || c.author_id) AS authors FROM escalation_reports r
    LEFT JOIN escalation_cases h ON h.escalation_id = r.escalation_id LEFT JOIN cases c ON c.id = h.case_id
    WHERE r.at >= :begin AND r.at < :end AND r.target {}"""
_WARNINGS = """SELECT count(*) AS n, count(DISTINCT ladder_id) AS authors FROM rungs
    WHERE {at} >= :begin AND {at} < :end AND {more}"""
_REVIEWS = """SELECT count(*) AS n, count(DISTINCT ladder_id) AS authors FROM ladder_reviews
    WHERE decided_at >= :begin AND decided_at < :end AND outcome = '{}'"""
_IMPOSTORS = """SELECT count(*) AS n, count(DISTINCT c.platform || char(10) || c.author_id) AS authors
    FROM security_cases s JOIN cases c ON c.id = s.case_id
    WHERE s.{at} >= :begin AND s.{at} < :end AND s.kind = 'false_helper' AND {more}"""

_ALL = "1"
QUERIES: Mapping[str, str] = {
    "abuse": _CASES.format("abuse"),
    "threats": _CASES.format("threat"),
    "crises": _CASES.format("crisis"),
    "threats_confirmed": _ALARMS.format(at="confirmed_at", kind="threat", state=_ALL),
    "threats_figurative": _ALARMS.format(at="ended_at", kind="threat", state="e.state = 'figurative'"),
    "threats_not_reported": _ALARMS.format(at="ended_at", kind="threat", state="e.state = 'no_report'"),
    "reports_police": _REPORTS.format("IN ('police', 'onlinewache', 'dsa18')"),
    "reports_others": _REPORTS.format("NOT IN ('police', 'onlinewache', 'dsa18')"),
    "warnings_1": _WARNINGS.format(at="delivered_at", more="number = 1"),
    "warnings_2": _WARNINGS.format(at="delivered_at", more="number = 2"),
    "warnings_3": _WARNINGS.format(at="delivered_at", more="number = 3"),
    "warnings_withdrawn": _WARNINGS.format(at="withdrawn_at", more=_ALL),
    "reviews_reopen": _REVIEWS.format("reopen"),
    "reviews_stay": _REVIEWS.format("stay"),
    "reviews_report": _REVIEWS.format("report"),
    "reviews_legal": _REVIEWS.format("legal"),
    "false_helpers": _IMPOSTORS.format(at="opened_at", more=_ALL),
    "false_helpers_reported": _IMPOSTORS.format(at="reported_at", more=_ALL),
    "false_helpers_taken_down": _IMPOSTORS.format(at="closed_at", more="s.outcome = 'taken_down'"),
}
"""What is summed, in the order of the report. A thing is counted in the week in which it happened."""


def sums(reader: Reader, begin: int, end: int) -> dict[str, int | None]:
    """The sums from ``begin`` to before ``end``; None where one to four authors stand behind a number."""
    return {what: _told(reader.row(query, begin=begin, end=end)) for what, query in QUERIES.items()}


def _told(row: Row | None) -> int | None:
    if row is None or row["n"] == 0:
        return 0
    return None if row["authors"] < LEAST else int(row["n"])


def kept(reader: Reader, weeks: Sequence[int]) -> dict[int, dict[str, int | None]]:
    """The closed weeks among ``weeks``, each by its beginning."""
    found: dict[int, dict[str, int | None]] = {}
    for week in weeks:
        rows = reader.rows("SELECT what, n FROM weekly_sums WHERE week = :week", week=week)
        if rows:
            found[week] = {row["what"]: row["n"] for row in rows}
    return found


def close(tx: Tx, week: int, end: int) -> bool:
    """Keep the sums of a week that is over; False if they are kept already."""
    if tx.value("SELECT 1 FROM weekly_sums WHERE week = :week LIMIT 1", week=week):
        return False
    tx.insert_all("weekly_sums", "week what n", [(week, what, n) for what, n in sums(tx, week, end).items()])
    return True
