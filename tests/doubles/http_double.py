"""A server on the loopback interface that can misbehave in every way we know; the doubles of platforms build on it.

It remembers every request it saw, so that a test can show that nothing reached it.
"""

import contextlib
import gzip
import http.server
import json
import select
import socket
import struct
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

TOKEN = "canary-token"
NOW = 1_793_613_600_000
DATE = "Mon, 02 Nov 2026 10:00:00 GMT"


class StillClock:
    """A clock that stands at 2 November 2026, 10:00 UTC."""

    def now(self):
        return NOW

    def monotonic(self):
        return 0


@dataclass
class Seen:
    method: str
    path: str
    query: dict
    body: dict
    headers: dict


@dataclass
class Refusals:
    """A RefusalSink that remembers."""

    seen: list = field(default_factory=list)

    def refused(self, platform, endpoint, reason):
        self.seen.append((platform, endpoint, reason))


@dataclass
class Budget:
    """A RateBudget that remembers."""

    spent: list = field(default_factory=list)
    learned: list = field(default_factory=list)
    empty: Exception | None = None

    def spend(self, bucket, cost=1):
        if self.empty is not None:
            raise self.empty
        self.spent.append((bucket, cost))

    def learn(self, bucket, remaining, reset_at, most):
        self.learned.append((bucket, remaining, reset_at))


SPOILERS = {
    "Mega-Meldung": b'["' + b"a" * 5_000_000 + b'"]',
    # Valid, and not too deep for whoever only reads it; for whoever takes it apart step by step it is.
    "Matroschka-Meldung": b'{"a":' * 400 + b"1" + b"}" * 400,
}
"""A post with such a word in it makes every answer that it stands in one that cannot be taken."""


def answer(body, status=200, headers=None, kind="application/json; charset=utf-8"):
    """A complete answer; ``body`` is bytes or anything that JSON can write."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    content = next((spoilt for word, spoilt in SPOILERS.items() if word.encode() in content), content)

    def give(handler):
        handler.send_response_only(status)
        for name, value in {"Date": DATE, "Content-Type": kind, **(headers or {})}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return give


def in_turn(*answers):
    """The first answer for the first request, and so on; the last one stays."""
    left = [given if callable(given) else answer(given) for given in answers]

    def give(handler):
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return give


def redirect(location, status=302):
    return answer(b"", status, {"Location": location})


def bomb(megabytes):
    """A small compressed answer that unpacks to many megabytes."""
    packed = gzip.compress(b'["' + b"a" * (megabytes * 1024 * 1024) + b'"]')
    return answer(packed, headers={"Content-Encoding": "gzip"})


def _wait_for_goodbye(handler, seconds=None):
    """True when the client has hung up within ``seconds``; without a limit it waits as long as the client does."""
    ready, _, _ = select.select([handler.connection], [], [], seconds)
    return bool(ready)


def silence(handler):
    """Takes the request and says nothing until the client gives up."""
    _wait_for_goodbye(handler)


def drip(handler):
    """Promises a body and sends it byte by byte until the client gives up."""
    handler.send_response_only(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    with contextlib.suppress(OSError):
        while not _wait_for_goodbye(handler, 0.01):
            handler.wfile.write(b" ")


def drip_headers(handler):
    """Sends a header that never ends, byte by byte, until the client gives up."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    with contextlib.suppress(OSError):
        while not _wait_for_goodbye(handler, 0.01):
            handler.wfile.write(b"a")


def truncated(handler):
    """Promises more than it sends."""
    handler.send_response_only(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'[{"id": "1", ')


def reset(handler):
    """Takes the request and then resets the connection."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self):
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length).decode()
        sent_json = (self.headers.get("Content-Type") or "").startswith("application/json")
        body = json.loads(raw) if raw and sent_json else parse_qs(raw, keep_blank_values=True)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.double.seen.append(
            Seen(self.command, parts.path, parse_qs(parts.query, keep_blank_values=True), body, headers)
        )
        self.close_connection = True
        # A client that has read enough hangs up in the middle of an answer.
        with contextlib.suppress(OSError):
            self.server.double.take(self.command, parts.path)(self)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _serve  # noqa: N815 - names of http.server

    def log_message(self, *args):
        """Stay silent: tests read what the program prints."""

    def finish(self):
        with contextlib.suppress(OSError, ValueError):
            super().finish()


class Double:
    """The server. ``answers`` maps (method, path) to an answer: JSON, or what writes one itself.

    A request's body stands in ``Seen.body``: a form as name -> values, JSON as it was sent. A double whose answers
    depend on the request overrides ``take`` and reads ``self.seen[-1]``.
    """

    def __init__(self):
        self.seen = []
        self.answers = {}
        self.whole = None
        self.refusals = Refusals()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.double = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.surface = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *failure):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, method, path):
        """The answer to a request: ``whole`` for all if it is set, else what is laid out, else 404."""
        found = self.whole or self.answers.get((method, path), answer({"error": "Record not found"}, 404))
        return found if callable(found) else answer(found)

    def get(self, path, found):
        self.answers["GET", path] = found

    def post(self, path, found):
        self.answers["POST", path] = found

    def delete(self, path, found):
        self.answers["DELETE", path] = found

    def writes(self):
        return [seen for seen in self.seen if seen.method != "GET"]
