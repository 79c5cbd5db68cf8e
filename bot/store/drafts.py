"""Drafts, the approvals of their exact text, and the releases of holds."""

import sqlite3
from collections.abc import Sequence

from bot.errors import Stale
from bot.model import Origin, Prepared
from bot.model.ladder import Step
from bot.store.db import Reader, Row, Tx


def by_id(reader: Reader, draft_id: int) -> Row | None:
    """One draft's row."""
    return reader.row("SELECT * FROM drafts WHERE id = :id", id=draft_id)


def open_of_case(reader: Reader, case_id: int) -> Row | None:
    """The draft that is being worked on for a case: the newest that is not done."""
    return reader.row(
        """SELECT * FROM drafts WHERE case_id = :id AND state IN ('open', 'submitted', 'approved')
        ORDER BY id DESC LIMIT 1""",
        id=case_id,
    )


def newest_of_case(reader: Reader, case_id: int) -> Row | None:
    """The newest draft of a case, whatever became of it."""
    return reader.row("SELECT * FROM drafts WHERE case_id = :case ORDER BY id DESC LIMIT 1", case=case_id)


def add(
    tx: Tx,
    *,
    case_id: int,
    mention_id: int,
    prepared: Prepared | None,
    config_id: int,
    at: int,
    user_id: int | None,
    step: Step = Step.NONE,
) -> int:
    """Create the draft for one post; earlier ones of the case that were not approved are set aside.

    ``step``: it is a warning, or the apology for one.

    Raises:
        Stale: this post already has a draft in work.
    """
    tx.run(
        """UPDATE drafts SET state = 'void', updated_at = :at
        WHERE case_id = :case AND state = 'open' AND mention_id <> :mention""",
        case=case_id,
        mention=mention_id,
        at=at,
    )
    row = {
        "case_id": case_id,
        "mention_id": mention_id,
        "text": prepared.text if prepared else "",
        "origin": Origin.TEMPLATE if prepared else Origin.HUMAN,
        "prepared": prepared.text if prepared else "",
        "template": prepared.template if prepared else "",
        "template_version": prepared.template_version if prepared else "",
        "language": prepared.language if prepared else "",
        "address": prepared.address if prepared else "",
        "reason": prepared.reason if prepared else "",
        "written_by": user_id,
        "step": step,
        "config_id": config_id,
        "created_at": at,
        "updated_at": at,
    }
    try:
        return tx.insert("drafts", row)
    except sqlite3.IntegrityError as error:
        raise Stale("This post already has a draft.") from error


def rewrite(tx: Tx, draft_id: int, *, version: int, text: str, user_id: int, at: int) -> int:
    """Save a person's words over version ``version``; returns the new version. Earlier approvals fall.

    Raises:
        Stale: somebody saved another version meanwhile, or the draft is on its way out.
    """
    changed = tx.run(
        """UPDATE drafts SET text = :text, version = version + 1, written_by = :user, updated_at = :at, state = 'open',
        decision_seq = 0 WHERE id = :id AND version = :version AND state IN ('open', 'submitted')""",
        text=text,
        user=user_id,
        at=at,
        id=draft_id,
        version=version,
    )
    if not changed:
        raise Stale("Somebody saved another version of this reply meanwhile.")
    void_approvals(tx, draft_id)
    return version + 1


def set_state(tx: Tx, draft_id: int, state: str, at: int, *, version: int | None = None) -> None:
    """Move a draft on; with ``version`` only if it is still that one.

    Raises:
        Stale: it is not.
    """
    changed = tx.run(
        """UPDATE drafts SET state = :state, updated_at = :at
        WHERE id = :id AND (:version IS NULL OR version = :version)""",
        state=state,
        at=at,
        id=draft_id,
        version=version,
    )
    if not changed:
        raise Stale("Somebody saved another version of this reply meanwhile.")


def sign_off(tx: Tx, draft_id: int, user_id: int) -> None:
    """Whoever first approves a prepared draft untouched stands for its words."""
    tx.run("UPDATE drafts SET written_by = coalesce(written_by, :user) WHERE id = :id", user=user_id, id=draft_id)


def set_decision(tx: Tx, draft_id: int, seq: int) -> None:
    """Remember the newest logged decision about a draft: releases answer to it."""
    tx.run("UPDATE drafts SET decision_seq = :seq WHERE id = :id", seq=seq, id=draft_id)


def approve(tx: Tx, draft_id: int, *, user: Row, text_hash: str, post_hash: str, seq: int, at: int) -> None:
    """Record that a person approved exactly the text with this hash for the post as it was; ``seq`` is the entry."""
    tx.insert(
        "approvals",
        {
            "draft_id": draft_id,
            "user_id": user["id"],
            "role": user["role"],
            "trained": user["trained"],
            "text_hash": text_hash,
            "post_hash": post_hash,
            "at": at,
            "seq": seq,
        },
    )


def approvals(reader: Reader, draft_id: int) -> Sequence[Row]:
    """The approvals that still count, oldest first, with the ``languages`` that each person answers in."""
    return reader.rows(
        """SELECT a.*, u.languages FROM approvals a JOIN users u ON u.id = a.user_id
        WHERE a.draft_id = :id AND a.void = 0 ORDER BY a.id""",
        id=draft_id,
    )


def void_approvals(tx: Tx, draft_id: int) -> None:
    """Take all approvals of a draft out of force and drop its releases; the ledger keeps both as history."""
    tx.run("UPDATE approvals SET void = 1 WHERE draft_id = :id", id=draft_id)
    tx.run("DELETE FROM releases WHERE draft_id = :id", id=draft_id)


def reopen(tx: Tx, case_id: int, at: int, *, cause: str) -> list[int]:
    """The case is not what it was: queued replies come back, unsent approvals fall, versions rise.

    Returns the dispatches that were called back.
    """
    queued = tx.rows("SELECT id FROM dispatches WHERE case_id = :id AND state = 'queued'", id=case_id)
    tx.run(
        """UPDATE dispatches SET state = 'cancelled', cause = :cause, updated_at = :at
        WHERE case_id = :id AND state = 'queued'""",
        id=case_id,
        cause=cause,
        at=at,
    )
    unsent = tx.rows(
        """SELECT id, state FROM drafts WHERE case_id = :id AND state IN ('open', 'submitted', 'approved')
        AND NOT EXISTS (SELECT 1 FROM dispatches d
            WHERE d.draft_id = drafts.id AND d.state IN ('sending', 'uncertain', 'sent'))""",
        id=case_id,
    )
    for row in unsent:
        void_approvals(tx, row["id"])
        tx.run(
            "UPDATE drafts SET state = 'open', version = version + 1, updated_at = :at WHERE id = :id",
            at=at,
            id=row["id"],
        )
    return [int(row["id"]) for row in queued]


def set_aside(tx: Tx, case_id: int, at: int) -> None:
    """Prepared drafts of a case that nobody has touched are no longer offered; a person's words stay."""
    tx.run(
        """UPDATE drafts SET state = 'void', updated_at = :at
        WHERE case_id = :id AND state = 'open' AND written_by IS NULL""",
        id=case_id,
        at=at,
    )


def set_aside_for(tx: Tx, mention_id: int, at: int) -> None:
    """What is being written for a post makes room for another reply; what is approved stays.

    A person's words are kept with the case as a draft that was set aside.
    """
    tx.run(
        """UPDATE drafts SET state = 'void', updated_at = :at
        WHERE mention_id = :mention AND state IN ('open', 'submitted')""",
        mention=mention_id,
        at=at,
    )


def set_aside_prepared(tx: Tx, at: int) -> None:
    """Whatever a template prepared and nobody has touched is no longer offered; a person's words stay."""
    tx.run(
        """UPDATE drafts SET state = 'void', updated_at = :at
        WHERE state = 'open' AND written_by IS NULL AND template <> ''""",
        at=at,
    )


def take_back(tx: Tx, draft_id: int, at: int) -> None:
    """The reply did not leave: its draft is open again and needs a new approval."""
    void_approvals(tx, draft_id)
    tx.run(
        "UPDATE drafts SET state = 'open', updated_at = :at WHERE id = :id AND state = 'approved'", id=draft_id, at=at
    )


def release(tx: Tx, draft_id: int, row: dict[str, object]) -> None:
    """Record that a person let one hold pass: rule, evidence_hash, decision_seq, user_id, second, reason, at, seq."""
    tx.insert("releases", {"draft_id": draft_id, **row})


def burst_released(reader: Reader, template: str, since: int) -> bool:
    """Whether a person let a burst of this template pass (C-15) after ``since``."""
    return bool(
        reader.value(
            """SELECT 1 FROM releases r JOIN drafts d ON d.id = r.draft_id
            WHERE r.rule = 'C-15' AND r.at >= :since AND d.template = :template LIMIT 1""",
            template=template,
            since=since,
        )
    )


def releases(reader: Reader, draft_id: int) -> Sequence[Row]:
    """The releases given for a draft, oldest first."""
    return reader.rows("SELECT * FROM releases WHERE draft_id = :id ORDER BY id", id=draft_id)
