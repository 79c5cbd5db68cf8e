"""Pages that cannot be taken whole: read in pieces, around what spoils them, and never for ever."""

import discourse_double
import hackernews_double
import http_double as hd
import pytest
import reddit_double
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors.pages import ALONE, Spoilt, pieces
from bot.egress.answers import TOO_LARGE
from bot.errors import PlatformError, Transient, Unauthorised


def served(entries, spoilers, asked):
    """A list whose pages that hold one of ``spoilers`` cannot be taken."""

    def ask(at, size):
        asked.append((at, size))
        page = entries[at : at + size]
        if spoilers & {*page}:
            raise Transient(TOO_LARGE)
        return page

    return ask


@given(st.sampled_from([1, 7, 30, 50, 100]), st.integers(0, 120), st.sets(st.integers(0, 120), max_size=5))
def test_all_but_the_spoilers_are_brought_in_order_and_each_page_begins_at_a_multiple_of_its_size(
    most, length, spoilers
):
    entries, asked = list(range(length)), []
    page = entries[:most]
    ask = served(entries, spoilers, asked)
    if len(page) >= ALONE and {*page[:ALONE]} <= spoilers:
        with pytest.raises(Spoilt):
            pieces(ask, 0, most)
        return
    found, follows = pieces(ask, 0, most)
    assert found == [None if entry in spoilers else entry for entry in page]
    assert follows is (length >= most)
    assert all(at % size == 0 for at, size in asked)


def test_any_other_failure_is_told_as_it_is():
    def ask(at, size):
        raise Unauthorised("x")

    with pytest.raises(Unauthorised):
        pieces(ask, 0, 100)


def test_a_platform_that_is_unwell_is_left_after_a_few_questions():
    asked = []
    with pytest.raises(Spoilt):
        pieces(served([*range(100)], {*range(100)}, asked), 0, 100)
    assert len(asked) <= 4 + (ALONE - 1) * 1


def bench_of(module, **options):
    """A platform with an old post, and where our reader stands after it."""
    bench = module.Bench(**options)
    bench.say("Meldung 0")
    return bench


def heard(bench, cursor):
    texts, dropped = [], set()
    for _ in range(20):
        page = bench.connector().fetch(cursor, 100)
        texts += [mention.text for mention in page.mentions]
        dropped |= {*page.dropped}
        cursor = page.cursor
        if not page.more:
            break
    return texts, dropped, cursor


@pytest.mark.parametrize("spoiler", hd.SPOILERS)
def test_hacker_news_is_asked_for_smaller_pages_and_all_but_the_spoiler_is_heard(spoiler):
    bench = bench_of(hackernews_double)
    with bench.double:
        cursor = bench.connector().fetch("", 100).cursor
        for number in range(1, 41):
            bench.say(f"Fjordfon {spoiler if number == 17 else number}")
        texts, dropped, cursor = heard(bench, cursor)
        assert {text.removeprefix("Fjordfon ") for text in texts} == {str(n) for n in range(1, 41)} - {"17"}
        assert "broken" in dropped
        assert heard(bench, cursor)[0] == []
        assert bench.double.complaints == []


@pytest.mark.parametrize("spoiler", hd.SPOILERS)
def test_a_thing_on_reddit_that_spoils_the_look_up_holds_up_no_other(spoiler):
    bench = bench_of(reddit_double)
    with bench.double:
        cursor = bench.connector().fetch("", 100).cursor
        keys = [bench.say(f"Meldung {number}") for number in range(1, 31)]
        # The inbox tells the beginning of a comment only; what is looked up is whole.
        bench.double._in_inbox = lambda key: {"name": key, "created_utc": bench.double.things[key]["created_utc"]}
        native = next(key for key in bench.double.things if key.endswith(keys[11]))
        bench.double.things[native]["body"] = spoiler
        texts, _, cursor = heard(bench, cursor)
        assert {text.rpartition(" ")[2] for text in texts} == {str(number) for number in range(1, 31)} - {"12"}
        assert heard(bench, cursor)[0] == []


@pytest.mark.parametrize("spoiler", hd.SPOILERS)
def test_the_look_before_sending_never_takes_a_spoilt_answer_for_a_deleted_post(spoiler):
    bench = bench_of(reddit_double)
    with bench.double:
        native_id = bench.say("Meldung 1")
        next(thing for key, thing in bench.double.things.items() if key.endswith(native_id))["body"] = spoiler
        with pytest.raises(Transient):
            bench.publisher().inspect(bench.target(native_id))


@pytest.mark.parametrize("spoiler", hd.SPOILERS)
def test_the_search_of_a_forum_tells_no_words_so_no_post_can_spoil_a_page_of_it(spoiler):
    """A forum's search knows no smaller page. It needs none: it serves 50 excerpts of 200 characters with their topics,
    half a megabyte at most, and each post is then looked up by itself."""
    bench = bench_of(discourse_double, latest=False, searches=("Netz",))
    with bench.double:
        cursor = bench.connector().fetch("", 100).cursor
        bench.double.topics[13] = discourse_double.topic(13)
        bench.double.topics[14] = discourse_double.topic(14)
        bench.say("Netz weg 1", topic_id=12)
        bench.say(f"Netz {spoiler}", topic_id=13)
        bench.say("Netz weg 2", topic_id=14)
        texts, dropped, cursor = heard(bench, cursor)
        assert sorted(text[-10:] for text in texts) == ["Netz weg 1", "Netz weg 2"]
        assert "not answered" in dropped
        searches = [seen.query for seen in bench.double.seen if seen.path == "/search.json"]
        assert all(query.keys() == {"q", "page"} for query in searches)


def test_a_source_whose_only_list_is_spoilt_says_so():
    bench = bench_of(hackernews_double)
    with bench.double:
        bench.everything(hd.answer(b"<html>Wartung", kind="text/html"))
        with pytest.raises(PlatformError):
            bench.connector().fetch("", 100)
        assert len(bench.double.seen) <= 6
