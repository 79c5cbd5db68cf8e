import pytest
from gate_facts import KEY, answer, context, snapshot, status

from bot.model import Lane, Outcome


def test_an_author_who_asked_for_nothing_special_passes() -> None:
    assert answer("C-07").outcome is Outcome.ALLOW


@pytest.mark.parametrize("around", [{"suppressed": True}, {"stop_phrase_in_thread": "yes"}])
def test_an_opted_out_author_is_denied(around: dict[str, object]) -> None:
    assert answer("C-07", around=context(**around)).code == "opted out"


@pytest.mark.parametrize("around", [{"suppressed": True}, {"stop_phrase_in_thread": "yes"}])
def test_answering_once_holds_for_exactly_the_post_it_was_decided_for(around: dict[str, object]) -> None:
    assert answer("C-07", around=context(**around, answer_once_for=KEY)).outcome is Outcome.NOTE
    assert answer("C-07", around=context(**around, answer_once_for="another")).outcome is Outcome.DENY


def test_a_post_that_itself_says_stop_is_never_answered() -> None:
    around = context(answer_once_for=KEY)
    assert answer("C-07", snapshot(text="@fjordfon_hilft Stopp!"), around=around).outcome is Outcome.DENY


def test_a_profile_that_asks_for_no_bots_is_denied() -> None:
    assert answer("C-07", snapshot(status=status(author_opted_out=True))).code == "nobot"


@pytest.mark.parametrize("post", ["@fjordfon_hilft lasst mich in Ruhe", "@fjordfon_hilft Ich will mich abmelden"])
def test_unclear_words_make_the_desk_ask(post: str) -> None:
    assert answer("C-07", snapshot(text=post)).outcome is Outcome.HOLD_SELF


def test_unclear_words_earlier_in_the_thread_make_the_desk_ask_too() -> None:
    assert answer("C-07", around=context(stop_phrase_in_thread="ask")).code == "unclear"


@pytest.mark.parametrize("fact", ["suppressed", "stop_phrase_in_thread"])
def test_our_own_lists_must_be_known_even_where_the_platform_says_nothing(fact: str) -> None:
    around = context(not_offered=frozenset({"C-07"}), **{fact: None})
    assert answer("C-07", around=around).missing


def test_a_profile_nobody_looked_at_waits_unless_the_platform_has_none() -> None:
    post = snapshot(status=status(author_opted_out=None))
    assert answer("C-07", post).missing
    assert answer("C-07", post, around=context(not_offered=frozenset({"C-07"}))).code == "not offered"


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({"unanswered_replies": 0, "replies_7d": 2}, "ok"),
        ({"unanswered_replies": 1}, "unanswered"),
        ({"replies_7d": 3}, "often"),
        ({"unanswered_replies": None}, "missing"),
        ({"replies_7d": None}, "missing"),
    ],
)
def test_we_do_not_write_on_and_on(counts: dict[str, int | None], code: str) -> None:
    result = answer("C-11", around=context(**counts))
    assert result.code == code
    assert result.outcome is {"ok": Outcome.ALLOW, "missing": Outcome.WAIT}.get(code, Outcome.HOLD_SELF)


@pytest.mark.parametrize(
    ("state", "code"), [({"open_threat_case": True}, "open threat"), ({"ladder_terminal": True}, "ladder ended")]
)
def test_a_closed_ladder_or_an_open_threat_is_denied(state: dict[str, bool], code: str) -> None:
    result = answer("C-21", around=context(**state))
    assert (result.outcome, result.code) == (Outcome.DENY, code)


def test_a_crisis_is_answered_whatever_lies_between_us() -> None:
    around = context(ladder_terminal=True)
    assert answer("C-21", snapshot(lanes=(Lane.CRISIS,)), around=around).outcome is Outcome.NOTE
    assert answer("C-21", snapshot(lanes=(Lane.THREAT, Lane.CRISIS)), around=around).outcome is Outcome.DENY


@pytest.mark.parametrize("fact", ["open_threat_case", "ladder_terminal"])
def test_an_unknown_ladder_waits_and_is_denied_at_dispatch(fact: str) -> None:
    assert answer("C-21", around=context("preview", **{fact: None})).outcome is Outcome.WAIT
    assert answer("C-21", around=context(**{fact: None})).outcome is Outcome.DENY


def test_an_author_with_a_clean_ladder_passes() -> None:
    assert answer("C-21").outcome is Outcome.ALLOW
