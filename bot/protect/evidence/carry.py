"""Bundles in a backup and out of it again: piece by piece, each with its hash, whatever their size.

A bundle goes into a backup when its row does. At a restore the row decides, too: what the restored database no longer
keeps stays away, the file that fits its row stays or comes back, what no row tells of is set aside and not destroyed.
"""

import os
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from bot.model.evidence import BundleState
from bot.protect.evidence import shelf
from bot.protect.evidence.verify import LARGEST, Finding, check, read
from bot.store import evidence as rows
from bot.store.db import Reader

_PIECE = 1 << 20
_HASH = re.compile("[0-9a-f]{64}")
_NUMBER = re.compile("[1-9][0-9]{0,17}")
_DAMAGE = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of the bundles at a restore.

    ``back`` came out of the backup; ``spoilt`` are damaged in it; ``missing`` neither the backup nor the folder has;
    ``aside`` are files that were set aside.
    """

    back: tuple[int, ...] = ()
    spoilt: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    aside: tuple[str, ...] = ()


def pack(box: zipfile.ZipFile, reader: Reader, folder: Path) -> dict[str, str]:
    """Write the taken bundles of ``folder`` into a backup; number -> SHA-256 of each. A missing file is left out.

    Raises:
        OSError: the backup cannot be written, or a bundle not be read.
    """
    packed = {}
    for number, state in sorted(rows.states(reader).items()):
        if state != BundleState.TAKEN:
            continue
        # Opened once: a bundle that must go while it is copied goes from the folder, and the copy is whole.
        with suppress(FileNotFoundError), shelf.place_of(folder, number).open("rb") as bundle:
            # Packed already: to pack it again costs time and saves nothing.
            about = zipfile.ZipInfo(_name(number))
            about.compress_type = zipfile.ZIP_STORED
            with box.open(about, "w", force_zip64=True) as copy:
                packed[str(number)] = _copied(bundle, copy)
    return packed


def _name(number: int) -> str:
    return f"evidence/{number}.zip"


def _copied(source: IO[bytes], copy: IO[bytes], most: int = 0) -> str:
    """Copy piece by piece; returns the SHA-256 of what was copied.

    Raises:
        ValueError: it is longer than ``most`` bytes, where that is given.
    """
    digest, size = sha256(), 0
    while piece := source.read(_PIECE):
        size += len(piece)
        if most and size > most:
            raise ValueError
        digest.update(piece)
        copy.write(piece)
    return digest.hexdigest()


class Carrier:
    """Brings the bundles of one backup back into ``folder``.

    Args:
        folder: where bundles lie; nothing else writes there meanwhile.
        keys: our public keys.
        reader: the restored database, as it will be in force.
        now: UTC milliseconds: a bundle whose hold has ended by then stays away.
    """

    def __init__(self, folder: Path, keys: Sequence[bytes], reader: Reader, now: int) -> None:
        self._folder, self._keys = folder, keys
        gone = {row["id"] for row in rows.without_hold(reader, now)}
        self._kept = {
            number: row["manifest"]
            for number, state in rows.states(reader).items()
            if state == BundleState.TAKEN and number not in gone and (row := rows.by_id(reader, number)) is not None
        }
        self._last = rows.last_number(reader)
        self._staged: list[int] = []
        self._spoilt: list[int] = []

    def stage(self, box: zipfile.ZipFile, named: Mapping[str, str]) -> None:
        """Put what is needed of the backup beside its place; nothing in force changes yet.

        Raises:
            OSError: the folder cannot be written.
        """
        for told, digest in named.items():
            number = int(told) if _NUMBER.fullmatch(str(told)) else 0
            if number in self._kept and not self._fits(shelf.place_of(self._folder, number), number):
                whole = _HASH.fullmatch(str(digest)) is not None and self._unpacked(box, number) == digest
                (self._staged if whole else self._spoilt).append(number)

    def _unpacked(self, box: zipfile.ZipFile, number: int) -> str:
        draft = shelf.draft_of(self._folder, number)
        try:
            with box.open(_name(number)) as packed, shelf.opened_anew(draft) as copy:
                digest = _copied(packed, copy, LARGEST)
                copy.flush()
                os.fsync(copy.fileno())
        except _DAMAGE:
            digest = ""
        return digest if digest and self._fits(draft, number) else ""

    def _fits(self, place: Path, number: int) -> bool:
        """Whether a file is the bundle that the row of this number tells of."""
        try:
            check(read(place), self._keys, self._kept[number])
        except (Finding, OSError):
            return False
        return True

    def settle(self) -> Brought:
        """Give the bundles their names; what stands there and fits no row is set aside.

        Raises:
            OSError: the folder cannot be written.
        """
        aside = [name for number in self._strangers() if (name := shelf.set_aside(self._folder, number).name)]
        for number in self._staged:
            shelf.draft_of(self._folder, number).replace(shelf.place_of(self._folder, number))
        for number in self._spoilt:
            shelf.draft_of(self._folder, number).unlink(missing_ok=True)
        if self._staged or aside:
            shelf.settle(self._folder)
        there = {number for number in self._kept if shelf.place_of(self._folder, number).is_file()}
        missing = sorted(self._kept.keys() - there - set(self._spoilt))
        return Brought(tuple(self._staged), tuple(self._spoilt), tuple(missing), tuple(aside))

    def _strangers(self) -> list[int]:
        """Numbers under which a file stands that was taken after the backup, or is not the one of its row."""
        found = shelf.numbers(self._folder)
        replaced = set(self._staged)
        return [number for number in found if number > self._last or number in replaced]
