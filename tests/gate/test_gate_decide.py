from dataclasses import fields, replace
from typing import Any

import pytest
from gate_facts import (
    KEY,
    NOW,
    OTHER,
    WRITER,
    answer,
    approval,
    context,
    decision,
    draft,
    health,
    ruleset,
    snapshot,
    status,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.gate.decide import decide, evidence_hash, releasable, worst
from bot.gate.facts import Approval, Context, DraftFacts, Health, Release, Snapshot
from bot.gate.table import RULES
from bot.model import DispatchState, Lane, Origin, Outcome, Platform, PostStatus, Role, RuleResult, Trigger, Visibility

OLD = 8 * 86_400_000
GOOD = {Outcome.ALLOW, Outcome.NOTE}


def test_every_rule_is_reported_in_the_order_of_the_table() -> None:
    assert [result.rule for result in decision().results] == [rule.id for rule in RULES]


def test_a_decent_reply_is_allowed_and_the_decision_names_its_rules() -> None:
    made = decision()
    assert (made.outcome, made.phase, made.target_key, made.decided_at) == (Outcome.ALLOW, "dispatch", KEY, NOW)
    assert made.ruleset == ruleset().sha256
    assert made.text_hash == approval().text_hash


def test_no_rule_is_left_out_when_another_denies() -> None:
    made = decision(snapshot(triggers=()), draft(act="like"), context(suppressed=True))
    assert {result.rule for result in made.open_rules} == {"C-01", "C-04", "C-07"}


@given(st.lists(st.sampled_from(list(Outcome)), min_size=1))
def test_the_worst_outcome_wins(outcomes: list[Outcome]) -> None:
    results = tuple(RuleResult("C-00", outcome, "any") for outcome in outcomes)
    order = [Outcome.DENY, Outcome.HOLD_SECOND, Outcome.HOLD_SELF, Outcome.WAIT, Outcome.NOTE, Outcome.ALLOW]
    assert worst(results) is next(outcome for outcome in order if outcome in outcomes)


def test_a_decision_without_rules_is_a_denial() -> None:
    assert worst(()) is Outcome.DENY


# Releases


def release(result: RuleResult, **changes: Any) -> Release:
    given_now = Release(
        rule=result.rule, evidence_hash=evidence_hash(result), decision_seq=12, by=WRITER, reason="still waiting"
    )
    return replace(given_now, **changes)


def released(post: Snapshot, given_release: Release, **around: Any) -> RuleResult:
    return answer(given_release.rule, post, around=context(releases=(given_release,), **around))


def test_the_writer_releases_a_hold_that_one_person_may_release() -> None:
    post = snapshot(created_at=NOW - OLD)
    hold = answer("C-12", post)
    assert releasable(hold)
    result = released(post, release(hold))
    assert (result.outcome, result.released, result.code) == (Outcome.NOTE, True, "old")
    assert decision(post, around=context(releases=(release(hold),))).outcome is Outcome.NOTE


@pytest.mark.parametrize(
    "other",
    [
        {"decision_seq": 11},
        {"evidence_hash": "0" * 64},
        {"rule": "C-11"},
        {"reason": " "},
        {"by": ""},
        {"by": OTHER},
    ],
)
def test_a_release_counts_only_for_its_rule_evidence_decision_and_writer(other: dict[str, Any]) -> None:
    post = snapshot(created_at=NOW - OLD)
    given_release = release(answer("C-12", post), **other)
    assert answer("C-12", post, around=context(releases=(given_release,))).outcome is Outcome.HOLD_SELF


def test_without_a_known_decision_no_release_counts() -> None:
    post = snapshot(created_at=NOW - OLD)
    given_release = release(answer("C-12", post))
    assert released(post, given_release, last_decision_seq=None).outcome is Outcome.HOLD_SELF


def promise(text: str = "Wir erstatten dir den Monat.", **around: Any) -> RuleResult:
    return answer("C-32", reply=draft(text=text), around=context(approvals=(approval(text),), **around))


def test_a_second_hold_takes_a_second_named_person() -> None:
    hold = promise()
    by_second = release(hold, by=OTHER, second=True)
    assert promise(releases=(by_second,)).outcome is Outcome.NOTE
    for no_second in (
        release(hold),
        release(hold, second=True),
        release(hold, by=OTHER),
    ):
        assert promise(releases=(no_second,)).outcome is Outcome.HOLD_SECOND
    barred = frozenset({OTHER})
    assert promise(releases=(by_second,), barred_approvers=barred).outcome is Outcome.HOLD_SECOND


def test_a_release_does_not_cover_another_wording_of_the_promise() -> None:
    by_second = release(promise(), by=OTHER, second=True)
    assert promise("Wir erstatten dir das Jahr.", releases=(by_second,)).outcome is Outcome.HOLD_SECOND


def test_more_replies_than_were_released_ask_again() -> None:
    hold = answer("C-11", around=context(unanswered_replies=1))
    given_release = release(hold)
    assert released(snapshot(), given_release, unanswered_replies=1).outcome is Outcome.NOTE
    assert released(snapshot(), given_release, unanswered_replies=2).outcome is Outcome.HOLD_SELF


@pytest.mark.parametrize(
    ("rule", "post", "reply", "around"),
    [
        ("C-13", {}, {}, {"approvals": ()}),
        ("C-13", {"lanes": (Lane.ABUSE,)}, {}, {}),
        ("C-32", {}, {"gaps": ("bis wann",)}, {}),
        ("C-12", {"status": status(text_hash="new")}, {}, {}),
        ("C-04", {"triggers": ()}, {}, {}),
        ("C-12", {"created_at": NOW + OLD}, {}, {}),
    ],
)
def test_what_clears_only_by_its_cause_cannot_be_released(
    rule: str, post: dict[str, Any], reply: dict[str, Any], around: dict[str, Any]
) -> None:
    facts = snapshot(**post), draft(**reply)
    result = answer(rule, *facts, context(**around))
    everyone = (release(result), release(result, by=OTHER, second=True))
    assert result.outcome not in GOOD
    assert not releasable(result)
    assert answer(rule, *facts, context(releases=everyone, **around)) == result


# Properties

maybe = st.none() | st.booleans()
ages = st.none() | st.sampled_from([-1, 0, 5_000, 59_000, 700_000])
statuses = st.none() | st.builds(
    PostStatus,
    checked_at=st.just(NOW),
    exists=maybe,
    visibility=st.sampled_from(Visibility),
    http_status=st.sampled_from([None, 200, 404, 503]),
    text_hash=st.sampled_from(["", "stored", "new"]),
    author_is_bot=maybe,
    author_opted_out=maybe,
    author_active=maybe,
    author_blocks_us=maybe,
    replies_open=maybe,
    summoned=maybe,
    own_thread=maybe,
)
snapshots = st.builds(
    Snapshot,
    platform=st.none() | st.sampled_from(Platform),
    canonical_key=st.none() | st.just(KEY),
    triggers=st.none() | st.lists(st.sampled_from(Trigger), max_size=3).map(tuple),
    text=st.none() | st.text(max_size=40),
    stored_hash=st.sampled_from([None, "stored"]),
    approved_hash=st.sampled_from([None, "stored"]),
    created_at=st.sampled_from([None, NOW, NOW - OLD]),
    author_id=st.none() | st.just("77"),
    author_handle=st.sampled_from([None, "", "lena_m"]),
    lanes=st.none() | st.lists(st.sampled_from(Lane), max_size=2).map(tuple),
    status=statuses,
    status_age_ms=ages,
    surface_allowed=maybe,
    own_accounts=st.none() | st.just(frozenset({"fjordfon_hilft"})),
)
drafts = st.builds(
    DraftFacts,
    text=st.none() | st.text(max_size=60) | st.just(draft().text),
    target_key=st.none() | st.just(KEY),
    act=st.sampled_from([None, "public_reply", "follow"]),
    visibility=st.none() | st.sampled_from(Visibility),
    origin=st.none() | st.sampled_from(Origin),
    author=st.none() | st.just(WRITER),
)
approvals = st.builds(
    Approval,
    by=st.sampled_from([WRITER, OTHER]),
    role=st.sampled_from(Role),
    text_hash=st.sampled_from(["", approval().text_hash]),
    at=st.just(NOW),
    trained=st.booleans(),
)
healths = st.none() | st.builds(Health, ledger_writable=maybe, verified=maybe, stopped=maybe) | st.just(health())
contexts = st.builds(
    Context,
    phase=st.sampled_from(["preview", "approve", "dispatch"]),
    now=st.just(NOW),
    approvals=st.lists(approvals, max_size=2).map(tuple),
    last_decision_seq=st.none() | st.just(12),
    suppressed=maybe,
    stop_phrase_in_thread=st.sampled_from([None, "yes", "ask", "no"]),
    earlier_dispatches=st.none() | st.lists(st.sampled_from(DispatchState), max_size=1).map(tuple),
    unanswered_replies=st.none() | st.integers(0, 4),
    replies_7d=st.none() | st.integers(0, 4),
    ladder_terminal=maybe,
    open_threat_case=maybe,
    crisis_mode=maybe,
    health=healths,
    four_eyes=st.sampled_from([None, "sensitive", "always"]),
    allowed_hosts=st.none() | st.just(frozenset({"fjordfon.example"})),
    not_offered=st.frozensets(st.sampled_from([rule.id for rule in RULES])),
    attested=st.frozensets(st.sampled_from([rule.id for rule in RULES])),
)


def with_every_release(post: Snapshot, reply: DraftFacts, around: Context) -> Context:
    """The context after everyone released everything they could be shown."""
    shown = decide(post, reply, around, ruleset()).results
    releases = tuple(release(result, by=by, second=by == OTHER) for result in shown for by in (WRITER, OTHER))
    return replace(around, releases=releases)


@given(snapshots, drafts, contexts)
def test_nothing_leaves_without_trigger_approval_and_public_visibility(
    post: Snapshot, reply: DraftFacts, around: Context
) -> None:
    made = decide(post, reply, with_every_release(post, reply, around), ruleset())
    if made.outcome in GOOD:
        assert set(post.triggers or ()) - {Trigger.NONE}
        assert any(given_now.text_hash == made.text_hash for given_now in around.approvals)
        assert post.status is not None
        assert post.status.visibility is Visibility.PUBLIC


@given(
    snapshots.filter(lambda post: not set(post.triggers or ()) - {Trigger.NONE}) | st.just(snapshot(triggers=())),
    drafts | st.just(draft()),
    contexts | st.just(context()),
)
def test_a_post_that_did_not_address_us_never_gets_through(post: Snapshot, reply: DraftFacts, around: Context) -> None:
    assert decide(post, reply, with_every_release(post, reply, around), ruleset()).outcome not in GOOD


@given(snapshots | st.just(snapshot()), drafts | st.just(draft()), contexts)
def test_an_unapproved_text_never_gets_through(post: Snapshot, reply: DraftFacts, around: Context) -> None:
    nobody = replace(around, approvals=())
    assert decide(post, reply, with_every_release(post, reply, nobody), ruleset()).outcome not in GOOD


@given(
    statuses.filter(lambda seen: seen is None or seen.visibility is not Visibility.PUBLIC),
    contexts | st.just(context()),
)
def test_a_post_that_is_not_public_never_gets_through(seen: PostStatus | None, around: Context) -> None:
    post = snapshot(status=seen)
    assert decide(post, draft(), with_every_release(post, draft(), around), ruleset()).outcome not in GOOD


@given(snapshots, drafts, contexts)
def test_missing_input_is_never_released_and_never_passes(post: Snapshot, reply: DraftFacts, around: Context) -> None:
    for result in decide(post, reply, with_every_release(post, reply, around), ruleset()).results:
        if result.missing:
            assert not result.released
            assert not releasable(result)
            assert result.outcome in {Outcome.WAIT, Outcome.DENY}


OPTIONAL_IN = {
    Snapshot: {"surface", "native_id", "language", "sarcastic"},
    DraftFacts: {"language", "template_text"},
    Context: {"last_decision_seq", "answer_once_for", "followup_until", "reply_languages", "warning_bars", "opt_in"},
}


@pytest.mark.parametrize("kind", [Snapshot, DraftFacts, Context])
def test_every_fact_that_is_left_out_stands_against_sending(kind: type) -> None:
    good: dict[type, Any] = {Snapshot: snapshot(), DraftFacts: draft(), Context: context()}
    for fact in fields(kind):
        if "None" not in str(fact.type) or fact.name in OPTIONAL_IN[kind]:
            continue
        facts = {**good, kind: replace(good[kind], **{fact.name: None})}
        outcome = decide(facts[Snapshot], facts[DraftFacts], facts[Context], ruleset()).outcome
        assert outcome not in GOOD, fact.name


@given(snapshots, drafts, contexts)
def test_the_same_facts_give_the_same_decision(post: Snapshot, reply: DraftFacts, around: Context) -> None:
    assert decide(post, reply, around, ruleset()) == decide(post, reply, around, ruleset())


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_rules_are_total_over_any_two_texts(theirs: str, ours: str) -> None:
    made = decide(snapshot(text=theirs), draft(text=ours), context(), ruleset())
    assert len(made.results) == len(RULES)
