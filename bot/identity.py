"""Looks once a day at our own accounts as their platforms show them (rules D-01 and D-02), and keeps what it saw."""

import logging

from bot.errors import PlatformError, Transient
from bot.model import Identity
from bot.ports import Clock
from bot.recheck import Publishers
from bot.store import sources
from bot.store.db import Store

log = logging.getLogger(__name__)

DAY_MS = 86_400_000


def _trouble(known: Identity, account: str) -> str:
    if known.handle.lower() != account.removeprefix("@").lower():
        return "another account"
    return "empty bio" if known.bio is not None and not known.bio.strip() else ""


def run(store: Store, publishers: Publishers, clock: Clock) -> int:
    """Look at the account of every source that was not looked at for a day; returns how many were.

    A platform that does not answer is asked again at the next run; one that refuses is kept as trouble.
    """
    looked = 0
    for row in sources.every(store):
        publisher = publishers.get(row["name"])
        if publisher is None or clock.now() - (row["identity_at"] or 0) < DAY_MS:
            continue
        is_bot = None
        try:
            known = publisher.identity()
        except Transient:
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
