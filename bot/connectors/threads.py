"""What of a thread may be shown: public posts, each once, as many as were asked for; the rest is counted. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from bot.connectors.fields import Fields, Unreadable
from bot.model import READABLE_BY_ALL, Mention, Thread

DEEPEST: Final = 8
"""Levels of answers below a post that are asked for, where a platform lets us say so."""


def gathered(views: Iterable[Fields], read: Callable[[Fields], Mention], most: int) -> Thread:
    """The thread of what a platform listed, in that order; ``read`` raises ``Unreadable`` for what is no post."""
    found: dict[str, Mention] = {}
    left_out: Counter[str] = Counter()
    hidden: set[str] = set()
    for view in views:
        try:
            post = read(view)
        except Unreadable:
            left_out["broken"] += 1
            continue
        key = post.canonical_key
        if key in found or key in hidden:
            continue
        if post.visibility not in READABLE_BY_ALL:
            hidden.add(key)
            left_out["not public"] += 1
        elif len(found) >= most:
            hidden.add(key)
            left_out["too many"] += 1
        else:
            found[key] = post
    return Thread(tuple(found.values()), dict(left_out))
