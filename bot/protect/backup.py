"""A backup: one file with the database as of one moment and the evidence that it tells of, made while everything runs.

The keys are in it only when asked for.

The journal beside the checkpoints gets a line first: what comes after it is what a restore of this file must know
besides. So a backup is good only together with that folder, which is best kept on another disk.
"""

import json
import os
import secrets
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot import __version__
from bot import keys as key_files
from bot.errors import EarshotError
from bot.keys import Keys
from bot.ledger.checkpoint import sign
from bot.ledger.proof import Checkpoint, Finding, Verdict, read_note
from bot.ledger.verify import Walk
from bot.model.evidence import BundleState
from bot.protect.evidence import carry, shelf
from bot.store import copies, evidence
from bot.store.db import Store

FORMAT = "earshot-backup-1"
MANIFEST, DATABASE, KEYS = "manifest.json", "earshot.db", "keys.sealed"
_PIECE = 1 << 20
_DAMAGE = (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, AttributeError, EOFError)
_SPOILT = "The database in this backup is damaged. Take another backup."


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup's manifest says. ``made_at`` is in UTC milliseconds, ``size`` the number of ledger entries.

    ``note`` is a signed checkpoint of exactly this ledger; "" of one that does not verify, which is not restored.
    ``evidence``: number of each bundle in it -> SHA-256; ``evidence_missing``: bundles whose file was not there.
    """

    id: str
    made_at: int
    code: str
    size: int
    database: str
    mark: str
    with_keys: bool
    note: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    evidence_missing: int = 0


def back_up(store: Store, keys: Keys, place: Path, *, now: int, passphrase: str | None = None) -> Backup:
    """Write a backup to ``place``, which does not exist yet: complete, readable by its owner only, or not there at all.

    With a ``passphrase`` the keys are in it, sealed under it. ``now`` is in UTC milliseconds.

    Raises:
        EarshotError: the place is taken, or it or the journal cannot be written.
        StoreError: the database cannot be copied.
    """
    if place.exists():
        raise EarshotError(f"{place} exists already. Choose another name.")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as folder:
            made = _fill(store, keys, Path(folder), now=now, passphrase=passphrase)
            # A link and no rename: it never takes the place of a file that came meanwhile.
            (Path(folder) / "whole").chmod(0o600)
            os.link(Path(folder) / "whole", place)
    except OSError as error:
        raise EarshotError(f"The backup cannot be written: {error.strerror}. Nothing is left of it there.") from error
    return made


def _fill(store: Store, keys: Keys, folder: Path, *, now: int, passphrase: str | None) -> Backup:
    copy, number = folder / DATABASE, secrets.token_hex(8)
    with store.write():
        # While nobody else writes: a change is on one side of this line together with its own line, or on the other.
        try:
            store.keep_now("backup", number)
        except OSError as error:
            told = f"The journal beside the checkpoints cannot be written: {error.strerror}."
            raise EarshotError(f"{told} A backup needs it.") from error
    copies.snapshot(store, copy)
    size, note = _checkpoint_of(copy, keys)
    made = Backup(number, now, __version__, size, _digest(copy), keys.mark(number), passphrase is not None, note)
    with zipfile.ZipFile(folder / "whole", "x", zipfile.ZIP_DEFLATED, compresslevel=1) as box:
        made = replace(made, **_packed(box, copy, shelf.folder_of(store.path)))
        box.write(copy, DATABASE)
        if passphrase is not None and keys.folder is not None:
            box.writestr(KEYS, key_files.sealed(keys.folder, passphrase))
        box.writestr(MANIFEST, json.dumps({"format": FORMAT, **asdict(made)}, indent=1))
    with (folder / "whole").open("rb") as file:
        os.fsync(file.fileno())
    return made


def _packed(box: zipfile.ZipFile, copy: Path, folder: Path) -> dict[str, Any]:
    """The bundles that the database in the backup tells of, packed with it."""
    store = Store(copy)
    try:
        packed = carry.pack(box, store, folder)
        taken = sum(state == BundleState.TAKEN for state in evidence.states(store).values())
    finally:
        store.close()
    return {"evidence": packed, "evidence_missing": taken - len(packed)}


def _checkpoint_of(copy: Path, keys: Keys) -> tuple[int, str]:
    store, walk = Store(copy), Walk(keys.known[0])
    try:
        report = walk.go_on(store)
    finally:
        store.close()
    if report.verdict is not Verdict.OK or walk.ring is None:
        return walk.seq, ""
    return walk.seq, sign(Checkpoint(walk.seq, walk.tree.root()), keys.signer_of(walk.ring.current))


def signed_as(note: str, walk: Walk, keys: Sequence[bytes]) -> bool:
    """Whether a backup's ``note`` is our signature over just the ledger that ``walk`` went over."""
    try:
        read = read_note(note)
    except Finding:
        return False
    return read.checkpoint == Checkpoint(walk.seq, walk.tree.root()) and any(map(read.signed_by, keys))


def _digest(place: Path) -> str:
    with place.open("rb") as file:
        digest = sha256()
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def opened(place: Path) -> Iterator[tuple[zipfile.ZipFile, Backup]]:
    """A backup's file and what its manifest says.

    Raises:
        EarshotError: it is no backup of ours, is damaged, or was made by a newer program.
    """
    try:
        box = zipfile.ZipFile(place)
        backup = _told(json.loads(box.read(MANIFEST)))
    except _DAMAGE as error:
        raise EarshotError(
            f"{place} is no backup, or is damaged ({type(error).__name__}). Take another one."
        ) from error
    except OSError as error:
        raise EarshotError(f"{place} cannot be read: {error.strerror or type(error).__name__}.") from error
    with box:
        yield box, backup


def _told(manifest: dict[str, Any]) -> Backup:
    kind = str(manifest.pop("format"))
    if kind != FORMAT:
        raise EarshotError(
            f"This backup has the form {kind}, this program reads {FORMAT}. Restore it with its program."
        )
    return Backup(**manifest)


def unpack(box: zipfile.ZipFile, backup: Backup, place: Path) -> None:
    """Put a backup's database to ``place``.

    Raises:
        EarshotError: it is not the one that the manifest names.
    """
    try:
        with box.open(DATABASE) as packed, place.open("xb") as file:
            shutil.copyfileobj(packed, file, _PIECE)
    except _DAMAGE as error:
        raise EarshotError(_SPOILT) from error
    place.chmod(0o600)
    if _digest(place) != backup.database:
        raise EarshotError(_SPOILT)
