"""Reddit's lists: how one is read back to where it stands, and the cursor that says where that is.

A list is read from its newest end until it is older than its stand. Reddit's own way, "before" a fullname, finds
nothing at all once that comment is deleted; and searches bring a post minutes late, between others.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from bot.connectors.fields import ODD_ANSWER, clean, part, parts
from bot.connectors.pages import Spoilt, sizes, taken
from bot.connectors.reddit_post import NOTHING, Thing, moment
from bot.errors import Transient

PAGE: Final = 100
"""Most things that one request to the API brings."""

LONGEST_WALK: Final = 10
"""Requests for one list in one fetch: Reddit's lists end after a thousand entries."""

CUT: Final = 200
"""A list that ends after so many entries may have been cut off: searches end much earlier than other lists."""

OVERLAP_MS: Final = 600_000
"""How long a post may take to show up in a list after it was written. What was heard in that time is remembered."""

Query = Mapping[str, str | int]
Things = tuple[Thing, ...]
Listing = Callable[[str, Query], tuple[Things, str]]
"""Reads one page at a path: its things, newest first, and what the next page begins after; "" at the end."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One list, newest first. ``holds``: how the fullnames in it begin. ``inbox``: it tells fullnames only."""

    key: str
    path: str
    holds: str
    query: Query = field(default_factory=dict)
    inbox: bool = False


def things_of(answer: object) -> tuple[Things, str]:
    """The things of a list, and what its next page begins after.

    Raises:
        Transient: the answer is no list.
    """
    body = part(part(answer).get("data"))
    if part(answer).get("kind") != "Listing" or not isinstance(body.get("children"), list):
        raise Transient(ODD_ANSWER)
    return tuple(part(child.get("data")) for child in parts(body["children"])), clean(body.get("after"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list: fullname, date (UTC milliseconds), and the thing itself.

    The thing is empty where it must be looked up, and ``None`` where the list should not hold it.
    """

    key: str
    at: int
    thing: Thing | None

    @property
    def age(self) -> tuple[int, int, str]:
        """Sorts the oldest first. Ids grow in the order of writing, and longer ones are younger."""
        return self.at, len(self.key), self.key


def entry_of(thing: Thing, holds: str, *, inbox: bool) -> Entry | None:
    """An entry of a list of things whose fullnames begin with ``holds``; ``None`` if it lacks fullname or date.

    Of the inbox, which does not say who may read a thing, only fullnames and dates are taken.
    """
    key, at = clean(thing.get("name")), moment(thing.get("created_utc"))
    if not key or at is None:
        return None
    return Entry(key, at, None if not key.startswith(holds) else NOTHING if inbox else thing)


def oldest_first(entries: Iterable[Entry]) -> list[Entry]:
    """The entries by age, each once; of two for one thing the one that holds it."""
    once: dict[str, Entry] = {}
    for entry in entries:
        if entry.key not in once or entry.thing:
            once[entry.key] = entry
    return sorted(once.values(), key=lambda entry: entry.age)


@dataclass(frozen=True, slots=True)
class Stand:
    """What was written from ``start`` on and is not among ``seen`` (fullname -> date) has not been heard."""

    start: int
    seen: Mapping[str, int]

    def after(self, taken: Sequence[Entry], now: int) -> "Stand":
        """The stand when ``taken`` is heard as well. A date beyond ``now`` moves nothing: others come before it."""
        seen = {**self.seen, **{entry.key: entry.at for entry in taken}}
        newest = max((entry.at for entry in taken), default=0)
        start = max(self.start, min(newest, now) - OVERLAP_MS)
        return Stand(start, {key: at for key, at in seen.items() if at >= start})

    def unheard(self, entry: Entry) -> bool:
        """Whether ``entry`` is still to be heard."""
        return entry.at >= self.start and entry.key not in self.seen


def beginning_with(newest: Sequence[Entry], now: int) -> Stand:
    """Where all lists of a first fetch stand that brings ``newest``, oldest first; without any, all to come is new."""
    dates = [entry.at for entry in newest if entry.at <= now] or [now - OVERLAP_MS]
    return Stand(dates[0] if newest else 0, {})


def written(stands: Mapping[str, Stand]) -> str:
    """The stands as a cursor."""
    found = {key: {"start": stand.start, "seen": dict(stand.seen)} for key, stand in stands.items()}
    return json.dumps({"stands": found}, sort_keys=True)


def read(cursor: str) -> dict[str, Stand]:
    """The stands in a cursor. One that cannot be read starts anew: posts are known by key."""
    try:
        stands = json.loads(cursor)["stands"] if cursor else {}
        return {
            str(key): Stand(int(each["start"]), {str(seen): int(at) for seen, at in each["seen"].items()})
            for key, each in stands.items()
        }
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
        return {}


def walk(listing: Listing, feed: Feed, stand: Stand | None, dropped: Counter[str]) -> tuple[list[Entry], bool]:
    """The entries of a list back to its stand, and whether the list ended before that; at first its newest page.

    Around a thing that spoils even a page of its own no way leads: the list ends before it.

    Raises:
        Spoilt: the newest thing is such a one.
        PlatformError: what ``listing`` raises.
    """
    found: dict[str, Entry] = {}
    after = ""
    for _ in range(LONGEST_WALK):
        query = {**feed.query, **({"after": after} if after else {})}
        try:
            (things, after), _ = taken(partial(_page, listing, feed.path, query), sizes(PAGE))
        except Spoilt:
            if not found:
                raise
            return list(found.values()), True
        entries = [entry_of(thing, feed.holds, inbox=feed.inbox) for thing in things]
        page = [entry for entry in entries if entry is not None]
        dropped["broken"] += len(entries) - len(page)
        found |= {entry.key: entry for entry in page}
        if stand is None or (page and page[-1].at <= stand.start):
            return list(found.values()), False
        if not after:
            break
    return list(found.values()), bool(found) and (bool(after) or len(found) >= CUT)


def _page(listing: Listing, path: str, query: Query, size: int) -> tuple[Things, str]:
    return listing(path, {**query, "limit": size})
