"""Reading through the real SDK and the real door: the session, the walk back, and what is not for everyone."""

import json

import http_double as hd
import pytest
from bluesky_double import MINUTE, NOW, OUR_DID, OURS, PASSWORD, POST, Bench, Source, did_of, fault, person, record, tag

from bot.connectors import bluesky_feed
from bot.connectors.bluesky_feed import OVERLAP_MS
from bot.errors import EarshotError, EgressRefused, Permanent, RateLimited, Transient, Unauthorised
from bot.model import Kind, Platform, Visibility

LOGIN = "/xrpc/com.atproto.server.createSession"
REFRESH = "/xrpc/com.atproto.server.refreshSession"
NOTES = "/xrpc/app.bsky.notification.listNotifications"
SEARCH = "/xrpc/app.bsky.feed.searchPosts"
POSTS = "/xrpc/app.bsky.feed.getPosts"
ONE_FEED = {"replies": False, "quotes": False, "searches": ()}
A_SEARCH = {"mentions": False, "replies": False, "quotes": False, "searches": ("Meldung",)}


def running(**options):
    bench = Bench(**options)
    with bench.double:
        yield bench
        assert bench.double.complaints == []
        assert bench.double.refusals.seen == []


@pytest.fixture
def bench():
    yield from running()


@pytest.fixture
def mentions():
    yield from running(**ONE_FEED)


@pytest.fixture
def searching():
    yield from running(**A_SEARCH)


def heard(page):
    return [mention.text.removeprefix(f"@{OURS} ") for mention in page.mentions]


def paths(bench):
    return [seen.path.rpartition(".")[2] for seen in bench.double.seen]


def test_a_post_that_only_its_surroundings_spoil_is_counted_and_costs_no_other_one(mentions):
    """A list tells a post by itself; asked for by its address it brings what it quotes along."""
    whole, spoilt = mentions.double._getPosts, set()

    def quoting(seen):
        return hd.answer([*hd.SPOILERS]) if spoilt & {*seen.query["uris"]} else whole(seen)

    mentions.double._getPosts = quoting
    uris = [mentions.say(f"Meldung {number}") for number in range(9)]
    spoilt.add(uris[4])
    page = mentions.connector().fetch("", 20)
    assert heard(page) == [f"Meldung {number}" for number in (0, 1, 2, 3, 5, 6, 7, 8)]
    assert page.dropped == {"broken": 1}
    spoilt.add(mentions.say("Meldung 9"))
    page = mentions.connector().fetch(page.cursor, 20)
    assert (page.mentions, page.dropped) == ((), {"broken": 1})


def test_a_login_asks_for_no_profile_and_stays_with_the_configured_server(mentions):
    mentions.connector().fetch("", 20)
    assert paths(mentions) == ["createSession", "listNotifications"]
    login, listing = mentions.double.seen
    assert login.body == {"identifier": OURS, "password": PASSWORD}
    assert "authorization" not in login.headers
    assert listing.headers["authorization"].startswith("Bearer ")
    assert listing.headers["user-agent"] == "Earshot"
    assert listing.query == {"reasons": ["mention"], "limit": ["20"]}


def test_a_session_that_soon_ends_is_renewed_before_the_next_request(mentions):
    connector = mentions.connector()
    mentions.double.expires_in = 60
    connector.fetch("", 20)
    assert paths(mentions) == ["createSession", "refreshSession", "listNotifications"]
    mentions.double.expires_in = 7_200
    connector.fetch("", 20)
    connector.fetch("", 20)
    assert paths(mentions)[3:] == ["refreshSession", "listNotifications", "listNotifications"]


def test_a_session_that_the_server_forgot_is_begun_anew_once(mentions):
    connector = mentions.connector()
    cursor = connector.fetch("", 20).cursor
    mentions.say("eins")
    mentions.double.sessions["access"].clear()
    assert heard(connector.fetch(cursor, 20)) == ["eins"]
    assert paths(mentions)[2:] == ["listNotifications", "createSession", "listNotifications", "getPosts"]


def test_a_session_that_can_not_be_renewed_is_begun_anew(mentions):
    connector = mentions.connector()
    mentions.double.expires_in = 60
    mentions.double.answers["POST", REFRESH] = hd.in_turn(fault("ExpiredToken"))
    with pytest.raises(Unauthorised):
        connector.fetch("", 20)
    mentions.double.expires_in = 7_200
    connector.fetch("", 20)
    assert paths(mentions)[-2:] == ["createSession", "listNotifications"]


def test_a_plain_refusal_begins_no_new_session(mentions):
    mentions.double.get(NOTES, fault("InvalidRequest"))
    connector = mentions.connector()
    with pytest.raises(Permanent):
        connector.fetch("", 20)
    assert paths(mentions) == ["createSession", "listNotifications"]


def test_a_wrong_password_is_told_and_never_shown(mentions, caplog):
    mentions.double.password = "another"
    with pytest.raises(Unauthorised) as raised:
        mentions.connector().fetch("", 20)
    assert "canary" not in str(raised.value) + caplog.text
    assert paths(mentions) == ["createSession"]


def test_a_login_as_somebody_else_is_refused():
    for bench in running(**ONE_FEED, did=did_of("andere.example")):
        with pytest.raises(Unauthorised, match="another account"):
            bench.connector().fetch("", 20)
        assert bench.double.seen[0].body["identifier"] == did_of("andere.example")


def test_many_logins_are_answered_with_a_wait(mentions):
    mentions.double.post(LOGIN, hd.answer({"error": "RateLimitExceeded"}, 429, {"Retry-After": "290"}))
    with pytest.raises(RateLimited) as raised:
        mentions.connector().fetch("", 20)
    assert raised.value.retry_after == 290


def test_logins_searches_and_the_rest_spend_allowances_of_their_own(bench):
    bench.say("Meldung")
    bench.connector().fetch("", 20)
    host = f"bluesky:127.0.0.1:{OURS}"
    assert {bucket for bucket, _ in bench.budget.spent} == {host, f"{host}:session", f"{host}:search"}


def test_mentions_replies_and_quotes_are_heard_and_likes_are_not_asked_for(bench):
    ours = bench.double.add(record("unser Text", tagged=False), person(OURS))
    strong = {"uri": ours, "cid": bench.double.posts[ours]["cid"]}
    bench.say("getaggt")
    bench.double.add(record("Antwort", tagged=False, reply={"root": strong, "parent": strong}))
    bench.double.add(record("Zitat", tagged=False, embed={"$type": "app.bsky.embed.record", "record": strong}))
    page = bench.connector().fetch("", 20)
    assert sorted(heard(page)) == ["Antwort", "Zitat", "getaggt"]
    assert {mention.kind for mention in page.mentions} == {Kind.POST, Kind.REPLY, Kind.QUOTE}
    asked = [seen.query["reasons"] for seen in bench.double.seen if seen.path == NOTES]
    assert asked == [["mention"], ["reply"], ["quote"]]


def test_a_post_in_several_feeds_comes_once(bench):
    bench.say("Meldung eins")
    connector = bench.connector()
    first = connector.fetch("", 1)
    assert heard(first) == ["Meldung eins"]
    assert heard(connector.fetch(first.cursor, 20)) == []


def test_a_search_is_for_the_latest_and_looks_back_a_little(searching):
    connector = searching.connector()
    searching.say("Meldung eins", at=NOW - 60 * MINUTE)
    cursor = connector.fetch("", 20).cursor
    connector.fetch(cursor, 20)
    query = searching.double.seen[-1].query
    assert query == {"q": ["Meldung"], "sort": ["latest"], "limit": ["100"], "since": ["2026-11-02T08:30:00.000Z"]}


def test_a_post_that_comes_in_behind_newer_ones_is_still_heard(searching):
    connector = searching.connector()
    searching.say("Meldung eins", at=NOW - 60 * MINUTE)
    searching.say("Meldung zwei", at=NOW - 10 * MINUTE)
    cursor = connector.fetch("", 20).cursor
    searching.say("Meldung spät", at=NOW - 10 * MINUTE - OVERLAP_MS + 1)
    page = connector.fetch(cursor, 20)
    assert heard(page) == ["Meldung spät"]
    assert heard(connector.fetch(page.cursor, 20)) == []


def test_a_first_fetch_leaves_older_posts_alone_afterwards_too(searching):
    for number in range(9):
        searching.say(f"Meldung {number}")
    connector = searching.connector()
    first = connector.fetch("", 3)
    assert heard(first) == ["Meldung 6", "Meldung 7", "Meldung 8"]
    assert heard(connector.fetch(first.cursor, 20)) == []


def test_an_edited_post_is_heard_again_with_its_words_of_now(searching):
    connector = searching.connector()
    uri = searching.say("Meldung eins")
    cursor = connector.fetch("", 20).cursor
    searching.edit(uri, "Meldung zwei")
    page = connector.fetch(cursor, 20)
    assert [(mention.native_id, mention.text) for mention in page.mentions] == [(uri, "Meldung zwei")]


def test_a_date_in_the_future_hides_nothing_that_comes_until_then(searching):
    connector = searching.connector()
    searching.say("Meldung aus 2030", at=NOW + 1_700_000 * MINUTE)
    cursor = connector.fetch("", 20).cursor
    searching.say("Meldung jetzt", at=NOW - MINUTE)
    assert heard(connector.fetch(cursor, 20)) == ["Meldung jetzt"]


def test_what_lies_beyond_the_longest_walk_is_told_as_a_gap(searching, monkeypatch):
    connector = searching.connector()
    searching.say("Meldung alt", at=NOW - 1_000 * MINUTE)
    cursor = connector.fetch("", 20).cursor
    for number in range(250):
        searching.say(f"Meldung {number}", at=NOW - (250 - number) * MINUTE)
    monkeypatch.setattr(bluesky_feed, "LONGEST_WALK", 2)
    page = connector.fetch(cursor, 50)
    assert page.gap == (NOW - 1_000 * MINUTE, NOW - 200 * MINUTE)
    assert heard(page)[0] == "Meldung 50"
    assert page.more
    assert connector.fetch(page.cursor, 50).gap is None


def test_a_server_that_pages_no_further_leaves_a_gap_and_no_failure(searching):
    connector = searching.connector()
    searching.say("Meldung alt", at=NOW - 1_000 * MINUTE)
    cursor = connector.fetch("", 20).cursor
    for number in range(120):
        searching.say(f"Meldung {number}", at=NOW - (120 - number) * MINUTE)
    whole = searching.double.take

    def take(method, path):
        deep = "cursor" in searching.double.seen[-1].query
        return fault("InvalidRequest") if deep else whole(method, path)

    searching.double.take = take
    page = connector.fetch(cursor, 200)
    assert page.gap == (NOW - 1_000 * MINUTE, NOW - 100 * MINUTE)
    assert len(page.mentions) == 100


def test_a_server_whose_pages_repeat_themselves_comes_to_an_end(searching):
    searching.say("Meldung eins")
    (post,) = searching.double.posts.values()
    searching.double.get(SEARCH, {"posts": [post], "cursor": "1"})
    connector = searching.connector()
    page = connector.fetch(connector.since(0), 20)
    assert heard(page) == ["Meldung eins"]
    assert page.gap is None
    assert len(searching.double.seen) == 3


@pytest.mark.parametrize("label", ["!no-unauthenticated", "!hide", "!takedown", "!suspend"])
@pytest.mark.parametrize("place", ["author", "post", "record"])
def test_a_post_that_is_not_for_everyone_is_let_fall_and_counted(bench, label, place):
    mark = {"src": did_of("kundin.example"), "val": label}
    words = record("Meldung canary-secret")
    if place == "record":
        words["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": label}]}
    marks = {"labels": [mark]} if place == "post" else {}
    bench.double.add(words, person(labels=[mark] if place == "author" else []), **marks)
    page = bench.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {"not public": 1})
    assert "canary" not in repr(page)


def test_a_post_that_went_between_the_two_requests_is_counted(mentions):
    mentions.say("eins")
    mentions.double.get(POSTS, {"posts": []})
    page = mentions.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {"gone": 1})


def test_a_broken_post_is_counted_and_costs_no_other(bench):
    bench.say("Meldung eins")
    bench.double.add({**record("Meldung zwei"), "createdAt": "gestern"}, indexedAt="2026-11-02T09:59:00.000Z")
    bench.double.add({**record("Meldung drei"), "$type": "app.bsky.feed.other"})
    page = bench.connector().fetch("", 20)
    assert sorted(heard(page)) == ["Meldung eins", "Meldung zwei"]
    assert page.dropped == {"broken": 1}


@pytest.mark.parametrize("status", [500, 429, 403])
def test_a_search_that_fails_holds_up_nobody(bench, status):
    bench.say("Meldung eins")
    bench.double.get(SEARCH, hd.answer({}, status))
    page = bench.connector().fetch("", 20)
    assert heard(page) == ["Meldung eins"]
    assert page.dropped == {"feed not answered": 1}
    assert "search:Meldung" not in json.loads(page.cursor)["stands"]


@pytest.mark.parametrize(("status", "error"), [(500, Transient), (429, RateLimited), (401, Unauthorised)])
def test_if_no_search_answers_a_fetch_has_failed(searching, status, error):
    searching.double.get(SEARCH, hd.answer({}, status))
    with pytest.raises(error):
        searching.connector().fetch("", 20)


@pytest.mark.parametrize(("given", "error"), [(hd.answer({}, 500), Transient), (hd.answer({}, 429), RateLimited)])
def test_without_our_notifications_a_fetch_has_failed(bench, given, error):
    bench.double.get(NOTES, given)
    with pytest.raises(error):
        bench.connector().fetch("", 20)


@pytest.mark.parametrize("odd", [{}, {"notifications": {}}, {"notifications": ["x", 5]}, {"notifications": None}])
def test_an_answer_of_another_form_is_tried_again(mentions, odd):
    mentions.double.get(NOTES, odd)
    with pytest.raises(Transient, match="unexpected form"):
        mentions.connector().fetch("", 20)


@pytest.mark.parametrize(
    "odd", [{}, {"accessJwt": "x", "refreshJwt": "y", "handle": OURS, "did": OUR_DID}, {"did": 5}], ids=str
)
def test_a_login_answered_in_another_form_is_tried_again_and_tells_nothing(mentions, odd):
    mentions.double.post(LOGIN, odd)
    with pytest.raises(Transient) as raised:
        mentions.connector().fetch("", 20)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    "cursor",
    [
        '{"stands": {"mention": "1009"}}',
        '{"stands": {"mention": {"at": -5, "low": 0, "seen": []}}}',
        '{"stands": {"mention": {"at": 1e300, "low": 0, "seen": []}}}',
        '{"stands": {"mention": {"at": 1, "low": 99999999999999999, "seen": []}}}',
        "[" * 100_000,
    ],
    ids=["foreign", "before 1970", "no number", "beyond dates", "deep"],
)
def test_a_foreign_cursor_starts_anew(mentions, cursor):
    mentions.say("eins")
    assert heard(mentions.connector().fetch(cursor, 20)) == ["eins"]


def test_a_source_that_reads_nothing_says_so():
    for bench in running(**{**A_SEARCH, "searches": ()}):
        with pytest.raises(EarshotError, match="reads nothing"):
            bench.connector()


def test_private_messages_and_other_services_never_leave_the_house():
    bench = Bench()
    with bench.double:
        client = bench.client()
        client.get("app.bsky.feed.getPosts", {"uris": [f"at://{OUR_DID}/{POST}/x"]})
        before = len(bench.double.seen)
        for method in ("chat.bsky.convo.listConvos", "chat.bsky.convo.getMessages", "app.bsky.feed.getTimeline"):
            with pytest.raises(EgressRefused):
                client.get(method, {})
        with pytest.raises(EgressRefused):
            client.create("chat.bsky.convo.sendMessage", {"convoId": "1", "message": {"text": "x"}})
        for name in ("app.bsky.feed.like", "app.bsky.graph.follow", "app.bsky.feed.repost"):
            with pytest.raises(EgressRefused):
                client.create("com.atproto.repo.createRecord", {"repo": OUR_DID, "collection": name, "record": {}})
        with pytest.raises(EgressRefused):
            client.get("app.bsky.notification.listNotifications", {"reasons": ["like"]})
        assert len(bench.double.seen) == before
        assert len(bench.double.refusals.seen) == 8


def test_a_source_names_its_secret_and_nothing_unknown():
    given = {"kind": "bluesky", "name": "bsky", "account": f"@{OURS}", "app_password": "EARSHOT_BLUESKY_PASSWORD"}
    source = Source.model_validate(given)
    assert (source.server, source.mentions, source.replies, source.quotes) == ("https://bsky.social", True, True, True)
    for wrong in ({"app_password": "abcd-efgh"}, {"did": "fjordfon"}, {"server": "http://x.example"}, {"colour": 1}):
        with pytest.raises(ValueError, match="1 validation error"):
            Source.model_validate({**given, **wrong})


def test_a_post_is_of_its_server_and_its_account():
    for bench in running(**ONE_FEED, account=f"@{OURS}"):
        text = f"@{OURS} und @zweite.example"
        bench.double.add({**record(), "text": text, "facets": [tag(text, OURS), tag(text, "zweite.example")]})
        (mention,) = bench.connector().fetch("", 5).mentions
        assert (mention.platform, mention.surface, mention.account) == (Platform.BLUESKY, bench.double.surface, OURS)
        assert mention.visibility is Visibility.PUBLIC
        assert mention.own_mentions == (OUR_DID, OURS, did_of("zweite.example"), "zweite.example")
