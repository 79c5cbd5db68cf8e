"""What monitoring counts: sums and ages over all rows, never by author or staff member (P-05, W-02)."""

from bot.store.db import Reader, Row, Tx
from bot.store.queue import OPEN

KEPT_MS = 30 * 86_400_000
"""Samples of the disk are kept this long."""


# what is noted for it --------------------------------------------------------------------------------


def passed(tx: Tx, stage: str, n: int) -> None:
    """A stage got through ``n`` more posts."""
    if n:
        tx.run(
            """INSERT INTO stage_counts (stage, n) VALUES (:stage, :n)
            ON CONFLICT (stage) DO UPDATE SET n = n + excluded.n""",
            stage=stage,
            n=n,
        )


def sample_disk(tx: Tx, *, free: int, used: int, at: int) -> None:
    """Keep how many bytes the data folder holds, and how many its disk has left."""
    tx.run(
        """INSERT INTO disk_samples (at, free, used) VALUES (:at, :free, :used)
        ON CONFLICT (at) DO UPDATE SET free = excluded.free, used = excluded.used""",
        at=at,
        free=free,
        used=used,
    )
    tx.run("DELETE FROM disk_samples WHERE at < :old", old=at - KEPT_MS)


# the house -------------------------------------------------------------------------------------------


def disk(reader: Reader, since: int) -> tuple[Row, Row] | None:
    """The first sample since a time, and the newest one; None before the first."""
    ends = reader.rows(
        """SELECT * FROM disk_samples WHERE at IN ((SELECT min(at) FROM disk_samples WHERE at >= :since),
        (SELECT max(at) FROM disk_samples)) ORDER BY at""",
        since=since,
    )
    return (ends[0], ends[-1]) if ends else None


def stages(reader: Reader) -> dict[str, int]:
    """How many posts each stage got through since the beginning."""
    return {row["stage"]: int(row["n"]) for row in reader.rows("SELECT stage, n FROM stage_counts")}


# sources ---------------------------------------------------------------------------------------------


def gaps_by_source(reader: Reader, since: int) -> dict[str, int]:
    """How many gaps each source has had since a time."""
    rows = reader.rows("SELECT source, count(*) AS n FROM gaps WHERE found_at >= :since GROUP BY source", since=since)
    return {row["source"]: int(row["n"]) for row in rows}


def costs(reader: Reader) -> dict[str, int]:
    """What each source has cost since the beginning, in micro-dollars."""
    return {row["source"]: int(row["n"]) for row in reader.rows("SELECT source, sum(micro) AS n FROM costs GROUP BY 1")}


def budgets(reader: Reader) -> list[Row]:
    """All allowances of all platforms, by bucket."""
    return reader.rows("SELECT * FROM budgets ORDER BY bucket")


# cases and replies -----------------------------------------------------------------------------------


def beyond_new(reader: Reader) -> dict[tuple[str, str], int]:
    """How many open cases stand in each lane and state, but for the new ones."""
    rows = reader.rows(
        """SELECT lane, state, count(*) AS n FROM cases
        WHERE state IN ('claimed', 'waiting', 'outbox', 'failed', 'escalated') GROUP BY lane, state"""
    )
    return {(row["lane"], row["state"]): int(row["n"]) for row in rows}


def unclaimed_since(reader: Reader, now: int) -> dict[str, int]:
    """Since when the oldest case of each lane waits for somebody to take it.

    It waits from the last time that it became new; a claim that was let go or ran out does not begin its wait anew.
    The lanes that nobody answers have no such wait.
    """
    rows = reader.rows(
        """SELECT c.lane, min(coalesce((SELECT max(e.at) FROM case_events e
            WHERE e.case_id = c.id AND e.kind IN ('opened', 'state_new')), c.opened_at)) AS since
        FROM cases c WHERE c.state IN ('new', 'claimed') AND (c.claimed_by IS NULL OR c.claimed_until <= :now)
        AND c.lane NOT IN ('listen', 'noise') GROUP BY c.lane""",
        now=now,
    )
    return {row["lane"]: int(row["since"]) for row in rows}


def overdue(reader: Reader, now: int) -> dict[str, int]:
    """How many cases of each lane that nobody answered are beyond the time in which we promised to."""
    rows = reader.rows(
        f"""SELECT lane, count(*) AS n FROM cases INDEXED BY cases_open
        WHERE state IN {OPEN} AND due_at < :now AND state <> 'outbox' GROUP BY lane""",  # noqa: S608 - ours
        now=now,
    )
    return {row["lane"]: int(row["n"]) for row in rows}


def queued_since(reader: Reader, now: int) -> int | None:
    """Since when the oldest reply should have left; None if none is late."""
    found: int | None = reader.value(
        "SELECT min(due_at) FROM dispatches WHERE state = 'queued' AND due_at <= :now", now=now
    )
    return found


# alarms and erasure ----------------------------------------------------------------------------------


def escalations(reader: Reader) -> list[Row]:
    """Open escalations by kind: ``n``, how many of them nobody took (``waiting``), and the oldest of those."""
    return reader.rows(
        """SELECT kind, count(*) AS n, sum(acknowledged_at IS NULL) AS waiting,
            min(CASE WHEN acknowledged_at IS NULL THEN opened_at END) AS since
        FROM escalations WHERE ended_at IS NULL GROUP BY kind"""
    )


def failing_pages(reader: Reader) -> int:
    """How many pages could not be delivered yet."""
    return int(
        reader.value("SELECT count(*) FROM pages WHERE state IN ('due', 'sending') AND failing_since IS NOT NULL")
    )


def deletions(reader: Reader, now: int) -> tuple[int, int]:
    """How many deletions are not closed, and how many of them are beyond their hours."""
    open_ones = reader.value("SELECT count(*) FROM deletions")
    late = reader.value("SELECT count(*) FROM deletions WHERE at + hours * 3600000 < :now", now=now)
    return int(open_ones), int(late)
