"""Looking again at posts that somebody wants to answer: patient with platforms, never older news over newer."""

import pytest
from port_doubles import Moody, no_room
from tents import HouseInATent, post

from bot import recheck
from bot.errors import Gone, PlatformError, RateLimited, StoreFull, Transient, Unauthorised
from bot.model import PostStatus
from bot.store import status

QUESTION = "@fjordfon_hilft Warum geht das Internet nicht?"


@pytest.fixture
def platform(tent: HouseInATent) -> Moody:
    moody = Moody(tent.publishers["samples"])
    tent.publishers["samples"] = moody
    return moody


def run(tent: HouseInATent) -> int:
    return recheck.run(tent.store, tent.publishers, tent.clock)


def test_a_prepared_draft_asks_for_a_look_and_the_look_is_kept(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    assert status.is_asked(tent.store, 1)
    assert run(tent) == 1
    found = status.get(tent.store, 1)
    assert found is not None
    assert (found.exists, found.checked_at) == (True, tent.clock.now())
    assert not status.is_asked(tent.store, 1)
    assert run(tent) == 0


@pytest.mark.parametrize("error", [Transient("No."), Unauthorised("No."), Gone("No.")])
def test_a_platform_that_fails_is_asked_ever_more_rarely_and_in_the_end_answered(
    tent: HouseInATent, platform: Moody, error: PlatformError
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    platform.moods["inspect"] = [error] * 10
    waits = []
    for _ in range(10):
        assert run(tent) == 0
        waits.append(tent.store.value("SELECT next_try_at FROM rechecks") - tent.clock.now())
        tent.clock.advance(waits[-1])
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (5_000, 300_000)
    assert run(tent) == 1


@pytest.mark.parametrize(("asked_s", "waited_ms"), [(90, 90_000), (0, 5_000), (float("inf"), 3_600_000)])
def test_a_platform_that_asks_us_to_wait_is_left_alone_so_long(
    tent: HouseInATent, platform: Moody, asked_s: float, waited_ms: int
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    platform.moods["inspect"] = [RateLimited("Later.", asked_s)]
    run(tent)
    tent.clock.advance(waited_ms - 1)
    run(tent)
    assert platform.calls == ["inspect"]
    tent.clock.advance(1)
    assert run(tent) == 1


def test_one_post_that_cannot_be_looked_at_does_not_stop_the_others(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION), post("2", "nell", QUESTION))
    platform.moods["inspect"] = [Transient("No.")]
    assert run(tent) == 1
    assert status.get(tent.store, 2) is not None


def test_without_a_publisher_the_request_waits(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    assert recheck.run(tent.store, {}, tent.clock) == 0
    assert status.is_asked(tent.store, 1)


def test_when_we_are_asked_to_end_no_further_look_begins(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION), post("2", "nell", QUESTION))
    ending = iter([False, True])
    assert recheck.run(tent.store, tent.publishers, tent.clock, lambda: next(ending)) == 1
    assert platform.calls == ["inspect"]


def test_older_news_never_replaces_newer(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    newer, older = tent.clock.now(), tent.clock.now() - 1
    with tent.store.write() as tx:
        status.put(tx, 1, PostStatus(newer, exists=False))
        status.put(tx, 1, PostStatus(older, exists=True))
    found = status.get(tent.store, 1)
    assert found is not None
    assert (found.exists, found.checked_at) == (False, newer)


def test_a_full_disk_is_reported_and_the_request_stays(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(*(post(str(number), f"kim{number}", QUESTION) for number in range(20)))
    with no_room(tent.store), pytest.raises(StoreFull):
        run(tent)
    assert tent.store.value("SELECT count(*) FROM rechecks") > 0
    run(tent)
    assert tent.store.value("SELECT count(*) FROM post_status") == 20
