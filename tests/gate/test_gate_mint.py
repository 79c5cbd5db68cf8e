from dataclasses import replace
from typing import Any

import pytest
from gate_facts import AUTHOR, KEY, NOW, REPLY, context, decision, ruleset, snapshot

from bot.errors import GateRefused
from bot.gate.mint import mint
from bot.model import Consent, Decision, Outcome, Platform, Target, Visibility

TARGET = Target(Platform.MASTODON, "fedi.example", "fjordfon_hilft", "1", KEY, AUTHOR, Visibility.PUBLIC)


def minted(made: Decision, **changes: Any) -> Consent:
    act: dict[str, Any] = {
        "decision_seq": 41,
        "target": TARGET,
        "text": REPLY,
        "request_key": "once",
        "now": NOW,
        "ruleset": ruleset(),
    }
    return mint(made, **{**act, **changes})


def test_an_allowed_dispatch_gives_consent_for_exactly_this_act() -> None:
    assert minted(decision()) == Consent(TARGET, REPLY, "once", 41, NOW + 60_000)


def test_a_note_is_no_obstacle() -> None:
    noted = decision(around=context(suppressed=True, answer_once_for=KEY))
    assert noted.outcome is Outcome.NOTE
    assert minted(noted).text == REPLY


def test_the_refusal_names_the_rules_that_stood_against_it() -> None:
    with pytest.raises(GateRefused) as refused:
        minted(decision(snapshot(triggers=()), around=context(suppressed=True)))
    assert refused.value.rules == ("C-04", "C-07")
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("phase", ["preview", "approve"])
def test_only_a_decision_for_dispatch_gives_consent(phase: Any) -> None:
    allowed = decision(around=context(phase))
    assert allowed.outcome is Outcome.ALLOW
    with pytest.raises(GateRefused):
        minted(allowed)


@pytest.mark.parametrize(
    "other",
    [
        {"text": REPLY + "!"},
        {"target": replace(TARGET, canonical_key="another")},
        {"target": replace(TARGET, canonical_key="")},
        {"target": replace(TARGET, author_handle="someone_else")},
        {"target": replace(TARGET, visibility=Visibility.DIRECT)},
        {"target": replace(TARGET, visibility=Visibility.UNKNOWN)},
        {"decision_seq": 0},
        {"request_key": ""},
        {"now": NOW + 60_001},
        {"now": NOW - 1},
    ],
)
def test_no_consent_for_another_act_than_the_decided_one(other: dict[str, Any]) -> None:
    with pytest.raises(GateRefused):
        minted(decision(), **other)


@pytest.mark.parametrize(
    "forged",
    [
        lambda made: replace(made, results=()),
        lambda made: replace(made, results=made.results[1:]),
        lambda made: replace(made, ruleset="other"),
        lambda made: replace(made, outcome=Outcome.DENY),
        lambda made: replace(made, outcome=Outcome.NOTE),
        lambda made: replace(made, target_key=""),
    ],
)
def test_a_decision_that_is_not_whole_gives_no_consent(forged: Any) -> None:
    with pytest.raises(GateRefused):
        minted(forged(decision()))


def test_a_denied_decision_dressed_up_as_allowed_gives_no_consent() -> None:
    denied = decision(snapshot(triggers=()))
    with pytest.raises(GateRefused):
        minted(replace(denied, outcome=Outcome.ALLOW))
