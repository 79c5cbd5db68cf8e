"""Rows of backup and restore: a copy of the file, lines that the journal lacks, and replies of a lost time."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bot.errors import StoreError
from bot.model import DispatchState
from bot.store.db import Reader, Row, Store, Tx, translated

LOST = "lost"
"""Cause of a dispatch that a restore lost: whether it is there only a look can tell."""

# the file ------------------------------------------------------------------------------------------


def snapshot(store: Store, place: Path) -> None:
    """Copy the database as of one moment to ``place``, while others read and write (SQLite's online backup).

    Raises:
        StoreError: the copy could not be made.
    """
    target = sqlite3.connect(place)
    try:
        store.connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise translated(error) from error
    finally:
        target.close()


def settle(store: Store) -> None:
    """Bring everything into the one file, so that it can take another name.

    Raises:
        StoreError: somebody else has it open, or it cannot be written.
    """
    store.truncate_wal()
    if store.value("PRAGMA journal_mode = DELETE") != "delete":
        raise StoreError("The database is still in use.")


def settle_file(place: Path) -> None:
    """The same for a file that nobody has open; one that is too damaged for it stays as it is."""
    connection = sqlite3.connect(place)
    with suppress(sqlite3.DatabaseError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()


def damage(reader: Reader) -> str:
    """What is wrong with the file's pages; "" if nothing is."""
    try:
        found = str(reader.value("PRAGMA quick_check(1)"))
    except (sqlite3.DatabaseError, StoreError) as error:
        return str(error)
    return "" if found == "ok" else found


# what the journal lacks ---------------------------------------------------------------------------


def waiting(reader: Reader) -> list[str]:
    """Lines that the journal could not take, oldest first."""
    return [row["line"] for row in reader.rows("SELECT line FROM journal_waiting ORDER BY id")]


def brought(tx: Tx) -> None:
    """The journal has them."""
    tx.run("DELETE FROM journal_waiting")


# a backup comes into force ------------------------------------------------------------------------


def note_restore(tx: Tx, *, backup: str, backup_at: int, blind: bool, at: int) -> None:
    """A backup comes into force; ``blind``: nobody knows what was answered since it was made."""
    tx.insert("restores", {"at": at, "backup": backup, "backup_at": backup_at, "blind": blind})


def nothing_is_fresh(tx: Tx, at: int) -> None:
    """What was known of posts is old: their words are sealed until their platform shows them again.

    Those that people will open first are looked at first. Everybody signs in anew.
    """
    askable = "source IN (SELECT name FROM sources WHERE inspected = 1)"
    tx.run(f"UPDATE mentions SET sealed_at = :at, looking_until = 0 WHERE text_hash <> '' AND {askable}", at=at)  # noqa: S608 - ours
    tx.run("UPDATE mentions SET claimed_until = 0")
    tx.run("DELETE FROM post_status")
    tx.run(
        """INSERT INTO rechecks (mention_id, asked_at)
        SELECT latest_mention, :at FROM cases WHERE state NOT IN ('sent', 'closed')
        AND latest_mention IN (SELECT id FROM mentions WHERE text_hash <> '')
        ON CONFLICT (mention_id) DO UPDATE SET asked_at = excluded.asked_at, next_try_at = 0""",
        at=at,
    )
    for table in ("sessions", "form_keys"):
        tx.run(f"DELETE FROM {table}")  # noqa: S608 - ours


def unsent(reader: Reader) -> list[int]:
    """Cases with a reply that waits to leave, or with a draft that somebody approved."""
    rows = reader.rows(
        """SELECT case_id FROM dispatches WHERE state = 'queued'
        UNION SELECT case_id FROM drafts WHERE state IN ('submitted', 'approved') AND NOT EXISTS (SELECT 1
        FROM dispatches d WHERE d.draft_id = drafts.id AND d.state IN ('sending', 'uncertain', 'sent')) ORDER BY 1"""
    )
    return [int(row["case_id"]) for row in rows]


def on_the_way(reader: Reader) -> list[Row]:
    """Dispatches that were being sent, or may have been, when the backup was made."""
    return reader.rows("SELECT * FROM dispatches WHERE state IN ('sending', 'uncertain') ORDER BY id")


def outgoing(reader: Reader) -> list[Row]:
    """Every dispatch, without its words."""
    return reader.rows(
        """SELECT id, case_id, draft_id, mention_id, canonical_target, request_key, state, remote_id, started_at,
        updated_at FROM dispatches ORDER BY id"""
    )


def posts(reader: Reader) -> Iterator[Row]:
    """Every post: ``id`` and ``canonical_key``."""
    return reader.stream("SELECT id, canonical_key FROM mentions")


def accounts(reader: Reader) -> list[Row]:
    """Every account that something is held of: ``platform`` and ``author_id``."""
    return reader.rows("SELECT platform, author_id FROM mentions UNION SELECT platform, author_id FROM cases")


def let_go_of(tx: Tx, platform: str, author_id: str) -> None:
    """Nobody looks any more whether replies to an account that is to be erased arrived: that was known before."""
    tx.run(
        """UPDATE dispatches SET state = 'refused', cause = 'not_there' WHERE state IN ('sending', 'uncertain',
        'retracting') AND case_id IN (SELECT id FROM cases WHERE platform = :platform AND author_id = :author)""",
        platform=platform,
        author=author_id,
    )


# replies of a lost time ---------------------------------------------------------------------------


def began(tx: Tx, row: dict[str, object]) -> None:
    """A reply may have left: post_key, request, begun_at, decided, and mention_id and dispatch_id if they are known."""
    tx.run(
        """INSERT INTO begun (post_key, request, begun_at, decided, mention_id, dispatch_id)
        VALUES (:post_key, :request, :begun_at, :decided, :mention_id, :dispatch_id)
        ON CONFLICT (request) DO NOTHING""",
        **row,
    )


def heard_again(tx: Tx, post_key: str, mention_id: int) -> None:
    """A post was taken in that may have been answered in a lost time."""
    tx.run(
        "UPDATE begun SET mention_id = :id WHERE post_key = :key AND mention_id IS NULL", id=mention_id, key=post_key
    )


def without_dispatch(reader: Reader) -> list[Row]:
    """Replies that may have left, to posts that stand in a case by now: columns of ``begun`` with the post's."""
    return reader.rows(
        """SELECT b.id AS begun_id, b.request, b.begun_at, m.* FROM begun b JOIN mentions m ON m.id = b.mention_id
        WHERE b.dispatch_id IS NULL AND m.case_id IS NOT NULL ORDER BY b.id"""
    )


def adopt(tx: Tx, lost: Row, config_id: int, at: int) -> bool:
    """Give a reply whose words are lost its place in the outbox, as uncertain; False if another one is in its place.

    One that is uncertain already stands for it.
    """
    known = tx.row(
        """SELECT id, state FROM dispatches WHERE canonical_target = :target
        AND state IN ('queued', 'sending', 'sent', 'uncertain', 'retracting')""",
        target=lost["canonical_key"],
    )
    if known is not None and known["state"] != DispatchState.UNCERTAIN:
        return False
    dispatch_id = _place(tx, lost, config_id, at) if known is None else known["id"]
    tx.run("UPDATE begun SET dispatch_id = :dispatch WHERE id = :id", dispatch=dispatch_id, id=lost["begun_id"])
    return True


def _place(tx: Tx, lost: Row, config_id: int, at: int) -> int:
    nothing = ("text", "prepared", "template", "template_version", "language", "address", "reason")
    draft = {
        **dict.fromkeys(nothing, ""),
        "case_id": lost["case_id"],
        "mention_id": lost["id"],
        "origin": "human",
        "config_id": config_id,
        "created_at": at,
        "updated_at": at,
        "state": "done",
    }
    place = {name: lost[name] for name in ("case_id", "platform", "surface", "account")}
    dispatch = {
        **place,
        "draft_id": tx.insert("drafts", draft),
        "mention_id": lost["id"],
        "canonical_target": lost["canonical_key"],
        "text": "",
        "text_hash": "",
        "request_key": f"lost:{lost['request']}",
        "state": DispatchState.UNCERTAIN,
        "cause": LOST,
        "due_at": at,
        "started_at": lost["begun_at"],
        "updated_at": at,
    }
    return tx.insert("dispatches", dispatch)


def of_dispatch(reader: Reader, dispatch_id: int) -> Row | None:
    """What is known of a dispatch that a restore lost, or None for any other."""
    return reader.row("SELECT * FROM begun WHERE dispatch_id = :id ORDER BY decided DESC, id LIMIT 1", id=dispatch_id)


def forget(tx: Tx, before: int) -> None:
    """Nobody answers such old posts any more."""
    tx.run("DELETE FROM begun WHERE begun_at < :before", before=before)


def found_words(tx: Tx, dispatch_id: int, text: str) -> None:
    """A reply whose words a restore lost was found: these are they."""
    tx.run("UPDATE dispatches SET text = :text WHERE id = :id AND text = ''", text=text, id=dispatch_id)
