"""The SDK's own ways to write to somebody alone: each is refused before a byte leaves, whatever the SDK calls it."""

import pytest
import reddit_double as rd
from praw.models import Message
from prawcore.exceptions import PrawcoreException

from bot.errors import EgressRefused

LOGIN = "/api/v1/access_token"
PRIVATE = {
    "message to a person": lambda sdk: sdk.redditor("kundin").message(subject="Hilfe", message="psst"),
    "message to a subreddit's moderators": lambda sdk: sdk.subreddit("telko").message(subject="Hilfe", message="psst"),
    "reply to a private message": lambda sdk: Message(sdk, {"id": "abc", "name": "t4_abc"}).reply("psst"),
    "modmail": lambda sdk: sdk.subreddit("telko").modmail.create(subject="Hilfe", body="psst", recipient="kundin"),
    "inbox of private messages": lambda sdk: list(sdk.inbox.messages(limit=1)),
    "sent private messages": lambda sdk: list(sdk.inbox.sent(limit=1)),
    "friend": lambda sdk: sdk.redditor("kundin").friend(),
    "block": lambda sdk: sdk.redditor("kundin").block(),
    "vote": lambda sdk: sdk.comment("abc").upvote(),
}


@pytest.fixture
def bench():
    bench = rd.Bench()
    with bench.double:
        yield bench


@pytest.mark.parametrize("act", PRIVATE)
def test_a_private_or_personal_method_of_the_sdk_is_refused_before_a_byte_leaves(bench, act):
    sdk = bench.client()._sdk
    with pytest.raises((EgressRefused, PrawcoreException)) as refused:
        PRIVATE[act](sdk)
    told = refused.value
    assert isinstance(told, EgressRefused) or isinstance(getattr(told, "original_exception", None), EgressRefused)
    assert {seen.path for seen in bench.double.seen} <= {LOGIN}
    assert bench.double.refusals.seen
