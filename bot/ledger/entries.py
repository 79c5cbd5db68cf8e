"""Writing entries: canonical JSON, hash chain, and commitments to what must stay erasable.

An entry's body holds no words of a user and no id of one; such facts stand in the vault, and the body
carries only their salted commitments (rules A-03 and A-05).
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping

import rfc8785

from bot.ledger.canonical import canonical
from bot.model import EntryKind
from bot.store import log
from bot.store.db import Tx

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]

PREFIX = b"\x00clog1"
"""Domain separation of an entry's hash (rule A-03)."""


def digest(prev: bytes, body: bytes) -> bytes:
    """Hash of an entry: SHA-256 over prefix, hash of the entry before, and the body's bytes as stored."""
    return hashlib.sha256(PREFIX + prev + body).digest()


def append(tx: Tx, kind: EntryKind, fields: Mapping[str, Value], at: int) -> int:
    """Append one entry in the transaction of the change that it tells of; returns its number.

    ``fields`` are plain JSON values: integers within 2^53, no floats, no user text.

    Raises:
        ValueError: a value has no exact form, so the entry would not verify.
    """
    body = rfc8785.dumps({**fields, "type": kind.value, "at": at})
    if not canonical(body):
        raise ValueError("An entry holds text, integers, flags, lists and objects; nothing else would verify.")
    seq, prev = log.head(tx)
    log.append(tx, seq + 1, body, prev, digest(prev, body))
    return seq + 1


def commit(tx: Tx, kind: str, subject: str, snapshot: Mapping[str, Value]) -> str:
    """Put ``snapshot`` into the vault under ``subject`` and return its commitment for an entry's body."""
    opened = rfc8785.dumps(dict(snapshot))
    salt = secrets.token_bytes(32)
    commitment = hmac.new(salt, opened, hashlib.sha256).hexdigest()
    log.seal(tx, commitment, subject, kind=kind, salt=salt, snapshot=opened)
    return commitment
