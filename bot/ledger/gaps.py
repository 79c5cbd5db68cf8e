"""Gaps that a restore declares: the time whose entries are lost, and the checkpoints that saw them (RESTORE entries).

A restored ledger is shorter than checkpoints elsewhere know it, as one is whose tail somebody cut off. The difference
is the RESTORE entry right after the last entry of the backup: it names every checkpoint of the lost time that was
found, and our key signs it, so that who can write to the database alone cannot declare one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.errors import LedgerBroken
from bot.ledger import entries
from bot.ledger.checkpoint import notes
from bot.ledger.proof import Finding, read_note, written
from bot.model import EntryKind
from bot.store.db import Tx

ENDS_WITH = b'"type":"RESTORE"}'
"""How the body of a RESTORE entry ends: in canonical form its type stands last, which ``learn`` sees to."""
_SIGNED_BEFORE = b"earshot/restore\n"

Seen = tuple[int, bytes]
"""Size and root that a checkpoint saw."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What RESTORE entry ``seq`` declares: what checkpoints of the ``lost`` time saw, and our signature over them."""

    seq: int
    lost: frozenset[Seen]
    text: bytes
    signature: bytes

    def signed_by(self, keys: Iterable[bytes]) -> bool:
        """Whether one of these public keys signed it."""
        return any(_verifies(key, self) for key in keys)


def _verifies(key: bytes, gap: Gap) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(gap.signature, gap.text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _text(size: int, lost: object) -> bytes:
    return _SIGNED_BEFORE + written({"lost": lost, "size": size})


def learn(seq: int, body: dict[str, Any]) -> Gap:
    """Read a RESTORE entry; who signed it is another question.

    Raises:
        Finding: it does not have the form of one, or stands elsewhere than after the entries that it kept.
    """
    try:
        lost = frozenset((int(size), bytes.fromhex(root)) for size, root in body["lost"])
        gap = Gap(seq, lost, _text(body["size"], body["lost"]), bytes.fromhex(body["signed"]))
        fits = max(body) == "type" and body["size"] == seq - 1
    except (KeyError, TypeError, ValueError):
        fits = False
    if not fits:
        raise Finding(f"Entry {seq}: its facts do not have the form of a RESTORE entry.", seq)
    return gap


def signed_in(folders: Iterable[Path], keys: Sequence[bytes]) -> frozenset[Seen]:
    """What every checkpoint in these folders saw that one of our public keys signed.

    Raises:
        LedgerBroken: one of them does not have the form of a checkpoint; the message names the file.
    """
    found = set()
    for folder in folders:
        for name, text in notes(folder):
            try:
                note = read_note(text)
            except Finding as finding:
                raise LedgerBroken(f"{name}: {finding.sentence}") from finding
            if any(map(note.signed_by, keys)):
                found.add((note.checkpoint.size, note.checkpoint.root))
    return frozenset(found)


def declare(tx: Tx, size: int, lost: Iterable[Seen], signer: Ed25519PrivateKey, **facts: entries.Value) -> int:
    """Append the RESTORE entry of a backup with ``size`` entries; returns its number. ``facts`` need ``at``."""
    named: entries.Value = [[one, root.hex()] for one, root in sorted(lost)]
    signed = signer.sign(_text(size, named)).hex()
    at = facts.pop("at")
    if not isinstance(at, int):
        raise TypeError("A RESTORE entry needs its time.")
    return entries.append(tx, EntryKind.RESTORE, {**facts, "lost": named, "signed": signed, "size": size}, at)
