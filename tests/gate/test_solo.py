"""Solo shifts and trainees at the gate: what one person may let pass alone, and what never."""

from dataclasses import replace
from typing import Any

import pytest
from gate_facts import OTHER, WRITER, answer, approval, context, decision, draft, snapshot
from hypothesis import given
from hypothesis import strategies as st

from bot.gate.decide import evidence_hash, releasable
from bot.gate.facts import Context, DraftFacts, Release, Snapshot
from bot.gate.table import RULES
from bot.model import Lane, Outcome, Role, RuleResult

PROMISE = "@lena_m Wir erstatten dir den Monat. ^AB"
GOOD = {Outcome.ALLOW, Outcome.NOTE}


def release(result: RuleResult, by: str = WRITER, *, second: bool = False) -> Release:
    return Release(result.rule, evidence_hash(result), 12, by, "alone at night", second)


def promising(**around: Any) -> tuple[Snapshot, DraftFacts, Context]:
    return snapshot(), draft(text=PROMISE), context(**{"approvals": (approval(PROMISE),), **around})


def everything_released(post: Snapshot, reply: DraftFacts, around: Context) -> Context:
    """The context after the writer let pass all that they could be shown."""
    shown = decision(post, reply, around).results
    return replace(around, releases=tuple(release(result) for result in shown))


def test_in_a_solo_shift_the_writer_releases_a_promise_alone_and_outside_of_one_not() -> None:
    post, reply, around = promising(solo=True)
    hold = answer("C-32", post, reply, around)
    assert (hold.outcome, hold.alone, releasable(hold)) == (Outcome.HOLD_SECOND, True, True)
    passed = everything_released(post, reply, around)
    assert decision(post, reply, passed).outcome is Outcome.NOTE
    assert answer("C-32", post, reply, replace(passed, solo=False)).outcome is Outcome.HOLD_SECOND


def test_the_end_of_the_shift_ends_what_was_let_pass_in_it_and_has_not_left() -> None:
    post, reply, around = promising(solo=True)
    passed = everything_released(post, reply, around)
    assert decision(post, reply, passed).outcome in GOOD
    assert decision(post, reply, replace(passed, solo=False)).outcome is Outcome.HOLD_SECOND


def test_the_brands_wish_for_two_pairs_of_eyes_is_released_alone_for_exactly_one_text() -> None:
    around = context(four_eyes="always", solo=True)
    hold = answer("C-13", around=around)
    assert (hold.code, hold.alone) == ("not the author", True)
    passed = replace(around, releases=(release(hold),))
    assert decision(around=passed).outcome is Outcome.NOTE
    other = draft(text="@lena_m Heute um 18 Uhr ist jemand da. ^AB")
    again = replace(passed, approvals=(approval(other.text or ""),))
    assert answer("C-13", reply=other, around=again).outcome is Outcome.HOLD_SECOND


def test_a_language_that_nobody_is_named_for_is_released_alone() -> None:
    around = context(solo=True, approvals=(approval(languages=frozenset({"en"})),))
    hold = answer("C-31", around=around)
    assert (hold.code, hold.alone) == ("not competent", True)
    assert answer("C-31", around=replace(around, releases=(release(hold),))).released


@pytest.mark.parametrize("lane", [Lane.ABUSE, Lane.THREAT, Lane.CRISIS])
def test_nothing_for_two_is_released_alone_where_people_are_attacked_or_in_need(lane: Lane) -> None:
    post, reply, around = promising(solo=True, four_eyes="always")
    grave = replace(post, lanes=(lane,))
    passed = everything_released(grave, reply, around)
    assert not any(result.alone for result in decision(grave, reply, around).results)
    assert decision(grave, reply, passed).outcome not in GOOD


@pytest.mark.parametrize("step", [{"ladder_step": True}, {"apology": True}])
def test_no_step_of_the_ladder_is_released_alone(step: dict[str, bool]) -> None:
    post, reply, around = promising(solo=True, four_eyes="always", warning_bars=())
    reply = replace(reply, **step)
    assert not any(result.alone for result in decision(post, reply, around).results)
    assert decision(post, reply, everything_released(post, reply, around)).outcome not in GOOD


def test_a_grave_topic_keeps_its_second_person() -> None:
    post = snapshot(text="@fjordfon_hilft Mein Mann ist gestern gestorben, wie kündige ich seinen Vertrag?")
    hold = answer("C-19", post, around=context(solo=True))
    assert (hold.outcome, hold.alone) == (Outcome.HOLD_SECOND, False)
    passed = everything_released(post, draft(), context(solo=True))
    assert answer("C-19", post, around=passed).outcome is Outcome.HOLD_SECOND


def test_what_is_missing_is_not_released_alone_either() -> None:
    missing = answer("C-32", reply=draft(text=None), around=context(solo=True))
    assert (missing.missing, missing.alone, releasable(missing)) == (True, False, False)


def test_only_the_three_rules_that_ask_something_of_the_brand_itself_know_a_solo_shift() -> None:
    assert {rule.id: set(rule.alone) for rule in RULES if rule.alone} == {
        "C-13": {"not the author"},
        "C-31": {"not competent"},
        "C-32": {"promise"},
    }


@given(
    lanes=st.lists(st.sampled_from(Lane), min_size=1, max_size=3).map(tuple),
    step=st.booleans(),
    apology=st.booleans(),
    four_eyes=st.sampled_from(["sensitive", "always"]),
    text=st.sampled_from([PROMISE, "@lena_m Wir sehen nach. ^AB", "@lena_m Du bekommst 20 Euro gutgeschrieben. ^AB"]),
    threat=st.booleans(),
)
def test_a_solo_shift_opens_nothing_that_is_not_marked_and_refuses_nothing_more(
    *, lanes: tuple[Lane, ...], step: bool, apology: bool, four_eyes: Any, text: str, threat: bool
) -> None:
    post, reply = snapshot(lanes=lanes), draft(text=text, ladder_step=step, apology=apology)
    around = context(four_eyes=four_eyes, approvals=(approval(text),), open_threat_case=threat, warning_bars=())
    without, within = decision(post, reply, around), decision(post, reply, replace(around, solo=True))
    assert [result.outcome for result in without.results] == [result.outcome for result in within.results]
    after = decision(post, reply, everything_released(post, reply, replace(around, solo=True)))
    alone = {result.rule for result in within.results if result.alone}
    for before, later in zip(without.results, after.results, strict=True):
        if before.outcome in {Outcome.HOLD_SECOND, Outcome.DENY, Outcome.WAIT} and before.rule not in alone:
            assert later.outcome is before.outcome
    if {Lane.THREAT, Lane.CRISIS, Lane.ABUSE} & set(lanes) or step or apology:
        assert not alone


# people in training ---------------------------------------------------------------------------------


def test_what_a_trainee_wrote_never_leaves_on_their_own_approval() -> None:
    own = approval(role=Role.TRAINEE)
    assert decision(around=context(approvals=(own,), author_in_training=True)).outcome is Outcome.HOLD_SELF
    assert answer("C-13", around=context(approvals=(own,))).code == "role"
    both = (own, approval(by=OTHER))
    assert decision(around=context(approvals=both, author_in_training=True)).outcome in GOOD


def test_for_a_trainees_promise_two_others_stand() -> None:
    post, reply, around = promising(author_in_training=True, approvals=(approval(PROMISE, by=OTHER),))
    hold = answer("C-32", post, reply, around)
    assert hold.outcome is Outcome.HOLD_SECOND
    alone = replace(around, releases=(release(hold, OTHER, second=True),))
    assert answer("C-32", post, reply, alone).outcome is Outcome.HOLD_SECOND
    two = replace(around, releases=(release(hold, "third-3", second=True),))
    assert answer("C-32", post, reply, two).outcome is Outcome.NOTE
