"""Listens to everything that is posted on Bluesky, as a Jetstream server tells it; it writes nothing anywhere.

Its posts are Bluesky's: a reply leaves through the account on Bluesky, and what another source hears too is the same
post. A fetch reads the stream for a few seconds; the connection is kept only while there is more at once, because a
server drops who does not read. It must not keep, log or hand on a word that no watch asks for.
"""

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal
from urllib.parse import urlencode, urlsplit

from pydantic import AfterValidator, Field
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from bot.config.bases import Language, Name
from bot.config.models import Shape
from bot.config.places import origin
from bot.config.places import server as server_of
from bot.connectors.bluesky_post import POST, Place
from bot.connectors.fields import Fields, Unreadable, clean, host_of
from bot.connectors.jetstream_post import (
    DAY_US,
    MICRO,
    OVERLAP_US,
    Event,
    Stand,
    absence_of,
    event_of,
    mention_of,
)
from bot.connectors.tools import Tools
from bot.egress.answers import error_for
from bot.errors import PlatformError, Transient
from bot.model import Mention, Page, Platform, Visibility

LARGEST: Final = 65_536
"""Bytes of one message; the server is asked to leave out what is larger."""

FIRST_US: Final = 300 * MICRO
"""How far back a first fetch begins."""

GAP_US: Final = 600 * MICRO
"""Somebody says something every second; a longer silence after the stand is what the server no longer has."""

MOST_EVENTS: Final = 100_000
"""Events that one fetch reads at most."""

_QUEUE: Final = 256
"""Messages that the library reads ahead."""

_OPEN_S, _CLOSE_S, _PING_S = 8.0, 1.0, 20.0
_SERVER: Final = (
    "Write the server alone, such as wss://jetstream2.us-east.bsky.network. Only this machine may do with ws."
)

# The library would log every message that it reads. This logger is outside the tree, so no configuration wakes it.
_SILENT: Final = logging.Logger("jetstream", logging.CRITICAL + 1)  # noqa: LOG001


def stream_server(value: str) -> str:
    """A server that is spoken to over TLS; this machine's own may do without."""
    scheme, _, host = value.rpartition("://")
    plain = {"": "https", "wss": "https", "ws": "http"}.get(scheme)
    try:
        server_of(f"{plain or 'file'}://{host}")
    except ValueError:
        raise ValueError(_SERVER) from None
    return value


class Source(Shape):
    """A stream of all posts. ``account``, ``did`` and ``home`` are those of the Bluesky source that answers them."""

    kind: Literal[Platform.JETSTREAM]
    account: str = ""
    did: Annotated[str, Field(pattern=r"^(did:[a-z]+:[A-Za-z0-9._:%-]{1,256})?$")] = ""
    home: Annotated[Name, AfterValidator(server_of)] = "https://bsky.social"
    server: Annotated[Name, AfterValidator(stream_server)] = "wss://jetstream2.us-east.bsky.network"
    form: Literal["v1", "v2"] = "v1"
    languages: tuple[Language, ...] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a fetch reads, and waits for the next event, and for the first one of a connection."""

    whole_ms: int = 5_000
    next_s: float = 1.0
    first_s: float = 5.0


def connector(source: Source, tools: Tools) -> "JetstreamConnector":
    """The reader of ``source``."""
    return JetstreamConnector(source, tools)


class Line:
    """A connection to the one configured server.

    Raises:
        PlatformError: the server did not let us in, or did not answer.
    """

    def __init__(self, source: Source, begin: int, patience: Patience) -> None:
        self._patience, self._silent = patience, True
        self._open = contextlib.ExitStack()
        address = _address(source, begin)
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        try:
            self._connection: ClientConnection = self._open.enter_context(
                connect(
                    address,
                    # With an explicit address the library follows no redirect to another host.
                    address=(parts.hostname, port),
                    proxy=None,
                    compression=None,
                    user_agent_header="Earshot",
                    open_timeout=_OPEN_S,
                    close_timeout=_CLOSE_S,
                    ping_interval=_PING_S,
                    ping_timeout=_PING_S,
                    max_size=LARGEST,
                    max_queue=_QUEUE,
                    logger=_SILENT,
                )
            )
        except InvalidStatus as refusal:
            status, headers = refusal.response.status_code, refusal.response.headers
            told = error_for(status, headers, writing=False)
            raise told or Transient("The server answered, but not with a stream.") from None
        except (WebSocketException, OSError, ValueError, EOFError):
            raise Transient("The server could not be reached, or does not speak as a stream does.") from None

    def next(self) -> bytes | None:
        """The next message; ``None`` when none came in time.

        Raises:
            Transient: the connection broke.
        """
        wait = self._patience.first_s if self._silent else self._patience.next_s
        try:
            message = self._connection.recv(wait, decode=False)
        except TimeoutError:
            return None
        except (WebSocketException, OSError, ValueError, EOFError):
            raise Transient("The connection to the server broke.") from None
        self._silent = False
        return message

    def close(self) -> None:
        """Hang up. It takes a second at most."""
        with contextlib.suppress(WebSocketException, OSError, EOFError):
            self._open.close()


def _address(source: Source, begin: int) -> str:
    query: list[tuple[str, str | int]] = [("maxMessageSizeBytes", LARGEST), ("cursor", begin)]
    server = (source.server if "://" in source.server else f"wss://{source.server}").rstrip("/")
    if source.form == "v1":
        return f"{server}/subscribe?{urlencode([('wantedCollections', POST), *query])}"
    kinds = [("kinds", "commit"), ("kinds", "account"), ("collections", POST)]
    return f"{server}/xrpc/network.bsky.jetstream.subscribeEvents?{urlencode([*kinds, *query])}"


@dataclass(frozen=True, slots=True)
class Ear:
    """What is listened for: posts that ``keep`` takes, in one of ``languages``, and all that names one of ``ours``."""

    place: Place
    keep: Callable[[str], bool]
    languages: frozenset[str]
    ours: tuple[bytes, ...]

    def refuses(self, record: Fields, message: bytes) -> str:
        """Why a post is let fall, or nothing. It comes before all other work: it is asked thousands of times a second.

        A language that is not told passes every limit.
        """
        if any(name in message for name in self.ours):
            return ""
        if self.languages and not self._speaks(record.get("langs")):
            return "another language"
        text = record.get("text")
        return "" if isinstance(text, str) and self.keep(text) else "not about us"

    def _speaks(self, told: object) -> bool:
        langs = [clean(each).partition("-")[0].lower() for each in told] if isinstance(told, list) else []
        return not any(langs) or not self.languages.isdisjoint(langs)


@dataclass(slots=True)
class Sieve:
    """What one fetch has come by so far, and what it lets fall. ``latest`` is the last time that can be meant."""

    ear: Ear
    stand: Stand
    latest: int
    begun: int = 0
    awaited: int = 0
    mentions: list[Mention] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    gap: tuple[int, int] | None = None

    def take(self, message: bytes) -> None:
        """Look at one message."""
        try:
            event = event_of(message)
            if event.at <= self.latest:
                self._sift(event, message)
                self._advance(event.at)
                return
        except Unreadable:
            pass
        self.dropped["broken"] += 1

    def _advance(self, at: int) -> None:
        if at and self.awaited:
            if at - self.awaited > GAP_US:
                self.gap = (self.awaited // 1000, at // 1000)
            self.awaited = 0
        self.stand.at = max(self.stand.at, at)

    def _sift(self, event: Event, message: bytes) -> None:
        """Keep or drop. What a connection repeats because it begins a little early is counted only once."""
        stand = self.stand
        if event.kind in {"deletion", "absence"}:
            stand.lose(event)
        if event.kind != "post" or stand.knows(event):
            return
        known = stand.has(event)
        reason = "" if known else self.ear.refuses(event.record, message)
        if not reason:
            mention = mention_of(event, self.ear.place)
            if mention.visibility is Visibility.PUBLIC:
                stand.hear(event)
                self.mentions.append(mention)
                return
            stand.lose(event)
            reason = "" if known else "not public"
        if reason and event.at > self.begun:
            self.dropped[reason] += 1

    def pay(self, limit: int) -> None:
        """Hand on ends of posts, as far as there is room."""
        owed = self.stand.owed
        while owed and len(self.mentions) < limit:
            self.mentions.append(absence_of(owed.pop(0), self.stand.at, self.ear.place))


class JetstreamConnector:
    """Hears what anybody posts, and what is deleted of what it heard."""

    def __init__(self, source: Source, tools: Tools, patience: Patience | None = None) -> None:
        self.name = source.name
        self._source, self._clock, self._patience = source, tools.clock, patience or Patience()
        account = source.account.removeprefix("@")
        self._ear = Ear(
            Place(host_of(origin(source.home)), account, source.did),
            tools.keep,
            frozenset(source.languages),
            tuple(name.encode() for name in (source.did, account) if name),
        )
        self._line: Line | None = None
        self._rested = False
        self._behind = ""
        self._turn = threading.Lock()

    def fetch(self, cursor: str, limit: int) -> Page:
        """See ``Connector.fetch``. The cursor is JSON: the time that was read to, and which posts were handed on.

        The first fetch begins five minutes back. A post that was handed on and is deleted, or whose author is gone,
        comes again with unknown visibility and no words.
        """
        with self._turn:
            if cursor != self._behind:
                self.close()
            now = self._clock.now() * 1000
            sieve = Sieve(self._ear, Stand.read(cursor), now + DAY_US)
            stand = sieve.stand
            if not 0 < stand.at <= sieve.latest:
                stand.at = now - FIRST_US
            sieve.begun = stand.at
            more = False
            try:
                more = self._read(sieve, limit)
            finally:
                if not more:
                    self.close()
            self._behind = stand.written()
            self._rested = True
            return Page(tuple(sieve.mentions), self._behind, more, dict(sieve.dropped), sieve.gap)

    def since(self, at: int) -> str:
        """See ``Connector.since``. Servers look back 36 hours."""
        return Stand(at * 1000).written()

    def close(self) -> None:
        """Hang up, if there is a connection."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _read(self, sieve: Sieve, limit: int) -> bool:
        """Read until the page is full, nothing comes any more, or the time is up; whether there is more at once."""
        begun = self._clock.monotonic()
        for _ in range(MOST_EVENTS):
            sieve.pay(limit)
            if len(sieve.mentions) >= limit:
                return True
            waited = self._clock.monotonic() - begun
            if waited >= self._patience.whole_ms:
                # Who reads what is being said right now moves on no faster than the clock.
                return sieve.stand.at - sieve.begun > 2 * 1000 * waited
            try:
                message = self._next(sieve)
            except PlatformError:
                if sieve.stand.at == sieve.begun and not sieve.mentions:
                    raise
                self.close()
                return True
            if message is None:
                return False
            sieve.take(message)
        return True

    def _next(self, sieve: Sieve) -> bytes | None:
        """The next message; a connection that broke while nobody read is made anew."""
        rested, self._rested = self._rested, False
        if self._line is not None:
            try:
                return self._line.next()
            except Transient:
                self.close()
                if not rested:
                    raise
        sieve.awaited = sieve.stand.at
        self._line = Line(self._source, max(0, sieve.stand.at - OVERLAP_US), self._patience)
        return self._line.next()
