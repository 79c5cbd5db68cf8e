"""Looks once a day at our own accounts as their platforms show them (rules D-01 and D-02), and keeps what it saw.

One that cannot send is looked at every hour, so that its cases go on by themselves when it is well again.
"""

import logging

from bot.errors import PlatformError, Transient
from bot.model import Identity
from bot.ports import Clock
from bot.recheck import Publishers
from bot.store import sources
from bot.store.db import Store

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def _trouble(known: Identity, account: str) -> str:
    if known.handle.lower() != account.removeprefix("@").lower():
        return sources.ANOTHER_ACCOUNT
    return sources.EMPTY_BIO if known.bio is not None and not known.bio.strip() else ""


def run(store: Store, publishers: Publishers, clock: Clock) -> int:
    """Look at the account of every source whose turn it is; returns how many were looked at.

    A platform that does not answer is asked again in a minute; one that refuses is kept as trouble.
    """
    looked = 0
    for row in sources.every(store):
        publisher = publishers.get(row["name"])
        pause = HOUR_MS if sources.mute(row) else DAY_MS
        if publisher is None or clock.now() - (row["identity_at"] or 0) < pause:
            continue
        is_bot = None
        try:
            known = publisher.identity()
        except Transient:
            with store.write() as tx:
                sources.doubt(tx, row["name"], looked_at=clock.now() - pause + MINUTE_MS)
            continue
        except PlatformError as error:
            trouble = str(error)
            log.warning("source %s: our own account was refused: %s", row["name"], type(error).__name__)
        else:
            is_bot, trouble = known.is_bot, _trouble(known, row["account"])
        with store.write() as tx:
            sources.identified(tx, row["name"], is_bot=is_bot, trouble=trouble, at=clock.now())
        looked += 1
    return looked
