"""A clock that jumps: nothing is sent or erased on its word, nothing twice, and the worker goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from clocks import FakeClock
from port_doubles import Moody, until
from tents import HouseInATent, post
from test_worker import Site, assessed

from bot.ledger.verify import Verdict, verify
from bot.store import house as house_rows
from bot.timekeeping import COUNTS_MS, FAR_MS, Timekeeper
from bot.wiring import Wiring
from bot.worker import Worker

HOUR_MS = 3_600_000


class Jumping:
    """The clock of this machine, put forward or back by the test."""

    def __init__(self) -> None:
        self.real, self.off = Wiring.__dataclass_fields__["clock"].default_factory(), 0

    def now(self) -> int:
        return self.real.now() + self.off

    def monotonic(self) -> int:
        return self.real.monotonic()


def test_a_jump_counts_for_a_quarter_of_an_hour_and_a_steady_clock_is_none() -> None:
    clock = FakeClock()
    keeper = Timekeeper(clock)
    clock.advance(HOUR_MS)
    assert (keeper.look(), keeper.skew_ms, keeper.off_ms, keeper.far) == (0, 0, 0, False)
    clock.jump(-HOUR_MS)
    assert (keeper.look(), keeper.skew_ms, keeper.off_ms) == (-HOUR_MS, -HOUR_MS, -HOUR_MS)
    clock.advance(COUNTS_MS)
    keeper.look()
    assert keeper.skew_ms == -HOUR_MS
    clock.advance(1)
    keeper.look()
    assert (keeper.skew_ms, keeper.off_ms) == (0, -HOUR_MS)


def test_a_jump_of_a_day_and_its_way_back_end_where_they_began() -> None:
    clock = FakeClock()
    keeper = Timekeeper(clock)
    clock.jump(FAR_MS)
    keeper.look()
    assert keeper.far
    clock.jump(-FAR_MS)
    keeper.look()
    assert not keeper.far


@pytest.mark.parametrize("jump", [HOUR_MS, -HOUR_MS, 40 * FAR_MS])
def test_while_a_jump_counts_nothing_leaves_and_afterwards_it_leaves_once(tent: HouseInATent, jump: int) -> None:
    tent.publishers["samples"] = moody = Moody(tent.publishers["samples"])
    keeper = Timekeeper(tent.clock)
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    tent.approve("kim", "Wir prüfen die Leitung und melden uns hier. ^AL")

    def send() -> None:
        tent.beat()
        keeper.look()
        with tent.store.write() as tx:
            house_rows.beat(tx, "worker", tent.clock.now(), keeper.skew_ms, keeper.off_ms)
        tent.wiring.dispatcher(tent.store, tent.publishers, lambda _: None).run()

    tent.clock.jump(jump)
    tent.clock.advance(10_000)
    send()
    assert "publish" not in moody.calls
    tent.clock.jump(-jump)
    keeper.look()
    tent.clock.advance(COUNTS_MS + 60_000)
    send()
    if tent.case("kim")["state"] == "failed":
        assert tent.approve("kim", "Wir prüfen die Leitung und melden uns hier. ^AL").kind == "queued"
        tent.clock.advance(10_000)
    tent.clock.advance(60_000)
    send()
    tent.clock.advance(60_000)
    send()
    assert (len(tent.said()), moody.calls.count("publish")) == (1, 1)
    assert verify(tent.store).verdict is Verdict.OK


def test_after_a_jump_of_a_month_nothing_is_erased_by_its_age(tmp_path: Path) -> None:
    site, clock = Site(tmp_path), Jumping()
    site.wiring = Wiring(site.settings, clock)
    site.hear("1")
    worker = Worker(site.wiring)
    worker.start()
    try:
        until(lambda: site.store.value("SELECT count(*) FROM mentions") == 1, "the post is here")
        clock.off = 40 * FAR_MS
        until(lambda: site.health()["clock_off_ms"] >= FAR_MS, "the jump is told")
        worker._purge()
        worker._sync()
        assert site.store.value("SELECT count(*) FROM mentions WHERE text <> ''") == 1
        clock.off = 0
        until(lambda: abs(site.health()["clock_off_ms"]) < FAR_MS, "the way back is told")
    finally:
        worker.stop()


def test_a_clock_that_goes_back_does_not_make_the_worker_stand_still(tmp_path: Path) -> None:
    site, clock = Site(tmp_path), Jumping()
    site.wiring = Wiring(site.settings, clock)
    worker = Worker(site.wiring)
    worker.start()
    try:
        assert worker._scheduler is not None
        # What a clock that went back by an hour does to the schedule, which goes by the system's own clock.
        for job in worker._scheduler.get_jobs():
            worker._scheduler.modify_job(job.id, next_run_time=datetime.now(UTC) + timedelta(hours=1))
        site.hear("1")
        clock.off = -HOUR_MS
        until(lambda: assessed(site) == 1, "the work goes on")
        until(lambda: site.health()["skew_ms"] <= -HOUR_MS + 5_000, "the jump is told")
    finally:
        worker.stop()
