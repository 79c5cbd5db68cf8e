"""How a post as the Bluesky API shows it becomes a mention: who may read it, who is named, whose words are whose.

Pure: no network and no clock. It trusts nothing of what it is given, and keeps no more of an author than the
model has room for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.connectors.fields import Fields, Unreadable, clean, instant, keeps_bots_away, part, parts
from bot.model import Author, Kind, Media, Mention, Platform, Quoted, Visibility, is_new

POST: Final = "app.bsky.feed.post"
SITE: Final = "https://bsky.app"

_HIDING: Final = frozenset({"!no-unauthenticated", "!hide", "!takedown", "!suspend"})
"""Labels of a post or an account that is not for everyone. Servers show it all the same: to heed them is our part."""

_GONE: Final = frozenset({"!takedown", "!suspend"})
_POST_URI: Final = re.compile(rf"at://(did:[a-z]+:[\w.:%-]{{1,256}})/{re.escape(POST)}/([\w.:~-]{{1,512}})", re.ASCII)
_HANDLE: Final = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}")
_MENTION: Final = "app.bsky.richtext.facet#mention"
_UNNAMED: Final = "handle.invalid"


def halves(uri: object) -> tuple[str, str]:
    """The author's id (a DID) and the record's key in the AT-URI of a post; two empty texts for anything else."""
    found = _POST_URI.fullmatch(uri) if isinstance(uri, str) else None
    return (found[1], found[2]) if found else ("", "")


def labels(view: Fields) -> frozenset[str]:
    """The labels that stand on a post or an account, those of its own author included."""
    own = part(part(view.get("record") or view.get("value")).get("labels")).get("values")
    return frozenset(
        clean(each.get("val")) for each in (*parts(view.get("labels")), *parts(own)) if each.get("neg") is not True
    )


def visibility_of(view: Fields) -> Visibility:
    """Who may read a post: everyone, unless it or its author says otherwise or one of us blocks the other."""
    author = part(view.get("author"))
    if not halves(view.get("uri"))[0] or not author:
        return Visibility.UNKNOWN
    if any(not isinstance(each.get("labels"), list | None) for each in (view, author)):
        return Visibility.UNKNOWN
    viewer = part(author.get("viewer"))
    apart = viewer.get("blockedBy") or viewer.get("blocking") or viewer.get("blockingByList")
    return Visibility.FOLLOWERS if apart or (labels(view) | labels(author)) & _HIDING else Visibility.PUBLIC


def is_active(author: Fields) -> bool:
    """Whether an account that a server showed us is in good standing."""
    return not labels(author) & _GONE


def is_bot(author: Fields) -> bool | None:
    """Whether the account is labelled as a bot; ``None`` where no labels are told."""
    return "bot" in labels(author) if isinstance(author.get("labels"), list) else None


def opted_out(profile: Fields) -> bool:
    """Whether the profile's words ask bots to stay away. A profile without words does not."""
    return keeps_bots_away(clean(profile.get("description")))


def tagged(record: Fields) -> Iterator[tuple[str, str]]:
    """Who is named in a post's own text: ids, each with the handle as it was written, or with nothing."""
    written = clean(record.get("text")).encode()
    for facet in parts(record.get("facets")):
        index = part(facet.get("index"))
        begin, end = index.get("byteStart"), index.get("byteEnd")
        words = written[begin:end] if isinstance(begin, int) and isinstance(end, int) and 0 <= begin < end else b""
        handle = words.decode(errors="replace").removeprefix("@").lower()
        for feature in parts(facet.get("features")):
            did = clean(feature.get("did"))
            if feature.get("$type") == _MENTION and did:
                yield did, handle if _HANDLE.fullmatch(handle) else ""


def _media(record: Fields) -> Iterator[Media]:
    """What is attached to a post besides words, the author's own descriptions with it."""
    embed = part(record.get("embed"))
    embed = part(embed.get("media")) or embed
    kind = clean(embed.get("$type")).removeprefix("app.bsky.embed.")
    pictures = (*parts(embed.get("images")), *parts(embed.get("items")))
    yield from (Media("image", clean(each.get("alt"))) for each in pictures)
    if kind == "video":
        yield Media("video", clean(embed.get("alt")))
    elif kind == "external":
        yield Media("link", clean(part(embed.get("external")).get("title")))
    elif kind and not pictures and not kind.startswith("record"):
        yield Media("unknown")


@dataclass(frozen=True, slots=True)
class Place:
    """Where we look from: our server's name, our handle without "@", and our id (a DID)."""

    surface: str
    account: str
    did: str

    def person(self, did: str) -> str:
        """An id to compare with our own accounts: ours stands as our handle, which every configuration knows."""
        return self.account if did == self.did else did

    def summons_us(self, record: Fields) -> bool:
        """Whether a post's own text tags our account (rule C-05)."""
        return any(did == self.did for did, _ in tagged(record))

    def opened_by_us(self, record: Fields) -> bool:
        """Whether a post stands in a thread that a post of ours opened."""
        root = clean(part(part(record.get("reply")).get("root")).get("uri"))
        return root.startswith(f"at://{self.did}/")

    def named(self, record: Fields) -> tuple[str, ...]:
        """Ids and lower-case handles of who is tagged. Our own handle counts only over our own id."""
        found: list[str] = []
        ours = self.account.lower()
        for did, handle in tagged(record):
            spelled = ours if did == self.did else handle if handle != ours else ""
            found += [did.lower(), spelled]
        return tuple(dict.fromkeys(filter(None, found)))

    def address(self, author: Fields, key: str) -> str:
        """Where people read the post."""
        return f"{SITE}/profile/{self.handle(author)}/post/{key}"

    def handle(self, author: Fields) -> str:
        """The author's handle; their id where they have none that holds."""
        handle = clean(author.get("handle"))
        return handle if _HANDLE.fullmatch(handle.lower()) and handle != _UNNAMED else clean(author.get("did"))

    def mention(self, view: Fields) -> Mention:
        """The post as a mention; ``native_id`` and ``canonical_key`` are both its AT-URI.

        Raises:
            Unreadable: address, author, record or date are missing or broken.
        """
        author, record = part(view.get("author")), part(view.get("record"))
        uri = clean(view.get("uri"))
        did, key = halves(uri)
        declared = instant(record.get("createdAt"))
        born = declared if declared is not None else instant(view.get("indexedAt"))
        if not did or author.get("did") != did or record.get("$type") != POST or born is None:
            raise Unreadable
        reply, langs = part(record.get("reply")), record.get("langs")
        parent = part(reply.get("parent")).get("uri")
        root = part(reply.get("root")).get("uri")
        quoted = self._quoted(view, record)
        answered = halves(parent)[0]
        return Mention(
            platform=Platform.BLUESKY,
            surface=self.surface,
            account=self.account,
            native_id=uri,
            canonical_key=uri,
            text=clean(record.get("text")),
            author=Author(
                did, self.handle(author), is_bot(author), is_new=is_new(instant(author.get("createdAt")), born)
            ),
            created_at=born,
            visibility=visibility_of(view),
            kind=Kind.REPLY if answered else Kind.QUOTE if quoted else Kind.POST,
            url=self.address(author, key),
            declared_language=clean(langs[0]) if isinstance(langs, list) and langs else "",
            own_mentions=self.named(record),
            parent_key=clean(parent) if answered else "",
            parent_author_id=self.person(answered),
            root_key=clean(root) if halves(root)[0] else "",
            quoted=quoted,
            media=tuple(_media(record)),
        )

    def _quoted(self, view: Fields, record: Fields) -> Quoted | None:
        """The quoted post; its words only if the server shows it whole and everyone may read it."""
        embed, shown = part(record.get("embed")), part(part(view.get("embed")).get("record"))
        # With pictures beside it the quoted post stands one level deeper, in the record and in the view.
        inner = part(embed.get("record"))
        uri = clean(inner.get("uri") or part(inner.get("record")).get("uri"))
        shown = shown if shown.get("uri") else part(shown.get("record"))
        did, _ = halves(uri)
        if not did:
            return None
        whole = shown.get("$type") == "app.bsky.embed.record#viewRecord" and shown.get("uri") == uri
        visibility = visibility_of(shown) if whole else Visibility.UNKNOWN
        text = clean(part(shown.get("value")).get("text")) if visibility is Visibility.PUBLIC else ""
        return Quoted(uri, self.person(did), visibility, text)
