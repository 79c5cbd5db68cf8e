"""Reading a Discourse forum as a stranger reads it: never with a key, whole, and within what a forum allows."""

import json
from collections import Counter

import http_double as hd
import pytest
from discourse_double import MINUTE, US, Bench, topic
from http_double import NOW, StillClock

from bot.connectors.discourse import LOOK_UPS, UNANSWERED, WIDENED
from bot.connectors.forum import MOST_HELD, MOST_OWED, MOST_TRIES
from bot.errors import Permanent, RateLimited, Transient


class Later(StillClock):
    """A clock that stands ``passed`` milliseconds later."""

    def __init__(self, passed):
        self._at = NOW + passed

    def now(self):
        return self._at


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
def test_a_topic_that_does_not_come_is_counted_costs_no_other_and_is_asked_for_again(bench, failure):
    bench.double.topics[13] = topic(13)
    lost = [bench.say("Netz?"), bench.say("Und jetzt?")]
    other = bench.say("anderswo", topic_id=13)
    own = bench.double._topic
    bench.double._topic = lambda ident, query: failure if ident == 12 else own(ident, query)
    page = bench.connector().fetch("", 20)
    assert (heard(page), page.dropped, page.more) == ([other], {"not answered": 2}, False)
    assert [seen.path for seen in bench.double.seen].count("/t/12.json") == 1
    assert "Netz" not in page.cursor
    bench.double._topic = own
    assert drained(bench, page.cursor)[0] == []
    bench.clock = Later(MINUTE)
    # An hour further on they stand in no list that is read again.
    bench.say("später", topic_id=13, at=NOW + MINUTE)
    found, cursor = drained(bench, page.cursor)
    assert sorted(found[:2]) == lost
    bench.clock = Later(1_000 * MINUTE)
    assert drained(bench, cursor)[0] == []


def test_a_topic_that_never_comes_is_given_up_and_counted(bench):
    bench.say("Netz?")
    bench.double._topic = lambda ident, query: hd.answer({}, 500)
    dropped, cursor = Counter(), ""
    for hour in range(20):
        bench.clock = Later(hour * 60 * MINUTE)
        page = bench.connector().fetch(cursor, 20)
        dropped, cursor = dropped + Counter(page.dropped), page.cursor
    assert dropped == {"not answered": MOST_TRIES - 1, "given up": 1}
    assert json.loads(cursor)["stands"]["latest"]["owed"] == {}
    assert len(bench.double.seen) < 60


def test_a_post_that_never_comes_costs_a_search_no_other(made):
    bench = made(latest=False)
    ident, other = int(bench.say("Netz?")), bench.say("Und jetzt?", topic_id=13)
    bench.double.topics[13] = topic(13)
    own = bench.double._post
    bench.double._post = lambda asked, query: hd.answer({}, 500) if asked == ident else own(asked, query)
    page = bench.connector().fetch("", 20)
    assert (heard(page), page.dropped) == ([other], {"not answered": 1})


def test_a_forum_that_gives_no_topic_at_all_is_not_asked_for_each(bench):
    for number in range(100, 120):
        bench.double.topics[number] = topic(number)
        bench.say("Netz?", topic_id=number)
    own = bench.double._topic
    bench.double._topic = lambda ident, query: hd.answer({}, 500)
    page = bench.connector().fetch("", 100)
    assert (page.dropped, page.more) == ({"not answered": UNANSWERED}, True)
    assert len(bench.double.seen) == 1 + UNANSWERED
    bench.double._topic = own
    found, cursor = drained(bench, page.cursor)
    bench.clock = Later(MINUTE)
    assert len({*found, *drained(bench, cursor)[0]}) == 20


def test_more_posts_than_may_be_owed_is_a_forum_that_does_not_answer(bench):
    bench.double._topic = lambda ident, query: hd.answer({}, 500)
    for number in range(100, 100 + MOST_OWED + 10):
        bench.say("Netz?", topic_id=number)
        bench.double.topics[number] = topic(number)
    cursor = bench.connector().since(NOW - 1_000 * MINUTE)
    with pytest.raises(Transient):
        drained(bench, cursor)


def test_a_spent_allowance_amid_look_ups_costs_nothing_that_was_read(bench):
    for number in range(100, 104):
        bench.double.topics[number] = topic(number)
        bench.say("Netz?", topic_id=number)
    own = bench.double._topic
    spent = hd.answer({}, 429, {"Retry-After": "9"})
    bench.double._topic = lambda ident, query: spent if ident > 101 else own(ident, query)
    page = bench.connector().fetch("", 20)
    assert (len(page.mentions), page.more) == (2, True)
    with pytest.raises(RateLimited):
        bench.connector().fetch(page.cursor, 20)
    bench.double._topic = own
    assert len(drained(bench, page.cursor)[0]) == 2


@pytest.mark.parametrize(("count", "hours"), [(60, 24), (200, 7 * 24)])
def test_a_search_that_was_away_hears_every_post_of_every_topic(made, count, hours):
    bench = made(latest=False)
    said = []
    for number in range(count):
        bench.double.topics[1000 + number] = topic(1000 + number)
        at = NOW - hours * 60 * MINUTE * (count - number) // (count + 1)
        said.append(bench.say("Ausfall", topic_id=1000 + number, at=at))
    cursor = bench.connector().since(NOW - hours * 60 * MINUTE)
    found, gaps = [], []
    for _ in range(60):
        page = bench.connector().fetch(cursor, 100)
        found, gaps, cursor = found + heard(page), [*gaps, page.gap], page.cursor
        if not page.more:
            break
    assert (sorted(found), {*gaps}) == (sorted(said), {None})
    assert drained(bench, cursor)[0] == []
    assert json.loads(cursor)["stands"][f'search:"@{US}"']["held"] is None


def test_the_older_posts_of_a_topic_with_news_are_heard_however_late_its_turn_comes(made):
    bench = made(latest=False)
    said = []
    for turn in range(3):
        for number in range(25):
            bench.double.topics[1000 + number] = topic(1000 + number)
            at = NOW - (3 - turn) * 2_000 * MINUTE + number * MINUTE
            said.append(bench.say("Ausfall", topic_id=1000 + number, at=at))
    found, cursor = drained(bench, bench.connector().since(NOW - 10_000 * MINUTE))
    assert sorted(found) == sorted(said)
    assert drained(bench, cursor)[0] == []


def test_more_posts_of_one_topic_than_a_page_holds_are_all_heard(made):
    bench = made(latest=False)
    said = [bench.say("Ausfall", at=NOW - (200 - number) * 10 * MINUTE) for number in range(120)]
    found, _ = drained(bench, bench.connector().since(NOW - 10_000 * MINUTE))
    assert found == said


def test_a_topic_whose_search_never_answers_tells_its_newest_post_and_holds_up_no_other(made):
    bench = made(latest=False)
    bench.double.topics[13] = topic(13)
    bench.say("erstens")
    newest, other = bench.say("zweitens"), bench.say("drittens", topic_id=13)
    own = bench.double._search
    broken = hd.answer({}, 500)
    bench.double._search = lambda ident, query: broken if "topic:12 " in query["q"] else own(ident, query)
    connector, found, dropped = bench.connector(), [], Counter()
    cursor, more = connector.since(NOW - 1_000 * MINUTE), True
    while more:
        page = connector.fetch(cursor, 100)
        found, cursor, more = found + heard(page), page.cursor, page.more
        dropped += Counter(page.dropped)
    assert (sorted(found), dropped) == (sorted([newest, other]), {"topic not searched": 1})


def test_one_search_with_a_spent_allowance_costs_the_latest_posts_nothing(made):
    bench = made(searches=("Fjordfon",))
    ident = bench.say("Netz?")
    bench.double._search = lambda ident, query: hd.answer({}, 429, {"Retry-After": "9"})
    page = bench.connector().fetch("", 20)
    assert (heard(page), page.dropped) == ([ident], {"feed not answered": 1})


def test_a_forum_for_members_only_is_heard_not_at_all(bench):
    bench.everything(hd.answer({"errors": ["not allowed"]}, 403))
    with pytest.raises(Permanent):
        bench.connector().fetch("", 20)


def test_a_source_that_reads_nothing_is_a_mistake(made):
    bench = made(latest=False, mentions=False)
    with pytest.raises(Permanent):
        bench.connector()


def test_several_searches_share_what_one_fetch_may_ask_and_each_has_its_turn(made):
    bench = made(latest=False, searches=("Ausfall", "Router"))
    said = []
    for number in range(30):
        bench.double.topics[1000 + number] = topic(1000 + number)
        words = ("Ausfall", "Router", "Ausfall Router")[number % 3]
        said.append(bench.say(words, topic_id=1000 + number, at=NOW - (30 - number) * 200 * MINUTE))
    found, cursor = drained(bench, bench.connector().since(NOW - 10_000 * MINUTE))
    assert {*found} == {*said}
    assert drained(bench, cursor)[0] == []


def test_a_feed_that_stands_still_for_too_long_moves_on_and_tells_the_gap(made):
    bench = made(latest=False)
    seen = {f"x{number}": NOW - 100 * MINUTE + number for number in range(MOST_HELD + 1)}
    stand = {"at": NOW, "floor": 0, "seen": seen, "held": NOW - 1_000 * MINUTE, "owed": {}}
    page = bench.connector().fetch(json.dumps({"stands": {f'search:"@{US}"': stand}}), 20)
    assert page.gap == (NOW - 1_000 * MINUTE, NOW)
    after = json.loads(page.cursor)["stands"][f'search:"@{US}"']
    assert (after["held"], len(after["seen"])) == (None, 0)
