"""People who sign in, and their sessions. Passwords arrive hashed; session ids arrive hashed."""

import sqlite3

from bot.errors import Stale
from bot.model import Role
from bot.store.db import Reader, Row, Tx


def add(tx: Tx, *, name: str, role: Role, initials: str, password_hash: str, trained: bool, at: int) -> int:
    """Create a person.

    Raises:
        Stale: the name is taken.
    """
    row = {
        "name": name,
        "role": role,
        "initials": initials,
        "password_hash": password_hash,
        "trained": trained,
        "created_at": at,
    }
    try:
        return tx.insert("users", row)
    except sqlite3.IntegrityError as error:
        raise Stale(f"There is already a person called {name}.") from error


def by_name(reader: Reader, name: str) -> Row | None:
    """A person by sign-in name, whatever its case."""
    return reader.row("SELECT * FROM users WHERE name = :name", name=name)


def by_id(reader: Reader, user_id: int) -> Row | None:
    """A person by id."""
    return reader.row("SELECT * FROM users WHERE id = :id", id=user_id)


def every(reader: Reader) -> list[Row]:
    """All people by name."""
    return reader.rows("SELECT * FROM users ORDER BY name")


def set_password(tx: Tx, user_id: int, password_hash: str) -> None:
    """A new password; all sessions of the person end."""
    tx.run(
        "UPDATE users SET password_hash = :h, failures = 0, locked_until = 0 WHERE id = :id",
        h=password_hash,
        id=user_id,
    )
    end_sessions(tx, user_id)


def set_languages(tx: Tx, user_id: int, languages: str) -> None:
    """The languages a person answers in, divided by spaces; "" for all of the brand's (rule C-31)."""
    tx.run("UPDATE users SET languages = :languages WHERE id = :id", languages=languages, id=user_id)


def set_trained(tx: Tx, user_id: int, *, trained: bool) -> None:
    """Whether a person is trained for crises (E-11)."""
    tx.run("UPDATE users SET trained = :trained WHERE id = :id", trained=trained, id=user_id)


def set_role(tx: Tx, user_id: int, role: Role) -> None:
    """What a person may do from now on; a trainee is never trained for crises (E-11)."""
    tx.run(
        "UPDATE users SET role = :role, trained = CASE WHEN :learns THEN 0 ELSE trained END WHERE id = :id",
        role=role,
        learns=role is Role.TRAINEE,
        id=user_id,
    )


def set_active(tx: Tx, user_id: int, *, active: bool) -> None:
    """Let a person in or keep them out; keeping out ends all their sessions."""
    tx.run("UPDATE users SET active = :active WHERE id = :id", active=active, id=user_id)
    if not active:
        end_sessions(tx, user_id)


def count_failure(tx: Tx, user_id: int, locked_until: int) -> None:
    """A wrong password was given."""
    tx.run(
        "UPDATE users SET failures = failures + 1, locked_until = :until WHERE id = :id", until=locked_until, id=user_id
    )


def clear_failures(tx: Tx, user_id: int) -> None:
    """The right password was given."""
    tx.run("UPDATE users SET failures = 0, locked_until = 0 WHERE id = :id", id=user_id)


def set_preferences(tx: Tx, user_id: int, *, shortcuts: bool, theme: str, language: str) -> None:
    """How a person likes the desk: single-key shortcuts, theme ("", light, dark), language ("", de, en)."""
    tx.run(
        "UPDATE users SET shortcuts = :s, theme = :t, language = :l WHERE id = :id",
        s=shortcuts,
        t=theme,
        l=language,
        id=user_id,
    )


def set_team_signature(tx: Tx, user_id: int, *, on: bool) -> None:
    """Whether a person's replies end with the team's name instead of their initials (W-05)."""
    tx.run("UPDATE users SET team_signature = :on WHERE id = :id", on=on, id=user_id)


def begin_session(tx: Tx, id_hash: str, user_id: int, *, at: int, expires_at: int) -> None:
    """A person signed in."""
    tx.insert(
        "sessions",
        {"id_hash": id_hash, "user_id": user_id, "created_at": at, "seen_at": at, "expires_at": expires_at},
    )


def session(reader: Reader, id_hash: str, now: int) -> Row | None:
    """The active person behind a session that has not ended, with the session's times."""
    return reader.row(
        """SELECT u.*, s.seen_at, s.expires_at, s.created_at AS signed_in_at FROM sessions s
        JOIN users u ON u.id = s.user_id WHERE s.id_hash = :h AND s.expires_at > :now AND u.active = 1""",
        h=id_hash,
        now=now,
    )


def touch_session(tx: Tx, id_hash: str, at: int) -> None:
    """The person behind a session was seen."""
    tx.run("UPDATE sessions SET seen_at = :at WHERE id_hash = :h", at=at, h=id_hash)


def sessions_of(reader: Reader, user_id: int, now: int) -> list[Row]:
    """A person's sessions that have not ended, newest first."""
    return reader.rows(
        "SELECT * FROM sessions WHERE user_id = :id AND expires_at > :now ORDER BY created_at DESC, id_hash",
        id=user_id,
        now=now,
    )


def end_session(tx: Tx, id_hash: str) -> None:
    """A person signed out."""
    tx.run("DELETE FROM sessions WHERE id_hash = :h", h=id_hash)


def end_sessions(tx: Tx, user_id: int) -> None:
    """End all sessions of a person."""
    tx.run("DELETE FROM sessions WHERE user_id = :id", id=user_id)


def end_every_session(tx: Tx) -> int:
    """Everybody signs in anew; returns how many sessions ended."""
    return tx.run("DELETE FROM sessions")


def form_result(reader: Reader, key: str, user_id: int) -> str | None:
    """Where the first use of a form led, or None if it was not used yet."""
    result: str | None = reader.value("SELECT result FROM form_keys WHERE key = :k AND user_id = :u", k=key, u=user_id)
    return result


def use_form(tx: Tx, key: str, user_id: int, result: str, at: int) -> None:
    """Remember where the first use of a form led."""
    tx.insert("form_keys", {"key": key, "user_id": user_id, "at": at, "result": result})
