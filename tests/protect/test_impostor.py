"""A false helper is told by signs that stand together; a helpful stranger is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.protect.impostor import FAST_MS, SUSPECTED_FROM, WEIGHTS, Own, Reply, Signal, digits, suspicion

OWN = Own(hosts=frozenset({"fjordfon.example"}), numbers=frozenset({digits("0800 5550100")}))
SLOW, FAST = 600_000, 9_000


def judged(text: str, *, after_ms: int | None = SLOW, new: bool | None = None, alike: bool = False, scam: bool = False):
    reply = Reply(text=text, lookalike=alike, scam_words=scam, new_account=new, after_ms=after_ms)
    found = suspicion(reply, OWN)
    return None if found is None else set(found.signals)


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("Bitte AnyDesk starten und 0151 2345678 anrufen.", {Signal.REMOTE_TOOL, Signal.PHONE}),
        ("Install Team Viewer from help-desk24.top/setup", {Signal.REMOTE_TOOL, Signal.OTHER_LINK}),
        ("Schreib mir: wa.me/4915112345678 oder https://fjordfon-hilfe.top", {Signal.PHONE, Signal.OTHER_LINK}),
    ],
)
def test_two_grave_signs_in_an_answer_to_a_customer_are_enough(text: str, signals: set[Signal]) -> None:
    assert judged(text) == signals


@pytest.mark.parametrize(
    "text",
    [
        "Ich nehme dafür TeamViewer, klappt gut.",
        "Ruf mal 0800 5550100 an, das ist deren Hotline.",
        "Schau auf https://www.fjordfon.example/stoerung, da steht es.",
        "Bei mir half https://netz-forum.example/tipps weiter.",
        "Neustart half bei mir, 3 Minuten vom Strom und gut.",
        "Meine Nummer beim Anbieter war die 0151 2345678.",
    ],
)
@pytest.mark.parametrize("after_ms", [SLOW, FAST])
def test_a_helpful_stranger_is_no_false_helper(text: str, after_ms: int) -> None:
    assert judged(text, after_ms=after_ms) is None


def test_a_new_account_with_a_number_within_seconds_is() -> None:
    text = "Ruf bitte 0151 2345678 an, wir helfen sofort."
    assert judged(text, after_ms=FAST, new=True) == {Signal.PHONE, Signal.FAST, Signal.NEW_ACCOUNT}
    assert judged(text, after_ms=FAST, new=False) is None
    assert judged(text, after_ms=FAST, new=None) is None


def test_a_name_that_is_nearly_ours_is_enough_wherever_it_stands() -> None:
    assert judged("Hallo.", alike=True, after_ms=None) == {Signal.LOOKALIKE}


def test_outside_of_an_answer_to_a_customer_nothing_else_counts() -> None:
    assert judged("AnyDesk, 0151 2345678, https://evil.example", after_ms=None, new=True, scam=True) is None


def test_an_answer_is_fast_up_to_a_minute_and_never_before_the_post() -> None:
    text = "AnyDesk laden und wa.me/49151"
    assert Signal.FAST in (judged(text, after_ms=FAST_MS) or set())
    assert Signal.FAST not in (judged(text, after_ms=FAST_MS + 1) or set())
    assert Signal.FAST not in (judged(text, after_ms=-1) or set())


def test_our_own_hosts_and_numbers_are_no_signs_however_they_are_written() -> None:
    assert judged("AnyDesk? +49 800 5550100 oder (0800) 555-0100, login.fjordfon.example/x", after_ms=FAST) is None
    assert Signal.OTHER_LINK in (judged("AnyDesk: notfjordfon.example/x") or set())


@given(
    st.text(max_size=400), st.booleans(), st.booleans(), st.none() | st.booleans(), st.none() | st.integers(-9, 10**12)
)
def test_any_post_gets_an_answer_and_its_weight_is_that_of_its_signals(text, alike, scam, new, after_ms) -> None:
    found = suspicion(Reply(text, alike, scam, new, after_ms), OWN)
    if found is not None:
        assert SUSPECTED_FROM <= found.weight <= 1000
        assert found.weight == min(1000, sum(WEIGHTS[signal] for signal in found.signals))
        assert found.code.startswith("false_helper ")
