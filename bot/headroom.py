"""Room on the disk of the database: measured at every beat, with a reserve that is given up when the disk is full.

The reserve is a file of zeros beside the database. Deleting it makes room for what must be written even then: what
became of a reply that is under way, deletions, opt-outs, stop, and their entries. With room again it is made again.
"""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from bot.errors import StoreError, StoreFull
from bot.model.room import Room, room_after
from bot.store import house as house_rows
from bot.store.db import Store

log = logging.getLogger(__name__)

RESERVE_BYTES = 64 << 20
"""Room for the entries of a day under way, and for erasing meanwhile."""
RESERVE_PART = 50
"""On a small disk the reserve is one part in so many of it."""
LAST_BYTES = 4 << 20
"""With less than this free the reserve is given up: SQLite's write-ahead file grows by as much in a busy minute."""


class Usage(Protocol):
    """Bytes of a disk, as ``shutil.disk_usage`` tells them."""

    @property
    def total(self) -> int:
        """All of it."""
        ...

    @property
    def free(self) -> int:
        """What this process may still take."""
        ...


class Headroom:
    """Watches the disk that ``folder`` stands on. Made by the worker; everybody else reads the worker's row."""

    def __init__(self, folder: Path, measure: Callable[[Path], Usage] = shutil.disk_usage) -> None:
        self._folder, self._measure = folder, measure
        self.room = Room.ENOUGH

    @property
    def reserve(self) -> Path:
        """The file whose room is kept."""
        return self._folder / "reserve"

    def look(self, store: Store, name: str) -> Room:
        """Measure, keep or give up the reserve, and tell the row of ``name``; the state that is in force now.

        Raises:
            OSError: the folder is not there.
        """
        usage = self._measure(self._folder)
        if usage.free < LAST_BYTES:
            self.give_up()
        # What the reserve holds is not free for anything that the marks are about.
        free = min(1000, usage.free * 1000 // max(1, usage.total))
        before, self.room = self.room, room_after(self.room, free)
        if self.room is not before:
            log.warning("room on the disk: %s, %d per mille are free", self.room or "enough", free)
        if self.room is Room.ENOUGH:
            self._keep_reserve(usage)
        row = house_rows.health(store, name)
        if row is not None and (row["room"], row["room_free"] // 10) != (self.room, free // 10):
            with store.write() as tx:
                house_rows.set_room(tx, name, self.room, free)
        return self.room

    def give_up(self) -> bool:
        """The disk is full: make the reserve's room free; False if it is gone already."""
        try:
            self.reserve.unlink()
        except OSError:
            return False
        log.error("the disk is full: the reserve is given up, for deletions, opt-outs, stop and the ledger")
        return True

    def give_up_for(self, error: StoreError) -> None:
        """Give the reserve up if this is what it is kept for."""
        if isinstance(error, StoreFull):
            self.give_up()

    def _keep_reserve(self, usage: Usage) -> None:
        if self.reserve.exists():
            return
        handle = os.open(self.reserve, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(handle, 0, max(1, min(RESERVE_BYTES, usage.total // RESERVE_PART)))
        except OSError as error:
            log.warning("no reserve can be kept beside the database: %s", error.strerror)
            self.reserve.unlink()
        finally:
            os.close(handle)
