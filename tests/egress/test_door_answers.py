"""What the door makes of answers: real HTTP on the loopback interface, a server that misbehaves."""

import mastodon_double as md
import pytest
from ports import free_port

from bot.egress import Door
from bot.errors import (
    EgressRefused,
    Gone,
    Permanent,
    RateLimited,
    Transient,
    Unauthorised,
    Uncertain,
)

READ = "/api/v1/statuses/100"
WRITE = "/api/v1/statuses"
REPLY = {"status": "Hallo", "in_reply_to_id": "100", "visibility": "public"}


def read(double, **options):
    with double.door(**options) as door:
        return door.get(double.url + READ)


def write(double, **options):
    with double.door(**options) as door:
        return door.post(double.url + WRITE, data=REPLY)


def exactly(kind, act, double, **options):
    """The error is of this class itself, not of a subclass with another meaning."""
    with pytest.raises(kind) as caught:
        act(double, **options)
    assert type(caught.value) is kind
    return caught.value


def test_a_good_answer_comes_through_whole(double):
    double.get(READ, md.status())
    assert read(double).json()["id"] == "100"


def test_a_reply_leaves_once_with_the_fields_that_were_given(double):
    double.post(WRITE, md.status())
    write(double)
    assert [seen.body for seen in double.writes()] == [
        {"status": ["Hallo"], "in_reply_to_id": ["100"], "visibility": ["public"]}
    ]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Permanent),
        (401, Unauthorised),
        (403, Permanent),
        (404, Gone),
        (410, Gone),
        (422, Permanent),
        (429, RateLimited),
    ],
)
@pytest.mark.parametrize("act", [read, write])
def test_an_answer_of_the_4xx_class_means_the_same_for_reads_and_writes(double, act, status, kind):
    double.get(READ, md.answer({"error": "no"}, status))
    double.post(WRITE, md.answer({"error": "no"}, status))
    exactly(kind, act, double)
    assert len(double.seen) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520])
def test_a_server_error_is_transient_for_a_read_and_uncertain_for_a_write(double, status):
    double.get(READ, md.answer({"error": "no"}, status))
    double.post(WRITE, md.answer({"error": "no"}, status))
    exactly(Transient, read, double)
    exactly(Uncertain, write, double)
    assert len(double.seen) == 2


def test_a_read_that_is_told_when_to_come_back_waits_and_a_write_stays_uncertain(double):
    busy = md.answer({}, 503, {"Retry-After": "7"})
    double.get(READ, busy)
    double.post(WRITE, busy)
    assert exactly(RateLimited, read, double).retry_after == 7
    exactly(Uncertain, write, double)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "290"}, 290),
        ({"Retry-After": "Mon, 02 Nov 2026 10:01:30 GMT"}, 90),
        ({"X-RateLimit-Reset": "2026-11-02T10:05:00.000Z"}, 300),
        ({"X-RateLimit-Reset": "1793613700"}, 100),
        ({"Retry-After": "soon"}, 60),
        ({"Retry-After": "-5"}, 60),
        ({"Retry-After": "٣"}, 60),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "99999999"}, 86_400),
        ({"Retry-After": "Mon, 02 Nov 2020 10:00:00 GMT"}, 1),
        ({}, 60),
    ],
)
def test_the_wait_is_read_from_every_form_of_header_and_kept_in_bounds(double, headers, seconds):
    encoded = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    double.get(READ, md.answer({}, 429, encoded))
    assert exactly(RateLimited, read, double).retry_after == seconds


@pytest.mark.parametrize(
    "misbehaviour",
    [
        md.truncated,
        md.reset,
        md.answer(b"<html><body>Just a moment</body></html>", kind="text/html"),
        md.answer(b'{"id": "1"'),
        md.answer(b"[" * 200_000),
        md.answer(b"[" * 101 + b"]" * 101),
        md.answer(b'{"a":[' * 51 + b"]}" * 51),
        md.answer(b"\xff\xfe\x00"),
        md.answer(b"not gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=[
        "truncated",
        "reset",
        "html",
        "half json",
        "deep json",
        "deep lists",
        "deep objects",
        "not text",
        "broken gzip",
    ],
)
def test_an_unreadable_answer_loses_a_read_and_makes_a_write_uncertain(double, misbehaviour):
    double.get(READ, misbehaviour)
    double.post(WRITE, misbehaviour)
    exactly(Transient, read, double)
    exactly(Uncertain, write, double)
    assert len(double.seen) == 2


def test_an_answer_as_deep_as_a_long_thread_comes_through(double):
    double.get(READ, md.answer(b"[" * 100 + b"]" * 100))
    assert read(double).json()


@pytest.mark.parametrize("slowness", [md.silence, md.drip, md.drip_headers])
def test_one_deadline_ends_silence_and_dripping(double, slowness):
    double.get(READ, slowness)
    double.post(WRITE, slowness)
    assert "in time" in str(exactly(Transient, read, double, deadline_s=1.0))
    assert "in time" in str(exactly(Uncertain, write, double, deadline_s=1.0))


def test_an_answer_that_ends_only_with_the_connection_is_not_mistaken_for_complete_at_the_deadline(double):
    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[]")
        md.silence(handler)

    double.get(READ, endless)
    exactly(Transient, read, double, deadline_s=1.0)


@pytest.mark.parametrize(
    "flood", [md.answer(b'["' + b"a" * 10_000_000 + b'"]'), md.bomb(64)], ids=["10 MB", "64 MB packed small"]
)
def test_a_flood_stops_at_the_body_limit(double, flood):
    double.get(READ, flood)
    double.post(WRITE, flood)
    assert "too large" in str(exactly(Transient, read, double, body_limit=1_000_000))
    exactly(Uncertain, write, double, body_limit=1_000_000)


def test_compressed_answers_are_unpacked(double):
    double.get(READ, md.bomb(1))
    assert len(read(double).json()[0]) == 1024 * 1024


def test_a_server_that_is_not_there_is_transient_also_for_a_write(double):
    url = f"http://127.0.0.1:{free_port()}"
    with Door("mastodon", [url], md.MASTODON, double.refusals) as door, pytest.raises(Transient, match="reached"):
        door.post(url + WRITE, data=REPLY)


def test_a_name_that_does_not_resolve_or_cannot_be_a_name_is_transient(double):
    url = f"http://{'a' * 70}.invalid"
    with Door("mastodon", [url], md.MASTODON, double.refusals) as door, pytest.raises(Transient, match="reached"):
        door.get(url + READ)


def test_a_read_follows_a_redirect_on_the_same_server(double):
    double.get(READ, md.redirect("/api/v1/statuses/200"))
    double.get("/api/v1/statuses/200", md.status("200"))
    assert read(double).json()["id"] == "200"
    assert double.refusals.seen == []


def test_a_redirect_to_another_host_is_refused_recorded_and_not_followed(double):
    with md.Double() as other:
        double.get(READ, md.redirect(other.url + READ))
        exactly(EgressRefused, read, double)
        assert other.seen == []
    assert double.refusals.seen == [("mastodon", "GET /api/v1/statuses/:id", "redirect to another host")]


@pytest.mark.parametrize("target", ["/api/v1/conversations", "/api/v1/timelines/home", "//evil.example/x"])
def test_a_redirect_cannot_lead_to_where_no_request_may_go(double, target):
    double.get(READ, md.redirect(target))
    exactly(EgressRefused, read, double)
    assert len(double.seen) == 1
    assert len(double.refusals.seen) == 1


def test_redirects_in_a_circle_end_after_three(double):
    double.get(READ, md.redirect(READ))
    exactly(Transient, read, double)
    assert len(double.seen) == 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_write_is_never_redirected(double, status):
    double.post(WRITE, md.redirect("/api/v1/statuses", status))
    exactly(Uncertain, write, double)
    assert len(double.seen) == 1
    assert double.refusals.seen == [("mastodon", "POST /api/v1/statuses", "redirect of a write")]


def test_cookies_of_a_server_are_not_sent_back(double):
    double.get(READ, md.answer(md.status(), headers={"Set-Cookie": "track=1; Path=/"}))
    with double.door() as door:
        door.get(double.url + READ)
        door.get(double.url + READ)
    assert all("cookie" not in seen.headers for seen in double.seen)
    assert len(double.seen) == 2


def test_the_environment_neither_redirects_nor_signs_a_request(double, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login canary password canary\n")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(netrc))
    double.get(READ, md.status())
    assert read(double).status_code == 200
    assert "authorization" not in double.seen[0].headers


def test_the_budget_is_spent_before_and_learned_after_a_request(double):
    budget = md.Budget()
    headers = {"X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "2026-11-02T10:05:00.000Z"}
    double.get(READ, md.answer(md.status(), headers=headers))
    read(double, budget=budget)
    assert budget.spent == [("mastodon:127.0.0.1", 1)]
    assert budget.learned == [("mastodon:127.0.0.1", 299, 1_793_613_900_000)]


def test_the_budget_is_learned_from_a_refusal_too(double):
    budget = md.Budget()
    double.get(READ, md.answer({}, 429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1793613900"}))
    exactly(RateLimited, read, double, budget=budget)
    assert budget.learned == [("mastodon:127.0.0.1", 0, 1_793_613_900_000)]


def test_an_empty_budget_sends_nothing(double):
    budget = md.Budget(empty=RateLimited("Wait.", 5))
    exactly(RateLimited, write, double, budget=budget)
    assert double.seen == []


def test_nonsense_in_rate_headers_is_no_error(double):
    budget = md.Budget()
    headers = {"X-RateLimit-Remaining": "1e999", "X-RateLimit-Reset": "999999999999"}
    double.get(READ, md.answer(md.status(), headers=headers))
    assert read(double, budget=budget).status_code == 200
    assert budget.learned == []


def test_error_messages_hold_neither_the_address_nor_the_words(double):
    double.post(WRITE, md.answer({"error": "canary-answer"}, 422))
    with double.door() as door, pytest.raises(Permanent) as caught:
        door.post(
            double.url + WRITE, data={**REPLY, "status": "canary-text"}, headers={"Authorization": "Bearer canary-key"}
        )
    assert "canary" not in repr(caught.value)
    assert "127.0.0.1" not in str(caught.value)
