"""What the gate must know beyond one case: what people attested, what the notice says, where we stopped, what fired."""

from collections.abc import Iterable
from datetime import UTC, datetime

from bot.store.db import Reader, Row, Tx


def attest(tx: Tx, row: dict[str, object]) -> int:
    """A named person answers a rule's question for a platform: the columns of ``attestations``; returns the id."""
    return tx.insert("attestations", row)


def attestations(reader: Reader, now: int) -> list[Row]:
    """Those in force, newest first, with the person's name."""
    return reader.rows(
        """SELECT a.*, u.name FROM attestations a JOIN users u ON u.id = a.user_id
        WHERE a.withdrawn_at IS NULL AND a.until > :now ORDER BY a.id DESC""",
        now=now,
    )


def attested(reader: Reader, platform: str, account: str, now: int) -> frozenset[str]:
    """Ids of the rules that somebody answers for on a platform, for this account of ours or for all."""
    rows = reader.rows(
        """SELECT DISTINCT rule FROM attestations WHERE platform = :platform AND account IN ('', :account)
        AND withdrawn_at IS NULL AND until > :now""",
        platform=platform,
        account=account,
        now=now,
    )
    return frozenset(str(row["rule"]) for row in rows)


def attestation(reader: Reader, attestation_id: int) -> Row | None:
    """One attestation, whether it still counts or not."""
    return reader.row("SELECT * FROM attestations WHERE id = :id", id=attestation_id)


def withdraw_attestation(tx: Tx, attestation_id: int, at: int) -> bool:
    """It counts no longer; False if it did not before."""
    return bool(
        tx.run(
            "UPDATE attestations SET withdrawn_at = :at WHERE id = :id AND withdrawn_at IS NULL",
            id=attestation_id,
            at=at,
        )
    )


def set_notice(tx: Tx, url: str, *, http_status: int | None, current: bool | None, at: int) -> None:
    """Keep what a look at the privacy notice found: its status, and whether it shows the version in force."""
    tx.run(
        """INSERT INTO notices (url, checked_at, http_status, current) VALUES (:url, :at, :status, :current)
        ON CONFLICT (url) DO UPDATE SET checked_at = excluded.checked_at, http_status = excluded.http_status,
        current = excluded.current""",
        url=url,
        at=at,
        status=http_status,
        current=current,
    )


def notice(reader: Reader, url: str) -> Row | None:
    """The last look at the privacy notice at ``url``."""
    return reader.row("SELECT * FROM notices WHERE url = :url", url=url)


def stop_place(tx: Tx, platform: str, surface: str, cause: str, at: int) -> bool:
    """Nothing more leaves for a place until a person lifts the stop (C-34); False if it was stopped already."""
    if place_stopped(tx, platform, surface):
        return False
    tx.insert("place_stops", {"platform": platform, "surface": surface, "at": at, "cause": cause})
    return True


def place_stopped(reader: Reader, platform: str, surface: str) -> bool:
    """Whether replies to a place are stopped."""
    return bool(
        reader.value(
            "SELECT 1 FROM place_stops WHERE platform = :p AND surface = :s AND lifted_at IS NULL LIMIT 1",
            p=platform,
            s=surface,
        )
    )


def place_stops(reader: Reader) -> list[Row]:
    """The stops in force, oldest first."""
    return reader.rows("SELECT * FROM place_stops WHERE lifted_at IS NULL ORDER BY id")


def lift_place_stop(tx: Tx, stop_id: int, user_id: int, at: int) -> bool:
    """A person looked and lets replies go there again; False if nothing was stopped."""
    return bool(
        tx.run(
            "UPDATE place_stops SET lifted_at = :at, lifted_by = :user WHERE id = :id AND lifted_at IS NULL",
            id=stop_id,
            user=user_id,
            at=at,
        )
    )


SENT, STOPPED = "SENT", "STOPPED"
"""Counted beside the gate's outcomes: a reply left (under the rule ""), and a place was stopped after one (C-34)."""


def month_of(at: int) -> int:
    """The month of a time in UTC as a number such as 202611."""
    day = datetime.fromtimestamp(at / 1000, UTC)
    return day.year * 100 + day.month


def fired(tx: Tx, platform: str, answers: Iterable[tuple[str, str]], at: int) -> None:
    """Count (rule, outcome) pairs of one logged decision; the rule "" counts the decision itself."""
    for rule, outcome in answers:
        tx.run(
            """INSERT INTO firings (month, platform, rule, outcome, n) VALUES (:month, :platform, :rule, :outcome, 1)
            ON CONFLICT (month, platform, rule, outcome) DO UPDATE SET n = n + 1""",
            month=month_of(at),
            platform=platform,
            rule=rule,
            outcome=outcome,
        )


def firings(reader: Reader) -> list[Row]:
    """How often each rule answered what in all months, platforms together: rule, outcome, n."""
    return reader.rows("SELECT rule, outcome, sum(n) AS n FROM firings GROUP BY rule, outcome ORDER BY rule, outcome")


def monthly(reader: Reader) -> list[Row]:
    """Decisions by month and outcome, newest month first (D-08)."""
    return reader.rows(
        """SELECT month, outcome, sum(n) AS n FROM firings WHERE rule = '' GROUP BY month, outcome
        ORDER BY month DESC, outcome"""
    )
