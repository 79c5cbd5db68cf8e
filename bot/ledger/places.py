"""Places outside of the house that keep our checkpoints as well, such as a git repository.

Without a copy elsewhere, whoever holds the files and the key could rewrite everything (rule A-04). A place that is out
of reach warns and stops nothing; what it missed is brought there later.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.ledger.checkpoint import write

GIT_SECONDS = 30
_AUTHOR = ("-c", "user.name=Earshot", "-c", "user.email=earshot@localhost", "-c", "commit.gpgsign=false")


class Place(Protocol):
    """Somewhere that takes checkpoints. ``name`` is its name in the store; it is asked once in ``every_ms``."""

    @property
    def name(self) -> str:
        """Its name in the store."""
        ...

    @property
    def every_ms(self) -> int:
        """It takes something at most once in so many milliseconds."""
        ...

    def take(self, notes: Sequence[tuple[int, str]]) -> str:
        """Keep signed checkpoints, as (size, note), smallest first; returns "" or why that failed. Raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class GitPlace:
    """A local git repository: a commit for each checkpoint. A hook of the operator may push it.

    ``environment`` is what the git command may see.
    """

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    every_ms: int = 0

    @property
    def name(self) -> str:
        """Another repository begins anew."""
        return f"git:{self.folder.resolve()}"

    def take(self, notes: Sequence[tuple[int, str]]) -> str:
        """See ``Place.take``. What an outage left over goes into one commit."""
        try:
            if not (self.folder / ".git").exists():
                return f"{self.folder} is no git repository"
            files = [write(self.folder, size, note).name for size, note in notes]
            self._git("add", "--", *files)
            told = f"Checkpoint of {notes[-1][0]} entries"
            self._git(*_AUTHOR, "commit", "--quiet", "--allow-empty", "--message", told, "--only", "--", *files)
        except subprocess.TimeoutExpired:
            return f"git took longer than {GIT_SECONDS} s"
        except (subprocess.CalledProcessError, OSError) as error:
            return f"git in {self.folder} failed ({type(error).__name__})"
        return ""

    def _git(self, *words: str) -> None:
        subprocess.run(  # noqa: S603 - fixed words and file names of our own, no shell
            ["git", "-C", str(self.folder), *words],  # noqa: S607 - the operator's own git
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=GIT_SECONDS,
            env=dict(self.environment),
        )
