"""How a list of posts on a server that speaks the Mastodon API is read, and where each one stands.

Pure but for the one call that a feed is given. What it cannot reach it tells as a gap.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.connectors.fields import instant
from bot.connectors.mastodon_post import Status
from bot.connectors.pages import Spoilt, sizes, taken

PAGE: Final = 40
"""Most posts that one request to the API brings."""

NOTHING_YET: Final = "0"
"""Where a feed stands that was empty at the first look: everything that comes is after it."""

LONGEST_WALK: Final = 25
"""Pages that one fetch reads at most to close the gap to where a feed stood: a thousand posts."""

Entry = tuple[str, Status]
Query = Mapping[str, str | int]
Read = Callable[[Query], Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class Feed:
    """One list of posts, newest first, with ids that grow. ``vital``: without it a fetch has failed."""

    key: str
    read: Read
    vital: bool = False


@dataclass(frozen=True, slots=True)
class Begin:
    """Where to go on in a feed: after the entry ``stands``, else at the time ``since``, else with the newest.

    ``at`` is when the entry was written, in UTC milliseconds; 0 if nobody knows.
    """

    stands: str
    since: int
    at: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What a feed brought, oldest first, whether there is more at once, and the time that was not reached."""

    entries: list[Entry]
    more: bool = False
    gap: tuple[int, int] | None = None


@dataclass(slots=True)
class Places:
    """Where each feed stands and when the last entry there was written, whose turn it is, and since when to read."""

    stands: dict[str, str] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    turn: int = 0
    since: int = 0

    def of(self, feed: str) -> Begin:
        """Where to go on in a feed."""
        return Begin(self.stands.get(feed, ""), self.since, self.times.get(feed, 0))

    def move(self, feed: str, entries: Sequence[Entry]) -> None:
        """A feed stands after ``entries``; one that was empty at its first look stands before all that comes."""
        if entries:
            self.stands[feed] = entries[-1][0]
            written = [at for _, status in entries if (at := instant(status.get("created_at"))) is not None]
            self.times |= {feed: written[-1]} if written else {}
        elif not self.since:
            self.stands.setdefault(feed, NOTHING_YET)

    def cursor(self, turn: int) -> str:
        """All of it as JSON, with whose turn it is next."""
        state = {"stands": self.stands, "times": self.times, "turn": turn, "since": self.since}
        return json.dumps(state, sort_keys=True)


def read_cursor(cursor: str) -> Places:
    """What ``Places.cursor`` wrote. One that cannot be read starts anew: posts are known by key."""
    try:
        state = json.loads(cursor) if cursor else {}
        return Places(
            {str(feed): str(at) for feed, at in state.get("stands", {}).items()},
            {str(feed): int(at) for feed, at in state.get("times", {}).items()},
            int(state.get("turn", 0)),
            int(state.get("since", 0)),
        )
    except (ValueError, TypeError, AttributeError, OverflowError):
        return Places()


@dataclass(slots=True)
class _Walk:
    """Entries on the way back, newest first. ``cut``: it ended before its aim; ``small``: a page was taken in part."""

    found: dict[str, Status] = field(default_factory=dict)
    cut: bool = True
    small: bool = False

    def page(self, read: Read, query: Query) -> tuple[Sequence[Entry], int]:
        """One page, and how many entries it could hold."""
        page, size = _page(read, query, PAGE)
        self.small = self.small or size < PAGE
        return page, size

    def take(self, entries: Iterable[Entry]) -> bool:
        """Note entries; whether one of them is new to the walk."""
        known = len(self.found)
        for key, status in entries:
            if key:
                self.found.setdefault(key, status)
        return len(self.found) > known

    def in_order(self) -> list[Entry]:
        """Entries oldest first. Numeric ids tell the age; else the server's order, newest first, does."""
        entries = list(reversed(self.found.items()))
        return sorted(entries, key=lambda entry: int(entry[0])) if _numeric(self.found) else entries


def news(read: Read, begin: Begin, share: int) -> News:
    """At most ``share`` entries after ``begin``, oldest first; without a beginning the newest ones.

    Raises:
        PlatformError: what ``read`` raises.
    """
    if not begin.stands and not begin.since:
        walk = _Walk()
        walk.take(_page(read, {}, min(share, PAGE))[0])
        return News(walk.in_order()[-share:])
    walk = _after(read, begin.stands) if begin.stands else _back_to(read, begin.since)
    entries = walk.in_order()
    more = len(entries) > share or len(entries) >= PAGE or (walk.small and bool(entries))
    return News(entries[:share], more, _gap(begin, entries) if walk.cut else None)


def _page(read: Read, query: Query, limit: int) -> tuple[Sequence[Entry], int]:
    """At most ``limit`` entries, and how many were asked for in the end."""
    return taken(lambda size: read({**query, "limit": size}), sizes(limit))


def _after(read: Read, stands: str) -> _Walk:
    """Everything after ``stands``.

    Some servers answer ``min_id`` with the page next to it, some with the newest page; so after a full page
    the gap below it is read too, until nothing new comes. Where the very next post cannot be taken, the others are
    reached from the newest end, and what lies between is a gap.
    """
    walk = _Walk()
    query: dict[str, str | int] = {"min_id": stands}
    for _ in range(LONGEST_WALK):
        try:
            page, size = walk.page(read, query)
        except Spoilt:
            if walk.found:
                break
            if not query:
                raise
            query = {}
            continue
        fresh = _newer(page, stands)
        new = walk.take(fresh)
        if len(fresh) < max(size, len(page)):
            walk.cut = False
            break
        if not new:
            break
        query = {**query, "max_id": fresh[-1][0]}
    return walk


def _back_to(read: Read, since: int) -> _Walk:
    """Everything posted since a time."""
    walk = _Walk()
    query: dict[str, str | int] = {}
    for _ in range(LONGEST_WALK):
        try:
            page, size = walk.page(read, query)
        except Spoilt:
            if not walk.found:
                raise
            break
        fresh = [(key, status) for key, status in page if (instant(status.get("created_at")) or since) >= since]
        new = walk.take(fresh)
        if len(fresh) < max(size, len(page)):
            walk.cut = False
            break
        if not new:
            break
        query = {"max_id": page[-1][0]}
    return walk


def _newer(entries: Sequence[Entry], stands: str) -> list[Entry]:
    """What stands before ``stands`` in a list that is newest first, also if the server paid no heed to it."""
    ids = [key for key, _ in entries]
    fresh = list(entries[: ids.index(stands)] if stands in ids else entries)
    if _numeric((stands, *ids)):
        fresh = [(key, status) for key, status in fresh if int(key) > int(stands)]
    return fresh


def _numeric(ids: Iterable[str]) -> bool:
    return all(key.isascii() and key.isdecimal() for key in ids)


def _gap(begin: Begin, entries: Sequence[Entry]) -> tuple[int, int] | None:
    """From the last moment that was surely heard, as far as it is known, to the oldest entry that was reached."""
    reached = next((at for _, status in entries if (at := instant(status.get("created_at"))) is not None), None)
    return None if reached is None else (min(begin.at or begin.since or reached, reached), reached)
