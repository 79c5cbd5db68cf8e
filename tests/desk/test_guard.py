"""The door of every request: foreign sites, foreign hosts, large bodies, headers, plain error pages."""

import logging

import pytest
import structlog
from canaries import CANARY_TEXT
from sample_desk import PASSWORD

from bot.desk.guard import HEADERS, MAX_BODY, local
from bot.errors import StoreBusy, StoreFull
from bot.store import users
from bot.store.db import Store


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
    ],
)
def test_only_our_own_pages_may_change_anything(app, desk, headers, status):
    client = app.test_client()
    answer = client.post("/sign-in", data={"name": "alice", "password": PASSWORD}, headers=headers)
    assert answer.status_code == status


def test_reading_from_elsewhere_is_allowed_so_that_links_work(app):
    assert app.test_client().get("/sign-in", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "@", ""])
def test_a_foreign_host_name_is_turned_away(app, host):
    assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "desk.fjordfon.example"])
def test_our_own_host_names_are_served(desk, host):
    client = desk.app(hosts=["Desk.Fjordfon.Example"]).test_client()
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


def test_every_answer_carries_the_headers_errors_included(alice):
    for path in ("/", "/nowhere", "/outbox", "/static/app.js", "/changes"):
        answer = alice.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (path, name)


def test_the_policy_allows_nothing_inline_and_nobody_else(alice):
    policy = alice.get("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_are_never_kept_and_static_files_are_asked_for_again(alice):
    assert alice.get("/").headers["Cache-Control"] == "no-store"
    assert alice.get("/static/desk.css").headers["Cache-Control"] == "no-cache"


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(alice):
    answer = alice.post("/account", data={"theme": "x" * (MAX_BODY + 1)})
    assert answer.status_code == 413
    assert "Too much at once" in answer.text


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\nb", "\\\\x", "", "/\\/x", "/x\\y"],
)
def test_a_way_back_never_leads_off_the_desk(path):
    assert local(path) == "/"


def test_a_way_back_leads_to_a_page_of_ours():
    assert local("/case/3?lane=help") == "/case/3?lane=help"


def test_signing_in_does_not_follow_a_foreign_way_back(browse):
    answer = browse("").post("/sign-in", data={"name": "alice", "password": PASSWORD, "next": "//evil.example/x"})
    assert answer.location == "/"


@pytest.mark.parametrize(("error", "status"), [(StoreBusy("x"), 503), (StoreFull("x"), 503), (ValueError("x"), 500)])
def test_what_breaks_behind_a_page_is_told_plainly(app, alice, monkeypatch, error, status):
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Store, "rows", broken)
    answer = alice.get("/ledger")
    assert answer.status_code == status
    assert "Nothing is lost" in answer.text or "It is in the log" in answer.text
    assert answer.headers["Content-Security-Policy"]


def test_the_log_names_the_error_and_its_place_but_no_words(app, alice, monkeypatch, caplog):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY_TEXT)

    monkeypatch.setattr(users, "sessions_of", broken)
    with caplog.at_level(logging.INFO):
        answer = alice.get("/account")
    assert answer.status_code == 500
    assert "RuntimeError in test_guard.py" in caplog.text
    assert CANARY_TEXT not in caplog.text
    assert CANARY_TEXT not in answer.text


@pytest.mark.parametrize(
    ("path", "status"), [("/case/999", 404), ("/nowhere", 404), ("/outbox?show=x", 404), ("/ledger?type=x", 404)]
)
def test_what_is_not_there_says_so(alice, path, status):
    answer = alice.get(path)
    assert answer.status_code == status
    assert "There is nothing here" in answer.text


def test_a_request_leaves_nothing_behind_that_the_next_line_of_its_thread_would_bear(alice):
    assert alice.get("/").status_code == 200
    assert structlog.contextvars.get_contextvars() == {}
