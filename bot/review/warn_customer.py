"""A customer whom a false helper answered is told so: a draft in the customer's own case, which the gate then judges.

Raises: ``Stale`` when there is nothing to prepare, or when a reply stands or is being written there.
"""

from bot.drafting import false_helper_warning
from bot.errors import Stale
from bot.model import Role
from bot.review import acts
from bot.review.house import House
from bot.store import cases, dispatches, drafts, mentions, security
from bot.store.db import Row, Tx


def prepare(tx: Tx, house: House, security_id: int, *, user: Row, now: int) -> int:
    """Open the customer's case for ``user`` with the warning as its draft; returns the number of that case."""
    acts.need_role(user, Role.AGENT, Role.SENIOR)
    known = security.by_id(tx, security_id)
    post = mentions.by_id(tx, known["customer_mention"]) if known and known["customer_mention"] else None
    case = cases.by_id(tx, post["case_id"]) if post is not None and post["case_id"] else None
    if post is None or case is None:
        raise Stale("The customer's post is not held here any more.")
    if dispatches.answered(tx, post["id"]):
        raise Stale("The customer's post has its reply already.")
    acts.open_case(tx, house, case["id"], user, now)
    draft = drafts.open_of_case(tx, case["id"])
    if draft is not None and (draft["written_by"] is not None or draft["state"] != "open"):
        raise Stale("Somebody is writing a reply to this customer. Tell them about the false helper.")
    prepared = false_helper_warning(house.config, post, case)
    if prepared is None:
        raise Stale("No template warns of a false helper in this language. Write the reply in the customer's case.")
    drafts.set_aside(tx, case["id"], now)
    drafts.add(
        tx,
        case_id=case["id"],
        mention_id=post["id"],
        prepared=prepared,
        config_id=house.config_id,
        at=now,
        user_id=None,
    )
    return int(case["id"])
