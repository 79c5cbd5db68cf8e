"""Deletion sync: every stored post is looked at again where it was read, and what is gone there goes here (P-10, P-11).

A platform that does not answer is an alarm after an hour; after 20 hours of it the words are sealed, and in the end
they go. Our own downtime seals, too, but erases nothing. Where a source cannot be asked (feeds, archives, a stream
without an account), words go by what it tells by itself, or by their age.
"""

import json
import logging
from collections.abc import Callable

from bot.errors import PlatformError, RateLimited
from bot.ledger import entries
from bot.log import bound
from bot.model import EntryKind, Platform, Visibility
from bot.model.retention import HOUR_MS
from bot.ports import Clock
from bot.recheck import Publishers, learn, never
from bot.store import ladder, mentions, opt_ins, opt_outs, upkeep
from bot.store import log as ledger_rows
from bot.store.db import Row, Store, Tx
from bot.withdrawal import take_out

log = logging.getLogger(__name__)

BATCH = 20
"""Posts of one platform that a round looks at."""
AGAIN_MS = 300_000
"""A post that a platform did not answer for is asked for again after this, later if the platform asks for it."""

AuthorKey = Callable[[str, str], str]
"""The key of an author on the suppression list, by platform and id."""


def run(store: Store, publishers: Publishers, clock: Clock, stopping: Callable[[], bool] = never) -> int:
    """One round: look at posts whose turn it is, seal and erase what nobody confirms; returns how many were looked at.

    ``publishers`` are asked with the budget that reading may spend; one that asks us to wait ends its own round.
    """
    if upkeep.not_yet_known(store, publishers):
        with store.write() as tx:
            upkeep.can_be_asked(tx, publishers)
    looked = _look(store, publishers, clock, stopping)
    _seal_and_erase(store, clock.now())
    return looked


def _look(store: Store, publishers: Publishers, clock: Clock, stopping: Callable[[], bool]) -> int:
    with store.write() as tx:
        claimed = upkeep.claim(tx, clock.now(), BATCH)
    looked, waits = 0, dict[str, int]()
    for row in claimed:
        source = row["source"]
        if stopping():
            waits.setdefault(source, 0)
        if source not in waits:
            wait = _look_at(store, row, publishers, clock)
            if wait is None:
                looked += 1
            else:
                waits[source] = wait
        if source in waits:
            with store.write() as tx:
                upkeep.leave(tx, [row["id"]], clock.now() + waits[source])
    return looked


def _look_at(store: Store, row: Row, publishers: Publishers, clock: Clock) -> int | None:
    """Ask for one post and keep the answer; without an answer, how long to leave its source alone."""
    publisher, wait, found = publishers.get(row["source"]), AGAIN_MS, None
    try:
        found = publisher.inspect(mentions.to_target(row)) if publisher else None
    except PlatformError as error:
        with bound(mention=row["id"], source=row["source"]):
            log.warning("no look at a post of %s: %s", row["source"], type(error).__name__)
        if isinstance(error, RateLimited):
            wait = int(max(AGAIN_MS, min(error.retry_after * 1000, HOUR_MS)))
    with store.write() as tx:
        if found is None:
            upkeep.unanswered(tx, row["source"], clock.now())
            return wait
        upkeep.answered(tx, row["source"])
        learn(tx, row, found, clock.now())
        # A post that is kept from us is asked for again, but not every minute: on X each look is billed.
        upkeep.leave(tx, [row["id"]], clock.now() + HOUR_MS if found.exists is None else 0)
    return None


def _seal_and_erase(store: Store, now: int) -> None:
    with store.write() as tx:
        upkeep.seal(tx, now)
    while rows := upkeep.lost(store, now, BATCH):
        with store.write() as tx:
            for row in rows:
                current = mentions.by_id(tx, row["id"])
                if current is not None and current["text_hash"] and current["stood_at"] == row["stood_at"]:
                    take_out(tx, current, Visibility.UNKNOWN, now, cause="unanswered")


def close(store: Store, clock: Clock, author_key: AuthorKey) -> int:
    """Close the deletions whose words stand nowhere any more; returns how many.

    First the vault loses what it opens of them, then the write-ahead file is emptied, then the entry is written. A busy
    reader puts off the rest: the next round goes on.
    """
    rows = upkeep.open_deletions(store, 10 * BATCH)
    if not rows:
        return 0
    with store.write() as tx:
        for row in rows:
            if row["canonical_key"] is not None:
                _forget(tx, row, author_key(row["platform"], row["author_id"]))
        upkeep.want_rewrite(tx, clock.now())
    if not store.truncate_wal():
        return 0
    with store.write() as tx:
        closed = [row for row in rows if upkeep.close_deletion(tx, row["mention_id"])]
        for row in closed:
            fields: dict[str, entries.Value] = {"step": "closed", "noticed_at": row["at"], "hours": row["hours"]}
            entries.append(tx, EntryKind.DELETION, {**fields, "mention": row["mention_id"]}, clock.now())
    return len(closed)


def _forget(tx: Tx, row: Row, author_key: str) -> None:
    """What the vault opens of one post; and on Reddit opt-out and warnings of an account that is gone."""
    ledger_rows.erase_post(tx, author_key, row["canonical_key"])
    account_gone = row["status"] is not None and json.loads(row["status"])["author_active"] is False
    if row["platform"] == Platform.REDDIT and account_gone:
        opt_outs.forget(tx, author_key)
        opt_ins.forget(tx, author_key)
        ladder.forget(tx, author_key)
