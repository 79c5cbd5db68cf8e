"""Where a feed of Bluesky stands, and the walk back to there. No network of its own and no clock.

Feeds are sorted by a time, newest first, that is not unique and that posts may come in behind. So a stand is a time,
a look back behind it, and the short names of the states that were already handed on within that look back.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Self

from bot.connectors.fields import Fields, clean, instant, part
from bot.connectors.pages import Spoilt, sizes, taken
from bot.errors import Permanent, PlatformError
from bot.model import Mention

PAGE: Final = 100
"""Most entries that one request to the API brings."""

LONGEST_WALK: Final = 25
"""Requests that one fetch makes at most to close the gap to where a feed stood."""

OVERLAP_MS: Final = 1_800_000
"""How far a fetch looks back behind the newest post it knows: posts come in late, and people's clocks are wrong."""

_LATEST: Final = 253_402_300_799_999
"""The end of the year 9999, the last one that a date can be written of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One post as a feed lists it: its address, the time that the feed is sorted by, and the post if it came along."""

    uri: str
    cid: str
    at: int
    post: Fields | None = None

    @classmethod
    def of(cls, listed: Fields, post: Fields | None) -> Self:
        """An entry from what the API lists. A post's place is the earlier of its own date and that of its arrival."""
        told = (instant(listed.get("indexedAt")), instant(part(post and post.get("record")).get("createdAt")))
        return cls(
            clean(listed.get("uri")),
            clean(listed.get("cid")),
            min((at for at in told if at is not None), default=0),
            post,
        )

    @property
    def mark(self) -> str:
        """Short name of this state of the post; after an edit it is another."""
        return hashlib.sha256(f"{self.uri} {self.cid}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a feed was read: to the time ``at``, never below ``low``, and the states seen within the look back."""

    at: int
    low: int
    seen: frozenset[str] = frozenset()

    @property
    def floor(self) -> int:
        """The oldest time that is looked at again."""
        return max(self.low, self.at - OVERLAP_MS)


Read = Callable[[int, int, str], tuple[list[Entry], str]]
"""(oldest time, most entries, cursor of the API) -> entries, newest first, and the cursor of the page behind them."""


@dataclass(slots=True)
class Round:
    """What one fetch has come by so far."""

    known: frozenset[str]
    dropped: Counter[str] = field(default_factory=Counter)
    found: dict[str, Mention] = field(default_factory=dict)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    failures: list[PlatformError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk found, by mark, the oldest time it reached, and whether it ended before the stand."""

    found: Mapping[str, Entry]
    low: int
    cut: bool = False

    def moved(self, stand: Stand, taken: Sequence[Entry], *, rest: bool, known: frozenset[str], now: int) -> Stand:
        """The stand after ``taken``, oldest first, was handed on; ``rest``: there is newer that was not."""
        newest = max((entry.at for entry in (taken if rest else self.found.values())), default=stand.at)
        # A date in the future must not hide what comes until then.
        at, low = max(stand.at, min(newest, now)), max(stand.low, self.low if self.cut else 0)
        floor = Stand(at, low).floor
        seen = (mark for mark, entry in self.found.items() if mark in known and entry.at >= floor)
        return Stand(at, low, frozenset(seen))


def _page(read: Read, oldest: int, most: int, cursor: str) -> tuple[tuple[list[Entry], str], int]:
    """At most ``most`` entries with the cursor behind them, and how many were asked for in the end."""
    return taken(lambda size: read(oldest, size, cursor), sizes(most))


def first(read: Read, most: int) -> tuple[Walk, Stand]:
    """The newest entries of a feed that was never read, and a stand that leaves all older ones alone."""
    (entries, _), size = _page(read, 0, min(most, PAGE), "")
    found = {entry.mark: entry for entry in entries[:most]}
    low = min((entry.at for entry in found.values()), default=0) if len(entries) >= size else 0
    return Walk(found, low), Stand(low, low)


def back(read: Read, stand: Stand) -> Walk:
    """Everything above the stand's floor, as far as the platform lets us walk and every post can be taken.

    Raises:
        PlatformError: what the first request raised, or a later one that may be repeated.
    """
    found: dict[str, Entry] = {}
    cursor = ""
    for _ in range(LONGEST_WALK):
        try:
            (entries, following), _ = _page(read, stand.floor, PAGE, cursor)
        except (Permanent, Spoilt) as failure:
            # Some servers refuse to page on and on, and no way leads around a post; what came until then counts.
            if type(failure) not in {Permanent, Spoilt} or not cursor:
                raise
            break
        fresh = {entry.mark: entry for entry in entries if entry.at >= stand.floor and entry.mark not in found}
        found |= fresh
        if not following or not fresh:
            return Walk(found, stand.floor)
        cursor = following
    return Walk(found, min((entry.at for entry in found.values()), default=stand.floor), cut=True)


def written(stands: Mapping[str, Stand], turn: int) -> str:
    """The cursor: where each feed stands, and whose turn it is next."""
    state = {key: {"at": stand.at, "low": stand.low, "seen": sorted(stand.seen)} for key, stand in stands.items()}
    return json.dumps({"stands": state, "turn": turn}, sort_keys=True)


def read_cursor(cursor: str) -> tuple[dict[str, Stand], int]:
    """What ``written`` wrote. A cursor that cannot be read starts anew: posts are known by key."""
    try:
        state = json.loads(cursor) if cursor else {}
        stands = {
            str(key): Stand(int(each["at"]), int(each["low"]), frozenset(map(str, each["seen"])))
            for key, each in state.get("stands", {}).items()
        }
        if any(not 0 <= at <= _LATEST for stand in stands.values() for at in (stand.at, stand.low)):
            return {}, 0
        return stands, int(state.get("turn", 0))
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
        return {}, 0


def stamp(at: int) -> str:
    """A time in UTC milliseconds as the API writes it."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
