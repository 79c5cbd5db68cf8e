"""Retention: what nobody answered goes after its days, what was answered loses its words later.

Deleted rows are overwritten (``secure_delete``); the ledger keeps its entries, whose salts are destroyed.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from bot.errors import StoreBusy
from bot.model import Platform
from bot.model.retention import ERASED_POSTS_MS, NAMING_MS
from bot.store import alarms, care, copies, ladder, naming, opt_ins, people, shifts, upkeep
from bot.store import log as ledger_rows
from bot.store.db import Row, Store, Tx
from bot.store.holds import IN_FORCE

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
ANSWERED_DAYS = 90
"""An answered thread keeps its words this long at most (consent-rules section 4)."""

NOWHERE: Mapping[Platform, int] = MappingProxyType({})
BATCH = 50
_KEPT = "('queued', 'sending', 'sent', 'uncertain', 'retracting', 'retracted')"

_NO_EXTRAS = '{"quoted": null, "media": [], "poll": []}'

AuthorKey = Callable[[str, str], str]


def run(
    store: Store,
    *,
    now: int,
    days: int,
    author_key: AuthorKey,
    days_on: Mapping[Platform, int] = NOWHERE,
    answered_days: int = ANSWERED_DAYS,
) -> int:
    """Remove unanswered cases untouched for ``days``, blank answered ones after ``answered_days``; returns how many.

    On a platform that ``days_on`` names, or that asks for less, its own days count if they are fewer.
    """
    changed = 0
    steps: list[Callable[[Tx], int]] = [
        partial(
            _remove_batch,
            platform=platform,
            now=now,
            before=now - min(days, days_on.get(platform, platform.keeps_days)) * DAY_MS,
            author_key=author_key,
        )
        for platform in Platform
    ]
    steps.append(partial(_blank_batch, now=now, before=now - answered_days * DAY_MS, author_key=author_key))
    for step in steps:
        done = BATCH
        while done == BATCH:
            with store.write() as tx:
                done = step(tx)
            changed += done
    with store.write() as tx:
        if changed:
            upkeep.want_rewrite(tx, now)
        people.forget_erased(tx, now - ERASED_POSTS_MS)
        copies.forget(tx, now - ERASED_POSTS_MS)
        ladder.forget_old(tx, now)
        opt_ins.forget_old(tx, now)
        care.purge(tx, now)
        shifts.purge(tx, now)
        naming.purge(tx, now - NAMING_MS)
        alarms.tidy(tx, now)
        tx.run("DELETE FROM form_keys WHERE at < :day", day=now - DAY_MS)
        tx.run("DELETE FROM sessions WHERE expires_at < :now", now=now)
    if not store.truncate_wal():
        log.warning("erased words may stand in the write-ahead file until the next purge: a reader was busy")
    return changed


def settle(store: Store, now: int, *, every_ms: int = DAY_MS) -> bool:
    """Rewrite the file if something was erased since the last time, ``every_ms`` at the earliest; True when settled.

    SQLite leaves copies of moved rows behind that no deletion reaches; only a rewritten file has none.
    """
    try:
        if upkeep.rewrite_wanted(store, now - every_ms + 1):
            store.rewrite()
            with store.write() as tx:
                upkeep.rewritten(tx, now)
    except StoreBusy:
        log.warning("the file is not rewritten yet: another process is writing")
        return False
    return store.truncate_wal()


def _remove_batch(tx: Tx, *, platform: Platform, now: int, before: int, author_key: AuthorKey) -> int:
    unanswered = tx.rows(
        f"""SELECT * FROM cases WHERE updated_at < :before AND platform = :platform AND lane <> 'threat'
        AND state IN ('new', 'claimed', 'waiting', 'failed', 'closed')
        AND NOT EXISTS (SELECT 1 FROM dispatches d WHERE d.case_id = cases.id AND d.state IN {_KEPT})
        AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.case_id = cases.id AND {IN_FORCE})
        LIMIT :batch""",  # noqa: S608 - constants of ours
        now=now,
        before=before,
        platform=platform.value,
        batch=BATCH,
    )
    for case in unanswered:
        _remove(tx, case, author_key)
    return len(unanswered)


def _remove(tx: Tx, case: Row, author_key: AuthorKey) -> None:
    tx.run("DELETE FROM dispatches WHERE case_id = :id", id=case["id"])
    tx.run("DELETE FROM drafts WHERE case_id = :id", id=case["id"])
    tx.run("DELETE FROM mentions WHERE case_id = :id", id=case["id"])
    tx.run("DELETE FROM legal_holds WHERE case_id = :id", id=case["id"])
    tx.run("DELETE FROM cases WHERE id = :id", id=case["id"])
    _forget(tx, case, author_key)


def _forget(tx: Tx, case: Row, author_key: AuthorKey) -> None:
    others = tx.value(
        "SELECT 1 FROM cases WHERE platform = :p AND author_id = :a LIMIT 1", p=case["platform"], a=case["author_id"]
    )
    if others is None:
        ledger_rows.erase(tx, author_key(case["platform"], case["author_id"]))


def _blank_batch(tx: Tx, *, now: int, before: int, author_key: AuthorKey) -> int:
    done = tx.rows(
        f"""SELECT c.* FROM cases c WHERE c.updated_at < :before AND c.lane <> 'threat'
        AND c.state NOT IN ('outbox', 'escalated')
        AND EXISTS (SELECT 1 FROM dispatches d WHERE d.case_id = c.id AND d.state IN {_KEPT})
        AND EXISTS (SELECT 1 FROM mentions m WHERE m.case_id = c.id AND m.text <> '')
        AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.case_id = c.id AND {IN_FORCE}) LIMIT :batch""",  # noqa: S608 - likewise
        now=now,
        before=before,
        batch=BATCH,
    )
    for case in done:
        of_case = {"id": case["id"]}
        for table in ("revisions", "matches", "findings", "post_status"):
            tx.run(
                f"DELETE FROM {table} WHERE mention_id IN (SELECT id FROM mentions WHERE case_id = :id)",  # noqa: S608 - names of ours
                **of_case,
            )
        tx.run(
            "UPDATE mentions SET text = '', text_hash = '', url = '', extras = :none WHERE case_id = :id",
            none=_NO_EXTRAS,
            **of_case,
        )
        tx.run(
            "UPDATE approvals SET post_hash = '' WHERE draft_id IN (SELECT id FROM drafts WHERE case_id = :id)",
            **of_case,
        )
        tx.run("UPDATE drafts SET text = '', prepared = '' WHERE case_id = :id", **of_case)
        tx.run("UPDATE dispatches SET text = '' WHERE case_id = :id", **of_case)
        tx.run("UPDATE hand_answers SET url = '' WHERE case_id = :id", **of_case)
        ledger_rows.erase(tx, author_key(case["platform"], case["author_id"]))
    return len(done)
