"""Who is on call is paged first; the chain of protection.yaml comes next, and alone while nobody is on call."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alarms import BOARD, HEAD, MINUTE, ONCALL, Pagers, Watch
from clocks import FakeClock
from tents import pitch

from bot.config.protection import Chain, Protection
from bot.config.roster import Colleague, Roster, Turn
from bot.model import AlarmKind
from bot.protect.alarm import raise_alarm
from bot.store import pages

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KIM = Colleague(name="Kim", channels=("EARSHOT_PAGE_KIM",), language="de")
MIA = Colleague(name="Mia", channels=("EARSHOT_PAGE_MIA",))
DUTIES = ("threat", "crisis", "security")
NIGHTS = Roster(
    people=(KIM, MIA),
    weekly=(
        Turn(duties=DUTIES, days=DAYS, begins="18:00", ends="03:04", person="Kim"),
        Turn(duties=DUTIES, days=DAYS, begins="03:04", ends="08:00", person="Mia"),
    ),
)
CHAIN = Chain(first=(ONCALL, BOARD), then=(HEAD,), minutes=5)


def watch_at(tmp_path: Path, hour: int, protection: Protection | None = None) -> Watch:
    """A house in Berlin at that hour of a Friday."""
    there = datetime(2026, 11, 20, hour, tzinfo=ZoneInfo("Europe/Berlin"))
    tent = pitch(tmp_path / "night", FakeClock(int(there.timestamp() * 1000)))
    known = Protection(threat=CHAIN, crisis=CHAIN) if protection is None else protection
    return Watch(tent, Pagers(tmp_path / "pages.jsonl"), known, NIGHTS)


def in_need(watch: Watch) -> None:
    watch.threaten()
    case, now = watch.tent.case("kim")["id"], watch.tent.clock.now()
    with watch.tent.store.write() as tx:
        tx.run("UPDATE escalations SET ended_at = :now, state = 'figurative'", now=now)
        raise_alarm(tx, case_id=case, kind=AlarmKind.CRISIS, acute=True, why="flagged", now=now)


def test_a_threat_pages_who_is_on_call_and_the_board_within_the_minute_then_the_chain(tmp_path: Path) -> None:
    watch = watch_at(tmp_path, 20)
    watch.threaten()
    watch.run_for(1)
    assert watch.pagers.channels == ["EARSHOT_PAGE_KIM", "EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_BOARD"]
    assert "Drohung" in watch.pagers.got[0]["subject"], "in the language of who is on call"
    watch.run_for(4.1)
    assert watch.pagers.channels[3:] == ["EARSHOT_PAGE_HEAD"]


def test_for_somebody_in_need_who_is_on_call_is_paged_alone_and_the_chain_follows(tmp_path: Path) -> None:
    watch = watch_at(tmp_path, 20)
    in_need(watch)
    watch.run_for(1)
    assert watch.pagers.channels == ["EARSHOT_PAGE_KIM"]
    watch.run_for(4.1)
    assert watch.pagers.channels[1:] == ["EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_BOARD"]
    watch.run_for(5.1)
    assert watch.pagers.channels[3:] == ["EARSHOT_PAGE_HEAD"]


def test_while_nobody_is_on_call_the_chain_is_paged_as_without_a_roster(tmp_path: Path) -> None:
    watch = watch_at(tmp_path, 12)
    watch.threaten()
    watch.run_for(1)
    assert watch.pagers.channels == ["EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_BOARD"]


def test_without_a_chain_an_alarm_waits_until_somebody_comes_on_call(tmp_path: Path) -> None:
    watch = watch_at(tmp_path, 17, Protection())
    watch.threaten()
    watch.run_for(50, every_s=60)
    assert watch.pagers.got == []
    watch.run_for(12, every_s=60)
    assert watch.pagers.channels[0] == "EARSHOT_PAGE_KIM"


def test_who_comes_on_call_while_nobody_answers_is_paged_before_the_chain_goes_on(tmp_path: Path) -> None:
    watch = watch_at(tmp_path, 3)  # Kim until 03:04, then Mia
    watch.threaten()
    watch.run_for(1)
    assert watch.pagers.channels[0] == "EARSHOT_PAGE_KIM"
    watch.run_for(5)
    assert watch.pagers.channels[3:] == ["EARSHOT_PAGE_MIA"]
    watch.run_for(5)
    assert watch.pagers.channels[4:] == ["EARSHOT_PAGE_HEAD"]


def test_a_page_planned_for_who_was_on_call_a_moment_ago_still_goes_to_them(tmp_path: Path) -> None:
    watch = watch_at(tmp_path, 3)
    watch.tent.clock.advance(4 * MINUTE - 2_000)
    watch.pagers.down.add("EARSHOT_PAGE_KIM")
    watch.threaten()
    watch.page()
    watch.pagers.down.clear()
    watch.tent.clock.advance(40_000)
    watch.page()
    assert "EARSHOT_PAGE_KIM" in watch.pagers.channels
    assert pages.told_since(watch.tent.store, "Kim", watch.escalation()["id"], watch.escalation()["rung_at"])


def test_who_stands_in_roster_and_chain_is_paged_once(tmp_path: Path) -> None:
    both = Protection(threat=Chain(first=(ONCALL.model_copy(update={"name": "Kim"}), BOARD), minutes=5))
    watch = watch_at(tmp_path, 20, both)
    watch.threaten()
    watch.run_for(1)
    assert watch.pagers.channels == ["EARSHOT_PAGE_KIM", "EARSHOT_PAGE_BOARD"]


def test_a_first_look_goes_to_those_who_are_named_for_it(tmp_path: Path) -> None:
    looking = Protection(threat=CHAIN, first_look=Chain(first=(HEAD,)))
    watch = watch_at(tmp_path, 20, looking)
    watch.threaten("@fjordfon_hilft Ich stech dich ab.")
    watch.run_for(5.5)
    assert watch.pagers.channels == ["EARSHOT_PAGE_HEAD"]


@pytest.mark.parametrize(("hour", "on_call"), [(20, "Kim"), (12, None)])
def test_the_workers_own_pager_reads_the_roster_in_the_brands_zone(tmp_path: Path, hour: int, on_call: str) -> None:
    watch = watch_at(tmp_path, hour)
    config = watch.tent.config.model_copy(update={"roster": NIGHTS})
    found = watch.tent.wiring.pager(config).on_call(AlarmKind.THREAT, watch.tent.clock.now(), first_look=False)
    assert (found.name if found else None) == on_call
