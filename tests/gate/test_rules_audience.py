import pytest
from gate_facts import answer, context, draft, snapshot, status

from bot.model import Outcome, Trigger, Visibility


def test_a_public_reply_to_the_post_of_the_draft_passes() -> None:
    assert answer("C-01").outcome is Outcome.ALLOW


@pytest.mark.parametrize("act", ["direct_message", "follow", "like", "email", ""])
def test_no_other_act_than_a_public_reply_passes(act: str) -> None:
    assert answer("C-01", reply=draft(act=act)).outcome is Outcome.DENY


@pytest.mark.parametrize("visibility", [Visibility.DIRECT, Visibility.FOLLOWERS, Visibility.UNKNOWN])
def test_a_reply_that_not_everyone_could_read_is_denied(visibility: Visibility) -> None:
    assert answer("C-01", reply=draft(visibility=visibility)).code == "private reply"


def test_a_draft_bound_to_another_post_is_denied() -> None:
    assert answer("C-01", reply=draft(target_key="elsewhere")).code == "other post"


@pytest.mark.parametrize("fact", ["act", "visibility", "target_key"])
def test_an_act_that_is_not_described_is_missing(fact: str) -> None:
    result = answer("C-01", reply=draft(**{fact: None}))
    assert (result.missing, result.outcome) == (True, Outcome.DENY)


def test_an_unknown_platform_is_missing_and_no_error() -> None:
    assert answer("C-01", snapshot(platform=None)).missing


def test_a_post_that_everyone_can_read_now_passes() -> None:
    assert answer("C-02").outcome is Outcome.ALLOW


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
def test_a_post_that_is_no_longer_public_is_denied(visibility: Visibility) -> None:
    assert answer("C-02", snapshot(status=status(visibility=visibility))).code == "not public"


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_post_behind_a_refusal_is_denied(code: int) -> None:
    assert answer("C-02", snapshot(status=status(http_status=code))).code == "gone"


def test_a_post_that_is_gone_is_denied() -> None:
    assert answer("C-02", snapshot(status=status(exists=False))).code == "gone"


def test_an_unlisted_post_needs_a_source_that_answers_unlisted_posts() -> None:
    unlisted = status(visibility=Visibility.UNLISTED)
    assert answer("C-02", snapshot(status=unlisted)).outcome is Outcome.DENY
    assert answer("C-02", snapshot(status=unlisted, unlisted_allowed=True)).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    "unknown",
    [status(exists=None), status(visibility=Visibility.UNKNOWN), status(http_status=503), None],
)
def test_a_post_whose_visibility_nobody_knows_waits_and_is_denied_at_dispatch(unknown: object) -> None:
    post = snapshot(status=unknown)
    assert answer("C-02", post, around=context("preview")).outcome is Outcome.WAIT
    assert answer("C-02", post).outcome is Outcome.DENY


@pytest.mark.parametrize(("phase", "limit"), [("preview", 600_000), ("approve", 600_000), ("dispatch", 60_000)])
def test_knowledge_of_the_post_goes_stale(phase: str, limit: int) -> None:
    assert answer("C-02", snapshot(status_age_ms=limit), around=context(phase)).outcome is Outcome.ALLOW
    assert answer("C-02", snapshot(status_age_ms=limit + 1), around=context(phase)).missing


@pytest.mark.parametrize("age", [None, -1])
def test_knowledge_without_an_age_or_from_the_future_does_not_count(age: int | None) -> None:
    assert answer("C-02", snapshot(status_age_ms=age)).missing


def test_a_place_must_be_on_the_list() -> None:
    assert answer("C-03").outcome is Outcome.ALLOW
    assert answer("C-03", snapshot(surface_allowed=False)).outcome is Outcome.DENY
    assert answer("C-03", snapshot(surface_allowed=None)).missing


@pytest.mark.parametrize("trigger", [Trigger.MENTION, Trigger.REPLY, Trigger.QUOTE, Trigger.OWN_PAGE])
def test_every_way_of_addressing_us_counts(trigger: Trigger) -> None:
    assert answer("C-04", snapshot(triggers=(Trigger.NONE, trigger))).outcome is Outcome.ALLOW


@pytest.mark.parametrize("triggers", [(), (Trigger.NONE,)])
def test_a_keyword_alone_never_counts(triggers: tuple[Trigger, ...]) -> None:
    assert answer("C-04", snapshot(triggers=triggers)).outcome is Outcome.DENY


def test_an_unknown_trigger_is_missing() -> None:
    assert answer("C-04", snapshot(triggers=None)).missing


@pytest.mark.parametrize(
    ("rule", "bad", "code"),
    [
        ("C-05", {"summoned": False}, "not summoned"),
        ("C-08", {"author_blocks_us": True}, "blocks us"),
        ("C-08", {"author_active": False}, "inactive"),
        ("C-09", {"replies_open": False}, "closed"),
        ("C-18", {"author_is_bot": True}, "bot"),
    ],
)
def test_what_the_platform_says_against_us_is_denied_even_where_it_need_not_answer(
    rule: str, bad: dict[str, bool], code: str
) -> None:
    around = context(not_offered=frozenset({rule}), attested=frozenset({rule}))
    result = answer(rule, snapshot(status=status(**bad)), around=around)
    assert (result.outcome, result.code) == (Outcome.DENY, code)


def test_a_reply_to_us_in_a_thread_that_we_opened_needs_no_tag() -> None:
    result = answer("C-05", snapshot(status=status(summoned=False, own_thread=True)))
    assert (result.outcome, result.code) == (Outcome.NOTE, "own thread")


@pytest.mark.parametrize("thread", [{"own_thread": False}, {"own_thread": None}])
def test_a_thread_that_is_not_known_to_be_ours_needs_the_tag(thread: dict[str, bool | None]) -> None:
    result = answer("C-05", snapshot(status=status(summoned=False, **thread)))
    assert (result.outcome, result.code) == (Outcome.DENY, "not summoned")


@pytest.mark.parametrize(
    ("rule", "fact"),
    [
        ("C-05", "summoned"),
        ("C-08", "author_blocks_us"),
        ("C-08", "author_active"),
        ("C-09", "replies_open"),
        ("C-18", "author_is_bot"),
    ],
)
def test_what_the_platform_does_not_say_waits_unless_it_cannot_say_it(rule: str, fact: str) -> None:
    post = snapshot(status=status(**{fact: None}))
    assert answer(rule, post, around=context("approve")).outcome is Outcome.WAIT
    assert answer(rule, post).outcome is Outcome.DENY
    grey = answer(rule, post, around=context(not_offered=frozenset({rule})))
    assert (grey.outcome, grey.code, grey.missing) == (Outcome.ALLOW, "not offered", False)
    attested = answer(rule, post, around=context(attested=frozenset({rule})))
    assert (attested.outcome, attested.code) == (Outcome.ALLOW, "attested")


@pytest.mark.parametrize("rule", ["C-05", "C-08", "C-09", "C-18"])
def test_a_platform_that_answers_kindly_passes(rule: str) -> None:
    assert answer(rule).code == "ok"


@pytest.mark.parametrize("rule", ["C-05", "C-08", "C-09", "C-18"])
def test_without_a_fresh_status_nothing_of_it_is_known(rule: str) -> None:
    assert answer(rule, snapshot(status=None)).missing


@pytest.mark.parametrize("rule", ["C-01", "C-02", "C-03", "C-04"])
def test_the_four_questions_of_publicness_can_never_be_left_out(rule: str) -> None:
    post = snapshot(status=None, surface_allowed=None, triggers=None, platform=None)
    around = context(not_offered=frozenset({rule}), attested=frozenset({rule}))
    assert answer(rule, post, around=around).outcome is Outcome.DENY


@pytest.mark.parametrize("change", [{"author_handle": "Fjordfon_Hilft"}, {"author_id": "4711"}])
def test_we_never_answer_ourselves(change: dict[str, str]) -> None:
    around = context(not_offered=frozenset({"C-18"}))
    assert answer("C-18", snapshot(**change), around=around).code == "own account"


@pytest.mark.parametrize("fact", ["author_id", "author_handle", "own_accounts"])
def test_an_unknown_author_is_missing_even_where_bots_are_not_marked(fact: str) -> None:
    around = context(not_offered=frozenset({"C-18"}))
    assert answer("C-18", snapshot(**{fact: None}), around=around).missing
