"""X bills what it sends: every post is noted, searches end before mentions, and a single look never ends."""

import pytest
from x_double import NOW, Bench

from bot.model import Consent


@pytest.fixture
def bench():
    running = Bench(queries=["fjordfon"])
    with running.double:
        yield running
        assert running.double.complaints == []


def paths(bench):
    return [seen.path.rpartition("/")[2] for seen in bench.double.seen]


def test_every_post_that_was_sent_to_us_is_noted(bench):
    for number in range(3):
        bench.say(f"fjordfon Meldung {number}")
    bench.connector().fetch("", 20)
    assert bench.purse.paid == [("read", 15_000), ("read", 15_000)]
    bench.publisher().inspect(bench.target(next(iter(bench.double.posts))))
    assert ("read", 5_000) in bench.purse.paid


@pytest.mark.parametrize(
    ("spent", "asked"),
    [(0.0, {"mentions", "recent"}), (0.79, {"mentions", "recent"}), (0.8, {"mentions"}), (1.0, set())],
)
def test_searches_end_first_and_mentions_last(bench, spent, asked):
    bench.say("fjordfon kein Netz")
    bench.purse.share = spent
    page = bench.connector().fetch("", 20)
    assert set(paths(bench)) == asked
    assert page.dropped.get("over budget", 0) == 2 - len(asked)


def test_what_was_not_read_for_want_of_money_is_read_later(bench):
    _ = bench.connector().fetch("", 20)
    cursor = _.cursor
    bench.say("fjordfon kein Netz")
    bench.purse.share = 1.0
    cursor = bench.connector().fetch(cursor, 20).cursor
    bench.purse.share = 0.0
    assert len(bench.connector().fetch(cursor, 20).mentions) == 1


def test_a_post_that_somebody_answers_is_looked_at_whatever_it_costs(bench):
    native_id = bench.say("fjordfon kein Netz")
    bench.purse.share = 2.0
    assert bench.publisher().inspect(bench.target(native_id)).exists is True


@pytest.mark.parametrize(("text", "micro"), [("Danke. ^AB", 10_000), ("Hier: https://fjordfon.example ^AB", 200_000)])
def test_a_reply_is_noted_with_its_price(bench, text, micro):
    native_id = bench.say("fjordfon kein Netz")
    bench.publisher().publish(Consent(bench.target(native_id), text, "key-1", 5, NOW + 60_000))
    assert ("post", micro) in bench.purse.paid


def test_without_queries_the_watches_are_searched_for():
    bench = Bench()
    bench.terms = ("Fjordfon", "Fjordbox*", "=GLAS")
    with bench.double:
        bench.connector().fetch("", 20)
        (query,) = [seen.query["query"][0] for seen in bench.double.seen if seen.path.endswith("recent")]
    assert query == '("Fjordfon" OR "Fjordbox" OR "GLAS") -is:retweet'
