"""Connecting an account: our narrow leave, no password, and secrets that stay out of sight."""

from urllib.parse import parse_qs, urlsplit

import mastodon_double as md
import pytest

from bot.connectors.mastodon_connect import App, authorise_url, register, token
from bot.egress.mastodon import MASTODON_CONNECT, MASTODON_SCOPES
from bot.errors import EgressRefused, Permanent, Transient


@pytest.fixture
def door(double):
    return double.door(rules=MASTODON_CONNECT)


def test_the_program_registers_asks_for_narrow_leave_and_gets_a_token(double, door):
    double.post("/api/v1/apps", {"client_id": "id-1", "client_secret": "canary-secret"})
    double.post("/oauth/token", {"access_token": "canary-token", "token_type": "Bearer"})
    app = register(door, double.url, website="https://fjordfon.example")
    query = parse_qs(urlsplit(authorise_url(app)).query)
    assert query["scope"] == [" ".join(MASTODON_SCOPES)]
    assert query["client_id"] == ["id-1"]
    assert token(door, app, " the-code \n") == "canary-token"
    assert double.seen[1].body["code"] == ["the-code"]
    assert "canary" not in repr(app) + authorise_url(app)


def test_the_leave_asked_for_lets_nobody_follow_favourite_or_write_privately():
    assert not {"read", "write", "follow", "push", "write:follows", "write:favourites", "write:conversations"} & set(
        MASTODON_SCOPES
    )


@pytest.mark.parametrize("answer", [{}, [], {"client_id": 5}, {"client_id": ""}, {"client_id": "x"}])
def test_an_answer_without_what_was_asked_for_is_an_error_in_plain_words(double, door, answer):
    double.post("/api/v1/apps", md.answer(answer))
    with pytest.raises(Permanent, match="holds no client"):
        register(door, double.url)


def test_a_door_for_reading_does_not_connect(double):
    with pytest.raises(EgressRefused):
        token(double.door(), App(double.url, "a", "b"), "code")
    assert double.seen == []


def test_a_server_that_fails_to_answer_may_be_asked_again(double, door):
    double.post("/oauth/token", md.answer({}, 500))
    with pytest.raises(Transient):
        token(door, App(double.url, "a", "b"), "code")
