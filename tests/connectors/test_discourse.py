"""Reading a Discourse forum as a stranger reads it: never with a key, whole, and within what a forum allows."""

import http_double as hd
import pytest
from discourse_double import US, Bench, topic

from bot.connectors.discourse import LOOK_UPS, WIDENED
from bot.errors import Permanent, Transient


@pytest.fixture
def made():
    """Makes benches and closes their doubles."""
    benches = []

    def make(**options):
        benches.append(Bench(**options))
        benches[-1].double.__enter__()
        return benches[-1]

    yield make
    for bench in benches:
        bench.double.__exit__()
        assert bench.double.complaints == []


@pytest.fixture
def bench(made):
    return made()


def heard(page):
    return [mention.native_id for mention in page.mentions]


def drained(bench, cursor=""):
    found = []
    for _ in range(60):
        page = bench.connector().fetch(cursor, 100)
        found += heard(page)
        cursor = page.cursor
        if not page.more:
            return found, cursor
    pytest.fail("the source never ends")


def test_reading_shows_no_key_and_no_name(bench):
    bench.say("Netz?")
    bench.connector().fetch("", 20)
    assert [seen.path for seen in bench.double.seen] == ["/posts.json", "/t/12.json"]
    assert not any({"api-key", "api-username", "cookie"} & seen.headers.keys() for seen in bench.double.seen)


@pytest.mark.parametrize(
    "hidden", [{"visible": False}, {"archetype": "private_message"}, {"_kept_back": True}, {"archetype": None}]
)
def test_what_strangers_are_not_shown_is_counted_and_goes_no_further(bench, hidden):
    bench.double.topics[13] = topic(13, **hidden)
    ident = bench.say("canary-secret", topic_id=13)
    bench.double.answers = {}
    shown = bench.double.posts[int(ident)]
    bench.double._readable = lambda each: True
    page = bench.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {"not public": 1})
    assert shown["cooked"] not in page.cursor


@pytest.mark.parametrize("marks", [{"user_deleted": True}, {"deleted_at": "2026-11-02T09:00:00.000Z"}])
def test_a_post_that_was_taken_back_is_counted(bench, marks):
    bench.double._readable = lambda each: True
    bench.say("doch nicht", **marks)
    page = bench.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {"deleted": 1})


def test_mentions_are_searched_in_quotation_marks_and_each_topic_with_news_once_more(made):
    bench = made(latest=False)
    bench.double.topics[13] = topic(13, title="Rechnung")
    bench.say("vorher")
    found, cursor = drained(bench)
    assert len(found) == 1
    assert bench.double.seen[0].query["q"] == [f'"@{US}" order:latest']
    three = [bench.say("erstens"), bench.say("zweitens", topic_id=13), bench.say("drittens")]
    bench.double.add("<p>nennt uns nicht</p>")
    found, cursor = drained(bench, cursor)
    assert found == three
    assert drained(bench, cursor)[0] == []


def test_many_topics_with_news_are_heard_whole_over_several_fetches(made):
    bench = made(latest=False)
    found, cursor = drained(bench)
    assert found == []
    said = []
    for number in range(100, 112):
        bench.double.topics[number] = topic(number)
        said += [bench.say("erstens", topic_id=number), bench.say("zweitens", topic_id=number)]
    told = []
    for _ in range(3):
        seen = len(bench.double.seen)
        found, cursor = drained(bench, cursor)
        told += found
    assert told == said
    assert len(bench.double.seen) - seen <= LOOK_UPS + WIDENED


def test_words_are_searched_as_they_stand(made):
    bench = made(latest=False, mentions=False, searches=("Fjordfon Router",))
    bench.double.add("<p>Mein Fjordfon Router ist tot</p>")
    assert len(drained(bench)[0]) == 1
    assert bench.double.seen[0].query == {"q": ["Fjordfon Router order:latest"], "page": ["1"]}


def test_a_post_that_a_search_finds_and_nobody_may_fetch_is_counted(made):
    bench = made(latest=False)
    for _ in range(2):
        bench.say("Netz?")
    ident = int(bench.say("weg"))
    own = bench.double._post
    for give, reason in ((hd.answer({}, 404), "deleted"), (hd.answer({}, 403), "not public")):
        bench.double._post = lambda asked, query, give=give: give if asked == ident else own(asked, query)
        assert bench.connector().fetch("", 20).dropped == {reason: 1}


def test_one_fetch_asks_for_no_more_than_a_forum_allows_and_loses_nothing(bench):
    for number in range(100, 100 + 2 * LOOK_UPS + 5):
        bench.double.topics[number] = topic(number)
        bench.say("Netz?", topic_id=number)
    page = bench.connector().fetch("", 100)
    assert (len(page.mentions), page.more) == (LOOK_UPS, True)
    assert len(bench.double.seen) == LOOK_UPS + 1
    found, _ = drained(bench, page.cursor)
    assert len({*heard(page), *found}) == 50
    assert len(found) == 50 - LOOK_UPS


@pytest.mark.parametrize("window", [True, False], ids=["old forum", "forum"])
def test_more_posts_than_a_page_are_walked_back_over(bench, window):
    first = bench.say("vorher")
    found, cursor = drained(bench)
    assert found == [first]
    many = [bench.say("Ausfall") for _ in range(130)]
    if window:
        own = bench.double._shown

        def served(ident, query):
            # Old forums serve a window of fifty ids, the named one included.
            top = int(query.get("before", bench.double.next_id))
            return hd.answer({"latest_posts": [each for each in own() if top - 50 < each["id"] <= top]})

        bench.double._latest = served
    found, cursor = drained(bench, cursor)
    assert found == many
    assert drained(bench, cursor)[0] == []


@pytest.mark.parametrize("failure", [hd.answer({}, 500), hd.reset, hd.answer([])])
def test_a_topic_that_does_not_come_stops_the_fetch_and_loses_nothing(bench, failure):
    bench.say("Netz?")
    own = bench.double._topic
    bench.double._topic = lambda ident, query: failure
    with pytest.raises(Transient):
        bench.connector().fetch("", 20)
    bench.double._topic = own
    assert len(drained(bench)[0]) == 1


def test_a_forum_for_members_only_is_heard_not_at_all(bench):
    bench.everything(hd.answer({"errors": ["not allowed"]}, 403))
    with pytest.raises(Permanent):
        bench.connector().fetch("", 20)


def test_a_source_that_reads_nothing_is_a_mistake(made):
    bench = made(latest=False, mentions=False)
    with pytest.raises(Permanent):
        bench.connector()
