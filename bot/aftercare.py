"""Looks at our own replies again: one that was taken away stops us in that place until a person lifts it (C-34).

Who took it away no platform tells. It counts as the place's moderators if nobody took it back here, and if the post
that it answers still stands: under a post that is gone, replies go with it.
"""

import logging
from collections.abc import Callable

from bot.errors import PlatformError
from bot.gate.texts import AFTER_SENDING
from bot.ledger import entries
from bot.log import bound
from bot.model import EntryKind, Platform, Target, Visibility
from bot.model.retention import HOUR_MS
from bot.ports import Clock
from bot.recheck import Publishers, never
from bot.review.surroundings import place_of
from bot.store import cases, dispatches, mentions, standing
from bot.store.db import Row, Store

log = logging.getLogger(__name__)

LOOKS_MS = (HOUR_MS, 24 * HOUR_MS, 72 * HOUR_MS)
"""When after sending we look: moderators act within hours, or over a weekend. Each look costs a request."""
AGAIN_MS = 300_000
"""After this we ask anew where a platform did not answer."""
BATCH = 20


def run(store: Store, publishers: Publishers, clock: Clock, stopping: Callable[[], bool] = never) -> int:
    """Look at the replies whose turn it is; returns how many were looked at."""
    looked = 0
    for row in dispatches.to_look_at(store, clock.now(), BATCH):
        if stopping():
            break
        looked += _look(store, row, publishers, clock)
    return looked


def _look(store: Store, row: Row, publishers: Publishers, clock: Clock) -> bool:
    mention, now = mentions.by_id(store, row["mention_id"]), clock.now()
    publisher = publishers.get(mention["source"]) if mention else None
    if mention is None or not mention["text_hash"] or publisher is None:
        _next(store, row, None)
        return False
    try:
        stands = publisher.inspect(_own(row)).exists
        removed = stands is False and publisher.inspect(mentions.to_target(mention)).exists is True
    except PlatformError as error:
        with bound(dispatch=row["id"], case=row["case_id"], mention=row["mention_id"], source=mention["source"]):
            log.warning("no look at reply %s: %s", row["id"], type(error).__name__)
        _next(store, row, now + AGAIN_MS)
        return False
    if removed:
        _taken_away(store, row, mention, now)
    else:
        later = [row["sent_at"] + look for look in LOOKS_MS if row["sent_at"] + look > now]
        _next(store, row, later[0] if later and stands is not False else None)
    return True


def _own(row: Row) -> Target:
    return Target(
        platform=Platform(row["platform"]),
        surface=row["surface"],
        account=row["account"],
        native_id=row["remote_id"],
        canonical_key=row["remote_id"],
        author_handle=row["account"],
        visibility=Visibility.PUBLIC,
        url=row["remote_url"],
    )


def _next(store: Store, row: Row, at: int | None) -> None:
    with store.write() as tx:
        dispatches.look_at(tx, row["id"], at)


def _taken_away(store: Store, row: Row, mention: Row, now: int) -> None:
    with store.write() as tx:
        if not dispatches.look_at(tx, row["id"], None):
            return
        standing.stop_place(tx, row["platform"], place_of(mention), "removed", now)
        standing.fired(tx, row["platform"], [(AFTER_SENDING, standing.STOPPED)], now)
        fields: dict[str, entries.Value] = {"dispatch": row["id"], "draft": row["draft_id"], "result": "removed"}
        entries.append(tx, EntryKind.SEND_RESULT, {**fields, "cause": ""}, now)
        cases.note(tx, row["case_id"], "reply_removed", now)
