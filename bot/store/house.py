"""Rows about the house itself: the configuration in force, the worker's health, and stop-all."""

from bot.model.room import Room
from bot.store import upkeep
from bot.store.db import Reader, Row, Tx

SILENT_MS = 30_000
"""A worker that gave no sign of life for so long is called silent."""


def add_config(tx: Tx, digest: str, body: str, at: int) -> int:
    """A valid configuration comes into force; returns its id."""
    return tx.insert("config_versions", {"hash": digest, "body": body, "at": at})


def config(reader: Reader, config_id: int | None = None) -> Row | None:
    """The configuration in force, or an earlier one by its id."""
    return reader.row(
        "SELECT * FROM config_versions WHERE :id IS NULL OR id = :id ORDER BY id DESC LIMIT 1", id=config_id
    )


def start_health(tx: Tx, *, name: str, pid: int, version: str, at: int) -> None:
    """A worker starts: its row begins anew; nothing is verified yet.

    Since when the checkpoint folder fails outlives a start: the checkpoints of that time are still to be written there.
    """
    upkeep.note_downtime(tx, name, at)
    failing = tx.value("SELECT anchor_failing_since FROM health WHERE name = :name", name=name)
    tx.run("DELETE FROM health WHERE name = :name", name=name)
    row = {"name": name, "pid": pid, "version": version, "started_at": at, "heartbeat_at": at}
    tx.insert("health", {**row, "anchor_failing_since": failing})


def beat(tx: Tx, name: str, at: int, skew_ms: int, off_ms: int = 0) -> None:
    """The worker is alive. ``skew_ms`` is the jump of its clock that counts, ``off_ms`` all jumps since its start."""
    upkeep.note_downtime(tx, name, at)
    tx.run(
        "UPDATE health SET heartbeat_at = :at, skew_ms = :skew, clock_off_ms = :off WHERE name = :n",
        at=at,
        skew=skew_ms,
        off=off_ms,
        n=name,
    )


def set_room(tx: Tx, name: str, room: Room, free: int) -> None:
    """What may still be written, and how many thousandths of the disk are free."""
    tx.run("UPDATE health SET room = :room, room_free = :free WHERE name = :n", room=room.value, free=free, n=name)


def room(reader: Reader) -> Room:
    """What may still be written, as the worker saw it last."""
    return Room(reader.value("SELECT room FROM health WHERE name = 'worker'") or "")


def sign_of_life(tx: Tx, name: str, *, pid: int, version: str, at: int) -> None:
    """A part other than the worker runs, in this version. Its silence says nothing about posts, so none is noted."""
    tx.run(
        """INSERT INTO health (name, pid, version, started_at, heartbeat_at) VALUES (:name, :pid, :version, :at, :at)
        ON CONFLICT (name) DO UPDATE
        SET pid = excluded.pid, version = excluded.version, heartbeat_at = excluded.heartbeat_at""",
        name=name,
        pid=pid,
        version=version,
        at=at,
    )


def set_verified(tx: Tx, name: str, *, ok: bool, seq: int, at: int) -> None:
    """The ledger was verified up to entry ``seq``, or found broken there."""
    tx.run(
        "UPDATE health SET ledger_ok = :ok, verified_seq = :seq, verified_at = :at WHERE name = :n",
        ok=ok,
        seq=seq,
        at=at,
        n=name,
    )


def set_checkpoint(tx: Tx, name: str, size: int, note: str, *, anchored: bool, at: int) -> None:
    """Keep the signed checkpoint of ``size`` entries, and since when the folder elsewhere could not take it."""
    tx.run(
        """INSERT INTO checkpoints (size, note, at) VALUES (:size, :note, :at)
        ON CONFLICT (size) DO UPDATE SET note = excluded.note, at = excluded.at""",
        size=size,
        note=note,
        at=at,
    )
    tx.run(
        """UPDATE health SET checkpoint_at = :at, checkpoint_size = :size,
        anchor_failing_since = CASE WHEN :anchored THEN NULL ELSE coalesce(anchor_failing_since, :at) END
        WHERE name = :name""",
        at=at,
        size=size,
        anchored=anchored,
        name=name,
    )


def set_config_problems(tx: Tx, name: str, problems: str) -> None:
    """What is wrong with the files in config/ while an older version stays in force; empty when nothing is."""
    tx.run("UPDATE health SET config_problems = :p WHERE name = :n", p=problems, n=name)


def health(reader: Reader, name: str = "worker") -> Row | None:
    """The worker's row, or None before its first start."""
    return reader.row("SELECT * FROM health WHERE name = :n", n=name)


def stop(reader: Reader) -> Row | None:
    """The stop-all in force, or None."""
    return reader.row("SELECT * FROM stops WHERE released_at IS NULL ORDER BY id DESC LIMIT 1")


def begin_stop(tx: Tx, *, user_id: int | None, reason: str, at: int) -> int:
    """Stop everything that goes out; returns the row's id. Stopping twice keeps the first stop."""
    standing = stop(tx)
    return int(standing["id"]) if standing else tx.insert("stops", {"at": at, "user_id": user_id, "reason": reason})


def release_stop(tx: Tx, *, user_id: int, at: int) -> bool:
    """One person asks to lift the stop, another one lifts it; True once it is lifted."""
    standing = stop(tx)
    if standing is None:
        return True
    if standing["first_release_by"] in {None, user_id}:
        tx.run("UPDATE stops SET first_release_by = :u WHERE id = :id", u=user_id, id=standing["id"])
        return False
    tx.run("UPDATE stops SET released_by = :u, released_at = :at WHERE id = :id", u=user_id, at=at, id=standing["id"])
    return True
