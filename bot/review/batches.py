"""One answer to many: prepared once from a released template, approved in one act, sent post by post (C-15).

A person approves the exact texts of the listed posts. Each post has its own draft, approval, decision and dispatch, and
goes through the whole gate twice, as every reply does. What changed meanwhile drops out. Everything can be killed at
any instant and goes on where the rows say.

Raises throughout: ``Stale`` when something changed meanwhile, ``NotAllowed`` when the role forbids it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.config.models import Template
from bot.drafting import fits_template
from bot.errors import Stale
from bot.incidents import due_times, in_turn, share_out
from bot.ledger import entries
from bot.lengths import length_on
from bot.model import CaseState, Decision, DispatchState, EntryKind, Outcome, Platform, Prepared, Role, RuleResult
from bot.model.retention import DAY_MS
from bot.ports import Clock
from bot.responder import fill_gaps, find_gaps, sign, wordings
from bot.review import acts, facts
from bot.review.decide import ask, log_decision
from bot.review.house import House
from bot.review.rows import Rows
from bot.store import batches as rows
from bot.store import cases, dispatches, drafts, incidents, status, users
from bot.store import house as house_rows
from bot.store.db import Reader, Row, Store, Tx
from bot.withdrawal import log_called_back

log = logging.getLogger(__name__)

MOST = 200
"""Posts of one batch: as many as a person can look through, and as one short transaction holds."""

SIGNATURE = 40
"""Characters kept free for the signature of whoever approves."""

AGAIN_MS = 5_000
"""So long after a "not yet" of the gate a post's turn comes again."""

TURNS = 10
"""Posts that one step of the worker takes."""

PROMISED = "promised in our first reply"
"""Why a second reply to the same post was let pass (C-10)."""


class NotReady(Stale):
    """An answer to many cannot be prepared or approved now. ``code`` says why; the desk words it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"This answer cannot be prepared or approved now: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What a template comes to for one incident. ``gaps`` are what a person must fill, in the order they come up."""

    template: Template
    texts: tuple[str, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """Every gap of every wording, once."""
        return tuple(dict.fromkeys(gap.name for text in self.texts for gap in find_gaps(text)))


def answers(house: House, incident: Row, kind: str) -> list[Answer]:
    """The released templates that can answer an incident, best first; for "fixed" those that keep a promise."""
    found = []
    for template in house.config.templates:
        occasions = ("fixed",) if kind == "fixed" else ("incident", "")
        about = not template.topics or incident["topic"] in template.topics
        if template.released and not template.ladder and template.occasion in occasions and about:
            texts = wordings(template, house.brand, status=incident["link"])
            if len(texts) == len(template.wordings):
                found.append(Answer(template, texts))
    return sorted(found, key=lambda one: (one.template.occasion == "", not one.template.topics, one.template.template))


def reachable(reader: Reader, house: House, incident: Row, kind: str, answer: Answer, *, now: int) -> list[Row]:
    """The posts that a template can answer now: right language, form of address and lane; at most ``MOST``."""
    pool = rows.promised if kind == "fixed" else rows.candidates
    found = pool(reader, incident["id"], now, 5 * MOST)
    return [row for row in found if fits_template(house.brand, answer.template, row)][:MOST]


def prepare(
    tx: Tx, house: House, incident_id: int, *, kind: str, template: str, gaps: Mapping[str, str], user: Row, now: int
) -> int:
    """Write the drafts of a batch; returns its number. Nothing is approved by that.

    ``gaps``: the name of each gap and what a person filled in.
    """
    acts.need_role(user, Role.AGENT, Role.SENIOR)
    incident = incidents.by_id(tx, incident_id)
    if incident is None or (kind == "answer" and incident["ended_at"] is not None):
        raise NotReady("over")
    if incidents.storm(tx, now):
        raise NotReady("storm")
    answer = next((one for one in answers(house, incident, kind) if one.template.template == template), None)
    if answer is None:
        raise NotReady("template")
    texts = [fill_gaps(text, gaps) for text in answer.texts]
    if any(find_gaps(text) for text in texts):
        raise NotReady("gap")
    posts = [row for row in reachable(tx, house, incident, kind, answer, now=now) if _short_enough(row, texts)]
    given = share_out([(row["id"], row["account"]) for row in posts], len(texts), _taken(tx, house, texts, now))
    posts = [row for row in posts if row["id"] in given]
    if not posts:
        raise NotReady("nobody")
    row: dict[str, object] = {"incident_id": incident_id, "kind": kind, "template": template, "prepared_at": now}
    batch_id = rows.add(tx, {**row, "language": answer.template.language})
    for case in posts:
        which = given[case["id"]]
        _draft(tx, house, batch_id, case, (answer, which, texts[which]), user=user, now=now)
    return batch_id


def _short_enough(row: Row, texts: Sequence[str]) -> bool:
    platform = Platform(row["platform"])
    return max(length_on(platform, text) for text in texts) + SIGNATURE <= platform.longest


def _taken(reader: Reader, house: House, texts: Sequence[str], now: int) -> dict[int, str]:
    """Which of the texts left, or are about to, from which account within the last day (C-15)."""
    recent = dispatches.recent(reader, now - DAY_MS, except_draft=0)
    by_text = {sign(row["text"], house.brand, ""): row["account"] for row in recent}
    return {which: by_text[text] for which, text in enumerate(texts) if text in by_text}


def _draft(
    tx: Tx, house: House, batch_id: int, case: Row, text: tuple[Answer, int, str], *, user: Row, now: int
) -> None:
    answer, which, words = text
    template = answer.template
    because = {"lane": case["lane"], "topic": case["topic"] or "any"}
    because |= {"language": template.language, "address": template.address}
    prepared = Prepared(
        text=answer.texts[which],
        template=template.template,
        template_version=str(template.version),
        language=template.language,
        address=template.address,
        gaps=(),
        reason=" ".join(f"{name}={value}" for name, value in because.items()),
    )
    mention_id = case["latest_mention"]
    drafts.set_aside_for(tx, mention_id, now)
    whole = {"case_id": case["id"], "mention_id": mention_id, "config_id": house.config_id}
    draft_id = drafts.add(tx, **whole, prepared=prepared, at=now, user_id=None)
    version = drafts.rewrite(tx, draft_id, version=1, text=words, user_id=user["id"], at=now)
    rows.add_post(tx, batch_id, draft_id, version)


def leave_out(tx: Tx, batch_id: int, draft_id: int, *, version: int, user: Row, now: int) -> None:
    """Take one post out of a batch that nobody has approved."""
    acts.need_role(user, Role.AGENT, Role.SENIOR)
    batch = _batch(tx, batch_id)
    if batch["signed_by"] is not None:
        raise NotReady("approved")
    rows.move(tx, batch_id, version)
    rows.leave_out(tx, batch_id, draft_id)
    drafts.set_state(tx, draft_id, "void", now)


def approve(tx: Tx, house: House, batch_id: int, *, version: int, user: Row, now: int) -> int:
    """Approve exactly the listed texts for exactly the listed posts; returns how many.

    Each draft gets its own approval and APPROVAL entry. Where the brand wants two people for every reply, the second
    one sets it in motion.
    """
    acts.need_role(user, Role.AGENT, Role.SENIOR)
    batch = _batch(tx, batch_id)
    if batch["approved_at"] is not None or batch["signed_by"] == user["id"]:
        raise NotReady("approved")
    posts = [row for row in rows.posts(tx, batch_id) if _unchanged(tx, row)]
    if not posts:
        raise NotReady("all_changed")
    first = batch["signed_by"] is None
    enough = not first or house.brand.four_eyes != "always"
    rows.move(
        tx,
        batch_id,
        version,
        **({"signed_by": user["id"]} if first else {}),
        **({"approved_at": now} if enough else {}),
    )
    hashes = sorted({_approve_one(tx, house, row, batch_id, user=user, now=now, first=first) for row in posts})
    if enough:
        begin = max(now, rows.last_due(tx) + 1)
        order = in_turn([(row["draft_id"], row["account"]) for row in posts])
        for draft_id, due_at in zip(order, due_times(len(order), begin, house.brand.batch_per_hour), strict=True):
            rows.plan(tx, batch_id, draft_id, due_at)
        for row in rows.posts(tx, batch_id):
            if row["due_at"] is None:
                rows.settle(tx, batch_id, row["draft_id"], "changed")
    fields: dict[str, entries.Value] = {"posts": len(posts), "texts": list[entries.Value](hashes)}
    _log(tx, house, batch, "batch approved", user=user, now=now, fields=fields)
    return len(posts)


def _unchanged(tx: Tx, row: Row) -> bool:
    """Whether a post still stands as it did when the batch was prepared, and is in nobody's hands."""
    case = cases.by_id(tx, row["case_id"])
    same = (row["draft_state"], row["now_version"]) == ("open", row["version"])
    return same and case is not None and case["state"] in {CaseState.NEW, CaseState.SENT}


def _approve_one(tx: Tx, house: House, row: Row, batch_id: int, *, user: Row, now: int, first: bool) -> str:
    """One exact text for one post, signed with the initials of the first approver."""
    draft_id = row["draft_id"]
    if first:
        draft = Rows(tx, draft_id).draft
        text = acts.signed(tx, house, draft, user)
        version = drafts.rewrite(tx, draft_id, version=draft["version"], text=text, user_id=user["id"], at=now)
        rows.rewritten(tx, batch_id, draft_id, version)
    found = Rows(tx, draft_id)
    return acts.record_approval(tx, house, found, user=user, text=found.draft["text"], now=now, batch=batch_id)


def cancel(tx: Tx, house: House, batch_id: int, *, version: int, user: Row, now: int) -> int:
    """Withdraw the whole batch at once: what is queued comes back, what has not begun never does; returns how many.

    A reply that is being sent at this moment cannot be called back; its result tells.
    """
    acts.need_role(user, Role.AGENT, Role.SENIOR)
    batch = _batch(tx, batch_id)
    unsent = rows.unsent(tx, batch_id)
    rows.move(tx, batch_id, version, cancelled_at=now)
    for row in unsent:
        if row["dispatch_id"] is not None:
            queued, cancelled = DispatchState.QUEUED, DispatchState.CANCELLED
            dispatches.set_state(tx, row["dispatch_id"], queued, cancelled, now, cause="batch_cancelled")
            log_called_back(tx, [row["dispatch_id"]], now, cause="batch_cancelled")
            cases.follow(tx, row["case_id"], CaseState.NEW, now, user_id=user["id"], why="batch_cancelled")
        rows.settle(tx, batch_id, row["draft_id"], "withdrawn")
        drafts.void_approvals(tx, row["draft_id"])
        drafts.set_state(tx, row["draft_id"], "void", now)
    _log(tx, house, batch, "batch cancelled", user=user, now=now, fields={"posts": len(unsent)})
    return len(unsent)


def _batch(tx: Tx, batch_id: int) -> Row:
    batch = rows.by_id(tx, batch_id)
    if batch is None or batch["cancelled_at"] is not None:
        raise NotReady("cancelled")
    return batch


def _log(tx: Tx, house: House, batch: Row, step: str, *, user: Row, now: int, fields: dict[str, entries.Value]) -> None:
    known: dict[str, entries.Value] = {"incident": batch["incident_id"], "batch": batch["id"], "step": step}
    known |= {name: batch[name] for name in ("kind", "template", "language")}
    entries.append(tx, EntryKind.INCIDENT, {**known, **fields, "by": house.keys.staff(user["id"], now)}, now)


def _held_as_follow_up(decision: Decision) -> RuleResult | None:
    """The hold of a second reply to one post (C-10), if nothing else needs a person.

    The approval of a batch of promised follow-ups is the act that lets it pass: its page says so.
    """
    holds = [result for result in decision.open_rules if result.outcome is not Outcome.WAIT]
    found = holds[0] if len(holds) == 1 else None
    return found if found is not None and (found.rule, found.code) == ("C-10", "follow-up") else None


# the worker's step --------------------------------------------------------------------------------


def run(store: Store, house: House, clock: Clock, stopping: Callable[[], bool]) -> int:
    """Take the posts whose turn has come to the outbox, each in a transaction of its own; returns how many moved.

    Under stop-all, and in a storm, all wait.
    """
    now, moved = clock.now(), 0
    if house_rows.stop(store) is not None or incidents.storm(store, now):
        return 0
    for row in rows.due(store, now, TURNS):
        if stopping():
            break
        with store.write() as tx:
            moved += _turn(tx, house, row["batch_id"], row["draft_id"], now)
    return moved


def _turn(tx: Tx, house: House, batch_id: int, draft_id: int, now: int) -> bool:
    """One post's turn: into the outbox, or what stands against it; False while it has to wait."""
    post = rows.is_due(tx, batch_id, draft_id, now)
    person = None if post is None else users.by_id(tx, post["signed_by"])
    if post is None or person is None:
        return False
    found = Rows(tx, draft_id)
    case, draft = found.case, found.draft
    state = CaseState.SENT if post["kind"] == "fixed" else CaseState.NEW
    same = (draft["state"], draft["version"], case["state"]) == ("open", post["version"], state)
    wanted = post["kind"] == "fixed" or incidents.stands_in(tx, post["incident_id"], case["id"], now)
    if not same or not wanted:
        if same:
            drafts.void_approvals(tx, draft_id)
        rows.settle(tx, batch_id, draft_id, "changed")
        return True
    approvals, text = facts.stored_approvals(tx, draft_id), draft["text"]
    decision = ask(tx, house, found, text=text, phase="approve", approvals=approvals, now=now)
    held = _held_as_follow_up(decision) if post["kind"] == "fixed" else None
    if held is not None:
        seq = log_decision(tx, house, found, decision, text=text, phase="approve", now=now)
        drafts.set_decision(tx, draft_id, seq)
        acts.record_release(tx, house, found, held, answered=seq, reason=PROMISED, user=person, now=now)
        found = Rows(tx, draft_id)
        decision = ask(tx, house, found, text=text, phase="approve", approvals=approvals, now=now)
    if decision.outcome is Outcome.WAIT:
        status.ask(tx, found.mention["id"], now)
        rows.plan(tx, batch_id, draft_id, now + AGAIN_MS)
        return False
    seq = log_decision(tx, house, found, decision, text=text, phase="approve", now=now)
    if not decision.open_rules:
        cases.claim(tx, case["id"], person["id"], now)
        acts.queue(tx, house, found, person, now)
        rows.settle(tx, batch_id, draft_id, "queued")
        return True
    worst = decision.open_rules[0]
    drafts.void_approvals(tx, draft_id)
    drafts.set_decision(tx, draft_id, seq)
    incidents.surface(tx, case["id"])
    rows.settle(tx, batch_id, draft_id, "denied" if decision.outcome is Outcome.DENY else "held", worst.rule)
    return True
