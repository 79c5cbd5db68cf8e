"""The house's own keys: made once, readable by their owner only, kept outside the database folder.

``pseudonym`` hides staff in the ledger, ``suppression`` hides authors who opted out (it never rotates),
``signing`` signs checkpoints.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.errors import EarshotError

_LENGTH = 32
_NAMES = ("pseudonym", "suppression", "signing")


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The three secrets, 32 bytes each; never printed."""

    pseudonym: bytes
    suppression: bytes
    signing: bytes

    @property
    def signer(self) -> Ed25519PrivateKey:
        """The private key that signs checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.signing)

    @property
    def verifier(self) -> Ed25519PublicKey:
        """The public key that checks them."""
        return self.signer.public_key()

    def staff(self, user_id: int, at: int) -> str:
        """Pseudonym of a staff member in the ledger; another one each quarter (rule W-03)."""
        quarter = at // (91 * 86_400_000)
        return hmac.new(self.pseudonym, f"{user_id}:{quarter}".encode(), hashlib.sha256).hexdigest()[:16]

    def author(self, platform: str, native_id: str) -> str:
        """Key of an author on the suppression list; without our key it says nothing."""
        return hmac.new(self.suppression, f"{platform}:{native_id}".encode(), hashlib.sha256).hexdigest()


def make(folder: Path) -> bool:
    """Create the keys that do not exist yet, each readable by its owner only; says whether one was created."""
    created = False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in _NAMES:
        try:
            handle = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(_LENGTH))
        created = True
    signer = Ed25519PrivateKey.from_private_bytes(_read(folder, "signing"))
    (folder / "signing.pub").write_text(signer.public_key().public_bytes_raw().hex(), "ascii")
    return created


def complete(folder: Path) -> bool:
    """Whether every key is there."""
    return all((folder / f"{name}.key").exists() for name in _NAMES)


def load(folder: Path) -> Keys:
    """Read the keys.

    Raises:
        EarshotError: one is missing, open to others, or no key.
    """
    return Keys(*(_read(folder, name) for name in _NAMES))


def load_public(folder: Path) -> Ed25519PublicKey:
    """Read only the public key that checks checkpoints."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex((folder / "signing.pub").read_text("ascii")))
    except (OSError, ValueError) as error:
        raise EarshotError(f"{folder / 'signing.pub'} is missing or no key. Run: earshot init") from error


def _read(folder: Path, name: str) -> bytes:
    place = folder / f"{name}.key"
    try:
        if place.stat().st_mode & 0o077:
            raise EarshotError(f"{place} can be read by others. Run: chmod 600 {place}")
        key = bytes.fromhex(place.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise EarshotError(f"{place} is missing or no key. Run: earshot init") from error
    if len(key) != _LENGTH:
        raise EarshotError(f"{place} is not a key of {_LENGTH} bytes. Run: earshot init")
    return key
