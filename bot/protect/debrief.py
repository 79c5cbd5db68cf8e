"""After a crisis nobody is left alone with it, and what one person answered alone is read once more (E-11, C-13)."""

from bot.errors import NotAllowed, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.model import EntryKind, Role
from bot.store import care
from bot.store.db import Reader, Row, Tx


def after_answer(tx: Tx, case_id: int, user: Row, now: int) -> None:
    """A person answered a crisis alone: a debrief for them, and a review by somebody else."""
    care.open_task(tx, "debrief", case_id, user["id"], now)
    care.open_task(tx, "review", case_id, user["id"], now)


def after_close(tx: Tx, case_id: int, user: Row, now: int) -> None:
    """A person closed a crisis without a reply: a debrief for them."""
    care.open_task(tx, "debrief", case_id, user["id"], now)


def shown_to(reader: Reader, user: Row) -> list[Row]:
    """The open tasks that a person sees: their own debriefs, reviews they may do; a senior sees all debriefs."""
    return [row for row in care.open_tasks(reader) if row["user_id"] == user["id"] or may_finish(row, user)]


def may_finish(task: Row, user: Row) -> bool:
    """Whether a person may say that a task is done: a debrief oneself or a senior, a review anybody fit but oneself."""
    if user["role"] not in {Role.AGENT, Role.SENIOR}:
        return False
    own = task["user_id"] == user["id"]
    if task["kind"] == "debrief":
        return bool(own or user["role"] == Role.SENIOR)
    return bool(not own and (user["trained"] or user["role"] == Role.SENIOR))


def finish(tx: Tx, keys: Keys, task_id: int, *, user: Row, now: int) -> None:
    """A debrief or review was done. A review stands in the ledger; a debrief is nobody's business but theirs.

    Raises:
        NotAllowed: somebody else has to.
        Stale: it is gone or done.
    """
    task = care.task(tx, task_id)
    if task is None or task["done_at"] is not None:
        raise Stale("This is done already.")
    if not may_finish(task, user):
        raise NotAllowed("Somebody else has to do this.")
    care.finish(tx, task_id, user["id"], now)
    if task["kind"] == "review":
        fields: dict[str, entries.Value] = {"step": "reviewed", "case": task["case_id"]}
        entries.append(tx, EntryKind.CRISIS, {**fields, "by": keys.staff(user["id"], now)}, now)
