"""How much hate a person reads in a day: a budget of the team, one's own figure, and cases that go to others (W-04)."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tents import HouseInATent, pitch_with, post, starter, with_source

from bot.config.models import ConfigSet
from bot.errors import Spent, Untrained
from bot.model import SHIELDED_LANES, Lane
from bot.protect import exposure
from bot.protect.exposure import Budget
from bot.review import acts
from bot.review import care as review
from bot.store import care, cases, users

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = 3_600_000, 86_400_000
RUDE = "@fjordfon_hilft Du bist doch ein dummes Arschloch, ihr Idioten."
NEED = "@fjordfon_hilft Ich kann nicht mehr, ich will nicht mehr leben."
THREAT = "@fjordfon_hilft Ich bringe euren Techniker um, wenn er morgen kommt."
MOST = 5


@pytest.fixture
def tent(tmp_path, clock) -> HouseInATent:
    config: ConfigSet = starter()
    source = config.platforms.sources[0].model_copy(
        update={
            "file": str(tmp_path / "posts.jsonl"),
            "posts_per_minute": 0,
            "timeline": str(tmp_path / "timeline.jsonl"),
        }
    )
    (tmp_path / "posts.jsonl").touch()
    protection = config.protection.model_copy(update={"exposure_per_day": MOST})
    return pitch_with(tmp_path, clock, with_source(config, source).model_copy(update={"protection": protection}))


def reads(tent: HouseInATent, name: str, times: int) -> None:
    with tent.store.write() as tx:
        for _ in range(times):
            care.expose(tx, tent.user(name)["id"], tent.clock.now())


def signs_in(tent: HouseInATent, name: str) -> None:
    now = tent.clock.now()
    with tent.store.write() as tx:
        users.begin_session(tx, f"s-{name}-{now}", tent.user(name)["id"], at=now, expires_at=now + 12 * HOUR)


def opens(tent: HouseInATent, handle: str, name: str) -> bool:
    """Whether a person may take a case; True leaves it untaken again."""
    with tent.store.write() as tx:
        case_id, user, now = tent.case(handle)["id"], tent.user(name), tent.clock.now()
        try:
            acts.open_case(tx, tent.wiring.house(tx), case_id, user, now)
        except (Spent, Untrained):
            return False
        cases.let_go(tx, case_id, user["id"], now)
    return True


def own(tent: HouseInATent, name: str) -> Budget:
    return exposure.budget(tent.store, tent.config, tent.user(name)["id"], tent.clock.now())


@given(read=st.integers(0, 3000), most=st.integers(1, 1000))
def test_near_begins_at_eighty_per_cent_and_spent_at_the_whole_and_never_the_other_way_round(
    read: int, most: int
) -> None:
    budget = Budget(read, most)
    assert budget.spent == (read >= most)
    assert budget.near == (read / most >= 0.8)
    assert budget.near or not budget.spent


@given(st.integers(1_600_000_000_000, 2_200_000_000_000), st.sampled_from(["Europe/Berlin", "Pacific/Auckland", "UTC"]))
def test_a_day_begins_at_most_twenty_five_hours_ago_and_is_the_same_all_day(now: int, zone: str) -> None:
    begin = exposure.day_start(now, ZoneInfo(zone))
    assert begin <= now < begin + 25 * HOUR
    assert exposure.day_start(begin, ZoneInfo(zone)) == begin
    assert exposure.day_start(begin - 1, ZoneInfo(zone)) < begin


@given(st.integers(1_600_000_000_000, 2_200_000_000_000))
def test_a_week_is_whole_and_over(now: int) -> None:
    begin, end = exposure.week_before(now, BERLIN)
    assert end <= now
    assert end - begin in {7 * DAY - HOUR, 7 * DAY, 7 * DAY + HOUR}
    assert exposure.week_before(end, BERLIN) == (begin, end), "the same week until the next is over"


def test_reading_the_wording_counts_and_masked_words_and_other_lanes_do_not(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", RUDE), post("2", "lea", "@fjordfon_hilft Warum geht das Internet nicht?"))
    assert tent.case("kim")["lane"] == Lane.ABUSE
    with tent.store.write() as tx:
        house, alice, now = tent.wiring.house(tx), tent.user("alice"), tent.clock.now()
        review.reveal(tx, house, tent.case("kim"), "shown_masked", user=alice, now=now)
        assert own(tent, "alice").read == 0
        review.reveal(tx, house, tent.case("kim"), "shown_words", user=alice, now=now)
        review.reveal(tx, house, tent.case("lea"), "shown_words", user=alice, now=now)
    assert own(tent, "alice") == Budget(1, MOST)
    assert own(tent, "bob").read == 0


def test_past_the_budget_such_cases_go_to_others_and_every_other_case_stays_open(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", RUDE), post("2", "lea", "@fjordfon_hilft Warum geht das Internet nicht?"))
    reads(tent, "alice", MOST - 1)
    assert own(tent, "alice").near
    assert opens(tent, "kim", "alice")
    reads(tent, "alice", 1)
    assert not opens(tent, "kim", "alice")
    with pytest.raises(Spent), tent.store.write() as tx:
        review.reveal(
            tx, tent.wiring.house(tx), tent.case("kim"), "shown_words", user=tent.user("alice"), now=tent.clock.now()
        )
    assert opens(tent, "lea", "alice")
    assert opens(tent, "kim", "bob")
    tent.clock.advance(DAY)
    assert opens(tent, "kim", "alice"), "a new day"


def test_what_nobody_assessed_counts_as_hard(tent: HouseInATent) -> None:
    tent.hear(post("1", "lea", "@fjordfon_hilft Warum geht das Internet nicht?"))
    with tent.store.write() as tx:
        tx.run("UPDATE cases SET not_assessed = 1")
    reads(tent, "alice", MOST)
    assert not opens(tent, "lea", "alice")


def test_a_break_closes_hard_cases_until_it_ends_or_is_ended(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", RUDE))
    for ends in (lambda: tent.clock.advance(exposure.BREAK_MS), lambda: end_rest(tent)):
        with tent.store.write() as tx:
            exposure.rest(tx, tent.user("alice")["id"], tent.clock.now())
        assert not opens(tent, "kim", "alice")
        ends()
        assert opens(tent, "kim", "alice")


def end_rest(tent: HouseInATent) -> None:
    with tent.store.write() as tx:
        care.end_rest(tx, tent.user("alice")["id"])


def test_a_crisis_is_opened_past_the_budget_when_nobody_else_who_may_is_there(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", NEED))
    assert tent.case("kim")["lane"] == Lane.CRISIS
    reads(tent, "bob", MOST)
    signs_in(tent, "bob")
    signs_in(tent, "alice")
    assert opens(tent, "kim", "bob"), "alice is here, but not trained"
    with tent.store.write() as tx:
        tx.run("UPDATE users SET trained = 1 WHERE name = 'alice'")
    assert not opens(tent, "kim", "bob"), "alice can take it"
    reads(tent, "alice", MOST)
    assert opens(tent, "kim", "bob"), "both had enough: the person in need comes first"
    assert opens(tent, "kim", "alice")


def test_somebody_not_seen_for_an_hour_is_not_there(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", NEED))
    with tent.store.write() as tx:
        tx.run("UPDATE users SET trained = 1 WHERE name = 'alice'")
    signs_in(tent, "alice")
    reads(tent, "bob", MOST)
    assert not opens(tent, "kim", "bob")
    tent.clock.advance(HOUR + 1)
    assert opens(tent, "kim", "bob")


def test_an_acute_threat_is_opened_past_the_budget_and_any_other_threat_is_not(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", THREAT))
    case = tent.case("kim")
    assert case["lane"] == Lane.THREAT
    reads(tent, "bob", MOST)
    for acute, opened in ((0, False), (1, True)):
        with tent.store.write() as tx:
            tx.run("UPDATE escalations SET acute = :acute", acute=acute)
        with tent.store.write() as tx:
            house, bob = tent.wiring.house(tx), tent.user("bob")
            if opened:
                review.need_fit(tx, house, case, bob, tent.clock.now())
            else:
                with pytest.raises(Spent):
                    review.need_fit(tx, house, case, bob, tent.clock.now())


def test_nobody_is_led_to_what_they_should_not_read(tent: HouseInATent) -> None:
    def closed(name: str) -> frozenset[Lane]:
        return exposure.closed_lanes(tent.store, tent.config, tent.user(name), tent.clock.now())

    assert closed("alice") == {Lane.CRISIS}
    assert closed("bob") == frozenset()
    reads(tent, "bob", MOST)
    assert closed("bob") == SHIELDED_LANES


def test_sums_are_told_of_whole_weeks_and_of_five_people_or_more(tent: HouseInATent) -> None:
    names = ["alice", "bob", *(f"helper-{n}" for n in range(3))]
    with tent.store.write() as tx:
        for name in names[2:]:
            users.add(tx, name=name, role="agent", initials="HH", password_hash="-", trained=False, at=1)  # type: ignore[arg-type]
    for name in names[:4]:
        reads(tent, name, 3)
    tent.clock.advance(7 * DAY)
    assert exposure.last_week(tent.store, tent.config, tent.clock.now()) is None
    tent.clock.advance(-7 * DAY)
    reads(tent, names[4], 2)
    assert exposure.last_week(tent.store, tent.config, tent.clock.now()) is None, "the week is not over"
    tent.clock.advance(7 * DAY)
    week = exposure.last_week(tent.store, tent.config, tent.clock.now())
    assert week is not None
    assert week.texts == 14


def test_what_was_read_is_forgotten_after_thirty_days_and_never_says_what_it_was(tent: HouseInATent) -> None:
    reads(tent, "alice", 2)
    row = tent.store.row("SELECT * FROM exposures")
    assert row is not None
    assert set(row.keys()) == {"user_id", "at"}
    tent.clock.advance(30 * DAY)
    with tent.store.write() as tx:
        care.purge(tx, tent.clock.now())
    assert tent.store.value("SELECT count(*) FROM exposures") == 2
    tent.clock.advance(1)
    with tent.store.write() as tx:
        care.purge(tx, tent.clock.now())
    assert tent.store.value("SELECT count(*) FROM exposures") == 0
