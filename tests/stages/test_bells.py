"""Bells: an event makes the ordinary poll run at once, and whatever goes wrong with one costs only the haste."""

import logging
import sys
import threading
import time
from pathlib import Path

import pytest
from clocks import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from port_doubles import until
from test_worker import Site, assessed

from bot.bells import ABSENT_S, PAUSES_S, STEADY_MS, Ringing
from bot.errors import EgressRefused, Gone, PlatformError, RateLimited, Transient, Unauthorised
from bot.store import sources
from bot.worker import Worker

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import mastodon_double as md
from stream_double import CANARY, EVENT, Stream

STREAM = "/api/v1/streaming/user/notification"


class HandBell:
    """A bell that a test rings, and that fails as often as the test says."""

    def __init__(self, *failures: PlatformError, rest_s: float = 0.0) -> None:
        self.rest_s = rest_s
        self.failures = list(failures)
        self.ring: threading.Event | None = None
        self.listening = threading.Event()
        self.over = threading.Event()

    def listen(self, ring):
        if self.failures:
            raise self.failures.pop(0)
        self.ring = ring
        self.listening.set()
        self.over.wait()

    def hang_up(self):
        self.over.set()


def started(ringing):
    threads = [threading.Thread(target=act) for act in (ringing.listen, ringing.answer)]
    for thread in threads:
        thread.start()
    return threads


def test_rings_during_a_poll_lead_to_one_more_and_no_ring_is_lost():
    bell, polled, go_on = HandBell(), [], threading.Semaphore(0)

    def poll():
        polled.append(1)
        go_on.acquire(timeout=10)

    ringing = Ringing("fedi", bell, poll, FakeClock())
    threads = started(ringing)
    assert bell.listening.wait(10)
    bell.ring()
    until(lambda: len(polled) == 1, "the first poll")
    for _ in range(50):
        bell.ring()
    go_on.release()
    until(lambda: len(polled) == 2, "one more for all that came meanwhile")
    ringing.end()
    go_on.release()
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)
    assert len(polled) == 2


def test_it_listens_again_after_failures_and_ends_at_once():
    bell = HandBell(Transient("x"), Transient("x"))
    ringing = Ringing("fedi", bell, pytest.fail, FakeClock(), chance=lambda: -1.0)
    threads = started(ringing)
    assert bell.listening.wait(10), "it listens after two failures"
    begun = time.monotonic()
    ringing.end()
    for thread in threads:
        thread.join(5)
    assert time.monotonic() - begun < 5


def test_it_ends_at_once_while_it_waits_for_its_next_try():
    ringing = Ringing("fedi", HandBell(Gone("x")), pytest.fail, FakeClock())
    threads = started(ringing)
    ringing.end()
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)


@given(st.integers(1, 50), st.floats(0, 1))
def test_pauses_grow_to_five_minutes_and_are_spread(failures, chance):
    ringing = Ringing("fedi", HandBell(), lambda: None, FakeClock(), chance=lambda: chance)
    pause = ringing._pause(Transient("x"), failures)
    least = PAUSES_S[min(failures, 6) - 1]
    assert least <= pause <= 2 * least <= 600
    assert ringing._pause(RateLimited("x", 1234.0), failures) >= 1234
    for absent in (Gone("x"), Unauthorised("x"), EgressRefused("x")):
        assert ABSENT_S <= ringing._pause(absent, failures) <= 2 * ABSENT_S


def test_only_a_stream_that_lasted_begins_its_pauses_anew(caplog):
    clock, tries = FakeClock(), []

    class Flapping(HandBell):
        def listen(self, ring):
            tries.append(1)
            clock.advance(STEADY_MS if len(tries) == 4 else 10)
            if len(tries) == 6:
                ringing.end()
            raise Transient("x")

    ringing = Ringing("fedi", Flapping(), pytest.fail, clock, chance=lambda: -1.0)
    pauses = []
    waits, ringing._pause = ringing._pause, lambda error, failures: pauses.append(failures) or waits(error, failures)
    caplog.set_level(logging.INFO)
    ringing.listen()
    assert pauses == [1, 2, 3, 1, 2, 3]
    assert [record.getMessage() for record in caplog.records] == [
        "source fedi has no stream for now and is polled: Transient"
    ] * 2


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site(tmp_path)
    site.say_brand("accounts:", f"accounts:\n  mastodon:\n    - handle: {md.OURS}\n")
    monkeypatch.setenv("EARSHOT_FEDI", md.TOKEN)
    return site


def listens(site: Site, bench: md.Bench, **more: object) -> None:
    """Two sources that are polled once an hour; the bell alone can bring the first one's posts."""
    fedi = {"kind": "mastodon", "name": "fedi", "server": bench.double.url, "account": md.OURS, "token": "EARSHOT_FEDI"}
    site.write_sources({**fedi, **more}, site.replay)
    text = (site.config / "platforms.yaml").read_text("utf-8")
    (site.config / "platforms.yaml").write_text(text.replace("poll_seconds: 10", "poll_seconds: 3600"), "utf-8")


def test_an_event_brings_the_post_by_the_ordinary_poll_and_leaves_no_word_of_its_own(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench, stream = md.Bench(), Stream(b":thump\n")
    with bench.double:
        bench.double.get(STREAM, stream)
        listens(site, bench, streaming=True)
        worker = Worker(site.wiring)
        worker.start()
        try:
            until(lambda: stream.opened, "the worker listens")
            bench.say("Warum geht das Internet nicht?")
            bench.say("Das ist nur für Freunde.", visibility="private")
            assert assessed(site) == 0
            stream.say(EVENT)
            until(lambda: assessed(site) == 1, "the post is assessed within the event")
        finally:
            begun = time.monotonic()
            worker.stop()
            assert time.monotonic() - begun < 5
    row = sources.by_name(site.store, "fedi")
    assert row is not None
    assert row["cursor"]
    assert row["failing_since"] is None
    kept = b"".join(file.read_bytes() for file in site.settings.data_dir.iterdir())
    assert CANARY.encode() not in kept
    assert b"Freunde" not in kept
    assert CANARY not in caplog.text
    assert md.TOKEN not in caplog.text


def test_without_a_stream_the_source_is_polled_and_nothing_says_that_it_fails(site: Site) -> None:
    bench = md.Bench()
    with bench.double:
        listens(site, bench, streaming=True)
        bench.say("Warum geht das Internet nicht?")
        worker = Worker(site.wiring)
        worker.start()
        try:
            until(lambda: any(seen.path == STREAM for seen in bench.double.seen), "the stream is asked for")
            assert worker._scheduler is not None
            worker._scheduler.get_job("poll:fedi").func()
            until(lambda: assessed(site) == 1, "the ordinary poll brings the post")
        finally:
            worker.stop()
    row = sources.by_name(site.store, "fedi")
    assert row is not None
    assert row["failing_since"] is None


def test_without_the_word_in_its_configuration_no_stream_is_opened(site: Site) -> None:
    bench = md.Bench()
    with bench.double:
        listens(site, bench)
        worker = Worker(site.wiring)
        worker.start()
        try:
            assert worker._bells == []
        finally:
            worker.stop()
        assert all("streaming" not in seen.path for seen in bench.double.seen)


def test_a_changed_configuration_takes_the_bell_down(site: Site) -> None:
    bench, stream = md.Bench(), Stream()
    with bench.double:
        bench.double.get(STREAM, stream)
        listens(site, bench, streaming=True)
        worker = Worker(site.wiring)
        worker.start()
        try:
            until(lambda: stream.opened == 1, "the worker listens")
            (old,) = worker._bells
            listens(site, bench)
            until(lambda: worker._bells == [], "the bell is gone")
            assert old._ended.is_set()
        finally:
            worker.stop()
