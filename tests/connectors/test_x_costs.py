"""X bills what it sends: every post is noted, searches end before mentions, and a single look never ends."""

import pytest
from x_double import NOW, Bench, answer

from bot.connectors.x_feeds import KEPT_MS, MOST_KEPT, Kept, Listing
from bot.connectors.x_post import Around
from bot.errors import Transient
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


READ = 5_000


@pytest.fixture
def searching():
    """One search, a thousand hits since it was last asked, and a budget that counts."""
    running = Bench(queries=["fjordfon"], mentions=False)
    with running.double:
        running.say("fjordfon anfang")
        running.cursor = running.connector().fetch("", 20).cursor
        for number in range(1000):
            running.double.write(f"fjordfon {number}", "kundin", NOW - 30 * 60_000)
        running.purse.paid.clear()
        running.double.seen.clear()
        yield running
        assert running.double.complaints == []


def posts_paid(bench):
    return sum(micro for _, micro in bench.purse.paid) // READ


def budget_of(bench, posts):
    """Let the purse count: it is empty once ``posts`` posts were read."""
    bench.purse.spent = lambda: posts_paid(bench) / posts


def drained(connector, cursor, limit=20):
    heard, counts = [], []
    for _ in range(200):
        page = connector.fetch(cursor, limit)
        heard += [mention.text for mention in page.mentions]
        counts.append(page.dropped)
        cursor = page.cursor
        if not page.more:
            return heard, cursor, counts
    pytest.fail("the source never ends")


HITS = [f"fjordfon {number}" for number in range(1000)]


def test_a_thousand_hits_read_to_the_end_are_billed_about_once(searching):
    heard, _, _ = drained(searching.connector(), searching.cursor)
    assert heard == HITS
    assert 1000 <= posts_paid(searching) <= 1200
    assert len(searching.double.seen) <= 12


def test_a_window_that_was_paid_for_is_not_asked_for_again_for_every_share(searching):
    connector = searching.connector()
    page = connector.fetch(searching.cursor, 20)
    paid = posts_paid(searching)
    for _ in range(10):
        page = connector.fetch(page.cursor, 20)
        assert len(page.mentions) == 20
    assert posts_paid(searching) == paid


def test_one_cursor_brings_the_same_again_from_what_was_paid_for(searching):
    connector = searching.connector()
    first = connector.fetch(searching.cursor, 20)
    paid = posts_paid(searching)
    again = connector.fetch(searching.cursor, 20)
    assert (again.mentions, again.cursor) == (first.mentions, first.cursor)
    assert posts_paid(searching) == paid


def test_a_fetch_goes_over_its_budget_by_one_request_at_most(searching):
    budget_of(searching, 500)
    heard, _, counts = drained(searching.connector(), searching.cursor)
    assert (heard, counts) == ([], [{"over budget": 1}])
    assert 400 <= posts_paid(searching) <= 500


def test_a_walk_that_the_budget_ended_goes_on_where_it_was_and_loses_nothing(searching):
    budget_of(searching, 500)
    connector = searching.connector()
    _, cursor, _ = drained(connector, searching.cursor)
    assert connector.fetch(cursor, 20).dropped == {"over budget": 1}
    budget_of(searching, 10_000)
    heard, _, _ = drained(connector, cursor)
    assert heard == HITS
    assert posts_paid(searching) <= 1200


def test_a_walk_that_the_budget_ended_goes_on_after_a_restart_too(searching):
    budget_of(searching, 500)
    _, cursor, _ = drained(searching.connector(), searching.cursor)
    budget_of(searching, 10_000)
    assert drained(searching.connector(), cursor)[0] == HITS


def test_what_was_paid_for_is_handed_on_when_nothing_more_may_be_read(searching):
    connector = searching.connector()
    page = connector.fetch(searching.cursor, 20)
    searching.purse.share = 1.0
    heard, _, counts = drained(connector, page.cursor)
    assert heard == HITS[20:]
    assert counts[-1] == {"over budget": 1}


def test_a_failure_on_the_way_does_not_make_the_way_be_paid_twice(searching):
    connector = searching.connector()
    given = searching.double.take
    searching.double.take = lambda *call: answer({}, 500) if len(searching.double.seen) == 6 else given(*call)
    with pytest.raises(Transient):
        connector.fetch(searching.cursor, 20)
    heard, _, _ = drained(connector, searching.cursor)
    assert heard == HITS
    assert posts_paid(searching) <= 1200


def test_a_page_too_large_to_be_taken_was_paid_for_and_is_not_searched_through_for_ever():
    bench = Bench(queries=["fjordfon"], mentions=False)
    with bench.double:
        cursor = bench.connector().fetch("", 20).cursor
        bench.say("fjordfon Mega-Meldung")
        bench.say("fjordfon kein Netz")
        bench.purse.paid.clear()
        bench.purse.spent = lambda: 0.8 if sum(micro for _, micro in bench.purse.paid) > 900_000 else 0.0
        page = bench.connector().fetch(cursor, 20)
        assert page.dropped == {"over budget": 1}
        assert bench.purse.paid[:3] == [("read", 500_000), ("read", 100_000), ("read", 50_000)]
        assert sum(micro for _, micro in bench.purse.paid) < 1_000_000
        bench.purse.spent = lambda: 0.0
        heard, _, _ = drained(bench.connector(), page.cursor)
        assert [text.removeprefix("@fjordfon_hilft ") for text in heard] == ["fjordfon kein Netz"]


def test_what_is_written_meanwhile_comes_after_what_is_kept(searching):
    connector = searching.connector()
    page = connector.fetch(searching.cursor, 20)
    searching.double.write("fjordfon danach", "kundin", NOW)
    assert drained(connector, page.cursor)[0] == [*HITS[20:], "fjordfon danach"]


def test_no_word_that_is_not_public_is_kept(searching):
    for post in searching.double.posts.values():
        post["withheld"] = {"country_codes": ["DE"]}
    connector = searching.connector()
    first = connector.fetch(searching.cursor, 20)
    assert (first.mentions, first.dropped) == ((), {"not public": 20})
    assert connector.fetch(first.cursor, 20).dropped == {"not public": 20}
    (kept,) = (kept for key, kept in connector._kept.items() if key.startswith("search"))
    assert not any(post for window in kept._windows.values() for _, post in window.listing.posts)


def test_a_page_is_not_kept_for_long_and_only_so_many_are():
    kept, around = Kept(), Around.of(None)
    for low in range(1, 100):
        kept.keep(low + 1, low, Listing(((low, {}),), around, ""), NOW)
    assert [low for low in range(1, 100) if kept.below(low + 1)] == list(range(1, MOST_KEPT + 1))
    kept.tidy(5, NOW + KEPT_MS - 1)
    assert [low for low in range(1, 100) if kept.below(low + 1)] == list(range(6, MOST_KEPT + 1))
    kept.tidy(5, NOW + KEPT_MS)
    assert not any(kept.below(low + 1) for low in range(1, 100))


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
