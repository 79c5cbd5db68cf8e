"""The second layer alone: private acts of any platform, without any allow-list in sight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.egress import MASTODON
from bot.egress.private import PRIVATE_WORDS, private_reason
from bot.egress.rules import Call, Origin

ORIGIN = Origin("https", "social.example", 443)


def call(method, path, query=None, body=None, headers=None):
    return Call(method, ORIGIN, path, path, query or {}, body or {}, headers or {})


PEOPLE = pytest.mark.parametrize(
    "path", ["/user/{}/about/", "/user/{}/comments/", "/u/{}.json", "/posts/{}/pending.json", "/r/{}/search/"]
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/conversations"),
        ("DELETE", "/api/v2/conversations/5"),
        ("GET", "/api/v1/timelines/direct"),
        ("GET", "/api/v1/timelines/home"),
        ("GET", "/api/v1/timelines/publicx"),
        ("GET", "/api/v1/streaming/user"),
        ("GET", "/api/v1/streaming"),
        ("GET", "/api/v1/streaming/direct"),
        ("GET", "/api/v1/streaming/list"),
        ("GET", "/api/v1/streaming/public"),
        ("GET", "/api/v1/streaming/hashtag"),
        ("GET", "/api/v1/streaming/user/notification/"),
        ("GET", "/api/v1/streaming/user/notification/x"),
        ("GET", "/api/v1/streaming/user/%6eotification"),
        ("GET", "/api/v1/streaming/USER/notification"),
        ("GET", "/api/v2/streaming/user/notification"),
        ("POST", "/api/v1/streaming/user/notification"),
        ("POST", "/api/v1/accounts/20/follow"),
        ("POST", "/api/v1/statuses/100/favourite"),
        ("POST", "/api/v1/statuses/100/reblog"),
        ("POST", "/api/v1/emails/confirmations"),
        ("GET", "/api/v1/scheduled_statuses/5"),
        ("POST", "/2/dm_conversations/with/5/messages"),
        ("GET", "/2/dm_events"),
        ("POST", "/2/users/5/dm"),
        ("GET", "/2/chat/conversations"),
        ("POST", "/1.1/direct_messages/events/new.json"),
        ("POST", "/2/users/5/likes"),
        ("POST", "/api/compose"),
        ("POST", "/api/compose/"),
        ("POST", "/api/read_message"),
        ("GET", "/message/unread/"),
        ("GET", "/message/inbox"),
        ("GET", "/api/mod/conversations"),
        ("POST", "/api/v1/modactions/removal_link_message"),
        ("POST", "/xrpc/chat.bsky.convo.sendMessage"),
        ("POST", "/api/v3/private_message"),
        ("POST", "/chat/5"),
        ("GET", "/api/v1/%63onversations"),
        ("GET", "/api/v1/%252563onversations"),
        ("GET", "/api/v1/statuses/../conversations"),
        ("GET", "/api/v1//CONVERSATIONS/"),
        ("GET", "/api/v1\\conversations"),
        ("GET", "/api/v1/conversations;x"),
        ("GET", "/api/v1/timelines/tag/../direct"),
    ],
)
def test_a_private_or_personal_act_is_known_in_every_spelling(method, path):
    assert private_reason(call(method, path))


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({"stream": ("direct",)}, {}),
        ({}, {"thing_id": ("t4_abc",)}),
        ({}, {"thing_id": ("T4_abc",)}),
        ({}, {"direct_message_deep_link": ("x",)}),
        ({}, {"scheduled_at": ("x",)}),
        ({}, {"for_super_followers_only": ("true",)}),
        ({}, {"to": ("kundin",)}),
    ],
)
def test_a_private_field_is_known_wherever_it_stands(query, body):
    assert private_reason(call("POST", "/api/comment/", query, body))


def test_the_chat_proxy_of_bluesky_is_known_by_its_header():
    headers = {"atproto-proxy": "did:web:api.bsky.chat#bsky_chat"}
    assert private_reason(call("GET", "/xrpc/app.bsky.feed.getPosts", headers=headers)) == "private message"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("visibility", [(), ("direct",), ("private",), ("",), ("public", "direct"), ("Public",)])
def test_writing_a_status_needs_one_public_visibility(method, visibility):
    body = {"status": ("x",), **({"visibility": visibility} if visibility else {})}
    assert private_reason(call(method, "/api/v1/statuses", body=body)) == "visibility is not public"
    assert private_reason(call(method, "/api/v1/statuses/5", body=body)) == "visibility is not public"


@pytest.mark.parametrize("query", [{"stream": ("direct",)}, {"stream": ("user",)}, {"list": ("5",)}, {"x": ("",)}])
def test_the_one_stream_that_may_be_asked_for_takes_no_field_with_it(query):
    assert private_reason(call("GET", "/api/v1/streaming/user/notification", query))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/streaming/user/notification"),
        ("GET", "/message/mentions/"),
        ("GET", "/message/comments"),
        ("GET", "/message/selfreply/"),
        ("POST", "/api/comment/"),
    ],
)
def test_the_public_corners_of_a_private_neighbourhood_stay_open(method, path):
    assert private_reason(call(method, path)) == ""


@PEOPLE
@pytest.mark.parametrize("name", ["DM_ME_YOUR_CATS", "dm-fan", "Mail", "chat", "Follow", "Direct"])
def test_people_may_be_called_anything(path, name):
    assert private_reason(call("GET", path.format(name))) == ""


@pytest.mark.parametrize(
    "path", ["/user/dm/upvoted", "/u/mail/messages.json", "/u/dm/direct_messages", "/user/x/dm/about", "/posts/mail/dm"]
)
def test_a_name_opens_no_other_door(path):
    assert private_reason(call("GET", path)) != ""


@pytest.mark.parametrize("rule", MASTODON, ids=lambda rule: f"{rule.method} {rule.path}")
def test_no_rule_of_the_allow_list_needs_what_is_private(rule):
    path = rule.path.replace(":id", "109").replace(":tag", "chat")
    body = {name: ("public" if name == "visibility" else "1",) for name in rule.body}
    assert private_reason(call(rule.method, path, body=body)) == ""


@given(st.sampled_from(sorted(PRIVATE_WORDS)), st.integers(0, 4), st.data())
def test_a_private_word_is_found_however_it_is_encoded(word, rounds, data):
    encoded = "".join(
        f"%{ord(letter):02x}" if data.draw(st.booleans()) else data.draw(st.sampled_from([letter, letter.upper()]))
        for letter in word
    )
    for _ in range(rounds):
        encoded = encoded.replace("%", "%25")
    assert private_reason(call("GET", f"/api/v1/{encoded}/5"))
