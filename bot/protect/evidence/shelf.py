"""The folder of the bundles, beside the database: each file whole or not at all, and none that no row keeps."""

import os
import re
from contextlib import suppress
from pathlib import Path

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


def put(folder: Path, evidence_id: int, body: bytes) -> Path:
    """Write one bundle, readable by its owner only: complete and on the disk before it gets its name.

    Raises:
        EarshotError: the folder cannot be written; nothing stands under the bundle's name that did not before.
    """
    place = place_of(folder, evidence_id)
    draft = folder / f".{place.name}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
        _settle(folder)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        told = f"The evidence cannot be written to {folder}: {error.strerror}."
        raise EarshotError(f"{told} Make room or put the folder back; it is taken again by itself.") from error
    return place


def _settle(folder: Path) -> None:
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
                path.rename(folder / f"{LOST}{number}.zip")
            continue
        if state == "asked" or (state == "taken" and not match[2]):
            continue
        with suppress(OSError):
            path.unlink()
            gone += 1
    return gone
