"""A root that becomes known later: cases that are one conversation become one, by one event."""

from pathlib import Path

import pytest
from clocks import FakeClock
from tents import HouseInATent, pitch, post

from bot.model import CaseState, DispatchState, Lane
from bot.store import cases, drafts
from bot.store.db import Row

HOUR_MS = 3_600_000
HELP = "@fjordfon_hilft Warum geht das Internet nicht?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


@pytest.fixture
def tent(tmp_path: Path, clock: FakeClock) -> HouseInATent:
    return pitch(tmp_path, clock)


def hear_two(tent: HouseInATent, second: str = HELP) -> None:
    """Two posts of kim in one thread, whose root nobody knows yet, too far apart to be joined by time."""
    tent.hear(post("11", "kim", HELP, in_reply_to="10"))
    tent.clock.advance(7 * HOUR_MS)
    tent.hear(post("12", "kim", second, in_reply_to="11"))
    assert len(all_cases(tent)) == 2


def learn(tent: HouseInATent, *native_ids: str, second: str = HELP) -> None:
    texts = {"11": HELP, "12": second}
    for native_id in native_ids:
        tent.hear(post(native_id, "kim", texts[native_id], in_reply_to=str(int(native_id) - 1), root="10"))


def all_cases(tent: HouseInATent) -> list[Row]:
    return tent.store.rows("SELECT * FROM cases ORDER BY id")


def test_two_cases_of_one_thread_become_the_elder_one_by_one_event(tent: HouseInATent) -> None:
    hear_two(tent)
    elder, younger = all_cases(tent)
    learn(tent, "11", "12")
    (case,) = all_cases(tent)
    assert (case["id"], case["thread_key"]) == (elder["id"], "10")
    assert case["latest_mention"] == younger["latest_mention"]
    kinds = [event["kind"] for event in cases.events(tent.store, case["id"])]
    assert (kinds.count("merged"), kinds.count("opened")) == (1, 2)
    for table in ("mentions", "drafts", "case_events"):
        assert tent.store.value(f"SELECT count(*) FROM {table} WHERE case_id <> :id", id=case["id"]) == 0  # noqa: S608
    assert tent.store.value("SELECT count(*) FROM mentions") == 2
    assert tent.store.connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("order", [("11", "12"), ("12", "11")])
def test_the_order_in_which_roots_become_known_does_not_matter(tent: HouseInATent, order: tuple[str, str]) -> None:
    hear_two(tent)
    first = all_cases(tent)[0]["id"]
    learn(tent, *order)
    assert [case["id"] for case in all_cases(tent)] == [first]


def test_a_root_that_nobody_else_knows_only_names_the_thread(tent: HouseInATent) -> None:
    hear_two(tent)
    learn(tent, "11")
    assert [case["thread_key"] for case in all_cases(tent)] == ["10", "11"]
    events = [event["kind"] for event in cases.events(tent.store, all_cases(tent)[0]["id"])]
    assert "merged" not in events


def test_learning_the_same_root_again_changes_nothing(tent: HouseInATent) -> None:
    hear_two(tent)
    learn(tent, "11", "12")
    before = tuple(all_cases(tent)[0])
    learn(tent, "11", "12")
    assert tuple(all_cases(tent)[0]) == before


def test_the_worse_lane_and_the_earlier_due_time_govern(tent: HouseInATent) -> None:
    threat = "@fjordfon_hilft Ich bringe euren Techniker um, wenn er kommt."
    hear_two(tent, threat)
    dues = [case["due_at"] for case in all_cases(tent)]
    learn(tent, "11", "12", second=threat)
    (case,) = all_cases(tent)
    assert (case["lane"], case["due_at"], case["rank"]) == (Lane.THREAT, min(dues), 0)


def test_what_was_approved_and_not_sent_is_open_again(tent: HouseInATent) -> None:
    hear_two(tent)
    verdict = tent.approve("kim", ANSWER)
    assert verdict.dispatch_id is not None
    learn(tent, "11", "12")
    assert tent.store.value("SELECT state FROM dispatches") == DispatchState.CANCELLED
    (case,) = all_cases(tent)
    assert (case["state"], case["claimed_by"]) == (CaseState.CLAIMED, tent.user("alice")["id"])
    draft = drafts.open_of_case(tent.store, case["id"])
    assert draft is not None
    assert drafts.approvals(tent.store, draft["id"]) == []


def test_an_escalated_case_stays_escalated_and_a_finished_one_does_not_hide_an_open_one(tent: HouseInATent) -> None:
    hear_two(tent)
    first, second = all_cases(tent)
    tent.store.connection.execute("UPDATE cases SET state = 'closed' WHERE id = ?", [first["id"]])
    tent.store.connection.execute("UPDATE cases SET state = 'escalated' WHERE id = ?", [second["id"]])
    learn(tent, "11", "12")
    assert [case["state"] for case in all_cases(tent)] == [CaseState.ESCALATED]


def test_two_finished_cases_stay_finished(tent: HouseInATent) -> None:
    hear_two(tent)
    tent.store.connection.execute("UPDATE cases SET state = 'closed'")
    learn(tent, "11", "12")
    assert [case["state"] for case in all_cases(tent)] == [CaseState.CLOSED]


def test_the_case_of_another_author_in_the_thread_is_left_alone(tent: HouseInATent) -> None:
    hear_two(tent)
    tent.hear(post("20", "nell", HELP, in_reply_to="10", root="10"))
    learn(tent, "11", "12")
    assert sorted(case["author_handle"] for case in all_cases(tent)) == ["kim", "nell"]
