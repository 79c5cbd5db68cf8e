"""Looks once a day whether the privacy notice answers and still shows the version in force (rule C-28)."""

import logging
from collections.abc import Callable

from bot.config.models import PrivacyNotice
from bot.errors import PlatformError
from bot.ports import Clock
from bot.store import standing
from bot.store.db import Store

log = logging.getLogger(__name__)

EVERY_MS = 86_400_000
_OK = 200

ReadPage = Callable[[str], tuple[int, str]]
"""Status and text of a page, by its address; raises a PlatformError when the host does not answer."""


def run(store: Store, notice: PrivacyNotice | None, read_page: ReadPage, clock: Clock) -> bool:
    """Look at the notice if nobody did for a day; True if the look brought an answer.

    A host that does not answer is asked again at the next run: what was seen last counts until it is too old.
    """
    if notice is None:
        return False
    known = standing.notice(store, notice.url)
    if known is not None and clock.now() - known["checked_at"] < EVERY_MS:
        return False
    try:
        status, text = read_page(notice.url)
    except PlatformError as error:
        log.warning("the privacy notice was not answered: %s", type(error).__name__)
        return False
    current = notice.version in text if status == _OK else None
    with store.write() as tx:
        standing.set_notice(tx, notice.url, http_status=status, current=current, at=clock.now())
    return True
