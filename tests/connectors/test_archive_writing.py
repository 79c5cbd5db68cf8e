"""An archive whose source names a timeline: replies to its posts go there, as below the posts of a replay."""

import http_double as hd
import pytest
from clocks import FakeClock
from pydantic import ValidationError
from test_archive import FORMS, written
from timelines import read_timeline

from bot.connectors import archive_publisher
from bot.connectors.archive import Source, connector
from bot.connectors.archive_publisher import publisher
from bot.connectors.tools import Tools
from bot.errors import EarshotError, Gone, Permanent, Transient
from bot.model import Consent, Mention, Platform, Target, Visibility
from bot.text import post_hash

NOW = FakeClock().now()
ROWS = [
    {"id": "p1", "text": "@fjordfon_hilft seit heute früh kein Netz", "author": "ute", "visibility": "public"},
    {"id": "7", "text": "nur für Freunde", "author": "kim", "visibility": "followers"},
    {"id": "p3", "text": "@fjordfon_hilft erste Fassung", "author": "ada", "visibility": "public"},
    {"id": "p3", "text": "@fjordfon_hilft zweite Fassung", "author": "ada", "visibility": "public"},
]


@pytest.fixture(params=FORMS)
def bench(request, tmp_path):
    """A source with a timeline over a file of each form, and what its adapters are given."""
    file = written(tmp_path, request.param, ROWS)
    (tmp_path / "data").mkdir()
    tools = Tools(FakeClock(), hd.Refusals(), hd.Budget(), str, tmp_path, tmp_path / "data")
    return source(file=file), tools


def source(**given):
    known = {"kind": "archive", "name": "corpus", "account": "fjordfon_hilft", "timeline": "corpus.timeline.jsonl"}
    return Source.model_validate({**known, "file": "posts.jsonl", **given})


def heard(bench, native_id: str) -> Mention:
    made, tools = bench
    posts = connector(made, tools).fetch("", 20).mentions
    return next(post for post in reversed(posts) if post.native_id == native_id)


def target(native_id: str, surface: str = "corpus") -> Target:
    key = f"archive:{surface}:{native_id}"
    return Target(Platform.ARCHIVE, surface, "fjordfon_hilft", native_id, key, "ute", Visibility.PUBLIC)


def consent(native_id: str = "p1", **where: str) -> Consent:
    return Consent(target(native_id, **where), "Wir schauen nach. ^UK", "key-1", 1, NOW + 60_000)


def test_a_reply_stands_once_on_the_timeline_is_found_and_taken_back(bench):
    made, tools = bench
    writer = publisher(made, tools)
    receipt = writer.publish(consent())
    assert publisher(made, tools).publish(consent()) == receipt
    assert (receipt.platform, receipt.surface, receipt.url) == (Platform.ARCHIVE, "corpus", "")
    assert writer.find(target("p1"), "Wir schauen nach. ^UK", NOW) == receipt
    (said,) = read_timeline(tools.data_dir / "corpus.timeline.jsonl")
    assert (said.in_reply_to, said.author, said.text) == ("p1", "fjordfon_hilft", "Wir schauen nach. ^UK")
    writer.retract(receipt)
    assert read_timeline(tools.data_dir / "corpus.timeline.jsonl") == []


@pytest.mark.parametrize("native_id", ["p1", "p3"])
def test_a_post_is_looked_at_as_it_was_read(bench, native_id):
    status = publisher(*bench).inspect(target(native_id))
    assert (status.exists, status.visibility, status.replies_open) == (True, Visibility.PUBLIC, True)
    assert status.text == heard(bench, native_id).text
    assert status.text_hash == post_hash(status.text)


def test_what_is_not_public_or_not_in_the_file_is_not_answered(bench):
    writer = publisher(*bench)
    assert (writer.inspect(target("7")).visibility, writer.inspect(target("7")).text) == (Visibility.FOLLOWERS, "")
    assert writer.inspect(target("p9")).exists is False
    for native_id in ("7", "p9"):
        with pytest.raises(Gone):
            writer.publish(consent(native_id))


def test_a_post_without_an_id_is_known_by_its_line(tmp_path):
    file = written(tmp_path, ".csv", [{"text": "@fjordfon_hilft eins"}, {"text": "@fjordfon_hilft zwei"}])
    tools = Tools(FakeClock(), hd.Refusals(), hd.Budget(), str, tmp_path, tmp_path)
    assert publisher(source(file=file), tools).inspect(target("2")).text == "@fjordfon_hilft zwei"


def test_beyond_the_search_the_target_is_believed_but_no_text(bench, monkeypatch):
    monkeypatch.setattr(archive_publisher, "LOOK_UP_ROWS", 1)
    status = publisher(*bench).inspect(target("p3"))
    assert (status.exists, status.text_hash) == (True, "")


def test_posts_of_another_archive_are_not_answered_here(bench):
    with pytest.raises(Permanent):
        publisher(*bench).publish(consent(surface="another"))


def test_a_file_that_is_away_does_not_answer(bench):
    made, tools = bench
    (tools.config_dir / made.file).unlink()
    with pytest.raises(Transient):
        publisher(made, tools).inspect(target("p1"))


def test_without_a_timeline_an_archive_is_only_listened_to(bench):
    made, tools = bench
    silent = made.model_copy(update={"timeline": ""})
    assert (made.answers, silent.answers) == (True, False)
    with pytest.raises(EarshotError, match="timeline"):
        publisher(silent, tools)


def test_a_timeline_needs_an_account_that_answers():
    with pytest.raises(ValidationError, match="account"):
        source(account="")
