"""Deletion sync: what is gone on its platform goes here; a silent platform seals words and in the end erases them."""

import json
from collections.abc import Callable

import pytest
from port_doubles import Moody
from tents import HouseInATent, post

from bot import sync
from bot.errors import PlatformError, RateLimited, Transient, Unauthorised
from bot.ledger.full import compare_in_full
from bot.ledger.verify import Verdict
from bot.model import CaseState, DispatchState, Platform
from bot.model.retention import ALARM_MS, DAY_MS, HOUR_MS, keeping
from bot.review import acts
from bot.store import house as house_rows
from bot.store import mentions, sources, upkeep
from bot.store.db import Row, Store

QUESTION = "@fjordfon_hilft Warum geht das Internet nicht? Fliederbusch"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"
SECRET = b"Fliederbusch"
STEP_MS = 840_000


@pytest.fixture
def platform(tent: HouseInATent) -> Moody:
    moody = Moody(tent.publishers["samples"])
    tent.publishers["samples"] = moody
    tent.store.connection.execute("PRAGMA synchronous = OFF")  # weeks of rounds in seconds
    with tent.store.write() as tx:
        house_rows.start_health(tx, name="worker", pid=1, version="test", at=tent.clock.now())
    return moody


def once(tent: HouseInATent) -> int:
    """What the worker's job does."""
    with tent.store.write() as tx:
        house_rows.beat(tx, "worker", tent.clock.now(), 0)
    looked = sync.run(tent.store, tent.publishers, tent.clock)
    sync.close(tent.store, tent.clock, tent.wiring.keys.author)
    return looked


def runs_for(tent: HouseInATent, hours: float) -> int:
    """The worker runs so long, a round every fourteen minutes; returns how many looks were answered."""
    looked = 0
    for _ in range(round(hours * HOUR_MS / STEP_MS)):
        tent.clock.advance(STEP_MS)
        looked += once(tent)
    return looked


def goes_down(platform: Moody, error: PlatformError | None = None) -> None:
    platform.moods["inspect"] = [error or Transient("No.")] * 10_000


def comes_back(platform: Moody) -> None:
    platform.moods["inspect"] = []


def on_the_platform(tent: HouseInATent, **words: object) -> None:
    with tent.timeline.with_suffix(".status.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "1", **words}) + "\n")


def the_post(tent: HouseInATent, mention_id: int = 1) -> Row:
    row = mentions.by_id(tent.store, mention_id)
    assert row is not None
    return row


def folder(tent: HouseInATent) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((tent.root / "data").iterdir()))


def moved_to(tent: HouseInATent, name: str) -> None:
    """From here on the posts count as those of another platform; the file still answers for it."""
    with tent.store.write() as tx:
        tx.run("UPDATE mentions SET platform = :name", name=name)


def test_every_post_is_looked_at_again_within_twelve_hours_and_not_all_at_once(
    tent: HouseInATent, platform: Moody
) -> None:
    tent.hear(*(post(str(number), f"kim{number}", QUESTION) for number in range(30)))
    rounds = []
    for _ in range(52):
        tent.clock.advance(STEP_MS)
        rounds.append(once(tent))
    assert sum(rounds) == 30
    assert max(rounds) < 10
    oldest = tent.store.value("SELECT min(stood_at) FROM mentions")
    assert tent.clock.now() - oldest < 12 * HOUR_MS


def test_on_x_a_look_is_billed_so_there_is_one_a_day(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    moved_to(tent, "x")
    assert runs_for(tent, 16) == 0
    assert runs_for(tent, 8) == 1
    assert keeping(Platform.X).look_ms <= DAY_MS
    assert the_post(tent)["sealed_at"] is None


@pytest.mark.parametrize("change", [{"exists": False}, {"visibility": "followers"}, {"active": False}])
def test_what_is_deleted_protected_or_suspended_there_is_gone_here_from_every_byte(
    tent: HouseInATent, platform: Moody, change: dict[str, object]
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    draft = tent.open("kim")
    with tent.store.write() as tx:
        text = f"Fliederbusch? {ANSWER}"
        acts.save(tx, draft["id"], version=draft["version"], text=text, user=tent.user("alice"), now=tent.clock.now())
    assert SECRET in folder(tent)
    on_the_platform(tent, **change)
    runs_for(tent, 12)
    row = the_post(tent)
    assert (row["text"], row["text_hash"], row["url"]) == ("", "", "")
    assert SECRET not in folder(tent)
    assert [entry["step"] for entry in tent.entries("DELETION")] == ["noticed", "closed"]


def test_the_salts_of_a_post_go_with_its_words_and_those_of_the_authors_other_posts_stay(
    tent: HouseInATent, platform: Moody
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.clock.advance(7 * HOUR_MS)
    tent.hear(post("2", "kim", QUESTION))
    assert tent.approve("kim", f"Wir melden uns. {ANSWER}").kind == "queued"
    targets = "SELECT count(*) FROM vault WHERE kind = 'target'"
    assert tent.store.value(targets) == 2
    on_the_platform(tent, exists=False)
    runs_for(tent, 12)
    assert tent.store.value(targets) == 1
    states = [row["state"] for row in tent.store.rows("SELECT state FROM dispatches ORDER BY id")]
    assert states == [DispatchState.CANCELLED, DispatchState.QUEUED]


def test_full_verification_holds_after_a_deletion_and_its_entries_hold_no_words(
    tent: HouseInATent, platform: Moody
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    tent.approve("kim", ANSWER)
    on_the_platform(tent, exists=False)
    runs_for(tent, 12)
    tent.beat()
    compared = compare_in_full(tent.store, tent.root / "checkpoints", tent.wiring.keys.known)
    assert compared.report.verdict is Verdict.OK, compared.report.sentence
    for entry in tent.entries("DELETION"):
        assert set(entry) <= {"type", "at", "step", "noticed_at", "hours", "mention", "platform", "cause"}


def test_an_edit_that_no_feed_brings_becomes_a_revision(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    on_the_platform(tent, text="@fjordfon_hilft Warum geht das Telefon nicht?")
    runs_for(tent, 12)
    assert the_post(tent)["revision"] == 2
    assert "Telefon" in the_post(tent)["text"]


def test_a_look_that_finds_the_post_sets_when_it_stood(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    before = the_post(tent)["stood_at"]
    runs_for(tent, 12)
    assert the_post(tent)["stood_at"] > before


def test_two_workers_do_not_look_twice(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    tent.clock.advance(12 * HOUR_MS)
    platform.meanwhile["inspect"] = lambda: sync.run(Store(tent.store.path), tent.publishers, tent.clock) and None
    sync.run(tent.store, tent.publishers, tent.clock)
    assert platform.calls == ["inspect"]


def test_a_platform_that_asks_us_to_wait_ends_the_round(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(*(post(str(number), f"kim{number}", QUESTION) for number in range(5)))
    once(tent)
    tent.clock.advance(12 * HOUR_MS)
    platform.moods["inspect"] = [RateLimited("Later.", 1_200)]
    once(tent)
    assert platform.calls == ["inspect"]
    tent.clock.advance(1_200_000 - 1)
    once(tent)
    assert platform.calls == ["inspect"]
    tent.clock.advance(1)
    assert once(tent) == 5


def test_when_we_are_asked_to_end_no_further_look_begins(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION), post("2", "nell", QUESTION))
    once(tent)
    tent.clock.advance(12 * HOUR_MS)
    ending = iter([False, True, True])
    assert sync.run(tent.store, tent.publishers, tent.clock, lambda: next(ending)) == 1
    assert once(tent) == 1, "the next start goes on"


@pytest.mark.parametrize("error", [Transient("No."), Unauthorised("No."), RateLimited("No.", 60)])
def test_a_platform_that_is_silent_for_an_hour_is_an_alarm_until_it_answers(
    tent: HouseInATent, platform: Moody, error: PlatformError
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    runs_for(tent, 9)
    goes_down(platform, error)
    runs_for(tent, 4)
    (alarm,) = upkeep.without_platform(tent.store, tent.clock.now() - ALARM_MS)
    assert alarm["name"] == "samples"
    comes_back(platform)
    runs_for(tent, 2)
    assert upkeep.without_platform(tent.store, tent.clock.now() - ALARM_MS) == []


def test_a_source_whose_polls_fail_for_an_hour_is_the_same_alarm(tent: HouseInATent, platform: Moody) -> None:
    once(tent)
    with tent.store.write() as tx:
        sources.failed(tx, "samples", "No.", at=tent.clock.now(), wait_until=0)
    assert upkeep.without_platform(tent.store, tent.clock.now() - ALARM_MS) == []
    assert len(upkeep.without_platform(tent.store, tent.clock.now())) == 1


@pytest.mark.parametrize("name", ["replay", "mastodon", "reddit", "x", "bluesky"])
def test_thirty_hours_without_a_platform_seal_the_words_and_an_answer_opens_them(
    tent: HouseInATent, platform: Moody, name: str
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    moved_to(tent, name)
    goes_down(platform)
    runs_for(tent, 19)
    assert the_post(tent)["sealed_at"] is None
    runs_for(tent, 11)
    assert the_post(tent)["sealed_at"] is not None
    assert the_post(tent)["text"] == QUESTION, "sealed is not erased"
    assert upkeep.sealed(tent.store) == 1
    comes_back(platform)
    runs_for(tent, 1)
    assert the_post(tent)["sealed_at"] is None


@pytest.mark.parametrize(
    ("name", "hours"), [("reddit", 48), ("x", 72), ("mastodon", 168), ("bluesky", 168), ("lemmy", 168)]
)
def test_after_its_hours_without_a_platform_the_words_are_gone_and_not_before(
    tent: HouseInATent, platform: Moody, name: str, hours: int
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    moved_to(tent, name)
    goes_down(platform)
    runs_for(tent, hours - 1)
    assert the_post(tent)["text"] == QUESTION
    runs_for(tent, 2)
    assert the_post(tent)["text"] == ""
    assert SECRET not in folder(tent)
    assert [entry.get("cause") for entry in tent.entries("DELETION")] == ["unanswered", None]
    assert len(tent.store.rows("SELECT id FROM cases")) == 1, "the case itself stays"


def test_our_own_downtime_seals_at_once_but_erases_nothing(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    moved_to(tent, "reddit")
    tent.clock.advance(100 * HOUR_MS)
    assert upkeep.unattended(tent.store, tent.clock.now()), "as long as no worker runs, nothing is shown"
    goes_down(platform)
    with tent.store.write() as tx:
        house_rows.start_health(tx, name="worker", pid=2, version="test", at=tent.clock.now())
    assert the_post(tent)["sealed_at"] is not None, "sealed in the transaction in which the worker begins"
    runs_for(tent, 40)
    assert the_post(tent)["text"] == QUESTION
    comes_back(platform)
    runs_for(tent, 1)
    assert the_post(tent)["sealed_at"] is None
    assert not upkeep.unattended(tent.store, tent.clock.now())


def test_the_platforms_silence_counts_on_after_our_own(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    moved_to(tent, "reddit")
    goes_down(platform)
    runs_for(tent, 24)
    tent.clock.advance(100 * HOUR_MS)
    runs_for(tent, 20)
    assert the_post(tent)["text"] == QUESTION
    runs_for(tent, 6)
    assert the_post(tent)["text"] == ""


def test_a_short_silence_of_ours_seals_nothing(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    tent.clock.advance(11 * HOUR_MS)
    once(tent)
    assert the_post(tent)["sealed_at"] is None


def test_a_source_that_nobody_can_ask_is_neither_sealed_nor_erased_by_silence(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    tent.publishers.clear()
    runs_for(tent, 200)
    assert (the_post(tent)["sealed_at"], the_post(tent)["text"]) == (None, QUESTION)


def test_a_source_that_was_switched_off_is_silent_like_its_platform(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    tent.publishers.clear()
    runs_for(tent, 30)
    assert the_post(tent)["sealed_at"] is not None
    runs_for(tent, 140)
    assert the_post(tent)["text"] == ""


def test_a_sealed_post_cannot_be_answered_until_it_was_looked_at(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    goes_down(platform)
    runs_for(tent, 21)
    assert tent.approve("kim", ANSWER).kind == "held"
    comes_back(platform)
    runs_for(tent, 1)
    tent.clock.advance(1)
    assert tent.approve("kim", ANSWER).kind == "queued"


def test_what_was_approved_before_its_post_was_lost_does_not_leave(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", QUESTION))
    once(tent)
    assert tent.approve("kim", ANSWER).kind == "queued"
    goes_down(platform)
    for _ in range(170):
        tent.clock.advance(HOUR_MS // 6)
        once(tent)
    moved_to(tent, "reddit")
    runs_for(tent, 30)
    comes_back(platform)
    tent.send()
    assert tent.said() == []
    assert tent.case("kim")["state"] in {CaseState.NEW, CaseState.CLAIMED}


def test_a_busy_reader_keeps_a_deletion_open_and_the_next_round_closes_it(
    tent: HouseInATent, platform: Moody, busy: Callable[[], Store]
) -> None:
    tent.hear(post("1", "kim", QUESTION))
    on_the_platform(tent, exists=False)
    reader = busy()
    runs_for(tent, 12)
    assert [entry["step"] for entry in tent.entries("DELETION")] == ["noticed"]
    reader.close()
    once(tent)
    assert [entry["step"] for entry in tent.entries("DELETION")] == ["noticed", "closed"]
    assert SECRET not in folder(tent)


@pytest.fixture
def busy(tent: HouseInATent) -> Callable[[], Store]:
    """Another connection in the middle of reading."""

    def begin() -> Store:
        tent.store.connection.execute("PRAGMA busy_timeout = 20")
        reader = Store(tent.store.path)
        reader.connection.execute("BEGIN")
        reader.value("SELECT count(*) FROM mentions")
        return reader

    return begin


def test_on_reddit_the_opt_out_of_an_account_that_is_gone_goes_too(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft stopp"))
    once(tent)
    key = tent.wiring.keys.author("reddit", "kim")
    with tent.store.write() as tx:
        tx.run("UPDATE mentions SET platform = 'reddit'")
        tx.run("UPDATE opt_outs SET author_key = :key, platform = 'reddit'", key=key)
    on_the_platform(tent, active=False)
    runs_for(tent, 12)
    assert tent.store.value("SELECT count(*) FROM opt_outs") == 0
