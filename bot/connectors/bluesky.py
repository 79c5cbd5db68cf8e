"""Reads what is said on Bluesky through the atproto SDK and the one door, and speaks for our account there.

It owns the session, where each feed stands, and what is let fall before anyone sees it. It must not keep, log or
hand on a word that is not public. The SDK logs in, renews the session and finds links and handles in a text; its
models of answers are not used, because one odd post in a hundred would cost all of them.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import requests
from atproto_client import Client as Sdk
from atproto_client.client.session import Session, SessionEvent
from atproto_client.models.dot_dict import DotDict
from atproto_client.request import RequestBase, Response
from atproto_client.utils import facet_detection
from atproto_core.exceptions import AtProtocolError
from pydantic import AfterValidator, Field

from bot.config.bases import Name, Token
from bot.config.models import Shape
from bot.config.places import origin
from bot.config.places import server as server_of
from bot.connectors.bluesky_feed import Entry, Read, Round, Stand, back, first, read_cursor, stamp, written
from bot.connectors.bluesky_post import Place, visibility_of
from bot.connectors.fields import Fields, Unreadable, clean, host_of, parts
from bot.connectors.pages import Spoilt, sizes, taken
from bot.connectors.tools import Tools
from bot.egress.bluesky import BLUESKY
from bot.egress.door import Door
from bot.errors import EgressRefused, Permanent, PlatformError, Transient, Unauthorised, Uncertain
from bot.model import Page, Platform, Visibility
from bot.ports import Clock

TOGETHER: Final = 25
"""Most posts asked for in one request."""

_ENDED: Final = frozenset({"ExpiredToken", "InvalidToken"})
"""How a server names a session that it does not know any more; the status is a plain 400."""

_SEARCH: Final = "app.bsky.feed.searchPosts"
_NOTIFICATIONS: Final = "app.bsky.notification.listNotifications"
_POSTS: Final = "app.bsky.feed.getPosts"
_REFRESH: Final = "com.atproto.server.refreshSession"
_ODD: Final = "The platform's answer is of an unexpected form."
_SDK_ERRORS = (AtProtocolError, ValueError, TypeError, AttributeError, LookupError)

Headers = dict[str, str]
SessionFactory = Callable[[], requests.Session]


class _SessionOver(Unauthorised):
    """The session can no longer be renewed; nothing but the renewal was sent."""


class _Wire(RequestBase):  # type: ignore[misc]
    """The SDK's way out: whatever it asks goes through the door, whose errors come out as they were raised."""

    def __init__(self, session: requests.Session) -> None:
        super().__init__()
        self._session = session
        self.set_additional_headers({"User-Agent": "Earshot"})

    def get(self, url: str, headers: Headers, params: dict[str, Any] | None = None, **_unset: object) -> Response:
        """Read ``url``."""
        return self._read(self._session.get(url, params=params, headers=self.get_headers(headers)))

    def post(self, url: str, headers: Headers, content: str | None = None, **_unset: object) -> Response:
        """Post JSON, or nothing, to ``url``."""
        try:
            return self._read(self._session.post(url, data=content, headers=self.get_headers(headers)))
        except Permanent:
            if url.endswith(_REFRESH):
                raise _SessionOver("The session with the platform has ended.") from None
            raise

    @staticmethod
    def _read(answer: requests.Response) -> Response:
        content = answer.json() if answer.content else {}
        if not isinstance(content, dict):
            raise TypeError
        # A didDoc would send the SDK to the account's own server, past the one that is configured; that one serves too.
        content.pop("didDoc", None)
        return Response(success=True, status_code=answer.status_code, content=content, headers=dict(answer.headers))


@contextlib.contextmanager
def translated(*, writing: bool = False) -> Iterator[None]:
    """Let no error of the SDK out: those may quote an answer.

    Raises:
        PlatformError: as the door raised it; else Transient for a read and Uncertain for a write.
    """
    try:
        yield
    except _SDK_ERRORS:
        raise (Uncertain(_ODD) if writing else Transient(_ODD)) from None


class Client:
    """One account of ours on one server: the SDK on top of the door.

    Args:
        home: origin of the server (PDS), such as ``https://bsky.social``.
        account: our handle, without "@".
        password: an app password; it goes nowhere but to ``home``.
        door: makes the session of ``requests``.
        did: our id, if it is known; then a login as anybody else is refused.
    """

    def __init__(self, home: str, account: str, password: str, door: SessionFactory, did: str = "") -> None:
        self.surface, self.account = host_of(home), account
        self._home, self._password, self._did = home, password, did
        self._door = door()
        self._sdk: Any = None
        self._lock = threading.Lock()
        self._session: Session | None = None

    def _remember(self, _event: SessionEvent, session: Session) -> None:
        self._session = session

    @property
    def place(self) -> Place:
        """Where we look from. Logs in if need be.

        Raises:
            PlatformError: the login failed.
        """
        return Place(self.surface, self.account, self._logged_in().did)

    def get(self, method: str, query: Mapping[str, object]) -> Fields:
        """Ask ``method``; a session that the server no longer knows is begun anew once.

        Raises:
            PlatformError: what the door says; Transient for an answer that is no object.
        """
        return self._persistent(lambda: self._sdk.invoke_query(method, params=DotDict(query)))

    def delete(self, method: str, body: Mapping[str, object]) -> Fields:
        """Post ``body`` to ``method``, which may be repeated without harm. Raises as ``get`` does."""
        return self._persistent(lambda: self._post(method, body))

    def create(self, method: str, body: Mapping[str, object]) -> Fields:
        """Post ``body`` to ``method``, once.

        Raises:
            PlatformError: what the door says; Uncertain for an answer that is no object.
        """
        self._logged_in()
        with contextlib.suppress(_SessionOver):
            return self._once(lambda: self._post(method, body), writing=True)
        self._log_in()
        return self._once(lambda: self._post(method, body), writing=True)

    def _post(self, method: str, body: Mapping[str, object]) -> Response:
        return self._sdk.invoke_procedure(method, data=DotDict(body), input_encoding="application/json")

    @staticmethod
    def _once(ask: Callable[[], Response], *, writing: bool = False) -> Fields:
        with translated(writing=writing):
            found: Fields = ask().content
            return found

    def _persistent(self, ask: Callable[[], Response]) -> Fields:
        self._logged_in()
        try:
            return self._once(ask)
        except _SessionOver:
            pass
        except Permanent as refusal:
            if refusal.code not in _ENDED:
                raise
        self._log_in()
        return self._once(ask)

    def _logged_in(self) -> Session:
        with self._lock:
            return self._session or self._begin()

    def _log_in(self) -> None:
        with self._lock:
            self._begin()

    def _begin(self) -> Session:
        """Begin a session. Our profile is not asked for: whether it can be read has nothing to do with the login."""
        self._session, self._sdk = None, Sdk(self._home, request=_Wire(self._door))
        self._sdk.on_session_change(self._remember)
        with translated():
            self._sdk.login(self._did or self.account, self._password, fetch_bsky_profile=False)
        session: Session | None = self._session
        if session is None or not session.did:
            raise Transient(_ODD)
        if self._did and session.did != self._did:
            self._session = None
            raise Unauthorised("The app password belongs to another account than the one configured.")
        return session

    def posts(self, uris: Sequence[str]) -> dict[str, Fields]:
        """The posts at ``uris`` as they stand now, by AT-URI; those that are gone or kept from us are missing.

        Raises:
            PlatformError: what the door says.
        """
        found: dict[str, Fields] = {}
        for start in range(0, len(uris), TOGETHER):
            answer = self.get(_POSTS, {"uris": list(uris[start : start + TOGETHER])})
            found.update((clean(view.get("uri")), view) for view in _listed(answer, "posts"))
        return {uri: found[uri] for uri in uris if uri in found}


def links(text: str) -> list[tuple[int, int, str]]:
    """The addresses in ``text``: first byte in UTF-8, first byte behind it, and where it leads."""
    with translated():
        found = facet_detection.detect_facets(text)
        told = ((facet.index, getattr(facet.features[0], "uri", "")) for facet in found)
        return [(index.byte_start, index.byte_end, uri) for index, uri in told if uri]


def handles(text: str) -> list[tuple[int, int, str]]:
    """The handles that ``text`` names with "@": first byte in UTF-8, first byte behind it, and the handle."""
    with translated():
        return [(begin, end, handle) for handle, begin, end in facet_detection.detect_mentions(text)]


def _listed(answer: Fields, name: str) -> tuple[Fields, ...]:
    """The objects under ``name``.

    Raises:
        Transient: there is no list of objects.
    """
    listed = answer.get(name)
    found = parts(listed)
    if not isinstance(listed, list) or (listed and not found):
        raise Transient(_ODD)
    return found


@dataclass(frozen=True, slots=True)
class Feed:
    """One list of posts. ``vital``: without it a fetch has failed."""

    key: str
    read: Read
    vital: bool = False


class Source(Shape):
    """One account on Bluesky, or on another network that speaks its protocol."""

    kind: Literal[Platform.BLUESKY]
    account: Name
    did: Annotated[str, Field(pattern=r"^(did:[a-z]+:[A-Za-z0-9._:%-]{1,256})?$")] = ""
    app_password: Token
    server: Annotated[Name, AfterValidator(server_of)] = "https://bsky.social"
    searches: tuple[Name, ...] = ()
    mentions: bool = True
    replies: bool = True
    quotes: bool = True


def client(source: Source, tools: Tools) -> Client:
    """Our account of ``source`` behind the door.

    Raises:
        EarshotError: its app password is missing.
    """
    home = origin(source.server)

    def door() -> Door:
        return Door(
            "bluesky",
            [home],
            BLUESKY,
            tools.refusals,
            budget=tools.budget,
            account=source.account,
            deadline_s=tools.deadline_s,
            recorder=tools.recorder,
        )

    return Client(home, source.account.removeprefix("@"), tools.secret(source.app_password), door, source.did)


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
            told = (each for each in _listed(answer, "notifications") if each.get("reason") == reason)
            return [Entry.of(each, None) for each in told], clean(answer.get("cursor"))

        return read

    def _search(self, words: str) -> Read:
        def read(oldest: int, limit: int, cursor: str) -> tuple[list[Entry], str]:
            query = {"q": words, "sort": "latest", "limit": limit}
            query |= {"since": stamp(oldest)} if oldest > 0 else {}
            answer = self._client.get(_SEARCH, {**query, **({"cursor": cursor} if cursor else {})})
            posts = _listed(answer, "posts")
            return [Entry.of(view, view) for view in posts], clean(answer.get("cursor"))

        return read
