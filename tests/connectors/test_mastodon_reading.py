"""Reading through the real SDK and the real door from a server that pages, repeats itself and misbehaves."""

import json

import mastodon_double as md
import pytest

from bot.connectors import mastodon_feed
from bot.connectors.mastodon import Client, MastodonConnector
from bot.connectors.mastodon_feed import PAGE
from bot.errors import Permanent, RateLimited, Transient, Unauthorised
from bot.model import Kind, Visibility

NOTIFICATIONS = "/api/v1/notifications"
TAG = "/api/v1/timelines/tag/fjordfon"
SEARCH = "/api/v2/search"


def heard(page):
    return [mention.native_id for mention in page.mentions]


def paged(entries, *, near=True):
    """A feed as servers page it; ``near``: a page after ``min_id`` lies next to it, else it is the newest."""

    def give(handler):
        query = handler.server.double.seen[-1].query
        low = int(query.get("min_id", ["0"])[0])
        high = int(query.get("max_id", ["99999999999999999999"])[0])
        limit = int(query["limit"][0])
        fitting = [entry for entry in entries if low < int(entry["id"]) < high]
        fitting.sort(key=lambda entry: -int(entry["id"]))
        cut = fitting[-limit:] if near and "min_id" in query else fitting[:limit]
        md.answer(cut)(handler)

    return give


def notes(first, last):
    posts = range(first, last + 1)
    return [
        md.notification(
            str(1000 + number), md.status(str(number), created_at=f"2026-11-02T{number // 60:02}:{number % 60:02}:00Z")
        )
        for number in posts
    ]


def test_mentions_are_asked_for_as_mentions_with_our_token(double, mentions):
    double.get(NOTIFICATIONS, [])
    mentions.fetch("", 20)
    assert double.seen[0].query == {"types[]": ["mention"], "limit": ["20"]}
    assert double.seen[0].headers["authorization"] == f"Bearer {md.TOKEN}"
    assert double.seen[0].headers["user-agent"] == "Earshot"


def test_a_first_fetch_brings_the_newest_oldest_first_and_sets_the_mark(double, mentions):
    double.get(NOTIFICATIONS, paged(notes(1, 9)))
    page = mentions.fetch("", 3)
    assert heard(page) == ["7", "8", "9"]
    assert not page.more
    assert json.loads(page.cursor)["stands"] == {"mentions": "1009"}


@pytest.mark.parametrize("near", [True, False], ids=["next page", "newest page"])
def test_nothing_between_two_fetches_is_lost_however_the_server_pages(double, mentions, near):
    double.get(NOTIFICATIONS, paged(notes(1, 1), near=near))
    cursor = mentions.fetch("", 50).cursor
    double.get(NOTIFICATIONS, paged(notes(1, 131), near=near))
    numbers = []
    more = True
    while more:
        page = mentions.fetch(cursor, 50)
        assert len(page.mentions) <= 50
        numbers += heard(page)
        cursor, more = page.cursor, page.more
    assert numbers == [str(number) for number in range(2, 132)]


def test_one_cursor_brings_the_same_posts_again(double, mentions):
    double.get(NOTIFICATIONS, paged(notes(1, 9)))
    cursor = mentions.fetch("", 2).cursor
    double.get(NOTIFICATIONS, paged(notes(1, 14)))
    assert heard(mentions.fetch(cursor, 50)) == heard(mentions.fetch(cursor, 50)) == ["10", "11", "12", "13", "14"]


def test_a_server_that_ignores_the_mark_brings_nothing_twice_and_ends(double, mentions):
    every = md.answer(sorted(notes(1, PAGE), key=lambda note: -int(note["id"])))
    double.get(NOTIFICATIONS, every)
    cursor = mentions.fetch("", PAGE).cursor
    page = mentions.fetch(cursor, PAGE)
    assert (page.mentions, page.more, page.cursor != "") == ((), False, True)


def test_ids_that_are_no_numbers_are_taken_in_the_servers_order(double, client):
    first = [md.status("1795a0c"), md.status("1795b1f")]
    double.get(TAG, md.in_turn(first, [md.status("1795zz9"), *first]))
    connector = MastodonConnector("tags", client, "fjordfon_hilft", hashtags=["fjordfon"], mentions=False)
    page = connector.fetch("", 10)
    assert json.loads(page.cursor)["stands"] == {"tag:fjordfon": "1795a0c"}
    assert heard(connector.fetch(page.cursor, 10)) == ["1795zz9"]


def test_ids_beyond_2_to_the_53_page_exactly(double, mentions):
    high = 9_007_199_254_740_993
    post = md.status(str(high))
    double.get(NOTIFICATIONS, md.in_turn([md.notification(str(high), post)], []))
    page = mentions.fetch("", 10)
    assert heard(page) == [str(high)]
    mentions.fetch(page.cursor, 10)
    assert double.seen[-1].query["min_id"] == [str(high)]


def test_a_post_in_several_feeds_and_a_repeated_id_come_once(double, client):
    post = md.status("100")
    double.get(NOTIFICATIONS, [md.notification("5", post), md.notification("5", post)])
    double.get(TAG, [post, post])
    double.get(SEARCH, {"accounts": [], "hashtags": [], "statuses": [post]})
    connector = MastodonConnector("all", client, "fjordfon_hilft", hashtags=["fjordfon"], searches=["Router"])
    assert heard(connector.fetch("", 40)) == ["100"]
    assert {seen.path for seen in double.seen} == {NOTIFICATIONS, TAG, SEARCH}
    assert double.seen[-1].query == {"q": ["Router"], "type": ["statuses"], "limit": ["13"]}


def test_feeds_share_the_limit_and_take_turns(double, client):
    double.get(NOTIFICATIONS, paged(notes(1, 5)))
    double.get(TAG, paged([md.status("60"), md.status("61")]))
    connector = MastodonConnector("all", client, "fjordfon_hilft", hashtags=["#fjordfon"])
    first = connector.fetch("", 1)
    assert (heard(first), first.more) == (["5"], True)
    second = connector.fetch(first.cursor, 1)
    assert heard(second) == ["61"]


@pytest.mark.parametrize("visibility", ["private", "direct", "local", "", None])
def test_what_is_not_public_never_comes_out_and_is_counted(double, mentions, capfd, visibility):
    secret = md.status("7", text="canary-secret", visibility=visibility)
    double.get(NOTIFICATIONS, [md.notification("9", md.status("8")), md.notification("8", secret)])
    page = mentions.fetch("", 20)
    assert heard(page) == ["8"]
    assert page.dropped == {"not public": 1}
    assert "canary" not in repr(page)
    assert capfd.readouterr() == ("", "")


def test_a_private_mention_does_not_hold_up_the_mark(double, mentions):
    double.get(NOTIFICATIONS, [md.notification("9", md.status("8", visibility="direct"))])
    assert json.loads(mentions.fetch("", 20).cursor)["stands"] == {"mentions": "9"}


@pytest.mark.parametrize(
    ("post", "unlisted", "kept"),
    [
        (md.status("8", visibility="unlisted"), True, 1),
        (md.status("8", visibility="unlisted"), False, 0),
        (md.status("8", visibility="unlisted", content="<p>nur so</p>", mentions=[]), True, 0),
        (md.status("8", visibility="unlisted", content="<p>nur so</p>"), True, 1),
    ],
)
def test_an_unlisted_post_counts_only_if_it_addresses_us_and_we_want_it(double, client, post, unlisted, kept):
    double.get(NOTIFICATIONS, [md.notification("9", post)])
    page = MastodonConnector("ours", client, "@Fjordfon_Hilft", unlisted=unlisted).fetch("", 20)
    assert len(page.mentions) == kept
    assert page.dropped == ({} if kept else {"not public": 1})
    assert all(mention.visibility is Visibility.UNLISTED for mention in page.mentions)


def test_broken_posts_are_counted_and_the_others_come_through(double, mentions):
    notes_ = [
        md.notification("9", md.status("8")),
        md.notification("8", md.status("7", created_at="soon")),
        md.notification("7", md.status("6", uri=None)),
    ]
    double.get(NOTIFICATIONS, [*notes_, "nonsense", None])
    page = mentions.fetch("", 20)
    assert (heard(page), page.dropped) == (["8"], {"broken": 2})


def test_a_notification_of_another_kind_is_let_fall_unread(double, mentions):
    double.get(NOTIFICATIONS, [md.notification("9", md.status("8"), kind="favourite")])
    assert mentions.fetch("", 20).mentions == ()


def test_a_mention_without_its_post_is_counted_as_not_public(double, mentions):
    double.get(NOTIFICATIONS, [{**md.notification("9", md.status("8")), "status": None}])
    assert mentions.fetch("", 20).dropped == {"not public": 1}


def test_hostile_texts_and_far_dates_come_out_storable(double, mentions):
    post = md.status("8", text="a\\u0000b \u202etxt.exe \u200bx", created_at="9999-12-31T23:59:59.000Z")
    raw = json.dumps([md.notification("9", post)]).replace("\\\\u0000", "\\u0000").replace("txt", "\\ud83d")
    double.get(NOTIFICATIONS, md.answer(raw.encode()))
    (mention,) = mentions.fetch("", 20).mentions
    assert mention.text == "@fjordfon_hilft a\ufffdb \u202e\ufffd.exe \u200bx"
    assert mention.created_at == 253_402_300_799_000


def test_a_repost_in_a_hashtag_is_marked_as_one(double, client):
    double.get(TAG, [md.status("8", reblog=md.status("7"))])
    connector = MastodonConnector("tags", client, "fjordfon_hilft", hashtags=["fjordfon"], mentions=False)
    assert [mention.kind for mention in connector.fetch("", 5).mentions] == [Kind.REPOST]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (md.answer({"error": "no"}, 401), Unauthorised),
        (md.answer({"error": "no"}, 403), Permanent),
        (md.answer({"error": "no"}, 404), Permanent),
        (md.answer({"error": "no"}, 429, {"Retry-After": "290"}), RateLimited),
        (md.answer({"error": "no"}, 500), Transient),
        (md.answer(b"<html>canary</html>", kind="text/html"), Transient),
        (md.answer({"not": "a list"}), Transient),
        (md.answer([], headers={"X-RateLimit-Reset": "canary"}), Transient),
        (md.answer([{}], headers={"Link": '<https://x.example/?max_id=\xb2>; rel="next"'}), Transient),
        (md.answer(b'["' + b"a" * 10_000_000 + b'"]'), Transient),
        (md.truncated, Transient),
        (md.reset, Transient),
    ],
    ids=[
        "401",
        "403",
        "404",
        "429",
        "500",
        "html",
        "object",
        "rate",
        "link",
        "10MB",
        "cut",
        "reset",
    ],
)
def test_every_misbehaviour_comes_through_the_sdk_as_an_error_of_the_house(double, mentions, answer, kind):
    double.get(NOTIFICATIONS, answer)
    with pytest.raises(kind) as caught:
        mentions.fetch("", 20)
    limits = [seen.query["limit"] for seen in double.seen]
    assert limits in ([["20"]], [["20"], ["4"], ["1"]])
    assert "canary" not in repr(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("slowness", [md.silence, md.drip])
def test_a_server_that_holds_the_line_is_given_up(double, hasty_client, slowness):
    double.get(NOTIFICATIONS, slowness)
    with pytest.raises(Transient, match="in time"):
        MastodonConnector("slow", hasty_client, "fjordfon_hilft").fetch("", 20)


def test_the_wait_that_a_server_asks_for_survives_the_sdk(double, mentions):
    double.get(NOTIFICATIONS, md.answer({}, 429, {"Retry-After": "290"}))
    with pytest.raises(RateLimited) as caught:
        mentions.fetch("", 20)
    assert caught.value.retry_after == 290


@pytest.mark.parametrize("failure", [md.answer({}, 404), md.answer({}, 500), md.reset, md.answer({"statuses": None})])
def test_a_search_that_a_server_lacks_does_not_hold_up_the_mentions(double, client, failure):
    double.get(NOTIFICATIONS, [md.notification("9", md.status("8"))])
    double.get(SEARCH, failure)
    page = MastodonConnector("all", client, "fjordfon_hilft", searches=["Router"]).fetch("", 20)
    assert (heard(page), page.dropped) == (["8"], {"feed not answered": 1})
    assert json.loads(page.cursor)["stands"] == {"mentions": "9"}


def test_a_refused_token_stops_every_feed(double, client):
    double.get(NOTIFICATIONS, [])
    double.get(SEARCH, md.answer({}, 401))
    with pytest.raises(Unauthorised):
        MastodonConnector("all", client, "fjordfon_hilft", searches=["Router"]).fetch("", 20)


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_a_limit_on_searches_and_hashtags_does_not_discard_the_mentions(double, client, turn):
    double.get(NOTIFICATIONS, [md.notification("9", md.status("8"))])
    for path in (SEARCH, TAG):
        double.get(path, md.answer({}, 429, {"Retry-After": "290"}))
    connector = MastodonConnector("all", client, "a", hashtags=["fjordfon"], searches=["Router"])
    page = connector.fetch(json.dumps({"turn": turn}), 20)
    assert (heard(page), page.dropped) == (["8"], {"feed not answered": 2})
    assert json.loads(page.cursor)["stands"] == {"mentions": "9"}


def test_a_limit_on_the_mentions_is_told_whatever_else_answers(double, client):
    double.get(SEARCH, {"statuses": []})
    double.get(NOTIFICATIONS, md.answer({}, 429, {"Retry-After": "290"}))
    with pytest.raises(RateLimited):
        MastodonConnector("all", client, "a", searches=["Router"]).fetch('{"turn": 1}', 20)


def test_where_no_feed_answers_the_first_failure_is_told(double, client):
    double.get(TAG, md.answer({}, 429, {"Retry-After": "290"}))
    double.get(SEARCH, md.answer({}, 500))
    connector = MastodonConnector("all", client, "a", hashtags=["fjordfon"], searches=["Router"], mentions=False)
    with pytest.raises(RateLimited) as caught:
        connector.fetch("", 20)
    assert caught.value.retry_after == 290


MIDNIGHT = 1_793_577_600_000
MANY = 3 * PAGE


@pytest.fixture
def short_walk(monkeypatch):
    monkeypatch.setattr(mastodon_feed, "LONGEST_WALK", 3)


@pytest.mark.usefixtures("short_walk")
def test_what_lies_beyond_the_longest_walk_is_a_gap(double, mentions):
    double.get(NOTIFICATIONS, paged(notes(1, 1), near=False))
    cursor = mentions.fetch("", 50).cursor
    double.get(NOTIFICATIONS, paged(notes(1, MANY + 6), near=False))
    page = mentions.fetch(cursor, 50)
    assert page.gap == (MIDNIGHT + 60_000, MIDNIGHT + 7 * 60_000)
    assert heard(page)[0] == "7"
    assert mentions.fetch(page.cursor, 50).gap is None


@pytest.mark.usefixtures("short_walk")
@pytest.mark.parametrize("near", [True, False], ids=["next page", "newest page"])
def test_a_walk_that_reaches_where_it_stood_leaves_no_gap(double, mentions, near):
    double.get(NOTIFICATIONS, paged(notes(1, 1), near=near))
    cursor = mentions.fetch("", 50).cursor
    double.get(NOTIFICATIONS, paged(notes(1, MANY), near=near))
    assert mentions.fetch(cursor, 50).gap is None


@pytest.mark.usefixtures("short_walk")
def test_a_backfill_that_does_not_reach_its_date_is_a_gap(double, mentions):
    double.get(NOTIFICATIONS, paged(notes(1, MANY + 6), near=False))
    page = mentions.fetch(mentions.since(MIDNIGHT), 50)
    assert page.gap == (MIDNIGHT, MIDNIGHT + 7 * 60_000)
    assert mentions.fetch(mentions.since(MIDNIGHT + 10 * 60_000), 50).gap is None
    assert mentions.fetch(page.cursor, 50).gap is None


def test_a_list_that_does_not_lead_back_leaves_a_gap(double, mentions):
    double.get(NOTIFICATIONS, paged(notes(1, 1)))
    cursor = mentions.fetch("", 50).cursor
    newest = sorted(notes(100, 99 + PAGE), key=lambda note: -int(note["id"]))
    double.get(NOTIFICATIONS, md.answer(newest))
    page = mentions.fetch(cursor, 50)
    assert (heard(page)[0], page.gap) == ("100", (MIDNIGHT + 60_000, MIDNIGHT + 100 * 60_000))


@pytest.mark.usefixtures("short_walk")
def test_a_gap_of_a_cursor_that_knows_no_time_ends_where_it_is_seen(double, mentions):
    double.get(NOTIFICATIONS, paged(notes(1, MANY + 6), near=False))
    page = mentions.fetch('{"stands": {"mentions": "1001"}}', 50)
    assert page.gap == (MIDNIGHT + 7 * 60_000, MIDNIGHT + 7 * 60_000)


HOSTILE = {
    "too large": md.answer(b'["' + b"a" * 5_000_000 + b'"]'),
    "too deep": md.answer(b"[" * 100_000),
}


def spoiled(entries, hostile, *, near=True, alone=False):
    """A feed that cannot be taken in pages of several posts if 105 is among them; nor ``alone``."""
    give = paged(entries, near=near)

    def answer(handler):
        query = handler.server.double.seen[-1].query
        low, high = (int(query.get(name, [edge])[0]) for name, edge in (("min_id", "0"), ("max_id", "9999999")))
        if alone:
            fitting = [each for each in entries if low < int(each["id"]) < high]
            limit = int(query["limit"][0])
            served = fitting[:limit] if near and "min_id" in query else fitting[-limit:]
            (hostile if any(each["id"] == "1105" for each in served) else give)(handler)
            return
        (hostile if low < 1105 < high and query["limit"] != ["1"] else give)(handler)

    return answer


@pytest.mark.parametrize("near", [True, False], ids=["next page", "newest page"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_page_that_one_hostile_post_spoils_does_not_make_us_deaf(double, mentions, hostile, near):
    double.get(NOTIFICATIONS, paged(notes(100, 100), near=near))
    cursor = mentions.fetch("", 20).cursor
    double.get(NOTIFICATIONS, spoiled(notes(100, 112), HOSTILE[hostile], near=near))
    numbers, more = [], True
    while more:
        page = mentions.fetch(cursor, 20)
        numbers += heard(page)
        cursor, more = page.cursor, page.more
        assert page.gap is None
    assert numbers == [str(number) for number in range(101, 113)]


@pytest.mark.parametrize("near", [True, False], ids=["next page", "newest page"])
@pytest.mark.parametrize("begin", ["a stand", "a date"])
def test_a_post_that_cannot_even_be_taken_alone_is_a_gap_and_the_newer_ones_are_heard(double, mentions, begin, near):
    double.get(NOTIFICATIONS, paged(notes(100, 100), near=near))
    cursor = mentions.fetch("", 20).cursor if begin == "a stand" else mentions.since(MIDNIGHT + 100 * 60_000)
    double.get(NOTIFICATIONS, spoiled(notes(100, 112), HOSTILE["too large"], near=near, alone=True))
    numbers, gaps, more = [], [], True
    while more:
        page = mentions.fetch(cursor, 20)
        numbers += heard(page)
        gaps += [page.gap] if page.gap else []
        cursor, more = page.cursor, page.more
    assert numbers[-7:] == [str(number) for number in range(106, 113)]
    last = int(numbers[-8]) if len(numbers) > 7 else 100
    assert gaps == [(MIDNIGHT + last * 60_000, MIDNIGHT + 106 * 60_000)]
    double.get(NOTIFICATIONS, spoiled(notes(100, 113), HOSTILE["too large"], near=near, alone=True))
    page = mentions.fetch(cursor, 20)
    assert (heard(page), page.gap) == (["113"], None)


def test_a_list_whose_newest_post_cannot_be_taken_does_not_hold_up_the_others(double, client):
    connector = MastodonConnector("our account", client, "fjordfon_hilft", hashtags=["fjordfon"])
    double.get(NOTIFICATIONS, HOSTILE["too large"])
    double.get("/api/v1/timelines/tag/fjordfon", [md.status("7")])
    page = connector.fetch("", 20)
    assert (heard(page), page.dropped) == (["7"], {"feed not answered": 1})
    double.get("/api/v1/timelines/tag/fjordfon", HOSTILE["too deep"])
    with pytest.raises(Transient):
        connector.fetch("", 20)


def test_a_first_look_at_a_spoiled_page_brings_its_newest_post(double, mentions):
    double.get(NOTIFICATIONS, spoiled(notes(100, 112), HOSTILE["too large"]))
    assert heard(mentions.fetch("", 20)) == ["112"]


@pytest.mark.parametrize("cursor", ["nonsense", "[]", '{"stands": 5}', '{"turn": "x"}', "null", "{"])
def test_a_cursor_that_cannot_be_read_starts_anew(double, mentions, cursor):
    double.get(NOTIFICATIONS, [md.notification("9", md.status("8"))])
    assert heard(mentions.fetch(cursor, 20)) == ["8"]
    assert "min_id" not in double.seen[0].query


def test_a_hashtag_with_an_umlaut_is_read(double, client):
    double.get("/api/v1/timelines/tag/Glasfaserst%C3%B6rung", [md.status("8")])
    connector = MastodonConnector("tags", client, "a", hashtags=["Glasfaserstörung"], mentions=False)
    assert heard(connector.fetch("", 5)) == ["8"]


def test_what_is_public_on_the_server_is_read_where_it_is_asked_for(double, client):
    double.get("/api/v1/timelines/public", [md.status("8")])
    connector = MastodonConnector("public", client, "a", mentions=False, public=True)
    assert heard(connector.fetch("", 5)) == ["8"]
    assert double.seen[0].query == {"limit": ["5"], "local": ["true"]}


def test_reading_asks_for_nothing_but_the_feeds(double, client):
    double.get(NOTIFICATIONS, [])
    double.get(TAG, [])
    double.get(SEARCH, {"statuses": []})
    MastodonConnector("all", client, "a", hashtags=["fjordfon"], searches=["x"]).fetch("", 40)
    assert sorted(seen.path for seen in double.seen) == sorted([NOTIFICATIONS, TAG, SEARCH])
    assert double.refusals.seen == []


def test_a_source_without_any_feed_is_a_mistake(client):
    with pytest.raises(Permanent):
        MastodonConnector("nothing", client, "a", mentions=False)


@pytest.mark.parametrize(
    ("server", "origin", "surface"),
    [
        ("social.example", "https://social.example", "social.example"),
        ("https://social.example/", "https://social.example", "social.example"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001", "127.0.0.1:8001"),
    ],
)
def test_a_server_is_named_by_host_or_origin(double, server, origin, surface):
    client = Client(server, md.TOKEN, double.door)
    assert (client.origin, client.surface) == (origin, surface)
