"""What people in training do with a reply: they write it and hand it on, and somebody else approves or does not."""

from bot.model import Outcome, Role
from bot.review import acts, facts
from bot.review.acts import Verdict
from bot.review.decide import ask, log_decision
from bot.review.house import House
from bot.store import drafts
from bot.store.db import Row, Tx


def hand_on(tx: Tx, house: House, draft_id: int, *, version: int, text: str, user: Row, now: int) -> Verdict:
    """A trainee is done: somebody else approves, or not. What the gate denies is not handed on; both are logged.

    Raises:
        GateRefused: the text is longer than its platform takes; it is never cut.
        NotAllowed: who may approve does so instead.
        Stale: something changed meanwhile.
    """
    acts.need_role(user, Role.TRAINEE)
    acts.save(tx, draft_id, version=version, text=text, user=user, now=now)
    rows = acts.ready(tx, draft_id, text, user)
    given = facts.stored_approvals(tx, draft_id)
    decision = ask(tx, house, rows, text=text, phase="approve", approvals=given, now=now)
    seq = log_decision(tx, house, rows, decision, text=text, phase="approve", now=now)
    if not drafts.releases(tx, draft_id):
        drafts.set_decision(tx, draft_id, seq)
    if decision.outcome is Outcome.DENY:
        return Verdict("denied", decision, seq)
    acts.wait(tx, rows, user, now)
    return Verdict("waiting", decision, seq)
