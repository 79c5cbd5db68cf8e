"""One worker at a time: a lease moves while its holder lives, is taken when it stands still, and fences what sends."""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from clocks import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from port_doubles import Moody, until
from tents import HouseInATent, own_words, post

from bot import lease as lease_module
from bot import worker as worker_module
from bot.dispatch import Dispatcher
from bot.errors import LeaseHeld, StoreFull
from bot.lease import DEAD_MS, LOOK_S, Lease
from bot.model import DispatchState
from bot.store import dispatches, leases
from bot.store.db import Stores
from bot.store.migrate import migrate
from bot.worker import LATE_BEAT_MS, Worker


class Waiting:
    """A pause that lets the clock go on, and what a test does to it meanwhile."""

    def __init__(self, clock: FakeClock, at_each=lambda: None, asked_after: int | None = None) -> None:
        self.clock, self.at_each, self.asked_after, self.looks = clock, at_each, asked_after, 0

    def __call__(self, seconds: float) -> bool:
        self.clock.advance(int(seconds * 1000))
        self.at_each()
        self.looks += 1
        return self.asked_after is not None and self.looks >= self.asked_after


def never(_seconds: float) -> bool:
    raise AssertionError("it must not wait")


@pytest.fixture
def stores(database: Path) -> Stores:
    return Stores(database)


def leasing() -> set[threading.Thread]:
    """The threads that renew a lease."""
    return {thread for thread in threading.enumerate() if thread.name == "lease"}


def lease(stores: Stores, clock: FakeClock) -> Lease:
    return Lease(stores, clock, "worker")


def beat(stores: Stores, held: Lease) -> None:
    with stores().write() as tx:
        held.renew(tx)


def test_the_first_takes_it_without_waiting(stores, clock):
    assert lease(stores, clock).take(never)


def test_a_second_one_refuses_as_soon_as_it_sees_a_sign_of_life(stores, clock):
    first = lease(stores, clock)
    first.take(never)
    waiting = Waiting(clock, lambda: beat(stores, first))
    with pytest.raises(LeaseHeld, match="--standby"):
        lease(stores, clock).take(waiting)
    assert waiting.looks == 1
    first.check(stores())


def test_what_a_crash_left_is_taken_once_it_stood_still(stores, clock):
    first, second = lease(stores, clock), lease(stores, clock)
    first.take(never)
    waiting = Waiting(clock)
    assert second.take(waiting)
    assert waiting.looks == DEAD_MS / (LOOK_S * 1000)
    with pytest.raises(LeaseHeld, match="took over"), stores().write() as tx:
        first.renew(tx)
    with pytest.raises(LeaseHeld):
        first.check(stores())
    second.check(stores())


def test_a_standby_waits_for_as_long_as_the_first_lives_and_takes_over_when_it_gives_back(stores, clock):
    first, second = lease(stores, clock), lease(stores, clock)
    first.take(never)
    began, ends_at = clock.monotonic(), 10 * DEAD_MS

    def live() -> None:
        if clock.monotonic() - began < ends_at:
            beat(stores, first)
        else:
            first.give_back()

    assert second.take(Waiting(clock, live), standby=True)
    assert clock.monotonic() - began == ends_at


def test_a_standby_that_is_asked_to_end_ends(stores, clock):
    first = lease(stores, clock)
    first.take(never)
    assert not lease(stores, clock).take(Waiting(clock, asked_after=3), standby=True)
    first.check(stores())


def test_a_wall_clock_that_jumps_gives_nothing_away(stores, clock):
    first = lease(stores, clock)
    first.take(never)
    turns = iter((90_000_000, -180_000_000))

    def jump() -> None:
        clock.jump(next(turns, 0))
        beat(stores, first)

    assert not lease(stores, clock).take(Waiting(clock, jump, asked_after=50), standby=True)
    first.check(stores())


def test_giving_back_what_somebody_else_has_changes_nothing(stores, clock):
    first, second = lease(stores, clock), lease(stores, clock)
    first.take(never)
    assert second.take(Waiting(clock))
    first.give_back()
    second.check(stores())


def test_of_many_that_saw_it_stand_still_exactly_one_takes_it(database, clock):
    Lease(Stores(database), clock, "worker").take(never)
    seen = leases.standing(Stores(database)(), "worker")
    barrier, taken = threading.Barrier(8), []

    def race(holder: str) -> None:
        store = Stores(database)()
        barrier.wait()
        with store.write() as tx:
            taken.append((leases.take(tx, "worker", holder, seen), holder))
        store.close()

    threads = [threading.Thread(target=race, args=(f"{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [holder for won, holder in taken if won]
    assert leases.has(Stores(database)(), "worker", winner)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One database for many examples: making one takes longer than an example."""
    path = tmp_path_factory.mktemp("lease") / "earshot.db"
    migrate(path)
    return Stores(path)


@given(st.lists(st.sampled_from(["one", "two", "three"]), max_size=12))
def test_whoever_took_it_last_is_the_only_one_that_holds_it(shared, turns):
    stores, clock = shared, FakeClock()
    with stores().write() as tx:
        leases.nobody_has_any(tx)
    known = {name: Lease(stores, clock, "worker") for name in ("one", "two", "three")}
    for name in turns:
        assert known[name].take(Waiting(clock))

    def holds(name: str) -> bool:
        try:
            known[name].check(stores())
        except LeaseHeld:
            return False
        return True

    assert {name for name in known if holds(name)} == set(turns[-1:])


def test_it_is_renewed_whatever_the_stages_do_until_another_one_took_it(stores, clock, monkeypatch):
    monkeypatch.setattr(lease_module, "RENEW_S", 0.01)
    told = []
    first, second = lease(stores, clock), lease(stores, clock)
    first.take(never)
    first.keep(told.append)
    began = leases.standing(stores(), "worker")["turn"]
    until(lambda: leases.standing(stores(), "worker")["turn"] > began + 2, "it moves")
    with stores().write() as tx:
        assert leases.take(tx, "worker", second._holder, leases.standing(tx, "worker"))
    until(lambda: told, "the first one is told")
    assert "took over" in str(told[0])


def test_what_was_given_back_is_renewed_no_more_and_nobody_is_told(stores, clock, monkeypatch):
    monkeypatch.setattr(lease_module, "RENEW_S", 0.01)
    told = []
    first = lease(stores, clock)
    first.take(never)
    first.keep(told.append)
    first.give_back()
    assert lease(stores, clock).take(never)
    assert told == []


# fencing: what sends ---------------------------------------------------------------------------------


def approved(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Seit heute früh geht hier das Internet nicht, wann wieder?"))
    verdict = tent.approve("kim", own_words(0))
    assert verdict.kind == "queued", verdict.decision.open_rules
    tent.clock.advance(10_000)
    tent.beat()


@pytest.fixture
def held(tent: HouseInATent) -> Lease:
    mine = Lease(tent.wiring.stores, tent.clock, "worker")
    mine.take(never)
    return mine


def take_over(tent: HouseInATent) -> None:
    """Another worker comes, while this one sleeps."""
    later = FakeClock(tent.clock.now(), tent.clock.monotonic())
    assert Lease(Stores(tent.wiring.database), later, "worker").take(Waiting(later))


def dispatcher(tent: HouseInATent, moody: Moody, held: Lease) -> Dispatcher:
    return tent.wiring.dispatcher(tent.store, dict.fromkeys(tent.publishers, moody), held.check)


@pytest.mark.parametrize("during", ["inspect", "nothing"])
def test_a_worker_that_lost_the_lease_sends_nothing_and_leaves_the_reply_to_the_other_one(tent, held, during):
    approved(tent)
    (publisher,) = tent.publishers.values()
    moody = Moody(publisher)
    if during == "inspect":
        moody.meanwhile["inspect"] = lambda: take_over(tent)
    else:
        take_over(tent)
    with pytest.raises(LeaseHeld):
        dispatcher(tent, moody, held).run()
    assert "publish" not in moody.calls
    assert tent.said() == []
    (row,) = dispatches.in_state(tent.store, DispatchState.QUEUED)
    assert tent.entries("SEND_RESULT") == []
    tent.clock.advance(dispatches.CLAIM_MS)
    tent.send()
    assert len(tent.said()) == 1
    assert dispatches.by_id(tent.store, row["id"])["state"] == DispatchState.SENT


def test_a_worker_that_slept_between_its_decision_and_the_network_does_not_send(tent, held):
    approved(tent)
    (publisher,) = tent.publishers.values()
    moody = Moody(publisher)
    kept = tent.store.keep_now

    def asleep(kind: str, *words: str) -> None:
        kept(kind, *words)
        take_over(tent)

    tent.store.keep_now = asleep
    with pytest.raises(LeaseHeld):
        dispatcher(tent, moody, held).run()
    assert "publish" not in moody.calls
    assert tent.said() == []
    # The other worker finds it as "sending", looks, and asks a person: nothing is sent twice, nothing is lost.
    (row,) = dispatches.in_state(tent.store, DispatchState.SENDING)
    assert row["claimed_until"] > tent.clock.now()


def test_a_worker_that_lost_the_lease_takes_nothing_back(tent, held):
    approved(tent)
    tent.send()
    (row,) = dispatches.in_state(tent.store, DispatchState.SENT)
    with tent.store.write() as tx:
        dispatches.set_state(tx, row["id"], DispatchState.SENT, DispatchState.RETRACTING, tent.clock.now())
    tent.clock.advance(dispatches.CLAIM_MS)
    take_over(tent)
    (publisher,) = tent.publishers.values()
    moody = Moody(publisher)
    with pytest.raises(LeaseHeld):
        dispatcher(tent, moody, held).run()
    assert "retract" not in moody.calls
    assert len(tent.said()) == 1


def test_after_a_sleep_nothing_is_sent_before_the_next_sign_of_life(tent):
    asked = []
    vars(tent.wiring).update(dispatcher=lambda *given: asked.append(given) or SimpleNamespace(run=lambda _, **more: 0))
    worker = Worker(tent.wiring)
    worker.take_charge()
    worker._live = SimpleNamespace(publishers={})
    worker._send()
    assert len(asked) == 1
    tent.clock.advance(LATE_BEAT_MS)
    worker._send()
    assert len(asked) == 1, "the machine slept: first the beat, which finds out who has the lease"
    worker._beaten_at = tent.clock.now()
    worker._send()
    assert len(asked) == 2
    worker.stop()


def test_a_worker_that_stops_while_a_reply_is_on_its_way_keeps_the_lease(tent, monkeypatch):
    before = leasing()
    monkeypatch.setattr(worker_module, "LAST_SEND_S", 0.01)
    worker = Worker(tent.wiring)
    worker.take_charge()
    with worker._sending:
        worker.stop()
    assert leases.standing(tent.store, "worker") is not None
    idle = Worker(tent.wiring)
    assert idle.take_charge(Waiting(tent.clock))
    idle.stop()
    assert leases.standing(tent.store, "worker") is None
    worker.stop()
    until(lambda: leasing() <= before, "it is renewed no more")


def test_a_worker_that_lost_the_lease_does_nothing_more_and_says_so_once(tent, caplog):
    ended, done, before = [], [], leasing()
    worker = Worker(tent.wiring, ended=lambda: ended.append(1))
    worker.take_charge()
    step = worker._fenced("step", lambda: done.append(1))
    step()
    take_over(tent)
    step()
    step()
    assert (done, ended) == ([1], [1])
    assert "took over" in str(worker.displaced)
    assert caplog.text.count("Another worker took over") == 1
    worker.stop()
    assert leases.standing(tent.store, "worker") is not None, "it is the other one's"
    until(lambda: leasing() <= before, "it is renewed no more")


def test_a_worker_that_cannot_write_its_last_checkpoint_gives_the_lease_back(tent, monkeypatch):
    worker = Worker(tent.wiring)
    worker.start()

    def refused(name: str) -> None:
        raise StoreFull("No room left.")

    monkeypatch.setattr(worker._keeper, "checkpoint", refused)
    worker.stop()
    assert leases.standing(tent.store, "worker") is None


def test_after_a_restore_nobody_has_the_lease(tent, held):
    with tent.store.write() as tx:
        leases.nobody_has_any(tx)
    assert leases.standing(tent.store, "worker") is None
