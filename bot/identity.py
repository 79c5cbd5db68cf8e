"""Looks twice a day at our own accounts as their platforms show them (rules D-01 and D-02), and keeps what it saw.

One that cannot send is looked at every hour, so that its cases go on by themselves when it is well again.
"""

import logging
from urllib.parse import urlsplit

from bot.config.models import Brand
from bot.errors import PlatformError, Transient
from bot.model import Identity
from bot.ports import Clock
from bot.recheck import Publishers
from bot.store import sources
from bot.store.db import Store

log = logging.getLogger(__name__)

EVERY_MS = 12 * 3_600_000
"""Rule C-27 lets a look count for 24 hours: one that fails leaves half a day to try again."""
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def _trouble(known: Identity, account: str) -> str:
    return sources.ANOTHER_ACCOUNT if known.handle.lower() != account.removeprefix("@").lower() else ""


def explains(bio: str | None, brand: Brand) -> bool | None:
    """Whether a profile says where people learn who runs the account and what it does with their posts (D-02).

    It does when it names one of the brand's own hosts, such as that of the privacy notice; None when nobody can see it.
    """
    if bio is None:
        return None
    notice = brand.legal.privacy_notice
    hosts = {*brand.domains, *([urlsplit(notice.url).hostname or ""] if notice else [])} - {""}
    return any(host.lower() in bio.lower() for host in hosts) if hosts else bool(bio.strip())


def run(store: Store, publishers: Publishers, clock: Clock, brand: Brand) -> int:
    """Look at the account of every source whose turn it is; returns how many were looked at.

    A platform that does not answer is asked again in a minute; one that refuses is kept as trouble.
    """
    looked = 0
    for row in sources.every(store):
        publisher = publishers.get(row["name"])
        if publisher is None or clock.now() < row["identity_next"]:
            continue
        is_bot, bio_ok, rules = None, None, ""
        try:
            known = publisher.identity()
        except Transient:
            with store.write() as tx:
                sources.look_again(tx, row["name"], at=clock.now() + MINUTE_MS)
            continue
        except PlatformError as error:
            trouble = str(error)
            log.warning("source %s: our own account was refused: %s", row["name"], type(error).__name__)
        else:
            is_bot, trouble, rules = known.is_bot, _trouble(known, row["account"]), known.server_rules
            bio_ok = explains(known.bio, brand)
        with store.write() as tx:
            at = clock.now()
            sources.identified(tx, row["name"], is_bot=is_bot, bio_ok=bio_ok, trouble=trouble, at=at, rules=rules)
            sources.look_again(tx, row["name"], at=at + (HOUR_MS if trouble else EVERY_MS))
        looked += 1
    return looked
