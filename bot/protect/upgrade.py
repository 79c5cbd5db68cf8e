"""Before a database is brought to a newer schema it is saved: upgrades go forward only, and this is the way back."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import EarshotError
from bot.keys import Keys
from bot.ledger.journal import Journal
from bot.protect.backup import back_up
from bot.store.db import Store
from bot.store.migrate import pending

KEPT_MS = 30 * 86_400_000
"""An erased post lives on in a backup, so none is kept for longer (docs/operations.md)."""

_PREFIX, _STAMP, _ENDING = "before-upgrade-", "%Y%m%d-%H%M%S-%f", ".backup"


def save_first(database: Path, keys: Callable[[], Keys], journal: Journal, folder: Path, now: int) -> Path | None:
    """Back a database up into ``folder`` if it lacks migrations; returns where it is, or None if it lacks none.

    ``now`` is in UTC milliseconds.

    Raises:
        EarshotError: the backup cannot be written, so the database is not touched.
    """
    lacking = pending(database)
    if not lacking:
        return None
    place = folder / f"{_PREFIX}{datetime.fromtimestamp(now / 1000, UTC):{_STAMP}}{_ENDING}"
    store = Store(database, journal=journal)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        back_up(store, keys(), place, now=now)
    except (OSError, EarshotError) as error:
        told = f"{folder} cannot be written: {error.strerror}." if isinstance(error, OSError) else str(error)
        raise EarshotError(f"The database stays as it is, for it cannot be saved before its upgrade. {told}") from error
    finally:
        store.close()
    return place


def forget(folder: Path, now: int) -> int:
    """Delete what upgrades saved more than 30 days ago; returns how many. Backups that people made are left alone."""
    old = [place for place in folder.glob(f"{_PREFIX}*{_ENDING}") if _made_at(place) < now - KEPT_MS]
    for place in old:
        place.unlink(missing_ok=True)
    return len(old)


def _made_at(place: Path) -> int:
    stamp = place.name.removeprefix(_PREFIX).removesuffix(_ENDING)
    try:
        return int(datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return int(place.stat().st_mtime * 1000)
