"""Checkpoints: size and root of the ledger, signed with Ed25519, kept in a folder of their own.

The form is C2SP's tlog-checkpoint inside its signed note: origin, size, root, a blank line, and a
signature line. A chain alone shows neither a cut tail nor a full rewrite; comparing it with a
checkpoint kept elsewhere does (rule A-04).
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.errors import LedgerBroken

ORIGIN = "earshot/ledger"
NAME = "earshot"
_SIGNED = f"\N{EM DASH} {NAME} "
_SUFFIX = ".checkpoint"
_ED25519 = b"\x01"
_LINES = 5


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The ledger had ``size`` entries and this Merkle ``root``."""

    size: int
    root: bytes


def _key_hash(key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(NAME.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:4]


def _text(checkpoint: Checkpoint) -> str:
    return f"{ORIGIN}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def _note(checkpoint: Checkpoint, signature: bytes) -> str:
    return f"{_text(checkpoint)}\n{_SIGNED}{base64.b64encode(signature).decode()}\n"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note that holds ``checkpoint``."""
    return _note(checkpoint, _key_hash(key.public_key()) + key.sign(_text(checkpoint).encode()))


def read(note: str, key: Ed25519PublicKey) -> Checkpoint:
    """Check a signed note and return its checkpoint.

    Raises:
        LedgerBroken: the note is not a checkpoint of ours, or its signature is wrong.
    """
    lines = note.split("\n")
    try:
        if len(lines) != _LINES + 1 or lines[0] != ORIGIN or lines[3] or lines[5]:
            raise LedgerBroken("A checkpoint does not have the form of one.")
        checkpoint = Checkpoint(int(lines[1]), base64.b64decode(lines[2], validate=True))
        signature = base64.b64decode(lines[4].removeprefix(_SIGNED), validate=True)
        key.verify(signature[4:], _text(checkpoint).encode())
    except (ValueError, binascii.Error, InvalidSignature) as error:
        raise LedgerBroken("A checkpoint's signature does not fit its text and our key.") from error
    if signature[:4] != _key_hash(key) or note != _note(checkpoint, signature):
        raise LedgerBroken("A checkpoint was signed by another key or rewritten.")
    return checkpoint


def write(folder: Path, size: int, note: str) -> Path:
    """Keep the signed note of a checkpoint in ``folder``: whole or not at all, readable by all who may verify."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{size:020d}{_SUFFIX}"
    draft = place.with_suffix(f".{os.getpid()}.part")
    with draft.open("w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)
    return place


def read_all(folder: Path, key: Ed25519PublicKey) -> list[Checkpoint]:
    """All checkpoints of a folder, smallest first. A missing folder holds none.

    Raises:
        LedgerBroken: one of them is not ours; the message names the file.
    """
    found = []
    for place in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            found.append(read(place.read_bytes().decode(), key))
        except (LedgerBroken, UnicodeDecodeError) as error:
            raise LedgerBroken(f"{place.name}: {error}") from error
    return sorted(found, key=lambda checkpoint: checkpoint.size)
