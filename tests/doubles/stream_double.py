"""What a server says on an event stream: chunk by chunk, as a test tells it, until one of the two hangs up."""

import contextlib
import queue
import select

CANARY = "Kanarienvogel-im-Ereignis-88d2"
HEADERS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
THUMP = b":thump\n"
EVENT = b'event: notification\ndata: {"status": {"content": "' + CANARY.encode() + b'"}}\n\n'


class Stream:
    """An answer of a double. ``said`` are the pieces that still go out; ``b""`` ends the answer."""

    def __init__(self, *pieces):
        self.said = queue.Queue()
        self.opened = 0
        for piece in pieces:
            self.said.put(piece)

    def say(self, piece):
        self.said.put(piece)

    def __call__(self, handler):
        self.opened += 1
        handler.wfile.write(HEADERS)
        with contextlib.suppress(OSError):
            while not select.select([handler.connection], [], [], 0)[0]:
                with contextlib.suppress(queue.Empty):
                    piece = self.said.get(timeout=0.05)
                    handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    if not piece:
                        return
