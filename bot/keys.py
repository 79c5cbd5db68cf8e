"""The house's own keys: made once, readable by their owner only, kept outside the database folder.

``pseudonym`` hides staff in the ledger, ``suppression`` hides authors who opted out (it never rotates),
``signing`` signs checkpoints and exports. When it is rotated, ``signing.pub`` keeps every public key, oldest first.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bot.errors import EarshotError

_LENGTH = 32
_NAMES = ("pseudonym", "suppression", "signing")
_PUBLIC = "signing.pub"
_NEXT = "signing.next"
"""The signing key that takes over: it stands beside the old one until its KEY entry is written."""
_FORMER = "pseudonym.former"
"""Pseudonym keys that were in force: a line each, when it was exchanged and the key."""
_KEPT = frozenset({".key", ".pub", ".next", ".former"})
_SEALED_AS = b"earshot/keys/1"

PSEUDONYM = re.compile(r"[0-9a-f]{16}")
"""The form of a pseudonym in the ledger."""

FORMER_MS = 365 * 86_400_000
"""Consent rules, section 4: a staff pseudonym key is kept for twelve months. Older backups are not restored anyway."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The three secrets, 32 bytes each; never printed. ``public``: every signing key's public half, oldest first.

    ``folder`` is where they were read from: another program may rotate a key while this one runs.
    """

    pseudonym: bytes
    suppression: bytes
    signing: bytes
    public: tuple[bytes, ...] = ()
    folder: Path | None = None

    @property
    def signer(self) -> Ed25519PrivateKey:
        """The private key that signs checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.signing)

    @property
    def verifier(self) -> Ed25519PublicKey:
        """The public key that checks them."""
        return self.signer.public_key()

    @property
    def known(self) -> tuple[bytes, ...]:
        """Public keys to trust, oldest first, as they stand there when asked."""
        return (self.folder and published(self.folder)) or self.public or (self.verifier.public_bytes_raw(),)

    def signer_of(self, public: bytes) -> Ed25519PrivateKey:
        """The private key that belongs to ``public``, as the files have it.

        Raises:
            EarshotError: neither the signing key nor the one that takes over belongs to it.
        """
        candidates = [self.signing]
        if self.folder is not None:
            candidates += [_read(self.folder, name) for name in ("signing", _NEXT) if _there(self.folder, name)]
        for secret in candidates:
            key = Ed25519PrivateKey.from_private_bytes(secret)
            if key.public_key().public_bytes_raw() == public:
                return key
        raise EarshotError(f"The signing key in {self.folder} is not the one that the ledger names. Put that one back.")

    def staff(self, user_id: int, at: int) -> str:
        """Pseudonym of a staff member in the ledger; another one each quarter (rule W-03)."""
        return _name(self._hides_staff, user_id, at)

    def once_called(self, user_id: int, at: int) -> frozenset[str]:
        """What a staff member was called in the ledger at ``at``, by the key in force and those kept from before."""
        before = [] if self.folder is None else [key for _, key in _former(self.folder)]
        return frozenset(_name(key, user_id, at) for key in (self._hides_staff, *before))

    @property
    def _hides_staff(self) -> bytes:
        """The pseudonym key in force: as its file has it now, or as it was read while the file is out of reach."""
        with suppress(EarshotError):
            return self.pseudonym if self.folder is None else _read(self.folder, "pseudonym")
        return self.pseudonym

    def page(self, page_id: int, made_at: int) -> str:
        """Token of the acknowledge link in a page: the same at every try, so that each copy of the page leads there."""
        return hmac.new(self.pseudonym, f"page:{page_id}:{made_at}".encode(), hashlib.sha256).hexdigest()[:40]

    def author(self, platform: str, native_id: str) -> str:
        """Key of an author on the suppression list; without our key it says nothing."""
        return hmac.new(self.suppression, f"{platform}:{native_id}".encode(), hashlib.sha256).hexdigest()

    def mark(self, backup: str) -> str:
        """Shows that a backup was made with these keys."""
        return self._mark(backup, self._hides_staff)

    def made(self, backup: str, mark: str) -> bool:
        """Whether a backup bears the mark of these keys, or of a pseudonym key that was in force before."""
        before = [] if self.folder is None else [key for _, key in _former(self.folder)]
        return any(hmac.compare_digest(self._mark(backup, key), mark) for key in (self._hides_staff, *before))

    def _mark(self, backup: str, pseudonym: bytes) -> str:
        return hmac.new(self.suppression + pseudonym, f"backup:{backup}".encode(), hashlib.sha256).hexdigest()


def _name(key: bytes, user_id: int, at: int) -> str:
    quarter = at // (91 * 86_400_000)
    return hmac.new(key, f"{user_id}:{quarter}".encode(), hashlib.sha256).hexdigest()[:16]


def make(folder: Path) -> bool:
    """Create the keys that do not exist yet, each readable by its owner only; says whether one was created."""
    created: set[str] = set()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in _NAMES:
        try:
            handle = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(_LENGTH))
        created.add(name)
    if "signing" in created:
        (folder / _PUBLIC).unlink(missing_ok=True)
    _publish(folder, _public_half(_read(folder, "signing")))
    return bool(created)


def next_signer(folder: Path) -> Ed25519PrivateKey:
    """The signing key that takes over; made now unless an interrupted rotation left one."""
    if not _there(folder, _NEXT):
        _write_whole(folder, f"{_NEXT}.key", secrets.token_hex(_LENGTH))
    return Ed25519PrivateKey.from_private_bytes(_read(folder, _NEXT))


def settle(folder: Path, current: bytes) -> bool:
    """Put the files in order once the ledger names ``current`` as the key in force; True when it was the next one.

    Safe to be killed anywhere and to be done again: the public key is kept first, then the private one takes its place.
    """
    if not _there(folder, _NEXT) or _public_half(_read(folder, _NEXT)) != current:
        return False
    _publish(folder, current)
    with suppress(FileNotFoundError):  # Somebody else did it just now.
        (folder / f"{_NEXT}.key").replace(folder / "signing.key")
    return True


def rotate_pseudonym(folder: Path, now: int) -> None:
    """Put a new pseudonym key into force; the one from before is kept for twelve months. ``now``: UTC milliseconds.

    Raises:
        EarshotError: the key in force, or the list of those from before, cannot be read, or the folder not be written.
    """
    kept = [(at, key) for at, key in _former(folder) if at > now - FORMER_MS]
    kept.append((now, _read(folder, "pseudonym")))
    try:
        # The old one first: whatever kills this, no key is lost that a backup or a claim still asks for.
        _write_whole(folder, _FORMER, "".join(f"{at} {key.hex()}\n" for at, key in kept))
        _write_whole(folder, "pseudonym.key", secrets.token_hex(_LENGTH))
    except OSError as error:
        raise EarshotError(f"{folder} cannot be written: {error.strerror}. The key stays.") from error


def _former(folder: Path) -> list[tuple[int, bytes]]:
    """Pseudonym keys that were in force before, oldest first, each with when it was exchanged."""
    try:
        lines = [line.split() for line in (folder / _FORMER).read_text("ascii").splitlines()]
        return [(int(at), bytes.fromhex(key)) for at, key in lines]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise EarshotError(f"{folder / _FORMER} is damaged. Put it back from your backup.") from error


def sealed(folder: Path, passphrase: str) -> bytes:
    """All key files under a passphrase: scrypt makes the key, AES-256-GCM seals (salt, nonce, sealed text)."""
    names = sorted(path.name for path in folder.iterdir() if path.suffix in _KEPT)
    opened = json.dumps({name: (folder / name).read_text("ascii") for name in names}).encode()
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    return salt + nonce + AESGCM(_stretched(passphrase, salt)).encrypt(nonce, opened, _SEALED_AS)


def unsealed(sealed_keys: bytes, passphrase: str, folder: Path) -> None:
    """Put sealed key files into ``folder``, which has none yet.

    Raises:
        EarshotError: the passphrase is another one, or the folder has keys already.
    """
    if complete(folder):
        raise EarshotError(f"{folder} has keys already. Move them away first if those of the backup are wanted.")
    salt, nonce, rest = sealed_keys[:16], sealed_keys[16:28], sealed_keys[28:]
    try:
        opened = AESGCM(_stretched(passphrase, salt)).decrypt(nonce, rest, _SEALED_AS)
    except InvalidTag as error:
        raise EarshotError("The keys do not open with this passphrase.") from error
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in json.loads(opened).items():
        _write_whole(folder, name, text, mode=0o644 if name == _PUBLIC else 0o600)


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())


def published(folder: Path) -> tuple[bytes, ...]:
    """Every public signing key, oldest first; the last one is in force. Without a file, none.

    Raises:
        EarshotError: the file holds something else.
    """
    try:
        return tuple(_checked(bytes.fromhex(line)) for line in (folder / _PUBLIC).read_text("ascii").splitlines())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise EarshotError(f"{folder / _PUBLIC} is missing or no key. Put it back from your backup.") from error


def _checked(public: bytes) -> bytes:
    return Ed25519PublicKey.from_public_bytes(public).public_bytes_raw()


def _public_half(secret: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def _publish(folder: Path, public: bytes) -> None:
    known = published(folder)
    if public not in known:
        _write_whole(folder, _PUBLIC, "".join(f"{key.hex()}\n" for key in (*known, public)), mode=0o644)


def _write_whole(folder: Path, name: str, text: str, mode: int = 0o600) -> None:
    """Write a file whole or not at all, whoever else writes it at the same time."""
    handle, draft = tempfile.mkstemp(prefix=f".{name}.", dir=folder, text=True)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(mode)
        Path(draft).replace(folder / name)
    finally:
        Path(draft).unlink(missing_ok=True)


def _there(folder: Path, name: str) -> bool:
    return (folder / f"{name}.key").exists()


def complete(folder: Path) -> bool:
    """Whether every key is there."""
    return all((folder / f"{name}.key").exists() for name in _NAMES)


def load(folder: Path) -> Keys:
    """Read the keys.

    Raises:
        EarshotError: one is missing, open to others, or no key.
    """
    pseudonym, suppression, signing = (_read(folder, name) for name in _NAMES)
    return Keys(pseudonym, suppression, signing, published(folder), folder)


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
