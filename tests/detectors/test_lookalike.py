import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.lookalike import Lookalike

OURS = Lookalike(["fjordfon_hilft", "fjordfon"], "Fjordfon")


def said(handle: str) -> str:
    return OURS.detect([handle])[0].label


@pytest.mark.parametrize(
    ("handle", "how"),
    [
        ("fjordfon-hilft", "same-letters"),
        ("Fj0rdf0n_hilft", "same-letters"),
        ("fjоrdfon_hilft", "same-letters"),
        ("fjordfon_hllft", "same-letters"),
        ("fjordfon_hiIft", "same-letters"),
        ("fjordfon_hilft@elsewhere.example", "same-letters"),
        ("fjordfon_hilftt", "one-letter"),
        ("fjordfno_hilft", "one-letter"),
        ("fjordfon_kundenservice", "brand-and-service"),
        ("the_real_fjordfon_refunds", "brand-and-service"),
    ],
)
def test_a_handle_that_passes_for_ours_is_named_with_how(handle: str, how: str) -> None:
    finding = OURS.detect([handle])[0]
    assert (finding.label, finding.reason) == ("lookalike", how)
    assert finding.score >= 850


@pytest.mark.parametrize("handle", ["jule_im_funkloch", "fjord_wanderer", "helpful_hanna", "fjordfon_fan", ""])
def test_a_customer_keeps_their_name(handle: str) -> None:
    assert said(handle) == "none"


def test_the_reason_never_holds_the_handle() -> None:
    assert "hilft" not in OURS.detect(["fjordfon-hilft"])[0].reason


@given(st.text(max_size=300))
def test_any_handle_gets_an_answer(handle: str) -> None:
    assert said(handle) in {"none", "lookalike"}


def test_a_house_without_handles_takes_nobody_for_its_own() -> None:
    assert Lookalike([], "").detect(["", "support", "@"])[0].label == "none"
