"""Reads on Reddit.

It owns where each list stands, and what is let fall before anyone sees it. It must not keep, log or hand on a word
that is not public. From the inbox it takes fullnames only: what stands behind them is asked for anew, because the
inbox does not say who may read it.
"""

from collections import Counter
from collections.abc import Mapping

from bot.connectors.fields import Unreadable
from bot.connectors.pages import Spoilt
from bot.connectors.reddit_client import Client, Source, client
from bot.connectors.reddit_lists import (
    Entry,
    Feed,
    Stand,
    beginning_with,
    oldest_first,
    read,
    walk,
    written,
)
from bot.connectors.reddit_post import COMMENT, NOTHING, POST, Thing, around, gone, link_of
from bot.connectors.tools import Tools
from bot.errors import EgressRefused, Permanent, PlatformError, Unauthorised
from bot.model import Mention, Page, Visibility
from bot.ports import Clock


def connector(source: Source, tools: Tools) -> "RedditConnector":
    """The reader of ``source``."""
    return RedditConnector(source, client(source, tools), tools.clock)


def feeds_of(source: Source) -> tuple[Feed, ...]:
    """The lists that ``source`` asks for."""
    query: dict[str, str | int] = {"sort": "new", "t": "all", "type": "link", "include_over_18": "on"}
    inbox = [("mentions", "message/mentions")] if source.mentions else []
    if source.replies:
        inbox += [("comment replies", "message/comments/"), ("post replies", "message/selfreply/")]
    found = [Feed(key, path, COMMENT, inbox=True) for key, path in inbox]
    for words in source.searches:
        for place in source.subreddits:
            within = {**query, "q": words, "restrict_sr": "true"}
            found.append(Feed(f"search:{place}:{words}", f"r/{place}/search/", POST, within))
        if not source.subreddits:
            found.append(Feed(f"search::{words}", "search", POST, {**query, "q": words}))
    found += [Feed(f"comments:{place}", f"r/{place}/comments/", COMMENT) for place in source.comments_of]
    return tuple({feed.key: feed for feed in found}.values())


class RedditConnector:
    """Hears mentions of our account, replies to it, searches, and all comments of chosen subreddits.

    Args:
        source: what is read.
        client: our account.
        clock: how late it is.
    """

    def __init__(self, source: Source, client: Client, clock: Clock) -> None:
        self.name = source.name
        self._client = client
        self._clock = clock
        self._feeds = feeds_of(source)
        if not self._feeds:
            raise Permanent("This source reads nothing: it has no mentions, replies, searches or comments.")
        if source.subreddits and not source.searches:
            raise Permanent("This source names subreddits to search in, but no searches.")

    def since(self, at: int) -> str:
        """A cursor that begins at a date (UTC milliseconds), as far back as Reddit's lists reach."""
        return written({feed.key: Stand(at, {}) for feed in self._feeds})

    def fetch(self, cursor: str, limit: int) -> Page:
        """See ``Connector.fetch``. The cursor is JSON: where each list stands.

        Of all lists together the oldest unheard come first, at a first fetch the newest. What is not public is
        counted in ``dropped`` and never returned. A search or comment list that fails is counted too, as "feed not
        answered", and does not hold up the others.
        """
        known, dropped, gaps = read(cursor), Counter[str](), list[tuple[int, int]]()
        stands = {feed.key: known[feed.key] for feed in self._feeds if feed.key in known}
        news = self._walk_all(stands, dropped, gaps)
        beginning = news.keys() - stands.keys()
        newest = oldest_first(entry for key in beginning for entry in news[key])[-limit:]
        for key in beginning:
            stands[key] = beginning_with(newest, self._clock.now())
            news[key] = [entry for entry in news[key] if entry.key in {each.key for each in newest}]
        waiting = oldest_first(entry for entries in news.values() for entry in entries)
        chosen = {entry.key: entry for entry in waiting[:limit]}
        for key, entries in news.items():
            stands[key] = stands[key].after([each for each in entries if each.key in chosen], self._clock.now())
        heard = self._heard(chosen, dropped)
        gap = (min(start for start, _ in gaps), max(end for _, end in gaps)) if gaps else None
        return Page(heard, written(stands), len(waiting) > limit, dict(+dropped), gap)

    def _walk_all(
        self, stands: dict[str, Stand], dropped: Counter[str], gaps: list[tuple[int, int]]
    ) -> dict[str, list[Entry]]:
        """What is unheard in each list that answers; a stand that Reddit no longer reaches is moved to where it does.

        Raises:
            PlatformError: a list of the inbox does not answer at all, or none does.
        """
        news: dict[str, list[Entry]] = {}
        failure: PlatformError | None = None
        for feed in self._feeds:
            stand = stands.get(feed.key)
            try:
                entries, cut = walk(self._client.listing, feed, stand, dropped)
            except PlatformError as error:
                if (feed.inbox and not isinstance(error, Spoilt)) or isinstance(error, Unauthorised | EgressRefused):
                    raise
                dropped["feed not answered"] += 1
                failure = error
                continue
            news[feed.key] = entries if stand is None else list(filter(stand.unheard, entries))
            if stand is not None and cut:
                reached = min(entry.at for entry in entries)
                gaps.append((stand.start, reached))
                stands[feed.key] = Stand(reached, stand.seen)
        if failure is not None and not news:
            raise failure
        return news

    def _heard(self, chosen: Mapping[str, Entry], dropped: Counter[str]) -> tuple[Mention, ...]:
        """The public ones as mentions, in the same order."""
        missing = self._client.most_of(key for key, entry in chosen.items() if entry.thing == NOTHING)
        things = {key: entry.thing or missing.get(key) for key, entry in chosen.items()}
        near = {key: thing for key, thing in things.items() if thing}
        near |= self._client.most_of(key for thing in list(near.values()) for key in around(thing) if key not in near)
        heard = []
        for thing in things.values():
            found = self._judged(thing, near)
            if isinstance(found, Mention):
                heard.append(found)
            else:
                dropped[found] += 1
        return tuple(heard)

    def _judged(self, thing: Thing | None, near: Mapping[str, Thing]) -> Mention | str:
        """A thing that everyone may read as a mention; of any other why it is let fall."""
        if not thing:
            return "not public"
        if gone(thing):
            return "removed"
        if self._client.place.visibility(thing, link_of(thing, near)) is not Visibility.PUBLIC:
            return "not public"
        try:
            return self._client.place.mention(thing, near)
        except Unreadable:
            return "broken"
