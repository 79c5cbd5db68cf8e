"""Who is paged when, by a clock that the tests move (E-01; consent rules, sections 0 and 5)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alarms import ACUTE, BARE, BOARD, HEAD, MINUTE, ONCALL, Pagers, Watch
from clocks import FakeClock
from tents import HouseInATent, pitch, post

from bot.config.protection import Protection
from bot.ledger.verify import Verdict, verify
from bot.model import AlarmKind
from bot.protect import escalation, paging
from bot.protect.alarm import raise_alarm
from bot.store import alarms, pages


@pytest.fixture
def watch(tent: HouseInATent, tmp_path: Path) -> Watch:
    return Watch(tent, Pagers(tmp_path / "pages.jsonl"))


def at_three(tmp_path: Path) -> Watch:
    night = int(datetime(2026, 11, 20, 2, 0, tzinfo=UTC).timestamp() * 1000)  # 03:00 in Berlin
    return Watch(pitch(tmp_path / "night", FakeClock(night)), Pagers(tmp_path / "pages.jsonl"))


def test_a_threat_at_three_at_night_pages_in_a_minute_then_the_next_person_and_every_timer_stands_in_the_ledger(
    tmp_path: Path,
) -> None:
    watch = at_three(tmp_path)
    tent = watch.tent
    began = tent.clock.now()
    watch.threaten()
    watch.run_for(1)
    assert watch.pagers.channels == ["EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_BOARD"]
    assert watch.escalation()["paged_at"] - began <= MINUTE
    watch.run_for(4.1)
    assert watch.pagers.channels[2:] == ["EARSHOT_PAGE_HEAD"], "nobody acknowledged, so the next person is paged"
    with tent.store.write() as tx:
        paging.acknowledge(tx, watch.token(2), tent.clock.now())
    watch.run_for(12)
    assert len(watch.pagers.got) == 3, "who acknowledged ends the paging"
    row = watch.escalation()
    with tent.store.write() as tx:
        escalation.confirm(
            tx, tent.wiring.keys, row["id"], version=row["version"], user=tent.user("bob"), now=tent.clock.now()
        )
    watch.run_for(61)
    assert watch.steps() == [
        *("opened", "paged", "paged", "unacknowledged", "paged", "acknowledged", "overdue:decided"),
        *("decided:threat", "overdue:reported"),
    ]
    late = {entry["timer"]: entry["at"] for entry in tent.entries("THREAT") if entry["step"] == "overdue"}
    assert 15 * MINUTE < late["decided"] - began <= 15 * MINUTE + 5000
    assert 60 * MINUTE < late["reported"] - watch.escalation()["confirmed_at"] <= 60 * MINUTE + 5000
    assert verify(tent.store).verdict is Verdict.OK


def test_a_page_says_case_lane_and_two_links_and_nothing_of_the_customer(watch: Watch) -> None:
    case = watch.threaten(author="boeser_kunde")["id"]
    watch.page()
    german, english = watch.pagers.got
    number = watch.tent.case("boeser_kunde")["id"]
    token = watch.token(0)
    assert german["subject"] == f"Earshot: Drohung, Fall {number}"
    assert german["body"] == (
        f"Drohung: Fall {number}.\n\nIch kümmere mich: https://desk.example/ack/{token}\n"
        f"Im Pult ansehen: https://desk.example/escalations/{case}\n\nBei akuter Gefahr zuerst 110 anrufen."
    )
    assert english["subject"] == f"Earshot: threat, case {number}"
    told = f"{german} {english}"
    for word in (*ACUTE.split(), "boeser_kunde", "replay"):
        assert word not in told.split()
    assert watch.token(0) != watch.token(1)


def test_only_configured_contacts_are_ever_sent_anything(watch: Watch) -> None:
    watch.threaten()
    watch.run_for(30)
    known = {*ONCALL.channels, *BOARD.channels, *HEAD.channels}
    assert set(watch.pagers.channels) <= known
    assert watch.tent.said() == []


def test_a_mere_suspicion_freezes_the_author_and_is_paged_to_a_trained_person_after_five_minutes(watch: Watch) -> None:
    watch.threaten(BARE)
    watch.run_for(4.9)
    assert watch.pagers.got == []
    watch.run_for(0.2)
    assert watch.pagers.channels == ["EARSHOT_PAGE_TRAINED"]
    assert "Verdacht auf Drohung" in watch.pagers.got[0]["subject"]


def test_who_looks_at_a_suspicion_within_five_minutes_is_not_paged(watch: Watch) -> None:
    tent, row = watch.tent, watch.threaten(BARE)
    with tent.store.write() as tx:
        escalation.take(tx, tent.wiring.keys, row["id"], user=tent.user("bob"), now=tent.clock.now())
    watch.run_for(14)
    assert watch.pagers.got == []
    assert watch.steps() == ["opened", "acknowledged"]


def test_a_suspicion_that_turns_acute_is_paged_at_once_to_those_who_protect(watch: Watch) -> None:
    watch.threaten(BARE)
    watch.run_for(1)
    watch.threaten(ACUTE, number="2")
    watch.page()
    assert watch.pagers.channels == ["EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_BOARD"]
    assert watch.steps()[:2] == ["opened", "rung_again"]


def test_the_same_author_is_paged_once_an_hour_and_again_after_it(watch: Watch) -> None:
    watch.threaten()
    watch.page()
    with watch.tent.store.write() as tx:
        paging.acknowledge(tx, watch.token(), watch.tent.clock.now())
    for number in range(2, 9):
        watch.run_for(5)
        watch.threaten(number=str(number))
    assert len(watch.pagers.got) == 2
    watch.run_for(26)
    watch.threaten(number="9")
    watch.page()
    assert len(watch.pagers.got) == 4
    assert len(alarms.listed(watch.tent.store, ended=False, limit=9)) == 1


def test_above_five_an_hour_a_contact_gets_a_digest_and_still_within_the_minute(watch: Watch) -> None:
    for number in range(12):
        watch.threaten(author=f"kim{number}", number=str(number))
        watch.page()
    assert watch.pagers.channels.count("EARSHOT_PAGE_BOARD") == 5
    watch.run_for(0.9)
    digest = watch.pagers.got[-1]
    assert watch.pagers.channels.count("EARSHOT_PAGE_BOARD") == 6
    assert digest["subject"] == "Earshot: 7 alarms, threat"
    assert digest["body"].count("https://desk.example/ack/") == 1
    rows = alarms.listed(watch.tent.store, ended=False, limit=99)
    assert all(row["paged_at"] - row["opened_at"] <= MINUTE for row in rows)
    with watch.tent.store.write() as tx:
        paging.acknowledge(tx, watch.token(-1), watch.tent.clock.now())
    taken = [row for row in alarms.listed(watch.tent.store, ended=False, limit=99) if row["acknowledged_at"]]
    assert len(taken) == 7, "one link of a digest takes all that it tells of"


def test_a_channel_that_is_down_gives_way_to_the_next_and_is_tried_again(watch: Watch) -> None:
    watch.pagers.down = {"EARSHOT_PAGE_ONCALL"}
    watch.threaten()
    watch.page()
    assert sorted(watch.pagers.channels) == ["EARSHOT_PAGE_BOARD", "EARSHOT_PAGE_ONCALL_MAIL"]
    assert pages.failing(watch.tent.store) == []


def test_somebody_whom_no_channel_reaches_is_tried_again_while_the_next_person_is_paged_at_once(watch: Watch) -> None:
    watch.pagers.down = {*ONCALL.channels}
    watch.threaten()
    watch.page()
    watch.run_for(0.1)
    assert watch.pagers.channels == ["EARSHOT_PAGE_BOARD", "EARSHOT_PAGE_HEAD"]
    assert [row["contact"] for row in pages.failing(watch.tent.store)] == [ONCALL.name], "the banner is loud"
    watch.pagers.down = set()
    watch.run_for(0.6)
    assert watch.pagers.channels[2:] == ["EARSHOT_PAGE_ONCALL"]
    assert pages.failing(watch.tent.store) == []


def test_with_everybody_out_of_reach_nothing_is_forgotten_and_the_ledger_says_that_it_is_late(watch: Watch) -> None:
    watch.pagers.down = {*ONCALL.channels, *BOARD.channels, *HEAD.channels}
    watch.threaten()
    watch.run_for(3)
    assert watch.pagers.got == []
    assert "overdue:paged" in watch.steps()
    waiting = watch.tent.store.value("SELECT count(*) FROM pages")
    assert waiting == 3, "a contact's page is tried again, no second one is made"
    watch.pagers.down = set()
    watch.run_for(1)
    assert set(watch.pagers.channels) == {"EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_BOARD", "EARSHOT_PAGE_HEAD"}


def test_where_nobody_is_named_the_alarm_waits_and_is_paged_as_soon_as_somebody_is(watch: Watch) -> None:
    named, watch.protection = watch.protection, Protection()
    watch.threaten()
    watch.run_for(30)
    assert watch.pagers.got == []
    watch.protection = named
    watch.page()
    assert watch.pagers.channels == ["EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_BOARD"]


def test_a_contact_who_leaves_the_configuration_is_not_paged_any_more(watch: Watch) -> None:
    watch.pagers.down = {*ONCALL.channels}
    watch.threaten()
    watch.page()
    chain = watch.protection.threat.model_copy(update={"first": (BOARD,)})
    watch.protection = watch.protection.model_copy(update={"threat": chain})
    watch.pagers.down = set()
    watch.run_for(2)
    assert "EARSHOT_PAGE_ONCALL" not in watch.pagers.channels
    assert "EARSHOT_PAGE_HEAD" in watch.pagers.channels


def test_raising_the_same_alarm_twice_is_raising_it_once(watch: Watch) -> None:
    row = watch.threaten()
    case_id, now = watch.tent.case("kim")["id"], watch.tent.clock.now()
    with watch.tent.store.write() as tx:
        for _ in range(3):
            again = raise_alarm(tx, case_id=case_id, kind=AlarmKind.THREAT, acute=True, why="acute_pattern", now=now)
            assert again == row["id"]
    watch.page()
    assert watch.steps() == ["opened", "paged", "paged"]


def test_an_acknowledge_link_counts_once_and_ends_after_a_day(watch: Watch) -> None:
    watch.threaten()
    watch.page()
    store, clock = watch.tent.store, watch.tent.clock
    token = watch.token()
    assert pages.by_token(store, paging.token_hash(token), clock.now()) is not None
    assert pages.by_token(store, paging.token_hash(token), clock.now() + 24 * 60 * MINUTE) is None
    assert token.encode() not in store.path.read_bytes(), "the store keeps its hash alone"
    with store.write() as tx:
        paging.acknowledge(tx, "0" * 40, clock.now())
        paging.acknowledge(tx, "\ud800", clock.now())
    assert watch.escalation()["acknowledged_at"] is None
    with store.write() as tx:
        paging.acknowledge(tx, token, clock.now())
    at = watch.escalation()["acknowledged_at"]
    clock.advance(1000)
    with store.write() as tx:
        paging.acknowledge(tx, token, clock.now())
    assert watch.escalation()["acknowledged_at"] == at
    assert watch.steps().count("acknowledged") == 1


def test_the_ledger_names_no_contact_and_no_word_of_the_post(watch: Watch) -> None:
    watch.threaten(author="boeser_kunde")
    watch.run_for(20)
    told = str(watch.tent.entries("THREAT"))
    for word in (ONCALL.name, BOARD.name, HEAD.name, "boeser_kunde", "Axt", "desk.example"):
        assert word not in told


def test_posts_of_the_same_author_to_two_of_our_accounts_are_one_escalation(watch: Watch) -> None:
    watch.threaten()
    first = watch.tent.case("kim")
    with watch.tent.store.write() as tx:
        columns = dict(zip(first.keys(), first, strict=True))
        other = tx.insert("cases", columns | {"id": None, "account": "fjordfon_technik"})
        raise_alarm(
            tx, case_id=other, kind=AlarmKind.THREAT, acute=True, why="acute_pattern", now=watch.tent.clock.now()
        )
    watch.page()
    assert len(watch.pagers.got) == 2
    assert [row["id"] for row in alarms.cases_of(watch.tent.store, watch.escalation()["id"])] == [first["id"], other]


def test_other_posts_of_the_author_are_not_looked_for(watch: Watch) -> None:
    watch.tent.hear(post("1", "kim", "@fjordfon_hilft Wo finde ich meine Rechnung?", root="elsewhere"))
    harmless = watch.tent.case("kim")["id"]
    watch.tent.clock.advance(7 * 60 * MINUTE)
    watch.threaten(number="2")
    held = alarms.case_ids(watch.tent.store, watch.escalation()["id"])
    assert held == [watch.tent.case("kim")["id"]]
    assert harmless not in held
