"""Sources: cursors, how each is doing, rate budgets, and counts of what was dropped."""

from collections.abc import Mapping

from bot.store.db import Reader, Row, Tx

DAY_MS = 86_400_000
REMEMBERED = 20
"""Pages with posts that the usual time between them is taken from."""
NOT_SET, ANOTHER_ACCOUNT, UNREACHED = "not set: ", "another account", "unreached"
"""What may be wrong with an account, besides a sentence: names of missing secrets follow the first of these."""
QUIET_TIMES = 6
LEAST_QUIET_MS = 3_600_000
"""A source is quiet when nothing came for an hour and for six times its usual gap: of gaps that come by chance with
that mean, one in four hundred is longer."""

_IN_FORCE = """name IN (SELECT value ->> 'name' FROM (SELECT body FROM config_versions ORDER BY id DESC LIMIT 1) c,
    json_each(c.body, '$.platforms.sources'))"""


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
    """The sources of the configuration in force, by name. The row of one that was taken out stays, and is not told."""
    return reader.rows(f"SELECT * FROM sources WHERE {_IN_FORCE} ORDER BY name")  # noqa: S608 - a constant of ours


def fetched(tx: Tx, name: str, cursor: str, *, heard: bool, at: int) -> None:
    """Save the cursor in the transaction of the mentions that it stands behind, and how long it was quiet before."""
    tx.run(
        """UPDATE sources SET cursor = :cursor, polled_at = :at, failing_since = NULL, cause = '', wait_until = 0,
        usual_gap = CASE WHEN :heard AND hearings > 0
            THEN usual_gap + (:at - heard_at - usual_gap) / min(hearings, :memory) ELSE usual_gap END,
        hearings = hearings + (:heard AND 1),
        heard_at = CASE WHEN :heard THEN :at ELSE heard_at END WHERE name = :name""",
        memory=REMEMBERED,
        cursor=cursor,
        at=at,
        heard=heard,
        name=name,
    )


def rewind(tx: Tx, name: str, cursor: str) -> None:
    """Let a source be read again from ``cursor`` on, at once. Posts that are known stay what they are."""
    tx.run("UPDATE sources SET cursor = :cursor, wait_until = 0 WHERE name = :name", cursor=cursor, name=name)


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


def identified(
    tx: Tx, name: str, *, is_bot: bool | None, bio_ok: bool | None, trouble: str, at: int | None, rules: str = ""
) -> None:
    """Keep how the account of a source shows itself: its label, whether its bio explains it, and what is wrong.

    ``rules`` is the version of its server's rules. Without ``at`` nobody has looked yet.
    """
    tx.run(
        """UPDATE sources SET identity_at = :at, is_bot = :bot, bio_ok = :bio, identity_trouble = :trouble,
        server_rules = :rules WHERE name = :name""",
        name=name,
        bot=is_bot,
        bio=bio_ok,
        trouble=trouble,
        at=at,
        rules=rules,
    )


def look_again(tx: Tx, name: str, *, at: int = 0) -> None:
    """Let the account of a source be looked at anew from ``at`` on; at once by default."""
    tx.run("UPDATE sources SET identity_next = :at WHERE name = :name", at=at, name=name)


def reached(tx: Tx, name: str) -> None:
    """Somebody answered a look at the account of a source, whatever the answer."""
    tx.run("UPDATE sources SET unreached_since = NULL WHERE name = :name", name=name)


def unreached(tx: Tx, name: str, at: int) -> int:
    """Nobody answered a look at the account of a source; since when, in milliseconds."""
    tx.run("UPDATE sources SET unreached_since = coalesce(unreached_since, :at) WHERE name = :name", at=at, name=name)
    return int(tx.value("SELECT unreached_since FROM sources WHERE name = :name", name=name))


def cannot_send(tx: Tx, name: str, trouble: str) -> None:
    """Nothing can be sent as the account of a source; what was seen of its profile still counts."""
    tx.run("UPDATE sources SET identity_trouble = :trouble WHERE name = :name", trouble=trouble, name=name)


def server_rules(reader: Reader, name: str) -> str:
    """The version of the rules of the server that a source's account lives on, or ""."""
    row = by_name(reader, name)
    return str(row["server_rules"]) if row else ""


def mute(row: Row) -> str:
    """Why nothing can be sent as the account of a source, in a word or a sentence, or "" if it can."""
    return str(row["identity_trouble"])


def quiet(reader: Reader, now: int) -> list[Row]:
    """Sources that answer but have brought nothing for far longer than they use to: ``name`` and ``heard_at``."""
    return reader.rows(
        f"""SELECT name, heard_at FROM sources WHERE failing_since IS NULL AND hearings >= :known AND {_IN_FORCE}
        AND :now - heard_at > max(:least, usual_gap * :times) ORDER BY name""",  # noqa: S608 - a constant of ours
        now=now,
        known=REMEMBERED,
        least=LEAST_QUIET_MS,
        times=QUIET_TIMES,
    )


def gap(tx: Tx, name: str, begins: int, ends: int, at: int, *, cause: str = "") -> None:
    """Remember that a source no longer serves what was posted between two times, so it was not heard.

    With the cause "room" we had no place for what only a keyword found.
    """
    tx.run(
        "INSERT INTO gaps (source, begins, ends, found_at, cause) VALUES (:name, :begins, :ends, :at, :cause)",
        cause=cause,
        name=name,
        begins=begins,
        ends=ends,
        at=at,
    )


def unheard(tx: Tx, name: str, at: int, *, more: bool, tight: bool) -> None:
    """Remember since when posts of a source stay outside for lack of room; when there is room again, it is a gap."""
    if more:
        tx.run("UPDATE sources SET unheard_since = coalesce(unheard_since, :at) WHERE name = :n", at=at, n=name)
    elif not tight:
        began = tx.value("SELECT unheard_since FROM sources WHERE name = :name", name=name)
        if began is not None:
            gap(tx, name, began, at, at, cause="room")
            tx.run("UPDATE sources SET unheard_since = NULL WHERE name = :name", name=name)


def gaps(reader: Reader, since: int) -> list[Row]:
    """The gaps found since a time, newest first."""
    return reader.rows("SELECT * FROM gaps WHERE found_at >= :since ORDER BY found_at DESC, id DESC", since=since)


def pay(tx: Tx, source: str, what: str, micro: int, at: int) -> None:
    """Add to what a source cost today, in micro-dollars."""
    tx.run(
        """INSERT INTO costs (source, day, what, micro) VALUES (:source, :day, :what, :micro)
        ON CONFLICT (source, day, what) DO UPDATE SET micro = micro + excluded.micro""",
        source=source,
        day=at // DAY_MS,
        what=what,
        micro=micro,
    )


def cost(reader: Reader, source: str, since: int) -> int:
    """What a source has cost since the beginning of a day, in micro-dollars."""
    query = "SELECT coalesce(sum(micro), 0) FROM costs WHERE source = :source AND day >= :day"
    return int(reader.value(query, source=source, day=since // DAY_MS))


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
    return reader.row("SELECT remaining, reset_at, most FROM budgets WHERE bucket = :b", b=bucket)


def budgets(reader: Reader, platform: str) -> list[Row]:
    """All allowances of a platform, by bucket."""
    return reader.rows("SELECT * FROM budgets WHERE bucket LIKE :like ORDER BY bucket", like=f"{platform}:%")


def set_budget(tx: Tx, bucket: str, remaining: int, reset_at: int, most: int) -> None:
    """Take over what the platform's headers say of an allowance."""
    tx.run(
        """INSERT INTO budgets (bucket, remaining, reset_at, most) VALUES (:b, :remaining, :reset, :most)
        ON CONFLICT (bucket) DO UPDATE SET remaining = excluded.remaining, reset_at = excluded.reset_at,
        most = excluded.most""",
        b=bucket,
        remaining=remaining,
        reset=reset_at,
        most=most,
    )
