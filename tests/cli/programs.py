"""Commands as people and service managers use them: what one said, how one ends, and waiting for what it does."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from canaries import CANARY_TOKEN

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-c", "from bot.cli import main; main()")


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def ended(process: subprocess.Popen[str]) -> str:
    """Ask a process to end as a service manager does; returns what it printed. It must end by itself."""
    process.terminate()
    printed, _ = process.communicate(timeout=20)
    assert process.returncode == 0, printed
    assert CANARY_TOKEN not in printed
    return printed


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for what another process does."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        pause.wait(0.1)
