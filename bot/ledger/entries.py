"""Writing entries: canonical JSON, hash chain, and commitments to what must stay erasable.

An entry's body holds no words of a user and no id of one; such facts stand in the vault, and the body
carries only their salted commitments (rules A-03 and A-05).
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping

import rfc8785

from bot.ledger.proof import CLOCK_MS, digest, parsed
from bot.model import EntryKind
from bot.store import log
from bot.store.db import Tx

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]


def append(tx: Tx, kind: EntryKind, fields: Mapping[str, Value], at: int) -> int:
    """Append one entry in the transaction of the change that it tells of; returns its number.

    ``fields`` are plain JSON values: ASCII keys, integers within 2^53, no floats, no user text. When the clock jumped
    back, the entry keeps the time of the one before it and carries what the clock said as ``clock``: nothing is lost,
    and time never goes back (rule A-09).

    Raises:
        ValueError: a value has no exact form, so the entry would not verify.
    """
    before = _time_of(log.last_body(tx))
    jumped: dict[str, Value] = {"at": before, "clock": at} if at < before - CLOCK_MS else {"at": at}
    body = rfc8785.dumps({**fields, "type": kind.value, **jumped})
    if parsed(body) is None:
        raise ValueError("An entry holds text, integers, flags, lists and objects; nothing else would verify.")
    seq, prev = log.head(tx)
    log.append(tx, seq + 1, body, prev, digest(prev, body))
    return seq + 1


def _time_of(body: bytes) -> int:
    """When the last entry says that it was written; 0 before the first, or if somebody spoilt it."""
    at = (parsed(body) or {}).get("at")
    return at if isinstance(at, int) else 0


def commit(tx: Tx, kind: str, subject: str, snapshot: Mapping[str, Value]) -> str:
    """Put ``snapshot`` into the vault under ``subject`` and return its commitment for an entry's body."""
    opened = rfc8785.dumps(dict(snapshot))
    salt = secrets.token_bytes(32)
    commitment = hmac.new(salt, opened, hashlib.sha256).hexdigest()
    log.seal(tx, commitment, subject, kind=kind, salt=salt, snapshot=opened)
    return commitment
