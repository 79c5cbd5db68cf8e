"""How full the disk of the data folder is, noted by the worker: what fills it shows only over time."""

import shutil
from pathlib import Path

from bot.store import measures
from bot.store.db import Store


def sample(store: Store, folder: Path, at: int) -> None:
    """Note what ``folder`` holds and what its disk has left, in bytes, at ``at`` (UTC milliseconds).

    Raises:
        OSError: the folder is gone.
    """
    used = sum(_size(path) for path in folder.rglob("*"))
    with store.write() as tx:
        measures.sample_disk(tx, free=shutil.disk_usage(folder).free, used=used, at=at)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # files beside the database come and go
        return 0
