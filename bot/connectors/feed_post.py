"""How the bytes of a feed become text, and an entry, as the feed library gives it, a mention.

Pure: no network and no clock. It trusts none of what it gets, and keeps of an author the name alone: feeds put e-mail
addresses there.
"""

import codecs
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urljoin

from bot.connectors.fields import Fields, Unreadable, clean, host_of, instant, part, parts
from bot.connectors.markup import LONGEST_MARKUP, plain
from bot.model import Author, Media, Mention, Platform, Visibility

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding=["']([\w.:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset=["']?([\w.:-]{1,40})""", re.IGNORECASE)
_CODECS = re.compile(
    r"iso-?8859-?\d{1,2}|latin-?1|(windows|cp)-?125\d|koi8-?[ru]|gb2312|gbk|gb18030|big5|euc-?(jp|kr)|shift[_-]?jis"
)
"""Encodings that are read when the bytes are no UTF-8. A name from outside never chooses among all of Python's."""

_ADDRESS = re.compile(r"[^\s()<>]+@[^\s()<>]+\.[^\s()<>]+")
_KINDS: Final = ("image", "video", "audio")
_MOST_MEDIA: Final = 20
_LONGEST_NAME: Final = 200
_LONGEST_URL: Final = 2_000


def text_of(body: bytes, content_type: str) -> str:
    """The text of a feed. Bytes that are valid UTF-8 are that, whatever they are said to be."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return clean(body.decode(codec, "replace"))
    try:
        return clean(body.decode("utf-8"))
    except UnicodeDecodeError:
        return clean(body.decode(_declared_codec(body, content_type), "replace"))


def _declared_codec(body: bytes, content_type: str) -> str:
    inside, outside = _DECLARED.search(body[:300]), _CHARSET.search(content_type)
    for name in (inside[1].decode("ascii", "replace") if inside else "", outside[1] if outside else ""):
        if _CODECS.fullmatch(name.lower()):
            try:
                return codecs.lookup(name.lower()).name
            except LookupError:
                continue
    return "cp1252"


def moment(value: object) -> int | None:
    """UTC milliseconds of a date as the feed library gives it, a tuple in UTC; ``None`` if there is none."""
    if not isinstance(value, tuple) or len(value) < 6 or not all(isinstance(each, int) for each in value[:6]):  # noqa: PLR2004 - down to seconds
        return None
    year, month, day, hour, minute, second = value[:6]
    try:
        return instant(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Post:
    """One entry as a mention. ``dated`` says whether the feed gave the date; ``stamp`` changes with every edit."""

    mention: Mention
    dated: bool
    stamp: int


@dataclass(frozen=True, slots=True)
class Place:
    """The feed that entries stand in. ``feed`` holds what the library says of the feed itself."""

    address: str
    account: str
    owned: bool

    @property
    def key(self) -> str:
        """What tells this feed from all others. The address itself may be a secret and is stored nowhere."""
        return f"{host_of(self.address)}/{hashlib.sha256(self.address.encode()).hexdigest()[:16]}"

    def post(self, entry: Fields, feed: Fields, now: int) -> Post:
        """The entry as a mention; one without a date is as old as its reading at ``now``.

        Raises:
            Unreadable: it has no words and no media.
        """
        published, updated = moment(entry.get("published_parsed")), moment(entry.get("updated_parsed"))
        title, body = _plain(entry, "title"), self._body(entry)
        media = _media(entry)
        if not title and not body and not media:
            raise Unreadable
        url = self._url(entry.get("link"))
        guid = clean(entry.get("id")).strip() or url or _made_up(title, body, published)
        born = published if published is not None else updated
        mention = Mention(
            platform=Platform.FEED,
            surface=host_of(self.address),
            account=self.account,
            native_id=guid,
            canonical_key=f"{self.key} {guid}",
            text=body if body.startswith(title.rstrip(".… ")) else f"{title}\n\n{body}".strip(),
            author=self._author(entry, feed),
            created_at=now if born is None else born,
            visibility=Visibility.PUBLIC,
            url=url,
            declared_language=_language(entry, feed),
            owned_surface=self.owned,
            edited_at=updated if updated != born else None,
            media=media,
        )
        return Post(mention, born is not None, updated or 0)

    @staticmethod
    def _body(entry: Fields) -> str:
        """The whole text where the feed has it, else the summary."""
        whole = "\n\n".join(filter(None, map(_words, parts(entry.get("content"))[:3])))
        return whole or _plain(entry, "summary")

    def _url(self, link: object) -> str:
        try:
            url = urljoin(self.address, clean(link).strip())
        except ValueError:
            return ""
        return url if url.startswith(("https://", "http://")) and len(url) <= _LONGEST_URL and clean(link) else ""

    def _author(self, entry: Fields, feed: Fields) -> Author:
        """Who wrote it, by the name that stands there; the site where none does. Names hold for one site only."""
        host = host_of(self.address)
        for holder in (entry, feed):
            name = _ADDRESS.sub("", clean(holder.get("author"))[:_LONGEST_NAME]).strip(" \t\n()<>[],;")
            if name:
                return Author(f"{host}/{name}", name)
        return Author(host, host)


def _plain(entry: Fields, field: str) -> str:
    """A text of the entry; where the library does not say how it is written it is taken for markup."""
    detail = part(entry.get(f"{field}_detail"))
    return _words(detail) if detail else plain(entry.get(field)).text


def _words(detail: Fields) -> str:
    value = clean(detail.get("value"))
    return value[:LONGEST_MARKUP].strip() if detail.get("type") == "text/plain" else plain(value).text


def _language(entry: Fields, feed: Fields) -> str:
    details = (
        *parts(entry.get("content"))[:1],
        part(entry.get("summary_detail")),
        part(entry.get("title_detail")),
        feed,
    )
    found = next(filter(None, (clean(detail.get("language")) for detail in details)), "")
    return found.strip()[:35]


def _media(entry: Fields) -> tuple[Media, ...]:
    """Enclosures and pictures by kind, each address once."""
    found: dict[str, Media] = {}
    enclosed = [link for link in parts(entry.get("links")) if link.get("rel") == "enclosure"]
    for each in (*enclosed, *parts(entry.get("media_content"))):
        named = clean(each.get("medium")) or clean(each.get("type")).partition("/")[0]
        address = clean(each.get("href")) or clean(each.get("url"))
        found.setdefault(address, Media(named if named in _KINDS else "unknown"))
    for each in parts(entry.get("media_thumbnail")) if not found else ():
        found.setdefault(clean(each.get("url")), Media("image"))
    return tuple(found.values())[:_MOST_MEDIA]


def _made_up(title: str, body: str, published: int | None) -> str:
    """An id for an entry that has neither id nor link."""
    told = f"{title or body[:500]}\n{published}"
    return "sha256:" + hashlib.sha256(told.encode()).hexdigest()[:32]


def key_of(mention: Mention) -> str:
    """What a cursor remembers an entry by."""
    return hashlib.sha256(mention.native_id.encode()).hexdigest()[:16]


def as_fields(found: object) -> Mapping[str, object]:
    """The library's own dictionary as a plain one: its look-ups guess fields and warn about it."""
    return dict(found) if isinstance(found, Mapping) else {}
