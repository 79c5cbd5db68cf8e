"""Reading through the real SDK and the real door from a Reddit that cuts its lists, forgets and misbehaves."""

import http_double as hd
import pytest
import reddit_double as rd
from reddit_double import DAY, HOME, MINUTE, NOW

from bot.connectors.reddit_client import Source
from bot.connectors.reddit_lists import OVERLAP_MS, Entry, Stand, oldest_first, read

MENTIONS = "/message/mentions"
LOGIN = "/api/v1/access_token"


def made(**options):
    return rd.Bench(**options)


@pytest.fixture
def bench():
    bench = made()
    with bench.double:
        yield bench
        assert bench.double.complaints == []


@pytest.fixture
def quiet():
    """A bench that reads mentions only."""
    bench = made(replies=False, searches=(), comments_of=())
    with bench.double:
        yield bench
        assert bench.double.complaints == []


def heard(page):
    return [mention.native_id for mention in page.mentions]


def drained(connector, cursor="", limit=100):
    found, more = [], True
    while more:
        page = connector.fetch(cursor, limit)
        found += heard(page)
        cursor, more = page.cursor, page.more
    return found, cursor


def paths(bench):
    return [seen.path for seen in bench.double.seen]


# what is asked for --------------------------------------------------------------------------------


def test_access_is_asked_for_once_and_kept(bench):
    connector = bench.connector()
    connector.fetch("", 20)
    connector.fetch("", 20)
    assert paths(bench).count(LOGIN) == 1
    assert bench.double.seen[0].path == LOGIN
    assert bench.double.refusals.seen == []


def test_reading_asks_for_the_lists_and_for_what_is_behind_them(bench):
    bench.say("hallo", boxes=("mentions", "selfreply"))
    bench.connector().fetch("", 20)
    assert paths(bench)[1:] == [
        MENTIONS,
        "/message/comments/",
        "/message/selfreply/",
        "/search",
        f"/r/{HOME}/comments/",
        "/api/info/",
    ]
    assert all(seen.method == "GET" for seen in bench.double.seen[1:])
    assert all(seen.query["raw_json"] == ["1"] for seen in bench.double.seen[1:])


def test_searches_stay_in_the_subreddits_that_are_named():
    bench = made(mentions=False, replies=False, comments_of=(), subreddits=("de", "hamburg"), searches=("Fjordfon",))
    with bench.double:
        there = bench.ask("Fjordfon lahmt", subreddit="hamburg")
        bench.ask("Fjordfon lahmt", subreddit="berlin")
        assert heard(bench.connector().fetch("", 20)) == [there]
        assert paths(bench)[1:] == ["/r/de/search/", "/r/hamburg/search/"]
        assert bench.double.complaints == []


def test_the_allowance_is_learned_and_nobody_sleeps(quiet, nobody_sleeps):
    quiet.say("eins", boxes=("mentions",))
    spent = {**rd.RATE, "x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "590"}
    quiet.double.get(MENTIONS, hd.answer(quiet.double._listing(hd.Seen("", "", {}, {}, {}), []), headers=spent))
    connector = quiet.connector()
    connector.fetch("", 20)
    connector.fetch("", 20)
    assert quiet.budget.learned[-1] == ("reddit:127.0.0.1", 0, NOW + 590_000)


@pytest.mark.parametrize("rate", [{"x-ratelimit-remaining": "canary"}, {"x-ratelimit-remaining": "1.0"}])
def test_odd_rate_headers_disturb_nobody(quiet, rate):
    quiet.double.get(MENTIONS, hd.answer({"kind": "Listing", "data": {"children": []}}, headers=rate))
    assert quiet.connector().fetch("", 20).mentions == ()


# nothing lost, nothing twice ----------------------------------------------------------------------


def test_a_comment_in_every_list_is_heard_once(bench):
    key = bench.say("hallo", boxes=("mentions", "comments", "selfreply"))
    assert drained(bench.connector())[0] == [key]


def test_hundreds_of_new_comments_come_in_order_and_whole(bench):
    bench.say("vorher")
    _, cursor = drained(bench.connector())
    keys = [bench.say(f"Nummer {number}") for number in range(420)]
    assert drained(bench.connector(), cursor)[0] == keys


def test_comments_come_in_the_order_of_writing_also_within_a_second(quiet):
    keys = [quiet.say(f"Nummer {number}", at=NOW - MINUTE, boxes=("mentions",)) for number in range(40)]
    assert heard(quiet.connector().fetch("", 40)) == keys


def test_a_post_that_the_search_finds_late_is_heard(bench):
    bench.ask("Fjordfon eins", at=NOW - 20 * MINUTE)
    late = bench.ask("Fjordfon zwei", at=NOW - 18 * MINUTE)
    hidden = bench.double.things.pop(late)
    last = bench.ask("Fjordfon drei", at=NOW - 16 * MINUTE)
    first, cursor = drained(bench.connector())
    bench.double.things[late] = hidden
    again, cursor = drained(bench.connector(), cursor)
    assert (first[-1], again) == (last, [late])
    assert drained(bench.connector(), cursor)[0] == []


def test_a_list_whose_last_heard_comment_was_deleted_goes_on(quiet):
    quiet.say("eins", boxes=("mentions",))
    key = quiet.say("zwei", boxes=("mentions",))
    _, cursor = drained(quiet.connector())
    quiet.double.inbox["mentions"].remove(key)
    new = quiet.say("drei", boxes=("mentions",))
    assert drained(quiet.connector(), cursor)[0] == [new]


def test_a_date_in_the_far_future_does_not_hide_what_comes_after(quiet):
    far = quiet.say("morgen", at=NOW + 400 * DAY, boxes=("mentions",))
    found, cursor = drained(quiet.connector())
    new = quiet.say("heute", at=NOW - MINUTE, boxes=("mentions",))
    assert (found, drained(quiet.connector(), cursor)[0]) == ([far], [new])


def test_a_list_that_was_empty_at_first_brings_all_that_comes(quiet):
    _, cursor = drained(quiet.connector())
    keys = [quiet.say(f"Nummer {number}", boxes=("mentions",)) for number in range(150)]
    assert drained(quiet.connector(), cursor)[0] == keys


def test_a_search_that_is_added_later_begins_with_its_newest(bench):
    old = [bench.ask(f"Nordnetz {number}") for number in range(5)]
    _, cursor = drained(bench.connector(), limit=3)
    more = {**dict(bench.source), "searches": ("Fjordfon", "Nordnetz")}
    bench.source = Source(**more)
    found, _ = drained(bench.connector(), cursor, limit=3)
    assert found == old[-3:]


def test_what_reddit_no_longer_serves_is_told_as_a_gap(quiet):
    quiet.say("vorher", boxes=("mentions",))
    _, cursor = drained(quiet.connector())
    stood = read(cursor)["mentions"].start
    keys = [quiet.say(f"Nummer {number}", boxes=("mentions",)) for number in range(320)]
    quiet.double.ceiling = 250
    page = quiet.connector().fetch(cursor, 100)
    oldest = round(quiet.double.things[keys[70]]["created_utc"] * 1000)
    assert page.gap == (stood, oldest)
    rest, cursor = drained(quiet.connector(), page.cursor)
    assert heard(page) + rest == keys[70:]
    assert quiet.connector().fetch(cursor, 100).gap is None


def test_a_walk_that_would_never_end_ends_with_a_gap(quiet):
    quiet.say("vorher", boxes=("mentions",))
    _, cursor = drained(quiet.connector())
    endless = quiet.double._listing(
        hd.Seen("", "", {"raw_json": ["1"]}, {}, {}), [rd.comment(created_utc=NOW / 1000)], more=True
    )
    quiet.double.get(MENTIONS, endless)
    page = quiet.connector().fetch(cursor, 100)
    assert paths(quiet).count(MENTIONS) == 11
    assert page.gap is not None


def test_a_backfill_goes_back_to_its_date_and_no_further(quiet):
    keys = [quiet.say("x", at=NOW - hours * 60 * MINUTE, boxes=("mentions",)) for hours in range(300, 0, -1)]
    connector = quiet.connector()
    found, _ = drained(connector, connector.since(NOW - 200 * 60 * MINUTE))
    assert found == keys[100:]


def test_of_two_entries_for_one_thing_the_one_that_holds_it_is_kept():
    told, whole = Entry("t1_a", 5, {}), Entry("t1_a", 5, {"name": "t1_a"})
    assert oldest_first([told, whole]) == oldest_first([whole, told]) == [whole]


def test_the_cursor_remembers_no_longer_than_the_overlap():
    stand = Stand(0, {"t1_a": NOW - OVERLAP_MS - 1, "t1_b": NOW - 5}).after([Entry("t1_c", NOW, {})], NOW)
    assert (stand.start, set(stand.seen)) == (NOW - OVERLAP_MS, {"t1_b", "t1_c"})


@pytest.mark.parametrize(
    "cursor", ['{"stands": {"mentions": 5}}', '{"stands": {"mentions": {"start": Infinity, "seen": {}}}}', "[" * 99_999]
)
def test_a_foreign_cursor_is_no_cursor(cursor):
    assert read(cursor) == {}


# what is not public -------------------------------------------------------------------------------


def test_a_private_message_in_a_list_is_dropped_unread(quiet, capfd, caplog):
    quiet.double.things["t4_x"] = {"name": "t4_x", "body": "canary", "author": "a", "created_utc": NOW / 1000}
    quiet.double.inbox["mentions"].append("t4_x")
    page = quiet.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {"not public": 1})
    assert quiet.connector().fetch(page.cursor, 20).dropped == {}
    assert "canary" not in repr(page) + caplog.text + "".join(capfd.readouterr())
    assert "/api/info/" not in paths(quiet)


@pytest.mark.parametrize(
    "above",
    [{"subreddit_type": "private"}, {"quarantine": True}, {"subreddit_type": "restricted"}, {"quarantine": None}],
)
def test_a_mention_where_not_everyone_may_read_is_counted_and_never_comes_out(quiet, above):
    link = quiet.ask("intern", **above)
    quiet.say("canary", link_id=link, boxes=("mentions",))
    page = quiet.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {"not public": 1})
    assert "canary" not in repr(page)


def test_a_mention_that_reddit_shows_only_in_the_inbox_is_not_public(quiet):
    key = quiet.say("weg", boxes=("mentions",))
    listed = {"kind": "t1", "data": quiet.double.things.pop(key)}
    quiet.double.get(MENTIONS, {"kind": "Listing", "data": {"children": [listed]}})
    assert quiet.connector().fetch("", 20).dropped == {"not public": 1}


@pytest.mark.parametrize("mark", [{"removed_by_category": "moderator"}, {"banned_by": True}, {"selftext": "[removed]"}])
def test_what_was_removed_is_not_heard(bench, mark):
    bench.ask("Fjordfon lahmt", **mark)
    page = bench.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {"removed": 1})


def test_an_author_who_does_not_want_to_be_found_is_not_heard(bench):
    bench.ask("Fjordfon lahmt", is_robot_indexable=False)
    assert bench.connector().fetch("", 20).dropped == {"not public": 1}


def test_profile_pages_are_heard_only_if_we_want_them():
    for profiles, dropped in ((False, {"not public": 1}), (True, {})):
        bench = made(profiles=profiles)
        with bench.double:
            bench.ask("Fjordfon lahmt", subreddit="u_kundin", subreddit_type="user")
            assert bench.connector().fetch("", 20).dropped == dropped


def test_broken_entries_are_counted_and_the_others_come_through(bench):
    key = bench.ask("Fjordfon lahmt")
    good = {"kind": "t3", "data": bench.double.things[key]}
    odd = [{"kind": "t3", "data": rd.post("t3_z", author_fullname=None)}, {"kind": "t3"}, None, "x", {"data": []}]
    bench.double.get("/search", {"kind": "Listing", "data": {"children": [good, *odd], "after": None}})
    page = bench.connector().fetch("", 20)
    assert (heard(page), page.dropped) == ([key], {"broken": 3})
