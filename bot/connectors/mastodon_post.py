"""How a status of the Mastodon API becomes a mention: plain text from markup, who is named, who may read it.

Pure: no network and no clock. It takes what the SDK or plain JSON gives, trusts none of it, and keeps
no more of an author than the model has room for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from bot.model import Author, Kind, Media, Mention, Platform, Quoted, Visibility

Status = Mapping[str, object]

LONGEST_MARKUP: Final = 65_536
"""Code points of markup that are read. Servers allow 500 to some thousand; the rest can only be an attack."""

VISIBILITIES: Final = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
}
READABLE: Final = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})

_BLOCKS = frozenset(
    {"p", "div", "blockquote", "ul", "ol", "li", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr"}
)
_UNREAD = frozenset({"script", "style", "template", "noscript", "textarea", "title"})
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# The standard parser takes minutes over crafted half tags; so every "<" that begins no whole tag is a character.
_NOT_A_TAG = re.compile(
    r"<(?!/?[a-zA-Z][a-zA-Z0-9]*+"
    r"(?:\s++[a-zA-Z:-]++(?:=(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>]++))?+)*+\s*+/?>)"
)
_HANDLE = re.compile(r"(?<![\w@/.])@(\w[\w.-]*\w|\w)(?:@([\w-][\w.:-]*\w))?")
_NO_BOTS = re.compile(r"#nobots?\b|\bno\s+bots?\b|\bkeine\s+bots\b", re.IGNORECASE)


class Unreadable(ValueError):
    """A post lacks what identifies it, or is of another shape than the API promises."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The text of a piece of markup, and its links as (address, class, words)."""

    text: str
    links: tuple[tuple[str, str, str], ...] = ()


class _Reader(HTMLParser):
    """Collects the words. The hidden halves of a shortened address are words too: they make it readable."""

    def __init__(self, *, with_quote_line: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[tuple[str, str, str]] = []
        self._link: tuple[str, str, int] | None = None
        self._skipping = ""
        self._with_quote_line = with_quote_line

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a paragraph, a link or something that is not read."""
        given = dict(attrs)
        if self._skipping:
            return
        if tag in _UNREAD or (not self._with_quote_line and "quote-inline" in (given.get("class") or "")):
            self._skipping = tag
        elif tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            self._link = (given.get("href") or "", given.get("class") or "", len(self.parts))

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph, a link or something that is not read."""
        if self._skipping:
            self._skipping = "" if tag == self._skipping else self._skipping
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self._link is not None:
            address, kind, start = self._link
            self.links.append((address, kind, "".join(self.parts[start:])))
            self._link = None

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if not self._skipping:
            self.parts.append(data)


def clean(value: object) -> str:
    """A text that can be stored: what no database takes becomes U+FFFD, one for one. Anything else is empty."""
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else ""


def plain(markup: object, *, with_quote_line: bool = True) -> Plain:
    """Markup as plain text: paragraphs are set apart by an empty line, entities are read, no tag remains.

    ``with_quote_line=False`` leaves out the line that servers add for readers that cannot show a quoted post.
    """
    reader = _Reader(with_quote_line=with_quote_line)
    reader.feed(_NOT_A_TAG.sub("&lt;", clean(markup)[:LONGEST_MARKUP]))
    reader.close()
    text = "\n".join(line.strip() for line in clean("".join(reader.parts)).split("\n"))
    return Plain(re.sub(r"\n{3,}", "\n\n", text).strip(), tuple(reader.links))


def instant(value: object) -> int | None:
    """A time of the API as UTC milliseconds; ``None`` if there is none or it cannot be read."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(found, datetime):
            return None
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def visibility_of(status: Status) -> Visibility:
    """Who may read it. A word that we do not know is not public."""
    return VISIBILITIES.get(clean(status.get("visibility")), Visibility.UNKNOWN)


def part(value: object) -> Status:
    """A nested object; an empty one where the server sent none."""
    return value if isinstance(value, Mapping) else {}


def parts(value: object) -> tuple[Status, ...]:
    """A list of nested objects; what is none of these is left out."""
    return tuple(each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()


def name(value: object) -> str:
    """An id or an address. Numbers are ids too; ids are text, whatever their size."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else clean(value)


@dataclass(frozen=True, slots=True)
class Place:
    """The server that we look at the fediverse from, and the account of ours that looks.

    Handles of people on this server stand without the server's name, all others with theirs.
    """

    surface: str
    account: str

    def handle(self, acct: object) -> str:
        """An ``acct`` of the API without "@" in front and without this server's own name."""
        return clean(acct).removeprefix("@").removesuffix(f"@{self.surface}")

    def own_text(self, status: Status) -> Plain:
        """The author's own words: the warning line, if any, then the text."""
        body = plain(status.get("content"), with_quote_line=not part(status.get("quote")))
        warning = plain(status.get("spoiler_text")).text
        return Plain(f"{warning}\n\n{body.text}".strip() if warning else body.text, body.links)

    def named(self, status: Status) -> tuple[str, ...]:
        """Lower-case handles that stand in the post's own text; people inherited from the thread do not count."""
        own = self.own_text(status)
        known = {clean(each.get("url")): self.handle(each.get("acct")) for each in parts(status.get("mentions"))}
        found = [known[address] for address, _, _ in own.links if known.get(address)]
        found += [
            self._spelled(words.strip(), urlsplit_host(address))
            for address, kind, words in own.links
            if address not in known and "mention" in kind.split() and "hashtag" not in kind.split()
        ]
        spelled = {self.handle("@".join(filter(None, pair))).lower() for pair in _HANDLE.findall(own.text)}
        found += [acct for acct in known.values() if acct.lower() in spelled]
        return tuple(dict.fromkeys(handle.lower() for handle in found if handle))

    def _spelled(self, words: str, host: str) -> str:
        """The handle that a link's words name; without a host in the words, the link's own host counts."""
        match = _HANDLE.fullmatch(words)
        return self.handle(f"{match[1]}@{match[2] or host}") if match else ""

    def names_us(self, status: Status) -> bool:
        """Whether the post addresses our account, in its text or by the server's own list."""
        listed = (self.handle(each.get("acct")).lower() for each in parts(status.get("mentions")))
        return self.account.lower() in {*self.named(status), *listed}

    def mention(self, status: Status) -> Mention:
        """The post as a mention.

        Raises:
            Unreadable: id, address, author or date are missing or broken.
        """
        author, parent = part(status.get("account")), name(status.get("in_reply_to_id"))
        native_id, key, born = name(status.get("id")), clean(status.get("uri")), instant(status.get("created_at"))
        if not native_id or not key or born is None or not name(author.get("id")):
            raise Unreadable
        repost, quoted = bool(part(status.get("reblog"))), self._quoted(status)
        kind = Kind.REPOST if repost else Kind.REPLY if parent else Kind.QUOTE if quoted else Kind.POST
        return Mention(
            platform=Platform.MASTODON,
            surface=self.surface,
            account=self.account,
            native_id=native_id,
            canonical_key=key,
            text="" if repost else self.own_text(status).text,
            author=self.author(author),
            created_at=born,
            visibility=visibility_of(status),
            kind=kind,
            url=clean(status.get("url")),
            declared_language=clean(status.get("language")),
            own_mentions=() if repost else self.named(status),
            parent_key=parent,
            parent_author_id=name(status.get("in_reply_to_account_id")),
            edited_at=instant(status.get("edited_at")),
            quoted=quoted,
            media=tuple(
                Media(clean(each.get("type")) or "unknown", clean(each.get("description")))
                for each in parts(status.get("media_attachments"))
            ),
            poll=tuple(clean(each.get("title")) for each in parts(part(status.get("poll")).get("options"))),
        )

    def author(self, account: Status) -> Author:
        """What may be kept of an author. Of the profile's words only whether they ask bots to stay away."""
        bot, note = account.get("bot"), account.get("note")
        fields = " ".join(plain(each.get("value")).text for each in parts(account.get("fields")))
        return Author(
            native_id=name(account.get("id")),
            handle=self.handle(account.get("acct")),
            is_bot=bot if isinstance(bot, bool) else None,
            opted_out=bool(_NO_BOTS.search(f"{plain(note).text} {fields}")) if isinstance(note, str) else None,
        )

    def _quoted(self, status: Status) -> Quoted | None:
        """The quoted post; its words only if its author agreed to the quote and everyone may read them."""
        quote = part(status.get("quote"))
        post = part(quote.get("quoted_status"))
        if not post:
            return None
        visibility = visibility_of(post)
        agreed = quote.get("state") == "accepted" and visibility in READABLE
        return Quoted(
            native_id=name(post.get("id")),
            author_id=name(part(post.get("account")).get("id")),
            visibility=visibility,
            text=self.own_text(post).text if agreed else "",
        )


def urlsplit_host(address: str) -> str:
    """Host and port of an address; empty for anything that is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""
