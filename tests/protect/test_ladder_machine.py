"""The warning ladder as a state machine: whatever people, authors and the clock do, its promises hold (E-10)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.errors import NotAllowed, Stale
from bot.model.ladder import Bar, Incident, Ladder, Outcome, Rung, Step
from bot.protect import ladder as machine
from bot.protect.ladder import DECAY_MS, PAUSE_MS

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_795_000_000_000
PEOPLE = st.integers(1, 5)
BERLIN = ZoneInfo("Europe/Berlin")


def incident(at: int = START, mention_id: int = 1, **changes: object) -> Incident:
    known: dict[str, object] = {
        "mention_id": mention_id,
        "at": at,
        "written_at": at,
        "abuse_lane": True,
        "means_person": True,
    }
    return Incident(**{**known, **changes})


def climbed(steps: int, at: int = START) -> Ladder:
    """A ladder with so many delivered warnings, one a day; person 1 proposed each, person 2 approved it as well."""
    ladder = Ladder()
    for number in range(1, steps + 1):
        now = at + number * DAY
        ladder, _ = machine.propose(ladder, incident(now - HOUR, number), by=1, now=now)
        ladder = machine.linked(ladder, case_id=1, draft_id=number)
        ladder = machine.deliver(ladder, number, approved_by={1, 2}, at=now)
    return ladder


class Walk(RuleBasedStateMachine):
    """Authors write, people act, time passes. Beside the machine stands a diary that knows no rule of it."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.posts, self.drafts = START, 0, 0
        self.ladder = Ladder()
        self.flags = dict.fromkeys(("threat", "crisis", "storm", "stopped"), False)
        self.means_person = True
        self.post_at: int | None = None
        self.warned_posts: set[int] = set()
        self.delivered: list[tuple[int, int]] = []
        self.hands = 0

    # what happens
    @rule(means_person=st.booleans())
    def author_writes(self, *, means_person: bool) -> None:
        self.now += HOUR
        self.posts += 1
        self.post_at, self.means_person = self.now, means_person

    @rule(days=st.integers(0, 400))
    def time_passes(self, days: int) -> None:
        self.now += days * DAY + 60_000

    @rule(flag=st.sampled_from(["threat", "crisis", "storm", "stopped"]), on=st.booleans())
    def something_changes(self, flag: str, *, on: bool) -> None:
        self.flags[flag] = on

    def _incident(self) -> Incident:
        assert self.post_at is not None
        return incident(self.post_at, self.posts, means_person=self.means_person, **self.flags)

    # what people do
    @precondition(lambda self: self.post_at is not None)
    @rule(by=PEOPLE)
    def somebody_proposes(self, by: int) -> None:
        before = machine.step_of(self.ladder, self.now)
        try:
            proposed, step = machine.propose(self.ladder, self._incident(), by=by, now=self.now)
        except Stale:
            return
        assert self.means_person, "only for an attack on a person"
        assert not any(self.flags.values()), "neither in a storm, nor under a threat, a crisis or stop-all"
        assert self.posts not in self.warned_posts, "no post is warned twice"
        assert all(at < self.post_at for at, _ in self.delivered[-1:]), "the incident came after the last warning"
        assert before is not Step.CLOSED
        order = ["", "w1", "w2", "w3"]
        assert order.index(step) == order.index(before) + 1
        self.drafts += 1
        self.hands += 1
        self.ladder = machine.linked(proposed, case_id=1, draft_id=self.drafts)

    @precondition(lambda self: machine.pending(self.ladder) is not None)
    @rule()
    def somebody_drops_it(self) -> None:
        before = machine.step_of(self.ladder, self.now)
        self.ladder = machine.drop(self.ladder)
        assert machine.step_of(self.ladder, self.now) is before

    @precondition(lambda self: machine.pending(self.ladder) is not None)
    @rule(first=PEOPLE, second=PEOPLE)
    def it_is_delivered(self, first: int, second: int) -> None:
        rung = machine.pending(self.ladder)
        assert rung is not None
        step = machine.next_step(self.ladder, self.now)
        if machine.leaving_bars(self.ladder, self._incident(), step, rung.draft_id, self.now):
            return  # the gate denies it
        self.ladder = machine.deliver(self.ladder, rung.draft_id, approved_by={first, second}, at=self.now)
        self.warned_posts.add(rung.mention_id)
        self.delivered.append((self.now, rung.proposed_by))
        assert machine.step_of(self.ladder, self.now) is (Step.CLOSED if step is Step.W3 else step)

    @rule(by=PEOPLE)
    def somebody_withdraws(self, by: int) -> None:
        before, rung = len(machine.counting(self.ladder)), machine.false_step(self.ladder)
        try:
            self.ladder = machine.withdraw(self.ladder, by=by, at=self.now)
        except (Stale, NotAllowed):
            return
        assert rung is not None
        assert rung.proposed_by != by, "its issuer cannot withdraw it"
        assert len(machine.counting(self.ladder)) <= before
        assert machine.false_step(self.ladder) != rung
        self.delivered.pop()  # what was withdrawn stands in nobody's way

    @rule(by=PEOPLE)
    def somebody_resets(self, by: int) -> None:
        try:
            self.ladder = machine.reset(self.ladder, by=by, at=self.now)
        except (Stale, NotAllowed):
            return
        assert machine.uninvolved(self.ladder, by)
        assert machine.step_of(self.ladder, self.now) is Step.NONE

    @precondition(lambda self: machine.step_of(self.ladder, self.now) is Step.CLOSED)
    @rule(votes=st.lists(st.sampled_from(Outcome), max_size=3))
    def a_review_is_held(self, votes: list[Outcome]) -> None:
        outcome = machine.decided(votes, closed=True)
        if outcome is Outcome.REOPEN:
            assert len(votes) >= 2, "one alone never lifts the lock"
            assert set(votes) == {Outcome.REOPEN}, "and nobody may object"
            self.ladder = machine.reopen(self.ladder, self.now)
            assert machine.step_of(self.ladder, self.now) is Step.NONE

    # what always holds
    @invariant()
    def every_warning_was_some_persons_and_in_order(self) -> None:
        assert len(self.ladder.rungs) <= self.hands
        assert all(rung.proposed_by in rung.issued_by for rung in self.ladder.rungs)
        assert len(machine.counting(self.ladder)) <= 3
        assert len([rung for rung in self.ladder.rungs if rung.delivered_at is None]) <= 1

    @invariant()
    def a_closed_author_gets_no_warning_and_stays_closed_for_a_year(self) -> None:
        if self.ladder.closed_at is not None and self.now < self.ladder.closed_at + DECAY_MS - 300 * DAY:
            assert machine.step_of(self.ladder, self.now) is Step.CLOSED
        if machine.step_of(self.ladder, self.now) is Step.CLOSED and self.post_at is not None:
            assert Bar.CLOSED in machine.bars(self.ladder, self._incident(), self.now)

    @invariant()
    def a_year_after_the_last_incident_nothing_counts(self) -> None:
        incidents = [rung.incident_at for rung in machine.counting(self.ladder)]
        if incidents and self.now >= max(incidents) + DECAY_MS:
            assert machine.step_of(self.ladder, self.now) is Step.NONE


Walk.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestWalk = Walk.TestCase


def test_the_steps_follow_each_other_and_the_third_closes_at_once() -> None:
    known = [machine.step_of(climbed(steps), START + steps * DAY) for steps in range(4)]
    assert known == [Step.NONE, Step.W1, Step.W2, Step.CLOSED]
    assert climbed(3).closed_at == START + 3 * DAY


@pytest.mark.parametrize(
    ("change", "bar"),
    [
        ({"threat": True}, Bar.THREAT),
        ({"crisis": True}, Bar.CRISIS),
        ({"storm": True}, Bar.STORM),
        ({"stopped": True}, Bar.STOPPED),
        ({"abuse_lane": False}, Bar.NOT_ABUSE),
        ({"means_person": False}, Bar.NOBODY_MEANT),
        ({"addressed": False}, Bar.NOT_ADDRESSED),
    ],
)
def test_what_stands_against_a_warning_is_named(change: dict[str, object], bar: Bar) -> None:
    assert machine.bars(Ladder(), incident(), START) == ()
    assert machine.bars(Ladder(), incident(**change), START) == (bar,)
    with pytest.raises(Stale, match=bar):
        machine.propose(Ladder(), incident(**change), by=1, now=START)


def test_a_post_from_before_the_warning_brings_no_step_and_one_from_after_it_does() -> None:
    ladder, told = climbed(1), START + DAY
    assert machine.bars(ladder, incident(told - 1, 9), told + HOUR) == (Bar.SAME_INCIDENT,)
    assert machine.bars(ladder, incident(told, 9), told + HOUR) == (Bar.SAME_INCIDENT,)
    assert machine.bars(ladder, incident(told + 1, 9), told + HOUR) == ()
    assert machine.bars(ladder, incident(told + HOUR, 1), told + HOUR) == (Bar.SAME_INCIDENT,), "the post itself"


def test_an_old_post_edited_into_abuse_counts_a_day_after_the_warning() -> None:
    ladder, told = climbed(1), START + DAY
    early = incident(told + PAUSE_MS - 1, 9, written_at=told - HOUR)
    assert machine.bars(ladder, early, told + DAY) == (Bar.SAME_INCIDENT,)
    assert machine.bars(ladder, incident(told + PAUSE_MS, 9, written_at=told - HOUR), told + 2 * DAY) == ()


def test_a_proposal_alone_moves_nobody_and_keeps_a_second_one_away() -> None:
    proposed, step = machine.propose(Ladder(), incident(), by=1, now=START)
    assert step is Step.W1
    assert machine.step_of(proposed, START) is Step.NONE
    assert machine.bars(proposed, incident(START + HOUR, 2), START) == (Bar.PENDING,)
    assert machine.drop(proposed) == Ladder()


def test_a_draft_leaves_only_as_the_step_that_is_next() -> None:
    proposed, _ = machine.propose(climbed(1), incident(START + 2 * DAY, 2), by=1, now=START + 2 * DAY)
    proposed, now = machine.linked(proposed, case_id=1, draft_id=7), START + 2 * DAY
    found = incident(START + 2 * DAY, 2)
    assert machine.leaving_bars(proposed, found, Step.W2, 7, now) == ()
    assert machine.leaving_bars(proposed, found, Step.W3, 7, now) == (Bar.OUT_OF_TURN,)
    assert machine.leaving_bars(proposed, found, Step.W1, 7, now) == (Bar.OUT_OF_TURN,)
    assert Bar.OUT_OF_TURN in machine.leaving_bars(proposed, found, Step.W2, 8, now)


def test_nothing_counts_twelve_months_after_the_last_incident_and_a_new_one_begins_at_the_first_step() -> None:
    ladder = climbed(2)
    last = START + 2 * DAY - HOUR
    assert machine.step_of(ladder, last + DECAY_MS - 1) is Step.W2
    assert machine.step_of(ladder, last + DECAY_MS) is Step.NONE
    assert machine.forget_at(ladder, START) == last + DECAY_MS
    later = last + DECAY_MS + DAY
    anew, step = machine.propose(ladder, incident(later, 9), by=1, now=later)
    assert step is Step.W1
    assert len(anew.rungs) == 1


def test_a_withdrawn_warning_counts_no_more_for_decay_neither_and_its_post_is_not_warned_again() -> None:
    ladder = machine.withdraw(climbed(2), by=3, at=START + 3 * DAY)
    assert machine.step_of(ladder, START + 3 * DAY) is Step.W1
    assert machine.forget_at(ladder, START) == START + DAY - HOUR + DECAY_MS
    assert machine.bars(ladder, incident(START + 4 * DAY, 2), START + 4 * DAY) == (Bar.SAME_INCIDENT,)


def test_only_somebody_else_withdraws_and_only_what_stands() -> None:
    with pytest.raises(NotAllowed):
        machine.withdraw(climbed(1), by=1, at=START + DAY)
    with pytest.raises(Stale):
        machine.withdraw(Ladder(), by=3, at=START)
    with pytest.raises(Stale, match="unanimous"):
        machine.withdraw(climbed(3), by=3, at=START + 3 * DAY)


def test_a_reset_is_for_the_uninvolved_and_never_opens_the_lock() -> None:
    for involved in (1, 2):
        with pytest.raises(NotAllowed):
            machine.reset(climbed(2), by=involved, at=START + 3 * DAY)
    assert machine.step_of(machine.reset(climbed(2), by=3, at=START + 3 * DAY), START + 3 * DAY) is Step.NONE
    with pytest.raises(Stale, match="unanimous"):
        machine.reset(climbed(3), by=3, at=START + 4 * DAY)


@pytest.mark.parametrize(
    ("votes", "closed", "outcome"),
    [
        ([], True, None),
        ([Outcome.REOPEN], True, None),
        ([Outcome.REOPEN, Outcome.REOPEN], True, Outcome.REOPEN),
        ([Outcome.REOPEN, Outcome.STAY], True, Outcome.STAY),
        ([Outcome.STAY], True, Outcome.STAY),
        ([Outcome.REPORT], True, Outcome.REPORT),
        ([Outcome.LEGAL], True, Outcome.LEGAL),
        ([Outcome.REOPEN], False, Outcome.REOPEN),
    ],
)
def test_only_a_unanimous_review_of_two_lifts_the_lock(votes, closed, outcome) -> None:
    assert machine.decided(votes, closed=closed) is outcome


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 1000)


@pytest.mark.parametrize(
    ("closed", "due"),
    [
        ("2026-11-24 09:30", "2026-11-26 09:30"),  # Tuesday to Thursday
        ("2026-11-26 17:00", "2026-11-30 17:00"),  # Thursday, Friday, weekend, Monday
        ("2026-11-27 17:00", "2026-12-01 17:00"),
        ("2026-11-28 11:00", "2026-12-01 11:00"),  # on a Saturday
        ("2026-12-23 12:00", "2026-12-28 12:00"),  # Christmas Day is a Friday
        ("2026-03-27 12:00", "2026-03-31 12:00"),  # the clocks change in between
    ],
)
def test_a_review_is_due_in_two_working_days_where_the_brand_is(closed: str, due: str) -> None:
    assert machine.review_due(at(closed), BERLIN, ("2026-12-25", "2026-12-26")) == at(due)


@given(st.integers(START, START + 3 * 365 * DAY), st.sets(st.integers(0, 20), max_size=6))
def test_a_review_never_falls_due_on_a_day_off(closed: int, off: set[int]) -> None:
    begin = datetime.fromtimestamp(closed / 1000, UTC).astimezone(BERLIN)
    holidays = {(begin.date() + timedelta(days=days)).isoformat() for days in off}
    due = datetime.fromtimestamp(machine.review_due(closed, BERLIN, holidays) / 1000, UTC).astimezone(BERLIN)
    assert due.weekday() < 5
    assert due.date().isoformat() not in holidays
    assert due.date() >= begin.date() + timedelta(days=2)


def test_who_approved_a_warning_is_involved_as_well_as_who_proposed_it() -> None:
    ladder = Ladder((Rung(START, 1, START, draft_id=4, issued_by=frozenset({1})),))
    told = machine.deliver(ladder, 4, approved_by={2, 3}, at=START)
    assert [machine.uninvolved(told, person) for person in (1, 2, 3, 4)] == [False, False, False, True]
