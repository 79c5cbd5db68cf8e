"""How a post of the X API becomes a mention: whole words, whose words, who is named, who may read it.

Pure: no network and no clock. An answer of the API holds posts, and beside them the authors, other posts and media
that they point to; what is missing there is unknown, and what is unknown is not public.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.connectors.fields import Fields, Unreadable, clean, instant, keeps_bots_away, name, part, parts
from bot.model import Author, Kind, Media, Mention, Platform, Quoted, Visibility

SURFACE: Final = "x.com"

_EPOCH_MS: Final = 1_288_834_974_657
_TIME_BITS: Final = 22
_LARGEST_ID: Final = 2**63 - 1
_KINDS: Final = {"photo": "image", "video": "video", "animated_gif": "gifv"}
_ENTITIES: Final = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_WRITTEN = re.compile(r"&(?:lt|gt|amp);|https?://t\.co/\w+")
_PREFIX = re.compile(r"(?:@\w+(?:\s+|$))+")
_HANDLE = re.compile(r"\w{1,50}", re.ASCII)
_NO_LANGUAGE = re.compile(r"und|zxx|art|q\w+")


def id_at(ms: int) -> int:
    """The smallest id that a post of the instant ``ms`` (UTC) can have: X's ids begin with their time."""
    return min(max(ms - _EPOCH_MS, 0) << _TIME_BITS or 1, _LARGEST_ID)


def time_of(ident: int) -> int:
    """When the post ``ident`` was written, in UTC milliseconds."""
    return (ident >> _TIME_BITS) + _EPOCH_MS


def number(value: object) -> int | None:
    """An id as the number that it is; ``None`` for anything that is no id."""
    digits = name(value)
    if not digits.isascii() or not digits.isdecimal() or len(digits) > len(str(_LARGEST_ID)):
        return None
    return int(digits) if 0 < int(digits) <= _LARGEST_ID else None


def versions(post: Fields) -> tuple[int, ...]:
    """The ids of all versions of a post, oldest first: every edit makes a new id.

    Raises:
        Unreadable: the post has no id.
    """
    own, history = number(post.get("id")), post.get("edit_history_tweet_ids")
    if own is None:
        raise Unreadable
    known = {number(each) for each in history} if isinstance(history, list) else set()
    return tuple(sorted({own, *(each for each in known if each is not None)}))


@dataclass(frozen=True, slots=True)
class Around:
    """What an answer sends along beside its posts, by id."""

    users: Mapping[str, Fields]
    posts: Mapping[str, Fields]
    media: Mapping[str, Fields]
    polls: Mapping[str, Fields]

    @classmethod
    def of(cls, includes: object) -> "Around":
        """From the ``includes`` of an answer."""

        def by(key: str, ident: str) -> dict[str, Fields]:
            return {name(each.get(ident)): each for each in parts(part(includes).get(key)) if name(each.get(ident))}

        return cls(by("users", "id"), by("tweets", "id"), by("media", "media_key"), by("polls", "id"))

    def visibility_of(self, post: Fields) -> Visibility:
        """Who may read ``post``: everyone only if its author is known, not protected, and nothing is withheld."""
        author = self.users.get(name(post.get("author_id")), {})
        if post.get("withheld") is not None or author.get("withheld") is not None:
            return Visibility.UNKNOWN
        known = {False: Visibility.PUBLIC, True: Visibility.FOLLOWERS}
        protected = author.get("protected")
        return known[protected] if isinstance(protected, bool) else Visibility.UNKNOWN


def _referred(post: Fields, kind: str) -> str:
    """The id of the post that ``post`` replies to, quotes or repeats; empty if it does not."""
    found = (each for each in parts(post.get("referenced_tweets")) if each.get("type") == kind)
    return next((name(each.get("id")) for each in found), "")


@dataclass(frozen=True, slots=True)
class _Words:
    """A post's words as the API gives them. ``begins``: where the author's own begin."""

    raw: str
    begins: int
    addresses: tuple[Fields, ...]
    people: tuple[Fields, ...]

    @classmethod
    def of(cls, post: Fields) -> "_Words":
        """Of a long post the whole, not the shortened text that is sent first."""
        note = part(post.get("note_tweet"))
        whole = note if isinstance(note.get("text"), str) else post
        raw, entities = clean(whole.get("text")), part(whole.get("entities"))
        return cls(raw, _beginning(raw, post), parts(entities.get("urls")), parts(entities.get("mentions")))

    def own(self, quoted: str) -> str:
        """The author's own words: addresses in full, and without those that stand for media and the quoted post."""
        full = {clean(each.get("url")): _in_full(each, quoted) for each in self.addresses}

        def written(found: re.Match[str]) -> str:
            return _ENTITIES.get(found[0], full.get(found[0], found[0]))

        return _WRITTEN.sub(written, self.raw[self.begins :]).strip()

    def is_own(self, person: Fields) -> bool:
        """Whether the author named a person, and did not inherit them from the thread."""
        start = person.get("start")
        return start >= self.begins if isinstance(start, int) else self.begins == 0


def _beginning(raw: str, post: Fields) -> int:
    """Where the author's own words begin: X puts the people of a thread in front of every reply.

    X says where; should it not, all names in front of a reply count as put there.
    """
    prefix = _PREFIX.match(raw)
    if prefix is None or not _referred(post, "replied_to"):
        return 0
    shown = post.get("display_text_range")
    start = shown[0] if isinstance(shown, list) and shown else None
    return min(start, prefix.end()) if isinstance(start, int) and start >= 0 else prefix.end()


def _in_full(address: Fields, quoted: str) -> str:
    """The address behind a short one; nothing for media and for the quoted post, which are kept apart."""
    full = clean(address.get("expanded_url"))
    end = full.rstrip("/").partition("?")[0].rpartition("/status/")[2]
    if name(address.get("media_key")) or re.fullmatch(r"\d+/(?:photo|video)/\d", end) or (quoted and end == quoted):
        return ""
    return full or clean(address.get("url"))


@dataclass(frozen=True, slots=True)
class Place:
    """Our account: its handle without "@", and its id as digits."""

    account: str
    account_id: str

    def mention(self, post: Fields, around: Around) -> Mention:
        """The post as a mention.

        Raises:
            Unreadable: id, author or date are missing or broken.
        """
        chain, author_id, own_id = versions(post), name(post.get("author_id")), number(post.get("id"))
        born = instant(post.get("created_at"))
        if born is None or own_id is None or not author_id:
            raise Unreadable
        if len(chain) > 1:
            # The API gives each version's own date; the post is as old as its first one, told to the second.
            born = time_of(chain[0]) // 1000 * 1000
        parent, quoted = _referred(post, "replied_to"), self._quoted(post, around)
        repost = bool(_referred(post, "retweeted"))
        words = _Words.of(post)
        handle = clean(around.users.get(author_id, {}).get("username"))
        language = clean(post.get("lang"))
        return Mention(
            platform=Platform.X,
            surface=SURFACE,
            account=self.account,
            native_id=str(chain[-1]),
            canonical_key=str(chain[0]),
            text="" if repost else words.own(quoted.native_id if quoted else ""),
            author=Author(author_id, handle, opted_out=_opted_out(around.users.get(author_id, {}))),
            created_at=born,
            visibility=around.visibility_of(post),
            kind=Kind.REPOST if repost else Kind.REPLY if parent else Kind.QUOTE if quoted else Kind.POST,
            url=f"https://{SURFACE}/{handle if _HANDLE.fullmatch(handle) else 'i'}/status/{chain[-1]}",
            declared_language="" if _NO_LANGUAGE.fullmatch(language) else language,
            own_mentions=() if repost else _named(words),
            parent_key=parent,
            parent_author_id=name(post.get("in_reply_to_user_id")) if parent else "",
            root_key=name(post.get("conversation_id")),
            edited_at=time_of(own_id) if own_id != chain[0] else None,
            quoted=None if repost else quoted,
            media=_media(post, around),
            poll=_poll(post, around),
        )

    def _quoted(self, post: Fields, around: Around) -> Quoted | None:
        """The quoted post; its words only if everyone may read them."""
        ident = _referred(post, "quoted")
        if not ident:
            return None
        other = around.posts.get(ident, {})
        visibility = around.visibility_of(other)
        public = visibility is Visibility.PUBLIC
        return Quoted(
            native_id=ident,
            author_id=name(other.get("author_id")),
            visibility=visibility,
            text=_Words.of(other).own(_referred(other, "quoted")) if public else "",
        )

    def summoned(self, post: Fields, around: Around) -> bool:
        """Whether the post itself names our account or quotes a post of ours, as X asks for before a reply.

        A name that the thread put in front counts only if the post answers us directly.
        """
        words = _Words.of(post)
        to_us = name(post.get("in_reply_to_user_id")) == self.account_id
        named = any(
            name(person.get("id")) == self.account_id or clean(person.get("username")).lower() == self.account.lower()
            for person in words.people
            if to_us or words.is_own(person)
        )
        quoted = around.posts.get(_referred(post, "quoted"), {})
        repost = bool(_referred(post, "retweeted"))
        return not repost and (named or name(quoted.get("author_id")) == self.account_id)


def _named(words: _Words) -> tuple[str, ...]:
    """Handles in lower case, and ids, of the people that the author named."""
    own = [person for person in words.people if words.is_own(person)]
    pairs = ((clean(person.get("username")).lower(), name(person.get("id"))) for person in own)
    return tuple(dict.fromkeys(known for pair in pairs for known in pair if known))


def _attached(post: Fields, key: str) -> tuple[str, ...]:
    found = part(post.get("attachments")).get(key)
    return tuple(filter(None, map(name, found))) if isinstance(found, list) else ()


def _media(post: Fields, around: Around) -> tuple[Media, ...]:
    found = (around.media.get(key, {}) for key in _attached(post, "media_keys"))
    return tuple(Media(_KINDS.get(clean(each.get("type")), "unknown"), clean(each.get("alt_text"))) for each in found)


def _poll(post: Fields, around: Around) -> tuple[str, ...]:
    polls = (around.polls.get(key, {}) for key in _attached(post, "poll_ids"))
    return tuple(clean(option.get("label")) for poll in polls for option in parts(poll.get("options")))


def _opted_out(author: Fields) -> bool | None:
    words = author.get("description")
    return keeps_bots_away(words) if isinstance(words, str) else None
