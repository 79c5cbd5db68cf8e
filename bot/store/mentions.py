"""Mentions: posts as fetched, their revisions, and what match and analyse said of them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum

from bot.model import (
    Author,
    Finding,
    Kind,
    Match,
    Media,
    Mention,
    Platform,
    Quoted,
    Target,
    Trigger,
    Visibility,
)
from bot.store.db import Reader, Row, Tx

CLAIM_MS = 60_000
"""How long a claimed mention stays claimed before another worker may take it."""

ATTEMPTS = 3
"""After so many claims that never finished a mention opens as "not assessed"."""


class Kept(StrEnum):
    """What keeping a fetched post changed."""

    NEW = "new"
    EDITED = "edited"
    SAME = "same"


def keep(
    tx: Tx, mention: Mention, *, triggers: Sequence[Trigger], source: str, text_hash: str, suspect: bool, at: int
) -> tuple[Kept, int]:
    """Store a post, or its new revision. The canonical key decides which post it is.

    A post whose words were taken out (no hash is left of them) does not get them back.
    """
    known = by_key(tx, mention.canonical_key)
    if known is None:
        return Kept.NEW, tx.insert("mentions", _columns(mention, triggers, source, text_hash, suspect=suspect, at=at))
    if known["text_hash"] in {text_hash, ""}:
        return Kept.SAME, int(known["id"])
    revise(tx, known["id"], text=mention.text, text_hash=text_hash, edited_at=mention.edited_at, at=at)
    tx.run(
        """UPDATE mentions SET triggers = :triggers, own_mentions = :named, extras = :extras, suspect = :suspect
        WHERE id = :id""",
        triggers=" ".join(triggers),
        named=" ".join(mention.own_mentions),
        extras=_extras(mention),
        suspect=suspect,
        id=known["id"],
    )
    return Kept.EDITED, int(known["id"])


def revise(tx: Tx, mention_id: int, *, text: str, text_hash: str, edited_at: int | None, at: int) -> None:
    """Give a stored post its new words and keep the old ones as a revision; it is to be assessed anew."""
    tx.run(
        """INSERT INTO revisions (mention_id, number, text, text_hash, seen_at)
        SELECT id, revision, text, text_hash, :at FROM mentions WHERE id = :id""",
        id=mention_id,
        at=at,
    )
    tx.run(
        """UPDATE mentions SET text = :text, text_hash = :hash, edited_at = :edited, revision = revision + 1,
        stage = 'kept', attempts = 0, claimed_until = 0, fetched_at = :at, stood_at = :at, sealed_at = NULL
        WHERE id = :id""",
        text=text,
        hash=text_hash,
        edited=edited_at or at,
        at=at,
        id=mention_id,
    )


def _columns(
    mention: Mention, triggers: Sequence[Trigger], source: str, text_hash: str, *, suspect: bool, at: int
) -> dict[str, object]:
    same = (
        "canonical_key platform surface account native_id url text declared_language created_at edited_at visibility"
        " kind owned_surface parent_key parent_author_id root_key thread_key"
    )
    return {name: getattr(mention, name) for name in same.split()} | {
        "source": source,
        "text_hash": text_hash,
        "fetched_at": at,
        "stood_at": at,
        "triggers": " ".join(triggers),
        "own_mentions": " ".join(mention.own_mentions),
        "author_id": mention.author.native_id,
        "author_handle": mention.author.handle,
        "author_is_bot": mention.author.is_bot,
        "author_opted_out": mention.author.opted_out,
        "author_is_new": mention.author.is_new,
        "extras": _extras(mention),
        "suspect": suspect,
    }


def _extras(mention: Mention) -> str:
    quoted = asdict(mention.quoted) if mention.quoted else None
    media = [asdict(media) for media in mention.media]
    return json.dumps({"quoted": quoted, "media": media, "poll": list(mention.poll)})


def to_mention(row: Row) -> Mention:
    """The mention that a row of ``mentions`` holds."""
    extras = json.loads(row["extras"])
    quoted = extras["quoted"]
    return Mention(
        platform=Platform(row["platform"]),
        surface=row["surface"],
        account=row["account"],
        native_id=row["native_id"],
        canonical_key=row["canonical_key"],
        text=row["text"],
        author=Author(
            row["author_id"],
            row["author_handle"],
            _flag(row["author_is_bot"]),
            _flag(row["author_opted_out"]),
            _flag(row["author_is_new"]),
        ),
        created_at=row["created_at"],
        visibility=Visibility(row["visibility"]),
        kind=Kind(row["kind"]),
        url=row["url"],
        declared_language=row["declared_language"],
        own_mentions=tuple(row["own_mentions"].split()),
        parent_key=row["parent_key"],
        parent_author_id=row["parent_author_id"],
        root_key=row["root_key"],
        owned_surface=bool(row["owned_surface"]),
        edited_at=row["edited_at"],
        quoted=Quoted(**{**quoted, "visibility": Visibility(quoted["visibility"])}) if quoted else None,
        media=tuple(Media(**media) for media in extras["media"]),
        poll=tuple(extras["poll"]),
    )


def to_target(row: Row) -> Target:
    """The target that a reply to this mention answers."""
    return Target(
        platform=Platform(row["platform"]),
        surface=row["surface"],
        account=row["account"],
        native_id=row["native_id"],
        canonical_key=row["canonical_key"],
        author_handle=row["author_handle"],
        visibility=Visibility(row["visibility"]),
        url=row["url"],
    )


def triggers_of(row: Row) -> tuple[Trigger, ...]:
    """The engagement triggers of a stored mention."""
    return tuple(Trigger(name) for name in row["triggers"].split())


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def claim(tx: Tx, now: int, limit: int) -> list[Row]:
    """Take up to ``limit`` kept mentions: suspected threats first, then the sources in turn, then by age.

    One that was claimed before and never finished is taken alone, so that a post that kills its worker
    does not spoil its neighbours.
    """
    chosen = tx.rows(
        """SELECT id, attempts FROM (
            SELECT id, suspect, fetched_at, attempts,
                row_number() OVER (PARTITION BY source ORDER BY fetched_at, id) AS turn
            FROM mentions WHERE stage = 'kept' AND claimed_until <= :now
        ) ORDER BY suspect DESC, turn, fetched_at, id LIMIT :limit""",
        now=now,
        limit=limit,
    )
    alone = bool(chosen) and chosen[0]["attempts"] > 0
    ids = json.dumps([row["id"] for row in (chosen[:1] if alone else chosen) if alone or row["attempts"] == 0])
    tx.run(
        """UPDATE mentions SET claimed_until = :until, attempts = attempts + 1
        WHERE id IN (SELECT value FROM json_each(:ids))""",
        until=now + CLAIM_MS,
        ids=ids,
    )
    return tx.rows(
        "SELECT * FROM mentions WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY suspect DESC, fetched_at, id",
        ids=ids,
    )


def is_claimed_as(reader: Reader, row: Row) -> bool:
    """Whether a claimed mention is still ours and still says what it said: no edit, no other worker meanwhile."""
    return bool(
        reader.value(
            """SELECT 1 FROM mentions WHERE id = :id AND stage = 'kept' AND revision = :revision
            AND attempts = :attempts""",
            id=row["id"],
            revision=row["revision"],
            attempts=row["attempts"],
        )
    )


def waiting(reader: Reader) -> int:
    """How many mentions are not assessed yet."""
    return int(reader.value("SELECT count(*) FROM mentions WHERE stage = 'kept'"))


def save_assessment(
    tx: Tx, row: Row, *, case_id: int, matches: Sequence[Match], findings: Sequence[Finding], poison: bool
) -> None:
    """Replace what match and analyse said of the mention in ``row``, and tie it to its case."""
    mention_id = row["id"]
    if row["case_id"] is not None:
        tx.run("DELETE FROM matches WHERE mention_id = :id", id=mention_id)
        tx.run("DELETE FROM findings WHERE mention_id = :id", id=mention_id)
    tx.insert_all(
        "matches",
        "mention_id watch version rule term first last",
        [(mention_id, match.watch, match.version, match.rule, match.term, *match.span) for match in matches],
    )
    tx.insert_all(
        "findings",
        "mention_id detector version label score spans reason failed",
        [
            (mention_id, f.detector, f.version, f.label, f.score, json.dumps(f.spans), f.reason, f.failed)
            for f in findings
        ],
    )
    tx.run(
        "UPDATE mentions SET stage = :stage, case_id = :case_id, claimed_until = 0 WHERE id = :id",
        stage="poison" if poison else "assessed",
        case_id=case_id,
        id=mention_id,
    )


def by_id(reader: Reader, mention_id: int) -> Row | None:
    """One mention's row."""
    return reader.row("SELECT * FROM mentions WHERE id = :id", id=mention_id)


def by_key(reader: Reader, canonical_key: str) -> Row | None:
    """The row of the post with this canonical key."""
    return reader.row("SELECT * FROM mentions WHERE canonical_key = :k", k=canonical_key)


def hide(tx: Tx, mention_id: int, visibility: Visibility) -> None:
    """A stored post is no longer for everyone: its words go, with all that was read out of them or may quote them."""
    for table in ("revisions", "matches", "findings"):
        tx.run(f"DELETE FROM {table} WHERE mention_id = :id", id=mention_id)  # noqa: S608 - names of ours
    tx.run(
        """UPDATE mentions SET text = '', text_hash = '', url = '', extras = :none, visibility = :visibility,
        revision = revision + 1, sealed_at = NULL WHERE id = :id""",
        none=json.dumps({"quoted": None, "media": [], "poll": []}),
        visibility=visibility,
        id=mention_id,
    )
    tx.run(
        "UPDATE approvals SET post_hash = '' WHERE draft_id IN (SELECT id FROM drafts WHERE mention_id = :id)",
        id=mention_id,
    )
    # What was not sent may quote the post. What was sent is ours, and stands in public.
    tx.run(
        """UPDATE drafts SET text = '', prepared = '', reason = '' WHERE mention_id = :id AND NOT EXISTS (
            SELECT 1 FROM dispatches d WHERE d.draft_id = drafts.id
            AND d.state IN ('queued', 'sending', 'sent', 'uncertain', 'retracting', 'retracted'))""",
        id=mention_id,
    )


def set_visibility(tx: Tx, mention_id: int, visibility: Visibility) -> None:
    """Who can read a post now, where its words stay."""
    tx.run("UPDATE mentions SET visibility = :v WHERE id = :id", v=visibility, id=mention_id)


def of_case(reader: Reader, case_id: int) -> list[Row]:
    """The author's posts of one case, oldest first."""
    return reader.rows("SELECT * FROM mentions WHERE case_id = :id ORDER BY created_at, id", id=case_id)


def in_thread(reader: Reader, row: Row, limit: int = 30) -> list[Row]:
    """What else was heard in the thread of a mention, oldest first."""
    return reader.rows(
        """SELECT * FROM mentions WHERE platform = :platform AND surface = :surface AND thread_key = :thread
        ORDER BY created_at, id LIMIT :limit""",
        platform=row["platform"],
        surface=row["surface"],
        thread=row["thread_key"],
        limit=limit,
    )


def matches_of(reader: Reader, mention_id: int) -> list[Match]:
    """Which watches heard a mention, by place in the text."""
    rows = reader.rows("SELECT * FROM matches WHERE mention_id = :id ORDER BY first, last DESC", id=mention_id)
    return [Match(r["watch"], r["version"], r["rule"], r["term"], (r["first"], r["last"])) for r in rows]


def findings_of(reader: Reader, mention_id: int) -> list[Finding]:
    """What the detectors said of a mention."""
    rows = reader.rows("SELECT * FROM findings WHERE mention_id = :id ORDER BY detector", id=mention_id)
    return [
        Finding(
            r["detector"],
            r["version"],
            r["label"],
            r["score"],
            tuple((first, last) for first, last in json.loads(r["spans"])),
            r["reason"],
            bool(r["failed"]),
        )
        for r in rows
    ]
