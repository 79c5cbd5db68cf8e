import pytest
from gate_facts import DAY, HOUR, NOW, OTHER, REPLY, WRITER, answer, approval, context, draft, snapshot, status

from bot.model import DispatchState, Lane, Outcome, Role, Trigger


@pytest.mark.parametrize("freed", [DispatchState.REFUSED, DispatchState.CANCELLED, DispatchState.RETRACTED])
def test_a_post_without_a_standing_reply_may_be_answered(freed: DispatchState) -> None:
    assert answer("C-10", around=context(earlier_dispatches=(freed,))).outcome is Outcome.ALLOW


@pytest.mark.parametrize("state", [DispatchState.SENDING, DispatchState.UNCERTAIN, DispatchState.SENT])
def test_a_post_is_answered_once(state: DispatchState) -> None:
    assert answer("C-10", around=context(earlier_dispatches=(state,))).outcome is Outcome.DENY


@pytest.mark.parametrize("state", [DispatchState.QUEUED, DispatchState.RETRACTING])
def test_a_reply_that_may_still_change_makes_another_wait(state: DispatchState) -> None:
    assert answer("C-10", around=context(earlier_dispatches=(state,))).outcome is Outcome.WAIT


def test_an_announced_follow_up_asks_the_person_and_ends_with_its_period() -> None:
    sent = (DispatchState.SENT,)
    assert answer("C-10", around=context(earlier_dispatches=sent, followup_until=NOW)).code == "follow-up"
    assert answer("C-10", around=context(earlier_dispatches=sent, followup_until=NOW - 1)).outcome is Outcome.DENY
    assert answer("C-10", around=context(earlier_dispatches=sent * 2, followup_until=NOW)).outcome is Outcome.DENY


def test_unknown_earlier_replies_are_missing() -> None:
    assert answer("C-10", around=context(earlier_dispatches=None)).missing


@pytest.mark.parametrize(("trigger", "limit"), [(Trigger.MENTION, 7 * DAY), (Trigger.REPLY, 72 * HOUR)])
def test_an_old_post_asks_the_person(trigger: Trigger, limit: int) -> None:
    assert answer("C-12", snapshot(triggers=(trigger,), created_at=NOW - limit)).outcome is Outcome.ALLOW
    assert answer("C-12", snapshot(triggers=(trigger,), created_at=NOW - limit - 1)).code == "old"


def test_a_post_dated_ahead_waits() -> None:
    assert answer("C-12", snapshot(created_at=NOW + 5_000)).outcome is Outcome.ALLOW
    assert answer("C-12", snapshot(created_at=NOW + 5_001)).outcome is Outcome.WAIT


def test_a_deleted_post_is_denied() -> None:
    assert answer("C-12", snapshot(status=status(exists=False))).outcome is Outcome.DENY


@pytest.mark.parametrize(
    "edited", [{"status": status(text_hash="new")}, {"stored_hash": "new", "status": status(text_hash="new")}]
)
def test_an_edited_post_goes_back_to_the_person_who_approved(edited: dict[str, object]) -> None:
    result = answer("C-12", snapshot(**edited))
    assert (result.outcome, result.code) == (Outcome.HOLD_SELF, "edited")


@pytest.mark.parametrize(
    "unknown",
    [
        {"status": status(text_hash="")},
        {"status": None},
        {"stored_hash": None},
        {"created_at": None},
        {"approved_hash": None},
        {"triggers": None},
    ],
)
def test_a_post_that_cannot_be_compared_is_missing(unknown: dict[str, object]) -> None:
    assert answer("C-12", snapshot(**unknown)).missing


def test_before_an_approval_there_is_no_approved_post_to_compare_with() -> None:
    assert answer("C-12", snapshot(approved_hash=None), around=context("approve")).outcome is Outcome.ALLOW


def test_one_person_approves_an_everyday_reply() -> None:
    assert answer("C-13").outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ((), "nobody"),
        ((approval(REPLY + " "),), "other text"),
        ((approval(role=Role.GUEST),), "role"),
        ((approval(by=""),), "role"),
        ((approval(at=NOW - 4 * HOUR - 1),), "expired"),
        ((approval(at=NOW + 1),), "expired"),
    ],
)
def test_only_a_fresh_approval_of_this_text_by_someone_who_may_counts(given: tuple[object, ...], code: str) -> None:
    result = answer("C-13", around=context(approvals=given))
    assert (result.outcome, result.code) == (Outcome.HOLD_SELF, code)


def test_a_paced_batch_keeps_its_approval_for_a_day() -> None:
    day_old = (approval(at=NOW - 24 * HOUR),)
    assert answer("C-13", around=context(approvals=day_old, batch=True)).outcome is Outcome.ALLOW
    assert answer("C-13", around=context(approvals=day_old)).outcome is Outcome.HOLD_SELF


@pytest.mark.parametrize("sensitive", [{"lanes": (Lane.ABUSE,)}, {"lanes": (Lane.HELP, Lane.THREAT)}])
def test_sensitive_lanes_take_two_different_people(sensitive: dict[str, object]) -> None:
    twice_the_same = context(approvals=(approval(), approval(at=NOW)))
    assert answer("C-13", snapshot(**sensitive), around=twice_the_same).outcome is Outcome.HOLD_SECOND
    two = context(approvals=(approval(), approval(by=OTHER)))
    assert answer("C-13", snapshot(**sensitive), around=two).outcome is Outcome.ALLOW


def test_a_warning_takes_two_people_and_not_the_one_who_is_barred() -> None:
    warning = draft(ladder_step=True)
    two = (approval(), approval(by=OTHER))
    assert answer("C-13", reply=warning, around=context(approvals=two)).outcome is Outcome.ALLOW
    barred = context(approvals=two, barred_approvers=frozenset({OTHER}))
    result = answer("C-13", reply=warning, around=barred)
    assert (result.outcome, result.evidence["approved"]) == (Outcome.HOLD_SECOND, 1)


def test_where_four_eyes_are_the_rule_the_author_alone_is_not_enough() -> None:
    assert answer("C-13", around=context(four_eyes="always")).code == "not the author"
    by_other = context(four_eyes="always", approvals=(approval(by=OTHER),))
    assert answer("C-13", around=by_other).outcome is Outcome.ALLOW


def test_a_trained_person_answers_a_crisis_alone() -> None:
    crisis = snapshot(lanes=(Lane.CRISIS,))
    assert answer("C-13", crisis, around=context(four_eyes="always")).code == "trained"
    trained = context(four_eyes="always", approvals=(approval(trained=True),))
    assert answer("C-13", crisis, around=trained).outcome is Outcome.ALLOW
    assert answer("C-13", snapshot(lanes=(Lane.CRISIS, Lane.THREAT)), around=trained).outcome is Outcome.HOLD_SECOND


def test_an_approval_names_the_text_and_not_the_handle_of_the_author() -> None:
    assert approval("@lena_m Hallo") == approval("@LENA_M Hallo")
    assert approval("@lena_m Hallo") != approval("@lena_mueller Hallo")
    assert approval().by == WRITER


@pytest.mark.parametrize(
    ("post", "reply", "around"),
    [
        ({"author_handle": None}, {}, {}),
        ({"lanes": None}, {}, {}),
        ({}, {"text": None}, {}),
        ({}, {"author": None}, {}),
        ({}, {"author": ""}, {"four_eyes": "always"}),
        ({}, {}, {"four_eyes": None}),
    ],
)
def test_without_text_lane_or_author_no_approval_counts(
    post: dict[str, object], reply: dict[str, object], around: dict[str, object]
) -> None:
    assert answer("C-13", snapshot(**post), draft(**reply), context("preview", **around)).outcome is Outcome.WAIT
    assert answer("C-13", snapshot(**post), draft(**reply), context(**around)).outcome is Outcome.DENY
