"""Listens to one RSS or Atom feed: asks for exactly one address, and hears every entry once and again when edited.

It owns the one request, what was already heard, and the feed library, which gets bytes that ``feed_screen`` made
and never fetches anything. A feed only shows its newest entries: what left it between two polls is reported as a gap.
"""

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Final, Literal

import feedparser
import requests
from pydantic import AfterValidator, Field

from bot.config.models import Shape
from bot.config.places import address as whole_address
from bot.connectors.feed_post import Place, Post, as_fields, key_of, text_of
from bot.connectors.feed_screen import NoFeed, screen
from bot.connectors.fields import Unreadable
from bot.connectors.tools import Tools
from bot.egress.feeds import feed_rules, objection
from bot.errors import EgressRefused, Permanent, Transient
from bot.model import Mention, Page, Platform
from bot.ports import Clock

REMEMBERED: Final = 500
"""Entries that left the feed and are still known, should they come back; those that stand in it always are."""

_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
_MARK = re.compile(r"[!-~](?:[ -~]{0,298}[!-~])?")
_NOT_MODIFIED = 304
Marks = tuple[str, str, str]
# What the feed library may raise on values that nobody foresaw.
_LIBRARY_ERRORS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, AssertionError)


def _address(value: str) -> str:
    """The address as it is sent, if the door would ask for it."""
    try:
        sent = requests.Request("GET", whole_address(value)).prepare().url or ""
    except requests.RequestException:
        raise ValueError("Write the whole address, such as https://blog.example/feed.xml.") from None
    if reason := objection(sent):
        raise ValueError(f"The one door of the house cannot ask for this address: {reason}.")
    return sent


class Source(Shape):
    """One feed. ``owned``: it is a page of ours, such as the comments below our own blog."""

    kind: Literal[Platform.FEED]
    address: Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_address)]
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """What the cursor knows.

    ``seen`` maps entries to the date of their last edit, or 0. ``newest`` is the date of the newest of them, ``since``
    where a back-fill begins, ``waits`` how many entries a fetch left for the next. ``etag``, ``modified`` and
    ``digest`` belong to an answer that was taken in completely.
    """

    seen: Mapping[str, int] = field(default_factory=dict)
    newest: int | None = None
    etag: str = ""
    modified: str = ""
    digest: str = ""
    since: int | None = None
    waits: int = 0

    def lacks(self, key: str, post: Post) -> bool:
        """Whether ``post`` is to be heard: it is new and not older than the back-fill, or was edited."""
        if key in self.seen:
            return post.stamp not in {0, self.seen[key]}
        return self.since is None or post.mention.created_at >= self.since

    def heard(self, key: str, post: Post) -> Mention:
        """The post as it is handed on: one that comes again was edited, also where it bears one date only."""
        return replace(post.mention, edited_at=post.stamp) if key in self.seen else post.mention


def connector(source: Source, tools: Tools) -> "FeedConnector":
    """The reader of ``source``."""
    door = tools.door("feed", [source.address], feed_rules(source.address), source.account)
    return FeedConnector(source, door, tools.clock)


class FeedConnector:
    """Hears the entries of ``source`` through ``session``, a door that knows this one address."""

    def __init__(self, source: Source, session: requests.Session, clock: Clock) -> None:
        self.name = source.name
        self._address = source.address
        self._place = Place(source.address, source.account, source.owned)
        self._session = session
        self._clock = clock

    def fetch(self, cursor: str, limit: int) -> Page:
        """See ``Connector.fetch``. The first fetch brings the newest entries; an edited entry comes again.

        Raises:
            RateLimited, Transient, Unauthorised, Gone, Permanent: what the door says; Transient also for an answer that
                is no feed, Permanent also for an address that leads elsewhere.
        """
        stand = _read_cursor(cursor)
        answer = self._ask(stand or Stand())
        digest = hashlib.sha256(answer.content).hexdigest()[:16]
        if stand is not None and (answer.status_code == _NOT_MODIFIED or digest == stand.digest):
            return Page((), cursor)
        posts, dropped, whole = self._read(answer)
        marks = (_mark(answer.headers.get("ETag")), _mark(answer.headers.get("Last-Modified")), digest)
        return self._page(stand, posts, limit, dropped, marks if whole else None)

    def since(self, at: int) -> str:
        """A cursor that brings what stands in the feed from ``at`` on."""
        return json.dumps(asdict(Stand(since=at)))

    def _ask(self, stand: Stand) -> requests.Response:
        headers = {"User-Agent": "Earshot", "Accept": _ACCEPT}
        headers |= {"If-None-Match": stand.etag} if stand.etag else {}
        headers |= {"If-Modified-Since": stand.modified} if stand.modified else {}
        try:
            return self._session.get(self._address, headers=headers)
        except EgressRefused:
            # The address itself passed the door's own check; so the server answered with another one.
            raise Permanent("The feed has moved: write the address that it is found at by hand.") from None

    def _read(self, answer: requests.Response) -> tuple[dict[str, Post], Counter[str], bool]:
        """The entries, oldest first, by their keys; what was left out; whether the feed was read to its end.

        Raises:
            Transient: it is no feed.
        """
        try:
            screened = screen(text_of(answer.content, answer.headers.get("Content-Type", "")))
        except NoFeed as fault:
            raise Transient(str(fault)) from None
        parsed = _parsed(screened.document)
        feed, now = as_fields(parsed.feed), self._clock.now()
        dropped = Counter({"broken": screened.broken + (not screened.whole)})
        posts: dict[str, Post] = {}
        for entry in parsed.entries:
            try:
                post = self._place.post(as_fields(entry), feed, now)
            except Unreadable:
                dropped["broken"] += 1
                continue
            posts.setdefault(key_of(post.mention), post)
        if not posts and not screened.whole:
            raise Transient("The feed is not readable XML.")
        # Feeds begin with the newest. Of two entries of one instant the lower one is older.
        in_order = list(reversed(posts.items()))
        in_order.sort(key=lambda each: each[1].mention.created_at)
        return dict(in_order), +dropped, screened.whole

    def _page(
        self, stand: Stand | None, posts: Mapping[str, Post], limit: int, dropped: Counter[str], marks: Marks | None
    ) -> Page:
        """The oldest of what was not heard yet, and where that leads. Without ``marks`` the feed broke off."""
        known, whole = stand or Stand(), marks is not None
        fresh = [key for key, post in posts.items() if known.lacks(key, post)]
        if stand is None:
            fresh = fresh[-limit:]
        # A feed that calls its entries anew at each look would be read without end: what waits must grow less.
        waits = len(fresh) - limit
        given, more = fresh[:limit], waits > 0 and (not known.waits or len(fresh) <= known.waits)
        window = {key: posts[key].stamp for key in (given if more else posts)}
        left = [key for key in known.seen if key not in window]
        left = left[: max(0, REMEMBERED - len(window))]
        following = Stand(
            {**window, **{key: known.seen[key] for key in left}},
            _newest([posts[key] for key in window], known.newest, self._clock.now()),
            *(marks if marks and not more else ("", "", "")),
            known.since if more else None,
            waits if more else 0,
        )
        mentions = tuple(known.heard(key, posts[key]) for key in given)
        gap = _gap(known, posts, self._clock.now()) if whole else None
        return Page(mentions, json.dumps(asdict(following)), more, dict(dropped), gap)


def _newest(heard: Sequence[Post], before: int | None, now: int) -> int | None:
    """The newest date of what was heard. Dates in the future count only where there are no others."""
    dates = [post.mention.created_at for post in heard if post.dated]
    past = [date for date in dates if date <= now] + ([] if before is None else [before])
    return max(past or dates, default=None)


def _gap(known: Stand, posts: Mapping[str, Post], now: int) -> tuple[int, int] | None:
    """From the newest entry that was heard to the oldest one shown, if the feed shows none of the former."""
    if not posts or not known.seen or known.newest is None or posts.keys() & known.seen.keys():
        return None
    oldest = min((post.mention.created_at for post in posts.values() if post.dated), default=now)
    return (known.newest, oldest) if known.newest < oldest else None


def _mark(header: str | None) -> str:
    """A header that may be sent back as it came; empty for one that no request could hold."""
    return header if header and _MARK.fullmatch(header) else ""


def _read_cursor(cursor: str) -> Stand | None:
    """Where the source stands; ``None`` at the first time and for a cursor that is none of ours."""
    try:
        state = json.loads(cursor)
        stand = Stand(**state)
    except (ValueError, TypeError):
        return None
    texts, times = (stand.etag, stand.modified, stand.digest), (stand.newest, stand.since)
    sound = (
        isinstance(stand.seen, dict)
        and all(isinstance(stamp, int) for stamp in stand.seen.values())
        and all(isinstance(text, str) for text in texts)
        and all(time is None or isinstance(time, int) for time in times)
        and isinstance(stand.waits, int)
    )
    return stand if sound else None


def _parsed(document: bytes) -> feedparser.FeedParserDict:
    """What the library makes of a screened document.

    Raises:
        Transient: it fails.
    """
    try:
        return feedparser.parse(
            io.BytesIO(document),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except _LIBRARY_ERRORS:
        raise Transient("The feed cannot be read.") from None
