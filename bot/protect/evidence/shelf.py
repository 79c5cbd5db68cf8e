"""The folder of the bundles, beside the database: each file whole or not at all, and none that no row keeps."""

import itertools
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from bot.errors import EarshotError
from bot.store import evidence as rows
from bot.store.db import Reader

LOST = "lost-"
"""Stands before the number of a bundle that the database knows nothing of."""

_NAME = re.compile(r"\.?([0-9]{1,18})\.zip(\.part)?")


def folder_of(database: Path) -> Path:
    """Where the bundles of a database lie."""
    return database.parent / "evidence"


def place_of(folder: Path, evidence_id: int) -> Path:
    """Where one bundle lies."""
    return folder / f"{evidence_id}.zip"


def draft_of(folder: Path, evidence_id: int) -> Path:
    """Where a bundle stands until it is whole on the disk; the sweep removes one that was left there."""
    return folder / f".{evidence_id}.zip.part"


def opened_anew(draft: Path) -> BinaryIO:
    """A draft to write, for its owner only. What stood under its name goes, and a link there leads nowhere.

    Raises:
        OSError: the folder cannot be written.
    """
    draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft.unlink(missing_ok=True)
    return os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w+b")


def set_aside(folder: Path, evidence_id: int) -> Path:
    """Keep a bundle that no row tells of under a name that no bundle gets; nothing that was kept before is lost.

    Raises:
        OSError: the folder cannot be written.
    """
    place = place_of(folder, evidence_id)
    for turn in itertools.count():
        aside = folder / (f"{LOST}{evidence_id}-{turn}.zip" if turn else f"{LOST}{evidence_id}.zip")
        with suppress(FileExistsError):
            # A link and no rename: it never takes the place of another file.
            os.link(place, aside, follow_symlinks=False)
            place.unlink()
            return aside
    raise AssertionError


def numbers(folder: Path) -> list[int]:
    """The numbers of the bundles that lie there under their own names."""
    try:
        found = [int(match[1]) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
    except OSError:
        return []
    return sorted(number for number in set(found) if os.path.lexists(place_of(folder, number)))


def lost(folder: Path) -> list[str]:
    """The names of the bundles that were set aside."""
    try:
        return sorted(path.name for path in folder.iterdir() if path.name.startswith(LOST) and path.suffix == ".zip")
    except OSError:
        return []


def put(folder: Path, evidence_id: int, body: bytes) -> Path:
    """Write one bundle, readable by its owner only: complete and on the disk before it gets its name.

    Raises:
        EarshotError: the folder cannot be written; nothing stands under the bundle's name that did not before.
    """
    place, draft = place_of(folder, evidence_id), draft_of(folder, evidence_id)
    try:
        with opened_anew(draft) as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
        settle(folder)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        told = f"The evidence cannot be written to {folder}: {error.strerror}."
        raise EarshotError(f"{told} Make room or put the folder back; it is taken again by itself.") from error
    return place


def settle(folder: Path) -> None:
    """Make the new name in ``folder`` outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(reader: Reader, folder: Path) -> int:
    """Remove the files of bundles that no row keeps any more, and what an interrupted step left; returns how many.

    Safe beside a worker that is taking a bundle: what is asked for may have a file already, and a draft. A bundle with
    a number that this database never gave was taken after the backup that was restored: it is set aside for a person.
    """
    try:
        found = [(match, path) for path in sorted(folder.iterdir()) if (match := _NAME.fullmatch(path.name))]
    except OSError:
        return 0
    states, last = (rows.states(reader), rows.last_number(reader)) if found else ({}, 0)
    gone = 0
    for match, path in found:
        number, state = int(match[1]), states.get(int(match[1]))
        if number > last and not match[2]:
            with suppress(OSError):
                set_aside(folder, number)
            continue
        if state == "asked" or (state == "taken" and not match[2]):
            continue
        with suppress(OSError):
            path.unlink()
            gone += 1
    return gone
