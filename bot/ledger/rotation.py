"""A new signing key takes over: the old one signs it, and the ledger keeps both (rule A-08). And staff get new names.

Order of steps, each safe to be killed in: the new private key is written beside the old one; the KEY entry is
committed, and from then on the ledger names the new key; the public key is kept; the private one takes its place. What
is left to do is done at the worker's next start or the next rotation. Old public keys stay, so that old
checkpoints verify.
"""

from pathlib import Path

from bot import keys
from bot.errors import LedgerBroken, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.ledger.anchors import compare
from bot.ledger.proof import Verdict, succession
from bot.model import EntryKind
from bot.store.db import Store


def rotate(store: Store, house_keys: Keys, keys_dir: Path, checkpoints: Path, now: int) -> bytes:
    """Put a new signing key into force, or finish what an interrupted rotation began; returns the new public key.

    ``now`` is in UTC milliseconds.

    Raises:
        LedgerBroken: the ledger does not verify, so its keys are not touched.
        Stale: somebody else rotated the key meanwhile.
        EarshotError: the signing key is not the one that the ledger names.
    """
    compared = compare(store, checkpoints, house_keys.known)
    walk, ring = compared.walk, compared.walk.ring
    if compared.report.verdict is not Verdict.OK or ring is None:
        raise LedgerBroken(f"The ledger does not verify, so its key stays. {compared.report.sentence}")
    current = ring.current
    if keys.settle(keys_dir, current):
        return current
    old = house_keys.signer_of(current)
    with store.write() as tx:
        walk.go_on(tx)
        if ring.current != current:
            raise Stale("Somebody else rotated the key meanwhile.")
        # Inside, so that of two who rotate at once only one makes a key.
        new = keys.next_signer(keys_dir)
        fresh = new.public_key().public_bytes_raw()
        signed = succession(current, fresh)
        fields: dict[str, entries.Value] = {
            "old": current.hex(),
            "new": fresh.hex(),
            "signed_by_old": old.sign(signed).hex(),
            "signed_by_new": new.sign(signed).hex(),
        }
        entries.append(tx, EntryKind.KEY, fields, now)
        tx.keep("key", *map(str, fields.values()))
    keys.settle(keys_dir, fresh)
    return fresh


def rotate_pseudonym(store: Store, keys_dir: Path, now: int) -> None:
    """Put a new pseudonym key into force (rule W-03); running processes take it up with their next entry.

    ``now`` is in UTC milliseconds. Killed in between, the key is exchanged or not, and the command can be run again.

    Raises:
        EarshotError: the key that is in force cannot be read, or the folder cannot be written.
    """
    with store.write() as tx:
        entries.append(tx, EntryKind.ACCESS, {"step": "pseudonym_key_rotated", "by": "operator"}, now)
        keys.rotate_pseudonym(keys_dir, now)
