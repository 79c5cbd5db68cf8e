"""How a list of posts on X is read: newest first by the platform, oldest first by us, and nothing twice.

Pure but for the one call that a feed is given. X bills every post that it sends, so what lies between two fetches is
walked once, noting where its pages end, and then read window by window from the lowest.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.connectors.fields import Fields, part, parts
from bot.connectors.x_post import Around, id_at, number, time_of
from bot.errors import Permanent, Transient

PAGE: Final = 100
"""Most posts that one request to the API brings."""

FEWEST: Final = 10
"""Fewest posts that a search can be asked for."""

LONGEST_WALK: Final = 25
"""Requests that one fetch makes at most on the way back to where a feed stood; the next fetch walks on."""

UNEXPECTED: Final = "The platform's answer is of an unexpected form."

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
            raise Transient(UNEXPECTED)
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
        look_back: milliseconds that the list reaches back; 0 for no limit.
        vital: without it a fetch has failed.
    """

    key: str
    read: Callable[[Query], Listing]
    token: str
    served: int
    look_back: int = 0
    vital: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a feed stands. Posts up to the id ``at`` were handed on; ``tops`` end the windows above, highest first."""

    at: int
    tops: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What a feed brought, oldest first, and where it stands then."""

    listing: Listing
    posts: tuple[tuple[int, Fields], ...]
    stand: Stand
    more: bool = False
    gap: tuple[int, int] | None = None


def news(feed: Feed, stand: Stand | None, share: int, now: int) -> News:
    """At most ``share`` posts after ``stand``, oldest first; of a feed without a stand its newest ones.

    Raises:
        PlatformError: what the feed's ``read`` raises.
    """
    settled = id_at(now - _SETTLED_MS)
    if stand is None:
        listing = feed.read({"max_results": min(max(share, FEWEST), PAGE)})
        newest = listing.posts[:share][::-1]
        return News(listing, newest, Stand(newest[-1][0] if newest else settled))
    floor = id_at(now - feed.look_back) if feed.look_back else 0
    at, tops = max(stand.at, floor), [top for top in stand.tops if top > floor]
    lost = (time_of(stand.at), time_of(floor)) if at > stand.at else None
    listing, ended, deep = _bottom(feed, at, tops)
    if not ended:
        return News(listing, (), Stand(at, tuple(tops)), more=len(tops) > len(stand.tops), gap=lost)
    if deep:
        lost = (time_of(stand.at), time_of(min([ident for ident, _ in listing.posts] or tops)))
    top = tops[-1] if tops else _LARGEST
    fresh = tuple((ident, post) for ident, post in listing.posts[::-1] if at < ident < top)
    if len(fresh) > share:
        return News(listing, fresh[:share], Stand(fresh[share - 1][0], tuple(tops)), more=True, gap=lost)
    if tops:
        return News(listing, fresh, Stand(top - 1, tuple(tops[:-1])), more=True, gap=lost)
    return News(listing, fresh, Stand(max(at, settled, *(ident for ident, _ in fresh))), gap=lost)


def _bottom(feed: Feed, at: int, tops: list[int]) -> tuple[Listing, bool, bool]:
    """Walk down to the page right above ``at``, noting in ``tops`` where the pages on the way end.

    Returns that page, whether the walk came to its end, and whether it did so because X serves no more.
    """
    query: dict[str, str | int] = {"max_results": PAGE, "since_id": at, **({"until_id": tops[-1]} if tops else {})}
    listing = Listing((), Around({}, {}, {}, {}), "")
    for _ in range(LONGEST_WALK):
        listing = feed.read(query)
        deep = PAGE * len(tops) + len(listing.posts) >= feed.served
        if deep or not listing.token:
            return listing, True, deep
        tops += [listing.posts[-1][0]] if listing.posts else []
        query[feed.token] = listing.token
    return listing, False, False


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
