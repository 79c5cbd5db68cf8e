"""Watches the configuration folder: a new valid set replaces the last one, a broken one never does.

No threads and no clock: whoever wants fresh configuration calls ``poll``.
"""

from pathlib import Path

from bot.config.files import candidates
from bot.config.load import load
from bot.config.models import ConfigSet
from bot.errors import ConfigError, Problem

_Trace = tuple[tuple[str, int, int, int], ...]


class Reloader:
    """The live configuration of one folder.

    ``current`` is the last valid set, ``None`` before the first one. ``problems`` are the faults of the files as
    they are now; while there are any, ``current`` stays what it was.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current: ConfigSet | None = None
        self.problems: tuple[Problem, ...] = ()
        self._trace: _Trace | None = None

    def poll(self) -> ConfigSet | None:
        """A new valid set if any file changed, appeared or went since the last call, else ``None``."""
        trace = _trace(self.folder)
        if trace == self._trace:
            return None
        self._trace = trace
        try:
            fresh = load(self.folder)
        except ConfigError as error:
            self.problems = error.problems
            return None
        self.problems = ()
        self.current = fresh
        return fresh


def _trace(folder: Path) -> _Trace:
    """Name, change times and size of every YAML file; a file that cannot be seen is left out."""
    seen = []
    try:
        names = list(candidates(folder))
    except OSError:
        return ()
    for name in names:
        try:
            about = (folder / name).stat()
        except OSError:
            continue
        seen.append((name, about.st_mtime_ns, about.st_ctime_ns, about.st_size))
    return tuple(seen)
