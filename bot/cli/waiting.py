"""How a process of ours waits for its end: SIGTERM, or Ctrl+C."""

import signal
import threading
from types import FrameType


class End:
    """Made in the main thread before anything starts, so that no signal is lost."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def wait(self) -> None:
        """Return when somebody asked this process to end."""
        self._asked.wait()

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked.set()
