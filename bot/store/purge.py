"""Retention: what nobody answered goes after its days, what was answered loses its words later.

Deleted rows are overwritten (``secure_delete``); the ledger keeps its entries, whose salts are destroyed.
"""

from collections.abc import Callable

from bot.store import log
from bot.store.db import Row, Store, Tx

DAY_MS = 86_400_000
ANSWERED_DAYS = 90
"""An answered thread keeps its words this long (consent-rules section 4)."""

BATCH = 50
_KEPT = "('queued', 'sending', 'sent', 'uncertain', 'retracting', 'retracted')"

_NO_EXTRAS = '{"quoted": null, "media": [], "poll": []}'

AuthorKey = Callable[[str, str], str]


def run(store: Store, *, now: int, days: int, author_key: AuthorKey) -> int:
    """Remove unanswered cases untouched for ``days`` and blank answered ones after 90 days; returns how many."""
    removed = blanked = 0
    while batch := _unanswered(store, now - days * DAY_MS):
        with store.write() as tx:
            for case in batch:
                _remove(tx, case, author_key)
        removed += len(batch)
    with store.write() as tx:
        blanked = _blank(tx, now - ANSWERED_DAYS * DAY_MS, now, author_key)
        tx.run("DELETE FROM form_keys WHERE at < :day", day=now - DAY_MS)
        tx.run("DELETE FROM sessions WHERE expires_at < :now", now=now)
    return removed + blanked


def _unanswered(store: Store, before: int) -> list[Row]:
    return store.rows(
        f"""SELECT * FROM cases WHERE updated_at < :before AND lane <> 'threat'
        AND state IN ('new', 'claimed', 'waiting', 'failed', 'closed')
        AND NOT EXISTS (SELECT 1 FROM dispatches d WHERE d.case_id = cases.id AND d.state IN {_KEPT})
        LIMIT :batch""",  # noqa: S608 - a constant of ours
        before=before,
        batch=BATCH,
    )


def _remove(tx: Tx, case: Row, author_key: AuthorKey) -> None:
    tx.run("DELETE FROM dispatches WHERE case_id = :id", id=case["id"])
    tx.run("DELETE FROM drafts WHERE case_id = :id", id=case["id"])
    tx.run("DELETE FROM mentions WHERE case_id = :id", id=case["id"])
    tx.run("DELETE FROM cases WHERE id = :id", id=case["id"])
    _forget(tx, case, author_key)


def _forget(tx: Tx, case: Row, author_key: AuthorKey) -> None:
    others = tx.value(
        "SELECT 1 FROM cases WHERE platform = :p AND author_id = :a LIMIT 1", p=case["platform"], a=case["author_id"]
    )
    if others is None:
        log.erase(tx, author_key(case["platform"], case["author_id"]))


def _blank(tx: Tx, before: int, now: int, author_key: AuthorKey) -> int:
    done = tx.rows(
        """SELECT c.* FROM cases c WHERE c.updated_at < :before AND c.state IN ('sent', 'closed')
        AND EXISTS (SELECT 1 FROM mentions m WHERE m.case_id = c.id AND m.text <> '') LIMIT :batch""",
        before=before,
        batch=BATCH,
    )
    for case in done:
        of_case = {"id": case["id"]}
        tx.run("DELETE FROM revisions WHERE mention_id IN (SELECT id FROM mentions WHERE case_id = :id)", **of_case)
        tx.run("DELETE FROM matches WHERE mention_id IN (SELECT id FROM mentions WHERE case_id = :id)", **of_case)
        tx.run(
            "UPDATE mentions SET text = '', url = '', extras = :none WHERE case_id = :id", none=_NO_EXTRAS, **of_case
        )
        tx.run("UPDATE drafts SET text = '', prepared = '' WHERE case_id = :id", **of_case)
        tx.run("UPDATE dispatches SET text = '', updated_at = :now WHERE case_id = :id", now=now, **of_case)
        log.erase(tx, author_key(case["platform"], case["author_id"]))
    return len(done)
