"""Sources: cursors, how each is doing, rate budgets, and counts of what was dropped."""

from collections.abc import Mapping

from bot.store.db import Reader, Row, Tx

DAY_MS = 86_400_000


def register(tx: Tx, name: str, platform: str, account: str) -> None:
    """Make sure a configured source has its row."""
    tx.run(
        """INSERT INTO sources (name, platform, account) VALUES (:name, :platform, :account)
        ON CONFLICT (name) DO UPDATE SET platform = excluded.platform, account = excluded.account""",
        name=name,
        platform=platform,
        account=account,
    )


def by_name(reader: Reader, name: str) -> Row | None:
    """One source's row."""
    return reader.row("SELECT * FROM sources WHERE name = :name", name=name)


def every(reader: Reader) -> list[Row]:
    """All sources by name."""
    return reader.rows("SELECT * FROM sources ORDER BY name")


def fetched(tx: Tx, name: str, cursor: str, *, heard: bool, at: int) -> None:
    """Save the cursor in the transaction of the mentions that it stands behind."""
    tx.run(
        """UPDATE sources SET cursor = :cursor, polled_at = :at, failing_since = NULL, cause = '', wait_until = 0,
        heard_at = CASE WHEN :heard THEN :at ELSE heard_at END WHERE name = :name""",
        cursor=cursor,
        at=at,
        heard=heard,
        name=name,
    )


def failed(tx: Tx, name: str, cause: str, *, at: int, wait_until: int) -> None:
    """Remember since when and why a source fails, and when to try again."""
    tx.run(
        """UPDATE sources SET failing_since = coalesce(failing_since, :at), cause = :cause, polled_at = :at,
        wait_until = :wait WHERE name = :name""",
        at=at,
        cause=cause,
        wait=wait_until,
        name=name,
    )


def count(tx: Tx, source: str, reasons: Mapping[str, int], at: int) -> None:
    """Add to today's counts of a source, by reason."""
    for reason, n in reasons.items():
        tx.run(
            """INSERT INTO tallies (day, source, reason, n) VALUES (:day, :source, :reason, :n)
            ON CONFLICT (day, source, reason) DO UPDATE SET n = n + excluded.n""",
            day=at // DAY_MS,
            source=source,
            reason=reason,
            n=n,
        )


def counts(reader: Reader) -> list[Row]:
    """Sums of all counts by source and reason."""
    return reader.rows(
        "SELECT source, reason, sum(n) AS n FROM tallies GROUP BY source, reason ORDER BY source, n DESC"
    )


def budget(reader: Reader, bucket: str) -> Row | None:
    """What is known of a platform's allowance: remaining requests and the reset time."""
    return reader.row("SELECT remaining, reset_at FROM budgets WHERE bucket = :b", b=bucket)


def set_budget(tx: Tx, bucket: str, remaining: int, reset_at: int) -> None:
    """Take over what the platform's headers say of an allowance."""
    tx.run(
        """INSERT INTO budgets (bucket, remaining, reset_at) VALUES (:b, :remaining, :reset)
        ON CONFLICT (bucket) DO UPDATE SET remaining = excluded.remaining, reset_at = excluded.reset_at""",
        b=bucket,
        remaining=remaining,
        reset=reset_at,
    )
