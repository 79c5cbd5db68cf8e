"""Deletion sync in rows: which posts are to be looked at, sealed or erased, and which deletions are not closed yet."""

from collections.abc import Iterable

from bot.model.platforms import Platform
from bot.model.retention import BRIEF_MS, DAY_MS, OWN_DOWNTIME_MS, SEALED_MS, keeping
from bot.store.db import Reader, Row, Tx
from bot.store.holds import IN_FORCE

LOOK_MS = 60_000
"""How long a post that is being looked at stays out of another worker's hands: far beyond a request's deadline."""

AHEAD_MS = 600_000
"""A time that lies farther ahead was written under a clock that was wrong: two looks at once are seconds apart."""

_ASKABLE = "source IN (SELECT name FROM sources WHERE inspected = 1)"
_RAN = """:now - stood_at - coalesce((SELECT sum(min(ended, :now) - max(began, stood_at)) FROM downtimes
    WHERE ended > stood_at AND began < :now), 0)"""
"""How long we ran since the platform last told us that a post stands."""


def can_be_asked(tx: Tx, names: Iterable[str]) -> None:
    """The posts of these sources can be looked at; they count as such from now on, even if a source is switched off."""
    for name in names:
        tx.run("UPDATE sources SET inspected = 1 WHERE name = :name", name=name)


def not_yet_known(reader: Reader, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that do not count as sources that can be asked."""
    known = {row["name"] for row in reader.rows("SELECT name FROM sources WHERE inspected = 1")}
    return [name for name in names if name not in known]


def claim(tx: Tx, now: int, limit: int) -> list[Row]:
    """Take up to ``limit`` posts of each platform whose next look is due, oldest knowledge first.

    Each post's turn comes at 85 to 97 per cent of its platform's interval, by its number: looks spread over time.
    """
    found: list[Row] = []
    for platform in Platform:
        interval = keeping(platform).look_ms
        found += tx.rows(
            f"""SELECT * FROM mentions WHERE platform = :platform AND text_hash <> '' AND looking_until <= :now
            AND (stood_at > :now + :ahead OR (stood_at <= :now - :interval * 85 / 100
            AND stood_at <= :now - :interval * (85 + (id * 37) % 13) / 100)) AND {_ASKABLE}
            ORDER BY stood_at, id LIMIT :limit""",  # noqa: S608 - a constant of ours
            platform=platform.value,
            interval=interval,
            now=now,
            ahead=AHEAD_MS,
            limit=limit,
        )
    leave(tx, [row["id"] for row in found], now + LOOK_MS)
    return found


def leave(tx: Tx, mention_ids: Iterable[int], until: int) -> None:
    """Nobody looks at these posts before ``until``."""
    for mention_id in mention_ids:
        tx.run("UPDATE mentions SET looking_until = :until WHERE id = :id", until=until, id=mention_id)


def stands(tx: Tx, mention_id: int, at: int) -> None:
    """The platform showed the post to us at ``at``: its words may be read and answered again."""
    tx.run(
        """UPDATE mentions SET stood_at = CASE WHEN stood_at > :at + :ahead THEN :at ELSE max(stood_at, :at) END,
        sealed_at = NULL, looking_until = 0 WHERE id = :id AND text_hash <> ''""",
        ahead=AHEAD_MS,
        at=at,
        id=mention_id,
    )


def answered(tx: Tx, source: str) -> None:
    """A source answered a look."""
    tx.run("UPDATE sources SET unanswered_since = NULL WHERE name = :name", name=source)


def unanswered(tx: Tx, source: str, at: int) -> None:
    """A source did not answer a look; since when is kept from the first time on."""
    tx.run(
        "UPDATE sources SET unanswered_since = coalesce(unanswered_since, :at) WHERE name = :name", name=source, at=at
    )


def without_platform(reader: Reader, before: int) -> list[Row]:
    """Sources that have told us nothing since ``before`` or longer: ``name`` and ``since``."""
    return reader.rows(
        """SELECT name, min(coalesce(unanswered_since, failing_since), coalesce(failing_since, unanswered_since))
            AS since
        FROM sources WHERE inspected = 1 AND (unanswered_since <= :before OR failing_since <= :before) ORDER BY name""",
        before=before,
    )


def note_downtime(tx: Tx, name: str, at: int) -> None:
    """A worker is back after a silence: that time counts against no platform, and after a long one nothing is shown."""
    began = tx.value(
        "SELECT heartbeat_at FROM health WHERE name = :name AND :at - heartbeat_at > :brief",
        name=name,
        at=at,
        brief=BRIEF_MS,
    )
    if began is None:
        return
    tx.run("INSERT INTO downtimes (began, ended) VALUES (:began, :at) ON CONFLICT DO NOTHING", began=began, at=at)
    tx.run("DELETE FROM downtimes WHERE ended < :old", old=at - 90 * DAY_MS)
    if at - began > OWN_DOWNTIME_MS:
        tx.run(
            f"UPDATE mentions SET sealed_at = :at WHERE text_hash <> '' AND sealed_at IS NULL AND {_ASKABLE}",  # noqa: S608 - likewise
            at=at,
        )


def unattended(reader: Reader, now: int) -> bool:
    """Whether no worker has run for so long that nothing may be shown: posts may be gone and nobody looked."""
    return bool(
        reader.value(
            """SELECT 1 FROM health WHERE name = 'worker' AND :now - heartbeat_at > :down
            AND EXISTS (SELECT 1 FROM sources WHERE inspected = 1)""",
            now=now,
            down=OWN_DOWNTIME_MS,
        )
    )


def seal(tx: Tx, now: int) -> int:
    """Seal the words of posts that their platform did not confirm for 20 hours while we ran; returns how many."""
    return sum(
        tx.run(
            f"""UPDATE mentions SET sealed_at = :now WHERE platform = :platform AND text_hash <> ''
            AND stood_at <= :now - :sealed AND sealed_at IS NULL AND {_ASKABLE} AND {_RAN} >= :sealed""",  # noqa: S608 - likewise
            platform=platform.value,
            now=now,
            sealed=SEALED_MS,
        )
        for platform in Platform
    )


def lost(reader: Reader, now: int, limit: int) -> list[Row]:
    """Up to ``limit`` posts of each platform that it did not confirm for too long, while we ran: their words must go.

    Not those under a legal hold.
    """
    found: list[Row] = []
    for platform in Platform:
        found += reader.rows(
            f"""SELECT * FROM mentions WHERE platform = :platform AND text_hash <> ''
            AND stood_at <= :now - :lost AND {_ASKABLE} AND {_RAN} >= :lost
            AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.case_id = mentions.case_id AND {IN_FORCE})
            LIMIT :limit""",  # noqa: S608 - likewise
            platform=platform.value,
            now=now,
            lost=keeping(platform).lost_ms,
            limit=limit,
        )
    return found


def sealed(reader: Reader) -> int:
    """How many posts are sealed."""
    return int(reader.value("SELECT count(*) FROM mentions WHERE sealed_at IS NOT NULL AND text_hash <> ''"))


def notice_deletion(tx: Tx, mention_id: int, *, at: int, hours: int) -> None:
    """Words are gone from their row; the deletion is closed once they stand nowhere else, within ``hours``."""
    tx.run(
        "INSERT INTO deletions (mention_id, at, hours) VALUES (:id, :at, :hours) ON CONFLICT DO NOTHING",
        id=mention_id,
        at=at,
        hours=hours,
    )


def open_deletions(reader: Reader, limit: int) -> list[Row]:
    """Deletions that are not closed, oldest first, with platform, author and key of the post where its row is left."""
    return reader.rows(
        """SELECT d.*, m.platform, m.author_id, m.canonical_key, s.body AS status FROM deletions d
        LEFT JOIN mentions m ON m.id = d.mention_id LEFT JOIN post_status s ON s.mention_id = d.mention_id
        ORDER BY d.at, d.mention_id LIMIT :limit""",
        limit=limit,
    )


def close_deletion(tx: Tx, mention_id: int) -> bool:
    """The words stand nowhere any more; False if another worker was quicker."""
    return bool(tx.run("DELETE FROM deletions WHERE mention_id = :id", id=mention_id))


def want_rewrite(tx: Tx, at: int) -> None:
    """Something was erased: the file is to be rewritten some time."""
    tx.run("UPDATE rewrites SET wanted_at = :at", at=at)


def rewrite_wanted(reader: Reader, before: int) -> bool:
    """Whether something was erased since the last rewrite, which lies before ``before``."""
    return bool(reader.value("SELECT 1 FROM rewrites WHERE wanted_at IS NOT NULL AND done_at < :b", b=before))


def rewritten(tx: Tx, began: int) -> None:
    """The file was rewritten; what was erased after ``began`` is still to be settled."""
    tx.run("UPDATE rewrites SET done_at = :at, wanted_at = CASE WHEN wanted_at > :at THEN wanted_at END", at=began)
