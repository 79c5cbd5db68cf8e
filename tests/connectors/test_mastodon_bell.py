"""The bell of Mastodon: off unless asked for, and only where the operator's own server or a named one streams."""

import mastodon_double as md
import pytest
from pydantic import ValidationError
from stream_double import EVENT, Stream

from bot.connectors.mastodon import Source
from bot.connectors.mastodon_bell import STREAM, bell
from bot.errors import Permanent, Transient, Unauthorised
from bot.model import Platform
from bot.registry import bell as bell_of


def source_of(double, **more):
    about = {"kind": "mastodon", "name": "fedi", "account": md.OURS, "server": double.url, "token": "EARSHOT_TOKEN"}
    return Source.model_validate({**about, "streaming": True, **more})


@pytest.fixture
def bench():
    bench = md.Bench()
    with bench.double:
        yield bench


def rings(bench, **more):
    """How often it rings until the stream ends."""
    heard = []
    with pytest.raises(Transient, match="ended"):
        bell(source_of(bench.double, **more), bench.tools()).listen(lambda: heard.append(1))
    return len(heard)


def announced(address):
    return {"configuration": {"urls": {"streaming": address}}}


def test_it_is_off_unless_a_source_asks_for_it_and_reads_mentions(bench):
    assert bell(bench.source, bench.tools()) is None
    assert bell(source_of(bench.double, mentions=False, hashtags=["x"]), bench.tools()) is None
    assert bell(source_of(bench.double), bench.tools()) is not None
    assert [each for each in Platform if bell_of(each)] == [Platform.MASTODON]


@pytest.mark.parametrize("about", [{}, {"configuration": {}}, announced(None), announced(5), [[]], announced("")])
def test_a_server_that_names_no_place_streams_itself(bench, about):
    bench.double.get("/api/v2/instance", about)
    bench.double.get(STREAM, Stream(EVENT, b""))
    assert rings(bench) == 1


def test_whether_it_would_ring_is_found_out_without_listening(bench):
    bench.double.get(STREAM, Stream(EVENT))
    bell(source_of(bench.double), bench.tools()).check()
    assert [seen.path for seen in bench.double.seen] == ["/api/v2/instance", STREAM]
    bench.double.get(STREAM, md.answer({}, 401))
    with pytest.raises(Unauthorised):
        bell(source_of(bench.double), bench.tools()).check()


def test_a_server_without_that_document_is_asked_all_the_same(bench):
    bench.double.get(STREAM, Stream(EVENT, EVENT, b""))
    assert rings(bench) == 2


def test_the_place_that_a_server_names_is_taken_if_it_is_its_own(bench):
    bench.double.get("/api/v2/instance", announced(bench.double.url.replace("http", "ws") + "/some/path"))
    bench.double.get(STREAM, Stream(EVENT, b""))
    assert rings(bench) == 1


def test_a_place_that_the_operator_named_is_taken_and_gets_the_token(bench):
    with md.Double() as other:
        bench.double.get("/api/v2/instance", announced(other.url.replace("http", "ws")))
        other.get(STREAM, Stream(EVENT, b""))
        assert rings(bench, streaming_server=other.url) == 1
        assert [seen.path for seen in bench.double.seen] == ["/api/v2/instance"]
        assert [seen.headers["authorization"] for seen in other.seen] == [f"Bearer {md.TOKEN}"]


@pytest.mark.parametrize(
    "place",
    ["wss://elsewhere.example", "wss://[", "https://elsewhere.example", "ftp://127.0.0.1", "elsewhere", "\ud800"],
)
def test_no_other_place_ever_sees_our_token(bench, place):
    bench.double.get("/api/v2/instance", announced(place))
    with pytest.raises(Permanent, match="streaming_server"):
        bell(source_of(bench.double), bench.tools()).listen(pytest.fail)
    assert [seen.path for seen in bench.double.seen] == ["/api/v2/instance"]
    assert bench.double.refusals.seen == []


def test_a_token_that_is_refused_is_said_so(bench):
    bench.double.get(STREAM, md.answer({"error": "x"}, 401))
    with pytest.raises(Unauthorised):
        bell(source_of(bench.double), bench.tools()).listen(pytest.fail)


def test_the_rest_between_two_polls_grows_with_the_lists_that_a_poll_asks_for(bench):
    few = bell(source_of(bench.double), bench.tools())
    many = bell(source_of(bench.double, hashtags=["a", "b"], searches=["c"], public=True), bench.tools())
    assert (few.rest_s, many.rest_s) == (5.0, 25.0)


def test_a_token_never_travels_over_http(bench):
    with pytest.raises(ValidationError, match="http"):
        source_of(bench.double, streaming_server="http://streaming.example")
