"""A wall-clock limit for one request. A timeout of ``requests`` is per read and never ends a dripping answer."""

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self


def cut(connection: socket.socket) -> None:
    """End a connection, whoever reads from it."""
    # The plain socket's shutdown: it wakes a blocked read, also below TLS, without touching TLS state.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Deadline:
    """Cuts the watched connection when ``seconds`` have passed since it was entered.

    Name resolution is the one step that cannot be cut; the resolver's own limits hold there.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self.expired = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _expire(self) -> None:
        self.expired = True
        if self._socket is not None:
            cut(self._socket)

    def remaining(self) -> float:
        """Seconds that are left, never zero, because zero would mean "do not block" to a socket."""
        return max(self._ends - time.monotonic(), 0.001)

    def watch(self, connection: socket.socket) -> None:
        """Cut ``connection`` at the deadline, or now if that has passed."""
        self._socket = connection
        if self.expired:
            cut(connection)
