"""How a process of ours waits for its end: SIGTERM, or Ctrl+C."""

import os
import select
import signal
import threading
from types import FrameType

LAST_SECONDS = 8.0
"""What runs when the end is asked for has so long; then the process ends, as safely as by a crash."""


class End:
    """Made in the main thread before anything starts, so that no signal is lost.

    The interpreter itself writes a byte for each signal. A handler in Python would come too late for one that arrives
    just before the main thread begins to wait: it would wait for ever.
    """

    def __init__(self, last_seconds: float = LAST_SECONDS) -> None:
        self._asked, self._told = os.pipe()
        os.set_blocking(self._told, False)
        signal.set_wakeup_fd(self._told, warn_on_full_buffer=False)
        self._last_seconds = last_seconds
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _heard)

    def asked(self, seconds: float) -> bool:
        """Wait up to so many seconds; whether somebody asked this process to end, which ``wait`` then sees, too."""
        return bool(select.select([self._asked], [], [], seconds)[0])

    def ask(self) -> None:
        """End this process from inside, as a signal does."""
        os.write(self._told, b"\0")

    def wait(self) -> None:
        """Return when somebody asked this process to end, which it then does in time, whatever hangs."""
        os.read(self._asked, 1)
        # A send that waits for its platform would hold up the interpreter's end; its row says "sending" and is settled.
        cut = threading.Timer(self._last_seconds, os._exit, (0,))
        cut.daemon = True
        cut.start()


def _heard(_number: int, _frame: FrameType | None) -> None:
    """Instead of what the signal does to a process that nobody prepared."""
