"""Reads and answers on servers that speak the Mastodon API, through Mastodon.py and the one door.

It owns what is asked of a server, what is let fall before anyone sees it, and the one request that publishes; how a
list is walked stands in ``mastodon_feed``. It must not keep, log or hand on a word that is not public. Hashtags and
search are read without the SDK: its calls for them first ask the server for its version, which can end in endless
recursion.
"""

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

import requests
from mastodon import Mastodon
from mastodon.errors import MastodonError
from pydantic import AfterValidator

from bot.config.bases import Name, Token
from bot.config.models import Shape
from bot.config.places import origin, server
from bot.connectors.fields import ODD_ANSWER, Unreadable, name, part, parts
from bot.connectors.mastodon_feed import Entry, Feed, Read, news, read_cursor
from bot.connectors.mastodon_post import Place, Status, visibility_of
from bot.connectors.pages import Spoilt
from bot.connectors.tools import Tools
from bot.egress.answers import NOT_JSON
from bot.egress.door import Door
from bot.egress.mastodon import MASTODON
from bot.errors import Permanent, PlatformError, Transient, Unauthorised, Uncertain
from bot.model import Mention, Page, Platform, Visibility

# What the SDK raises on answers of a form that it does not expect; it wraps even the door's own errors.
_SDK_ERRORS = (MastodonError, ValueError, TypeError, AttributeError, LookupError)

SessionFactory = Callable[[], requests.Session]


@contextlib.contextmanager
def translated(*, writing: bool = False) -> Iterator[None]:
    """Let errors of the door out as they were raised, and no error of the SDK: those may quote an answer.

    Raises:
        PlatformError: what the door said; else Transient for a read and Uncertain for a write.
    """
    try:
        yield
    except _SDK_ERRORS as failure:
        cause = failure.__context__
        if isinstance(cause, PlatformError):
            raise cause from None
        sentence = ODD_ANSWER
        raise (Uncertain(sentence) if writing else Transient(sentence)) from None


class Client:
    """One account of ours on one server: the SDK on top of the door.

    Args:
        server: host, or origin with scheme, such as ``https://social.example``.
        token: our access token; it goes nowhere but into the header.
        door: makes the session; wiring gives a ``bot.egress.Door``.
    """

    def __init__(self, server: str, token: str, door: SessionFactory) -> None:
        self.origin = (server if "://" in server else f"https://{server}").rstrip("/")
        self.surface = urlsplit(self.origin).netloc
        self._session = door()
        self.bearer = {"Authorization": f"Bearer {token}", "User-Agent": "Earshot"}
        self.sdk = Mastodon(
            access_token=token,
            api_base_url=self.origin,
            session=self._session,
            ratelimit_method="throw",
            version_check_mode="none",
            user_agent="Earshot",
        )

    def get(self, path: str, query: Mapping[str, str | int]) -> object:
        """Read ``path`` without the SDK; the parsed answer.

        Raises:
            PlatformError: what the door says.
        """
        answer = self._session.get(self.origin + path, params=query, headers=self.bearer)
        try:
            return answer.json()
        except ValueError:
            raise Transient(NOT_JSON) from None

    def get_as_stranger(self, path: str) -> object:
        """Read ``path`` as anybody can who has no account. Raises as ``get`` does."""
        answer = self._session.get(self.origin + path, headers={"User-Agent": "Earshot"})
        try:
            return answer.json()
        except ValueError:
            raise Transient(NOT_JSON) from None

    def delete(self, path: str) -> None:
        """Delete at ``path``.

        Raises:
            PlatformError: what the door says.
        """
        self._session.delete(self.origin + path, headers=self.bearer)


class Source(Shape):
    """One account on one server of the fediverse."""

    kind: Literal[Platform.MASTODON]
    account: Name
    server: Annotated[Name, AfterValidator(server)]
    token: Token
    hashtags: tuple[Name, ...] = ()
    searches: tuple[Name, ...] = ()
    mentions: bool = True
    public: bool = False
    unlisted: bool = True
    streaming: bool = False
    streaming_server: Annotated[Name, AfterValidator(server)] | None = None


def client(source: Source, tools: Tools) -> Client:
    """Our account of ``source`` behind the door.

    Raises:
        EarshotError: its token is missing.
    """
    home = origin(source.server)

    def door() -> Door:
        return tools.door("mastodon", [home], MASTODON, source.account)

    return Client(home, tools.secret(source.token), door)


def connector(source: Source, tools: Tools) -> "MastodonConnector":
    """The reader of ``source``."""
    return MastodonConnector(
        source.name,
        client(source, tools),
        source.account,
        hashtags=source.hashtags,
        searches=source.searches,
        mentions=source.mentions,
        public=source.public,
        unlisted=source.unlisted,
    )


class MastodonConnector:
    """Hears mentions of our account, hashtags and searches on one server.

    Args:
        name: name of the source.
        client: our account on the server.
        account: our handle on that server, without "@".
        hashtags: without "#".
        searches: full-text searches; servers without such a search answer nothing.
        mentions: whether the account's mentions are read.
        public: whether everything public on this server is read.
        unlisted: whether unlisted posts count if they address us.
    """

    def __init__(
        self,
        name: str,
        client: Client,
        account: str,
        *,
        hashtags: Sequence[str] = (),
        searches: Sequence[str] = (),
        mentions: bool = True,
        public: bool = False,
        unlisted: bool = True,
    ) -> None:
        self.name = name
        self._client = client
        self._place = Place(client.surface, account.removeprefix("@"))
        self._unlisted = unlisted
        self._feeds = (
            *([Feed("mentions", self._read_mentions, vital=True)] if mentions else []),
            *([Feed("public", self._read_public)] if public else []),
            *(Feed(f"tag:{tag}", self._hashtag(tag.removeprefix("#"))) for tag in hashtags),
            *(Feed(f"search:{words}", self._search(words)) for words in searches),
        )
        if not self._feeds:
            raise Permanent("This source reads nothing: it has neither mentions, hashtags nor searches.")

    def fetch(self, cursor: str, limit: int) -> Page:
        """See ``Connector.fetch``. The cursor is JSON: where each feed stands, and whose turn is next.

        The first fetch of a feed brings its newest posts only. What is not public, and unlisted posts that
        do not address us, are counted in ``dropped`` and never returned. A hashtag or search that fails is
        counted too, as "feed not answered", and does not hold up the others, unless none answered. So is any list whose
        newest post cannot be taken, until a newer one stands there.
        """
        places = read_cursor(cursor)
        turn = places.turn % len(self._feeds)
        share = max(1, limit // len(self._feeds))
        dropped: Counter[str] = Counter()
        found: dict[str, Mention] = {}
        gaps: list[tuple[int, int]] = []
        failures: list[PlatformError] = []
        more = False
        taken = 0
        for feed in (*self._feeds[turn:], *self._feeds[:turn]):
            if taken >= limit:
                more = True
                break
            try:
                brought = news(feed.read, places.of(feed.key), min(share, limit - taken))
            except PlatformError as failure:
                if (feed.vital and not isinstance(failure, Spoilt)) or isinstance(failure, Unauthorised):
                    raise
                failures.append(failure)
                dropped["feed not answered"] += 1
                continue
            places.move(feed.key, brought.entries)
            taken += len(brought.entries)
            more = more or brought.more
            gaps += [brought.gap] if brought.gap else []
            for _, status in brought.entries:
                self._sift(status, found, dropped)
        if len(failures) == len(self._feeds):
            raise failures[0]
        heard = sorted(found.values(), key=lambda mention: mention.created_at)
        gap = (min(start for start, _ in gaps), max(end for _, end in gaps)) if gaps else None
        return Page(tuple(heard), places.cursor(turn + 1), more, dict(dropped), gap)

    def since(self, at: int) -> str:
        """See ``Connector.since``."""
        return json.dumps({"since": at})

    def _sift(self, status: Status, found: dict[str, Mention], dropped: Counter[str]) -> None:
        """Keep a post that everyone may read; count any other by reason."""
        visibility = visibility_of(status)
        unlisted = visibility is Visibility.UNLISTED and self._unlisted and self._place.names_us(status)
        if visibility is not Visibility.PUBLIC and not unlisted:
            dropped["not public"] += 1
            return
        try:
            mention = self._place.mention(status)
        except Unreadable:
            dropped["broken"] += 1
            return
        found.setdefault(mention.canonical_key, mention)

    def _read_mentions(self, query: Mapping[str, str | int]) -> list[Entry]:
        with translated():
            answer = self._client.sdk.notifications(types=["mention"], **query)
        mentions = (each for each in _listed(answer) if each.get("type") == "mention")
        return [(name(each.get("id")), part(each.get("status"))) for each in mentions]

    def _read_public(self, query: Mapping[str, str | int]) -> list[Entry]:
        return _statuses(self._client.get("/api/v1/timelines/public", {"local": "true", **query}))

    def _hashtag(self, tag: str) -> Read:
        path = f"/api/v1/timelines/tag/{quote(tag, safe='')}"
        return lambda query: _statuses(self._client.get(path, query))

    def _search(self, words: str) -> Read:
        def read(query: Mapping[str, str | int]) -> list[Entry]:
            answer = self._client.get("/api/v2/search", {"q": words, "type": "statuses", **query})
            return _statuses(answer.get("statuses") if isinstance(answer, Mapping) else None)

        return read


def _listed(answer: object) -> tuple[Status, ...]:
    """The objects of an answer that must be a list of them.

    Raises:
        Transient: it is none; the SDK turns an object into the list of its names, so that counts too.
    """
    found = parts(answer)
    if not isinstance(answer, list) or (answer and not found):
        raise Transient(ODD_ANSWER)
    return found


def _statuses(answer: object) -> list[Entry]:
    return [(name(each.get("id")), each) for each in _listed(answer)]
