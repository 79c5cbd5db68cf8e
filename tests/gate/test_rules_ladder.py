"""What the gate says to warnings and to their apology: C-10, C-11, C-13 and C-21 on the ladder (E-10)."""

from pathlib import Path

import pytest
from gate_facts import answer, approval, context, decision, draft, snapshot

from bot.config.load import load
from bot.model import DispatchState, Lane, Origin, Outcome, Role
from bot.model.ladder import Bar
from bot.responder import prepare

CONFIG = load(Path(__file__).parents[2] / "config")
STEPS = ("w1", "w2", "w3", "apology")
RUDE = {
    "du": "@fjordfon_hilft Du bist so ein Vollidiot, wann geht das wieder?",
    "sie": "@fjordfon_hilft Was sind Sie für ein Vollidiot, wann können Sie das richten?",
    "any": "@fjordfon_hilft You are such an idiot, when will this be fixed?",
}
TEXTS = [
    pytest.param(template, place, id=f"{template.template} {place}")
    for template in CONFIG.templates
    if template.ladder
    for place in range(len(template.wordings))
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("language", "address"), [("de", "du"), ("de", "sie"), ("en", "any")])
def test_there_is_a_released_text_with_three_wordings_for_every_step(step: str, language: str, address: str) -> None:
    [found] = [
        template
        for template in CONFIG.templates
        if (template.ladder, template.language, template.address) == (step, language, address)
    ]
    assert found.released
    assert len(set(found.wordings)) >= 3


@pytest.mark.parametrize(("template", "place"), TEXTS)
def test_every_standard_text_passes_the_whole_gate_once_two_people_approved_it(template, place: int) -> None:
    found = prepare(
        brand=CONFIG.brand,
        templates=CONFIG.templates,
        lane=Lane.ABUSE,
        topic="",
        language=template.language,
        address="" if template.address == "any" else template.address,
        seed=place,
        ladder=template.ladder,
    )
    assert found is not None
    text = f"{found.text} ^AB"
    post = snapshot(text=RUDE[template.address], lanes=(Lane.ABUSE,), language=template.language)
    reply = draft(
        text=text,
        template=template.template,
        template_text=found.text,
        origin=Origin.TEMPLATE,
        ladder_step=template.ladder != "apology",
        apology=template.ladder == "apology",
        address="" if template.address == "any" else template.address,
    )
    around = context(
        approvals=(approval(text), approval(text, by="approver-2", role=Role.SENIOR)),
        warning_bars=() if template.ladder != "apology" else None,
        earlier_dispatches=(DispatchState.RETRACTED,) if template.ladder == "apology" else (),
        reply_languages=(template.language,),
    )
    open_rules = [(found.rule, found.code, dict(found.evidence)) for found in decision(post, reply, around).open_rules]
    assert open_rules == []


@pytest.mark.parametrize(
    ("bar", "code"),
    [
        (Bar.CRISIS, "open crisis"),
        (Bar.STORM, "storm"),
        (Bar.SAME_INCIDENT, "out of turn"),
        (Bar.OUT_OF_TURN, "out of turn"),
        (Bar.NOBODY_MEANT, "out of turn"),
        (Bar.NOT_ABUSE, "out of turn"),
    ],
)
def test_what_stands_against_a_warning_denies_it_under_c21(bar: Bar, code: str) -> None:
    found = answer("C-21", reply=draft(ladder_step=True), around=context(warning_bars=(bar,)))
    assert (found.outcome, found.code) == (Outcome.DENY, code)
    assert answer("C-21", around=context(warning_bars=(bar,))).outcome is Outcome.ALLOW, "other replies do not mind"


def test_a_warning_of_which_nobody_asked_the_ladder_is_denied_at_dispatch() -> None:
    found = answer("C-21", reply=draft(ladder_step=True), around=context())
    assert (found.outcome, found.missing) == (Outcome.DENY, True)


def test_a_crisis_is_no_exception_for_a_warning() -> None:
    closed = context(ladder_terminal=True, warning_bars=())
    post = snapshot(lanes=(Lane.CRISIS,))
    assert answer("C-21", post, around=closed).code == "crisis first"
    found = answer("C-21", post, draft(ladder_step=True), closed)
    assert (found.outcome, found.code) == (Outcome.DENY, "ladder ended")
    threatened = context(open_threat_case=True, warning_bars=())
    assert answer("C-21", post, draft(ladder_step=True), threatened).code == "open threat"


def test_a_warning_takes_two_people_in_any_lane() -> None:
    found = answer("C-13", reply=draft(ladder_step=True), around=context(warning_bars=()))
    assert (found.outcome, found.code) == (Outcome.HOLD_SECOND, "two people")


@pytest.mark.parametrize(
    ("earlier", "outcome"),
    [
        ((DispatchState.RETRACTED,), Outcome.ALLOW),
        ((DispatchState.SENT,), Outcome.ALLOW),
        ((DispatchState.RETRACTING,), Outcome.WAIT),
        ((DispatchState.QUEUED,), Outcome.WAIT),
        ((DispatchState.SENDING,), Outcome.DENY),
    ],
)
def test_c10_lets_the_apology_follow_the_warning_it_takes_back(earlier, outcome: Outcome) -> None:
    assert answer("C-10", reply=draft(apology=True), around=context(earlier_dispatches=earlier)).outcome is outcome


def test_c11_does_not_count_an_apology() -> None:
    often = context(unanswered_replies=5, replies_7d=9)
    assert answer("C-11", around=often).outcome is Outcome.HOLD_SELF
    assert answer("C-11", reply=draft(apology=True), around=often).outcome is Outcome.ALLOW


def test_the_issuer_of_a_warning_does_not_approve_its_apology() -> None:
    around = context(barred_approvers=frozenset({"writer-1"}))
    found = answer("C-13", reply=draft(apology=True), around=around)
    assert (found.outcome, found.code) == (Outcome.HOLD_SELF, "role")
