"""What the forums have in common: a site behind the door, and lists that stand newest first, read forwards in time.

Posts surface late: a search index lags, other servers deliver hours after the writing, a queue lets go of a post. So
every fetch reads once more over the last hour, and the cursor remembers what of it is known. No network of its own.
"""

import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.connectors.fields import Fields, Unreadable
from bot.connectors.pages import Spoilt
from bot.errors import EgressRefused, Permanent, PlatformError, RateLimited, Unauthorised
from bot.model import Mention, Page, Visibility
from bot.ports import Clock

OVERLAP_MS: Final = 3_600_000
"""How far below its stand a feed is read again."""

LONGEST_WALK: Final = 20
"""Requests that one fetch makes at most to close the gap to where a feed stood."""

MOST_SEEN: Final = 500
"""Posts that a feed remembers at most. Where an hour has more of them, less than an hour is read again."""

MOST_AHEAD: Final = 5_000
"""Posts dated ahead of our clock that it remembers besides: more than a walk finds, or they would be told for ever."""
MOST_HELD: Final = 10_000
"""Posts that are handed on at most before a feed that stands still for others moves on without them, with a gap."""
MOST_TRIES: Final = 8
"""How often a post is asked for that the platform does not give: over two hours, at twice the distance each time."""
MOST_OWED: Final = 100
"""Such posts of one feed at most; with more of them it is the feed that does not answer."""
_FIRST_WAIT_MS: Final = 60_000

# A line with a ">" in front is somebody else's, but for the angry faces.
_QUOTED_LINE = re.compile(r"^[ \t]{0,3}>(?![:;=_.<]).*$", re.MULTILINE)


class LetFall(Exception):
    """A post that goes no further. The message is the reason that it is counted by."""


class Enough(Exception):
    """This fetch has asked the platform often enough; what is left comes with the next."""


def own_lines(text: str) -> str:
    """``text`` without the lines that quote somebody, as one writes them where there is no other way to quote."""
    return re.sub(r"\n{3,}", "\n\n", _QUOTED_LINE.sub("", text)).strip()


@dataclass(frozen=True, slots=True)
class Entry:
    """One post of a list: its key there, the time that the list is sorted by in UTC milliseconds, and the post.

    ``listed``: the list itself told of it; else it was found behind one that the list told of. ``waiting``: others
    stand behind it that this fetch did not ask for; until they are told, the feed stands still.
    """

    key: str
    at: int
    post: Fields
    listed: bool = True
    waiting: bool = False


def entries_of(views: Sequence[Fields | None], entry: Callable[[Fields], Entry]) -> list[Entry]:
    """The entries of a page; ``None`` stands for a post that cannot be taken.

    It is counted once, as broken, by the name of the one above it; its own is not known.
    """
    found: list[Entry] = []
    for view in views:
        if view is not None:
            found.append(entry(view))
        elif found:
            found.append(Entry(f"below {found[-1].key}", found[-1].at, {}))
    return found


Pages = Iterator[tuple[Sequence[Entry], bool]]
"""Pages of a list, newest first, each with whether another one follows."""

Read = Callable[[int, Collection[str] | None], Pages]
"""Reads a list down to a time; is told what is known of it, and nothing if it was never read."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One list, newest first. ``vital``: without it a fetch has failed. ``pages``: how many are served or walked."""

    key: str
    read: Read
    vital: bool = False
    pages: int = LONGEST_WALK


@dataclass(slots=True)
class Stand:
    """Where a feed stands: read up to ``at``, nothing below ``floor``, and what is known of the time between.

    ``held``: from there on some may be unheard, however far ``at`` is. ``owed``: posts that the platform did not give,
    how often they were asked for, and when they are again.
    """

    at: int = 0
    floor: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    held: int | None = None
    owed: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """The time from which the feed is read again."""
        return max(self.floor, self.at - OVERLAP_MS if self.held is None else self.held)

    def pass_by(self, entry: Entry, now: int) -> None:
        """Note a post as done. A date ahead of our clock moves no mark, or all posts until then would be lost."""
        self.seen[entry.key] = entry.at
        self.at = max(self.at, min(entry.at, now))

    def row(self) -> Mapping[str, object]:
        """The form that stands in a cursor."""
        kept = sorted(((at, key) for key, at in self.seen.items() if at >= self.start), reverse=True)
        ahead, usual = [each for each in kept if each[0] > self.at], [each for each in kept if each[0] <= self.at]
        forgotten = usual[MOST_SEEN:] if self.held is None else []
        floor = max(self.floor, forgotten[0][0] + 1) if forgotten else self.floor
        seen = {key: at for at, key in (*ahead[:MOST_AHEAD], *usual[: len(usual) - len(forgotten)])}
        return {"at": self.at, "floor": floor, "seen": seen, "held": self.held, "owed": self.owed}


@dataclass(slots=True)
class _News:
    """What a walk over one feed found: new posts, oldest first, and the time that is no longer served.

    ``due``: keys of posts to ask for once more.
    """

    stand: Stand
    fresh: list[Entry]
    due: Sequence[str] = ()
    later: bool = False
    gap: tuple[int, int] | None = None


class NewestFirst(ABC):
    """A reader of several such lists. Below it each forum says what its lists are and how a post becomes a mention.

    Args:
        name: name of the source.
        feeds: the lists; those that know most of a post first.
        clock: the only source of time.
    """

    def __init__(self, name: str, feeds: Sequence[Feed], clock: Clock) -> None:
        if not feeds:
            raise Permanent("This source reads nothing: it has neither mentions nor searches.")
        self.name = name
        self._feeds = tuple(feeds)
        self._clock = clock

    @abstractmethod
    def understand(self, post: Fields) -> Mention:
        """The post as a mention.

        Raises:
            Unreadable: it lacks what identifies it.
            LetFall: it goes no further.
            Enough: the next fetch may ask for it.
            PlatformError: the platform was asked for more about it and did not answer.
        """

    def since(self, at: int) -> str:
        """A cursor that starts at ``at`` (UTC milliseconds) in every list, as far back as the lists go."""
        return self._cursor({feed.key: Stand(at, at) for feed in self._feeds}, 0)

    def fetch(self, cursor: str, limit: int) -> Page:
        """See ``Connector.fetch``. The cursor is JSON: where each feed stands, and whose turn is next.

        The first fetch of a feed brings its newest posts only. A feed that is not vital and fails is counted as "feed
        not answered" and does not hold up the others, unless none of them answers; so is any feed of which no page can
        be taken. A single post that the platform
        does not give is counted as "not answered", asked for again some times, and then counted as "given up".
        """
        stands, turn = _read_cursor(cursor)
        turn %= len(self._feeds)
        share = max(1, limit // len(self._feeds))
        dropped: Counter[str] = Counter()
        found: dict[str, Mention] = {}
        gaps: list[tuple[int, int]] = []
        failures: list[PlatformError] = []
        more, left = False, limit
        for feed in (*self._feeds[turn:], *self._feeds[:turn]):
            if left <= 0:
                more = True
                break
            try:
                news = self._news(feed, stands.get(feed.key), min(share, left))
                more = self._take(news, found, dropped, better=feed.vital) or more
            except PlatformError as failure:
                spoilt = isinstance(failure, Spoilt)
                if (feed.vital and not spoilt) or isinstance(failure, Unauthorised | EgressRefused):
                    raise
                failures.append(failure)
                dropped["feed not answered"] += 1
                continue
            stands[feed.key] = news.stand
            left -= len(news.fresh) + len(news.due)
            gaps += [news.gap] if news.gap else []
        if len(failures) == len(self._feeds):
            raise failures[0]
        heard = sorted(found.values(), key=lambda mention: mention.created_at)
        gap = (min(gap[0] for gap in gaps), max(gap[1] for gap in gaps)) if gaps else None
        return Page(tuple(heard), self._cursor(stands, turn + 1), more, dict(dropped), gap)

    def _take(self, news: _News, found: dict[str, Mention], dropped: Counter[str], *, better: bool) -> bool:
        """Keep what everyone may read and count the rest; true when something is left for the next fetch.

        ``better``: this feed knows more of a post than others do.
        """
        stand, now = news.stand, self._clock.now()
        for number, entry in enumerate(news.fresh):
            try:
                self._hear(entry.post, found, dropped, better=better)
            except Enough:
                return True
            except (Unauthorised, EgressRefused):
                raise
            except PlatformError as failure:
                if isinstance(failure, RateLimited) or len(stand.owed) >= MOST_OWED:
                    if number or found:
                        return True
                    raise
                dropped["not answered"] += 1
                stand.owed[entry.key] = (1, now + _FIRST_WAIT_MS)
            stand.pass_by(entry, now)
        for key in news.due:
            if not self._again(key, stand, found, dropped):
                break
        if not news.later:
            stand.held = None
        return news.later

    def _again(self, key: str, stand: Stand, found: dict[str, Mention], dropped: Counter[str]) -> bool:
        """Ask once more for a post that the platform did not give; false if it is not to be asked for others."""
        tries, _ = stand.owed[key]
        try:
            self._hear({"id": key}, found, dropped, better=False)
        except (Enough, RateLimited, Unauthorised, EgressRefused):
            return False
        except PlatformError:
            if tries + 1 < MOST_TRIES:
                dropped["not answered"] += 1
                stand.owed[key] = (tries + 1, self._clock.now() + (_FIRST_WAIT_MS << tries))
                return True
            dropped["given up"] += 1
        del stand.owed[key]
        return True

    def _hear(self, post: Fields, found: dict[str, Mention], dropped: Counter[str], *, better: bool) -> None:
        try:
            mention = self.understand(post)
        except Unreadable:
            dropped["broken"] += 1
        except LetFall as reason:
            dropped[str(reason)] += 1
        else:
            if mention.visibility is not Visibility.PUBLIC:
                dropped["not public"] += 1
            elif better or mention.canonical_key not in found:
                found[mention.canonical_key] = mention

    def _news(self, feed: Feed, known: Stand | None, share: int) -> _News:
        """What is new in ``feed``, at most ``share``: the oldest of it, or of a feed never read the newest."""
        stand = Stand() if known is None else replace(known, seen=dict(known.seen), owed=dict(known.owed))
        gap, behind = None, stand.held
        if behind is not None and len(stand.seen) > MOST_HELD:
            stand.held, gap = None, (behind, max(behind, stand.at))
        found: dict[str, Entry] = {}
        walked = reached = False
        told = None if known is None else stand.seen
        for number, (entries, follows) in enumerate(feed.read(stand.start, told), 1):
            for entry in entries:
                found.setdefault(entry.key, entry)
            reached = not follows or (bool(entries) and entries[-1].at < stand.start)
            walked = number >= feed.pages
            if known is None or reached or walked:
                break
        fresh = [each for each in reversed(found.values()) if each.at >= stand.start and each.key not in stand.seen]
        fresh.sort(key=lambda entry: entry.at)
        if known is None:
            return _first(stand, fresh, share, now=self._clock.now(), whole=reached)
        now = self._clock.now()  # A date ahead of it is no place to stand: all posts until then would be lost.
        oldest = min((min(entry.at, now) for entry in found.values() if entry.listed), default=0)
        if walked and not reached and 0 < (reach := stand.at if stand.held is None else stand.start) < oldest:
            gap = (reach if gap is None else gap[0], oldest)
            stand.floor = oldest
        whole = [entry for entry in fresh if not entry.waiting]
        if len(whole) < len(fresh):
            stand.held = stand.start
        due = [key for key, (_, at) in stand.owed.items() if at <= now][: max(0, share - len(whole))]
        return _News(stand, whole[:share], due, len(fresh) > len(whole[:share]), gap)

    @staticmethod
    def _cursor(stands: Mapping[str, Stand], turn: int) -> str:
        return json.dumps({"stands": {key: stand.row() for key, stand in stands.items()}, "turn": turn})


def _first(stand: Stand, entries: list[Entry], share: int, *, now: int, whole: bool) -> _News:
    """The newest posts of a feed that was never read; what else stands there stays unread for good.

    ``entries`` are those of its first page; ``whole`` says that there are no others.
    """
    older, newest = entries[:-share], entries[-share:]
    stand.seen = {entry.key: entry.at for entry in older}
    stand.floor = 0 if whole or not entries else min(entries[0].at, now)
    return _News(stand, newest)


def _read_cursor(cursor: str) -> tuple[dict[str, Stand], int]:
    """Where each feed stands, and whose turn it is. One that cannot be read starts anew: posts are known by key."""
    try:
        state = json.loads(cursor) if cursor else {}
        stands = {
            str(feed): Stand(
                int(row["at"]),
                int(row["floor"]),
                {str(key): int(at) for key, at in row["seen"].items()},
                None if row.get("held") is None else int(row["held"]),
                {str(key): (int(tries), int(at)) for key, (tries, at) in row.get("owed", {}).items()},
            )
            for feed, row in state.get("stands", {}).items()
        }
        return stands, int(state.get("turn", 0))
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
        return {}, 0
