"""The desk's own web server: waitress with eight threads, in a thread of its own, closed within a moment."""

import threading

from flask import Flask
from waitress.server import create_server

from bot.desk.guard import MAX_BODY

THREADS = 8


class Server:
    """Serves one desk. The socket is bound at once, so a taken port is known before anything else starts."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        """Bind ``host`` and ``port``; port 0 takes a free one.

        Raises:
            OSError: the port is taken, or the address is not ours.
        """
        self._server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident="",
            max_request_body_size=MAX_BODY,
            channel_timeout=30,
            clear_untrusted_proxy_headers=True,
        )
        self._thread = threading.Thread(target=self._server.run, name="desk", daemon=True)

    @property
    def port(self) -> int:
        """The port that the desk really listens on."""
        listening = getattr(self._server, "effective_listen", None)
        return int(listening[0][1] if listening else self._server.effective_port)

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Take no new requests and end the thread."""
        self._server.close()
        self._server.task_dispatcher.shutdown(timeout=5)
        self._thread.join(timeout=5)
