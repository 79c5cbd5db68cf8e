"""Looking at a post on Reddit before a reply, and finding the reply after."""

from dataclasses import replace

import http_double as hd
import pytest
import reddit_double as rd
from reddit_double import NOW, US

from bot.errors import Permanent, RateLimited, Transient, Unauthorised, Uncertain
from bot.model import Consent, Visibility
from bot.text import post_hash

INFO, LOGIN, ME = "/api/info/", "/api/v1/access_token", "/api/v1/me"
LATEST = f"/user/{US}/comments/"
TEXT = "Danke, wir sehen nach. ^AB"


@pytest.fixture
def bench():
    bench = rd.Bench()
    with bench.double:
        yield bench
        assert bench.double.complaints == []


@pytest.fixture
def key(bench):
    return bench.say("mein Router blinkt rot")


@pytest.fixture
def target(bench, key):
    return bench.target(key)


@pytest.fixture
def consent(target):
    return Consent(target=target, text=TEXT, request_key="key-1", decision_seq=5, valid_until=NOW + 60_000)


def paths(bench):
    return [seen.path for seen in bench.double.seen]


# inspect ------------------------------------------------------------------------------------------


def test_inspect_tells_what_is_known_of_a_comment_now(bench):
    key = bench.say("u/fjordfon_hilft mein Router blinkt", edited=(NOW - 5000) / 1000)
    status = bench.publisher().inspect(bench.target(key))
    assert (status.checked_at, status.exists, status.http_status) == (NOW, True, 200)
    assert (status.visibility, status.edited_at) == (Visibility.PUBLIC, NOW - 5000)
    assert status.text == "u/fjordfon_hilft mein Router blinkt"
    assert status.text_hash == post_hash(status.text)
    assert (status.author_is_bot, status.author_blocks_us) == (None, None)
    assert (status.author_active, status.author_opted_out) == (True, False)
    assert (status.replies_open, status.summoned) == (True, True)


def test_inspect_looks_at_a_post_without_a_thread_above_it(bench):
    status = bench.publisher().inspect(bench.target(bench.ask("Fjordfon lahmt", "seit Montag")))
    assert (status.text, status.replies_open, status.summoned) == ("Fjordfon lahmt\n\nseit Montag", True, None)
    assert paths(bench) == [LOGIN, INFO, ME, "/user/kundin/about/"]


@pytest.mark.parametrize("mark", ["locked", "archived"])
def test_a_closed_thread_closes_every_comment_in_it(bench, target, mark):
    bench.double.things[bench.home][mark] = True
    assert bench.publisher().inspect(target).replies_open is False


@pytest.mark.parametrize("mark", [{"body": "[removed]"}, {"banned_by": True}, {"author": "[deleted]"}])
def test_a_comment_that_was_removed_is_gone(bench, target, mark):
    bench.double.things[target.native_id] |= mark
    status = bench.publisher().inspect(target)
    assert (status.exists, status.http_status, status.text) == (False, 404, "")


def test_a_comment_that_reddit_does_not_know_is_gone(bench, target):
    del bench.double.things[target.native_id]
    assert bench.publisher().inspect(target).exists is False


@pytest.mark.parametrize(("status", "known"), [(403, (None, 403)), (404, (False, 404))])
def test_a_look_that_is_refused_is_a_status(bench, target, status, known):
    bench.double.get(INFO, hd.answer({}, status))
    found = bench.publisher().inspect(target)
    assert (found.exists, found.http_status) == known


@pytest.mark.parametrize("mark", [{"quarantine": True}, {"subreddit_type": "private"}, {"quarantine": None}])
def test_nothing_is_computed_from_words_that_are_no_longer_public(bench, target, mark):
    bench.double.things[bench.home] |= mark
    status = bench.publisher().inspect(target)
    assert (status.text, status.text_hash) == ("", "")
    assert status.visibility is not Visibility.PUBLIC
    assert "/user/kundin/about/" not in paths(bench)


@pytest.mark.parametrize(
    ("account", "known"),
    [
        (rd.account("kundin"), (True, False)),
        (rd.account("kundin", "#nobots"), (True, True)),
        (rd.account("kundin", is_suspended=True), (False, False)),
        ({"name": "kundin", "is_suspended": True}, (False, None)),
        ({}, (None, None)),
    ],
)
def test_what_an_account_says_of_itself(bench, target, account, known):
    bench.double.accounts["kundin"] = account
    status = bench.publisher().inspect(target)
    assert (status.author_active, status.author_opted_out) == known


@pytest.mark.parametrize(
    ("account", "known"),
    [
        (rd.account("kundin", "Parodie. Hat mit Fjordfon nichts zu tun."), True),
        (rd.account("kundin", "Mag Router"), False),
        ({"name": "kundin", "subreddit": {"title": "Fjordfon (inoffiziell)"}}, True),
        ({"name": "kundin", "subreddit": {"public_description": None, "title": None}}, None),
        ({"name": "kundin"}, None),
        ({}, None),
    ],
)
def test_a_profile_that_calls_itself_parody_is_told_as_yes_no_or_unknown_and_its_words_are_not_kept(
    bench, target, account, known
):
    bench.double.accounts["kundin"] = account
    status = bench.publisher().inspect(target)
    assert status.author_parody is known
    assert "Fjordfon" not in repr(status)


@pytest.mark.parametrize("code", [403, 404])
def test_a_profile_that_cannot_be_read_leaves_the_question_of_parody_open(bench, target, code):
    bench.double.get("/user/kundin/about/", hd.answer({}, code))
    assert bench.publisher().inspect(target).author_parody is None


@pytest.mark.parametrize(("status", "active"), [(404, False), (403, None)])
def test_an_author_whose_page_is_gone_is_not_active(bench, target, status, active):
    bench.double.get("/user/kundin/about/", hd.answer({}, status))
    assert bench.publisher().inspect(target).author_active is active


def test_a_name_that_is_a_path_is_not_looked_up(bench, target):
    bench.double.things[target.native_id]["author"] = "../../message/inbox"
    status = bench.publisher().inspect(target)
    assert (status.author_active, status.author_opted_out) == (None, None)
    assert bench.double.refusals.seen == []


def test_a_token_of_another_account_is_refused_before_anything_is_sent(bench, target):
    bench.double.me = "jemand_anders"
    with pytest.raises(Unauthorised, match="another account"):
        bench.publisher().inspect(target)


def test_whose_token_it_is_is_asked_once(bench, target):
    publisher = bench.publisher()
    publisher.inspect(target)
    publisher.inspect(target)
    assert paths(bench).count(ME) == 1


@pytest.mark.parametrize(
    ("path", "given", "kind"),
    [
        (INFO, hd.answer({}, 500), Transient),
        (INFO, hd.answer([]), Transient),
        (INFO, hd.answer({}, 401), Unauthorised),
        (INFO, hd.answer({}, 429), RateLimited),
        (ME, hd.answer({}), Transient),
        (ME, hd.answer({}, 500), Transient),
        ("/user/kundin/about/", hd.answer({}, 500), Transient),
        ("/user/kundin/about/", hd.answer({}, 401), Unauthorised),
    ],
)
def test_a_reddit_that_does_not_answer_is_an_error_and_no_status(bench, target, path, given, kind):
    bench.double.get(path, given)
    with pytest.raises(kind):
        bench.publisher().inspect(target)


def test_a_comment_of_an_unexpected_form_is_no_status(bench, target):
    bench.double.things[target.native_id]["created_utc"] = "gestern"
    bench.double.get(INFO, {"kind": "Listing", "data": {"children": [{"data": bench.double.things[target.native_id]}]}})
    with pytest.raises(Transient):
        bench.publisher().inspect(target)


@pytest.mark.parametrize("native_id", ["t4_x", "t1_a,t4_b", "../x", ""])
def test_only_comments_and_posts_are_looked_at(bench, target, native_id):
    with pytest.raises(Permanent):
        bench.publisher().inspect(replace(target, native_id=native_id))
    assert bench.double.seen == []


# find ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["comment", "post"])
def test_after_a_lost_answer_the_reply_is_found_in_the_thread(bench, consent, kind):
    target = bench.target(bench.ask("Fjordfon lahmt")) if kind == "post" else consent.target
    bench.lose_answer()
    with pytest.raises(Uncertain):
        bench.publisher().publish(replace(consent, target=target))
    found = bench.publisher().find(target, TEXT, NOW)
    assert (found.text_read_back, len(bench.writes()), LATEST in paths(bench)) == (TEXT, 1, False)


@pytest.mark.parametrize("hidden", ["thread", "post", "target"])
def test_a_reply_that_the_thread_does_not_show_is_found_among_our_own(bench, consent, hidden):
    receipt = bench.publisher().publish(consent)
    link = bench.home.removeprefix("t3_")
    if hidden == "thread":
        bench.double.get(f"/comments/{link}", [])
    elif hidden == "post":
        bench.double.get(f"/comments/{link}", hd.answer({}, 404))
    else:
        del bench.double.things[consent.target.native_id]
    assert bench.publisher().find(consent.target, TEXT, NOW) == receipt


@pytest.mark.parametrize(
    "other",
    [
        {"author": "jemand"},
        {"parent_id": "t1_anders"},
        {"created_utc": (NOW - 3_600_000) / 1000},
        {"body": "[removed]"},
        {"name": None},
        {"permalink": None},
    ],
)
def test_nothing_else_is_mistaken_for_our_reply(bench, target, other):
    ours = {"author": US, "author_fullname": "t2_us", "parent_id": target.native_id, "created_utc": NOW / 1000}
    thing = {**rd.comment(), **ours, **other}
    listing = {"kind": "Listing", "data": {"children": [{"kind": "t1", "data": thing}]}}
    bench.double.get(f"/comments/{bench.home[3:]}", [listing, listing])
    bench.double.get(LATEST, listing)
    assert bench.publisher().find(target, TEXT, NOW) is None


def test_of_two_replies_of_ours_the_newest_is_the_one(bench, target, consent):
    first = bench.publisher().publish(consent)
    bench.double.things[first.native_id]["created_utc"] -= 30
    second = bench.publisher().publish(replace(consent, text="Läuft wieder"))
    assert bench.publisher().find(target, "Läuft wieder", NOW - 40_000) == second


def test_where_reddit_shows_neither_thread_nor_list_there_is_nothing(bench, target):
    bench.double.get(LATEST, hd.answer({}, 404))
    assert bench.publisher().find(target, TEXT, NOW) is None


@pytest.mark.parametrize("given", [hd.answer({}, 500), hd.answer({}), hd.answer([[1]]), hd.answer([{"x": 1}])])
def test_a_thread_that_is_not_answered_is_no_absence(bench, target, given):
    bench.double.get(f"/comments/{bench.home[3:]}", given)
    bench.double.get(LATEST, hd.answer({}, 500))
    with pytest.raises(Transient):
        bench.publisher().find(target, TEXT, NOW)
