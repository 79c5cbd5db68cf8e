"""Reads a Discourse forum as a stranger does: its latest posts, or what its search finds.

No key of ours is ever used for reading. So what is read is what everybody can read, private messages are out of
reach, and a forum for members only is heard not at all. Answers leave only where the forum is ours or its host agreed.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from bot.config.bases import Name, Token
from bot.config.models import Shape
from bot.config.places import origin, server
from bot.connectors.discourse_post import Place, deleted
from bot.connectors.fields import ODD_ANSWER, Fields, instant, name
from bot.connectors.forum import Enough, Entry, Feed, LetFall, NewestFirst, Pages, Read
from bot.connectors.forum_site import Site, fields_of, listed
from bot.connectors.pages import Spoilt, taken
from bot.connectors.tools import Tools
from bot.egress.door import Door
from bot.egress.forums import DISCOURSE
from bot.errors import EgressRefused, Gone, Permanent, PlatformError, RateLimited, Transient, Unauthorised
from bot.model import Mention, Page, Platform

SEARCHED: Final = 10
"""Pages that a forum's search serves at most."""

WIDENED: Final = 10
"""Searches within topics that one fetch makes."""

TRIED: Final = 3
"""How often a search within one topic may fail before of that topic only its newest post is told."""

UNANSWERED: Final = 5
"""Look-ups that one fetch sees fail before it asks for nothing more."""

LISTED: Final = 50
"""Posts that the list of the latest ones shows at once. It cannot be asked for fewer."""

TOGETHER: Final = 20
FEW: Final = 1
"""Posts that a topic comes with, and how many are wanted of it where one of those spoils the answer."""

EVER: Final = "after:2000-01-01"
"""A search that finds every post: a forum wants something to look for."""

LONGEST_ID: Final = 18
"""Digits of an id."""

LOOK_UPS: Final = 25
"""Topics and posts that one fetch asks for. A forum allows fifty requests in ten seconds."""


class Source(Shape):
    """One forum. ``host_agreed`` says who let us answer there and when; without it and if not ``owned``, we listen."""

    kind: Literal[Platform.DISCOURSE]
    account: Name
    server: Annotated[Name, AfterValidator(server)]
    api_key: Token | None = None
    owned: bool = False
    host_agreed: Annotated[str, Field(max_length=200)] = ""
    latest: bool = False
    mentions: bool = True
    searches: tuple[Name, ...] = ()

    @property
    def answering(self) -> bool:
        """Whether anybody who may allow it has allowed us to answer there."""
        return self.owned or bool(self.host_agreed.strip())


def site_of(source: Source, tools: Tools) -> Site:
    """The forum of ``source`` behind the door."""

    def door() -> Door:
        home = origin(source.server)
        return tools.door("discourse", [home], DISCOURSE, source.account)

    return Site(source.server, door)


def place_of(source: Source, site: Site) -> Place:
    """The forum and our account there."""
    return Place(site.origin, site.surface, source.account.removeprefix("@"), source.owned)


def topic_of(site: Site, post: Fields, account: str) -> Fields:
    """The topic of a post as a stranger sees it; an empty one where a stranger sees none.

    It comes with its first twenty posts. Where one of them spoils the answer, only the very first and those of
    ``account`` are asked for.

    Raises:
        PlatformError: the forum did not answer.
    """
    address = f"/t/{name(post.get('topic_id'))}.json"
    few = {"username_filters": account.lower()}
    try:
        return fields_of(taken(lambda size: site.get(address, {} if size > FEW else few), (TOGETHER, FEW))[0])
    except Gone:
        return {}
    except (Unauthorised, EgressRefused):
        raise
    except Permanent:
        return {}


def connector(source: Source, tools: Tools) -> "DiscourseConnector":
    """The reader of ``source``."""
    return DiscourseConnector(source, tools)


class DiscourseConnector(NewestFirst):
    """Hears the latest posts of a forum, or what a search finds: our account's name and the source's words.

    The list of the latest posts is complete and cheap: each forum that is small enough should be read by it. A search
    shows of each topic only the newest post that fits, so each topic with news is searched once more, ten in one fetch;
    until that is done for all of them the feed stands still.
    """

    def __init__(self, source: Source, tools: Tools) -> None:
        self._site = site_of(source, tools)
        self._place = place_of(source, self._site)
        # "@name" alone would find what our account wrote; in quotation marks it is found where it stands in a text.
        spelled = [f'"@{self._place.account}"'] if source.mentions and not source.latest else []
        feeds = [
            *([Feed("latest", self._latest, vital=True)] if source.latest else []),
            *(Feed(f"search:{words}", self._search(words), pages=1) for words in (*spelled, *source.searches)),
        ]
        self._topics: dict[str, Fields] = {}
        self._silent: dict[str, Transient] = {}
        self._failed: Counter[str] = Counter()
        self._left, self._wider, self._alone = LOOK_UPS, WIDENED, 0
        super().__init__(source.name, feeds, tools.clock)

    def fetch(self, cursor: str, limit: int) -> Page:
        """See ``NewestFirst.fetch``. What one fetch learns of a topic is forgotten after it."""
        self._topics, self._silent = {}, {}
        self._left, self._wider, self._alone = LOOK_UPS, WIDENED, 0
        page = super().fetch(cursor, limit)
        alone = {"topic not searched": self._alone} if self._alone else {}
        return replace(page, dropped={**page.dropped, **alone})

    def understand(self, post: Fields) -> Mention:
        """See ``NewestFirst.understand``. What a search found comes without its text and is fetched."""
        if "cooked" not in post:
            try:
                address = f"/posts/{name(post.get('id'))}.json"
                post = self._look_up(address, lambda: fields_of(self._site.get(address)))
            except Gone:
                raise LetFall("deleted") from None
            except (Unauthorised, EgressRefused):
                raise
            except Permanent:
                raise LetFall("not public") from None
        topic = self._topic(post)
        if deleted(post, topic):
            raise LetFall("deleted")
        return self._place.mention(post, topic)

    def _topic(self, post: Fields) -> Fields:
        key = name(post.get("topic_id"))
        if key not in self._topics:
            self._topics[key] = self._look_up(f"/t/{key}.json", lambda: topic_of(self._site, post, self._place.account))
        return self._topics[key]

    def _look_up(self, address: str, ask: Callable[[], Fields]) -> Fields:
        """What ``ask`` brings. What did not answer is not asked for a second time by this fetch."""
        if address in self._silent:
            raise self._silent[address]
        if self._left <= 0 or len(self._silent) >= UNANSWERED:
            raise Enough
        self._left -= 1
        try:
            return ask()
        except RateLimited:
            raise
        except Transient as failure:
            self._silent[address] = failure
            raise

    def _latest(self, start: int, known: Collection[str] | None) -> Pages:  # noqa: ARG002 - the list knows no time
        query: dict[str, str | int] = {}
        entries: list[Entry] = []
        while True:
            try:
                answer, _ = taken(partial(self._listing, query), (LISTED,))
                entries = _entries(listed(answer, "latest_posts"))
            except Spoilt:
                entries = self._one_by_one(entries, known or ())
            ids = _numbers(entry.key for entry in entries)
            # Old forums serve the post named by "before" again, and fewer than fifty although older ones exist.
            follows = bool(ids) and min(ids) < int(query.get("before", min(ids) + 1))
            yield entries, follows
            if not follows:
                return
            query = {"before": min(ids)}

    def _listing(self, query: Mapping[str, str | int], _size: int) -> object:
        return self._site.get("/posts.json", query)

    def _one_by_one(self, above: Sequence[Entry], known: Collection[str]) -> list[Entry]:
        """Every post that may stand in a page that cannot be taken, below those ``above``, to be looked up by itself.

        Ids are counted up over the whole forum: some are not for strangers or gone, and what is not above all that is
        known is none of the newer ones. Dates are not known: all count as that of the post above them.
        """
        newest = above or self._searched(EVER, 1)[0][:1]
        ids = _numbers(entry.key for entry in newest)
        if not ids:
            raise Transient(ODD_ANSWER)
        first, last, at = min(ids) - bool(above), max(_numbers(known), default=0), newest[-1].at
        return [Entry(str(ident), at, {"id": ident}) for ident in range(first, max(last, first - LISTED), -1)]

    def _search(self, words: str) -> Read:
        def read(start: int, known: Collection[str] | None) -> Pages:
            if known is None:
                yield self._searched(words, 1)
                return
            # All pages at once: what stands behind the oldest post must be told first, and that is on the last page.
            entries, follows, page = list[Entry](), True, 0
            while follows and page < SEARCHED and not (entries and entries[-1].at < start):
                page += 1
                served, follows = self._searched(words, page)
                entries += served
            tips = [entry for entry in entries if entry.at >= start and entry.key not in known]
            # Newest first, so the last one tells whether the walk came down to the start.
            others = [entry for entry in entries if entry.at < start or entry.key in known]
            behind = [entry for tip in reversed(tips) for entry in self._widened(words, tip, start)]
            yield sorted((*others, *behind), key=lambda entry: -entry.at), follows

        return read

    def _searched(self, words: str, page: int) -> tuple[list[Entry], bool]:
        answer = self._site.get("/search.json", {"q": f"{words} order:latest", "page": page})
        follows = fields_of(fields_of(answer).get("grouped_search_result")).get("more_full_page_results")
        return _entries(listed(answer, "posts")), bool(follows)

    def _widened(self, words: str, tip: Entry, start: int) -> list[Entry]:
        """All that fits in the topic of ``tip``, its newest post that fits, down to ``start``; else it has to wait."""
        within = f"{words} topic:{name(tip.post.get('topic_id'))}"
        behind, follows, page = list[Entry](), self._failed[within] < TRIED, 0
        while follows and page < SEARCHED and not (behind and behind[-1].at < start):
            if self._wider <= 0:
                return [replace(tip, waiting=True)]
            self._wider -= 1
            page += 1
            try:
                served, follows = self._searched(within, page)
            except PlatformError as failure:
                if isinstance(failure, RateLimited | Unauthorised | EgressRefused):
                    raise
                self._failed[within] += 1
                return [replace(tip, waiting=True)]
            behind += served
        if self._failed.pop(within, 0) >= TRIED:
            self._alone += 1
        return [tip, *(replace(entry, listed=False) for entry in behind if entry.at >= start and entry.key != tip.key)]


def _numbers(keys: Iterable[str]) -> list[int]:
    return [int(key) for key in keys if key.isascii() and key.isdecimal() and len(key) <= LONGEST_ID]


def _entries(posts: Sequence[Fields]) -> list[Entry]:
    return [Entry(name(post.get("id")), instant(post.get("created_at")) or 0, post) for post in posts]
