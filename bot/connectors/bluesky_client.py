"""Speaks with Bluesky for one account, through the atproto SDK and the one door.

The SDK logs in, renews the session and finds links and handles in a text; its models of answers are not used, because
one odd post in a hundred would cost all of them.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from bot.connectors.bluesky_post import Place
from bot.connectors.fields import ODD_ANSWER, Fields, clean, host_of, parts
from bot.connectors.tools import Tools
from bot.egress.bluesky import BLUESKY
from bot.egress.door import Door
from bot.errors import Permanent, Transient, Unauthorised, Uncertain
from bot.model import Platform

TOGETHER: Final = 25
"""Most posts asked for in one request."""

_ENDED: Final = frozenset({"ExpiredToken", "InvalidToken"})
"""How a server names a session that it does not know any more; the status is a plain 400."""

_POSTS: Final = "app.bsky.feed.getPosts"


_REFRESH: Final = "com.atproto.server.refreshSession"

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
        raise (Uncertain(ODD_ANSWER) if writing else Transient(ODD_ANSWER)) from None


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
            raise Transient(ODD_ANSWER)
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
            found.update((clean(view.get("uri")), view) for view in listed_under(answer, "posts"))
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


def listed_under(answer: Fields, name: str) -> tuple[Fields, ...]:
    """The objects under ``name``.

    Raises:
        Transient: there is no list of objects.
    """
    listed = answer.get(name)
    found = parts(listed)
    if not isinstance(listed, list) or (listed and not found):
        raise Transient(ODD_ANSWER)
    return found


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
        return tools.door("bluesky", [home], BLUESKY, source.account)

    return Client(home, source.account.removeprefix("@"), tools.secret(source.app_password), door, source.did)
