"""What does not leave. Every test ends by showing that the server saw nothing, and that a refusal was recorded."""

import mastodon_double as md
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from bot.egress import MASTODON, MASTODON_SCOPES, DoorAdapter, Rule
from bot.egress.mastodon import MASTODON_CONNECT
from bot.egress.rules import Malformed, judge, read_call
from bot.errors import EgressRefused

POST_STATUS = "/api/v1/statuses"
REPLY = {"status": "Hallo", "in_reply_to_id": "100", "visibility": "public"}


def refused(double, method, path, **request):
    """Send and expect the door to refuse; returns (endpoint, reason) as recorded."""
    with double.door() as door, pytest.raises(EgressRefused):
        door.request(method, double.url + path, **request)
    assert double.seen == []
    assert len(double.refusals.seen) == 1
    platform, endpoint, reason = double.refusals.seen[0]
    assert platform == "mastodon"
    return endpoint, reason


def refused_raw(double, method, target, body=None, headers=None):
    """The same for a target that requests itself would tidy up."""
    prepared = requests.Request(method, double.url, data=body, headers=headers).prepare()
    prepared.url = double.url + target
    with double.door() as door, pytest.raises(EgressRefused):
        door.send(prepared)
    assert double.seen == []
    assert len(double.refusals.seen) == 1
    return double.refusals.seen[0][1:]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"visibility": "direct"}, "visibility is not public"),
        ({"visibility": "private"}, "visibility is not public"),
        ({"visibility": "PUBLIC"}, "visibility is not public"),
        ({"visibility": " public"}, "visibility is not public"),
        ({"visibility": ""}, "visibility is not public"),
        ({"visibility": None}, "visibility is not public"),
        ({"visibility": ["public", "direct"]}, "visibility is not public"),
        ({"visibility[]": "direct"}, "unexpected field in the body"),
        ({"in_reply_to_id": None}, "missing field"),
        ({"in_reply_to_id": ""}, "missing field"),
        ({"in_reply_to_id": ["100", "200"]}, "field given twice"),
        ({"status": None}, "missing field"),
        ({"scheduled_at": "2026-11-03T10:00:00Z"}, "private field"),
        ({"media_ids[]": "5"}, "unexpected field in the body"),
        ({"spoiler_text": "x"}, "unexpected field in the body"),
        ({"quoted_status_id": "5"}, "unexpected field in the body"),
    ],
)
def test_a_post_leaves_only_as_a_public_reply(double, change, reason):
    assert refused(double, "POST", POST_STATUS, data={**REPLY, **change}) == ("POST /api/v1/statuses", reason)


def test_unlisted_replies_may_leave(double):
    double.post(POST_STATUS, md.status(visibility="unlisted"))
    with double.door() as door:
        door.post(double.url + POST_STATUS, data={**REPLY, "visibility": "unlisted"})
    assert len(double.writes()) == 1


def test_the_visibility_cannot_hide_in_the_query(double):
    refused(double, "POST", POST_STATUS + "?visibility=direct", data=REPLY)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({**REPLY, "visibility": "direct"}, "visibility is not public"),
        ({**REPLY, "to": "kundin"}, "private field"),
        ({**REPLY, "poll": {"options": [{"recipient_id": "1"}]}}, "private field"),
        ({**REPLY, "poll": {"options": ["a", "b"]}}, "unexpected field in the body"),
        ({"status": "Hallo", "visibility": "public"}, "missing field"),
        ([REPLY], "body is not an object"),
        ({"status": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}}, "body is nested too deep"),
        ({"status": [1] * 401}, "body has too many fields"),
        ({"sta tus": "x"}, "unusual name in the body"),
    ],
)
def test_a_json_body_is_judged_field_by_field_like_a_form(double, body, reason):
    assert refused(double, "POST", POST_STATUS, json=body)[1] == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"status": "a", "status": "b"}', "field given twice"),
        ("{", "body is not readable JSON"),
        ("[" * 5000, "body is not readable JSON"),
    ],
)
def test_json_that_two_readers_may_read_differently_stays_here(double, body, reason):
    sent = {"data": body, "headers": {"Content-Type": "application/json"}}
    assert refused(double, "POST", POST_STATUS, **sent)[1] == reason


def test_a_multipart_body_stays_here(double):
    assert refused(double, "POST", POST_STATUS, files={"status": "Hallo"})[1] == "body is neither a form nor JSON"


def test_an_edit_stays_here_even_of_a_public_post(double):
    endpoint, reason = refused(double, "PUT", POST_STATUS + "/100", data=REPLY)
    assert (endpoint, reason) == ("(unreadable)", "body where none belongs")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/conversations"),
        ("POST", "/api/v1/conversations/5/read"),
        ("GET", "/api/v1/timelines/direct"),
        ("GET", "/api/v1/timelines/home"),
        ("GET", "/api/v1/timelines/list/5"),
        ("GET", "/api/v1/streaming/direct"),
        ("GET", "/api/v1/streaming?stream=direct"),
        ("GET", "/api/v1/notifications?types[]=mention&types[]=follow"),
        ("GET", "/api/v1/notifications"),
        ("POST", "/api/v1/notifications/clear"),
        ("POST", "/api/v1/accounts/20/follow"),
        ("POST", "/api/v1/accounts/20/block"),
        ("POST", "/api/v1/accounts/20/mute"),
        ("GET", "/api/v1/accounts/20/followers"),
        ("POST", "/api/v1/statuses/100/favourite"),
        ("POST", "/api/v1/statuses/100/reblog"),
        ("POST", "/api/v1/statuses/100/bookmark"),
        ("POST", "/api/v1/polls/5/votes"),
        ("POST", "/api/v1/reports"),
        ("POST", "/api/v1/media"),
        ("POST", "/api/v1/emails/confirmations"),
        ("GET", "/api/v1/scheduled_statuses"),
        ("GET", "/api/v2/search?q=x&type=accounts"),
        ("GET", "/api/v2/search?q=x&type=statuses&resolve=1"),
        ("DELETE", "/api/v1/accounts/20"),
        ("DELETE", "/api/v1/statuses/100?delete_media=1"),
        ("PATCH", "/api/v1/accounts/update_credentials"),
        ("GET", "/"),
        ("GET", "/oauth/authorize"),
        ("POST", "/oauth/token"),
        ("POST", "/api/v1/apps"),
    ],
)
def test_nothing_but_the_listed_endpoints_is_reached(double, method, path):
    refused(double, method, path)


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1//statuses/100",
        "//api/v1/statuses/100",
        "/api/v1/statuses/../conversations",
        "/api/v1/statuses/./100",
        "/api/v1/statuses/100/..",
        "/api/v1/statuses/%31%30%30",
        "/api/v1/statuses/100%2fcontext",
        "/api/v1/%63onversations",
        "/api/v1/%2563onversations",
        "/api/v1/statuses/100/",
        "/API/v1/statuses/100",
        "/api/V1/statuses/100",
        "/api/v1/STATUSES/100",
        "/api/v1/statuses/100;x=1",
        "/api/v1/statuses/100\\..\\conversations",
        "/api/v1/statuses/100\r\nX-Evil: 1",
        "/api/v1/statuses/100 HTTP/1.1",
        "/api/v1/statuses/ä",
        "/api/v1/statuses/100.json",
        "/api/v1/statuses/100#x",
        "/api/v1/timelines/tag/a%2f..%2fhome",
        "/api/v1/timelines/tag/a%00",
        "/api/v1/timelines/tag/a%ff",
        "/api/v1/timelines/tag/%252e%252e",
        "/api/v1/timelines/tag/a/b",
        "/api/v1/timelines/tag/a?limit=5&limit=6",
        "/api/v1/timelines/tag/a?limit=5;stream=direct",
        "/api/v1/timelines/tag/a?limit",
        "/api/v1/timelines/tag/a?_method=post",
    ],
)
def test_no_trick_in_the_spelling_of_a_path_leaves(double, target):
    refused_raw(double, "GET", target)


@pytest.mark.parametrize("name", ["_method", "_method[]"])
def test_a_method_override_in_the_form_is_refused(double, name):
    assert refused(double, "POST", POST_STATUS, data={**REPLY, name: "delete"})[1] == "method override"


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x-http-method", "X-METHOD-OVERRIDE"])
def test_a_method_override_in_a_header_is_refused(double, name):
    assert refused(double, "GET", "/api/v1/statuses/100", headers={name: "DELETE"})[1] == "method override"


@pytest.mark.parametrize("name", ["Host", "Transfer-Encoding", "Cookie"])
def test_headers_that_lead_elsewhere_are_refused(double, name):
    assert refused(double, "GET", "/api/v1/statuses/100", headers={name: "x"})[1] == "forbidden header"


@pytest.mark.parametrize(
    "other",
    [
        "https://127.0.0.1:{port}/api/v1/statuses/100",
        "http://localhost:{port}/api/v1/statuses/100",
        "http://127.0.0.1:1/api/v1/statuses/100",
        "http://canary:canary@127.0.0.1:{port}/api/v1/statuses/100",
        "http://127.0.0.1:{port}@evil.example/api/v1/statuses/100",
        "http://127.0.0.1.evil.example/api/v1/statuses/100",
    ],
)
def test_only_the_configured_origin_is_reached(double, other):
    port = double.url.rpartition(":")[2]
    with double.door() as door, pytest.raises(EgressRefused) as caught:
        door.get(other.format(port=port))
    assert double.seen == []
    assert len(double.refusals.seen) == 1
    assert "canary" not in str(caught.value) + str(double.refusals.seen)


def test_a_refusal_is_recorded_before_it_is_raised(double):
    class Broken:
        def refused(self, platform, endpoint, reason):
            raise RuntimeError(f"{platform} {endpoint} {reason}")

    adapter = DoorAdapter("mastodon", [double.url], MASTODON, Broken())
    prepared = requests.Request("GET", double.url + "/api/v1/conversations").prepare()
    with pytest.raises(RuntimeError, match="mastodon GET /api/v1/conversations private or personal act"):
        adapter.send(prepared)
    assert double.seen == []


def test_a_recorded_endpoint_holds_no_id_no_query_and_no_word(double):
    endpoint, _ = refused(double, "GET", "/api/v1/accounts/kundin/lists/geheim?q=canary")
    assert endpoint == "GET /api/v1/accounts/:other/:other/:other"


def test_the_adapter_guards_a_session_that_is_not_ours(double):
    with requests.Session() as session:
        session.trust_env = False
        session.mount(double.url, DoorAdapter("mastodon", [double.url], MASTODON, double.refusals))
        with pytest.raises(EgressRefused):
            session.get(double.url + "/api/v1/conversations")
    assert double.seen == []


@pytest.mark.parametrize("tag", ["fjordfon", "Glasfaserstörung", "chat", "dm", "follow", "日本"])
def test_every_real_hashtag_can_be_read_even_one_that_is_a_private_word(double, tag):
    double.answers["GET", requests.utils.requote_uri(f"/api/v1/timelines/tag/{tag}")] = []
    with double.door() as door:
        assert door.get(f"{double.url}/api/v1/timelines/tag/{tag}").json() == []


def test_connecting_needs_its_own_rules_and_only_our_scopes(double):
    double.post("/api/v1/apps", {"client_id": "a", "client_secret": "b"})
    form = {"client_name": "Earshot", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": " ".join(MASTODON_SCOPES)}
    with double.door(rules=MASTODON_CONNECT) as door:
        assert door.post(double.url + "/api/v1/apps", data=form).json()["client_id"] == "a"
        with pytest.raises(EgressRefused):
            door.post(double.url + "/api/v1/apps", data={**form, "scopes": "read write follow"})
        with pytest.raises(EgressRefused):
            door.post(double.url + "/oauth/token", data={"grant_type": "password", "username": "a", "password": "b"})
        with pytest.raises(EgressRefused):
            door.post(double.url + POST_STATUS, data=REPLY)
    assert len(double.seen) == 1


@given(st.text(max_size=60), st.sampled_from(["GET", "POST", "DELETE", "PUT"]))
def test_whatever_path_is_allowed_is_one_of_the_listed_forms_letter_by_letter(path, method):
    try:
        call = read_call(method, "https://social.example" + path, None, {})
    except Malformed:
        return
    if judge(call, MASTODON) == "":
        assert any(rule.method == method and len(rule.path.split("/")) == len(path.split("/")) for rule in MASTODON)
        assert call.path == path.partition("?")[0]
        assert ".." not in path


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=20), max_size=6))
def test_no_form_of_random_fields_passes_as_a_reply_unless_it_is_public(form):
    body = requests.Request("POST", "https://social.example/", data={**form, **REPLY, **form}).prepare().body
    url = "https://social.example" + POST_STATUS
    try:
        call = read_call("POST", url, body, {"Content-Type": "application/x-www-form-urlencoded"})
    except Malformed:
        return
    if judge(call, MASTODON) == "":
        assert call.body["visibility"][0] in {"public", "unlisted"}
        assert set(call.body) <= {"status", "in_reply_to_id", "visibility", "sensitive", "language"}


def test_a_rule_for_one_method_says_nothing_about_another():
    rule = Rule("GET", "/api/v1/statuses/:id")
    call = read_call("DELETE", "https://social.example/api/v1/statuses/1", None, {})
    assert judge(call, [rule]) == "not on the allow-list"
