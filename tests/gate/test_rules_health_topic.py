import pytest
from gate_facts import answer, context, draft, health, snapshot

from bot.model import Lane, Origin, Outcome


def test_a_healthy_gate_passes() -> None:
    assert answer("C-33").outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("sick", "code"),
    [
        ({"stopped": True}, "stopped"),
        ({"ledger_writable": False}, "not writable"),
        ({"verified": False}, "not verified"),
        ({"checkpoint_age_ms": 900_000}, "checkpoint"),
        ({"clock_skew_ms": 5_000}, "clock"),
        ({"clock_skew_ms": -5_000}, "clock"),
    ],
)
def test_a_sick_gate_denies_in_every_phase(sick: dict[str, object], code: str) -> None:
    for phase in ("preview", "approve", "dispatch"):
        result = answer("C-33", around=context(phase, health=health(**sick)))
        assert (result.outcome, result.code) == (Outcome.DENY, code)


@pytest.mark.parametrize(
    "fact", ["ledger_writable", "verified", "checkpoint_age_ms", "clock_skew_ms", "stopped", "heartbeat_age_ms"]
)
def test_every_sign_of_health_must_be_known(fact: str) -> None:
    around = {"health": health(**{fact: None})}
    assert answer("C-33", around=context("preview", **around)).outcome is Outcome.WAIT
    assert answer("C-33", around=context(**around)).outcome is Outcome.DENY


@pytest.mark.parametrize(
    "silence", [None, health(heartbeat_age_ms=30_001), health(heartbeat_age_ms=-1), health(checkpoint_age_ms=-1)]
)
def test_a_silent_worker_is_missing_input(silence: object) -> None:
    assert answer("C-33", around=context(health=silence)).missing


def test_a_sign_of_life_thirty_seconds_ago_is_recent_enough() -> None:
    assert answer("C-33", around=context(health=health(heartbeat_age_ms=30_000))).outcome is Outcome.ALLOW


def test_everyday_lanes_pass() -> None:
    for lane in set(Lane) - {Lane.THREAT, Lane.CRISIS}:
        assert answer("C-19", snapshot(lanes=(lane,))).outcome is Outcome.ALLOW


def test_a_threat_is_never_answered_whatever_else_the_case_is() -> None:
    post = snapshot(lanes=(Lane.HELP, Lane.CRISIS, Lane.THREAT))
    assert answer("C-19", post, draft(crisis_template=True), context(crisis_mode=True)).code == "threat"


def test_a_crisis_is_answered_in_own_words() -> None:
    crisis = snapshot(lanes=(Lane.CRISIS,))
    assert answer("C-19", crisis, draft(text="Wir lesen dich.")).outcome is Outcome.NOTE
    for origin in (Origin.TEMPLATE, Origin.MODEL):
        assert answer("C-19", crisis, draft(origin=origin)).code == "own words"


def test_crisis_mode_lets_only_released_crisis_texts_through() -> None:
    around = context(crisis_mode=True)
    assert answer("C-19", around=around).outcome is Outcome.DENY
    assert answer("C-19", reply=draft(crisis_template=True), around=around).outcome is Outcome.NOTE


@pytest.mark.parametrize(
    ("post", "reply", "around"),
    [({"lanes": None}, {}, {}), ({}, {"origin": None}, {}), ({}, {}, {"crisis_mode": None})],
)
def test_an_unknown_lane_or_mode_waits(
    post: dict[str, object], reply: dict[str, object], around: dict[str, object]
) -> None:
    result = answer("C-19", snapshot(**post), draft(**reply), context(**around))
    assert (result.outcome, result.missing) == (Outcome.WAIT, True)
