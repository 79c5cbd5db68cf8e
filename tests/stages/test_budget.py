"""A platform's allowance is shared by all processes, and reading leaves half of it to people."""

import pytest
from tents import HouseInATent

from bot.egress.answers import budget
from bot.errors import RateLimited
from bot.refusals import StoredBudget
from bot.wiring import READING_LEAVES

BUCKET = "x:api.x.com:fjordfon_hilft:search"
MINUTE = 60_000


def both(tent: HouseInATent) -> tuple[StoredBudget, StoredBudget]:
    reading = StoredBudget(tent.wiring.stores, tent.clock, reserve=READING_LEAVES)
    return reading, StoredBudget(tent.wiring.stores, tent.clock)


def spends(purse: StoredBudget) -> int:
    """How many requests go through before the platform is to be left alone."""
    for number in range(1000):
        try:
            purse.spend(BUCKET)
        except RateLimited:
            return number
    return 1000


def test_polls_stop_at_half_and_people_go_on_to_the_end(tent):
    reading, people = both(tent)
    people.learn(BUCKET, 100, tent.clock.now() + 15 * MINUTE, 100)
    assert (spends(reading), spends(people), spends(reading)) == (50, 50, 0)


def test_what_people_used_counts_for_polls_too(tent):
    reading, people = both(tent)
    people.learn(BUCKET, 100, tent.clock.now() + 15 * MINUTE, 100)
    for _ in range(45):
        people.spend(BUCKET)
    assert spends(reading) == 5


def test_a_refill_and_an_unknown_allowance_hold_nothing_up(tent):
    reading, people = both(tent)
    assert spends(reading) == 1000
    people.learn(BUCKET, 0, tent.clock.now() + MINUTE, 100)
    with pytest.raises(RateLimited) as raised:
        reading.spend(BUCKET)
    assert raised.value.retry_after == 60
    tent.clock.advance(MINUTE)
    reading.spend(BUCKET)


def test_no_header_closes_an_allowance_for_longer_than_a_day(tent):
    _, people = both(tent)
    people.learn(BUCKET, 0, tent.clock.now() + 10**14, 100)
    with pytest.raises(RateLimited) as raised:
        people.spend(BUCKET)
    assert raised.value.retry_after <= 86_400
    tent.clock.advance(86_400_000)
    people.spend(BUCKET)


def test_where_no_limit_is_told_the_first_answer_of_a_window_is_the_measure(tent):
    reading, people = both(tent)
    resets = tent.clock.now() + 15 * MINUTE
    people.learn(BUCKET, 300, resets, 300)
    people.learn(BUCKET, 160, resets, 160)
    assert spends(reading) == 10
    tent.clock.advance(15 * MINUTE)
    people.learn(BUCKET, 200, tent.clock.now() + 15 * MINUTE, 200)
    assert spends(reading) == 100


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        (
            {
                "X-RateLimit-Limit": "300",
                "X-RateLimit-Remaining": "299",
                "X-RateLimit-Reset": "2026-11-02T10:05:00.000Z",
            },
            (299, 1_793_613_900_000, 300),
        ),
        (
            {"x-ratelimit-used": "4", "x-ratelimit-remaining": "96.0", "x-ratelimit-reset": "300"},
            (96, 1_793_613_900_000, 100),
        ),
        (
            {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "1793613900"},
            (0, 1_793_613_900_000, 450),
        ),
        (
            {"RateLimit-Limit": "3000", "RateLimit-Remaining": "2999", "RateLimit-Reset": "1793613900"},
            (2999, 1_793_613_900_000, 3000),
        ),
        ({"x-ratelimit-remaining": "many", "x-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
    ids=["mastodon", "reddit", "x", "bluesky", "nonsense", "none"],
)
def test_each_platform_tells_its_allowance_in_headers_of_its_own(headers, told):
    plain = {"Date": "Mon, 02 Nov 2026 10:00:00 GMT", **headers}

    class Headers(dict):
        def get(self, name, default=""):
            return next((value for key, value in self.items() if key.lower() == name.lower()), default)

    assert budget(Headers(plain)) == told
