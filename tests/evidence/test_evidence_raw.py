"""The raw answers of a platform pass through our own door into a WARC that others can read, and no credential does."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from canaries import CANARY_TEXT, CANARY_TOKEN
from clocks import FakeClock
from http_double import answer
from preserved import Preserved, read, told
from pydantic import SecretStr
from tents import HouseInATent, pitch_with, starter, with_source
from warcio.archiveiterator import ArchiveIterator

from bot.config.models import Account
from bot.connectors.mastodon import Source
from bot.egress.recorder import COVERED, without
from bot.errors import PlatformError
from bot.model import Platform
from bot.model.evidence import Exchange
from bot.protect.evidence.capture import warc
from bot.registry import writer
from bot.wiring import Wiring

PLATFORMS = ("mastodon", "bluesky", "reddit", "x", "lemmy", "discourse")


@pytest.fixture(params=PLATFORMS)
def bench(request: pytest.FixtureRequest) -> Any:
    """A small server with people on it, for each platform that can be asked."""
    found = import_module(f"{request.param}_double").Bench()
    with found.double:
        yield found


def listened(bench: Any) -> tuple[Any, list[Exchange]]:
    """The publisher that the house would make of the bench's source, with a recorder at its door."""
    heard: list[Exchange] = []
    made = writer(bench.platform).publisher(bench.source, replace(bench.tools(), recorder=heard.append))
    return made, heard


def test_every_platforms_inspector_tells_its_reads_to_the_recorder_and_no_credential(bench):
    native_id = bench.say(f"Morgen um acht. {CANARY_TEXT}")
    publisher, heard = listened(bench)
    publisher.inspect(bench.target(native_id))
    assert heard, "what was read is heard"
    assert any(CANARY_TEXT.encode() in one.body for one in heard), "the post's own words are among the answers"
    everything = repr([(one.url, one.asked, one.answered, one.body) for one in heard]).lower()
    sent = [seen for seen in bench.double.seen if seen.headers.get("authorization")]
    for seen in sent:
        kind, _, credential = seen.headers["authorization"].partition(" ")
        assert kind
        if kind.lower() != "oauth":
            assert credential.lower() not in everything
    for word in (
        "authorization",
        "cookie",
        "canary-token",
        "canary-app-password",
        "access_token",
        "accessjwt",
        '"jwt"',
    ):
        assert word not in everything, word


def test_a_post_that_is_gone_is_heard_with_the_answer_that_says_so(bench):
    native_id = bench.say("Morgen um acht")
    bench.delete(native_id)
    publisher, heard = listened(bench)
    try:
        publisher.inspect(bench.target(native_id))
    except PlatformError as error:
        pytest.fail(f"a missing post is a status: {error}")
    assert heard


# a bundle over a real connection ------------------------------------------------------------------


def a_server(tmp_path: Path, clock: FakeClock, bench: Any) -> HouseInATent:
    double = bench.double
    source = Source(
        kind=Platform.MASTODON, name="fedi", account="fjordfon_hilft", server=double.url, token="EARSHOT_FEDI_TOKEN"
    )
    config = with_source(starter(), source)
    accounts = {
        **config.brand.accounts,
        Platform.MASTODON: (Account(handle="fjordfon_hilft", surface=double.surface),),
    }
    brand = config.brand.model_copy(update={"accounts": accounts})
    return pitch_with(tmp_path, clock, config.model_copy(update={"brand": brand}))


@pytest.fixture
def preserved(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A threat on a Mastodon server that answers with everything that must not be kept, and its bundle."""
    mastodon = import_module("mastodon_double")
    monkeypatch.setenv("EARSHOT_FEDI_TOKEN", CANARY_TOKEN)
    bench = mastodon.Bench()
    with bench.double:
        post = mastodon.status("100", f"Morgen um acht. {CANARY_TEXT}")
        telltale = {
            "Set-Cookie": "session=canary-cookie",
            "X-Auth-Token": "canary-header",
            "X-Request-Id": "r-1",
        }
        echo = {**post, "application": {"name": f"we know your token {CANARY_TOKEN}"}}
        double = bench.double
        double.get("/api/v1/accounts/verify_credentials", mastodon.person("7", "fjordfon_hilft"))
        double.get("/api/v1/notifications", [mastodon.notification("1", post)])
        double.get("/api/v1/statuses/100", answer(echo, headers=telltale))
        double.get("/api/v1/accounts/relationships", [{"id": "20", "blocked_by": False}])
        tent = a_server(tmp_path, clock, bench)
        tent.listen()
        row = tent.store.row("SELECT id FROM cases")
        assert row is not None
        proof = Preserved(tent, int(row["id"]))
        proof.taken()
        yield proof


def records(raw: bytes) -> list[tuple[str, str, Any, bytes]]:
    """What warcio itself reads: type, address, headers and body of every record."""
    found = []
    for record in ArchiveIterator(io.BytesIO(raw), check_digests="raise"):
        address = record.rec_headers.get_header("WARC-Target-URI") or ""
        found.append((record.rec_type, address, record.http_headers, record.content_stream().read()))
    return found


def test_warcio_reads_the_raw_answers_with_the_hashes_of_each_record(preserved):
    found = records(read(preserved.place, "raw.warc.gz"))
    assert found[0][0] == "warcinfo"
    pairs = [(kind, address) for kind, address, _, _ in found[1:]]
    post = next(address for _, address in pairs if address.endswith("/api/v1/statuses/100"))
    assert ("request", post) in pairs
    assert ("response", post) in pairs
    [body] = [body for kind, address, _, body in found if (kind, address) == ("response", post)]
    assert CANARY_TEXT in json.loads(body)["content"]
    manifest = told(preserved.place, "manifest.json")
    assert manifest["exchanges"] == len([kind for kind, _ in pairs if kind == "response"]) > 0
    assert manifest["platform_answer"] == "shown"


def test_no_token_cookie_or_secret_header_stands_anywhere_in_a_bundle(preserved):
    found = records(read(preserved.place, "raw.warc.gz"))
    unpacked = preserved.place.read_bytes() + repr([(one[1], str(one[2]), one[3]) for one in found]).encode()
    for canary in (CANARY_TOKEN, "canary-cookie", "canary-header", "Bearer"):
        assert canary.encode() not in unpacked, canary
    assert COVERED.encode() in unpacked, "an answer that says our token back to us is covered there"
    assert b"r-1" in unpacked, "what is harmless is kept"


def test_a_source_without_its_token_is_not_asked_and_the_store_stands_in(preserved, monkeypatch):
    monkeypatch.delenv("EARSHOT_FEDI_TOKEN")
    place = preserved.taken()
    assert told(place, "manifest.json")["platform_answer"] == "not_asked"
    [own] = told(place, "post.json")["posts"]
    assert CANARY_TEXT in own["text"]


def test_a_secret_is_covered_wherever_it_stands(tmp_path: Path):
    said = Exchange(
        "https://x.example/a?k=sesam-oeffne", {"a": "sesam-oeffne"}, 200, "OK", {"b": "sesam-oeffne"}, b"a sesam-oeffne"
    )
    cleaned = without(said, ["sesam-oeffne", "a"])
    assert "sesam" not in repr((cleaned.url, cleaned.asked, cleaned.answered)) + cleaned.body.decode()
    assert cleaned.body == b"a [removed]", "one letter is no secret"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"X-Odd": "a\r\n b", "Größe": "ß"}, b"\x00\xff"),
        ({"Content-Length": "7", "Content-Type": "application/json"}, b""),
        ({"X-Long": "x" * 100_000}, b"y" * 2_000_000),
    ],
)
def test_whatever_a_server_answers_the_warc_is_readable(headers, body):
    said = Exchange("https://x.example/ä?q=1", {"user-agent": "Earshot"}, 599, "Öh\r\nnein", headers, body)
    found = records(warc([(1_790_000_000_000, said)], 1_790_000_000_000))
    assert [kind for kind, *_ in found] == ["warcinfo", "response", "request"]
    assert found[1][3] == body


def test_secrets_of_a_source_come_from_the_wiring_and_are_never_stored(preserved):
    def secret(name: str) -> SecretStr:
        return SecretStr(f"other-{name}")

    wiring = Wiring(preserved.tent.wiring.settings, preserved.tent.clock, secret)
    heard: list[Exchange] = []
    made: Callable[..., Any] = wiring.witness
    assert made(preserved.tent.config, "fedi", heard.append) is not None
    assert made(preserved.tent.config, "nobody", heard.append) is None
    assert heard == []
