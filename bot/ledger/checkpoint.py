"""Checkpoints: size and root of the ledger, signed with Ed25519, kept in a folder of their own.

The form is C2SP's tlog-checkpoint inside its signed note: origin, size, root, a blank line, and a
signature line. A chain alone shows neither a cut tail nor a full rewrite; comparing it with a
checkpoint kept elsewhere does (rule A-04).
"""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.errors import LedgerBroken
from bot.ledger.proof import Checkpoint, Note, key_hash

_SUFFIX = ".checkpoint"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note that holds ``checkpoint``."""
    signature = key.sign(checkpoint.text.encode())
    return Note(checkpoint, key_hash(key.public_key().public_bytes_raw()), signature).text


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


def notes(folder: Path) -> list[tuple[str, str]]:
    """Name and text of every checkpoint in a folder, smallest first. A missing folder holds none.

    Raises:
        LedgerBroken: one of them is no text; the message names the file.
    """
    found = []
    for place in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            found.append((place.name, place.read_bytes().decode()))
        except UnicodeDecodeError as error:
            raise LedgerBroken(f"{place.name}: A checkpoint does not have the form of one.") from error
    return found
