"""How a comment or a post of Reddit becomes a mention: whose words, who is named, who may read it. Pure.

The text is Reddit's Markdown with escapes and character references resolved; for a post its title comes first.
Lines that begin with ``>`` quote somebody else: they are left out and nothing stands in for them. The lines below
are kept even where Reddit would draw them into the quote, because people who forget the empty line mean their own
words. ``>!`` hides a spoiler, which is the author's own.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.connectors.fields import Unreadable, clean, keeps_bots_away, name, part, parts
from bot.model import Author, Kind, Media, Mention, Platform, Visibility
from bot.text import calls_itself_parody

Thing = Mapping[str, object]
"""A comment, a post or an account, as it stands in the answers of the API."""

NOTHING: Final[Thing] = {}
COMMENT: Final = "t1_"
POST: Final = "t3_"
FULLNAME: Final = re.compile(r"t[13]_[0-9a-z]{1,16}")
"""What the id of anything public looks like."""

_LONGEST: Final = 65_536
"""Code points that are read. Reddit allows 40,000; the rest can only be an attack."""
_LAST_INSTANT: Final = 253_402_300_800
"""Seconds since 1970 at the end of the year 9999."""

_QUOTED = re.compile(r" {0,3}(?:>|&gt;)(?!!)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~^<>|&])")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_NAMED = re.compile(r"(?<![\w/.-])/?u/([A-Za-z0-9_-]{2,20})(?![\w-])", re.IGNORECASE)

_GONE_WORDS = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})
_LIMITED = frozenset({"private", "restricted", "employees_only", "gold_only", "gold_restricted", "archived"})
_MEDIA = {"Image": "image", "AnimatedImage": "gifv", "RedditVideo": "video"}
_HINTS = {"image": "image", "hosted:video": "video", "rich:video": "video"}


def moment(value: object) -> int | None:
    """Seconds since 1970 as UTC milliseconds; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LAST_INSTANT:
        return None
    return round(value * 1000)


def own_words(markdown: object) -> str:
    """The author's own words: no quoted lines, escapes and character references resolved."""
    lines = clean(markdown)[:_LONGEST].split("\n")
    text = _ESCAPED.sub(r"\1", "\n".join(line for line in lines if not _QUOTED.match(line)))
    text = _REFERENCE.sub(lambda match: html.unescape(match[0]), text)
    return re.sub(r"\n{3,}", "\n\n", clean(text)).strip()


def text_of(thing: Thing) -> str:
    """What its author wrote, title first."""
    if clean(thing.get("name")).startswith(COMMENT):
        return own_words(thing.get("body"))
    return f"{own_words(thing.get('title'))}\n\n{own_words(thing.get('selftext'))}".strip()


def gone(thing: Thing) -> bool:
    """Whether its author deleted it or somebody removed it."""
    if clean(thing.get("author")) in {"", "[deleted]"} or thing.get("removed_by_category") or thing.get("banned_by"):
        return True
    return any(clean(thing.get(words)).strip() in _GONE_WORDS for words in ("body", "selftext", "title"))


def _thread(comment: Thing) -> tuple[str, str]:
    """Fullnames of its parent and of the post at the top."""
    parent, root = clean(comment.get("parent_id")), clean(comment.get("link_id"))
    return parent if FULLNAME.fullmatch(parent) else "", root if FULLNAME.fullmatch(root) else ""


def around(thing: Thing) -> tuple[str, ...]:
    """Fullnames of the comment or post that a comment answers and of the post at the top; a post has none around."""
    return tuple(dict.fromkeys(filter(None, _thread(thing)))) if clean(thing.get("name")).startswith(COMMENT) else ()


def link_of(thing: Thing, near: Mapping[str, Thing]) -> Thing:
    """The post that a comment stands under, empty if it is not among ``near``; a post is its own."""
    if clean(thing.get("name")).startswith(COMMENT):
        return near.get(clean(thing.get("link_id")), NOTHING)
    return thing


def replies_open(thing: Thing, link: Thing) -> bool | None:
    """Whether we may reply. ``link`` is the post that a comment stands under, and for a post the post itself."""
    if thing.get("unrepliable_reason"):
        return False
    marks = [each.get(mark) for each in (thing, link) for mark in ("locked", "archived")]
    return False if True in marks else True if all(mark is False for mark in marks) else None


@dataclass(frozen=True, slots=True)
class Place:
    """Reddit as one account of ours sees it.

    Attributes:
        surface: host of the site.
        site: its address, such as ``https://www.reddit.com``.
        account: our name there, without "u/".
        profiles: whether posts on people's own profile pages count.
    """

    surface: str
    site: str
    account: str
    profiles: bool = False

    def is_us(self, thing: Thing) -> bool:
        """Whether our own account wrote it."""
        return clean(thing.get("author")).lower() == self.account.lower()

    def named(self, thing: Thing) -> tuple[str, ...]:
        """Lower-case names of the accounts that its own words name."""
        return tuple(dict.fromkeys(found.lower() for found in _NAMED.findall(text_of(thing))))

    def visibility(self, thing: Thing, link: Thing) -> Visibility:
        """Who may read it. What Reddit does not say, of a comment or of the post above it, is not public."""
        kinds = {clean(thing.get("subreddit_type")), clean(link.get("subreddit_type"))}
        shut = [each.get("quarantine") for each in (thing, link) if each is link or "quarantine" in each]
        if kinds & _LIMITED or True in shut:
            return Visibility.FOLLOWERS
        profile = "user" in kinds or clean(thing.get("subreddit")).lower().startswith("u_")
        known = kinds <= {"public", "user"} and all(mark is False for mark in shut)
        # The mark belongs to whoever wrote the post: a comment below it has none.
        indexed = thing is not link or thing.get("is_robot_indexable") is True
        return Visibility.PUBLIC if known and indexed and (self.profiles or not profile) else Visibility.UNKNOWN

    def mention(self, thing: Thing, near: Mapping[str, Thing]) -> Mention:
        """A comment or a post; ``near`` holds the things around a comment by their fullnames.

        Raises:
            Unreadable: fullname, author or date are missing or broken.
        """
        key, born, author = clean(thing.get("name")), moment(thing.get("created_utc")), self.author(thing)
        if not FULLNAME.fullmatch(key) or born is None or not author.native_id or not author.handle:
            raise Unreadable
        comment = key.startswith(COMMENT)
        repost = not comment and bool(thing.get("crosspost_parent"))
        link, path = link_of(thing, near), clean(thing.get("permalink"))
        parent_key, root_key = _thread(thing) if comment else ("", "")
        parent = near.get(parent_key, NOTHING)
        ours = clean(thing.get("subreddit")).lower() == f"u_{self.account}".lower()
        return Mention(
            platform=Platform.REDDIT,
            surface=self.surface,
            account=self.account,
            native_id=key,
            canonical_key=key,
            text="" if repost else text_of(thing),
            author=author,
            created_at=born,
            visibility=self.visibility(thing, link),
            kind=Kind.REPOST if repost else Kind.REPLY if comment else Kind.POST,
            url=f"{self.site}{path}" if path.startswith("/") else "",
            own_mentions=() if repost else self.named(thing),
            parent_key=parent_key,
            # People configure the name of our account and seldom its id.
            parent_author_id=self.account if self.is_us(parent) else name(parent.get("author_fullname")),
            root_key=root_key,
            owned_surface=ours or (comment and self.is_us(link)),
            edited_at=moment(thing.get("edited")),
            media=media(thing),
            poll=tuple(clean(each.get("text")) for each in parts(part(thing.get("poll_data")).get("options"))),
        )

    @staticmethod
    def author(thing: Thing) -> Author:
        """Who wrote it. Of bots Reddit itself marks none; the one that is everywhere is known by its name."""
        handle = clean(thing.get("author"))
        return Author(
            native_id=name(thing.get("author_fullname")),
            handle=handle,
            is_bot=True if handle.lower() == "automoderator" else None,
        )


def opted_out(account: Thing) -> bool | None:
    """Whether an account's own description asks bots to stay away; ``None`` if it has none."""
    words = part(account.get("subreddit")).get("public_description")
    return keeps_bots_away(own_words(words)) if isinstance(words, str) else None


def parody(account: Thing) -> bool | None:
    """Whether an account's own profile says that it is a parody or a fan's; ``None`` if Reddit shows no profile."""
    profile = part(account.get("subreddit"))
    title, bio = profile.get("title"), profile.get("public_description")
    if not isinstance(title, str) and not isinstance(bio, str):
        return None
    return calls_itself_parody(clean(title), clean(bio))


def media(thing: Thing) -> tuple[Media, ...]:
    """What is attached: a gallery in its order with its captions, else what stands in the text or is linked."""
    known = part(thing.get("media_metadata"))
    gallery = parts(part(thing.get("gallery_data")).get("items"))
    ids = [(clean(each.get("media_id")), clean(each.get("caption"))) for each in gallery] or [
        (key, "") for key in known
    ]
    found = tuple(Media(_MEDIA.get(clean(part(known.get(key)).get("e")), "unknown"), alt) for key, alt in ids)
    if found:
        return found
    hint = "video" if thing.get("is_video") is True else _HINTS.get(clean(thing.get("post_hint")), "")
    return (Media(hint),) if hint else ()
