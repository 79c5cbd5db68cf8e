"""Who has a database file open: locks that the system takes back when a process ends, however it ends.

Every connection holds a shared lock on a file beside the database; whoever puts another file in its place holds it
alone. SQLite's own locks follow the file, not its name, so they cannot say this.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StoreBusy


def _lock_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.lock")


def share(database: Path) -> int | None:
    """Say that the database is in use until the returned file handle is closed.

    None where no lock can be kept, as in memory or on a disk that cannot be written: nobody puts another file there.

    Raises:
        StoreBusy: the database is being restored.
    """
    if str(database) == ":memory:":
        return None
    try:
        handle = os.open(_lock_of(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StoreBusy("This database is being restored. Try again when that is done.") from error
    return handle


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Keep everybody else from the database's name.

    Raises:
        StoreBusy: somebody has it open.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(_lock_of(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StoreBusy(
            "The worker, the desk or another command has this database open. Stop them, then restore."
        ) from error
    try:
        yield
    finally:
        os.close(handle)
