"""How a view of the Lemmy API, of a post or a comment, becomes a mention: whose words, who may read them. Pure.

Posts and comments are counted apart on a server; so ids are written "post-1" and "comment-1" here.
"""

import re
from dataclasses import dataclass
from typing import Final

from bot.connectors.fields import Fields, Unreadable, clean, host_of, instant, keeps_bots_away, name, part
from bot.connectors.forum import own_lines
from bot.model import Author, Kind, Media, Mention, Platform, Visibility, is_new

VISIBILITIES: Final = {
    "Public": Visibility.PUBLIC,
    "LocalOnly": Visibility.FOLLOWERS,
    "Private": Visibility.FOLLOWERS,
}

# A mention needs its server here; the bare name tells nobody.
_HANDLE: Final = re.compile(r"(?<![\w@/.])@(\w[\w.-]{0,60})@([\w-][\w.:-]{0,250}\w)")
_IMAGE: Final = re.compile(r"!\[([^\[\]\n]{0,1000})\]\([^()\s]{1,2000}(?: \"[^\"\n]{0,300}\")?\)")
LONGEST: Final = 65_536
"""Characters of a body that are read; servers let people write far fewer."""

_NATIVE: Final = re.compile(r"(post|comment)-([0-9]{1,18})")


def number_of(native_id: str) -> tuple[str, int]:
    """Whether an id of ours names a "post" or a "comment", and its number on the server.

    Raises:
        Unreadable: it names neither.
    """
    match = _NATIVE.fullmatch(native_id)
    if match is None:
        raise Unreadable
    return match[1], int(match[2])


def deleted(view: Fields) -> bool:
    """Whether the post or comment, the post above it or the community is gone, by its author or a moderator."""
    whole = (part(view.get("comment")), part(view.get("post")), part(view.get("community")))
    return any(each.get("deleted") or each.get("removed") for each in whole)


def visibility_of(view: Fields) -> Visibility:
    """Who may read it: what its community says. A word that we do not know, or none, is not public."""
    return VISIBILITIES.get(clean(part(view.get("community")).get("visibility")), Visibility.UNKNOWN)


def is_open(view: Fields) -> bool:
    """Whether comments are let in, from us too."""
    return part(view.get("post")).get("locked") is False and view.get("banned_from_community") is not True


@dataclass(frozen=True, slots=True)
class Place:
    """The server that we look from, and our account there. People of this server go without the server's name."""

    origin: str
    surface: str
    account: str

    def handle(self, person: Fields) -> str:
        """The handle of a person as this server's people write it."""
        spelled = clean(person.get("name"))
        host = host_of(clean(person.get("actor_id")))
        return spelled if person.get("local") is True or not host or host == self.surface else f"{spelled}@{host}"

    def ours(self, view: Fields) -> bool:
        """Whether our account wrote it."""
        return self.handle(part(view.get("creator"))).lower() == self.account.lower()

    def mention(self, view: Fields) -> Mention:
        """The post or comment as a mention; without its words unless it is public.

        Raises:
            Unreadable: id, address, author or date are missing or broken.
        """
        comment, post, creator = part(view.get("comment")), part(view.get("post")), part(view.get("creator"))
        said = comment or post
        word, number, key = "comment" if comment else "post", name(said.get("id")), clean(said.get("ap_id"))
        born, author_id, root = instant(said.get("published")), name(creator.get("id")), name(post.get("id"))
        if not number or not key or born is None or not author_id or not root:
            raise Unreadable
        visibility = visibility_of(view)
        public = visibility is Visibility.PUBLIC
        body = _body(comment, post) if public else ""
        text = own_lines(_IMAGE.sub("", body))
        bot = creator.get("bot_account")
        parent_key, parent_author = self._parent(view) if comment else ("", "")
        return Mention(
            platform=Platform.LEMMY,
            surface=self.surface,
            account=self.account,
            native_id=f"{word}-{number}",
            canonical_key=key,
            text=text,
            # An empty bio is left out of the answer.
            author=Author(
                author_id,
                self.handle(creator),
                is_bot=bot if isinstance(bot, bool) else None,
                opted_out=keeps_bots_away(clean(creator.get("bio"))),
                is_new=is_new(instant(creator.get("published")), born),
            ),
            created_at=born,
            visibility=visibility,
            kind=Kind.REPLY if comment else Kind.POST,
            url=f"{self.origin}/{word}/{number}",
            own_mentions=self.named(text),
            parent_key=parent_key,
            parent_author_id=parent_author,
            root_key=f"post-{root}",
            edited_at=instant(said.get("updated")),
            media=(
                *_picture(post if public and not comment else {}),
                *(Media("image", alt) for alt in _IMAGE.findall(body)),
            ),
        )

    def named(self, text: str) -> tuple[str, ...]:
        """Lower-case handles that stand in a text."""
        found = (
            f"{who}@{host}".lower().removesuffix(f"@{self.surface.lower()}") for who, host in _HANDLE.findall(text)
        )
        return tuple(dict.fromkeys(found))

    def _parent(self, view: Fields) -> tuple[str, str]:
        """What a comment answers, and whom. Of a comment above only a notification tells who wrote it: it is ours."""
        steps = clean(part(view.get("comment")).get("path")).split(".")
        post = part(view.get("post"))
        recipient = self.handle(part(view.get("recipient"))) if part(view.get("comment_reply")) else ""
        if len(steps) > 2:  # noqa: PLR2004 - the path of a first comment is "0" and itself
            return f"comment-{steps[-2]}", recipient
        return f"post-{name(post.get('id'))}", recipient or name(post.get("creator_id"))


def _body(comment: Fields, post: Fields) -> str:
    """What the author wrote; of a post the title, the text and the link."""
    if comment:
        return clean(comment.get("content"))[:LONGEST]
    return "\n\n".join(filter(None, (clean(post.get(each)) for each in ("name", "body", "url"))))[:LONGEST]


def _picture(post: Fields) -> tuple[Media, ...]:
    """The picture that a post links to, if the server knows it for one."""
    if not clean(post.get("url_content_type")).startswith("image/"):
        return ()
    return (Media("image", clean(post.get("alt_text"))),)
