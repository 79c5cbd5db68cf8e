"""The replayed platform as a place to answer on: a reply stands once, publicly, until it is taken back."""

import hashlib
import json
import multiprocessing
import os
from pathlib import Path

import pytest
from clocks import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from timelines import read_timeline

from bot.connectors import replay_publisher
from bot.connectors.replay import ReplayConnector
from bot.connectors.replay_publisher import ReplayPublisher
from bot.connectors.replay_timeline import append
from bot.errors import Gone, Permanent, Transient, Uncertain
from bot.model import Consent, Platform, Receipt, Target, Visibility

START = FakeClock().now()
ROWS = (
    {"id": "p1", "text": "@fjordfon_hilft seit heute früh kein Netz", "author": "ute"},
    {"id": "p2", "text": "ich bin ein Automat", "author": "wetterbot", "bot": True, "opted_out": True},
    {"id": "p3", "text": "nur für Freunde", "visibility": "followers"},
    {"id": "p/4", "text": 'mit "Schrägstrich"'},
)


@pytest.fixture
def posts(tmp_path) -> Path:
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


@pytest.fixture
def timeline(tmp_path) -> Path:
    return tmp_path / "timeline.jsonl"


@pytest.fixture
def publisher(posts, timeline, clock) -> ReplayPublisher:
    return make(posts, timeline, clock)


def make(posts: Path, timeline: Path, clock: FakeClock, **names: str) -> ReplayPublisher:
    return ReplayPublisher(file=posts, timeline=timeline, account="fjordfon_hilft", clock=clock, map=names)


def target(native_id: str = "p1", account: str = "fjordfon_hilft", surface: str = "replay") -> Target:
    return Target(
        platform=Platform.REPLAY,
        surface=surface,
        account=account,
        native_id=native_id,
        canonical_key=f"replay:{surface}:{native_id}",
        author_handle="ute",
        visibility=Visibility.PUBLIC,
    )


def consent(text: str = "Wir schauen nach. ^UK", key: str = "key-1", to: Target | None = None) -> Consent:
    return Consent(to or target(), text, key, 1, START + 60_000)


def state(timeline: Path, **words: object) -> None:
    with timeline.with_suffix(".status.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(words) + "\n")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# publish ------------------------------------------------------------------------------------------


def test_a_reply_is_one_line_that_names_its_post_and_its_request(publisher, timeline):
    receipt = publisher.publish(consent("Moin! Wir schauen nach. ^UK", "key-1"))
    (row,) = [json.loads(line) for line in timeline.read_text("utf-8").splitlines()]
    assert row == {
        "id": receipt.native_id,
        "in_reply_to": "p1",
        "author": "fjordfon_hilft",
        "text": "Moin! Wir schauen nach. ^UK",
        "created_at": START,
        "request_key": "key-1",
        "url": receipt.url,
    }
    assert (receipt.platform, receipt.surface, receipt.account) == (Platform.REPLAY, "replay", "fjordfon_hilft")
    assert (receipt.at, receipt.text_read_back) == (START, "Moin! Wir schauen nach. ^UK")


def test_a_repeated_request_gets_the_first_receipt_and_writes_nothing(publisher, timeline, clock):
    first = publisher.publish(consent())
    before = timeline.read_bytes()
    clock.advance(5_000)
    assert publisher.publish(consent()) == first
    assert timeline.read_bytes() == before


def _publish(posts: Path, timeline: Path, barrier: multiprocessing.Barrier) -> None:
    barrier.wait()
    for number in range(10):
        make(posts, timeline, FakeClock()).publish(consent(f"Antwort {number}", f"key-{number}"))


def test_processes_that_publish_the_same_requests_at_once_leave_each_reply_once(posts, timeline):
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(3)
    workers = [spawn.Process(target=_publish, args=(posts, timeline, barrier)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert sorted(reply.text for reply in read_timeline(timeline)) == [f"Antwort {number}" for number in range(10)]


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_reply_torn_in_mid_write_is_not_there_and_the_next_one_is_whole(publisher, timeline, cut):
    kept = publisher.publish(consent("steht", "key-1"))
    publisher.publish(consent("reißt", "key-2"))
    content = timeline.read_bytes()
    timeline.write_bytes(content[:-cut])
    standing = [reply.text for reply in read_timeline(timeline)]
    assert standing[0] == "steht"
    again = publisher.publish(consent("reißt", "key-2"))
    assert [reply.native_id for reply in read_timeline(timeline)] == [kept.native_id, again.native_id]


@pytest.mark.parametrize("elsewhere", [target(account="fjordfon"), target(surface="other")])
def test_a_reply_for_another_account_or_place_is_refused(publisher, timeline, elsewhere):
    with pytest.raises(Permanent):
        publisher.publish(consent(to=elsewhere))
    assert not timeline.exists()


@pytest.mark.parametrize("words", [{"exists": False}, {"visibility": "followers"}, {"visibility": "nobody knows"}])
def test_a_post_that_went_away_or_private_is_not_answered(publisher, timeline, words):
    state(timeline, id="p1", **words)
    with pytest.raises(Gone):
        publisher.publish(consent())
    assert not timeline.exists()


def test_a_text_that_cannot_be_written_is_refused_and_leaves_nothing(publisher, timeline):
    with pytest.raises(Permanent):
        publisher.publish(consent("kaputt \ud83d"))
    assert not timeline.exists()


def test_a_timeline_that_cannot_be_opened_means_nothing_was_sent(posts, tmp_path, clock):
    with pytest.raises(Transient):
        make(posts, tmp_path / "no folder" / "timeline.jsonl", clock).publish(consent())
    with pytest.raises(Transient):
        make(posts, tmp_path, clock).publish(consent())


def test_a_disk_that_fails_in_mid_write_is_uncertain(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Uncertain):
        append(pipe, {"id": "x"})


# find and retract ---------------------------------------------------------------------------------


def test_our_reply_is_found_by_target_text_and_time(publisher, clock):
    receipt = publisher.publish(consent("Wir schauen nach."))
    assert publisher.find(target(), "Wir schauen nach.", START) == receipt
    assert publisher.find(target(), "Wir schauen nach", START) is None
    assert publisher.find(target("p2"), "Wir schauen nach.", START) is None
    assert publisher.find(target(), "Wir schauen nach.", START + 1) is None


def test_before_the_first_reply_there_is_nothing_to_find(publisher):
    assert publisher.find(target(), "Wir schauen nach.", 0) is None


def test_words_of_somebody_else_on_the_timeline_are_not_our_reply(publisher, timeline):
    append(timeline, {"id": "r-1", "in_reply_to": "p1", "author": "fjordfon", "text": "hallo", "created_at": START})
    assert publisher.find(target(), "hallo", 0) is None


def test_a_reply_taken_back_is_gone_for_every_reader_and_stays_gone(publisher, timeline):
    receipt = publisher.publish(consent("ein Irrtum"))
    publisher.retract(receipt)
    after = timeline.read_bytes()
    publisher.retract(receipt)
    assert timeline.read_bytes() == after
    assert json.loads(after.splitlines()[-1]) == {"retract": receipt.native_id}
    assert publisher.find(target(), "ein Irrtum", 0) is None
    assert read_timeline(timeline) == []
    with pytest.raises(Gone):
        publisher.publish(consent("ein Irrtum"))


def test_taking_back_what_never_stood_there_writes_nothing(publisher, timeline):
    publisher.retract(Receipt(Platform.REPLAY, "replay", "fjordfon_hilft", "r-0", "", START))
    assert not timeline.exists()


def test_posts_of_others_cannot_be_taken_back(publisher, timeline):
    append(timeline, {"id": "r-1", "in_reply_to": "p1", "author": "ute", "text": "hallo", "created_at": START})
    publisher.retract(Receipt(Platform.REPLAY, "replay", "fjordfon_hilft", "r-1", "", START))
    assert [reply.author for reply in read_timeline(timeline)] == ["ute"]


# inspect ------------------------------------------------------------------------------------------


def test_an_ordinary_post_gets_an_answer_to_every_question_that_is_asked(publisher, clock):
    status = publisher.inspect(target())
    assert (status.checked_at, status.exists, status.http_status) == (clock.now(), True, 200)
    assert status.visibility is Visibility.PUBLIC
    assert status.text_hash == sha256("@fjordfon_hilft seit heute früh kein Netz")
    assert (status.author_is_bot, status.author_opted_out, status.author_active) == (False, False, True)
    assert (status.replies_open, status.edited_at) == (True, None)


def test_what_a_file_cannot_answer_is_unanswered_and_named(publisher):
    assert publisher.inspect(target()).author_blocks_us is None
    assert "C-08" in Platform.REPLAY.not_offered
    assert not Platform.REPLAY.not_offered & {"C-01", "C-02", "C-04", "C-07", "C-09", "C-10", "C-12", "C-18"}


def test_a_bot_and_an_opt_out_in_the_file_are_told(publisher):
    status = publisher.inspect(target("p2"))
    assert (status.author_is_bot, status.author_opted_out) == (True, True)


def test_an_id_with_signs_that_json_may_escape_is_found(publisher):
    assert publisher.inspect(target("p/4")).text_hash == sha256('mit "Schrägstrich"')


def test_a_post_for_friends_is_not_public_and_its_words_are_not_hashed(publisher):
    status = publisher.inspect(target("p3"))
    assert (status.visibility, status.text_hash, status.text) == (Visibility.FOLLOWERS, "", "")


def test_a_post_that_was_hidden_later_keeps_its_words_to_itself(publisher, timeline):
    state(timeline, id="p1", visibility="followers", text="nur noch für Freunde")
    status = publisher.inspect(target())
    assert (status.visibility, status.text_hash, status.text) == (Visibility.FOLLOWERS, "", "")


def test_an_edit_that_cannot_be_stored_is_told_as_a_connector_would_bring_it(publisher, timeline):
    state(timeline, id="p1", text="kaputt \ud83d\0")
    status = publisher.inspect(target())
    assert (status.text, status.text_hash) == ("kaputt \ufffd\ufffd", sha256("kaputt \ufffd\ufffd"))


def test_a_post_that_is_not_in_the_file_is_gone(publisher):
    status = publisher.inspect(target("p99"))
    assert (status.exists, status.http_status, status.visibility) == (False, 404, Visibility.UNKNOWN)


def test_the_words_beside_the_timeline_delete_edit_and_close_a_post(publisher, timeline):
    state(timeline, id="p1", text="anders", edited_at=START + 5, replies_open=False, opted_out=True, active=False)
    state(timeline, id="p2", exists=False)
    with timeline.with_suffix(".status.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"id": "p1", "exi')
    status = publisher.inspect(target("p1"))
    assert (status.exists, status.text_hash, status.edited_at) == (True, sha256("anders"), START + 5)
    assert status.text == "anders"
    assert (status.replies_open, status.author_opted_out, status.author_active) == (False, True, False)
    assert publisher.inspect(target("p2")).exists is False


def test_the_last_words_on_a_post_win(publisher, timeline):
    state(timeline, id="p1", exists=False)
    state(timeline, id="p1", exists=True, visibility="direct")
    status = publisher.inspect(target("p1"))
    assert (status.exists, status.visibility) == (True, Visibility.DIRECT)


def test_of_a_post_that_stands_twice_the_later_text_counts(publisher, posts):
    with posts.open("a", encoding="utf-8") as stream:
        stream.write('{"id": "p1", "text": "geändert"}\n')
    assert publisher.inspect(target("p1")).text_hash == sha256("geändert")


def test_beyond_the_search_the_target_is_believed_but_no_text(publisher, monkeypatch):
    monkeypatch.setattr(replay_publisher, "LOOK_UP", 10)
    status = publisher.inspect(target("p99"))
    assert (status.exists, status.visibility, status.text_hash) == (True, Visibility.PUBLIC, "")


def test_a_platform_whose_file_is_away_does_not_answer(publisher, posts):
    posts.unlink()
    with pytest.raises(Transient):
        publisher.inspect(target())
    with pytest.raises(Transient):
        publisher.publish(consent())


def test_reader_and_publisher_know_a_foreign_file_by_the_same_ids_and_texts(tmp_path, timeline, clock):
    posts = tmp_path / "foreign.jsonl"
    posts.write_bytes(b'{"body": "eins"}\n' + b"x" * 2_500_000 + b'\n\nbroken\n{"body": "zw\\u00f6lf"}\n')
    names = {"text": "body", "id": "line"}
    reader = ReplayConnector(name="n", file=posts, account="fjordfon_hilft", clock=clock, posts_per_minute=0, map=names)
    mentions = reader.fetch("", 100).mentions
    assert [mention.native_id for mention in mentions] == ["1", "5"]
    for mention in mentions:
        assert make(posts, timeline, clock, **names).inspect(target(mention.native_id)).text_hash == sha256(
            mention.text
        )


# the timeline as others read it -------------------------------------------------------------------


def test_a_timeline_without_a_file_is_empty(timeline):
    assert read_timeline(timeline) == []


def test_a_timeline_shows_its_replies_oldest_first(publisher, timeline):
    for number in range(5):
        publisher.publish(consent(f"Antwort {number}", f"key-{number}"))
    assert [reply.text for reply in read_timeline(timeline)] == [f"Antwort {number}" for number in range(5)]


@pytest.mark.parametrize(
    "foreign",
    [
        "[]",
        "{",
        '{"id": 1}',
        '{"id": "r", "text": "x"}',
        '{"id": "r", "text": "\\u0000"}',
        '{"retract": ["r-1"]}',
        "\x00",
    ],
)
def test_foreign_lines_on_a_timeline_disturb_nobody(publisher, timeline, foreign):
    timeline.write_text(foreign + "\n", encoding="utf-8")
    publisher.publish(consent("steht"))
    assert [reply.text for reply in read_timeline(timeline)] == ["steht"]


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.binary(max_size=8)), max_size=12))
def test_whatever_is_published_retracted_and_torn_each_reply_stands_at_most_once(tmp_path_factory, acts):
    folder = tmp_path_factory.mktemp("square")
    posts, timeline = folder / "posts.jsonl", folder / "timeline.jsonl"
    posts.write_text('{"id": "p1", "text": "hallo"}\n', encoding="utf-8")
    publisher = make(posts, timeline, FakeClock())
    standing: dict[int, Receipt] = {}
    gone: set[int] = set()
    for number, back, torn in acts:
        if number in gone:
            continue
        standing[number] = publisher.publish(consent(f"Antwort {number}", f"key-{number}"))
        if back:
            publisher.retract(standing.pop(number))
            gone.add(number)
        with timeline.open("ab") as stream:
            stream.write(torn)
    assert {reply.native_id for reply in read_timeline(timeline)} == {
        receipt.native_id for receipt in standing.values()
    }
    for number, receipt in standing.items():
        assert publisher.find(target(), f"Antwort {number}", 0) == receipt
