"""Reads what is said on Bluesky.

It owns where each feed stands, and what is let fall before anyone sees it. It must not keep, log or hand on a word
that is not public.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.connectors.bluesky_client import TOGETHER, Client, Source, client, listed_under
from bot.connectors.bluesky_feed import Entry, Read, Round, Stand, back, first, read_cursor, stamp, written
from bot.connectors.bluesky_post import visibility_of
from bot.connectors.fields import Fields, Unreadable, clean
from bot.connectors.pages import Spoilt, sizes, taken
from bot.connectors.tools import Tools
from bot.errors import EgressRefused, Permanent, PlatformError, Unauthorised
from bot.model import Page, Visibility
from bot.ports import Clock

_SEARCH: Final = "app.bsky.feed.searchPosts"
_NOTIFICATIONS: Final = "app.bsky.notification.listNotifications"


@dataclass(frozen=True, slots=True)
class Feed:
    """One list of posts. ``vital``: without it a fetch has failed."""

    key: str
    read: Read
    vital: bool = False


def connector(source: Source, tools: Tools) -> "BlueskyConnector":
    """The reader of ``source``."""
    reasons = {"mention": source.mentions, "reply": source.replies, "quote": source.quotes}
    wanted = [reason for reason, asked in reasons.items() if asked]
    return BlueskyConnector(source.name, client(source, tools), tools.clock, reasons=wanted, searches=source.searches)


class BlueskyConnector:
    """Hears who tags our account, answers or quotes it, and searches.

    Args:
        name: name of the source.
        client: our account.
        clock: tells what is in the future.
        reasons: which notifications are read, of "mention", "reply" and "quote".
        searches: words as the platform's own search takes them.
    """

    def __init__(
        self, name: str, client: Client, clock: Clock, *, reasons: Sequence[str], searches: Sequence[str] = ()
    ) -> None:
        self.name = name
        self._client, self._clock = client, clock
        self._feeds = (
            *(Feed(reason, self._notified(reason), vital=True) for reason in reasons),
            *(Feed(f"search:{words}", self._search(words)) for words in searches),
        )
        if not self._feeds:
            raise Permanent("This source reads nothing: it has neither mentions, replies, quotes nor searches.")

    def since(self, at: int) -> str:
        """The cursor of a fetch that begins at ``at`` (UTC milliseconds), as far back as the platform serves it."""
        return written({feed.key: Stand(at, at) for feed in self._feeds}, 0)

    def fetch(self, cursor: str, limit: int) -> Page:
        """See ``Connector.fetch``. The cursor is JSON: where each feed stands, and whose turn is next.

        What is not public is counted in ``dropped`` and never returned. A search that fails is counted too, as "feed
        not answered", and does not hold up the others, unless none answered. So is any list whose newest post cannot be
        taken, until a newer one stands there.
        """
        stands, turn = read_cursor(cursor)
        turn %= len(self._feeds)
        current = Round(frozenset().union(*(stand.seen for stand in stands.values())))
        left, more = limit, False
        for waiting, feed in zip(
            range(len(self._feeds), 0, -1), (*self._feeds[turn:], *self._feeds[:turn]), strict=True
        ):
            if left <= 0:
                more = True
                break
            taken, rest = self._news(feed, stands, -(-left // waiting), current)
            left, more = left - taken, more or rest
        if len(current.failures) == len(self._feeds):
            raise current.failures[0]
        heard = sorted(current.found.values(), key=lambda mention: mention.created_at)
        gap = (min(start for start, _ in current.gaps), max(end for _, end in current.gaps)) if current.gaps else None
        return Page(tuple(heard), written(stands, turn + 1), more, dict(current.dropped), gap)

    def _news(self, feed: Feed, stands: dict[str, Stand], share: int, current: Round) -> tuple[int, bool]:
        """Hand on at most ``share`` posts of ``feed`` and move its stand; how many, and whether there are more."""
        stand = stands.get(feed.key)
        try:
            walk, stand = (back(feed.read, stand), stand) if stand else first(feed.read, share)
            fresh = (entry for mark, entry in walk.found.items() if mark not in current.known)
            news = sorted(fresh, key=lambda entry: entry.at)
            taken = news[:share]
            views = self._whole(taken)
        except PlatformError as failure:
            spoilt = isinstance(failure, Spoilt)
            if (feed.vital and not spoilt) or isinstance(failure, Unauthorised | EgressRefused):
                raise
            current.failures.append(failure)
            current.dropped["feed not answered"] += 1
            return 0, False
        for view in views:
            self._sift(view, current)
        if walk.cut and walk.low > stand.at:
            current.gaps.append((stand.at, walk.low))
        current.known |= {entry.mark for entry in taken}
        rest = len(news) > len(taken)
        stands[feed.key] = walk.moved(stand, taken, rest=rest, known=current.known, now=self._clock.now())
        return len(taken), rest

    def _whole(self, entries: Sequence[Entry]) -> list[Fields | None]:
        """The posts of ``entries`` as they stand now; ``None`` for those that are gone, empty what cannot be taken."""
        asked: dict[str, Fields] = {}
        uris = [entry.uri for entry in entries if entry.post is None]
        while uris:
            try:
                found, size = self._together(uris)
            except Spoilt:
                # The list that told of it came a moment ago, so it is this post and not the platform.
                found, size = {uris[0]: {}}, 1
            asked |= found
            uris = uris[size:]
        return [entry.post or asked.get(entry.uri) for entry in entries]

    def _together(self, uris: Sequence[str]) -> tuple[dict[str, Fields], int]:
        """The first posts of ``uris`` as they stand now, and how many were asked for."""
        return taken(lambda size: self._client.posts(uris[:size]), sizes(min(TOGETHER, len(uris))))

    def _sift(self, view: Fields | None, current: Round) -> None:
        """Keep a post that everyone may read; count any other by reason."""
        if not view:
            current.dropped["gone" if view is None else "broken"] += 1
        elif visibility_of(view) is not Visibility.PUBLIC:
            current.dropped["not public"] += 1
        else:
            try:
                mention = self._client.place.mention(view)
            except Unreadable:
                current.dropped["broken"] += 1
            else:
                current.found.setdefault(mention.canonical_key, mention)

    def _notified(self, reason: str) -> Read:
        def read(_oldest: int, limit: int, cursor: str) -> tuple[list[Entry], str]:
            query = {"reasons": [reason], "limit": limit, **({"cursor": cursor} if cursor else {})}
            answer = self._client.get(_NOTIFICATIONS, query)
            told = (each for each in listed_under(answer, "notifications") if each.get("reason") == reason)
            return [Entry.of(each, None) for each in told], clean(answer.get("cursor"))

        return read

    def _search(self, words: str) -> Read:
        def read(oldest: int, limit: int, cursor: str) -> tuple[list[Entry], str]:
            query = {"q": words, "sort": "latest", "limit": limit}
            query |= {"since": stamp(oldest)} if oldest > 0 else {}
            answer = self._client.get(_SEARCH, {**query, **({"cursor": cursor} if cursor else {})})
            posts = listed_under(answer, "posts")
            return [Entry.of(view, view) for view in posts], clean(answer.get("cursor"))

        return read
