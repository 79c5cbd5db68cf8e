"""How a post of a Discourse forum and its topic become a mention: whose words, who may read them, is it open. Pure.

A topic is looked at as a stranger sees it. What a stranger is given without a key is public; so no category's own
rules need to be known here, and a key of ours that sees more never makes anything public.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.connectors.cooked import Cooked, Quote, taken_apart
from bot.connectors.fields import Fields, Unreadable, clean, instant, name, part, parts
from bot.model import Author, Kind, Mention, Platform, Quoted, Visibility

PUBLIC_ARCHETYPES: Final = frozenset({"regular", "banner"})
REGULAR: Final = 1
"""The type of what people write. The others are acts of moderators, notes of the forum and whispers among staff."""


def deleted(post: Fields, topic: Fields) -> bool:
    """Whether its author took it back, or it was deleted, alone or with its topic. Staff are still shown such posts."""
    return bool(post.get("deleted_at") or post.get("user_deleted") or topic.get("deleted_at"))


def visibility_of(post: Fields, topic: Fields) -> Visibility:
    """Who may read a post, given its topic as a stranger sees it; none at all for one that a stranger does not see."""
    if topic.get("archetype") == "private_message":
        return Visibility.DIRECT
    if clean(topic.get("archetype")) not in PUBLIC_ARCHETYPES or post.get("post_type") != REGULAR:
        return Visibility.UNKNOWN
    if topic.get("visible") is False:
        return Visibility.UNLISTED
    shown = topic.get("visible") is True and post.get("hidden") is False
    return Visibility.PUBLIC if shown else Visibility.UNKNOWN


def is_open(topic: Fields) -> bool:
    """Whether a topic takes replies, as far as a stranger can tell."""
    return topic.get("closed") is False and topic.get("archived") is False


@dataclass(frozen=True, slots=True)
class Place:
    """A forum, our account there, and whether the forum is our own."""

    origin: str
    surface: str
    account: str
    owned: bool = False

    def url(self, post: Fields) -> str:
        """Where people find a post; it names topic and number."""
        return f"{self.origin}/t/{name(post.get('topic_id'))}/{name(post.get('post_number'))}"

    def mention(self, post: Fields, topic: Fields) -> Mention:
        """The post as a mention; without its words unless it is public.

        Raises:
            Unreadable: id, place, author or date are missing or broken.
        """
        native_id, born = name(post.get("id")), instant(post.get("created_at"))
        author_id, author, number = name(post.get("user_id")), clean(post.get("username")), post.get("post_number")
        if not native_id or born is None or not author_id or not author or not isinstance(number, int):
            raise Unreadable
        visibility = visibility_of(post, topic)
        cooked = taken_apart(post.get("cooked")) if visibility is Visibility.PUBLIC else Cooked()
        quoted = self._quoted(cooked.quotes)
        first = number == 1
        title = clean(topic.get("title")) if first and visibility is Visibility.PUBLIC else ""
        known = _numbered(topic)
        parent_key, parent_author = ("", "") if first else _parent(post, topic, known)
        edited = isinstance(post.get("version"), int) and post.get("version") != 1
        return Mention(
            platform=Platform.DISCOURSE,
            surface=self.surface,
            account=self.account,
            native_id=native_id,
            canonical_key=f"{self.origin}/p/{native_id}",
            text=f"{title}\n\n{cooked.own.text}".strip() if title else cooked.own.text,
            author=Author(author_id, author, is_bot=author_id.startswith("-")),
            created_at=born,
            visibility=visibility,
            kind=Kind.REPLY if not first else Kind.QUOTE if quoted else Kind.POST,
            url=self.url(post),
            declared_language=clean(post.get("locale")),
            own_mentions=_named(cooked),
            parent_key=parent_key,
            parent_author_id=parent_author,
            root_key=native_id if first else known.get(1, ("", ""))[0],
            owned_surface=self.owned,
            edited_at=instant(post.get("updated_at")) if edited else None,
            quoted=quoted,
            media=tuple(cooked.media),
            poll=_poll(post) if visibility is Visibility.PUBLIC else (),
        )

    def _quoted(self, quotes: list[Quote]) -> Quoted | None:
        """The quoted post: one of ours if there is one, for it counts as an answer to us; without its words.

        Who may read the quoted post is not told, and it may be gone.
        """
        ours = [quote for quote in quotes if quote.author == self.account.lower()]
        quote = next(iter(ours or quotes), None)
        return Quoted(f"{quote.topic}/{quote.number}", quote.author) if quote else None


def _numbered(topic: Fields) -> Mapping[int, tuple[str, str]]:
    """Number -> id and handle, of the posts that came with the topic: its first twenty."""
    came = parts(part(topic.get("post_stream")).get("posts"))
    known = {
        number: (name(each.get("id")), clean(each.get("username")))
        for each in came
        if isinstance(number := each.get("post_number"), int)
    }
    stream = part(topic.get("post_stream")).get("stream")
    if 1 not in known and isinstance(stream, list) and stream:
        known[1] = (name(stream[0]), "")
    return known


def _parent(post: Fields, topic: Fields, known: Mapping[int, tuple[str, str]]) -> tuple[str, str]:
    """Id and handle of who is answered: the post that the forum names, else whoever opened the topic."""
    number = post.get("reply_to_post_number")
    answered = number if isinstance(number, int) else 1
    key, handle = known.get(answered, ("", ""))
    named = (
        part(post.get("reply_to_user")) if answered == number else part(part(topic.get("details")).get("created_by"))
    )
    return key, clean(named.get("username")) or handle


def _named(cooked: Cooked) -> tuple[str, ...]:
    """Lower-case handles that the own words name. Groups have a class of their own and are nobody's handle."""
    spelled = [words for _, kind, words in cooked.own.links if "mention" in kind.split()]
    return tuple(dict.fromkeys(words.strip().removeprefix("@").lower() for words in spelled if words.strip("@ ")))


def _poll(post: Fields) -> tuple[str, ...]:
    options = [option for poll in parts(post.get("polls")) for option in parts(poll.get("options"))]
    return tuple(taken_apart(option.get("html")).own.text for option in options)
