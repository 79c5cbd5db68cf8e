"""What may leave for Reddit, what a failing Reddit becomes, and an SDK that neither waits nor repeats."""

import json

import http_double as hd
import pytest
import reddit_double as rd
from praw.config import Config
from pydantic import ValidationError
from reddit_double import HOME

from bot.connectors import reddit
from bot.connectors.reddit_client import Source
from bot.egress.door import Door
from bot.egress.reddit import REDDIT
from bot.errors import EgressRefused, Permanent, RateLimited, Transient, Unauthorised, Uncertain

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


# errors -------------------------------------------------------------------------------------------


def test_access_that_ended_early_is_renewed_for_a_read(quiet):
    quiet.say("hallo", boxes=("mentions",))
    connector = quiet.connector()
    connector.fetch("", 20)
    quiet.double.access = "another token"
    assert len(connector.fetch("", 20).mentions) == 1
    assert paths(quiet).count(LOGIN) == 2


def test_a_token_that_is_refused_again_and_again_is_not_asked_for_a_third_time(quiet):
    quiet.double.get(MENTIONS, hd.answer({}, 401))
    with pytest.raises(Unauthorised):
        quiet.connector().fetch("", 20)
    assert paths(quiet) == [LOGIN, MENTIONS, LOGIN, MENTIONS]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (hd.answer({"error": "invalid_grant"}, 400), Unauthorised),
        (hd.answer({"message": "Unauthorized"}, 401), Unauthorised),
        (hd.answer({"error": "invalid_grant", "error_description": "canary"}), Unauthorised),
        (hd.answer({}), Transient),
        (hd.answer([]), Transient),
        (hd.answer({"access_token": "x", "expires_in": "soon", "scope": ""}), Transient),
        (hd.answer({}, 500), Transient),
        (hd.answer({}, 429, {"Retry-After": "9"}), RateLimited),
        (hd.reset, Transient),
    ],
)
def test_a_login_that_fails_is_told_in_plain_words_and_is_never_uncertain(quiet, given, kind):
    quiet.double.post(LOGIN, given)
    with pytest.raises(kind) as caught:
        quiet.connector().fetch("", 20)
    assert not isinstance(caught.value, Uncertain)
    assert len(quiet.double.seen) == 1
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 408])
def test_the_sdk_repeats_nothing_and_does_not_wait(quiet, status, nobody_sleeps):
    quiet.double.get(MENTIONS, hd.answer({}, status))
    with pytest.raises(Transient):
        quiet.connector().fetch("", 20)
    assert paths(quiet) == [LOGIN, MENTIONS]


@pytest.mark.parametrize(
    ("given", "count"), [(hd.answer({}, 403), 1), (hd.answer({}, 500), 1), (hd.answer([]), 1), (hd.answer({}, 429), 1)]
)
def test_a_search_that_fails_does_not_hold_up_the_others(bench, given, count):
    key = bench.say("hallo")
    bench.double.get("/search", given)
    page = bench.connector().fetch("", 20)
    assert (heard(page), page.dropped) == ([key], {"feed not answered": count})
    del bench.double.answers["GET", "/search"]
    late = bench.ask("Fjordfon lahmt")
    assert heard(bench.connector().fetch(page.cursor, 20)) == [late]


def test_an_inbox_that_fails_fails_the_fetch(bench):
    bench.double.get(MENTIONS, hd.answer({"message": "Forbidden"}, 403))
    with pytest.raises(Permanent):
        bench.connector().fetch("", 20)


def test_where_no_list_answers_the_fetch_has_failed():
    bench = made(mentions=False, replies=False)
    with bench.double:
        bench.double.get("/search", hd.answer({}, 500))
        bench.double.get(f"/r/{HOME}/comments/", hd.answer({}, 500))
        with pytest.raises(Transient):
            bench.connector().fetch("", 20)


def test_a_look_behind_the_lists_that_fails_moves_no_cursor(quiet):
    key = quiet.say("hallo", boxes=("mentions",))
    quiet.double.get("/api/info/", hd.answer({}, 500))
    with pytest.raises(Transient):
        quiet.connector().fetch("", 20)
    del quiet.double.answers["GET", "/api/info/"]
    assert heard(quiet.connector().fetch("", 20)) == [key]


@pytest.mark.parametrize("slowness", [hd.silence, hd.drip, hd.drip_headers])
def test_a_server_that_holds_the_line_is_given_up(quiet, slowness):
    quiet.deadline_s = 1.0
    quiet.double.get(MENTIONS, slowness)
    with pytest.raises(Transient, match="in time"):
        quiet.connector().fetch("", 20)


# the door, the SDK and the configuration ----------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/message/unread/",
        "/message/inbox/",
        "/message/messages/",
        "/message/sent/",
        "/message/messages/abc/",
        "/api/mod/conversations",
        "/user/kundin/upvoted/",
        "/r/fjordfon/about/modqueue/",
        "/subreddits/mine/subscriber",
        "/live/x",
    ],
)
def test_no_other_list_can_be_read_through_the_sdk(quiet, path):
    with pytest.raises(EgressRefused):
        quiet.client().get(path, {})
    assert paths(quiet) == [LOGIN]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("api/compose/", {"to": "kundin", "subject": "x", "text": "x"}),
        ("api/comment/", {"thing_id": "t4_x", "text": "x"}),
        ("api/comment/", {"text": "x"}),
        ("api/comment/", {"thing_id": "t1_x", "text": "x", "to": "kundin"}),
        ("api/read_message/", {"id": "t4_x"}),
        ("api/vote/", {"id": "t1_x", "dir": "1"}),
        ("api/subscribe", {"sr": "t5_x", "action": "sub"}),
        ("api/submit/", {"kind": "self", "title": "x"}),
        ("api/editusertext", {"thing_id": "t1_x", "text": "x"}),
        ("api/del/", {"id": "t3_x"}),
        ("api/v1/modactions/removal_comment_message", {"text": "x"}),
    ],
)
def test_nothing_else_can_be_done_through_the_sdk(quiet, path, form):
    with pytest.raises(EgressRefused):
        quiet.client().post(path, form, creates=True)
    assert paths(quiet) == [LOGIN]


def test_a_stray_praw_file_and_the_environment_change_nothing(quiet, tmp_path, monkeypatch):
    (tmp_path / "praw.ini").write_text(
        "[DEFAULT]\nclient_id=canary\nuser_agent=canary agent\npassword=canary\nusername=canary\n"
        "comment_kind=t4\nratelimit_seconds=600\ncheck_for_updates=True\n[other]\nclient_id=canary\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Config, "CONFIG", None)
    for name in ("site", "client_id", "password", "username", "user_agent", "redirect_uri"):
        monkeypatch.setenv(f"praw_{name}", "other")
    quiet.connector().fetch("", 20)
    monkeypatch.setattr(Config, "CONFIG", None)
    assert paths(quiet) == [LOGIN, MENTIONS]
    assert "canary" not in repr(quiet.double.seen[1].headers).replace(hd.TOKEN, "")


def test_the_sdk_keeps_no_session_of_its_own(quiet):
    client = quiet.client()
    assert isinstance(client._sdk._core.requestor._http, Door)
    assert client._sdk.config.ratelimit_seconds == 0
    assert client._sdk.config.check_for_updates is False


def test_wiring_makes_both_ends_from_a_source(bench):
    key = bench.say("hallo")
    assert heard(reddit.connector(bench.source, bench.tools()).fetch("", 20)) == [key]
    assert {bucket for bucket, _ in bench.budget.spent} == {f"reddit:127.0.0.1:{rd.US}"}


def source(**options):
    tokens = dict.fromkeys(("client_id", "client_secret", "refresh_token"), "EARSHOT_X")
    return Source(**{"kind": "reddit", "name": "reddit", "account": rd.US, **tokens, **options})


def test_a_source_speaks_to_reddit_under_our_name_by_default():
    made_up = source()
    assert (made_up.reddit_url, made_up.oauth_url) == ("https://www.reddit.com", "https://oauth.reddit.com")
    assert (made_up.mentions, made_up.replies, made_up.profiles, made_up.approval) == (True, True, False, "")


@pytest.mark.parametrize(
    "options",
    [
        {"account": "u/fjordfon"},
        {"account": "zwei worte"},
        {"subreddits": ["r/de"]},
        {"comments_of": ["../message/unread"]},
        {"user_agent": "kurz"},
        {"user_agent": "zwei\nZeilen im Namen"},
        {"client_secret": "the secret itself"},
        {"oauth_url": "http://evil.example"},
        {"reddit_url": "https://www.reddit.com/r/x"},
        {"kids": 1},
    ],
)
def test_a_source_that_cannot_work_is_told_early(options):
    with pytest.raises(ValidationError):
        source(**options)


@pytest.mark.parametrize(
    "options",
    [{"mentions": False, "replies": False, "searches": (), "comments_of": ()}, {"searches": (), "subreddits": ("de",)}],
)
def test_a_source_that_reads_nothing_is_a_mistake(options):
    bench = made(**options)
    with bench.double, pytest.raises(Permanent):
        bench.connector()


def test_the_rules_let_only_one_request_create_anything():
    assert [rule.path for rule in REDDIT if rule.writing] == ["/api/comment/"]


def test_a_cursor_holds_ids_and_dates_and_nothing_else(bench):
    bench.say("Wort-im-Text")
    bench.ask("Fjordfon Wort-im-Titel")
    cursor = bench.connector().fetch("", 20).cursor
    assert "Wort" not in cursor
    assert set(json.loads(cursor)["stands"]) == {
        "mentions",
        "comment replies",
        "post replies",
        "search::Fjordfon",
        f"comments:{HOME}",
    }
