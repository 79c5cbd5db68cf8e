"""Event streams: whoever listens hears that something came, and not one word of it."""

import threading
import time

import mastodon_double as md
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from stream_double import CANARY, EVENT, THUMP, Stream

from bot.egress import MASTODON, Door
from bot.egress.events import EventLines, EventStream
from bot.egress.mastodon import MASTODON_BELL
from bot.errors import EgressRefused, Gone, Permanent, RateLimited, Transient, Unauthorised

PATH = "/api/v1/streaming/user/notification"
BEARER = {"Authorization": f"Bearer {md.TOKEN}"}


def stream(double, **options):
    return EventStream("mastodon", [double.url], MASTODON_BELL, double.refusals, **options)


def heard(double, *pieces, **options):
    """How often it rings before the server ends a stream of these pieces."""
    rings = []
    double.get(PATH, Stream(*pieces, b""))
    with pytest.raises(Transient, match="ended"):
        stream(double, **options).listen(double.url + PATH, BEARER, lambda: rings.append(1))
    return len(rings)


def test_every_event_rings_and_heartbeats_do_not(double):
    assert heard(double, THUMP, EVENT, THUMP, THUMP, EVENT) == 2
    (seen,) = double.seen
    assert (seen.method, seen.path, seen.query) == ("GET", PATH, {})
    assert seen.headers["authorization"] == BEARER["Authorization"]


def test_an_event_in_two_halves_rings_once(double):
    assert heard(double, EVENT[:3], EVENT[3:40], EVENT[40:]) == 1


@pytest.mark.parametrize(
    "piece",
    [b"event: notifica", b"data: event: x\n", b" event: x\n", b"eventual\n", b":event: x\n", b"\n\n\n", b"\xff\xfe\n"],
)
def test_half_a_line_and_other_lines_do_not_ring(double, piece):
    assert heard(double, piece) == 0


def test_a_line_of_ten_megabytes_costs_no_memory_and_what_follows_is_heard(double):
    lines = EventLines()
    assert lines.ended(b"data: " + b"a" * 10_000_000) == 0
    assert len(lines._begins) == 6
    assert heard(double, b"data: " + b"a" * 10_000_000, b"\n\n", EVENT) == 1


@given(
    st.lists(st.sampled_from([b"event:", b"data:", b"ev", b"ent: x", b"\n", b"\r\n", b"\r", b":", b" ", b"x"])),
    st.data(),
)
def test_it_makes_no_difference_where_a_stream_is_cut(parts, data):
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    lines = EventLines()
    told = sum(lines.ended(piece) for piece in pieces)
    complete = whole.replace(b"\r", b"\n").split(b"\n")[:-1]
    assert told == sum(line.startswith(b"event:") for line in complete)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (md.answer({}, 401), Unauthorised),
        (md.answer({}, 403), Permanent),
        (md.answer({}, 404), Gone),
        (md.answer({}, 500), Transient),
        (md.answer({}, 429, {"Retry-After": "17"}), RateLimited),
        (md.answer(b"<html>", kind="text/html"), Transient),
        (md.answer(b"", kind="text/event-stream", headers={"Content-Encoding": "gzip"}), Transient),
        (md.redirect("https://elsewhere.example/"), Transient),
        (md.reset, Transient),
    ],
)
def test_what_is_no_stream_is_said_to_be_none(double, answer, error):
    double.get(PATH, answer)
    with pytest.raises(error) as raised:
        stream(double).listen(double.url + PATH, BEARER, pytest.fail)
    assert len(double.seen) == 1
    if error is RateLimited:
        assert raised.value.retry_after == 17


def test_a_server_that_never_answers_and_one_that_falls_silent_are_left(double):
    for answer, options in ((md.silence, {"deadline_s": 0.2}), (Stream(THUMP), {"silence_s": 0.2})):
        double.get(PATH, answer)
        begun = time.monotonic()
        with pytest.raises(Transient):
            stream(double, **options).listen(double.url + PATH, BEARER, pytest.fail)
        assert time.monotonic() - begun < 5


def test_hanging_up_ends_a_stream_at_once_and_for_good(double):
    rung = threading.Event()
    double.get(PATH, Stream(EVENT))
    line = stream(double)
    listening = threading.Thread(target=line.listen, args=(double.url + PATH, BEARER, rung.set))
    listening.start()
    assert rung.wait(10)
    line.hang_up()
    listening.join(5)
    assert not listening.is_alive()
    line.listen(double.url + PATH, BEARER, pytest.fail)


def test_hanging_up_on_a_server_that_does_not_answer_ends_at_once_and_is_no_failure(double):
    double.get(PATH, md.silence)
    line, failures = stream(double), []

    def listen():
        try:
            line.listen(double.url + PATH, BEARER, pytest.fail)
        except Transient as error:
            failures.append(error)

    listening = threading.Thread(target=listen)
    listening.start()
    deadline = time.monotonic() + 10
    while not double.seen:
        assert time.monotonic() < deadline
        listening.join(0.01)
    line.hang_up()
    listening.join(5)
    assert (listening.is_alive(), failures) == (False, [])


def test_each_connection_counts_against_the_allowance(double):
    budget = md.Budget()
    heard(double, EVENT, budget=budget, account="fjordfon_hilft")
    assert budget.spent == [("mastodon:127.0.0.1:fjordfon_hilft", 1)]
    budget.empty = RateLimited("used up", 30)
    with pytest.raises(RateLimited):
        stream(double, budget=budget).listen(double.url + PATH, BEARER, pytest.fail)
    assert len(double.seen) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/streaming/user",
        "/api/v1/streaming/direct",
        "/api/v1/streaming/list?list=5",
        "/api/v1/streaming/public",
        "/api/v1/streaming?stream=direct",
        f"{PATH}?stream=direct",
        f"{PATH}?access_token=x",
        "/api/v1/streaming/user/%6eotification",
        "/api/v1/notifications",
    ],
)
def test_no_other_stream_and_no_field_leaves_the_house(double, path):
    with pytest.raises(EgressRefused):
        stream(double).listen(double.url + path, BEARER, pytest.fail)
    assert double.seen == []
    assert len(double.refusals.seen) == 1


def test_another_host_is_refused(double):
    with pytest.raises(EgressRefused):
        stream(double).listen(f"https://elsewhere.example{PATH}", BEARER, pytest.fail)
    assert double.refusals.seen[0][2] == "host not configured"


def test_the_ordinary_door_lets_nobody_read_that_stream(double):
    with Door("mastodon", [double.url], MASTODON, double.refusals) as door, pytest.raises(EgressRefused):
        door.get(double.url + PATH)
    assert double.seen == []


def test_no_word_of_an_event_stands_in_an_error_or_in_the_listener(double):
    double.get(PATH, Stream(EVENT, b"data: " + CANARY.encode(), b""))
    line = stream(double)
    with pytest.raises(Transient) as raised:
        line.listen(double.url + PATH, BEARER, lambda: None)
    assert CANARY not in repr((raised.value, raised.value.__context__, vars(line)))
    assert isinstance(line, requests.adapters.HTTPAdapter)
