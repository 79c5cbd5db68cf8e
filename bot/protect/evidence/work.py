"""The worker's step for evidence: take what is asked for, and remove what no hold keeps any more.

It may be killed anywhere. A bundle is complete on the disk before its row and its entry say that it is taken, in one
transaction; one that lies there without them was interrupted in between, is found to be ours, and is taken as it is, so
that what the platform showed then is not lost.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from zoneinfo import ZoneInfo

from bot.errors import EarshotError, RateLimited, StoreError, Transient
from bot.keys import Keys
from bot.ledger import entries
from bot.log import bound
from bot.ports import Clock
from bot.protect.evidence import shelf
from bot.protect.evidence.acts import log as log_step
from bot.protect.evidence.bundle import Sealed, seal
from bot.protect.evidence.capture import Captured, Witness, capture
from bot.protect.evidence.page import OFF, Pages, photograph
from bot.protect.evidence.verify import Finding, check, read
from bot.store import cases, holds
from bot.store import evidence as rows
from bot.store.db import Row, Store

log = logging.getLogger(__name__)

TRIES = 3
"""So often a silent platform is asked; then the bundle is taken without its answer, and says so."""
AGAIN_MS = 5_000
BROKEN_MS = 60_000
"""A folder that cannot be written is tried again after so long."""
LONGEST_WAIT_MS = 60_000
"""Evidence does not wait longer for a platform's allowance."""
NOBODY = "worker"
_TOLD = ("picture", "page", "platform_answer", "exchanges")


@dataclass(frozen=True, slots=True)
class Bench:
    """What the step works with. ``environment`` is what a browser may see; ``zone`` is the brand's.

    ``pages``: what may be read for a picture of a post's public page.
    """

    keys: Keys
    clock: Clock
    witness: Witness
    zone: ZoneInfo
    environment: Mapping[str, str]
    pages: Pages = OFF


def run(store: Store, bench: Bench, stopping: Callable[[], bool]) -> int:
    """Remove what is kept no more, take what is asked for; returns how many bundles were taken."""
    clear(store, bench.clock.now())
    count = 0
    while not stopping():
        with store.write() as tx:
            row = rows.claim(tx, bench.clock.now())
        if row is None:
            break
        count += _attempt(store, bench, row)
    return count


def clear(store: Store, now: int) -> None:
    """Let go of bundles whose hold ended or lapsed, or that must not be kept; then remove their files."""
    if rows.without_hold(store, now):
        with store.write() as tx:
            for row in rows.without_hold(tx, now):
                cause = "never_kept" if row["forbidden"] else "no_hold"
                if rows.removed(tx, row["id"]):
                    log_step(tx, row["id"], row["case_id"], "removed", operator=NOBODY, now=now, cause=cause)
    shelf.sweep(store, shelf.folder_of(store.path))


def _attempt(store: Store, bench: Bench, row: Row) -> bool:
    """Take one bundle, or say why not and when it is tried again."""
    wait, trouble = BROKEN_MS, "folder"
    try:
        return _take(store, bench, row)
    except StoreError:
        raise
    except Transient as error:
        asked_for = error.retry_after * 1000 if isinstance(error, RateLimited) else 0
        wait, trouble = int(min(max(AGAIN_MS, asked_for), LONGEST_WAIT_MS)), "platform"
    except EarshotError as error:
        with bound(case=row["case_id"]):
            log.error("evidence %s waits: %s", row["id"], error)  # noqa: TRY400 - the sentence is ours, the place is known
    with store.write() as tx:
        rows.postpone(tx, row["id"], bench.clock.now() + wait, trouble)
    return False


def _take(store: Store, bench: Bench, row: Row) -> bool:
    folder = shelf.folder_of(store.path)
    case, hold = cases.by_id(store, row["case_id"]), holds.of_case(store, row["case_id"], bench.clock.now())
    if case is None or hold is None:
        return False  # the next step clears it away
    sealed = _left_over(bench, row, store)
    if sealed is None:
        found = _captured(store, bench, case, row)
        page = photograph(found, bench.pages, bench.clock.now, bench.zone, bench.environment)
        sealed = seal((row, hold), found, page, keys=bench.keys, zone=bench.zone, environment=bench.environment)
        shelf.put(folder, row["id"], sealed.body)
    return _settled(store, bench, row, sealed)


def _captured(store: Store, bench: Bench, case: Row, row: Row) -> Captured:
    insist = row["attempts"] < TRIES
    return capture(store, case, bench.witness, bench.clock, insist=insist, zone=bench.zone)


def _left_over(bench: Bench, row: Row, store: Store) -> Sealed | None:
    """The bundle that an interrupted step wrote for this very request; None if there is none, or it is not whole."""
    place = shelf.place_of(shelf.folder_of(store.path), row["id"])
    try:
        body = read(place)
        found = check(body, bench.keys.known)
    except (Finding, OSError):
        return None
    mine = (row["id"], row["case_id"], row["asked_at"], row["operator"])
    if tuple(found.manifest[name] for name in ("evidence", "case", "asked_at", "operator")) != mine:
        # After a restore a number may be given again before anybody swept: what stands under it is kept.
        try:
            shelf.set_aside(place.parent, row["id"])
        except OSError as error:
            raise EarshotError(f"{place} cannot be set aside: {error.strerror}.") from error
        return None
    return Sealed(body, found.digest, found.manifest)


def _settled(store: Store, bench: Bench, row: Row, sealed: Sealed) -> bool:
    now = bench.clock.now()
    with store.write() as tx:
        digest = sealed.digest
        told = {name: sealed.manifest.get(name, "") for name in _TOLD}
        done = rows.taken(tx, row["id"], at=now, manifest=digest, size=len(sealed.body), told=told)
        if done:
            more: dict[str, entries.Value] = {
                "manifest": digest,
                "size": len(sealed.body),
                "bundle": sha256(sealed.body).hexdigest(),
            }
            log_step(tx, row["id"], row["case_id"], "taken", operator=row["operator"], now=now, **more)
    if not done:
        # It was forbidden or its case went while it was taken: the file goes as if it had never been.
        shelf.sweep(store, shelf.folder_of(store.path))
    return done
