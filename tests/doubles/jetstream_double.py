"""A double of a Jetstream server, written from what its documentation says: events in memory, told over a WebSocket.

It speaks both forms, and answers a plain request as the other doubles do, so that it can misbehave like them.
"""

import base64
import contextlib
import hashlib
import json
import logging
import re
import select
from datetime import UTC, datetime
from pathlib import Path

import http_double
from http_double import NOW, Budget, StillClock, answer
from websockets.frames import Opcode
from websockets.protocol import OPEN, SERVER, Protocol

from bot.connectors import jetstream
from bot.connectors.tools import Tools
from bot.model import Platform, Target, Visibility

V1 = "/subscribe"
V2 = "/xrpc/network.bsky.jetstream.subscribeEvents"
POST = "app.bsky.feed.post"
KNOWN = {
    V1: {"wantedCollections", "wantedDids", "maxMessageSizeBytes", "cursor", "compress", "requireHello"},
    V2: {"cursor", "kinds", "dids", "collections", "maxMessageSizeBytes", "zstdDictionary"},
}
MINUTE = 60_000
LOOKBACK_US = 36 * 3_600_000_000
_SILENT = logging.Logger("jetstream double", logging.CRITICAL)  # noqa: LOG001 - tests read what the program logs
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def did_of(author):
    """The id of an account: always the same for one name."""
    return "did:plc:" + base64.b32encode(hashlib.sha256(author.encode()).digest())[:24].decode().lower()


def facet(text, handle, did):
    begin = len(text.partition(f"@{handle}")[0].encode())
    return {
        "index": {"byteStart": begin, "byteEnd": begin + len(handle) + 1},
        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did}],
    }


def record(text, at=NOW, **more):
    stamp = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"$type": POST, "text": text, "langs": ["de"], "createdAt": stamp, **more}


def commit(did, key, at_us, words=None, operation="create", *, collection=POST):
    """A commit as the first form tells it; ``words`` is the record."""
    told = {"rev": f"3rev{at_us}", "operation": operation, "collection": collection, "rkey": key}
    if words is not None:
        told |= {"record": words, "cid": f"bafy{hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]}"}
    return {"did": did, "time_us": at_us, "kind": "commit", "commit": told}


def account(did, at_us, *, active, **more):
    told = {"active": active, "did": did, "seq": 7, "time": "2026-11-02T09:59:00Z", **more}
    return {"did": did, "time_us": at_us, "kind": "account", "account": told}


def identity(did, at_us, handle="neu.example"):
    told = {"did": did, "handle": handle, "seq": 8, "time": "2026-11-02T09:59:00Z"}
    return {"did": did, "time_us": at_us, "kind": "identity", "identity": told}


def second_form(event, seq):
    """The same event as the second form tells it."""
    at = datetime.fromtimestamp(event["time_us"] // 1_000_000, UTC).replace(microsecond=event["time_us"] % 1_000_000)
    stamp = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    kind = event["kind"]
    told = event["commit"] if kind == "commit" else {kind: event[kind]}
    named = f"network.bsky.jetstream.subscribeEvents#{kind}"
    return {
        "$type": "message",
        "payload": {"$type": named, "seq": seq, "did": event["did"], "time": stamp, "witnessedAt": stamp, **told},
    }


class Double(http_double.Double):
    """Tells its events in order from the cursor on, and then what is added later. ``now_us`` is its own clock.

    ``raw`` is told before all events, as it stands. ``hang_up_after`` closes each connection after so many messages;
    ``compliant`` False ignores the size that the client asks for.
    """

    def __init__(self):
        super().__init__()
        self.events = []
        self.raw = []
        self.complaints = []
        self.hang_up_after = None
        self.compliant = True
        self.now_us = NOW * 1000
        self.ended = False

    def __exit__(self, *failure):
        self.ended = True
        super().__exit__(*failure)

    @property
    def stream(self):
        return self.url.replace("http://", "ws://")

    def take(self, method, path):
        if self.whole is not None:
            return self.whole
        seen = self.seen[-1]
        if method != "GET" or path not in KNOWN:
            self.complaints.append(f"{method} {path} is not served")
            return answer({"error": "NotFound"}, 404)
        wrong = seen.query.keys() - KNOWN[path]
        names = {name.lower() for name in seen.headers}
        if wrong or "sec-websocket-key" not in names or "authorization" in names:
            self.complaints.append(f"unknown fields {sorted(wrong)}")
            return answer({"error": "InvalidRequest"}, 400)
        return lambda handler: self._serve(handler, path, seen)

    def _wanted(self, path, query):
        """The events that a query asks for, as bytes, beginning at its cursor; old ones are left out without a word."""
        collections = query.get("wantedCollections" if path == V1 else "collections", [])
        kinds, most = query.get("kinds", []), int(query.get("maxMessageSizeBytes", ["0"])[0])
        cursor = int(query.get("cursor", [self.now_us])[0])
        floor = max(cursor, self.now_us - LOOKBACK_US) if cursor <= self.now_us else None
        yield from self.raw
        place = 0
        while not self.ended:
            while place < len(self.events):
                event, place = self.events[place], place + 1
                if floor is None or event["time_us"] < floor:
                    continue
                collected = event["kind"] != "commit" or event["commit"]["collection"] in collections
                if not collected or (kinds and event["kind"] not in kinds):
                    continue
                told = event if path == V1 else second_form(event, place)
                message = json.dumps(told).encode()
                if not (self.compliant and 0 < most < len(message)):
                    yield message
            yield None

    def _serve(self, handler, path, seen):
        accept = base64.b64encode(hashlib.sha1(f"{seen.headers['sec-websocket-key']}{_MAGIC}".encode()).digest())  # noqa: S324 - the protocol's own
        handler.send_response_only(101)
        for name, value in {"Upgrade": "websocket", "Connection": "Upgrade"}.items():
            handler.send_header(name, value)
        handler.send_header("Sec-WebSocket-Accept", accept.decode())
        handler.end_headers()
        wire, line = Protocol(SERVER, state=OPEN, logger=_SILENT), handler.connection
        told = 0
        for message in self._wanted(path, seen.query):
            if message is not None:
                wire.send_text(message)
                told += 1
            if self._listen(wire, line, 0.005 if message is None else 0):
                return
            if self.hang_up_after is not None and told >= self.hang_up_after:
                return

    def _listen(self, wire, line, seconds):
        """Send what is to be sent and take what comes; True when the client has gone."""
        for portion in wire.data_to_send():
            line.sendall(portion)
        if not select.select([line], [], [], seconds)[0]:
            return False
        portion = line.recv(65_536)
        if portion:
            wire.receive_data(portion)
        else:
            wire.receive_eof()
        frames = wire.events_received()
        if any(frame.opcode in {Opcode.TEXT, Opcode.BINARY} for frame in frames):
            self.complaints.append("the client said something")
        closing = any(frame.opcode is Opcode.CLOSE for frame in frames)
        for portion in wire.data_to_send():
            with contextlib.suppress(OSError):
                line.sendall(portion)
        return closing or not portion


HASTY = jetstream.Patience(whole_ms=5_000, next_s=0.1, first_s=0.2)
ACCOUNT = "fjordfon.example"


class Bench:
    """The double with our reader before it, as the contract of all connectors asks for."""

    platform = Platform.BLUESKY
    did = did_of(ACCOUNT)

    def __init__(self, **fields):
        self.double = Double()
        self.source = jetstream.Source(
            kind=Platform.JETSTREAM,
            name="all",
            account=ACCOUNT,
            did=self.did,
            server=self.double.stream,
            **fields,
        )
        self.made = []
        self._next, self._at = 0, NOW - 4 * MINUTE

    def tools(self, **fields):
        return Tools(StillClock(), self.double.refusals, Budget(), lambda name: "", Path(), Path(), **fields)

    def connector(self, patience=HASTY, **fields):
        made = jetstream.JetstreamConnector(self.source, self.tools(**fields), patience)
        self.made.append(made)
        return made

    def hang_up(self):
        for connector in self.made:
            connector.close()

    def publisher(self):
        return None

    def say(self, text, *, author="kundin", at=None, **marks):
        self._next += 1
        if at is None:
            self._at += 1_000
        at = self._at if at is None else at
        handle = f"@{ACCOUNT} {text}"
        words = record(text, at, facets=[facet(handle, ACCOUNT, self.did)], **marks)
        did, key = did_of(author), f"3k{self._next:011d}"
        self.double.events.append(commit(did, key, min(at, NOW) * 1000, words))
        return f"at://{did}/{POST}/{key}"

    def say_private(self, text):
        hidden = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
        self.say(text, labels=hidden)
        return True

    def later(self, make):
        """Add the event that ``make`` gives for the next instant."""
        self._at += 1_000
        self.double.events.append(make(self._at * 1000))

    def edit(self, native_id, text, **marks):
        did, key = _halves(native_id)
        self.later(lambda at: commit(did, key, at, record(text, **marks), "update"))

    def delete(self, native_id):
        did, key = _halves(native_id)
        self.later(lambda at: commit(did, key, at, operation="delete"))

    def target(self, native_id):
        return Target(Platform.BLUESKY, "bsky.social", ACCOUNT, native_id, native_id, "kundin", Visibility.PUBLIC)

    def everything(self, give):
        self.double.whole = give

    def writes(self):
        return []

    def replies(self):
        return []

    def lose_answer(self):
        """Nothing is ever written here."""


def _halves(native_id):
    return re.fullmatch(r"at://([^/]+)/[^/]+/([^/]+)", native_id).groups()
