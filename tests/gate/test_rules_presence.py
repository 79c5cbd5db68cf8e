"""C-27 to C-30 and C-34: the account that speaks, the notice, the allowance, the place, and what is read back."""

import pytest
from gate_facts import DAY, HOUR, answer, context, draft, presence, snapshot
from hypothesis import given
from hypothesis import strategies as st

from bot.gate.decide import releasable
from bot.gate.facts import Budget, Notice
from bot.gate.readback import read_back
from bot.model import Origin, Outcome


def account(**changes):
    return answer("C-27", around=context(presence=presence(**changes)))


def test_a_labelled_and_explained_account_may_speak():
    assert account().outcome is Outcome.ALLOW
    assert account(labelled=False, label_required=False).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"labelled": False}, "no label"), ({"bio": False}, "bio"), ({"trouble": "another account"}, "account")],
)
def test_a_disguised_account_may_not(changes, code):
    denied = account(**changes)
    assert (denied.outcome, denied.code, releasable(denied)) == (Outcome.DENY, code, False)


@pytest.mark.parametrize("changes", [{"age_ms": DAY + 1}, {"age_ms": -1}, {"labelled": None}, {"bio": None}])
def test_what_nobody_saw_in_time_waits_unless_a_person_attests_it(changes):
    assert account(**changes).outcome is Outcome.WAIT
    seen = context(presence=presence(**changes), attested=frozenset({"C-27"}))
    assert (answer("C-27", around=seen).outcome, answer("C-27", around=seen).code) == (Outcome.ALLOW, "attested")
    assert answer("C-27", around=context("preview", presence=None)).outcome is Outcome.WAIT


def test_a_model_needs_the_label_and_the_notice_everywhere():
    unlabelled = context(presence=presence(labelled=False, label_required=False))
    text = "Wir sehen nach. Mit KI vorbereitet, von ^AB geprüft"
    assert answer("C-27", reply=draft(origin=Origin.MODEL, text=text), around=unlabelled).code == "no label"
    assert answer("C-27", reply=draft(origin=Origin.MODEL, text=text)).outcome is Outcome.ALLOW
    assert answer("C-27", reply=draft(origin=Origin.MODEL)).code == "no AI notice"
    english = "We are on it. Drafted with AI, checked by ^AB"
    assert answer("C-27", reply=draft(origin=Origin.MODEL, text=english)).outcome is Outcome.ALLOW


def notice(**changes):
    return answer(
        "C-28", around=context(notice=Notice(**{"age_ms": HOUR, "http_status": 200, "current": True, **changes}))
    )


def test_a_notice_that_answers_in_its_version_is_fine():
    assert notice().outcome is Outcome.ALLOW
    assert notice(age_ms=7 * DAY).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"http_status": 404}, "unreachable"),
        ({"http_status": 500}, "unreachable"),
        ({"current": False}, "other version"),
    ],
)
def test_a_notice_that_does_not_asks_a_person(changes, code):
    held = notice(**changes)
    assert (held.outcome, held.code, releasable(held)) == (Outcome.HOLD_SELF, code, True)


def test_a_notice_that_nobody_looked_at_for_a_week_waits():
    assert notice(age_ms=7 * DAY + 1).outcome is Outcome.WAIT
    assert answer("C-28", around=context(notice=None)).outcome is Outcome.WAIT
    platform_without_profile = context(notice=None, not_offered=frozenset({"C-28"}))
    assert answer("C-28", around=platform_without_profile).code == "not offered"


def test_a_platform_that_asks_us_to_wait_is_obeyed():
    waits = answer("C-29", around=context(budget=Budget(left=900, wait_ms=1_500)))
    assert (waits.outcome, waits.code, waits.evidence["seconds"]) == (Outcome.WAIT, "asked to wait", 2)
    assert not releasable(waits)


@pytest.mark.parametrize(
    ("left", "outcome"), [(1000, Outcome.ALLOW), (100, Outcome.ALLOW), (99, Outcome.WAIT), (0, Outcome.WAIT)]
)
def test_the_last_of_an_allowance_is_left(left, outcome):
    assert answer("C-29", around=context(budget=Budget(left=left))).outcome is outcome


def test_an_allowance_that_nobody_told_is_whole_and_one_that_nobody_looked_up_waits():
    assert answer("C-29", around=context(budget=Budget())).outcome is Outcome.ALLOW
    assert answer("C-29", around=context(budget=None)).missing


@pytest.mark.parametrize(("standing", "code"), [("barred", "not on the list"), ("stopped", "stopped")])
def test_a_place_that_does_not_permit_us_is_left_alone(standing, code):
    denied = answer("C-30", around=context(community=standing))
    assert (denied.outcome, denied.code, releasable(denied)) == (Outcome.DENY, code, False)


def test_a_place_that_permits_us_is_fine_and_one_that_nobody_knows_waits_for_an_attestation():
    assert answer("C-30", snapshot()).outcome is Outcome.ALLOW
    assert answer("C-30", around=context(community=None)).outcome is Outcome.WAIT
    assert answer("C-30", around=context(community=None, attested=frozenset({"C-30"}))).outcome is Outcome.ALLOW


# C-34: read back after sending


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("Danke, wir sehen nach. ^AB", "@lena Danke, wir sehen nach. ^AB"),
        ("Danke, wir sehen nach. ^AB", "Danke,\nwir  sehen nach. ^AB"),
        ("Stand: https://fjordfon.example/lage ^AB", "@lena Stand: fjordfon.example/la… ^AB"),
        ("Stand: https://fjordfon.example/lage ^AB", "Stand: https://t.co/abc ^AB"),
        (
            'Drück "Neustart" ... fertig -- versprochen? :) ^AB',
            "Drück “Neustart” … fertig – versprochen? :slight_smile: ^AB",
        ),
        ("Wir prüfen's. ^AB", "Wir prüfen’s. AB"),
    ],
)
def test_c34_what_platforms_do_to_a_text_is_no_difference(sent, found):
    assert read_back(sent, found) == "same"


@pytest.mark.parametrize("found", ["Danke, wir sehen", "Etwas anderes. ^AB", "wir sehen nach. Danke, ^AB"])
def test_c34_other_words_are(found):
    assert read_back("Danke, wir sehen nach. ^AB", found) == "differs"


def test_c34_a_platform_that_shows_nothing_did_not_tell():
    assert read_back("Danke. ^AB", "") == "not told"


@given(st.text(), st.text())
def test_c34_a_text_is_always_found_in_itself(sent, around):
    assert read_back(sent, f"{sent} {around}") in {"same", "not told"}
