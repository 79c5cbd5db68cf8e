"""Listens to everything that is posted on Bluesky, as a Jetstream server tells it; it writes nothing anywhere.

Its posts are Bluesky's: a reply leaves through the account on Bluesky, and what another source hears too is the same
post. A fetch reads the stream for a few seconds; the connection is kept only while there is more at once, because a
server drops who does not read. It must not keep, log or hand on a word that no watch asks for.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.config.places import origin
from bot.connectors.bluesky_post import Place
from bot.connectors.fields import Fields, Unreadable, clean, host_of
from bot.connectors.jetstream_line import Line, Patience, Source
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
from bot.errors import PlatformError, Transient
from bot.model import Mention, Page, Visibility

FIRST_US: Final = 300 * MICRO
"""How far back a first fetch begins."""

GAP_US: Final = 600 * MICRO
"""Somebody says something every second; a longer silence after the stand is what the server no longer has."""

MOST_EVENTS: Final = 100_000
"""Events that one fetch reads at most."""


def connector(source: Source, tools: Tools) -> "JetstreamConnector":
    """The reader of ``source``."""
    return JetstreamConnector(source, tools)


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
