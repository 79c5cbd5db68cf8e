"""Looks again at the posts that somebody wants to answer, and keeps what the platform says of them now."""

import logging
from collections.abc import Mapping

from bot.errors import PlatformError
from bot.ports import Clock, Publisher
from bot.store import mentions, status
from bot.store.db import Store

log = logging.getLogger(__name__)

Publishers = Mapping[str, Publisher]
"""Who answers the posts of which source, by the source's name."""

_FIRST_WAIT_MS = 5_000
_LONGEST_WAIT_MS = 300_000


def run(store: Store, publishers: Publishers, clock: Clock) -> int:
    """Answer the open requests that are due; returns how many were answered."""
    answered = 0
    for row in status.asked(store, clock.now()):
        publisher = publishers.get(row["source"])
        try:
            found = publisher.inspect(mentions.to_target(row)) if publisher else None
        except PlatformError as error:
            log.warning("recheck failed: %s", type(error).__name__)
            found = None
        with store.write() as tx:
            if found is None:
                wait = min(_FIRST_WAIT_MS * 2 ** min(row["tries"], 10), _LONGEST_WAIT_MS)
                status.postpone(tx, row["id"], clock.now() + wait)
            else:
                status.put(tx, row["id"], found)
                answered += 1
    return answered
