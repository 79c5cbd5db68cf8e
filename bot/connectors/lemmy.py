"""Reads a Lemmy server with our account: who mentions or answers us, searches, and communities.

It asks for the lists of mentions and replies and never for that of messages, which stand beside them.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator

from bot.config.bases import Name, Token
from bot.config.models import Shape
from bot.config.places import origin, server
from bot.connectors.fields import ODD_ANSWER, Fields, clean, instant, name, part
from bot.connectors.forum import Entry, Feed, LetFall, NewestFirst, Pages, Read, entries_of
from bot.connectors.forum_site import Site, fields_of, listed
from bot.connectors.lemmy_post import Place, deleted
from bot.connectors.pages import pieces
from bot.connectors.tools import Tools
from bot.egress.door import Door
from bot.egress.forums import LEMMY
from bot.errors import Transient, Unauthorised
from bot.model import Mention, Platform

API: Final = "/api/v3"
PAGE: Final = 50
"""Most posts that one request brings."""


class Source(Shape):
    """Our account on one server. ``communities`` are read whole: "name", or "name@server" of another server."""

    kind: Literal[Platform.LEMMY]
    account: Name
    server: Annotated[Name, AfterValidator(server)]
    password: Token
    searches: tuple[Name, ...] = ()
    communities: tuple[Name, ...] = ()
    mentions: bool = True


class Client:
    """Our account on one server. It logs in when it is first needed, and again when its leave has run out."""

    def __init__(self, site: Site, account: str, password: str) -> None:
        self.site = site
        self._names = {"username_or_email": account, "password": password}
        self._jwt = ""

    def _bearer(self) -> Mapping[str, str]:
        if not self._jwt:
            self._jwt = clean(fields_of(self.site.post(f"{API}/user/login", self._names)).get("jwt"))
        if not self._jwt:
            raise Transient(ODD_ANSWER)
        return {"Authorization": f"Bearer {self._jwt}"}

    def get(self, path: str, query: Mapping[str, str | int]) -> Fields:
        """Read ``path`` below the API.

        Raises:
            PlatformError: what the door says; Transient for an answer that is no object.
        """
        fresh = not self._jwt
        try:
            return fields_of(self.site.get(API + path, query, self._bearer()))
        except Unauthorised:
            self._jwt = ""
            if fresh:
                raise
        return fields_of(self.site.get(API + path, query, self._bearer()))

    def post(self, path: str, body: Mapping[str, str | int]) -> object:
        """Send ``body``, once: a leave that has run out is found by a read before.

        Raises:
            PlatformError: what the door says.
        """
        return self.site.post(API + path, body, self._bearer())


def client(source: Source, tools: Tools) -> Client:
    """Our account of ``source`` behind the door.

    Raises:
        EarshotError: its password is missing.
    """

    def door() -> Door:
        home = origin(source.server)
        return tools.door("lemmy", [home], LEMMY, source.account)

    return Client(Site(source.server, door), source.account, tools.secret(source.password))


def place_of(source: Source, client: Client) -> Place:
    """The server and our account there."""
    return Place(client.site.origin, client.site.surface, source.account.removeprefix("@"))


def connector(source: Source, tools: Tools) -> "LemmyConnector":
    """The reader of ``source``."""
    return LemmyConnector(source, tools)


class LemmyConnector(NewestFirst):
    """Hears who mentions or answers our account, what searches find and what communities say."""

    def __init__(self, source: Source, tools: Tools) -> None:
        self._client = client(source, tools)
        self._place = place_of(source, self._client)
        found = {"listing_type": "All"}
        whole = {"type_": "All"}
        feeds = [
            *self._notices(on=source.mentions),
            *(
                Feed(f"search:{list_}:{words}", self._list("/search", list_, {**found, "q": words, "type_": type_}))
                for words in source.searches
                for list_, type_ in (("comments", "Comments"), ("posts", "Posts"))
            ),
            *(
                Feed(f"{list_}:{community}", self._list(path, list_, {**whole, "community_name": community}))
                for community in source.communities
                for list_, path in (("comments", "/comment/list"), ("posts", "/post/list"))
            ),
        ]
        super().__init__(source.name, feeds, tools.clock)

    def _notices(self, *, on: bool) -> list[Feed]:
        if not on:
            return []
        return [
            Feed("mentions", self._list("/user/mention", "mentions", {}), vital=True),
            Feed("replies", self._list("/user/replies", "replies", {}), vital=True),
        ]

    def understand(self, post: Fields) -> Mention:
        """See ``NewestFirst.understand``."""
        if deleted(post):
            raise LetFall("deleted")
        return self._place.mention(post)

    def _list(self, path: str, list_: str, query: Mapping[str, str]) -> Read:
        def read(start: int, known: Collection[str] | None) -> Pages:  # noqa: ARG001 - the list knows no time
            begin, follows = 0, True
            while follows:
                entries, follows = self._page(path, list_, query, begin)
                yield entries, follows
                begin += PAGE

        return read

    def _page(self, path: str, list_: str, query: Mapping[str, str], begin: int) -> tuple[list[Entry], bool]:
        """The posts of a list from place ``begin`` on, and whether others follow. One that spoils the page is left out.

        Raises:
            Spoilt: none of them can be taken.
        """

        def ask(at: int, size: int) -> tuple[Fields, ...]:
            asked: dict[str, str | int] = {**query, "sort": "New", "page": at // size + 1, "limit": size}
            return listed(self._client.get(path, asked), list_)

        views, follows = pieces(ask, begin, PAGE)
        return entries_of(views, _entry), follows


def _entry(view: Fields) -> Entry:
    """A view in its list. Notices are sorted by the time of the notice, which comes when the comment arrives here."""
    said = part(view.get("comment")) or part(view.get("post"))
    notice = part(view.get("person_mention")) or part(view.get("comment_reply")) or said
    word = "comment" if part(view.get("comment")) else "post"
    return Entry(f"{word}-{name(said.get('id'))}", instant(notice.get("published")) or 0, view)
