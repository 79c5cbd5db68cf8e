"""Speaks with X for one account, through tweepy and the one door, and knows what each answer costs."""

import contextlib
from collections.abc import Iterator
from typing import Annotated, Final, Literal

import requests
import tweepy
from pydantic import AfterValidator, Field

from bot.config.bases import Name, Token
from bot.config.models import Shape
from bot.config.places import origin, server
from bot.connectors.fields import ODD_ANSWER, Fields, part
from bot.connectors.tools import Tools
from bot.connectors.x_feeds import Listing, Query, problems
from bot.connectors.x_post import Around, Place, number
from bot.connectors.x_queries import LONGEST_QUERY
from bot.egress.answers import TOO_LARGE
from bot.egress.door import Door
from bot.egress.x import X
from bot.errors import Gone, Permanent, Transient, Uncertain
from bot.model import Platform

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
        raise (Uncertain(ODD_ANSWER) if writing else Transient(ODD_ANSWER)) from None


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
        raise Transient(ODD_ANSWER)

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
