"""What the desk shows: cases by lane and priority, and counts for its rail."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.model import CaseState, Lane, Span
from bot.store import upkeep
from bot.store.db import Reader, Row
from bot.store.incidents import FOLD

TEASER = 240
"""Code points of a post that a list reads: a post may be a megabyte long."""

OPEN = "('new', 'claimed', 'waiting', 'outbox', 'failed', 'escalated')"
"""States of a case that still need somebody."""


def lane_counts(reader: Reader) -> dict[Lane, int]:
    """How many open cases each lane holds; lanes without one are missing."""
    rows = reader.rows(
        f"SELECT lane, count(*) AS n FROM cases INDEXED BY cases_open WHERE state IN {OPEN} GROUP BY lane"  # noqa: S608 - ours
    )
    return {Lane(row["lane"]): int(row["n"]) for row in rows}


def newest_change(reader: Reader) -> int:
    """A number that grows whenever a case opens or changes: the desk polls it."""
    return int(reader.value("SELECT coalesce(max(id), 0) FROM case_events"))


def opened_since(reader: Reader, event: int, lane: Lane) -> int:
    """How many cases of a lane have news after the event with number ``event``."""
    return int(
        reader.value(
            """SELECT count(DISTINCT e.case_id) FROM case_events e JOIN cases c ON c.id = e.case_id
            WHERE e.id > :event AND c.lane = :lane AND e.kind IN ('opened', 'post_joined')""",
            event=event,
            lane=lane,
        )
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open cases a list shows. Empty fields ask for nothing; ``holder`` is a user's number.

    ``folding``, as ``incidents.folding`` writes it, leaves out the cases that stand in the row of an incident;
    ``incident`` asks for exactly those of one.
    """

    lane: Lane | None = None
    state: CaseState | None = None
    holder: int | None = None
    platform: str = ""
    language: str = ""
    folding: str = ""
    incident: int | None = None


def _conditions(wanted: Wanted, now: int) -> tuple[str, dict[str, object]]:
    asked: dict[str, tuple[object, str]] = {
        "lane": (wanted.lane, "lane = :lane"),
        "state": (wanted.state, "state = :state"),
        "holder": (wanted.holder, "claimed_by = :holder AND claimed_until > :now"),
        "platform": (wanted.platform, "platform = :platform"),
        "language": (wanted.language, "language = :language"),
        "incident": (wanted.incident, f"{FOLD} = :incident"),
        "folding": (wanted.folding, "TRUE" if wanted.incident else f"{FOLD} IS NULL"),
    }
    parts = [f"state IN {OPEN}"] + [condition for value, condition in asked.values() if value]
    return " AND ".join(parts), {name: value for name, (value, _) in asked.items()} | {"now": now}


def listed(reader: Reader, wanted: Wanted, *, now: int, limit: int, offset: int = 0) -> list[Row]:
    """Open cases, most urgent first, each with the beginning of its latest post and who holds it."""
    condition, params = _conditions(wanted, now)
    return reader.rows(
        f"""SELECT c.*, CASE WHEN m.sealed_at IS NULL AND NOT :closed THEN substr(m.text, 1, {TEASER}) ELSE '' END
            AS teaser,
            m.created_at AS posted_at, m.stage, m.extras, u.initials AS holder
        FROM (SELECT * FROM cases WHERE {condition} ORDER BY rank, due_at, id LIMIT :limit OFFSET :offset) c
        JOIN mentions m ON m.id = c.latest_mention
        LEFT JOIN users u ON u.id = c.claimed_by AND c.claimed_until > :now
        ORDER BY c.rank, c.due_at, c.id""",  # noqa: S608 - constants of ours
        closed=upkeep.unattended(reader, now),
        limit=limit,
        offset=offset,
        **params,
    )


def counted(reader: Reader, wanted: Wanted, *, now: int) -> int:
    """How many open cases are wanted."""
    condition, params = _conditions(wanted, now)
    return int(reader.value(f"SELECT count(*) FROM cases WHERE {condition}", **params))  # noqa: S608 - ours


def folds(reader: Reader, wanted: Wanted, *, now: int) -> list[Row]:
    """The incidents in whose rows wanted cases stand: ``incident``, how many ``n``, and their ``newest`` post."""
    condition, params = _conditions(replace(wanted, folding="", incident=None), now)
    return reader.rows(
        f"""SELECT fold AS incident, count(*) AS n, max(latest_mention) AS newest FROM
        (SELECT {FOLD} AS fold, latest_mention FROM cases WHERE {condition}) WHERE fold IS NOT NULL
        GROUP BY fold ORDER BY fold""",  # noqa: S608 - constants of ours
        **{**params, "folding": wanted.folding},
    )


def state_counts(reader: Reader) -> dict[str, int]:
    """How many open cases stand in each of the states that the rail shows."""
    rows = reader.rows("SELECT state, count(*) AS n FROM cases WHERE state IN ('waiting', 'failed') GROUP BY state")
    return {row["state"]: int(row["n"]) for row in rows}


def next_case(
    reader: Reader, wanted: Wanted, *, now: int, after: int, user_id: int, without: Collection[Lane] = ()
) -> int | None:
    """The most urgent case that nobody else works on, other than ``after`` and those in lanes of ``without``."""
    condition, params = _conditions(wanted, now)
    found: int | None = reader.value(
        f"""SELECT id FROM cases WHERE {condition} AND id <> :after AND (state = 'new' OR state = 'claimed')
        AND lane NOT IN (SELECT value FROM json_each(:without))
        AND (claimed_by IS NULL OR claimed_by = :user OR claimed_until <= :now) ORDER BY rank, due_at, id LIMIT 1""",  # noqa: S608 - ours
        after=after,
        user=user_id,
        without=json.dumps(sorted(without)),
        **params,
    )
    return found


def spans_of(reader: Reader, mention_ids: Sequence[int]) -> dict[int, list[Span]]:
    """Where the watches heard something in the beginnings of many posts, in one query."""
    rows = reader.rows(
        """SELECT mention_id, first, last FROM matches
        WHERE mention_id IN (SELECT value FROM json_each(:ids)) AND first < :teaser ORDER BY mention_id, first""",
        ids=json.dumps(list(mention_ids)),
        teaser=TEASER,
    )
    spans: dict[int, list[Span]] = {}
    for row in rows:
        spans.setdefault(row["mention_id"], []).append((row["first"], row["last"]))
    return spans


def labels_of(reader: Reader, mention_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What the detectors called many posts: mention -> detector -> label, in one query."""
    rows = reader.rows(
        """SELECT mention_id, detector, label FROM findings
        WHERE mention_id IN (SELECT value FROM json_each(:ids)) AND failed = 0""",
        ids=json.dumps(list(mention_ids)),
    )
    labels: dict[int, dict[str, str]] = {}
    for row in rows:
        labels.setdefault(row["mention_id"], {})[row["detector"]] = row["label"]
    return labels


def personal_of(reader: Reader, mention_ids: Sequence[int]) -> dict[int, tuple[list[Span], str]]:
    """Where personal data stand in many posts, and their kinds divided by commas; only posts that hold some."""
    rows = reader.rows(
        """SELECT mention_id, spans, reason FROM findings WHERE mention_id IN (SELECT value FROM json_each(:ids))
        AND detector = 'personal_data' AND label = 'personal_data'""",
        ids=json.dumps(list(mention_ids)),
    )
    return {
        int(row["mention_id"]): ([(first, last) for first, last in json.loads(row["spans"])], str(row["reason"]))
        for row in rows
    }


def lanes_of_thread(reader: Reader, mention_ids: Sequence[int]) -> dict[int, Lane]:
    """The lane of the case that each of many posts belongs to."""
    rows = reader.rows(
        """SELECT m.id, c.lane FROM mentions m JOIN cases c ON c.id = m.case_id
        WHERE m.id IN (SELECT value FROM json_each(:ids))""",
        ids=json.dumps(list(mention_ids)),
    )
    return {int(row["id"]): Lane(row["lane"]) for row in rows}


def lanes_of_post(reader: Reader, platform: str, native_id: str) -> list[tuple[Lane | None, bool]]:
    """Where the posts with a platform's id lie: the lane of their case, if any, and whether they are assessed."""
    rows = reader.rows(
        """SELECT c.lane, m.stage FROM mentions m LEFT JOIN cases c ON c.id = m.case_id
        WHERE m.platform = :platform AND m.native_id = :id""",
        platform=platform,
        id=native_id,
    )
    return [(Lane(row["lane"]) if row["lane"] else None, row["stage"] == "assessed") for row in rows]


def shown_to(reader: Reader, case_id: int, user_id: int, since: int) -> set[str]:
    """Which kinds of reveal a person asked for in a case since ``since``."""
    rows = reader.rows(
        """SELECT DISTINCT kind FROM case_events WHERE case_id = :case AND user_id = :user AND at >= :since
        AND kind IN ('shown_masked', 'shown_words')""",
        case=case_id,
        user=user_id,
        since=since,
    )
    return {row["kind"] for row in rows}


def with_author(reader: Reader, case: Row) -> Row | None:
    """How we and an author met so far on this platform: our replies there, the newest, and their open cases."""
    return reader.row(
        """SELECT count(d.id) AS replies, max(d.sent_at) AS last_reply FROM cases c
        JOIN dispatches d ON d.case_id = c.id AND d.state = 'sent'
        WHERE c.platform = :platform AND c.account = :account AND c.surface = :surface AND c.author_id = :author""",
        platform=case["platform"],
        account=case["account"],
        surface=case["surface"],
        author=case["author_id"],
    )


def outbox_counts(reader: Reader) -> dict[str, int]:
    """How many replies stand in each state of the outbox."""
    rows = reader.rows("SELECT state, count(*) AS n FROM dispatches GROUP BY state")
    return {row["state"]: int(row["n"]) for row in rows}


def approvers(reader: Reader, draft_ids: Sequence[int]) -> dict[int, list[Row]]:
    """Who approved many drafts, and when: draft -> initials and times, oldest first."""
    rows = reader.rows(
        """SELECT a.draft_id, a.at, u.initials FROM approvals a JOIN users u ON u.id = a.user_id
        WHERE a.void = 0 AND a.draft_id IN (SELECT value FROM json_each(:ids)) ORDER BY a.id""",
        ids=json.dumps(list(draft_ids)),
    )
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["draft_id"], []).append(row)
    return found


def ledger_page(reader: Reader, *, before: int | None, kind: str, limit: int) -> list[Row]:
    """The newest entries below number ``before``, newest first, of one type or of all ("")."""
    return reader.rows(
        """SELECT seq, body, h FROM log WHERE (:before IS NULL OR seq < :before)
        AND (:kind = '' OR instr(body, CAST('"type":"' || :kind || '"' AS BLOB)) > 0) ORDER BY seq DESC LIMIT :limit""",
        before=before,
        kind=kind,
        limit=limit,
    )


_SEEN_BY_ALL = """m.visibility = 'public' AND m.sealed_at IS NULL AND (s.body IS NULL
    OR (json_extract(s.body, '$.exists') IS 1 AND json_extract(s.body, '$.visibility') = 'public'))"""
"""Whether anybody can read post ``m``, going by its newest status ``s``, if somebody looked again."""


def public_square(reader: Reader, platform: str, limit: int) -> list[Row]:
    """The newest public posts of a platform as passers-by see them, newest first.

    The plus keeps SQLite from sorting all posts of the platform: it walks back from the newest instead.
    """
    return reader.rows(
        f"""SELECT m.id, m.thread_key, m.native_id, m.author_handle, m.created_at, m.declared_language, m.triggers,
            substr(m.text, 1, 2000) AS text
        FROM mentions m LEFT JOIN post_status s ON s.mention_id = m.id
        WHERE +m.platform = :platform AND {_SEEN_BY_ALL} ORDER BY m.id DESC LIMIT :limit""",  # noqa: S608 - a constant of ours
        platform=platform,
        limit=limit,
    )


def public_replies(reader: Reader, platform: str, limit: int) -> list[Row]:
    """Our newest replies that stand on a platform, newest first, with their thread and the post they answer.

    ``seen_by_all`` is 0 where that post itself is gone or not public.
    """
    return reader.rows(
        f"""SELECT d.id, d.account, d.text, d.sent_at, m.id AS mention_id, m.thread_key, m.declared_language,
            m.author_handle, m.created_at, m.native_id, m.triggers, substr(m.text, 1, 2000) AS post_text,
            {_SEEN_BY_ALL} AS seen_by_all
        FROM dispatches d JOIN mentions m ON m.id = d.mention_id LEFT JOIN post_status s ON s.mention_id = m.id
        WHERE d.platform = :platform AND d.state = 'sent' ORDER BY d.sent_at DESC LIMIT :limit""",  # noqa: S608 - likewise
        platform=platform,
        limit=limit,
    )
