"""Solo shifts from the rows: opened by a senior, ended by themselves, each release on a list, some of it looked at."""

import json
from datetime import UTC, datetime

import pytest
from clocks import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from port_doubles import die, killed
from tents import HouseInATent, post

from bot.errors import GateRefused, NotAllowed, Stale
from bot.ledger import full
from bot.ledger.proof import Verdict
from bot.model import Lane, Outcome
from bot.protect import solo
from bot.review import acts
from bot.store import drafts, purge, shifts
from bot.wiring import Wiring

HOUR = 3_600_000
QUESTION = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Was macht ihr jetzt?"
PROMISE = "Das tut uns leid. Wir erstatten dir den Monat. ^AL"


@pytest.fixture
def asked(tent: HouseInATent) -> HouseInATent:
    tent.hear(post("1", "kim", QUESTION))
    return tent


def begin(tent: HouseInATent, name: str = "bob", hours: int = 8, reason: str = "Nachtschicht") -> int:
    now, house = tent.clock.now(), tent.wiring.house()
    with tent.store.write() as tx:
        until = now + hours * HOUR
        return solo.begin(tx, tent.wiring.keys, house.config, until=until, reason=reason, user=tent.user(name), now=now)


def release(tent: HouseInATent, handle: str = "kim", name: str = "alice", rule: str = "C-32") -> None:
    draft = drafts.open_of_case(tent.store, tent.case(handle)["id"])
    assert draft is not None
    with tent.store.write() as tx:
        house, user = tent.wiring.house(tx), tent.user(name)
        acts.release(tx, house, draft["id"], rule=rule, reason="Störung ist bestätigt", user=user, now=tent.clock.now())


def review(tent: HouseInATent, release_id: int, name: str, outcome: str = "right") -> None:
    with tent.store.write() as tx:
        solo.review(tx, tent.wiring.keys, release_id, outcome=outcome, user=tent.user(name), now=tent.clock.now())


def close_due(tent: HouseInATent) -> None:
    solo.run(tent.store, tent.wiring.house().config, tent.clock)


def told(tent: HouseInATent) -> list[str]:
    return [str(entry["step"]) for entry in tent.entries("RELEASE") if "step" in entry]


def test_one_person_releases_their_own_promise_with_a_reason_and_it_leaves(asked: HouseInATent) -> None:
    begin(asked)
    assert asked.approve("kim", PROMISE).kind == "held", "held for who wrote it, not handed on to nobody"
    release(asked)
    assert asked.approve("kim", PROMISE).kind == "queued"
    asked.clock.advance(30_000)
    asked.send()
    (reply,) = asked.said()
    assert reply.text.endswith(PROMISE)
    (entry,) = (entry for entry in asked.entries("RELEASE") if "rule" in entry)
    assert (entry["rule"], entry["second"], entry["alone"]) == ("C-32", False, True)
    (row,) = shifts.released_alone(asked.store, 0)
    assert (row["case_id"], row["rule"]) == (asked.case("kim")["id"], "C-32")
    assert _full(asked) is Verdict.OK


def _full(tent: HouseInATent) -> Verdict:
    tent.beat()
    known = tent.wiring.keys.known
    return full.compare_in_full(tent.store, tent.root / "checkpoints", known).report.verdict


def test_without_a_solo_shift_the_same_release_is_refused_and_nothing_is_written(asked: HouseInATent) -> None:
    assert asked.approve("kim", PROMISE).kind == "waiting"
    before = asked.store.value("SELECT count(*) FROM log")
    with pytest.raises(GateRefused):
        release(asked)
    assert asked.store.value("SELECT count(*) FROM log") == before
    assert shifts.released_alone(asked.store, 0) == []


def test_at_the_end_of_the_shift_the_next_such_release_takes_two_whether_a_worker_runs_or_not(
    asked: HouseInATent,
) -> None:
    begin(asked, hours=2)
    asked.clock.advance(2 * HOUR)
    assert asked.approve("kim", PROMISE).kind == "waiting"
    with pytest.raises(GateRefused):
        release(asked)


def test_what_was_let_pass_alone_and_has_not_left_at_the_end_comes_back_to_the_desk(asked: HouseInATent) -> None:
    begin(asked, hours=2)
    asked.clock.advance(2 * HOUR - 5_000)
    asked.approve("kim", PROMISE)
    release(asked)
    assert asked.approve("kim", PROMISE).kind == "queued"
    asked.clock.advance(30_000)
    asked.send()
    assert asked.said() == []
    draft = drafts.open_of_case(asked.store, asked.case("kim")["id"])
    assert draft is not None
    assert draft["state"] == "open"


@pytest.mark.parametrize("lane", [Lane.ABUSE, Lane.THREAT])
def test_two_people_stay_two_where_somebody_is_attacked(asked: HouseInATent, lane: Lane) -> None:
    begin(asked)
    asked.open("kim")
    with asked.store.write() as tx:
        tx.run("UPDATE cases SET lane = :lane", lane=lane)
    verdict = asked.approve("kim", PROMISE)
    assert verdict.kind in {"waiting", "denied"}
    assert not any(result.alone for result in verdict.decision.results)
    with pytest.raises(GateRefused):
        release(asked)


def test_only_a_senior_opens_one_with_a_reason_for_twelve_hours_at_most_and_one_at_a_time(tent: HouseInATent) -> None:
    for name, hours, reason in (("alice", 8, "x"), ("bob", 13, "x"), ("bob", 0, "x"), ("charlie", 8, "x")):
        with pytest.raises(NotAllowed):
            begin(tent, name, hours, reason)
    with pytest.raises(Stale, match="few words"):
        begin(tent, reason="  ")
    begin(tent)
    with pytest.raises(Stale, match="open already"):
        begin(tent)
    assert told(tent) == ["solo_opened"]


def test_it_ends_by_itself_once_and_another_may_follow(tent: HouseInATent) -> None:
    begin(tent, hours=2)
    close_due(tent)
    assert told(tent) == ["solo_opened"], "not before its time"
    tent.clock.advance(5 * HOUR)
    assert shifts.open_solo(tent.store, tent.clock.now()) is None
    for _ in range(2):
        close_due(tent)
    assert told(tent) == ["solo_opened", "solo_ended"]
    row = tent.store.row("SELECT * FROM solo_shifts")
    assert row is not None
    assert (row["ended_at"], row["ended_by"]) == (row["until"], None)
    begin(tent)


def test_anybody_who_answers_ends_it_before_its_time(tent: HouseInATent) -> None:
    begin(tent)
    config = tent.wiring.house().config
    with pytest.raises(NotAllowed), tent.store.write() as tx:
        solo.end(tx, tent.wiring.keys, config, user=tent.user("charlie"), now=tent.clock.now())
    with tent.store.write() as tx:
        solo.end(tx, tent.wiring.keys, config, user=tent.user("alice"), now=tent.clock.now())
    assert shifts.not_closed(tent.store) is None
    with pytest.raises(Stale), tent.store.write() as tx:
        solo.end(tx, tent.wiring.keys, config, user=tent.user("alice"), now=tent.clock.now())


def shift_of_three(tent: HouseInATent) -> None:
    """Three promises let pass alone by alice in one night."""
    begin(tent)
    for number, author in enumerate(("kim", "lou", "mo"), 1):
        tent.hear(post(str(number), author, QUESTION))
        text = f"{number}. Wir erstatten dir den Monat, sag uns nur kurz Bescheid. ^AL"
        tent.approve(author, text)
        release(tent, author)


def test_the_next_working_day_somebody_else_looks_at_a_share_and_the_outcome_is_kept(tent: HouseInATent) -> None:
    shift_of_three(tent)
    assert shifts.to_review(tent.store) == []
    tent.clock.advance(9 * HOUR)
    close_due(tent)
    (drawn,) = shifts.to_review(tent.store)
    passed = shifts.let_pass_in(tent.store, drawn["shift_id"])
    assert bytes(min(row["h"] for row in passed)) == next(bytes(r["h"]) for r in passed if r["id"] == drawn["id"])
    ended = tent.store.value("SELECT ended_at FROM solo_shifts")
    assert drawn["due_at"] - ended in {24 * HOUR, 48 * HOUR, 72 * HOUR}
    for name in ("alice", "charlie"):
        with pytest.raises(NotAllowed):
            review(tent, drawn["id"], name)
    with pytest.raises(Stale):
        review(tent, drawn["id"], "bob", "fine")
    review(tent, drawn["id"], "bob", "talk")
    with pytest.raises(Stale):
        review(tent, drawn["id"], "bob")
    assert shifts.to_review(tent.store) == []
    entry = tent.entries("RELEASE")[-1]
    assert (entry["step"], entry["outcome"], entry["release"]) == ("solo_reviewed", "talk", drawn["seq"])
    undrawn = next(row for row in passed if row["id"] != drawn["id"])
    with pytest.raises(Stale):
        review(tent, undrawn["id"], "bob")


def test_the_review_is_due_on_no_holiday(tent: HouseInATent) -> None:
    day = 24 * HOUR
    now = int(datetime(2026, 12, 24, 13, tzinfo=UTC).timestamp() * 1000)  # a Thursday before two holidays and a Sunday
    config = tent.wiring.house().config
    protection = config.protection.model_copy(update={"holidays": ("2026-12-25", "2026-12-26")})
    config = config.model_copy(update={"protection": protection})
    with tent.store.write() as tx:
        shift = shifts.begin_solo(tx, at=now - HOUR, until=now, user_id=2, reason="x")
        row = {"shift_id": shift, "case_id": None, "rule": "C-32", "user_id": 1, "at": now - 1, "seq": 1}
        shifts.let_pass(tx, row)
        solo.close_due(tx, config, now)
    (drawn,) = shifts.to_review(tent.store)
    assert drawn["due_at"] == now + 4 * day, "Monday, at the same time"


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40, unique=True), st.integers(1, 100))
def test_the_draw_takes_the_share_whatever_the_order_and_the_people(hashes: list[bytes], percent: int) -> None:
    rows = [{"h": each, "user_id": number % 3} for number, each in enumerate(hashes)]
    drawn = solo.sample(rows, percent)  # type: ignore[arg-type]
    assert len(drawn) == -(-len(rows) * percent // 100)
    assert bool(drawn) == bool(rows)
    assert solo.sample(rows[::-1], percent) == drawn  # type: ignore[arg-type]
    others = [{**row, "user_id": 0} for row in rows]
    assert [row["h"] for row in solo.sample(others, percent)] == [row["h"] for row in drawn]  # type: ignore[arg-type]


def test_what_was_looked_at_and_notes_go_after_thirty_days_and_what_waits_stays(tent: HouseInATent) -> None:
    shift_of_three(tent)
    tent.clock.advance(9 * HOUR)
    close_due(tent)
    with tent.store.write() as tx:
        shifts.add_note(tx, user_id=1, text="Kiel ist noch gestört.", case_id=None, at=tent.clock.now())
    tent.clock.advance(31 * 24 * HOUR)
    purge.run(tent.store, now=tent.clock.now(), days=30, author_key=tent.wiring.keys.author)
    assert shifts.notes(tent.store, 0) == []
    (drawn,) = shifts.to_review(tent.store)
    review(tent, drawn["id"], "bob")
    tent.clock.advance(31 * 24 * HOUR)
    purge.run(tent.store, now=tent.clock.now(), days=30, author_key=tent.wiring.keys.author)
    assert tent.store.value("SELECT count(*) FROM solo_releases") == 0
    assert tent.store.value("SELECT count(*) FROM solo_shifts") == 0
    assert _full(tent) is Verdict.OK


class DeadlyClock(FakeClock):
    """Ends the process when it is asked for the ``last``-th time."""

    def __init__(self, clock: FakeClock, last: int) -> None:
        super().__init__(clock.now())
        self._left = last

    def now(self) -> int:
        self._left -= 1
        if not self._left:
            die()
        return super().now()


@pytest.mark.crash
@pytest.mark.parametrize("last", [1, 2])
def test_a_worker_killed_while_it_closes_a_shift_leaves_it_closed_once_by_the_next(
    tent: HouseInATent, last: int
) -> None:
    begin(tent, hours=2)
    tent.clock.advance(3 * HOUR)

    def run() -> None:
        wiring = Wiring(tent.wiring.settings, tent.clock)
        solo.run(wiring.stores(), wiring.house().config, DeadlyClock(tent.clock, last))

    assert killed(run)
    close_due(tent)
    assert told(tent) == ["solo_opened", "solo_ended"]
    assert _full(tent) is Verdict.OK


def test_no_word_of_a_reason_stands_in_the_ledger(asked: HouseInATent) -> None:
    begin(asked, reason="Weil Fliederbusch krank ist")
    asked.approve("kim", PROMISE)
    release(asked)
    bodies = json.dumps([entry for kind in ("RELEASE", "DECISION") for entry in asked.entries(kind)])
    assert "Fliederbusch" not in bodies
    assert "bestätigt" not in bodies


def test_the_decision_at_dispatch_says_that_the_hold_was_released(asked: HouseInATent) -> None:
    begin(asked)
    asked.approve("kim", PROMISE)
    release(asked)
    verdict = asked.approve("kim", PROMISE)
    (hold,) = (result for result in verdict.decision.results if result.rule == "C-32")
    assert (hold.outcome, hold.released) == (Outcome.NOTE, True)
