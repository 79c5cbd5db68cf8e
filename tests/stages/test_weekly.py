"""Weekly sums for the safety board and the works council: right, rounded off for few, kept when the rows are gone."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from clocks import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from tents import HouseInATent, post

from bot.model import AlarmKind, Lane
from bot.protect import weekly
from bot.protect.alarm import raise_alarm
from bot.store import cases, purge, security
from bot.store import weekly as rows
from bot.store.db import Tx

BERLIN = ZoneInfo("Europe/Berlin")
DAY_MS = 86_400_000
PEOPLE = [f"person{number}" for number in range(9)]


def hear(tent: HouseInATent, people: Sequence[str], lane: Lane) -> None:
    for person in people:
        tent.hear(post(f"{person}-{lane}", person, "@fjordfon_hilft Was soll das?"))
        with tent.store.write() as tx:
            cases.change_lane(tx, tent.case(person)["id"], lane, tent.clock.now(), tent.user("bob")["id"])


def this_week(tent: HouseInATent) -> dict[str, int | None]:
    return weekly.weeks(tent.store, BERLIN, tent.clock.now(), 1)[0].sums


def test_five_people_make_a_number_and_four_do_not(tent: HouseInATent) -> None:
    hear(tent, PEOPLE[:4], Lane.ABUSE)
    assert this_week(tent)["abuse"] is None
    hear(tent, PEOPLE[4:5], Lane.ABUSE)
    assert this_week(tent)["abuse"] == 5
    assert this_week(tent)["threats"] == 0


def test_many_posts_of_few_people_are_not_told(tent: HouseInATent) -> None:
    for number in range(8):
        tent.hear(post(str(number), "kim", f"@fjordfon_hilft Nummer {number}?", root=str(number)))
        with tent.store.write() as tx:
            cases.change_lane(tx, tent.case("kim")["id"], Lane.ABUSE, tent.clock.now(), tent.user("bob")["id"])
    assert this_week(tent)["abuse"] is None


ALARMED = "INSERT INTO escalation_reports VALUES (:id, :target, :at, 'r', :user)"


def test_threats_reports_and_outcomes_count_in_the_week_in_which_they_happen(
    tent: HouseInATent, clock: FakeClock
) -> None:
    hear(tent, PEOPLE[:6], Lane.THREAT)
    now, user = clock.now(), tent.user("bob")["id"]
    with tent.store.write() as tx:
        for person in PEOPLE[:6]:
            case_id = tent.case(person)["id"]
            one = raise_alarm(tx, case_id=case_id, kind=AlarmKind.THREAT, acute=True, why="human", now=now)
            tx.run("UPDATE escalations SET state = 'confirmed', confirmed_at = :at WHERE id = :id", at=now, id=one)
            for target in ("police", "board", "employee"):
                tx.run(ALARMED, id=one, target=target, at=now, user=user)
    told = this_week(tent)
    assert (told["threats"], told["threats_confirmed"], told["threats_figurative"]) == (6, 6, 0)
    assert (told["reports_police"], told["reports_others"]) == (6, 12)
    clock.advance(8 * DAY_MS)
    assert set(this_week(tent).values()) == {0}
    assert weekly.weeks(tent.store, BERLIN, clock.now(), 2)[1].sums["reports_police"] == 6


def warn(tx: Tx, number: int, step: int, at: int, user: int) -> None:
    tx.run(
        "INSERT OR IGNORE INTO ladders (id, author_key, platform, forget_at) VALUES (:id, :key, 'replay', :until)",
        id=number + 1,
        key=f"key{number}",
        until=at * 2,
    )
    tx.run(
        """INSERT INTO rungs (ladder_id, number, incident_at, proposed_by, proposed_at, delivered_at)
        VALUES (:id, :step, :at, :user, :at, :at)""",
        id=number + 1,
        step=step,
        at=at,
        user=user,
    )


def test_warnings_are_counted_by_step_and_false_helpers_by_what_became_of_them(tent: HouseInATent) -> None:
    now, user = tent.clock.now(), tent.user("bob")["id"]
    hear(tent, PEOPLE[:5], Lane.SCAM)
    with tent.store.write() as tx:
        for number in range(6):
            warn(tx, number, 1, now, user)
        for number in range(3):
            warn(tx, number, 2, now, user)
        for person in PEOPLE[:5]:
            case_id = tent.case(person)["id"]
            post_id = tent.case(person)["latest_mention"]
            security.put(
                tx, case_id=case_id, kind="false_helper", signals="lookalike", mention_id=post_id, customer=None, at=now
            )
            row = security.of_case(tx, case_id)
            assert row is not None
            assert security.reported(tx, row["id"], version=1, receipt="", at=now)
            assert security.closed(tx, row["id"], version=2, outcome="taken_down", at=now)
    told = this_week(tent)
    assert (told["warnings_1"], told["warnings_2"], told["warnings_3"]) == (6, None, 0)
    assert {told[name] for name in ("false_helpers", "false_helpers_reported", "false_helpers_taken_down")} == {5}


def test_a_finished_week_keeps_its_sums_when_its_rows_are_gone(tent: HouseInATent, clock: FakeClock) -> None:
    hear(tent, PEOPLE[:7], Lane.ABUSE)
    monday = weekly.weeks(tent.store, BERLIN, clock.now(), 1)[0].monday
    clock.advance(8 * DAY_MS)
    with tent.store.write() as tx:
        assert weekly.close_finished(tx, BERLIN, clock.now()) >= 1
    clock.advance(60 * DAY_MS)
    purge.run(tent.store, now=clock.now(), days=30, author_key=tent.wiring.keys.author)
    assert tent.store.value("SELECT count(*) FROM cases") == 0
    kept = {week.monday: week.sums for week in weekly.weeks(tent.store, BERLIN, clock.now(), 12)}
    assert kept[monday]["abuse"] == 7
    assert kept[monday]["threats"] == 0


def test_what_is_kept_of_few_people_is_not_even_their_number(tent: HouseInATent, clock: FakeClock) -> None:
    hear(tent, PEOPLE[:3], Lane.ABUSE)
    clock.advance(8 * DAY_MS)
    with tent.store.write() as tx:
        weekly.close_finished(tx, BERLIN, clock.now())
    told = tent.store.rows("SELECT n FROM weekly_sums WHERE what = 'abuse' ORDER BY week DESC LIMIT 1")
    assert [row["n"] for row in told] == [None]


def test_closing_twice_changes_nothing_and_the_running_week_is_never_closed(
    tent: HouseInATent, clock: FakeClock
) -> None:
    hear(tent, PEOPLE[:5], Lane.ABUSE)
    with tent.store.write() as tx:
        weekly.close_finished(tx, BERLIN, clock.now())
        assert weekly.close_finished(tx, BERLIN, clock.now()) == 0
    assert this_week(tent)["abuse"] == 5
    hear(tent, PEOPLE[5:6], Lane.ABUSE)
    assert this_week(tent)["abuse"] == 6


@given(st.integers(1_500_000_000_000, 2_500_000_000_000))
def test_every_instant_lies_in_one_week_that_begins_on_a_monday_at_midnight(now: int) -> None:
    monday = weekly._monday(now, BERLIN)
    begin = weekly._begin(monday, BERLIN)
    assert monday.weekday() == 0
    assert begin <= now < begin + 7 * DAY_MS + 3_600_000


def test_a_week_in_which_the_clocks_change_is_an_hour_longer() -> None:
    begin = weekly._begin(date(2026, 10, 19), BERLIN)
    assert weekly._begin(date(2026, 10, 26), BERLIN) - begin == 7 * DAY_MS + 3_600_000


def test_the_file_is_plain_csv_without_formulas(tent: HouseInATent) -> None:
    hear(tent, PEOPLE[:2], Lane.ABUSE)
    heads = ["=HYPERLINK(1)", *rows.QUERIES]
    told = list(csv.reader(io.StringIO(weekly.as_csv(weekly.weeks(tent.store, BERLIN, tent.clock.now(), 3), heads))))
    assert told[0][0] == "'=HYPERLINK(1)"
    assert [len(line) for line in told] == [len(rows.QUERIES) + 1] * 4
    assert told[1][1] == "<5"
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in told for cell in line)


def test_taking_the_sums_along_is_an_entry_that_names_nobody(tent: HouseInATent) -> None:
    with tent.store.write() as tx:
        weekly.note(tx, "operator", 8, tent.clock.now())
    [entry] = tent.entries("EXPORT")
    assert (entry["what"], entry["weeks"], entry["by"]) == ("protection", 8, "operator")
    assert "person" not in json.dumps(entry)


@pytest.mark.parametrize("query", rows.QUERIES.values(), ids=rows.QUERIES)
def test_no_sum_names_a_member_of_staff(query: str) -> None:
    assert not any(word in query for word in ("user_id", "_by", "users", "initials"))
