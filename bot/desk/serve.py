"""The desk's own web server: waitress with eight threads, in a thread of its own, closed within a moment."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress.server import create_server
from waitress.wasyncore import close_all

from bot.desk.guard import MAX_BODY
from bot.errors import EarshotError

log = logging.getLogger(__name__)

BEAT_S = 10
THREADS = 8
STOP_SECONDS = 5

# Eight busy threads for a moment are no news; a browser asks for ten files at once.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class Server:
    """Serves one desk. The socket is bound at once, so a taken port is known before anything else starts."""

    def __init__(self, app: Flask, host: str, port: int, beat: Callable[[], None] = lambda: None) -> None:
        """Bind ``host`` and ``port``; port 0 takes a free one. ``beat`` is called every few seconds while it serves.

        Raises:
            OSError: the port is taken, or the address is not ours.
        """
        self._sockets: dict[int, Any] = {}
        self._server = create_server(
            app,
            map=self._sockets,
            host=host,
            port=port,
            threads=THREADS,
            ident="",
            max_request_body_size=MAX_BODY,
            channel_timeout=30,
            clear_untrusted_proxy_headers=True,
        )
        self._thread = threading.Thread(target=self._server.run, name="desk", daemon=True)
        self._beat, self._ended = beat, threading.Event()
        self._beating = threading.Thread(target=self._live, name="desk beat", daemon=True)

    @property
    def port(self) -> int:
        """The port that the desk really listens on."""
        listening = getattr(self._server, "effective_listen", None)
        return int(listening[0][1] if listening else self._server.effective_port)

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()
        self._beating.start()

    def _live(self) -> None:
        while True:
            try:
                self._beat()
            except EarshotError as error:
                log.warning("the desk's sign of life was not taken: %s", type(error).__name__)
            if self._ended.wait(BEAT_S):
                return

    def stop(self) -> None:
        """Finish what is being answered, take nothing new, and end the thread."""
        self._ended.set()
        self._server.task_dispatcher.shutdown(timeout=STOP_SECONDS)
        # Only the serving thread may close its sockets: from here it would be asked to watch closed ones.
        trigger = next(one for one in self._sockets.values() if hasattr(one, "pull_trigger"))
        trigger.pull_trigger(lambda: close_all(self._sockets, ignore_all=True))
        self._thread.join(timeout=STOP_SECONDS)
