"""The last stage: an approved reply leaves, once, or comes back with a reason.

Order of steps, each safe to be killed in: claim -> look at the post -> decide and commit "sending" -> a line in the
journal -> publish -> commit the result. A crash after "sending" is resolved by looking, never by sending again; so is a
reply that a restored backup does not know, which the journal tells of.
This is the only place that calls ``Publisher.publish``.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.aftercare import LOOKS_MS
from bot.errors import GateRefused, Permanent, PlatformError, RateLimited, Transient, Uncertain
from bot.gate.mint import mint
from bot.gate.readback import read_back
from bot.gate.texts import AFTER_SENDING
from bot.ledger import entries
from bot.log import bound
from bot.model import (
    CaseState,
    Consent,
    Decision,
    DispatchState,
    EntryKind,
    Outcome,
    Platform,
    PostStatus,
    Receipt,
    Target,
)
from bot.ports import Clock, Publisher
from bot.recheck import Publishers, never
from bot.review import facts, outgoing, promises, rungs
from bot.review.decide import ask, log_decision, own_accounts
from bot.review.house import House
from bot.review.rows import Rows
from bot.review.surroundings import place_of
from bot.store import cases, copies, dispatches, drafts, mentions, sources, standing, status
from bot.store import house as house_rows
from bot.store.db import Reader, Row, Store, Tx

log = logging.getLogger(__name__)

RETRY_MS = 30_000
WAITS, NO_PUBLISHER = "wait", "no_publisher"
"""Causes that are no error of a platform: the gate waits for a fresh answer; nothing is configured that could send."""
BY_HAND = "by_hand"
"""Cause of a reply whose account cannot send: a person answers at the original."""
NO_JOURNAL = "no_journal"
"""Cause of a reply that waits because the journal beside the checkpoints cannot be written."""
LOOK_AGAIN_MS = 60_000
"""After an unclear answer: the second look comes this much later, well beyond any deadline of a request."""
LOST_AGAIN_MS = 3_600_000
"""A reply that a restore lost is looked for this often, until it is found or a senior says what they see."""


def alone(_reader: Reader) -> None:
    """Where no other process can exist, this one may send."""


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Sends what is due. ``house`` is asked anew for each reply, so a changed configuration counts at once.

    ``in_charge`` raises ``LeaseHeld`` in a process that is not the one worker any more: it is asked in the transaction
    that commits "sending", and once more right before the network.
    """

    store: Store
    house: Callable[[], House]
    publishers: Publishers
    clock: Clock
    in_charge: Callable[[Reader], None] = alone

    def run(self, stopping: Callable[[], bool] = never, *, nothing_new: bool = False) -> int:
        """Settle what a crash left behind, take back what was asked for, send what is due; returns how many moved.

        ``stopping`` is asked before each: what has not begun then waits for the next start. With ``nothing_new`` what
        is due waits, too.
        """
        self._adopt_lost()
        steps: list[tuple[Callable[[int], bool], int]] = [
            (self._settle, dispatch_id) for dispatch_id in dispatches.interrupted(self.store, self.clock.now())
        ]
        steps += [(self._retract, row["id"]) for row in dispatches.in_state(self.store, DispatchState.RETRACTING)]
        if house_rows.stop(self.store) is None and not nothing_new:
            steps += [(self.send, dispatch_id) for dispatch_id in dispatches.due(self.store, self.clock.now())]
        moved = 0
        for step, dispatch_id in steps:
            if stopping():
                break
            with bound(dispatch=dispatch_id):
                moved += step(dispatch_id)
        return moved

    def _adopt_lost(self) -> None:
        """Replies that a restore lost come into the outbox as uncertain, once their posts stand in a case again."""
        for lost in copies.without_dispatch(self.store):
            with self.store.write() as tx:
                if copies.adopt(tx, lost, self.house().config_id, self.clock.now()):
                    cases.note(tx, lost["case_id"], "reply_lost", self.clock.now())

    def send(self, dispatch_id: int) -> bool:
        """Try to publish one queued reply; True when its state changed."""
        with self.store.write() as tx:
            row = dispatches.claim(tx, dispatch_id, self.clock.now())
        if row is None:
            return False
        publisher = self._publisher(row)
        if publisher is None:
            return self._refuse(row, DispatchState.QUEUED, NO_PUBLISHER)
        if self._is_mute(row):
            return self._refuse(row, DispatchState.QUEUED, BY_HAND)
        try:
            found = publisher.inspect(self._target(row))
        except (Transient, Uncertain) as error:
            return self._later(row, error)
        except Permanent as error:
            return self._refuse(row, DispatchState.QUEUED, _cause(error))
        consent = self._decide(row, found)
        return consent is not None and self._publish(row, publisher, consent)

    def _decide(self, row: Row, found: PostStatus) -> Consent | None:
        """The dispatch-time decision; "sending" is committed together with it. A repeated WAIT is not logged again."""
        house, now = self.house(), self.clock.now()
        with self.store.write() as tx:
            self.in_charge(tx)
            if not _still_wanted(tx, row, now):
                return None
            status.put(tx, row["mention_id"], found)
            rows = Rows(tx, row["draft_id"])
            approvals = facts.stored_approvals(tx, row["draft_id"])
            decision = ask(tx, house, rows, text=row["text"], phase="dispatch", approvals=approvals, now=now)
            waits = decision.outcome is Outcome.WAIT
            seq = 0
            if not (waits and row["cause"] == WAITS):
                seq = log_decision(tx, house, rows, decision, text=row["text"], phase="dispatch", now=now)
            if waits:
                _postpone(tx, row, now=now, wait_ms=RETRY_MS, cause=WAITS)
                return None
            try:
                consent = mint(
                    decision,
                    decision_seq=seq,
                    target=replace(mentions.to_target(rows.mention), visibility=found.visibility),
                    text=row["text"],
                    request_key=row["request_key"],
                    now=now,
                    ruleset=house.ruleset,
                    own=own_accounts(house, rows),
                )
            except GateRefused:
                self._send_back(tx, row, decision, seq)
                return None
            dispatches.set_state(
                tx, row["id"], DispatchState.QUEUED, DispatchState.SENDING, now, started_at=now, cause=""
            )
            return consent

    def _send_back(self, tx: Tx, row: Row, decision: Decision, seq: int) -> None:
        """A refusal by the gate: the draft opens again; a DENY is a failure with its rule, a HOLD is for a person."""
        now = self.clock.now()
        worst = decision.open_rules[0] if decision.open_rules else None
        cause = f"gate:{worst.rule}:{worst.code}" if worst else "gate"
        dispatches.set_state(tx, row["id"], DispatchState.QUEUED, DispatchState.REFUSED, now, cause=cause)
        cases.follow(tx, row["case_id"], CaseState.FAILED, now, why=cause)
        drafts.take_back(tx, row["draft_id"], now)
        if decision.outcome is not Outcome.DENY:
            drafts.set_decision(tx, row["draft_id"], seq)
            cases.follow(tx, row["case_id"], CaseState.NEW, now, why=cause)

    def _publish(self, row: Row, publisher: Publisher, consent: Consent) -> bool:
        try:
            self.store.keep_now("begun", row["canonical_target"], row["request_key"])
        except OSError as error:
            log.warning("the journal beside the checkpoints cannot be written: %s", error.strerror)
            return self._not_now(row, NO_JOURNAL, RETRY_MS)
        self.in_charge(self.store)
        try:
            receipt = publisher.publish(consent)
        except Transient as error:
            return self._not_now(row, _cause(error), _wait_ms(error))
        except Permanent as error:
            return self._refuse(row, DispatchState.SENDING, _cause(error))
        except Uncertain as error:
            return self._unsure(row, DispatchState.SENDING, _cause(error))
        with self.store.write() as tx:
            self._sent(tx, row, DispatchState.SENDING, receipt)
        return True

    def _not_now(self, row: Row, cause: str, wait_ms: int) -> bool:
        """Nothing left, and nothing speaks against another try."""
        with self.store.write() as tx:
            now = self.clock.now()
            if dispatches.set_state(tx, row["id"], DispatchState.SENDING, DispatchState.QUEUED, now):
                _result(tx, row, "not_sent", cause, now)
                _postpone(tx, row, now=now, wait_ms=wait_ms, cause=cause)
        return True

    def _settle(self, dispatch_id: int) -> bool:
        """A dispatch that a crash or an unclear answer left open: look whether the reply is there."""
        row = dispatches.by_id(self.store, dispatch_id)
        publisher = self._publisher(row) if row else None
        if row is None:
            return False
        state = DispatchState(row["state"])
        if publisher is None:
            return self._unsure(row, state, NO_PUBLISHER)
        try:
            receipt = publisher.find(self._target(row), row["text"], row["started_at"] or row["updated_at"])
        except Transient as error:
            # A look that nobody answered teaches nothing: what moderators held a minute ago they still hold.
            return self._unsure(row, state, row["cause"] or _cause(error))
        except PlatformError as error:
            return self._unsure(row, state, _cause(error))
        lost = copies.of_dispatch(self.store, dispatch_id) is not None
        if receipt is None and (lost or state is DispatchState.SENDING):
            # So long after a restore a look that finds nothing proves nothing: a senior says what they see.
            return self._unsure(row, state, copies.LOST if lost else "interrupted")
        with self.store.write() as tx:
            if receipt is not None:
                self._sent(tx, row, state, receipt)
            else:
                self._not_there(tx, row, state)
        return True

    def _not_there(self, tx: Tx, row: Row, state: DispatchState) -> None:
        now = self.clock.now()
        if dispatches.set_state(tx, row["id"], state, DispatchState.REFUSED, now, cause="not_there"):
            _result(tx, row, "not_sent", "not_there", now)
            drafts.take_back(tx, row["draft_id"], now)
            cases.follow(tx, row["case_id"], CaseState.FAILED, now, why="not_there")

    def _retract(self, dispatch_id: int) -> bool:
        now = self.clock.now()
        row = dispatches.by_id(self.store, dispatch_id)
        publisher = self._publisher(row) if row else None
        if row is None or row["claimed_until"] > now:
            return False
        receipt = Receipt(
            platform=Platform(row["platform"]),
            surface=row["surface"],
            account=row["account"],
            native_id=row["remote_id"],
            url=row["remote_url"],
            at=row["sent_at"] or 0,
        )
        to, step, cause = DispatchState.RETRACTED, "done", "retracted"
        self.in_charge(self.store)
        if publisher is None:
            to, step, cause = DispatchState.SENT, "refused", NO_PUBLISHER
        try:
            if publisher is not None:
                publisher.retract(receipt)
        except Permanent as error:
            to, step, cause = DispatchState.SENT, "refused", _cause(error)
        except PlatformError as error:
            with self.store.write() as tx:
                dispatches.set_state(
                    tx,
                    row["id"],
                    DispatchState.RETRACTING,
                    DispatchState.RETRACTING,
                    now,
                    claimed_until=now + RETRY_MS,
                    cause=_cause(error),
                )
            return False
        with self.store.write() as tx:
            dispatches.set_state(tx, row["id"], DispatchState.RETRACTING, to, now, cause=cause)
            entries.append(tx, EntryKind.RETRACT, {"dispatch": row["id"], "step": step}, now)
            cases.note(tx, row["case_id"], f"retract_{step}", now, note=cause)
            if to is DispatchState.RETRACTED:
                drafts.set_state(tx, row["draft_id"], "done", now)
                if not cases.in_hand(tx, row["case_id"], now):  # whoever writes the correction goes on
                    cases.follow(tx, row["case_id"], CaseState.NEW, now, why="retracted")
        return True

    def _sent(self, tx: Tx, row: Row, state: DispatchState, receipt: Receipt) -> None:
        house, now, lost = self.house(), self.clock.now(), copies.of_dispatch(tx, row["id"])
        columns: dict[str, object] = {"remote_id": receipt.native_id, "remote_url": receipt.url, "sent_at": receipt.at}
        columns["look_at"] = now + LOOKS_MS[0]
        if not dispatches.set_state(tx, row["id"], state, DispatchState.SENT, now, cause="", **columns):
            return
        mention = mentions.by_id(tx, row["mention_id"])
        author = mention["author_id"] if mention else ""
        subject = house.keys.author(row["platform"], author)
        proof = entries.commit(
            tx, "receipt", subject, {"id": receipt.native_id, "url": receipt.url, "request_key": row["request_key"]}
        )
        back = read_back(row["text"] or receipt.text_read_back, receipt.text_read_back)
        _result(tx, row, "sent", "", now, receipt=proof, text_hash=row["text_hash"], read_back=back)
        copies.found_words(tx, row["id"], receipt.text_read_back)
        if back == "differs" and mention is not None:
            standing.stop_place(tx, row["platform"], place_of(mention), back, now)
            standing.fired(tx, row["platform"], [(AFTER_SENDING, standing.STOPPED)], now)
            cases.note(tx, row["case_id"], "read_back_differs", now)
        drafts.set_state(tx, row["draft_id"], "done", now)
        if not cases.follow(tx, row["case_id"], CaseState.SENT, now) and lost is not None:
            cases.follow(tx, row["case_id"], CaseState.CLOSED, now, why=copies.LOST)
        rungs.delivered(tx, house, row["draft_id"], now)
        promises.sent(tx, house, draft_id=row["draft_id"], dispatch_id=row["id"], now=now)

    def _unsure(self, row: Row, state: DispatchState, cause: str) -> bool:
        """Keep a dispatch as uncertain. A second look follows: what is not there then has failed and needs a person."""
        with self.store.write() as tx:
            now = self.clock.now()
            until = now + (LOOK_AGAIN_MS if copies.of_dispatch(tx, row["id"]) is None else LOST_AGAIN_MS)
            moved = dispatches.set_state(
                tx, row["id"], state, DispatchState.UNCERTAIN, now, cause=cause, claimed_until=until
            )
            if moved and state is DispatchState.SENDING:
                _result(tx, row, "uncertain", cause, now)
                cases.follow(tx, row["case_id"], CaseState.FAILED, now, why="uncertain")
        return moved

    def _refuse(self, row: Row, state: DispatchState, cause: str) -> bool:
        with self.store.write() as tx:
            now = self.clock.now()
            if dispatches.set_state(tx, row["id"], state, DispatchState.REFUSED, now, cause=cause):
                _result(tx, row, "refused", cause, now)
                sources.look_again(tx, Rows(tx, row["draft_id"]).mention["source"])
                drafts.take_back(tx, row["draft_id"], now)
                cases.follow(tx, row["case_id"], CaseState.FAILED, now, why=cause)
        return True

    def _later(self, row: Row, error: PlatformError) -> bool:
        with bound(case=row["case_id"], mention=row["mention_id"]):
            log.warning("dispatch %s waits: %s", row["id"], type(error).__name__)
        with self.store.write() as tx:
            _postpone(tx, row, now=self.clock.now(), wait_ms=_wait_ms(error), cause=_cause(error))
        return False

    def _publisher(self, row: Row) -> Publisher | None:
        mention = mentions.by_id(self.store, row["mention_id"])
        return self.publishers.get(mention["source"]) if mention else None

    def _is_mute(self, row: Row) -> bool:
        mention = mentions.by_id(self.store, row["mention_id"])
        source = sources.by_name(self.store, mention["source"]) if mention else None
        return source is not None and bool(sources.mute(source))

    def _target(self, row: Row) -> Target:
        return mentions.to_target(Rows(self.store, row["draft_id"]).mention)


def _still_wanted(tx: Tx, row: Row, now: int) -> bool:
    """Whether a claimed reply may go on after a look at the platform, during which people went on working.

    Not if somebody cancelled it or took it over; not under stop-all, where it stays queued; and if its case moved
    on, the draft opens again.
    """
    if not dispatches.is_claimed_as(tx, row):
        return False
    if house_rows.stop(tx) is not None:
        _postpone(tx, row, now=now, wait_ms=0, cause="")
        return False
    case = cases.by_id(tx, row["case_id"])
    if case is None or case["state"] != CaseState.OUTBOX:
        dispatches.set_state(tx, row["id"], DispatchState.QUEUED, DispatchState.CANCELLED, now, cause="post_changed")
        drafts.take_back(tx, row["draft_id"], now)
        return False
    return True


def _postpone(tx: Tx, row: Row, *, now: int, wait_ms: int, cause: str) -> None:
    """Leave a queued reply where it is and try again after ``wait_ms``."""
    queued = DispatchState.QUEUED
    dispatches.set_state(tx, row["id"], queued, queued, now, due_at=now + wait_ms, claimed_until=0, cause=cause)


def _result(tx: Tx, row: Row, result: str, cause: str, now: int, **more: entries.Value) -> None:
    if result == "sent":
        standing.fired(tx, row["platform"], [("", standing.SENT)], now)
    fields: dict[str, entries.Value] = {"dispatch": row["id"], "draft": row["draft_id"]}
    fields |= outgoing.sent_or_found(tx, row["id"]) if result == "sent" else {"result": result}
    entries.append(tx, EntryKind.SEND_RESULT, {**fields, "cause": cause, **more}, now)


def _cause(error: PlatformError) -> str:
    """A stable name for the desk to word; the platform's own sentence may hold anything and stays out."""
    return type(error).__name__


def _wait_ms(error: PlatformError) -> int:
    return max(RETRY_MS, int(error.retry_after * 1000)) if isinstance(error, RateLimited) else RETRY_MS
