"""What leaves to a person in need: own words, numbers of confirmed cards alone, no sign-off, no emoji (E-11, E-12)."""

import pytest
from gate_facts import answer, approval, context, draft, snapshot
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Lane, Origin, Outcome
from bot.protect.hotlines import registry

CRISIS = snapshot(lanes=(Lane.CRISIS,))
HERE = [card for card in registry().card if "de" in card.countries]
NUMBERS = tuple(number for card in HERE for number in card.numbers)
OWN = "Wir lesen dich, und es ist gut, dass du schreibst."


def says(rule: str, text: str, post=CRISIS, **around: object):
    known = {"hotlines": NUMBERS, "approvals": (approval(text, trained=True),), **around}
    return answer(rule, post, draft(text=text), context(**known))


def test_own_words_with_a_card_leave_by_one_trained_person_alone() -> None:
    for card in HERE:
        for language in ("de", "en"):
            text = f"{OWN}\n{card.line(language)}"
            assert says("C-22", text).outcome is Outcome.ALLOW, text
            assert says("C-19", text).code == "crisis", text
            assert says("C-13", text).outcome is Outcome.ALLOW
    assert answer("C-13", CRISIS).outcome is Outcome.HOLD_SECOND, "nobody trained approved"


@pytest.mark.parametrize(
    "typed",
    [
        "0800 111 0 111",
        "0800/1110111",
        "08001110111",
        "0800 1110112",
        "+49 800 1110111",
        "0800 1110111 1",
        "116123",
        "116 124",
        "0800\u200b1110111",
        "０８００ １１１０１１２",
        "113",
        "19222",
        "030 12345678",
    ],
)
def test_a_number_that_is_not_exactly_on_a_card_is_denied(typed: str) -> None:
    assert says("C-22", f"{OWN} Ruf an: {typed}").code == "typed number"


def test_our_own_hotline_is_no_number_for_somebody_in_need() -> None:
    assert says("C-22", f"{OWN} Ruf an: 0800 5550100").code == "typed number"
    assert answer("C-22", reply=draft(text="Ruf gern an: 0800 5550100")).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    "text", ["rund um die Uhr, 24/7", "Wir sind seit 2019 hier.", "bis 22:30 Uhr", "2 oder 3 Worte"]
)
def test_times_and_years_are_no_telephone_numbers(text: str) -> None:
    assert says("C-22", f"{OWN} {text}").outcome is Outcome.ALLOW


@given(st.from_regex(r"0[1-9][0-9]{1,3} ?[0-9]{3,8}", fullmatch=True))
def test_no_number_of_anybody_else_ever_leaves(number: str) -> None:
    assert number not in NUMBERS
    assert says("C-22", f"{OWN} {number}").outcome is Outcome.DENY


@given(st.sampled_from(NUMBERS), st.integers(0, 9), st.booleans())
def test_a_number_of_a_card_with_one_digit_more_is_another_number(number: str, digit: int, before: bool) -> None:  # noqa: FBT001 - drawn
    longer = f"{digit}{number}" if before else f"{number}{digit}"
    assert longer in NUMBERS or says("C-22", f"{OWN} Ruf {longer} an.").outcome is Outcome.DENY


def test_a_number_of_a_card_that_nobody_confirmed_is_stopped_at_dispatch_too_and_in_every_lane() -> None:
    rest = tuple(number for number in NUMBERS if number != "0800 1110111")
    blocked = {"hotlines": rest, "blocked_hotlines": ("0800 1110111",)}
    text = f"{OWN} TelefonSeelsorge: 0800 1110111"
    for phase in ("preview", "approve", "dispatch"):
        told = says("C-22", text, phase=phase, **blocked)
        assert (told.outcome, told.code) == (Outcome.DENY, "blocked hotline")
    assert says("C-22", text, snapshot(), **blocked).code == "blocked hotline"
    assert (
        says("C-22", "Das kostet 112 Euro.", snapshot(), blocked_hotlines=("112",), hotlines=()).code
        != "blocked hotline"
    )


@pytest.mark.parametrize("end", [" ^AB", "\n^KM ", " Team Fjordfon", " Dein Fjordfon-Team"])
def test_the_brand_does_not_sign_under_a_crisis(end: str) -> None:
    told = says("C-19", OWN + end, sign_offs=("Dein Fjordfon-Team", "Team Fjordfon"))
    assert (told.outcome, told.code) == (Outcome.DENY, "sign-off")


@pytest.mark.parametrize("sign", ["\U0001f64f", "❤️", "☀", ":)", ";-)", "\U0001fae0"])
def test_no_emoji_leaves_to_a_person_in_need(sign: str) -> None:
    assert says("C-19", f"{OWN} {sign}").code == "emoji"
    assert says("C-19", f"{sign} {OWN}").code == "emoji"


@pytest.mark.parametrize("origin", [Origin.TEMPLATE, Origin.MODEL])
def test_no_template_leaves_to_a_person_in_need_not_even_one_for_crisis_mode(origin: Origin) -> None:
    told = answer("C-19", CRISIS, draft(text=OWN, origin=origin, crisis_template=True), context())
    assert (told.outcome, told.code) == (Outcome.DENY, "own words")
