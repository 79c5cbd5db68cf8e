"""Hostile and broken posts from the file to the queue, through the real connector: nothing falls over or is lost."""

import json

import pytest
from tents import HouseInATent, post

from bot.model import DispatchState
from bot.store import mentions, sources
from bot.store.db import Row

QUESTION = "@fjordfon_hilft Warum geht das Internet nicht?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"
DAY_MS = 86_400_000


def hear_raw(tent: HouseInATent, *lines: bytes) -> None:
    with tent.posts.open("ab") as file:
        file.writelines(line + b"\n" for line in lines)
    tent.listen()


def stored(tent: HouseInATent, native_id: str) -> Row:
    row = mentions.by_key(tent.store, f"replay:replay:{native_id}")
    assert row is not None
    return row


def line(native_id: str, text: str, **more: object) -> bytes:
    return json.dumps(post(native_id, f"kim{native_id}", text, **more)).encode()


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"[]",
        b"null",
        b"",
        b"\xff\xfe",
        b'{"id": "1", "text": "a\x00b"}',
        b'{"id": "1", "text": "a\\u0000b", "mentions": ["fjordfon_hilft"]}',
        b'{"id": "1", "text": "a\\ud800b", "mentions": ["fjordfon_hilft"]}',
        b'{"id": "1"}',
        b"[" * 100_000,
        b'{"text": "' + b"x" * 2_100_000 + b'"}',
        b"<html><body>502 Bad Gateway</body></html>",
    ],
)
def test_a_line_that_is_no_post_is_counted_and_the_next_one_arrives(tent: HouseInATent, broken: bytes) -> None:
    hear_raw(tent, broken, line("2", QUESTION))
    assert tent.store.value("SELECT count(*) FROM mentions") == 1
    assert stored(tent, "2")["stage"] == "assessed"
    dropped = {row["reason"] for row in sources.counts(tent.store)} - {"new"}
    assert len(dropped) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"{QUESTION} \u202eTXET\u202c \u2066abc\u2069",
        f"{QUESTION} F\u200bjord\u200cfon\ufeff",
        f"{QUESTION} <script>alert(1)</script><svg onload=alert(1)>",
        f"{QUESTION} '; DROP TABLE mentions; --",
        f"{QUESTION} ../../etc/passwd %00 {{{{7*7}}}}",
        f"{QUESTION} " + "Z" + "\u0301" * 5_000,
        f"{QUESTION} " + "\U0001f9d1\u200d\U0001f4bb" * 500,
        f"{QUESTION} " + "((((" * 5_000,
        f"{QUESTION} " + "0176 " * 5_000,
        "\u0627\u0644\u0625\u0646\u062a\u0631\u0646\u062a @fjordfon_hilft?",
    ],
)
def test_hostile_words_stay_text_letter_by_letter_and_can_be_answered(tent: HouseInATent, text: str) -> None:
    hear_raw(tent, line("1", text))
    assert stored(tent, "1")["text"] == text
    assert tent.approve("kim1", ANSWER).kind in {"queued", "waiting", "held"}
    assert "mentions" in {row["name"] for row in tent.store.rows("SELECT name FROM sqlite_master")}


def test_a_post_of_a_megabyte_is_kept_whole_and_reaches_the_queue(tent: HouseInATent) -> None:
    text = QUESTION + " wirklich" * 110_000
    hear_raw(tent, line("1", text))
    assert stored(tent, "1")["text"] == text
    assert tent.case("kim1")["not_assessed"] == 0


def test_an_id_beyond_what_a_float_holds_is_answered_exactly(tent: HouseInATent) -> None:
    hear_raw(
        tent,
        b'{"id": 9007199254740993, "author": "kim1", "text": "%s", "mentions": ["fjordfon_hilft"]}' % QUESTION.encode(),
    )
    assert tent.approve("kim1", ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    assert [reply.in_reply_to for reply in tent.said()] == ["9007199254740993"]


def test_the_same_id_twice_in_one_file_is_one_post_and_one_case(tent: HouseInATent) -> None:
    hear_raw(tent, line("1", QUESTION), line("1", QUESTION), line("1", f"{QUESTION} Bitte!"))
    assert tent.store.value("SELECT count(*) FROM mentions") == 1
    assert tent.store.value("SELECT count(*) FROM cases") == 1
    assert stored(tent, "1")["revision"] == 2


@pytest.mark.parametrize("stated", ["9999-12-31T23:59:59Z", "2999-01-01", 253_402_300_799_999])
def test_a_post_from_the_far_future_keeps_its_date_and_waits(tent: HouseInATent, stated: object) -> None:
    hear_raw(tent, line("1", QUESTION, created_at=stated))
    assert stored(tent, "1")["created_at"] > tent.clock.now() + 365 * DAY_MS
    assert tent.case("kim1")["due_at"] < tent.clock.now() + DAY_MS * 30, "its due time does not lie in the far future"
    verdict = tent.approve("kim1", ANSWER)
    assert verdict.kind == "held"
    assert [(result.rule, result.outcome) for result in verdict.decision.open_rules] == [("C-12", "WAIT")]


@pytest.mark.parametrize("stated", ["0001-01-01T00:00:00Z", "gestern", "", 1e308, -1e308, True, [], {}])
def test_a_date_that_makes_no_sense_loses_no_post(tent: HouseInATent, stated: object) -> None:
    hear_raw(tent, line("1", QUESTION, created_at=stated))
    assert stored(tent, "1")["stage"] == "assessed"


def test_a_reply_to_a_post_that_nobody_has_seen_is_a_case_of_its_own(tent: HouseInATent) -> None:
    hear_raw(tent, line("1", QUESTION, in_reply_to="deleted-long-ago"))
    assert tent.case("kim1")["thread_key"] == "deleted-long-ago"
    assert tent.approve("kim1", ANSWER).kind == "queued"


def test_a_post_deleted_before_the_look_is_never_answered(tent: HouseInATent) -> None:
    hear_raw(tent, line("1", QUESTION))
    tent.timeline.with_suffix(".status.jsonl").write_text('{"id": "1", "exists": false}\n', "utf-8")
    assert tent.approve("kim1", ANSWER).kind == "denied"
    assert tent.store.value("SELECT count(*) FROM dispatches WHERE state <> :s", s=DispatchState.REFUSED) == 0


def test_fields_of_the_wrong_form_lose_no_post(tent: HouseInATent) -> None:
    wrong: dict[str, object] = {
        "lang": 7, "url": "javascript:alert(1)", "media": "x", "quoted": 3, "kind": {}, "bot": "yes", "root": 5,
    }  # fmt: skip
    hear_raw(tent, line("1", QUESTION, **wrong))
    row = stored(tent, "1")
    assert (row["url"], row["author_is_bot"], row["root_key"]) == ("", None, "5")


def test_labels_in_a_file_never_reach_a_detector(tent: HouseInATent) -> None:
    hear_raw(tent, line("1", QUESTION, label="threat", expected="threat", lane="threat", sentiment="negative"))
    assert tent.case("kim1")["lane"] == "help"
    assert "expected" not in stored(tent, "1")["extras"]


def test_a_customers_words_never_enter_a_log_line(tent: HouseInATent, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    hear_raw(tent, line("1", f"{QUESTION} Fliederbusch"), b'{"text": "Fliederbusch \\ud800"}', b"Fliederbusch")
    tent.approve("kim1", ANSWER)
    tent.clock.advance(10_000)
    tent.send()
    assert "Fliederbusch" not in caplog.text
