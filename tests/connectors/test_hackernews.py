"""Listening to Hacker News: lists that lag, end at a thousand hits and know only seconds; whose words are whose."""

import json

import hackernews_double as hn
import http_double as hd
import pytest
from hackernews_double import MINUTE, NOW, comment, story
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors.fields import Unreadable, clean
from bot.connectors.forum import LONGEST_WALK, MOST_SEEN, Entry, Feed, NewestFirst
from bot.connectors.hackernews import CEILING, PAGE, Source, mention_of
from bot.errors import PlatformError, RateLimited
from bot.model import Kind, Platform, Visibility


class Reader(NewestFirst):
    """A reader whose posts have nothing in them."""

    def understand(self, post):
        raise Unreadable


@pytest.fixture
def bench():
    bench = hn.Bench()
    with bench.double:
        yield bench
        assert bench.double.complaints == []


def drained(bench, cursor, limit=100):
    heard, gaps = [], []
    for _ in range(100):
        page = bench.connector().fetch(cursor, limit)
        heard += [mention.native_id for mention in page.mentions]
        gaps += [page.gap] if page.gap else []
        cursor = page.cursor
        if not page.more:
            return heard, gaps, cursor
    pytest.fail("the source never ends")


def test_a_question_holds_the_words_both_kinds_and_a_time(bench):
    bench.connector().fetch("", 20)
    (seen,) = bench.double.seen
    assert seen.query == {
        "query": ["Fjordfon"],
        "tags": ["(story,comment)"],
        "numericFilters": ["created_at_i>=0"],
        "hitsPerPage": [str(PAGE)],
        "page": ["0"],
    }
    assert "authorization" not in seen.headers


def test_a_comment_is_a_reply_in_its_story():
    mention = mention_of(comment())
    assert (mention.platform, mention.surface) == (Platform.HACKERNEWS, "news.ycombinator.com")
    assert (mention.native_id, mention.canonical_key) == ("1001", "https://news.ycombinator.com/item?id=1001")
    assert (mention.kind, mention.parent_key, mention.root_key) == (Kind.REPLY, "1000", "1000")
    assert (mention.author.native_id, mention.author.handle, mention.author.is_bot) == ("kundin", "kundin", None)
    assert (mention.visibility, mention.created_at) == (Visibility.PUBLIC, NOW - 30 * MINUTE)
    assert mention.text == "Seit Montag kein Netz"


def test_a_story_is_its_title_its_text_and_its_link():
    mention = mention_of(story(story_text="<p>Seit Montag.", url="https://status.example/"))
    assert mention.text == "Fjordfon is down\n\nSeit Montag.\n\nhttps://status.example/"
    assert (mention.kind, mention.parent_key, mention.thread_key) == (Kind.POST, "", "1000")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("&gt; Fjordfon is great<p>It is not.", "It is not."),
        ("&gt;&gt; alt<p>&gt; neu<p>Nein.", "Nein."),
        ("&gt;:( schon wieder", ">:( schon wieder"),
        ("Geschwindigkeit &gt; 50 Mbit", "Geschwindigkeit > 50 Mbit"),
        (
            '<a href="https:&#x2F;&#x2F;fjordfon.example&#x2F;a&#x2F;b" rel="nofollow">https:&#x2F;&#x2F;fjord...</a>',
            "https://fjordfon.example/a/b",
        ),
        ("I <i>mean</i> it<p><pre><code>ping 1.1.1.1</code></pre>", "I mean it\n\nping 1.1.1.1"),
    ],
)
def test_the_words_are_the_authors_own_and_whole(markup, text):
    assert mention_of(comment(text=markup)).text == text


@pytest.mark.parametrize("lack", [{"objectID": None}, {"author": None}, {"created_at_i": "soon"}, {"created_at_i": -1}])
def test_a_hit_without_id_author_or_date_is_unreadable(lack):
    with pytest.raises(Unreadable):
        mention_of({**comment(), **lack})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted({*comment(), *story()})), JSON, max_size=5))
def test_any_nonsense_in_any_field_is_read_or_called_unreadable(nonsense):
    try:
        mention = mention_of({**comment(), **nonsense})
    except Unreadable:
        return
    assert mention.text == clean(mention.text)


def test_a_first_fetch_leaves_what_is_older_for_good(bench):
    for _ in range(9):
        bench.say("Netz?", at=NOW - MINUTE)
    heard, _, cursor = drained(bench, "", limit=3)
    assert len(heard) == 3
    later = bench.say("Immer noch?", at=NOW - MINUTE)
    assert drained(bench, cursor)[0] == [later]


def test_a_comment_that_surfaces_late_is_heard_once(bench):
    bench.say("neu", at=NOW - MINUTE)
    _, _, cursor = drained(bench, "")
    bench.say("noch neuer", at=NOW)
    late = bench.say("vor einer halben Stunde geschrieben", at=NOW - 30 * MINUTE)
    heard, _, cursor = drained(bench, cursor)
    assert len(heard) == 2
    assert late in heard
    assert drained(bench, cursor)[0] == []


def test_a_date_ahead_of_us_hides_nothing_that_comes_after(bench):
    bench.say("aus der Zukunft", at=NOW + 600 * MINUTE)
    _, _, cursor = drained(bench, "")
    after = bench.say("von heute", at=NOW)
    heard, _, cursor = drained(bench, cursor)
    assert heard == [after]
    assert drained(bench, cursor)[0] == []


def test_more_of_one_second_than_a_page_holds_comes_whole(bench):
    first = bench.say("vorher", at=NOW - 10 * MINUTE)
    heard, _, cursor = drained(bench, "")
    assert heard == [first]
    many = {bench.say("Ausfall", at=NOW - MINUTE) for _ in range(2 * PAGE + 50)}
    bench.say("danach", at=NOW - 5 * MINUTE)
    heard, gaps, _ = drained(bench, cursor)
    assert len(heard) == len(set(heard)) == len(many) + 1
    assert gaps == []


def test_beyond_the_ceiling_of_a_thousand_it_is_asked_again_by_time(bench):
    bench.say("vorher", at=NOW - 60 * MINUTE)
    _, _, cursor = drained(bench, "")
    many = [bench.say("Ausfall", at=NOW - 59 * MINUTE + number * 1000) for number in range(CEILING + 200)]
    heard, gaps, cursor = drained(bench, cursor)
    assert heard == many
    assert gaps == []
    assert drained(bench, cursor)[0] == []
    assert len(json.loads(cursor)["stands"]["search:Fjordfon"]["seen"]) <= MOST_SEEN


def test_more_than_we_walk_back_over_is_told_as_a_gap(bench):
    bench.say("vorher", at=NOW - 300 * MINUTE)
    _, _, cursor = drained(bench, "")
    start = NOW - 200 * MINUTE
    many = [bench.say("Ausfall", at=start + number * 1000) for number in range(LONGEST_WALK * PAGE + 300)]
    page = bench.connector().fetch(cursor, 100)
    since, until = page.gap
    assert since == NOW - 300 * MINUTE
    assert start < until <= start + 330 * 1000
    assert page.mentions[0].created_at == until
    assert page.mentions[0].native_id in many[:330]


def answering(bench, **words):
    """The double's own answers but for the searches named here."""
    own = bench.double._search

    def give(handler):
        query = {key: values[0] for key, values in bench.double.seen[-1].query.items()}
        (words.get(query["query"]) or hd.answer(own(query)))(handler)

    return give


@pytest.mark.parametrize("failure", [hd.answer({}, 404), hd.answer({}, 500), hd.reset, hd.answer({"hits": None})])
def test_one_search_that_fails_does_not_hold_up_the_others(bench, failure):
    bench.source = Source(kind="hackernews", name="hn", server=bench.double.url, searches=("Fjordfon", "Fjordnet"))
    bench.say("Netz?")
    bench.everything(answering(bench, Fjordnet=failure))
    page = bench.connector().fetch("", 20)
    assert len(page.mentions) == 1
    assert page.dropped == {"feed not answered": 1}
    bench.everything(answering(bench, Fjordnet=failure, Fjordfon=hd.answer({}, 500)))
    with pytest.raises(PlatformError):
        bench.connector().fetch("", 20)


def test_a_spent_allowance_costs_no_post_that_was_read_and_is_told_once_nothing_answers(bench):
    bench.source = Source(kind="hackernews", name="hn", server=bench.double.url, searches=("Fjordfon", "Fjordnet"))
    spent = hd.answer({}, 429, {"Retry-After": "9"})
    bench.say("Netz?")
    bench.everything(answering(bench, Fjordnet=spent))
    page = bench.connector().fetch("", 20)
    assert (len(page.mentions), page.dropped) == (1, {"feed not answered": 1})
    bench.everything(spent)
    with pytest.raises(RateLimited):
        bench.connector().fetch("", 20)


def test_the_cursor_holds_nobodys_words(bench):
    bench.say("Wort-von-jemandem")
    assert "Wort" not in bench.connector().fetch("", 20).cursor


def test_posts_with_dates_to_come_do_not_deafen_a_search(bench):
    bench.say("Fjordfon vorher", at=NOW - 10 * MINUTE)
    _, _, cursor = drained(bench, "")
    later = [bench.say("Fjordfon morgen", at=NOW + (number + 1) * 1000) for number in range(1_000)]
    heard, _, cursor = drained(bench, cursor)
    assert sorted(heard) == sorted(later)
    stand = json.loads(cursor)["stands"]["search:Fjordfon"]
    assert max(stand["at"], stand["floor"]) <= NOW
    fresh = bench.say("Fjordfon jetzt", at=NOW - MINUTE)
    assert drained(bench, cursor)[0] == [fresh]


def test_a_walk_that_ends_among_dates_to_come_moves_no_mark_beyond_our_clock():
    served = [Entry(str(number), NOW + number * MINUTE, {}) for number in range(9, 0, -1)]
    feed = Feed("search", lambda _start, _known: iter([(served, True)]), pages=1)
    reader = Reader("forum", [feed], hd.StillClock())
    page = reader.fetch(json.dumps({"stands": {"search": {"at": 1000, "floor": 0, "seen": {}}}}), 20)
    assert json.loads(page.cursor)["stands"]["search"]["floor"] == NOW
    assert page.gap == (1000, NOW)
