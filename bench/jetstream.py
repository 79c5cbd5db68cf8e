# ruff: noqa: INP001 - a folder of scripts, not a package
"""How fast the stream of everything is read: decoded, matched against 10,000 phrases, and dropped or kept.

Run ``python bench/jetstream.py``. The events are synthetic, of the shape and size that a Jetstream server sends, and
drawn from a seeded generator. Times are processor time, all threads counted: what one core does. The server of the
loopback connection is a process of its own, and tells its events as fast as they are taken.
"""

import base64
import hashlib
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from websockets.frames import Frame, Opcode

from bench.figures import Figure
from bench.matching import _phrases, _posts, _watches, _words
from bot.clock import SystemClock
from bot.connectors.bluesky_post import POST, Place
from bot.connectors.jetstream import Ear, JetstreamConnector, Sieve
from bot.connectors.jetstream_line import Source
from bot.connectors.jetstream_post import Stand, event_of
from bot.connectors.tools import Tools
from bot.model import Page, Platform
from bot.watch.compile import Matcher

PHRASES = 10_000
EVENTS = 20_000
ROUNDS = 3
KEPT_EVERY = 200
"""One post in so many names one of the phrases."""

DID = "did:plc:fjordfonfjordfonfjordfon"
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_STEP_US = 500


def events(chance: random.Random, spoken: Sequence[str], phrases: Sequence[str], first_us: int) -> list[bytes]:
    """Messages as the server sends them: nine in ten are posts, the rest deletions, accounts and new names."""
    posts = _posts(chance, spoken)
    return [_event(chance, posts, phrases, number, first_us + number * _STEP_US) for number in range(EVENTS)]


def _event(chance: random.Random, posts: Sequence[str], phrases: Sequence[str], number: int, at: int) -> bytes:
    did = "did:plc:" + "".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=24))
    key, rev, draw = f"3m{number:011d}", f"3m{number:09d}ab", chance.random()
    if draw > 0.95:  # noqa: PLR2004 - a share
        told = {"active": True, "did": did, "seq": number, "time": "2026-11-02T09:59:00.123Z"}
        return _written({"did": did, "time_us": at, "kind": "account", "account": told})
    if draw > 0.9:  # noqa: PLR2004 - likewise
        gone = {"rev": rev, "operation": "delete", "collection": POST, "rkey": key}
        return _written({"did": did, "time_us": at, "kind": "commit", "commit": gone})
    text = chance.choice(posts)[:300]
    if number % KEPT_EVERY == 0:
        text = f"{chance.choice(phrases)} {text}"[:300]
    record: dict[str, object] = {"$type": POST, "createdAt": "2026-11-02T09:59:00.123Z", "langs": ["de"], "text": text}
    if chance.random() < 0.5:  # noqa: PLR2004 - half of all posts are replies
        above = {"cid": "bafyrei" + "c" * 52, "uri": f"at://{did}/{POST}/{key}"}
        record["reply"] = {"parent": above, "root": above}
    if chance.random() < 0.3:  # noqa: PLR2004 - a third has a picture or a link
        image = {"$type": "blob", "ref": {"$link": "bafkrei" + "b" * 52}, "mimeType": "image/jpeg", "size": 512_345}
        record["embed"] = {"$type": "app.bsky.embed.images", "images": [{"alt": text[:80], "image": image}]}
    made = {"rev": rev, "operation": "create", "collection": POST, "rkey": key, "record": record}
    return _written({"did": did, "time_us": at, "kind": "commit", "commit": made | {"cid": "bafyrei" + "d" * 52}})


def _written(event: dict[str, object]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _fastest(work: Callable[[], object]) -> float:
    """Seconds of processor time of the fastest round, all threads of this process together."""
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)


def jetstream_figures() -> Iterator[Figure]:
    """Events a second: the bare decoding, what a fetch does with them, and the same through a real connection."""
    chance = random.Random(20)  # noqa: S311 - reproducible events, no secret
    spoken, unspoken = _words(chance, 20_000), _words(chance, 20_000)
    phrases = _phrases(chance, unspoken, PHRASES)
    matcher = Matcher(_watches(phrases), "bench")

    def keep(text: str) -> bool:
        return matcher.keep(text, Platform.BLUESKY)

    now = SystemClock().now() * 1000
    told = events(chance, spoken, phrases, now - EVENTS * _STEP_US)
    ear = Ear(Place("bsky.social", "fjordfon.example", DID), keep, frozenset(), (DID.encode(), b"fjordfon.example"))

    def sift() -> int:
        sieve = Sieve(ear, Stand(), now * 2)
        for message in told:
            sieve.take(message)
        return len(sieve.mentions)

    matched = [event.record["text"] for event in map(event_of, told) if event.kind == "post"]
    decoding = _fastest(lambda: [event_of(message) for message in told])
    matching = _fastest(lambda: [keep(str(text)) for text in matched])
    from_memory = _fastest(sift)
    yield Figure("stream, bytes an event", sum(map(len, told)) / EVENTS, "B")
    yield Figure("stream, kept of 1,000 events", 1000 * sift() / EVENTS)
    yield Figure("stream, decoding alone", EVENTS / decoding, "events/s")
    yield Figure("stream from memory: decode, match, drop or keep", EVENTS / from_memory, "events/s", least=5_000)
    yield Figure("stream from memory / decoding and matching alone", (decoding + matching) / from_memory, least=0.7)
    connected = min(_through_a_connection(keep, told) for _ in range(ROUNDS))
    yield Figure("stream through a loopback connection", EVENTS / connected, "events/s", least=5_000)
    yield Figure("stream through a connection / from memory", from_memory / connected)


def _through_a_connection(keep: Callable[[str], bool], told: Sequence[bytes]) -> float:
    """Seconds of processor time until a connector has read every event from a server in another process."""
    server = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, __file__, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with server:
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("The server has no pipes.")
        server.stdin.write(b"\n".join(told) + b"\n\n")
        server.stdin.flush()
        port = int(server.stdout.readline())
        source = Source(
            kind=Platform.JETSTREAM,
            name="bench",
            account="fjordfon.example",
            did=DID,
            server=f"ws://127.0.0.1:{port}",
        )
        reader = JetstreamConnector(source, _tools(keep))
        begin = time.process_time()
        cursor, read, last = "", 0, json.loads(told[-1])["time_us"]
        while read < last:
            page = reader.fetch(cursor, 100)
            cursor, read = page.cursor, _read_to(page)
        took = time.process_time() - begin
        reader.close()
        server.kill()
    return took


def _read_to(page: Page) -> int:
    return int(json.loads(page.cursor)["at"])


class _Nobody:
    """Neither refusals nor a budget are needed to listen to a stream."""

    def refused(self, platform: str, endpoint: str, reason: str) -> None:
        """Nothing is refused."""

    def spend(self, bucket: str, cost: int = 1) -> None:
        """Nothing is spent."""

    def learn(self, bucket: str, remaining: int, reset_at: int, most: int) -> None:
        """Nothing is learnt."""


def _tools(keep: Callable[[str], bool]) -> Tools:
    return Tools(SystemClock(), _Nobody(), _Nobody(), str, Path(), Path(), keep=keep)


def serve() -> None:
    """Tell the events that come through standard input to whoever connects, and then keep the line open."""
    told = []
    while line := sys.stdin.buffer.readline().rstrip(b"\n"):
        told.append(Frame(Opcode.TEXT, line).serialize(mask=False))
    stream = b"".join(told)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            line_, _ = listening.accept()
            with line_:
                line_.sendall(_welcome(line_.recv(65_536)) + stream)
                while line_.recv(65_536):
                    pass


def _welcome(request: bytes) -> bytes:
    key = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
    digest = hashlib.sha1(key.partition(b":")[2].strip() + _MAGIC.encode()).digest()  # noqa: S324 - the protocol's own
    accept = base64.b64encode(digest)
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        for figure in jetstream_figures():
            print(figure.line)  # noqa: T201 - a script
