"""Reading X through the real SDK and the real door: what is asked, how little is asked, and what is let fall."""

import json

import pytest
import x_double
from http_double import in_turn
from x_double import ACCOUNT_ID, MINUTE, NOW, WEEK, answer, problem

from bot.connectors import x, x_feeds
from bot.connectors.x_post import id_at
from bot.connectors.x_queries import queries_of, query_of_all
from bot.errors import EarshotError, Permanent, RateLimited, Transient, Unauthorised
from bot.model import Kind, Visibility

MENTIONS = f"/2/users/{ACCOUNT_ID}/mentions"
SEARCH = "/2/tweets/search/recent"
HOUR = 60 * MINUTE


def opened(**options):
    bench = x_double.Bench(**options)
    with bench.double:
        yield bench
        assert bench.double.complaints == []


@pytest.fixture
def bench():
    """Mentions only."""
    yield from opened()


@pytest.fixture
def searching():
    """One search, nothing else."""
    yield from opened(mentions=False, queries=('("router" OR #fjordfon) -is:retweet',))


@pytest.fixture
def both():
    yield from opened(queries=("router",))


@pytest.fixture
def quoting():
    yield from opened(mentions=False, quotes=True)


def heard(page):
    return [mention.text.removeprefix("@fjordfon_hilft ") for mention in page.mentions]


def asked(bench, name):
    return [seen.query.get(name, [""])[0] for seen in bench.double.seen]


def test_a_request_asks_for_all_that_a_decision_needs(bench):
    bench.connector().fetch("", 20)
    (seen,) = bench.double.seen
    assert (seen.path, seen.query["max_results"]) == (MENTIONS, ["20"])
    assert {"display_text_range", "note_tweet", "reply_settings", "withheld"} <= set(
        seen.query["tweet.fields"][0].split(",")
    )
    assert set(seen.query["user.fields"][0].split(",")) == {"description", "protected", "username", "withheld"}
    assert {"author_id", "referenced_tweets.id.author_id"} <= set(seen.query["expansions"][0].split(","))
    assert seen.headers["host"] == bench.double.surface


def test_each_kind_of_request_spends_an_allowance_of_its_own(both):
    both.connector().fetch("", 20)
    assert {name.rpartition(":")[2] for name, _ in both.budget.spent} == {"mentions", "search"}
    assert all("fjordfon_hilft" in name for name, _ in both.budget.spent)


def test_what_x_says_of_its_limits_is_learnt(bench):
    limits = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "3", "x-rate-limit-reset": str(NOW // 1000 + 60)}
    bench.double.get(MENTIONS, answer({"meta": {"result_count": 0}}, headers=limits))
    bench.connector().fetch("", 20)
    assert [(name.rpartition(":")[2], left, at) for name, left, at in bench.budget.learned] == [
        ("mentions", 3, NOW + MINUTE)
    ]


def test_a_backlog_is_walked_once_and_then_read_page_by_page(bench):
    bench.say("anfang")
    cursor = bench.connector().fetch("", 20).cursor
    for count in range(450):
        bench.say(f"{count}")
    bench.double.seen.clear()
    texts, more = [], True
    while more:
        page = bench.connector().fetch(cursor, 100)
        texts += heard(page)
        cursor, more = page.cursor, page.more
    assert texts == [f"{count}" for count in range(450)]
    assert len(bench.double.seen) == 9


def test_a_walk_that_is_too_long_for_one_fetch_goes_on_in_the_next(searching, monkeypatch):
    monkeypatch.setattr(x_feeds, "LONGEST_WALK", 3)
    searching.say("router anfang")
    cursor = searching.connector().fetch("", 20).cursor
    for count in range(450):
        searching.double.write(f"router {count}", "kundin", NOW - 40 * MINUTE)
    page = searching.connector().fetch(cursor, 100)
    assert (page.mentions, page.more, len(searching.double.seen)) == ((), True, 4)
    texts = []
    while page.more:
        page = searching.connector().fetch(page.cursor, 100)
        texts += heard(page)
    assert texts == [f"router {count}" for count in range(450)]


def test_a_search_that_brings_far_too_much_is_cut_with_a_gap(searching, monkeypatch):
    monkeypatch.setattr(x, "_SEARCH_WALKED", 300)
    searching.say("router anfang")
    cursor = searching.connector().fetch("", 20).cursor
    for count in range(450):
        searching.double.write(f"router {count}", "kundin", NOW - 40 * MINUTE)
    page = searching.connector().fetch(cursor, 100)
    assert page.gap == (NOW - 49 * MINUTE, NOW - 40 * MINUTE)
    texts = heard(page)
    while page.more:
        page = searching.connector().fetch(page.cursor, 100)
        texts += heard(page)
    assert texts == [f"router {count}" for count in range(150, 450)]


def test_what_is_written_while_a_backlog_is_read_comes_last(bench):
    bench.say("anfang")
    cursor = bench.connector().fetch("", 20).cursor
    for count in range(150):
        bench.say(f"{count}")
    page = bench.connector().fetch(cursor, 60)
    bench.say("danach")
    texts = heard(page)
    while page.more:
        page = bench.connector().fetch(page.cursor, 60)
        texts += heard(page)
    assert texts == [*(f"{count}" for count in range(150)), "danach"]


def test_an_empty_page_that_leads_on_is_no_end(searching):
    searching.say("router eins")
    cursor = searching.connector().fetch("", 20).cursor
    ident = searching.say("router zwei")
    whole = {"data": [searching.double.posts[ident]], "meta": {"result_count": 1}}
    users = {"users": list(searching.double.people.values())}
    searching.double.get(
        SEARCH, in_turn({"meta": {"result_count": 0, "next_token": "on"}}, {**whole, "includes": users})
    )
    assert heard(searching.connector().fetch(cursor, 20)) == ["router zwei"]
    assert asked(searching, "next_token")[-1] == "on"


def test_a_first_fetch_that_finds_nothing_makes_the_next_one_hear_everything(bench):
    cursor = bench.connector().fetch("", 20).cursor
    for count in range(30):
        bench.say(f"{count}")
    page = bench.connector().fetch(cursor, 20)
    assert heard(page) == [f"{count}" for count in range(20)]
    assert heard(bench.connector().fetch(page.cursor, 20)) == [f"{count}" for count in range(20, 30)]


def test_after_a_week_away_the_search_tells_of_the_gap(searching):
    old = NOW - WEEK - 24 * HOUR
    searching.say("router alt", at=old)
    searching.say("router neu", at=NOW - HOUR)
    connector = searching.connector()
    page = connector.fetch(connector.since(old), 20)
    assert heard(page) == ["router neu"]
    start, end = page.gap
    assert abs(start - old) < 1_000
    assert NOW - WEEK < end < NOW - WEEK + HOUR
    assert connector.fetch(page.cursor, 20).gap is None


def test_a_search_that_hears_nothing_for_long_tells_of_no_gap(searching):
    page = searching.connector().fetch("", 20)
    page = searching.connector().fetch(page.cursor, 20)
    assert page.gap is None
    (at,) = next(iter(json.loads(page.cursor)["stands"].values()))
    assert at >= id_at(NOW - 24 * HOUR)


def test_more_mentions_than_x_serves_are_a_gap(bench):
    bench.say("anfang")
    cursor = bench.connector().fetch("", 20).cursor
    ids = [bench.say(f"{count}") for count in range(900)]
    for ident in ids[:100]:
        bench.delete(ident)
    page = bench.connector().fetch(cursor, 100)
    assert page.gap == (NOW - 49 * MINUTE, NOW - 49 * MINUTE + 101 * MINUTE)
    assert heard(page)[0] == "100"


def test_errors_beside_posts_do_not_hold_up_the_posts(bench):
    bench.say("da", referenced_tweets=[{"type": "quoted", "id": "55"}])
    (mention,) = bench.connector().fetch("", 20).mentions
    assert (mention.text, mention.kind) == ("@fjordfon_hilft da", Kind.QUOTE)
    assert mention.quoted.visibility is Visibility.UNKNOWN


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"errors": [problem("resource-not-found")]}, Permanent),
        ({}, Transient),
        ({"data": {"id": "1"}}, Transient),
        ({"data": None, "meta": None}, Transient),
        ({"meta": {"result_count": 3}}, Transient),
        (["x"], Transient),
    ],
)
def test_an_answer_that_is_no_list_is_an_error(bench, body, error):
    bench.double.get(MENTIONS, body)
    with pytest.raises(error):
        bench.connector().fetch("", 20)


def test_broken_posts_are_counted_and_the_others_heard(bench):
    good = bench.say("da")
    whole = {**bench.double.posts[good], "author_id": "7001"}
    bench.double.get(
        MENTIONS,
        {
            "data": [whole, {"id": "kein"}, 5, {"id": "77", "author_id": "7001", "text": "ohne Datum"}],
            "includes": {"users": [{"id": "7001", "username": "kundin", "protected": False}]},
            "meta": {"result_count": 4},
        },
    )
    page = bench.connector().fetch("", 20)
    assert len(page.mentions) == 1
    assert page.dropped == {"broken": 3}


def test_what_is_not_public_is_dropped_and_counted(bench):
    bench.say_private("Wort-nur-fuer-uns")
    bench.say("gesperrt", withheld={"country_codes": ["DE"]})
    bench.say("offen")
    page = bench.connector().fetch("", 20)
    assert heard(page) == ["offen"]
    assert page.dropped == {"not public": 2}


def test_an_edited_post_comes_again_under_its_first_id(bench):
    first = bench.say("Router kaput")
    page = bench.connector().fetch("", 20)
    newest = bench.edit(first, "Router kaputt")
    (mention,) = bench.connector().fetch(page.cursor, 20).mentions
    assert (mention.canonical_key, mention.native_id) == (first, newest)
    assert mention.text == "@fjordfon_hilft Router kaputt"


def test_of_two_versions_on_one_page_the_newest_is_heard(bench):
    bench.edit(bench.say("Router kaput"), "Router kaputt")
    assert heard(bench.connector().fetch("", 20)) == ["Router kaputt"]


def test_a_search_leaves_reposts_out_and_hears_what_names_nobody(searching):
    searching.double.write("mein Router ist weg", "kundin", NOW - HOUR)
    searching.double.write("RT router", "andere", NOW - HOUR, referenced_tweets=[{"type": "retweeted", "id": "5"}])
    (mention,) = searching.connector().fetch("", 20).mentions
    assert (mention.text, mention.own_mentions) == ("mein Router ist weg", ())


def test_quotes_of_our_posts_are_searched_by_their_address(quoting):
    double = quoting.double
    ours = double.write("Wir bauen aus", "fjordfon_hilft", NOW - 2 * HOUR)
    for host in ("x.com", "twitter.com"):
        link = {"url": "https://t.co/q", "expanded_url": f"https://{host}/fjordfon_hilft/status/{ours}"}
        marks = {"entities": {"mentions": [], "urls": [link]}, "referenced_tweets": [{"type": "quoted", "id": ours}]}
        double.write("Von wegen https://t.co/q", "kundin", NOW - HOUR, **marks)
    page = quoting.connector().fetch("", 20)
    assert [(mention.text, mention.quoted.author_id) for mention in page.mentions] == [("Von wegen", ACCOUNT_ID)] * 2
    assert asked(quoting, "query")[0].endswith("is:quote -is:retweet -from:fjordfon_hilft")


def test_a_search_that_fails_does_not_hold_up_mentions(both):
    both.say("router")
    both.double.get(SEARCH, answer({}, 429, {"Retry-After": "900"}))
    page = both.connector().fetch("", 20)
    assert heard(page) == ["router"]
    assert page.dropped == {"feed not answered": 1}
    assert list(json.loads(page.cursor)["stands"]) == ["mentions"]


def test_mentions_that_fail_are_a_failed_fetch(both):
    both.double.get(MENTIONS, answer({}, 500))
    with pytest.raises(Transient):
        both.connector().fetch("", 20)


def test_where_no_search_answers_the_first_failure_is_told(searching):
    searching.double.get(SEARCH, answer({}, 429, {"Retry-After": "900"}))
    with pytest.raises(RateLimited) as raised:
        searching.connector().fetch("", 20)
    assert raised.value.retry_after == 900


def test_refused_credentials_are_told_at_once(both):
    both.double.get(SEARCH, answer({}, 401))
    with pytest.raises(Unauthorised):
        both.connector().fetch("", 20)


@pytest.mark.parametrize("status", [429, 503])
def test_a_limit_is_told_with_its_reset_and_nobody_sleeps(bench, status):
    reset = {"x-rate-limit-reset": str(NOW // 1000 + 300), "x-rate-limit-remaining": "0", "Retry-After": "300"}
    bench.double.get(MENTIONS, answer({}, status, reset))
    with pytest.raises(RateLimited) as raised:
        bench.connector().fetch("", 20)
    assert raised.value.retry_after == 300
    assert len(bench.double.seen) == 1


def test_a_stale_or_foreign_number_in_a_cursor_starts_anew(bench):
    bench.say("da")
    for at in (0, -5, 10**30, "x"):
        assert heard(bench.connector().fetch(json.dumps({"stands": {"mentions": [at]}, "turn": 0}), 20)) == ["da"]
    assert heard(bench.connector().fetch('{"stands": {"mentions": []}, "turn": Infinity}', 20)) == ["da"]


def test_a_source_that_reads_nothing_is_a_fault():
    for options in ({"mentions": False}, {"mentions": False, "queries": ("router",), "search": False}):
        bench = x_double.Bench(**options)
        with bench.double, pytest.raises(Permanent, match="reads nothing"):
            bench.connector()


@pytest.mark.parametrize(
    "fault",
    [
        {"account_id": "fjordfon"},
        {"queries": ["x" * 513]},
        {"queries": [""]},
        {"bearer": "secret"},
        {"server": "http://x.example"},
    ],
)
def test_a_source_that_cannot_work_is_refused(fault):
    with pytest.raises(ValueError, match="validation error"):
        x_double.source_of("https://api.x.com", **fault)


def test_without_a_server_x_itself_is_meant():
    given = x_double.source_of("https://api.x.com").model_dump(exclude={"server"})
    assert x_double.Source.model_validate(given).server == "https://api.x.com"


def test_a_reader_needs_no_keys_to_write_with(bench):
    bench.say("da")
    bench.source = x_double.source_of(bench.double.url, consumer_key="EARSHOT_NOT_SET")
    assert heard(bench.connector().fetch("", 20)) == ["da"]
    with pytest.raises(EarshotError):
        bench.publisher()


def test_terms_become_searches():
    terms = ["Fjordfon", "#fjordfon", "@fjordfon_hilft", "stör*", "=EE", 'ein "Zitat"', "fjordfon", "***", "", "5 Euro"]
    assert queries_of(terms) == [
        '("fjordfon" OR #fjordfon OR @fjordfon_hilft OR "stör" OR "EE" OR "ein Zitat" OR "5 Euro") -is:retweet'
    ]
    assert queries_of([]) == []


def test_many_terms_become_several_searches_and_none_is_lost():
    terms = [f"Begriff Nummer {count}" for count in range(200)]
    queries = queries_of(terms)
    assert all(len(query) <= 512 for query in queries)
    assert len(queries) > 5
    assert all(sum(f'"{term}"' in query for query in queries) == 1 for term in terms)
    assert queries_of(["x" * 600, "kurz"]) == ['("kurz") -is:retweet']


def test_groups_of_terms_become_a_search_for_a_term_of_each():
    groups = [["Internet", "stör*"], ["Kiel"]]
    assert query_of_all(groups) == '("Kiel") ("Internet" OR "stör") -is:retweet'
    assert query_of_all([["Kiel"]]) == '("Kiel") -is:retweet'


def test_a_group_that_does_not_fit_or_cannot_be_searched_for_is_left_to_the_watch():
    many = [f"Begriff Nummer {count}" for count in range(200)]
    assert query_of_all([many, ["Kiel"], ["Kiel", "🙂"]]) == '("Kiel") -is:retweet'
    assert queries_of(many, [[many, many]]) == queries_of(many)
    assert queries_of([], [[many, many[:100]]]) == queries_of(many[:100])
    assert queries_of([], [[["🙂"]]]) == []
    edge = ["Kiel" + "x" * 482, "Nord"]
    assert len(query_of_all([edge])) == 512


def test_a_watch_that_only_asks_for_several_words_together_is_searched_for(bench):
    bench.source = x_double.source_of(bench.double.url, mentions=False)
    bench.together = ((("Internet", "Telefon"), ("Kiel",)),)
    for text in ("In Kiel geht kein Telefon", "In Kiel regnet es", "Kein Internet in Husum", "Internet tot, Kiel"):
        bench.double.write(text, "kundin", NOW)
    assert sorted(heard(bench.connector().fetch("", 20))) == ["In Kiel geht kein Telefon", "Internet tot, Kiel"]


def test_a_term_cannot_add_an_operator_of_its_own():
    assert queries_of(['a" OR from:x "', "is:retweet", "a) OR (b", "-b"]) == [
        '("a OR from:x" OR "is:retweet" OR "a) OR (b" OR "-b") -is:retweet'
    ]


def test_no_word_of_a_post_and_no_secret_stands_in_an_error(bench, caplog):
    caplog.set_level("INFO")
    bench.double.get(MENTIONS, answer({"title": "canary-word", "detail": x_double.TOKEN}, 403))
    with pytest.raises(Permanent) as raised:
        bench.connector().fetch("", 20)
    assert "canary" not in repr(raised.value) + caplog.text
