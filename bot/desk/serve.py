"""waitress around the desk's app: eight threads, started and closed by whoever runs it."""

import logging
import threading

from flask import Flask
from waitress import create_server

log = logging.getLogger(__name__)

THREADS = 8
BODY_BYTES = 262_144
"""waitress refuses larger requests before the app sees them."""


class Server:
    """Serves ``app`` in a thread of its own. ``port`` 0 takes a free one."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._server = create_server(
            app, host=host, port=port, threads=THREADS, max_request_body_size=BODY_BYTES, ident="earshot"
        )
        self.port = int(self._server.effective_port)
        self._thread = threading.Thread(target=self._server.run, name="desk", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and let the running answers end."""
        self._server.close()
        self._thread.join(timeout=5)
