"""Reads stories and comments of Hacker News through the search that Algolia keeps over them. It writes nothing.

The search serves a thousand hits of one question, newest first; so it is asked again below the oldest hit, by time.
Whoever may read the site may read all of it: there is nothing private in it.
"""

from collections.abc import Collection
from functools import partial
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from bot.config.bases import Name
from bot.config.models import Shape
from bot.config.places import origin
from bot.config.places import server as site_of
from bot.connectors.fields import Fields, Unreadable, clean, name
from bot.connectors.forum import Entry, Feed, NewestFirst, Pages, Read, entries_of, own_lines
from bot.connectors.forum_site import Site, listed
from bot.connectors.markup import plain
from bot.connectors.pages import pieces
from bot.connectors.tools import Tools
from bot.egress.door import Door
from bot.egress.forums import HACKERNEWS
from bot.model import Author, Kind, Mention, Platform, Visibility

SITE: Final = "news.ycombinator.com"
PAGE: Final = 100
CEILING: Final = 1_000
"""Hits of one question that are served at most."""

_LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""


class Source(Shape):
    """Searches over Hacker News. ``server`` is the search, not the site."""

    kind: Literal[Platform.HACKERNEWS]
    server: Annotated[Name, AfterValidator(site_of)] = "https://hn.algolia.com"
    searches: Annotated[tuple[Name, ...], Field(min_length=1)]


def connector(source: Source, tools: Tools) -> "HackerNewsConnector":
    """The reader of ``source``."""
    return HackerNewsConnector(source, tools)


def mention_of(hit: Fields, account: str = "") -> Mention:
    """A hit of the search as a mention.

    Raises:
        Unreadable: id, author or date are missing or broken.
    """
    native_id, author, at = name(hit.get("objectID")), clean(hit.get("author")), _instant(hit)
    if not native_id or not author or not at:
        raise Unreadable
    comment, parent = hit.get("comment_text") is not None, name(hit.get("parent_id"))
    address = f"https://{SITE}/item?id={native_id}"
    said = [_words(hit.get("comment_text"))] if comment else [clean(hit.get("title")), _words(hit.get("story_text"))]
    link = "" if comment else clean(hit.get("url"))
    return Mention(
        platform=Platform.HACKERNEWS,
        surface=SITE,
        account=account,
        native_id=native_id,
        canonical_key=address,
        text="\n\n".join(filter(None, (*said, link))),
        author=Author(author, author),
        created_at=at,
        visibility=Visibility.PUBLIC,
        kind=Kind.REPLY if comment else Kind.POST,
        url=address,
        parent_key=parent if comment else "",
        root_key=name(hit.get("story_id")) if comment else native_id,
    )


def _instant(hit: Fields) -> int:
    """The date in UTC milliseconds; 0 where there is none."""
    seconds = hit.get("created_at_i")
    return seconds * 1000 if isinstance(seconds, int) and 0 < seconds <= _LATEST else 0


def _words(markup: object) -> str:
    """The author's own words. The site cuts the words of long links short; the whole address stands there instead."""
    read = plain(markup)
    text = read.text
    for address, _, words in read.links:
        if words.endswith("...") and address.startswith(words[:-3]):
            text = text.replace(words, clean(address), 1)
    return own_lines(text)


class HackerNewsConnector(NewestFirst):
    """Hears what stands in stories and comments that a search finds."""

    def __init__(self, source: Source, tools: Tools) -> None:
        def door() -> Door:
            return Door(
                "hackernews",
                [origin(source.server)],
                HACKERNEWS,
                tools.refusals,
                budget=tools.budget,
                deadline_s=tools.deadline_s,
            )

        self._site, self._account = Site(source.server, door), source.account
        feeds = [Feed(f"search:{words}", self._search(words)) for words in source.searches]
        super().__init__(source.name, feeds, tools.clock)

    def understand(self, post: Fields) -> Mention:
        """See ``NewestFirst.understand``."""
        return mention_of(post, self._account)

    def _search(self, words: str) -> Read:
        def read(start: int, known: Collection[str] | None) -> Pages:  # noqa: ARG001 - every list is told what is known
            below, begin = "", 0
            passed: set[str] = set()
            while begin < CEILING:
                since = f"created_at_i>={max(0, start // 1000)}{below}"
                hits, follows = pieces(partial(self._hits, words, since), begin, PAGE)
                entries = entries_of(hits, _entry)
                fresh = [entry for entry in entries if entry.key not in passed]
                yield fresh, follows
                if fresh:
                    passed |= {entry.key for entry in fresh}
                    below, begin = f",created_at_i<={entries[-1].at // 1000}", 0
                else:
                    # A page of one second; the rest of that second stands on the next one.
                    begin += PAGE

        return read

    def _hits(self, words: str, since: str, at: int, size: int) -> tuple[Fields, ...]:
        question: dict[str, str | int] = {
            "query": words,
            "tags": "(story,comment)",
            "numericFilters": since,
            "hitsPerPage": size,
            "page": at // size,
        }
        return listed(self._site.get("/api/v1/search_by_date", question), "hits")


def _entry(hit: Fields) -> Entry:
    return Entry(name(hit.get("objectID")), _instant(hit), hit)
