"""What an event of Jetstream says, in either of its two forms, and how far the stream was read.

Pure: no network and no clock. It trusts nothing of what it is given.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from bot.connectors.bluesky_post import POST, Place, halves
from bot.connectors.fields import Fields, Unreadable, clean, part
from bot.model import Author, Mention, Platform, Visibility

MICRO: Final = 1_000_000
DAY_US: Final = 86_400 * MICRO

OVERLAP_US: Final = 5 * MICRO
"""How far a connection begins before the last event that was read: servers witness events at slightly other times."""

MOST_HEARD: Final = 1_000
"""Posts that are remembered at most, so that their deletion is noticed."""

LONGEST_HEARD_US: Final = 7 * DAY_US
"""How long they are; then a deletion shows only when somebody looks at the post again."""

_LATEST_US: Final = 253_402_300_799 * MICRO
"""The end of the year 9999."""

_WRITTEN: Final = frozenset({"create", "update"})
_NOTHING: Final[Fields] = MappingProxyType({})


class Event(NamedTuple):
    """One event. ``at`` is when the server saw it, in UTC microseconds; 0 for a notice about the stream itself.

    ``kind`` is "post" with its ``record``, "deletion" of a post, "absence" of an account, or empty for all that is
    not of our concern.
    """

    at: int
    kind: str
    did: str
    key: str = ""
    record: Fields = _NOTHING
    changed: bool = False


def event_of(message: str | bytes) -> Event:
    """The event in a message of the first form, or in one of the second, which wraps it in a payload.

    Raises:
        Unreadable: it is none.
    """
    try:
        told = json.loads(message)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(told, dict):
        raise Unreadable
    inner, at = part(told.get("payload")), told.get("time_us")
    if inner:
        kind, at, commit = clean(inner.get("$type")).rpartition("#")[2], _stamped(inner), inner
    else:
        inner, kind, commit = told, clean(told.get("kind")), part(told.get("commit"))
    if kind == "info":
        return Event(0, "", "")
    did = inner.get("did")
    if not isinstance(at, int) or isinstance(at, bool) or not 0 < at <= _LATEST_US or not isinstance(did, str):
        raise Unreadable
    if kind == "commit":
        return _commit(at, did, commit)
    gone = kind == "account" and part(inner.get("account")).get("active") is False
    return Event(at, "absence" if gone else "", did)


def _commit(at: int, did: str, commit: Fields) -> Event:
    operation, key, record = clean(commit.get("operation")), commit.get("rkey"), commit.get("record")
    if commit.get("collection") != POST:
        return Event(at, "", did)
    if not isinstance(key, str):
        raise Unreadable
    if operation == "delete":
        return Event(at, "deletion", did, key)
    if operation not in _WRITTEN or not isinstance(record, dict):
        raise Unreadable
    return Event(at, "post", did, key, record, operation == "update")


def _stamped(payload: Fields) -> int:
    """When the server saw an event of the second form; the time that is shown may have been put in later."""
    try:
        at = datetime.fromisoformat(clean(payload.get("witnessedAt") or payload.get("time")))
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * MICRO)
    except (ValueError, OverflowError):
        return 0


def mention_of(event: Event, place: Place) -> Mention:
    """The post of an event as a mention. The stream tells no handles, so the author's id stands in for theirs.

    Raises:
        Unreadable: the record is no post.
    """
    seen = datetime.fromtimestamp(event.at // MICRO, UTC)
    uri = _address(_name(event))
    mention = place.mention({"uri": uri, "author": {"did": event.did}, "record": event.record, "indexedAt": seen})
    return replace(mention, edited_at=event.at // 1000) if event.changed else mention


def absence_of(name: str, at: int, place: Place) -> Mention:
    """What is left of a post that nobody may read any more: its address alone. ``name`` is its "did/key"."""
    uri = _address(name)
    did, _ = halves(uri)
    return Mention(
        platform=Platform.BLUESKY,
        surface=place.surface,
        account=place.account,
        native_id=uri,
        canonical_key=uri,
        text="",
        author=Author(did, did),
        created_at=at // 1000,
        visibility=Visibility.UNKNOWN,
    )


@dataclass(slots=True)
class Stand:
    """How far the stream was read, and the posts handed on whose end is still of interest. Times in microseconds.

    A post is named "did/key". ``heard`` has the time of the state that was handed on, ``gone`` that of its end,
    ``owed`` names the ends that are yet to be told. No word of anybody stands in it.
    """

    at: int = 0
    heard: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    owed: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, cursor: str) -> Self:
        """What ``written`` wrote. A cursor that cannot be read starts anew: posts are known by key."""
        try:
            told = json.loads(cursor) if cursor else {}
            stand = cls(int(told["at"]) if told else 0)
            for name, at in _times(told, "heard"):
                stand.heard[name] = at
            for name, at in _times(told, "gone"):
                stand.gone[name] = at
            stand.owed += [name for name in map(str, told.get("owed", [])) if halves(_address(name))[0]]
        except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
            return cls()
        return stand if 0 <= stand.at <= _LATEST_US else cls()

    def written(self) -> str:
        """The cursor. What is too old to be of use is left out."""
        oldest, overlapping = self.at - LONGEST_HEARD_US, self.at - 2 * OVERLAP_US
        heard = [(name, at) for name, at in self.heard.items() if at >= oldest][-MOST_HEARD:]
        gone = [(name, at) for name, at in self.gone.items() if at >= overlapping][-MOST_HEARD:]
        return json.dumps({"at": self.at, "heard": dict(heard), "gone": dict(gone), "owed": self.owed})

    def knows(self, event: Event) -> bool:
        """Whether this state of a post was handed on before; a connection begins a little before the stand."""
        name = _name(event)
        return max(self.heard.get(name, 0), self.gone.get(name, 0)) >= event.at

    def has(self, event: Event) -> bool:
        """Whether an earlier state of the post was handed on."""
        return _name(event) in self.heard

    def hear(self, event: Event) -> None:
        """A state of a post is handed on."""
        name = _name(event)
        self.heard.pop(name, None)
        self.gone.pop(name, None)
        self.heard[name] = event.at

    def lose(self, event: Event) -> None:
        """A post, or all of an account, is no longer for everyone."""
        whole, name = f"{event.did}/", _name(event)
        named = [name] if event.kind != "absence" else [each for each in self.heard if each.startswith(whole)]
        lost = [each for each in named if 0 < self.heard.get(each, 0) <= event.at]
        for each in lost:
            del self.heard[each]
            self.gone[each] = event.at
        self.owed += lost


def _name(event: Event) -> str:
    return f"{event.did}/{event.key}"


def _address(name: str) -> str:
    did, _, key = name.partition("/")
    return f"at://{did}/{POST}/{key}"


def _times(told: Fields, key: str) -> Iterator[tuple[str, int]]:
    for name, at in part(told.get(key)).items():
        yield str(name), int(str(at))
