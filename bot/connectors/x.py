"""Reads X: mentions of our account, quotes of its posts, and searches.

It owns what is asked of X, and what is let fall before anyone sees it. It must not keep, log or hand on a word that
is not public; how a list is walked stands in ``x_feeds``.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from bot.connectors.fields import Unreadable
from bot.connectors.pages import Spoilt
from bot.connectors.tools import Tools
from bot.connectors.x_client import SEARCHES_END_AT, Client, Source
from bot.connectors.x_feeds import (
    Feed,
    Kept,
    News,
    Stand,
    news,
    read_cursor,
    write_cursor,
)
from bot.connectors.x_post import id_at
from bot.connectors.x_queries import queries_of
from bot.errors import EgressRefused, Permanent, PlatformError, Unauthorised
from bot.model import Mention, Page, Visibility
from bot.ports import Clock

LOOK_BACK_MS: Final = 7 * 86_400_000 - 600_000
"""How far the recent search looks back: seven days, less ten minutes for clocks that differ."""

_MENTIONS_SERVED: Final = 800
_SEARCH_WALKED: Final = 10_000


def connector(source: Source, tools: Tools) -> "XConnector":
    """The reader of ``source``."""
    queries = source.queries or tuple(queries_of(tools.terms, tools.together))
    return XConnector(source, Client(source, tools), tools.clock, queries)


class XConnector:
    """Hears mentions of our account, quotes of its posts, and ``queries``, if ``source`` asks for them."""

    def __init__(self, source: Source, client: Client, clock: Clock, queries: Sequence[str]) -> None:
        self.name = source.name
        self._client = client
        self._clock = clock
        self._place = source.place
        self._purse = client.purse
        self._feeds = (
            *([self._mentions()] if source.mentions else []),
            *([self._search("quotes", self._quotes())] if source.quotes else []),
            *((self._search(f"search:{query}", query) for query in queries) if source.search else []),
        )
        self._kept = {feed.key: Kept() for feed in self._feeds}
        if not self._feeds:
            raise Permanent("This source reads nothing: it has neither mentions, quotes nor searches.")

    def _mentions(self) -> Feed:
        account_id = self._place.account_id
        return Feed(
            "mentions",
            lambda page: self._client.mentions(account_id, page),
            "pagination_token",
            _MENTIONS_SERVED,
            lambda: self._purse.spent() < 1.0,
            vital=True,
        )

    def _search(self, key: str, query: str) -> Feed:
        return Feed(
            key,
            lambda page: self._client.search(query, page),
            "next_token",
            _SEARCH_WALKED,
            lambda: self._purse.spent() < SEARCHES_END_AT,
            LOOK_BACK_MS,
        )

    def _quotes(self) -> str:
        # X has no search for quotes of an account. A quote holds the address of what it quotes.
        handle = self._place.account
        addresses = " OR ".join(f'url:"{host}/{handle}/status"' for host in ("x.com", "twitter.com"))
        return f"({addresses}) is:quote -is:retweet -from:{handle}"

    def since(self, at: int) -> str:
        """See ``Connector.since``. Searches begin a week ago at the earliest."""
        return write_cursor({feed.key: Stand(max(1, id_at(at) - 1)) for feed in self._feeds}, 0)

    def fetch(self, cursor: str, limit: int) -> Page:
        """See ``Connector.fetch``. The cursor is JSON: where each feed stands, and whose turn is next.

        The first fetch of a feed brings its newest posts only. A search that fails is counted in ``dropped`` as "feed
        not answered" and does not hold up the others, unless none answered. One whose next request the budget does not
        allow is counted as "over budget"; what was paid for before is handed on all the same.
        """
        stands, turn = read_cursor(cursor)
        turn %= len(self._feeds)
        share = max(1, limit // len(self._feeds))
        dropped: Counter[str] = Counter()
        found: dict[str, Mention] = {}
        gaps: list[tuple[int, int]] = []
        failures: list[PlatformError] = []
        more, taken = False, 0
        for feed in (*self._feeds[turn:], *self._feeds[:turn]):
            if taken >= limit:
                more = True
                break
            try:
                room = min(share, limit - taken)
                brought = news(feed, stands.get(feed.key), room, self._clock.now(), self._kept[feed.key])
            except PlatformError as failure:
                spoilt = isinstance(failure, Spoilt)
                if (feed.vital and not spoilt) or isinstance(failure, Unauthorised | EgressRefused):
                    raise
                failures.append(failure)
                dropped["feed not answered"] += 1
                continue
            dropped.update({"over budget": 1} if brought.starved else {})
            stands |= {feed.key: brought.stand} if brought.stand else {}
            taken += len(brought.posts)
            more = more or brought.more
            gaps += [brought.gap] if brought.gap else []
            self._sift(brought, found, dropped)
        if len(failures) == len(self._feeds):
            raise failures[0]
        heard = sorted(found.values(), key=lambda mention: mention.created_at)
        gap = (min(start for start, _ in gaps), max(end for _, end in gaps)) if gaps else None
        return Page(tuple(heard), write_cursor(stands, turn + 1), more, dict(dropped), gap)

    def _sift(self, brought: News, found: dict[str, Mention], dropped: Counter[str]) -> None:
        """Keep the latest version of each post that everyone may read; count any other by reason."""
        dropped.update({"broken": brought.listing.broken} if brought.listing.broken else {})
        for _, post in brought.posts:
            if brought.listing.around.visibility_of(post) is not Visibility.PUBLIC:
                dropped["not public"] += 1
                continue
            try:
                mention = self._place.mention(post, brought.listing.around)
            except Unreadable:
                dropped["broken"] += 1
                continue
            found[mention.canonical_key] = mention
