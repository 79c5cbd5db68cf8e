"""Looks again at the posts that somebody wants to answer, and keeps what the platform says of them now."""

import logging
from collections.abc import Callable, Mapping

from bot.errors import PlatformError, RateLimited
from bot.ports import Clock, Publisher
from bot.store import mentions, status
from bot.store.db import Store

log = logging.getLogger(__name__)

Publishers = Mapping[str, Publisher]
"""Who answers the posts of which source, by the source's name."""

_FIRST_WAIT_MS = 5_000
_LONGEST_WAIT_MS = 300_000
_LONGEST_ASKED_MS = 3_600_000
"""However long a platform asks us to wait: after an hour we look again, because somebody wants to answer."""


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
            log.warning("recheck failed: %s", type(error).__name__)
            found = None
            asked_for = error.retry_after * 1000 if isinstance(error, RateLimited) else 0
        with store.write() as tx:
            if found is None:
                wait = min(_FIRST_WAIT_MS * 2 ** min(row["tries"], 10), _LONGEST_WAIT_MS)
                status.postpone(tx, row["id"], clock.now() + int(max(wait, min(asked_for, _LONGEST_ASKED_MS))))
            else:
                status.put(tx, row["id"], found)
                answered += 1
    return answered
