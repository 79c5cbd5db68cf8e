"""A feed that calls its entries anew at each look, as some generators do, is not read without end nor remembered."""

import itertools

import feed_double
import pytest
from http_double import answer, redirect

from bot.errors import Permanent


@pytest.fixture
def bench():
    running = feed_double.Bench()
    with running.double:
        yield running


def restless(entries):
    """Every answer holds other entries than the one before."""
    numbers = itertools.count()

    def give(handler):
        turn = next(numbers)
        items = "".join(f"<item><guid>{turn}-{n}</guid><title>Beitrag {n}</title></item>" for n in range(entries))
        answer(feed_double.rss(items), kind="application/rss+xml")(handler)

    return give


def test_it_is_asked_twice_and_then_left_alone_until_the_next_poll(bench):
    bench.everything(restless(300))
    cursor, fetches, more = bench.connector().fetch("", 100).cursor, 0, True
    while more and fetches < 20:
        page = bench.connector().fetch(cursor, 100)
        cursor, more, fetches = page.cursor, page.more, fetches + 1
    assert fetches <= 2


def test_its_cursor_stays_small(bench):
    bench.everything(restless(300))
    cursor = ""
    for _ in range(40):
        cursor = bench.connector().fetch(cursor, 100).cursor
    assert len(cursor) < 60_000


def test_a_feeds_address_which_may_be_a_secret_is_told_to_nobody(bench):
    bench.everything(redirect("https://elsewhere.example/feed.xml"))
    with pytest.raises(Permanent):
        bench.connector().fetch("", 20)
    assert bench.double.refusals.seen == [("feed", "GET /:feed", "redirect to another host")]
