"""Looks twice a day at our own accounts as their platforms show them (rules D-01 and D-02), and keeps what it saw.

One that cannot send is looked at every hour, so that its cases go on by themselves when it is well again.
"""

import logging
from urllib.parse import urlsplit

from bot.config.models import Brand
from bot.errors import PlatformError, RateLimited, Transient
from bot.model import Identity
from bot.model.retention import ALARM_MS
from bot.ports import Clock
from bot.recheck import Publishers
from bot.store import sources
from bot.store.db import Row, Store, Tx

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

    A platform that does not answer is asked again in a minute; after an hour of that its cases are answered by hand, as
    are those of one that refuses.
    """
    looked = 0
    for row in sources.every(store):
        publisher = publishers.get(row["name"])
        if publisher is None or clock.now() < row["identity_next"]:
            continue
        is_bot, bio_ok, rules = None, None, ""
        try:
            known = publisher.identity()
        except Transient as error:
            with store.write() as tx:
                _unanswered(tx, row, error, clock.now())
            continue
        except PlatformError as error:
            trouble = str(error)
            log.warning("source %s: our own account was refused: %s", row["name"], type(error).__name__)
        else:
            is_bot, trouble, rules = known.is_bot, _trouble(known, row["account"]), known.server_rules
            bio_ok = explains(known.bio, brand)
        with store.write() as tx:
            at = clock.now()
            sources.reached(tx, row["name"])
            sources.identified(tx, row["name"], is_bot=is_bot, bio_ok=bio_ok, trouble=trouble, at=at, rules=rules)
            sources.look_again(tx, row["name"], at=at + (HOUR_MS if trouble else EVERY_MS))
        looked += 1
    return looked


def _unanswered(tx: Tx, row: Row, error: Transient, now: int) -> None:
    """Nobody answered. A platform that asks us to wait is there; what was wrong before is still wrong."""
    sources.look_again(tx, row["name"], at=now + MINUTE_MS)
    if isinstance(error, RateLimited):
        return
    if now - sources.unreached(tx, row["name"], now) >= ALARM_MS and not sources.mute(row):
        log.warning("source %s: nobody answered for an hour, its cases are answered by hand", row["name"])
        sources.cannot_send(tx, row["name"], sources.UNREACHED)
