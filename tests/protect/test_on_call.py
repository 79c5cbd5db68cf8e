"""Who is on call at a time, and until when: weeks, exceptions, holidays, midnights, nights when clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config.load import load
from bot.config.roster import Colleague, Roster, Swap, Turn
from bot.config.starter import starter_dir
from bot.protect.oncall import OnCall, on_call, unmanned, unpaged, vacancies

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KIM, SASCHA, MIA = (Colleague(name=name, channels=("EARSHOT_PAGE",)) for name in ("Kim", "Sascha", "Mia"))


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp() * 1000)


def turn(person: str, begins: str, ends: str, *days: str) -> Turn:
    return Turn(duties=("threat",), days=days or DAYS, begins=begins, ends=ends, person=person)


def roster(*weekly: Turn, exceptions: tuple[Swap, ...] = ()) -> Roster:
    return Roster(people=(KIM, SASCHA, MIA), weekly=weekly, exceptions=exceptions)


def who(known: Roster, when: int, holidays: tuple[str, ...] = (), zone: ZoneInfo = BERLIN) -> OnCall:
    return on_call(known, "threat", when, zone=zone, holidays=holidays)


def named(found: OnCall) -> str:
    return found.person.name if found.person else ""


NIGHTS = roster(turn("Kim", "18:00", "08:00", "mon", "tue", "wed", "thu", "fri"))


@pytest.mark.parametrize(
    ("when", "name", "until"),
    [
        ("2026-11-20 17:59:59", "", "2026-11-20 18:00"),
        ("2026-11-20 18:00", "Kim", "2026-11-21 08:00"),
        ("2026-11-21 03:00", "Kim", "2026-11-21 08:00"),
        ("2026-11-21 08:00", "", "2026-11-23 18:00"),
        ("2026-11-22 18:30", "", "2026-11-23 18:00"),
    ],
)
def test_a_night_lasts_over_midnight_and_belongs_to_the_day_on_which_it_begins(when, name, until) -> None:
    found = who(NIGHTS, at(when))
    assert (named(found), found.until) == (name, at(until))


def test_whoever_has_everything_has_it_without_an_end_in_sight() -> None:
    found = who(roster(turn("Kim", "08:00", "08:00")), at("2026-11-20 03:00"))
    assert (named(found), found.until) == ("Kim", None)


def test_without_a_line_for_a_duty_nobody_is_on_call_for_it() -> None:
    assert who(roster(), at("2026-11-20 12:00")) == OnCall(None, None)
    assert on_call(NIGHTS, "crisis", at("2026-11-20 20:00"), zone=BERLIN, holidays=()).person is None


def test_where_lines_overlap_the_first_one_counts() -> None:
    both = roster(turn("Kim", "08:00", "12:00"), turn("Sascha", "10:00", "16:00"))
    assert named(who(both, at("2026-11-20 11:00"))) == "Kim"
    assert who(both, at("2026-11-20 11:00")).until == at("2026-11-20 12:00")
    assert named(who(both, at("2026-11-20 12:00"))) == "Sascha"


def test_an_exception_counts_before_the_week_and_ends_to_the_minute() -> None:
    swap = Swap(duties=("threat",), begins="2026-11-20 20:00", ends="2026-11-20 22:00", person="Mia")
    known = roster(*NIGHTS.weekly, exceptions=(swap,))
    assert who(known, at("2026-11-20 19:00")).until == at("2026-11-20 20:00")
    assert (named(who(known, at("2026-11-20 20:00"))), who(known, at("2026-11-20 20:00")).until) == (
        "Mia",
        at("2026-11-20 22:00"),
    )
    assert named(who(known, at("2026-11-20 22:00"))) == "Kim"


def test_on_a_holiday_its_own_lines_count_and_a_duty_without_one_goes_on_as_always() -> None:
    festive = roster(turn("Kim", "08:00", "18:00"), turn("Sascha", "10:00", "14:00", "holiday"))
    friday = ("2026-12-25",)
    assert named(who(festive, at("2026-12-25 09:00"), friday)) == ""
    assert named(who(festive, at("2026-12-25 11:00"), friday)) == "Sascha"
    assert named(who(festive, at("2026-12-25 11:00"))) == "Kim"
    always = roster(turn("Kim", "08:00", "18:00"))
    assert named(who(always, at("2026-12-25 09:00"), friday)) == "Kim"


def test_a_night_that_begins_before_a_holiday_lasts_into_it() -> None:
    festive = roster(turn("Kim", "18:00", "08:00"), turn("Sascha", "08:00", "18:00", "holiday"))
    assert named(who(festive, at("2026-12-25 03:00"), ("2026-12-25",))) == "Kim"
    assert named(who(festive, at("2026-12-25 20:00"), ("2026-12-25",))) == ""


def test_in_the_night_without_half_past_two_the_watch_changes_an_hour_after_half_past_one() -> None:
    known = roster(turn("Kim", "18:00", "02:30"), turn("Sascha", "02:30", "18:00"))
    change = at("2026-03-29 01:30") + 3_600_000
    assert named(who(known, change - 1)) == "Kim"
    assert named(who(known, change)) == "Sascha"


def test_in_the_night_with_two_half_past_twos_the_watch_changes_at_the_first() -> None:
    known = roster(turn("Kim", "18:00", "02:30"), turn("Sascha", "02:30", "18:00"))
    first = at("2026-10-25 02:30")
    assert at("2026-10-25 02:30", fold=1) - first == 3_600_000
    assert named(who(known, first - 1)) == "Kim"
    assert {named(who(known, moment)) for moment in (first, first + 1_800_000, first + 5_400_000)} == {"Sascha"}


def test_what_nobody_is_on_call_for_is_told_by_duty_and_only_for_duties_that_the_roster_knows() -> None:
    config = load(starter_dir())
    assert unmanned(config, at("2026-11-20 12:00")) == ()
    known = config.model_copy(update={"roster": NIGHTS})
    assert unmanned(known, at("2026-11-20 12:00")) == ("threat",)
    assert unmanned(known, at("2026-11-21 03:00")) == ()
    festive = NIGHTS.model_copy(update={"weekly": (*NIGHTS.weekly, turn("Mia", "08:00", "18:00", "holiday"))})
    holidays = config.protection.model_copy(update={"holidays": ("2026-11-20",)})
    assert unmanned(known.model_copy(update={"roster": festive, "protection": holidays}), at("2026-11-20 12:00")) == ()


ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC")]
)
TIMES = st.times().map(lambda time: time.strftime("%H:%M"))


@settings(max_examples=60, deadline=None)
@given(
    zone=ZONES,
    times=st.lists(TIMES, min_size=2, max_size=4, unique=True),
    year=st.integers(2024, 2030),
    minute=st.integers(0, 366 * 1440),
)
def test_lines_that_adjoin_all_round_the_clock_leave_nobody_out_at_any_minute_of_any_year(
    zone: ZoneInfo, times: list[str], year: int, minute: int
) -> None:
    edges = sorted(times)
    names = ("Kim", "Sascha", "Mia", "Kim")
    lines = [turn(names[n], edge, edges[(n + 1) % len(edges)]) for n, edge in enumerate(edges)]
    when = int((datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).timestamp() * 1000)
    assert who(roster(*lines), when, zone=zone).person is not None


@settings(max_examples=60, deadline=None)
@given(zone=ZONES, begins=TIMES, ends=TIMES, minute=st.integers(0, 366 * 1440))
def test_until_is_the_first_moment_at_which_it_is_somebody_else(
    zone: ZoneInfo, begins: str, ends: str, minute: int
) -> None:
    known = roster(turn("Kim", begins, ends, "mon", "wed", "sun"), turn("Sascha", "09:00", "17:00"))
    when = int((datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).timestamp() * 1000)
    found = who(known, when, zone=zone)
    assert found.until is not None
    assert named(who(known, found.until - 1, zone=zone)) == named(found)
    assert named(who(known, found.until, zone=zone)) != named(found)


def test_an_alarm_reaches_nobody_where_neither_a_chain_nor_the_roster_names_anybody_at_that_hour() -> None:
    known = load(starter_dir()).model_copy(update={"roster": NIGHTS})
    assert unpaged(known, at("2026-11-20 12:00")) == ("threat", "crisis", "security")
    assert unpaged(known, at("2026-11-21 03:00")) == ("crisis", "security")


def test_the_vacancies_of_a_week_are_whole_stretches_and_a_roster_without_a_gap_has_none() -> None:
    known = load(starter_dir()).model_copy(update={"roster": roster(turn("Kim", "18:00", "08:00"))})
    noon = at("2026-11-20 12:00")
    found = vacancies(known, noon)
    assert found[0] == ("threat", noon, at("2026-11-20 18:00"))
    assert found[1] == ("threat", at("2026-11-21 08:00"), at("2026-11-21 18:00"))
    assert [duty for duty, *_ in found] == ["threat"] * 8
    around = roster(turn("Kim", "08:00", "18:00"), turn("Mia", "18:00", "08:00"))
    assert vacancies(known.model_copy(update={"roster": around}), noon) == ()
    assert vacancies(load(starter_dir()), noon) == ()
