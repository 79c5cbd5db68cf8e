"""kill -9 in the middle of an answer to many, and a withdrawal while one is being sent: nothing lost, nothing twice."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from clocks import FakeClock
from outages import Outage
from tents import HouseInATent, pitch

from bot.dispatch import LOOK_AGAIN_MS, Dispatcher
from bot.ledger.verify import Verdict, verify
from bot.model import CaseState, Consent, DispatchState, PostStatus, Receipt, Target
from bot.ports import Publisher
from bot.recheck import never
from bot.review import acts, batches
from bot.store import batches as rows
from bot.wiring import Wiring

pytestmark = pytest.mark.crash

COUNT = 5


def in_child(work: Callable[[], object]) -> int:
    """Run ``work`` in a forked process; returns its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def approved(tent: HouseInATent) -> tuple[Outage, int]:
    """A batch whose posts all have their turn now."""
    config = tent.config.model_copy(update={"brand": tent.config.brand.model_copy(update={"batch_per_hour": 1800})})
    tent.config = config
    tent.wiring.apply(config)
    outage = Outage(tent)
    outage.report(COUNT)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    tent.clock.advance(60_000)
    tent.beat()
    return outage, batch


def worker(tent: HouseInATent) -> None:
    """One round of another process: what has its turn goes to the outbox, what is due leaves."""
    wiring = Wiring(tent.wiring.settings, tent.clock)
    store = wiring.stores()
    batches.run(store, wiring.house(store), tent.clock, never)
    Dispatcher(store, lambda: wiring.house(store), tent.publishers, tent.clock).run()


def settled(outage: Outage, batch: int) -> None:
    """The next worker goes on until nothing is open, and every post was answered exactly once."""
    for _ in range(6):
        outage.tent.clock.advance(LOOK_AGAIN_MS)
        outage.tent.beat()
        outage.step()
        outage.tent.clock.advance(10_000)
        outage.tent.send()
    said = [reply.in_reply_to for reply in outage.tent.said()]
    assert len(said) == len(set(said)), "a post has two replies"
    drafts = [row["draft_id"] for row in outage.tent.store.rows("SELECT draft_id FROM dispatches")]
    assert len(drafts) == len(set(drafts)) == COUNT, "every post has one dispatch and no other"
    for row in rows.posts(outage.tent.store, batch):
        assert row["outcome"] == "queued"
        assert row["dispatch_state"] in {DispatchState.SENT, DispatchState.REFUSED}
    told = [entry["draft"] for entry in outage.tent.entries("SEND_RESULT") if entry["result"] == "sent"]
    assert len(told) == len(set(told)) == len(said)
    assert verify(outage.tent.store).verdict is Verdict.OK


@pytest.mark.parametrize("where", ["log_decision", "settle", "queue"])
def test_killed_within_a_turn_the_whole_turn_is_undone_and_done_again(
    tent: HouseInATent, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    outage, batch = approved(tent)

    def struck() -> None:
        place: object = {"log_decision": batches, "settle": rows, "queue": acts}[where]
        monkeypatch.setattr(place, where, die)
        worker(tent)

    pid = in_child(struck)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert outage.outcomes(batch) == [""] * COUNT
    settled(outage, batch)
    assert len(tent.said()) == COUNT


def test_killed_between_two_turns_the_first_stands_and_the_rest_follow(
    tent: HouseInATent, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage, batch = approved(tent)
    turn, turned = batches._turn, []

    def struck(*given) -> bool:
        if len(turned) == 2:
            die()
        turned.append(1)
        return turn(*given)

    def work() -> None:
        monkeypatch.setattr(batches, "_turn", struck)
        worker(tent)

    os.waitpid(in_child(work), 0)
    assert outage.outcomes(batch).count(DispatchState.QUEUED) == 2
    settled(outage, batch)
    assert len(tent.said()) == COUNT


def test_random_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - where to strike, not a secret
    for strike in range(4):
        tent = pitch(tmp_path / str(strike), FakeClock())
        outage, batch = approved(tent)
        for _ in range(3):
            pid = in_child(lambda tent=tent: worker(tent))
            until = time.monotonic() + chance.uniform(0, 0.25)
            while time.monotonic() < until:
                os.sched_yield()
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            tent.clock.advance(11_000)
            tent.beat()
        settled(outage, batch)


class Interrupted:
    """A publisher during whose first sending somebody withdraws the whole batch."""

    def __init__(self, publisher: Publisher, act: Callable[[], object]) -> None:
        self._publisher, self._act = publisher, act
        self.done = False

    def inspect(self, target: Target) -> PostStatus:
        return self._publisher.inspect(target)

    def publish(self, consent: Consent) -> Receipt:
        if not self.done:
            self.done = True
            self._act()
        return self._publisher.publish(consent)

    def find(self, target: Target, text: str, since: int) -> Receipt | None:
        return self._publisher.find(target, text, since)

    def retract(self, receipt: Receipt) -> None:
        self._publisher.retract(receipt)


def test_withdrawn_while_one_is_being_sent_that_one_leaves_and_no_other(tent: HouseInATent) -> None:
    outage, batch = approved(tent)
    outage.step()
    assert outage.outcomes(batch) == [DispatchState.QUEUED] * COUNT
    tent.clock.advance(11_000)
    tent.beat()
    known = {name: Interrupted(publisher, lambda: outage.cancel(batch)) for name, publisher in tent.publishers.items()}
    Dispatcher(tent.store, lambda: tent.wiring.house(tent.store), known, tent.clock).run()
    for _ in range(3):
        outage.turns(1)
    assert len(tent.said()) == 1
    assert sorted(outage.outcomes(batch)) == sorted([DispatchState.SENT] + [DispatchState.CANCELLED] * (COUNT - 1))
    states = [row["state"] for row in tent.store.rows("SELECT state FROM cases")]
    assert sorted(states) == sorted([CaseState.SENT] + [CaseState.NEW] * (COUNT - 1))
    assert verify(tent.store).verdict is Verdict.OK
