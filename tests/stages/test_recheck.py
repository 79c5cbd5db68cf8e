"""Looking again at posts that somebody wants to answer: patient with platforms, never older news over newer."""

import json
from dataclasses import replace

import pytest
from port_doubles import Moody, no_room
from tents import HouseInATent, post

from bot import recheck
from bot.errors import Gone, PlatformError, RateLimited, StoreFull, Transient, Unauthorised
from bot.model import CaseState, DispatchState, PostStatus, Visibility
from bot.store import dispatches, drafts, mentions, status
from bot.text import post_hash

QUESTION = "@fjordfon_hilft Warum geht das Internet nicht?"
EDITED = "@fjordfon_hilft Warum geht das Telefon nicht? Fliederbusch"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


@pytest.fixture
def platform(tent: HouseInATent) -> Moody:
    moody = Moody(tent.publishers["samples"])
    tent.publishers["samples"] = moody
    return moody


def run(tent: HouseInATent) -> int:
    return recheck.run(tent.store, tent.publishers, tent.clock)


def test_a_prepared_draft_asks_for_a_look_and_the_look_is_kept(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    assert status.is_asked(tent.store, 1)
    assert run(tent) == 1
    found = status.get(tent.store, 1)
    assert found is not None
    assert (found.exists, found.checked_at) == (True, tent.clock.now())
    assert not status.is_asked(tent.store, 1)
    assert run(tent) == 0


@pytest.mark.parametrize("error", [Transient("No."), Unauthorised("No."), Gone("No.")])
def test_a_platform_that_fails_is_asked_ever_more_rarely_and_in_the_end_answered(
    tent: HouseInATent, platform: Moody, error: PlatformError
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    platform.moods["inspect"] = [error] * 10
    waits = []
    for _ in range(10):
        assert run(tent) == 0
        waits.append(tent.store.value("SELECT next_try_at FROM rechecks") - tent.clock.now())
        tent.clock.advance(waits[-1])
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (5_000, 300_000)
    assert run(tent) == 1


@pytest.mark.parametrize(("asked_s", "waited_ms"), [(90, 90_000), (0, 5_000), (float("inf"), 3_600_000)])
def test_a_platform_that_asks_us_to_wait_is_left_alone_so_long(
    tent: HouseInATent, platform: Moody, asked_s: float, waited_ms: int
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    platform.moods["inspect"] = [RateLimited("Later.", asked_s)]
    run(tent)
    tent.clock.advance(waited_ms - 1)
    run(tent)
    assert platform.calls == ["inspect"]
    tent.clock.advance(1)
    assert run(tent) == 1


def test_one_post_that_cannot_be_looked_at_does_not_stop_the_others(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION), post("2", "nell", QUESTION))
    platform.moods["inspect"] = [Transient("No.")]
    assert run(tent) == 1
    assert status.get(tent.store, 2) is not None


def test_without_a_publisher_the_request_waits(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    assert recheck.run(tent.store, {}, tent.clock) == 0
    assert status.is_asked(tent.store, 1)


def test_when_we_are_asked_to_end_no_further_look_begins(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION), post("2", "nell", QUESTION))
    ending = iter([False, True])
    assert recheck.run(tent.store, tent.publishers, tent.clock, lambda: next(ending)) == 1
    assert platform.calls == ["inspect"]


def test_older_news_never_replaces_newer(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    newer, older = tent.clock.now(), tent.clock.now() - 1
    with tent.store.write() as tx:
        status.put(tx, 1, PostStatus(newer, exists=False))
        status.put(tx, 1, PostStatus(older, exists=True))
    found = status.get(tent.store, 1)
    assert found is not None
    assert (found.exists, found.checked_at) == (False, newer)


def test_a_full_disk_is_reported_and_the_request_stays(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(*(post(str(number), f"kim{number}", QUESTION) for number in range(20)))
    with no_room(tent.store), pytest.raises(StoreFull):
        run(tent)
    assert tent.store.value("SELECT count(*) FROM rechecks") > 0
    run(tent)
    assert tent.store.value("SELECT count(*) FROM post_status") == 20


def on_the_platform(tent: HouseInATent, **words: object) -> None:
    """Post 1 changes where it stands; the feed does not bring it again."""
    with tent.timeline.with_suffix(".status.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "1", **words}) + "\n")


def look_again(tent: HouseInATent) -> None:
    with tent.store.write() as tx:
        status.ask(tx, 1, tent.clock.now())
    tent.clock.advance(1_000)
    assert run(tent) == 1


def test_an_edit_that_no_feed_brings_becomes_a_revision_and_can_be_answered(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    on_the_platform(tent, text=EDITED, edited_at=tent.clock.now())
    look_again(tent)
    row = mentions.by_id(tent.store, 1)
    assert row is not None
    assert (row["text"], row["text_hash"], row["revision"], row["stage"]) == (EDITED, post_hash(EDITED), 2, "kept")
    assert row["edited_at"] == tent.clock.now() - 1_000
    assert tent.store.value("SELECT text FROM revisions") == QUESTION
    tent.assess()
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    assert [reply.text for reply in tent.said()] == [ANSWER]


def test_an_approval_of_the_post_before_its_edit_does_not_count(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    assert tent.approve("kim", ANSWER).kind == "queued"
    on_the_platform(tent, text=EDITED)
    look_again(tent)
    tent.assess()
    tent.clock.advance(10_000)
    tent.send()
    assert tent.said() == []
    assert tent.store.value("SELECT count(*) FROM approvals WHERE void = 0") == 0


def test_the_words_of_a_look_are_kept_in_the_posts_own_row_only(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    on_the_platform(tent, text=EDITED)
    look_again(tent)
    body = tent.store.value("SELECT body FROM post_status")
    assert "Fliederbusch" not in body
    assert "text" not in json.loads(body)
    found = status.get(tent.store, 1)
    assert found is not None
    assert (found.text, found.text_hash) == ("", post_hash(EDITED))


def test_a_post_that_still_says_the_same_is_not_assessed_again(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    look_again(tent)
    row = mentions.by_id(tent.store, 1)
    assert row is not None
    assert (row["revision"], row["stage"]) == (1, "assessed")


@pytest.mark.parametrize("change", [{"exists": False}, {"visibility": "followers"}, {"visibility": "direct"}])
def test_a_post_that_is_gone_or_hidden_loses_its_words_and_its_approval_at_once(
    tent: HouseInATent, change: dict[str, object]
) -> None:
    tent.hear(post("1", "kim", QUESTION + " Fliederbusch"))
    verdict = tent.approve("kim", ANSWER)
    assert verdict.dispatch_id is not None
    on_the_platform(tent, **change)
    look_again(tent)
    row = mentions.by_id(tent.store, 1)
    assert row is not None
    assert (row["text"], row["text_hash"], row["visibility"]) == ("", "", change.get("visibility", "unknown"))
    for table in ("revisions", "matches", "findings"):
        assert tent.store.value(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608 - names above
    dispatch = dispatches.by_id(tent.store, verdict.dispatch_id)
    assert dispatch is not None
    assert dispatch["state"] == DispatchState.CANCELLED
    assert tent.case("kim")["state"] in {CaseState.NEW, CaseState.CLAIMED}
    assert tent.store.value("SELECT count(*) FROM approvals WHERE void = 0") == 0
    assert status.get(tent.store, 1) is not None, "the gate must know why it denies"


def test_what_is_gone_is_taken_out_once_and_stays_out_when_it_comes_back(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    on_the_platform(tent, exists=False)
    look_again(tent)
    draft = drafts.open_of_case(tent.store, 1)
    look_again(tent)
    assert drafts.open_of_case(tent.store, 1) == draft
    on_the_platform(tent, exists=True, visibility="public")
    look_again(tent)
    tent.hear(post("1", "kim", QUESTION))
    assert tent.store.value("SELECT text FROM mentions") == ""


def test_an_edit_that_a_feed_brought_during_the_look_is_not_overwritten(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    on_the_platform(tent, text=EDITED)
    platform.meanwhile["inspect"] = lambda: tent.hear(post("1", "kim", QUESTION + " Immer noch."))
    look_again(tent)
    assert tent.store.value("SELECT text FROM mentions") == QUESTION + " Immer noch."


@pytest.mark.parametrize(
    "change", [{"text_hash": ""}, {"text": ""}, {"exists": None, "text_hash": "", "visibility": Visibility.UNKNOWN}]
)
def test_without_a_text_that_fits_its_hash_nothing_is_revised(tent: HouseInATent, change: dict[str, object]) -> None:
    tent.hear(post("1", "kim", QUESTION))
    found = PostStatus(
        tent.clock.now(), exists=True, visibility=Visibility.PUBLIC, text=EDITED, text_hash=post_hash(EDITED)
    )
    row = mentions.by_id(tent.store, 1)
    assert row is not None
    with tent.store.write() as tx:
        recheck.learn(tx, row, replace(found, **change), tent.clock.now())
    assert tent.store.value("SELECT text FROM mentions") == QUESTION


def test_older_news_neither_revises_nor_hides(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    row, now = mentions.by_id(tent.store, 1), tent.clock.now()
    assert row is not None
    with tent.store.write() as tx:
        status.put(tx, 1, PostStatus(now, exists=True))
        recheck.learn(tx, row, PostStatus(now - 1, exists=False), now)
        older = PostStatus(now - 1, exists=True, text=EDITED, text_hash=post_hash(EDITED))
        recheck.learn(tx, row, older, now)
    assert tent.store.value("SELECT text FROM mentions") == QUESTION


def test_a_post_that_was_erased_during_the_look_stays_erased(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))

    def erase() -> None:
        for table in ("drafts", "mentions", "cases"):
            tent.store.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names above

    platform.meanwhile["inspect"] = erase
    look_again(tent)
    assert tent.store.value("SELECT count(*) FROM post_status") == 0
