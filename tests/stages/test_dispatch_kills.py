"""kill -9 at every step of dispatch, and at random: nothing is lost, nothing is sent twice."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from clocks import FakeClock
from tents import HouseInATent, own_words, pitch, post

from bot.dispatch import LOOK_AGAIN_MS, Dispatcher
from bot.ledger.verify import Verdict, verify
from bot.model import CaseState, Consent, DispatchState, PostStatus, Receipt, Target, Thread
from bot.ports import Publisher
from bot.store import dispatches
from bot.wiring import Wiring

pytestmark = pytest.mark.crash

STEPS = ("before inspect", "after inspect", "before publish", "after publish")


class Deadly:
    """A publisher that kills its own process before or after one of its calls."""

    def __init__(self, publisher: Publisher, step: str) -> None:
        self._publisher = publisher
        self._step = step

    def inspect(self, target: Target) -> PostStatus:
        self._die("before inspect")
        status = self._publisher.inspect(target)
        self._die("after inspect")
        return status

    def thread(self, target: Target, root: str, most: int) -> Thread:
        return self._publisher.thread(target, root, most)

    def publish(self, consent: Consent) -> Receipt:
        self._die("before publish")
        receipt = self._publisher.publish(consent)
        self._die("after publish")
        return receipt

    def find(self, target: Target, text: str, since: int) -> Receipt | None:
        return self._publisher.find(target, text, since)

    def retract(self, receipt: Receipt) -> None:
        self._publisher.retract(receipt)

    def _die(self, step: str) -> None:
        if step == self._step:
            os.kill(os.getpid(), signal.SIGKILL)


def in_child(work: Callable[[], None]) -> int:
    """Run ``work`` in a forked process; returns its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def dispatcher(tent: HouseInATent, publishers: dict[str, Publisher]) -> Dispatcher:
    """A dispatcher with connections of its own, as another process has them."""
    wiring = Wiring(tent.wiring.settings, tent.clock)
    store = wiring.stores()
    return Dispatcher(store, lambda: wiring.house(store), publishers, tent.clock)


def approved(tent: HouseInATent, count: int = 1) -> None:
    for number in range(count):
        handle = f"kim{number}"
        tent.hear(
            post(str(number), handle, "@fjordfon_hilft Seit heute früh geht hier das Internet nicht, wann wieder?")
        )
        verdict = tent.approve(handle, own_words(number))
        assert verdict.kind == "queued", verdict.decision.open_rules
    tent.clock.advance(10_000)
    tent.beat()


def settle(tent: HouseInATent) -> None:
    """What the next worker does until nothing is open: look, look again, send what is still queued."""
    for _ in range(4):
        tent.clock.advance(LOOK_AGAIN_MS)
        tent.send()


def check_nothing_lost_nothing_twice(tent: HouseInATent, count: int) -> None:
    replies = [reply.in_reply_to for reply in tent.said()]
    assert len(replies) == len(set(replies)), "a post has two replies"
    rows = tent.store.rows("SELECT * FROM dispatches")
    assert len(rows) == count
    for row in rows:
        answered = row["canonical_target"].rsplit(":", 1)[1] in replies
        assert DispatchState(row["state"]) is (DispatchState.SENT if answered else DispatchState.REFUSED)
        assert tent.store.value("SELECT state FROM cases WHERE id = :id", id=row["case_id"]) == (
            CaseState.SENT if answered else CaseState.FAILED
        )
    told = [entry for entry in tent.entries("SEND_RESULT") if entry["result"] == "sent"]
    assert len(told) == len(replies), "every reply has its entry, every such entry its reply"
    assert verify(tent.store).verdict is Verdict.OK


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_nothing_is_lost_and_nothing_is_sent_twice(tent: HouseInATent, step: str) -> None:
    approved(tent)
    deadly = {name: Deadly(publisher, step) for name, publisher in tent.publishers.items()}

    pid = in_child(lambda: dispatcher(tent, deadly).run() and None)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    settle(tent)
    check_nothing_lost_nothing_twice(tent, 1)
    if step in {"before inspect", "after inspect"}:
        assert len(tent.said()) == 1, "nothing had been decided: the reply still leaves"


def test_killed_after_publishing_the_reply_is_found_and_not_sent_again(tent: HouseInATent) -> None:
    approved(tent)
    deadly = {name: Deadly(publisher, "after publish") for name, publisher in tent.publishers.items()}
    os.waitpid(in_child(lambda: dispatcher(tent, deadly).run() and None), 0)
    assert len(tent.said()) == 1
    assert dispatches.in_state(tent.store, DispatchState.SENDING)
    settle(tent)
    assert len(tent.said()) == 1
    assert dispatches.in_state(tent.store, DispatchState.SENT)


def test_killed_before_publishing_a_person_is_asked_and_nothing_is_repeated_blindly(tent: HouseInATent) -> None:
    approved(tent)
    deadly = {name: Deadly(publisher, "before publish") for name, publisher in tent.publishers.items()}
    os.waitpid(in_child(lambda: dispatcher(tent, deadly).run() and None), 0)
    settle(tent)
    assert tent.said() == []
    (row,) = dispatches.in_state(tent.store, DispatchState.REFUSED)
    assert row["cause"] == "not_there"
    assert tent.case("kim0")["state"] == CaseState.FAILED


def test_twenty_random_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(20)  # noqa: S311 - where to strike, not a secret
    for strike in range(20):
        tent = pitch(tmp_path / str(strike), FakeClock())
        approved(tent, 3)
        pid = in_child(lambda tent=tent: dispatcher(tent, tent.publishers).run() and None)
        until = time.monotonic() + chance.uniform(0, 0.12)
        while time.monotonic() < until:
            os.sched_yield()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        settle(tent)
        check_nothing_lost_nothing_twice(tent, 3)
