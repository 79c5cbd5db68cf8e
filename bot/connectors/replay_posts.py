"""Owns how one line of a replay file becomes one mention. It reads no file, tells no time and logs nothing.

A line is one JSON object in UTF-8. What is not one of ``FIELDS`` (labels, expectations) stays behind here.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.errors import Permanent
from bot.model import READABLE_BY_ALL, Author, Kind, Media, Mention, Platform, Quoted, Visibility

FIELDS = frozenset({
    "id", "text", "author", "author_id", "created_at", "after", "visibility", "kind", "in_reply_to",
    "in_reply_to_author", "root", "mentions", "lang", "url", "media", "quoted", "bot", "opted_out", "new",
    "owned_surface",
})  # fmt: skip
"""The fields that a line may have. ``time`` is another name for ``created_at`` in a map."""

SPECIALS = frozenset({("id", "line"), ("created_at", "clock"), ("author", "line")})
"""Map entries that stand for no field of the file: line number, replay clock, one author a line."""


LONGEST_LINE = 2_000_000
"""Bytes of one line without its end. Our choice: some ten times what any platform lets a person write."""

_VISIBILITIES = {visibility.value: visibility for visibility in Visibility}
_KINDS = {kind.value: kind for kind in Kind}
_HANDLE = re.compile(r"(?<![\w/.-])@(\w+(?:[.-]\w+)*(?:@\w+(?:[.-]\w+)*)?)")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LONGEST_NAME = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999
"""The years 1 to 9999, which is what a ``datetime`` can show."""


class Unreadable(ValueError):
    """A line that is not a post. ``reason`` is a plain word for the page's count, never the line's own words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def parse_line(raw: bytes) -> dict[str, object]:
    """The JSON object that ``raw`` holds.

    Raises:
        Unreadable: "line too long", "blank line", "not UTF-8", "NUL byte", "broken line" or "not an object".
    """
    if len(raw.removesuffix(b"\n")) > LONGEST_LINE:
        raise Unreadable("line too long")
    if not raw.strip():
        raise Unreadable("blank line")
    if b"\x00" in raw:
        raise Unreadable("NUL byte")
    try:
        row = json.loads(raw.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8") from None
    except (ValueError, RecursionError):
        raise Unreadable("broken line") from None
    if not isinstance(row, dict):
        raise Unreadable("not an object")
    return row


class PostReader:
    """Turns parsed lines into mentions, with the file's own field names where ``map`` gives them.

    ``map`` goes from our field names to the file's, or to the specials ``id=line``, ``time=clock`` and
    ``author=line``. Without a field: id = line number, time = replay clock, author = one for each line,
    visibility = public, because a file of posts is a public corpus unless it says otherwise.

    Raises:
        Permanent: ``map`` names a field that is none of ours.
    """

    def __init__(
        self,
        *,
        map: Mapping[str, str],  # noqa: A002 - the option's own name
        account: str,
        surface: str,
        platform: Platform = Platform.REPLAY,
    ) -> None:
        named = {"created_at" if ours == "time" else ours: theirs for ours, theirs in map.items()}
        if unknown := sorted(named.keys() - FIELDS):
            raise Permanent(f"The map of the file names unknown fields: {', '.join(unknown)}.")
        specials = {ours for ours, _ in SPECIALS & named.items()}
        self._absent = specials | ({"after"} if "created_at" in specials else set())
        self._names = {ours: named.get(ours, ours) for ours in FIELDS}
        self._account = account
        self._surface = surface
        self._platform = platform

    def mention(self, row: Mapping[str, object], line: int, started_at: int, now: int) -> Mention:
        """The post on line number ``line``, read at ``now``. What not everyone may read comes without its words.

        Raises:
            Unreadable: "no text", "NUL byte", "lone surrogate" or "name too long".
        """
        post = {ours: None if ours in self._absent else row.get(theirs) for ours, theirs in self._names.items()}
        native_id = _name(post["id"]) or str(line)
        handle = _handle(post["author"]) or f"line-{line}"
        parent, quoted, media = _name(post["in_reply_to"]), _quoted(post["quoted"]), _media(post["media"])
        text = _words(post["text"])
        if not text.strip() and not media and quoted is None:
            raise Unreadable("no text")
        mention = Mention(
            platform=self._platform,
            surface=self._surface,
            account=self._account,
            native_id=native_id,
            canonical_key=f"{self._platform.value}:{self._surface}:{native_id}",
            text=text,
            author=Author(
                _name(post["author_id"]) or handle,
                handle,
                _flag(post["bot"]),
                _flag(post["opted_out"]),
                _flag(post["new"]),
            ),
            created_at=_created_at(post, started_at, now),
            visibility=visibility_of(post["visibility"]),
            kind=_kind(post["kind"], parent, quoted),
            url=_url(post["url"]),
            declared_language=_name(post["lang"]).lower(),
            own_mentions=_own_mentions(post["mentions"], text),
            parent_key=parent,
            parent_author_id=_handle(post["in_reply_to_author"]),
            root_key=_name(post["root"]),
            owned_surface=post["owned_surface"] is True,
            quoted=quoted,
            media=media,
        )
        return mention if mention.visibility in READABLE_BY_ALL else _without_words(mention)


def _without_words(mention: Mention) -> Mention:
    return replace(mention, text="", url="", own_mentions=(), quoted=None, media=())


def _created_at(post: Mapping[str, object], started_at: int, now: int) -> int:
    """Milliseconds. A time that cannot be read counts as absent: no post is lost for its date.

    ``after`` counts seconds from the start of the replay and may be negative. When the pace runs ahead of
    it, the post is as old as its reading: only a date that the file spells out may lie in the future.
    """
    after = post["after"]
    if isinstance(after, int | float) and abs(after) < _LAST_MS / 1000:
        return min(started_at + int(after * 1000), now)
    stated = _milliseconds(post["created_at"])
    return now if stated is None else stated


def _milliseconds(stated: object) -> int | None:
    """UTC milliseconds of an ISO 8601 time (without a zone: UTC) or of a number of milliseconds."""
    if isinstance(stated, str):
        try:
            moment = datetime.fromisoformat(stated.strip())
        except ValueError:
            return None
        stated = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1)
    return int(stated) if isinstance(stated, int | float) and _FIRST_MS <= stated <= _LAST_MS else None


def _words(value: object) -> str:
    """A text of any length that can be stored; anything but a text is none."""
    text = value if isinstance(value, str) else ""
    if "\x00" in text:
        raise Unreadable("NUL byte")
    if _LONE_SURROGATE.search(text):
        raise Unreadable("lone surrogate")
    return text


def _name(value: object) -> str:
    """An id, a handle or a similar short text; whole numbers are ids too."""
    name = _words(str(value) if isinstance(value, int) and not isinstance(value, bool) else value).strip()
    if len(name) > _LONGEST_NAME:
        raise Unreadable("name too long")
    return name


def _handle(value: object) -> str:
    return _name(value).removeprefix("@")


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _url(value: object) -> str:
    url = _words(value)
    return url if url.startswith(("https://", "http://")) and len(url) <= _LONGEST_NAME else ""


def visibility_of(value: object) -> Visibility:
    """Public when the file says nothing; a word that we do not know is not public."""
    return Visibility.PUBLIC if value is None else _VISIBILITIES.get(_name(value).lower(), Visibility.UNKNOWN)


def _kind(value: object, parent: str, quoted: Quoted | None) -> Kind:
    inferred = Kind.REPLY if parent else Kind.QUOTE if quoted else Kind.POST
    return _KINDS.get(_name(value).lower(), inferred)


def _own_mentions(value: object, text: str) -> tuple[str, ...]:
    """Lower-case handles: those that the file lists, else those that the post's own text names."""
    named = [_handle(each) for each in value] if isinstance(value, list) else _HANDLE.findall(text)
    return tuple(dict.fromkeys(handle.lower() for handle in named if handle))


def _media(value: object) -> tuple[Media, ...]:
    attachments = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return tuple(Media(_name(each.get("kind")) or "unknown", _words(each.get("alt"))) for each in attachments)


def _quoted(value: object) -> Quoted | None:
    """The quoted post; its words only where everyone may read them."""
    if not isinstance(value, dict):
        return None
    visibility = visibility_of(value.get("visibility"))
    author_id = _name(value.get("author_id")) or _handle(value.get("author"))
    text = _words(value.get("text")) if visibility in READABLE_BY_ALL else ""
    return Quoted(_name(value.get("id")), author_id, visibility, text)
