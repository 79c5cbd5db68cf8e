"""Reads X: mentions of our account, quotes of its posts, and searches, through tweepy and the one door.

It owns what is asked of X, and what is let fall before anyone sees it. It must not keep, log or hand on a word that
is not public; how a list is walked stands in ``x_feeds``.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal

import requests
import tweepy
from pydantic import AfterValidator, Field

from bot.config.bases import Name, Token
from bot.config.models import Shape
from bot.config.places import origin, server
from bot.connectors.fields import Fields, Unreadable, part
from bot.connectors.pages import Spoilt
from bot.connectors.tools import Tools
from bot.connectors.x_feeds import (
    UNEXPECTED,
    Feed,
    Kept,
    Listing,
    News,
    Query,
    Stand,
    news,
    problems,
    read_cursor,
    write_cursor,
)
from bot.connectors.x_post import Around, Place, id_at, number
from bot.connectors.x_queries import LONGEST_QUERY, queries_of
from bot.egress.answers import TOO_LARGE
from bot.egress.door import Door
from bot.egress.x import X
from bot.errors import EgressRefused, Gone, Permanent, PlatformError, Transient, Unauthorised, Uncertain
from bot.model import Mention, Page, Platform, Visibility
from bot.ports import Clock

LOOK_BACK_MS: Final = 7 * 86_400_000 - 600_000
"""How far the recent search looks back: seven days, less ten minutes for clocks that differ."""

_MENTIONS_SERVED: Final = 800
_SEARCH_WALKED: Final = 10_000
_SDK_HOST: Final = "https://api.twitter.com"
_EVERYTHING: Final = {
    "expansions": "author_id,referenced_tweets.id,referenced_tweets.id.author_id,attachments.media_keys,"
    "attachments.poll_ids",
    "tweet_fields": "attachments,author_id,conversation_id,created_at,display_text_range,edit_history_tweet_ids,"
    "entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets,reply_settings,withheld",
    "user_fields": "description,protected,username,withheld",
    "media_fields": "alt_text,type",
    "poll_fields": "options",
}


@contextlib.contextmanager
def translated(*, writing: bool = False) -> Iterator[None]:
    """Let errors of the door out as they were raised, and no error of the SDK: those may quote an answer.

    Raises:
        PlatformError: what the door said; else Transient for a read and Uncertain for a write.
    """
    try:
        yield
    except (tweepy.TweepyException, ValueError):
        raise (Uncertain(UNEXPECTED) if writing else Transient(UNEXPECTED)) from None


class _Session(Door):
    """The door for an SDK that knows one host only: requests are made out to ``home`` before they are signed.

    A signature of OAuth 1.0a covers scheme and host, so it would not hold if they were changed afterwards.
    """

    home = ""

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """See ``requests.Session``; there the signature is made."""
        request.url = self.home + str(request.url).removeprefix(_SDK_HOST)
        return super().prepare_request(request)


Server = Annotated[Name, AfterValidator(server)]


Dollars = Annotated[float, Field(ge=0, le=1_000_000)]
MICRO: Final = 1_000_000
REPLY_PRICE: Final = 10_000
LINK_PRICE: Final = 200_000
"""Micro-dollars of a reply without and with an address (X's prices of April 2026)."""
SEARCHES_END_AT: Final = 0.8
"""Share of a budget from which on only mentions and single posts are read."""


class Source(Shape):
    """One account on X, and what is searched for; without ``queries`` what the watches name.

    Only writing needs the four keys below ``bearer``. X bills what it sends: ``read_price`` is dollars a post, the
    budgets are dollars, 0 for none. At four fifths of a budget searches end, at its end mentions do; a post that
    somebody answers, or that may have been deleted, is looked at all the same.
    """

    kind: Literal[Platform.X]
    account: Name
    account_id: Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]
    bearer: Token
    consumer_key: Token
    consumer_secret: Token
    access_token: Token
    access_secret: Token
    queries: tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_QUERY)], ...] = ()
    mentions: bool = True
    quotes: bool = True
    search: bool = True
    budget_per_day: Dollars = 0.0
    budget_per_month: Dollars = 0.0
    read_price: Dollars = 0.005
    server: Server = "https://api.x.com"

    @property
    def place(self) -> Place:
        """Our account."""
        return Place(self.account.removeprefix("@"), self.account_id)


class Client:
    """Our account behind the door: the SDK's calls, asked for everything that a decision needs.

    Args:
        source: where, and as whom.
        tools: secrets and what the door needs.
        writing: whether the keys to write with are read too.
    """

    def __init__(self, source: Source, tools: Tools, *, writing: bool = False) -> None:
        home = origin(source.server)
        session = _Session(
            "x",
            [home],
            X,
            tools.refusals,
            budget=tools.budget,
            account=source.account,
            deadline_s=tools.deadline_s,
            recorder=tools.recorder,
        )
        session.home = home
        self._sdk = tweepy.Client(
            bearer_token=tools.secret(source.bearer),
            **(_keys(source, tools) if writing else {}),
            return_type=dict,
            wait_on_rate_limit=False,
        )
        self._sdk.session = session
        self.purse = tools.purse
        self._read_price = round(source.read_price * MICRO)

    def search(self, query: str, page: Query) -> Listing:
        """Posts of the last seven days that fit ``query``.

        Raises:
            PlatformError: what the door says, or see ``Listing.of``.
        """
        with translated(), self._billing(page):
            answer = self._sdk.search_recent_tweets(query, **_EVERYTHING, **page)
        return self._billed(Listing.of(answer))

    def mentions(self, account_id: str, page: Query) -> Listing:
        """Posts that name the account; errors as for ``search``."""
        with translated(), self._billing(page):
            answer = self._sdk.get_users_mentions(account_id, **_EVERYTHING, **page)
        return self._billed(Listing.of(answer))

    def timeline(self, account_id: str, page: Query) -> Listing:
        """The account's own posts; errors as for ``search``."""
        with translated():
            answer = self._sdk.get_users_tweets(account_id, exclude=["retweets"], **_EVERYTHING, **page)
        return self._billed(Listing.of(answer))

    @contextlib.contextmanager
    def _billing(self, page: Query) -> Iterator[None]:
        """X bills a page that it sent, also one that is too large to be taken; it is noted as a full one."""
        try:
            yield
        except Transient as failure:
            if str(failure) == TOO_LARGE and self._read_price:
                self.purse.pay("read", int(page.get("max_results", 0)) * self._read_price)
            raise

    def _billed(self, listing: Listing) -> Listing:
        """The same, noted in the purse."""
        if listing.posts and self._read_price:
            self.purse.pay("read", len(listing.posts) * self._read_price)
        return listing

    def post(self, native_id: str) -> tuple[Fields, Around]:
        """One post and what stands around it.

        Raises:
            Gone: it is no longer there.
            Permanent: it is kept from us.
            PlatformError: what the door says.
        """
        with translated():
            answer = part(self._sdk.get_tweet(native_id, **_EVERYTHING))
        found, wrong = part(answer.get("data")), problems(answer)
        if found and self._read_price:
            self.purse.pay("read", self._read_price)
        if found and number(found.get("id")) == number(native_id):
            return found, Around.of(answer.get("includes"))
        if not found and "resource-not-found" in wrong:
            raise Gone("The post is no longer there.")
        if not found and "not-authorized-for-resource" in wrong:
            raise Permanent("The post is not shown to everyone.")
        raise Transient(UNEXPECTED)

    def me(self) -> Fields:
        """The account that our keys belong to; errors as for ``search``."""
        with translated():
            return part(part(self._sdk.get_me(user_fields="description,username")).get("data"))

    def reply(self, text: str, native_id: str) -> Fields:
        """Publish ``text`` as a reply; the parsed answer.

        Raises:
            Uncertain: no answer, or none that can be read.
            PlatformError: what the door says.
        """
        self.purse.pay("post", LINK_PRICE if "://" in text else REPLY_PRICE)
        with translated(writing=True):
            return part(self._sdk.create_tweet(text=text, in_reply_to_tweet_id=native_id))

    def delete(self, native_id: str) -> Fields:
        """Delete a post of ours; the parsed answer. Errors as for ``search``."""
        with translated():
            return part(self._sdk.delete_tweet(native_id))


def _keys(source: Source, tools: Tools) -> dict[str, str]:
    return {
        "consumer_key": tools.secret(source.consumer_key),
        "consumer_secret": tools.secret(source.consumer_secret),
        "access_token": tools.secret(source.access_token),
        "access_token_secret": tools.secret(source.access_secret),
    }


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
