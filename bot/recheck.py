"""Looks again at the posts that somebody wants to answer, and keeps what the platform says of them now.

Feeds never bring an edited post again, so an edit becomes known here; so does that a post is gone.
"""

import logging
from collections.abc import Callable, Mapping

from bot.errors import PlatformError, RateLimited
from bot.log import bound
from bot.model import PostStatus, Visibility
from bot.ports import Clock, Publisher
from bot.store import mentions, status
from bot.store.db import Row, Store, Tx
from bot.text import post_hash
from bot.withdrawal import take_out

log = logging.getLogger(__name__)

Publishers = Mapping[str, Publisher]
"""Who answers the posts of which source, by the source's name."""

_FIRST_WAIT_MS = 5_000
_LONGEST_WAIT_MS = 300_000
_LONGEST_ASKED_MS = 3_600_000
"""However long a platform asks us to wait: after an hour we look again, because somebody wants to answer."""

_HIDDEN = frozenset({Visibility.FOLLOWERS, Visibility.DIRECT})


def never() -> bool:
    """Nobody asked us to end."""
    return False


def run(store: Store, publishers: Publishers, clock: Clock, stopping: Callable[[], bool] = never) -> int:
    """Answer the open requests that are due; returns how many were answered. ``stopping`` is asked before each."""
    answered = 0
    for row in status.asked(store, clock.now()):
        if stopping():
            break
        publisher, asked_for = publishers.get(row["source"]), 0.0
        try:
            found = publisher.inspect(mentions.to_target(row)) if publisher else None
        except PlatformError as error:
            with bound(mention=row["id"], source=row["source"]):
                log.warning("recheck failed: %s", type(error).__name__)
            found = None
            asked_for = error.retry_after * 1000 if isinstance(error, RateLimited) else 0
        with store.write() as tx:
            if found is None:
                wait = min(_FIRST_WAIT_MS * 2 ** min(row["tries"], 10), _LONGEST_WAIT_MS)
                status.postpone(tx, row["id"], clock.now() + int(max(wait, min(asked_for, _LONGEST_ASKED_MS))))
            else:
                learn(tx, row, found, clock.now())
                answered += 1
    return answered


def learn(tx: Tx, row: Row, found: PostStatus, at: int) -> None:
    """Keep what a look at the post in ``row`` found, unless there is newer news of it.

    New words are a new revision, which is assessed anew. A post that is gone or no longer for everyone loses its
    words, and what was approved for it comes back; so does one whose author the platform suspended (P-10).
    """
    current = mentions.by_id(tx, row["id"])
    if current is None or not status.put(tx, row["id"], found) or not current["text_hash"]:
        return
    if found.exists is False or found.visibility in _HIDDEN or found.author_active is False:
        take_out(tx, current, found.visibility, at, cause="gone")
    elif current["revision"] == row["revision"] and _says_something_else(found, current):
        mentions.revise(tx, row["id"], text=found.text, text_hash=found.text_hash, edited_at=found.edited_at, at=at)


def _says_something_else(found: PostStatus, current: Row) -> bool:
    """Whether the text that was found, if one was, is another than the stored one."""
    stored: str = current["text_hash"]
    return found.text_hash == post_hash(found.text) != stored
