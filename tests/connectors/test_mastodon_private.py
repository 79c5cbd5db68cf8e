"""The SDK's own private methods, called as anyone could call them: not one byte of them leaves the machine."""

import datetime as dt

import mastodon_double as md
import pytest
from mastodon import StreamListener
from mastodon.errors import MastodonError

from bot.connectors.mastodon import translated
from bot.errors import EgressRefused, Transient

PRIVATE = {
    "direct post": lambda sdk: sdk.status_post("x", in_reply_to_id="1", visibility="direct"),
    "followers-only post": lambda sdk: sdk.status_post("x", in_reply_to_id="1", visibility="private"),
    "post of unsaid visibility": lambda sdk: sdk.status_post("x", in_reply_to_id="1"),
    "post that is no reply": lambda sdk: sdk.status_post("x", visibility="public"),
    "scheduled post": lambda sdk: sdk.status_post(
        "x", in_reply_to_id="1", visibility="public", scheduled_at=dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    ),
    "post with a poll": lambda sdk: sdk.status_post(
        "x", in_reply_to_id="1", visibility="public", poll=sdk.make_poll(["a", "b"], 300)
    ),
    "toot": lambda sdk: sdk.toot("x"),
    "edit": lambda sdk: sdk.status_update("1", "x"),
    "follow": lambda sdk: sdk.account_follow("1"),
    "unfollow": lambda sdk: sdk.account_unfollow("1"),
    "block": lambda sdk: sdk.account_block("1"),
    "mute": lambda sdk: sdk.account_mute("1"),
    "note on an account": lambda sdk: sdk.account_note_set("1", "x"),
    "followers": lambda sdk: sdk.account_followers("1"),
    "favourite": lambda sdk: sdk.status_favourite("1"),
    "reblog": lambda sdk: sdk.status_reblog("1"),
    "bookmark": lambda sdk: sdk.status_bookmark("1"),
    "pin": lambda sdk: sdk.status_pin("1"),
    "conversations": lambda sdk: sdk.conversations(),
    "conversation read": lambda sdk: sdk.conversations_read("1"),
    "home timeline": lambda sdk: sdk.timeline_home(),
    "list timeline": lambda sdk: sdk.timeline_list("1"),
    "all notifications": lambda sdk: sdk.notifications(),
    "notifications of follows": lambda sdk: sdk.notifications(types=["mention", "follow"]),
    "dismissing": lambda sdk: sdk.notifications_clear(),
    "scheduled posts": lambda sdk: sdk.scheduled_statuses(),
    "report": lambda sdk: sdk.report("1"),
    "vote": lambda sdk: sdk.poll_vote("1", [0]),
    "profile": lambda sdk: sdk.account_update_credentials(note="x"),
    "account search": lambda sdk: sdk.account_search("x"),
    "direct stream": lambda sdk: sdk.stream_direct(StreamListener()),
    "user stream": lambda sdk: sdk.stream_user(StreamListener()),
}
"""What the SDK offers and Earshot never does."""


@pytest.mark.filterwarnings("ignore::mastodon.errors.MastodonWarning")  # it cannot see the server's version
@pytest.mark.parametrize("act", PRIVATE)
def test_a_private_method_of_the_sdk_is_refused_before_a_byte_leaves(double, client, act):
    with pytest.raises(EgressRefused), translated():
        PRIVATE[act](client.sdk)
    assert double.seen == []
    assert double.refusals.seen
    assert all(platform == "mastodon" for platform, _, _ in double.refusals.seen)


def test_the_sdks_own_search_never_reaches_the_server_which_is_why_it_is_not_used(double, client):
    with pytest.raises((RecursionError, EgressRefused)), translated():
        client.sdk.search_v2("x", result_type="statuses")
    assert double.seen == []


def test_an_error_of_the_sdk_that_quotes_an_answer_does_not_come_through():
    with pytest.raises(Transient) as caught, translated():
        raise MastodonError("canary")
    assert "canary" not in repr(caught.value)
    assert caught.value.__suppress_context__


def test_the_server_said_nothing_that_the_double_did_not_see(double, client):
    double.get("/api/v1/statuses/1", md.status("1"))
    client.sdk.status("1")
    assert len(double.seen) == 1
