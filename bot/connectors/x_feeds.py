"""How a list of posts on X is read: newest first by the platform, oldest first by us, and nothing twice.

Pure but for the calls that a feed is given. X bills every post that it sends, so what lies between two fetches is
walked once, noting where its pages end, and then handed on window by window from the lowest. Pages that were paid for
stay in memory until then; after a restart they are asked for again. Of what is not public no word stays.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.connectors.fields import ODD_ANSWER, Fields, part, parts
from bot.connectors.pages import Spoilt, sizes, taken
from bot.connectors.x_post import Around, id_at, number, time_of
from bot.errors import Permanent, Transient
from bot.model import Visibility

PAGE: Final = 100
"""Most posts that one request to the API brings."""

FEWEST: Final = 10
"""Fewest posts that a search can be asked for."""

LONGEST_WALK: Final = 25
"""Requests that one fetch makes at most on the way back to where a feed stood; the next fetch walks on."""


MOST_KEPT: Final = 40
"""Pages that are kept of one feed at most; the lowest, which are handed on first."""

KEPT_MS: Final = 3_600_000
"""How long a page is kept: what is deleted on X must not come out of here long after."""

_HOLE: Final = 1_000 << 22
"""What is passed over where a post cannot be taken: the ids of a second."""

_SETTLED_MS: Final = 86_400_000
"""After this time X lists no post late any more."""
_LARGEST: Final = 2**63

Query = Mapping[str, str | int]


def problems(answer: Fields) -> frozenset[str]:
    """What an answer of status 200 says went wrong, as the last words of X's problem types."""
    types = (each.get("type") for each in parts(answer.get("errors")))
    return frozenset(each.rpartition("/")[2] for each in types if isinstance(each, str))


@dataclass(frozen=True, slots=True)
class Listing:
    """Posts of one answer by id, newest first; ``token`` leads to older ones, empty at the end."""

    posts: tuple[tuple[int, Fields], ...]
    around: Around
    token: str
    broken: int = 0

    @classmethod
    def of(cls, answer: object) -> "Listing":
        """From an answer that lists posts. Errors beside posts only say what was left out.

        Raises:
            Permanent: X refuses the list itself.
            Transient: it is no list.
        """
        whole = part(answer)
        found, meta = whole.get("data"), part(whole.get("meta"))
        if not isinstance(found, list) and meta.get("result_count") != 0:
            if problems(whole):
                raise Permanent("X does not give this list out. Is the account's id right?")
            raise Transient(ODD_ANSWER)
        listed = found if isinstance(found, list) else []
        known = {ident: each for each in parts(listed) if (ident := number(each.get("id"))) is not None}
        token = meta.get("next_token")
        return cls(
            tuple(sorted(known.items(), reverse=True)),
            Around.of(whole.get("includes")),
            token if isinstance(token, str) else "",
            len(listed) - len(known),
        )


@dataclass(frozen=True, slots=True)
class Feed:
    """One list of posts, newest first, as far as X gives it out.

    Attributes:
        token: what the API calls the place to read on from.
        served: most posts that are walked back.
        affordable: whether one more request may be paid for; asked before each.
        look_back: milliseconds that the list reaches back; 0 for no limit.
        vital: without it a fetch has failed.
    """

    key: str
    read: Callable[[Query], Listing]
    token: str
    served: int
    affordable: Callable[[], bool] = lambda: True
    look_back: int = 0
    vital: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a feed stands. Posts up to the id ``at`` were handed on; ``tops`` end the windows above, highest first."""

    at: int
    tops: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What a feed brought, oldest first, and where it stands then; ``starved``: the next request was too dear."""

    listing: Listing
    posts: tuple[tuple[int, Fields], ...]
    stand: Stand | None
    more: bool = False
    gap: tuple[int, int] | None = None
    starved: bool = False


@dataclass(frozen=True, slots=True)
class _Window:
    """A page that holds all posts from the id ``low`` to the end of its window, read at ``at``."""

    listing: Listing
    low: int
    at: int


class Kept:
    """Pages of one feed that were paid for and not wholly handed on, by the id that ends their window above."""

    def __init__(self) -> None:
        self._windows: dict[int, _Window] = {}

    def keep(self, top: int, low: int, listing: Listing, now: int) -> None:
        """Keep a page that holds all posts from ``low`` to below ``top``."""
        if not listing.posts or low >= top:
            return
        seen = listing.around.visibility_of
        posts = tuple((ident, post if seen(post) is Visibility.PUBLIC else {}) for ident, post in listing.posts)
        self._windows[top] = _Window(replace(listing, posts=posts, broken=0), low, now)
        if len(self._windows) > MOST_KEPT:
            del self._windows[max(self._windows)]

    def below(self, top: int) -> _Window | None:
        """The page whose window ends at ``top``."""
        return self._windows.get(top)

    def tidy(self, at: int, now: int) -> None:
        """Let go what was handed on up to the id ``at``, and what is too old."""
        self._windows = {
            top: window
            for top, window in self._windows.items()
            if window.listing.posts[0][0] > at and now - window.at < KEPT_MS
        }


@dataclass(frozen=True, slots=True)
class _Bottom:
    """The page right above where a feed stands, and how the walk to it went.

    ``deep``: X serves no more below it. ``kept``: it was paid for before. Without an end it was not reached.
    """

    listing: Listing
    ended: bool = False
    deep: bool = False
    kept: bool = False
    starved: bool = False


_NOTHING: Final = Listing((), Around({}, {}, {}, {}), "")


def news(feed: Feed, stand: Stand | None, share: int, now: int, kept: Kept) -> News:
    """At most ``share`` posts after ``stand``, oldest first; of a feed without a stand its newest ones.

    Raises:
        PlatformError: what the feed's ``read`` raises.
    """
    settled = id_at(now - _SETTLED_MS)
    if stand is None:
        return _first_look(feed, share, settled)
    floor = id_at(now - feed.look_back) if feed.look_back else 0
    at, tops = max(stand.at, floor), [top for top in stand.tops if top > floor]
    lost = (time_of(stand.at), time_of(floor)) if at > stand.at else None
    kept.tidy(at, now)
    known = len(tops)
    bottom = _bottom(feed, at, tops, kept, now)
    if bottom.starved and len(tops) == known:
        return News(_NOTHING, (), stand, starved=True)
    listing = bottom.listing
    if not bottom.ended:
        more = len(tops) > known and not bottom.starved
        return News(listing, (), Stand(at, tuple(tops)), more, lost, bottom.starved)
    if bottom.deep:
        lost = (time_of(stand.at), time_of(min([ident for ident, _ in listing.posts] or tops)))
    top = tops[-1] if tops else _LARGEST
    fresh = tuple((ident, post) for ident, post in listing.posts[::-1] if at < ident < top)
    if len(fresh) > share:
        return News(listing, fresh[:share], Stand(fresh[share - 1][0], tuple(tops)), more=True, gap=lost)
    if tops:
        return News(listing, fresh, Stand(top - 1, tuple(tops[:-1])), more=True, gap=lost)
    return News(listing, fresh, Stand(max(at, settled, *(ident for ident, _ in fresh))), more=bottom.kept, gap=lost)


def _first_look(feed: Feed, share: int, settled: int) -> News:
    if not feed.affordable():
        return News(_NOTHING, (), None, starved=True)
    listing, _ = _page(feed, {}, min(max(share, FEWEST), PAGE))
    newest = listing.posts[:share][::-1]
    return News(listing, newest, Stand(newest[-1][0] if newest else settled))


def _page(feed: Feed, query: Query, most: int) -> tuple[Listing, int]:
    """At most ``most`` posts, and how many were asked for in the end."""
    return taken(lambda size: feed.read({**query, "max_results": size}), sizes(most, FEWEST))


def _around(feed: Feed, at: int, top: int) -> tuple[int, int] | None:
    """Where the post stands that spoils the window from ``at`` to ``top``: two ids with little time between.

    ``None`` if the search for it is too dear.

    Raises:
        Spoilt: not even a window without any post can be taken, so it is the platform.
    """
    low, high = at + 1, top
    reached = low
    while True:
        if not feed.affordable():
            return None
        try:
            _page(feed, {"since_id": at, "until_id": reached}, FEWEST)
            low = reached
        except Spoilt:
            if reached == at + 1:
                raise
            high = reached
        if high - low <= _HOLE:
            return low, high
        reached = (low + high) // 2


def _bottom(feed: Feed, at: int, tops: list[int], kept: Kept, now: int) -> _Bottom:
    """Walk down to the page right above ``at``, noting in ``tops`` where the pages on the way end.

    The second that holds a post which cannot be taken is told as a gap when its turn comes; else it is gone around.
    """
    query: dict[str, str | int] = {"since_id": at, **({"until_id": tops[-1]} if tops else {})}
    listing = _NOTHING
    for _ in range(LONGEST_WALK):
        top = tops[-1] if tops else _LARGEST
        window = kept.below(top)
        if window is not None and window.low <= at + 1:
            return _Bottom(window.listing, ended=True, kept=True)
        if window is not None:
            tops.append(window.low)
            query = {"since_id": at, "until_id": window.low}
            continue
        if not feed.affordable():
            return _Bottom(listing, starved=True)
        try:
            listing, size = _page(feed, query, PAGE)
        except Spoilt:
            end = tops[-1] if tops else max(id_at(now), at + 1)
            hole = _around(feed, at, end)
            if hole is None:
                return _Bottom(listing, starved=True)
            low, high = hole
            tops += [high] if high != end or not tops else []
            if low == at + 1:
                return _Bottom(_NOTHING, ended=True, deep=True)
            tops.append(low)
            query = {"since_id": at, "until_id": low}
            continue
        deep = PAGE * len(tops) + len(listing.posts) >= feed.served
        ended = deep or not listing.token
        low = at + 1 if ended or not listing.posts else listing.posts[-1][0]
        kept.keep(top, low, listing, now)
        if ended:
            return _Bottom(listing, ended=True, deep=deep)
        tops += [low] if listing.posts else []
        if size < PAGE and listing.posts:
            query = {"since_id": at, "until_id": low}
        else:
            query[feed.token] = listing.token
    return _Bottom(listing)


def write_cursor(stands: Mapping[str, Stand], turn: int) -> str:
    """Where each feed stands, and whose turn it is, as JSON."""
    known = {key: [stand.at, *stand.tops] for key, stand in stands.items()}
    return json.dumps({"stands": known, "turn": turn}, sort_keys=True)


def read_cursor(cursor: str) -> tuple[dict[str, Stand], int]:
    """Where each feed stands, and whose turn it is. One that cannot be read starts anew: posts are known by key."""
    try:
        state = json.loads(cursor) if cursor else {}
        ids = {str(key): [int(ident) for ident in known] for key, known in state.get("stands", {}).items()}
        turn = int(state.get("turn", 0))
    except (ValueError, TypeError, AttributeError, OverflowError):
        return {}, 0
    sound = {key: known for key, known in ids.items() if known and all(0 < ident < _LARGEST for ident in known)}
    return {key: Stand(known[0], tuple(known[1:])) for key, known in sound.items()}, turn
