"""What an answer of Bluesky says about a post, its thread and its author. Pure."""

from collections.abc import Iterator

from bot.connectors.fields import Fields, clean, part, parts
from bot.text import calls_itself_parody


def closed(view: Fields) -> bool | None:
    """Whether the post's author keeps us from answering; ``None`` where the server does not say."""
    viewer = view.get("viewer")
    told = part(viewer).get("replyDisabled", False)
    if isinstance(viewer, dict) and isinstance(told, bool):
        return told
    allowed = part(part(view.get("threadgate")).get("record")).get("allow")
    return True if allowed == [] else None


def post_of(shown: Fields) -> Fields:
    """The post of one place in a thread; nothing where it is gone or kept from us."""
    return part(shown.get("post"))


def unrolled(thread: Fields) -> Iterator[Fields]:
    """The posts of a thread: the one that was asked for, what it answers, then the answers, level by level.

    What is gone or kept from us by a block stands there without its words and is passed over.
    """
    above = thread
    while above:
        yield from filter(None, [post_of(above)])
        above = part(above.get("parent"))
    level = parts(thread.get("replies"))
    while level:
        yield from filter(None, map(post_of, level))
        level = tuple(below for each in level for below in parts(each.get("replies")))


def parody(profile: Fields) -> bool:
    """Whether an account calls itself a parody."""
    return calls_itself_parody(clean(profile.get("displayName")), clean(profile.get("description")))
