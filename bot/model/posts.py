"""Posts as platforms have them: identities, visibility, and what was fetched. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.model.platforms import Platform

Span = tuple[int, int]


NEW_MS = 30 * 86_400_000
"""Below this age an account counts as new (E-13)."""


def is_new(made_at: int | None, posted_at: int) -> bool | None:
    """Whether an account was new when it posted; None where its platform does not say when it was made."""
    return None if made_at is None else posted_at - made_at < NEW_MS


class Visibility(StrEnum):
    """Who can read a post, as the platform says it. Anything unknown counts as not public."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    DIRECT = "direct"
    UNKNOWN = "unknown"


READABLE_BY_ALL: Final = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})
"""Whoever reads these needs no account. An unlisted post is open too, it is only not offered."""


class Kind(StrEnum):
    """How a post stands to other posts."""

    POST = "post"
    REPLY = "reply"
    QUOTE = "quote"
    REPOST = "repost"


class Trigger(StrEnum):
    """How the author engaged with us (rule C-04). ``NONE``: only a watch heard the post."""

    MENTION = "mention"
    REPLY = "reply"
    QUOTE = "quote"
    OWN_PAGE = "own_page"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a post: only what rule P-04 allows to keep. ``None`` means the platform did not say.

    ``is_new``: the account was made less than ``NEW_MS`` before the post; its date itself is never kept.
    """

    native_id: str
    handle: str
    is_bot: bool | None = None
    opted_out: bool | None = None
    is_new: bool | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One attachment: its kind ("image", "video", "audio", "gifv", "unknown") and alternative text."""

    kind: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """The post that a post quotes. Its words are never the author's."""

    native_id: str
    author_id: str
    visibility: Visibility = Visibility.UNKNOWN
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A post as fetched from a platform.

    ``canonical_key`` identifies it across servers and restarts; ``native_id`` is the id to reply to on
    ``surface`` (the server or site) as ``account`` (our own account that heard it). ``own_mentions``
    are the accounts named in the post's *own* text, as ids or lower-case handles without "@";
    inherited thread mentions do not belong there. ``root_key`` and ``parent_key`` are native ids.
    """

    platform: Platform
    surface: str
    account: str
    native_id: str
    canonical_key: str
    text: str
    author: Author
    created_at: int
    visibility: Visibility
    kind: Kind = Kind.POST
    url: str = ""
    declared_language: str = ""
    own_mentions: tuple[str, ...] = ()
    parent_key: str = ""
    parent_author_id: str = ""
    root_key: str = ""
    owned_surface: bool = False
    edited_at: int | None = None
    quoted: Quoted | None = None
    media: tuple[Media, ...] = ()
    poll: tuple[str, ...] = ()

    @property
    def thread_key(self) -> str:
        """The root's id where it is known, else the parent's, else the post's own."""
        return self.root_key or self.parent_key or self.native_id


@dataclass(frozen=True, slots=True)
class Page:
    """What one fetch brought. ``cursor`` is to be stored together with ``mentions``; ``more`` asks for another fetch.

    ``dropped`` counts what the connector itself let fall, by reason ("not public", "broken line", ...). ``gap`` is the
    time, from and to in UTC milliseconds, that the platform no longer serves although the cursor stood before it.
    """

    mentions: tuple[Mention, ...]
    cursor: str
    more: bool = False
    dropped: Mapping[str, int] = field(default_factory=dict)
    gap: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """What everyone may read of the thread around a post, nearest first.

    ``left_out`` counts what is not in ``posts``, by reason: "not public", "broken", "too many", "over budget", and
    "not offered" where a platform has no such read.
    """

    posts: tuple[Mention, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """The public post that a reply answers, as its platform needs it."""

    platform: Platform
    surface: str
    account: str
    native_id: str
    canonical_key: str
    author_handle: str
    visibility: Visibility
    url: str = ""


@dataclass(frozen=True, slots=True)
class PostStatus:
    """What a publisher's ``inspect`` found out about a target post just now (section 5 of the platform notes).

    ``None`` means that the platform did not answer this question; the gate never reads it as "yes". ``text`` is the
    post's plain text, in the form that a connector would bring it, and ``text_hash`` is made from it; both are empty
    unless everyone may read the post. The text is for the post's own row and is kept nowhere else. ``own_thread``: a
    post of ours opened the conversation; only a platform that wants us to be summoned needs to say so.
    """

    checked_at: int
    exists: bool | None
    visibility: Visibility = Visibility.UNKNOWN
    http_status: int | None = None
    text_hash: str = ""
    text: str = field(default="", repr=False)
    edited_at: int | None = None
    author_is_bot: bool | None = None
    author_opted_out: bool | None = None
    author_active: bool | None = None
    author_blocks_us: bool | None = None
    replies_open: bool | None = None
    summoned: bool | None = None
    own_thread: bool | None = None
    author_parody: bool | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """One of our own accounts as its platform shows it to everybody. ``is_bot`` is None where there is no such label.

    ``bio`` is its plain text; None where the platform has none or does not show it to us. ``server_rules`` is the
    version of the rules of the server that the account lives on: their SHA-256, "" where none are published.
    """

    handle: str
    native_id: str
    is_bot: bool | None = None
    bio: str | None = None
    server_rules: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a post of ours exists: the platform's id and address, and the text as read back."""

    platform: Platform
    surface: str
    account: str
    native_id: str
    url: str
    at: int
    text_read_back: str = ""
