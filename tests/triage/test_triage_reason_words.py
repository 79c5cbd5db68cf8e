"""The codes of a reason in words a person reads, in both languages of the desk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.triage_words import reason_words

KNOWN = [
    "threat acute,de.weapon 960",
    "crisis de.despair 820",
    "abuse de.vocative 900",
    "hate muslims 920",
    "scam ask-secret 880",
    "impostor_report de.impostor 820",
    "legal de.legal 700",
    "quoted de.reported 850",
    "negative de.words 700",
    "positive en.words 600",
    "question",
    "addressed",
    "not_addressed",
    "namesake brand 870",
    "no_watch",
    "topic outage",
    "topic_guess outage 870",
    "urgent_topic",
    "urgent_word",
    "failed threat",
    "not assessed",
]


@pytest.mark.parametrize("code", KNOWN)
def test_every_code_has_words_in_both_languages(code: str) -> None:
    german, english = reason_words(code, "de"), reason_words(code, "en")
    assert german
    assert english
    assert german != english or code.startswith("topic")
    assert "{" not in german + english
    assert "_" not in german + english


def test_a_reason_reads_as_a_list() -> None:
    reason = "threat de.kill-bring 940; topic outage; urgent_word"
    assert reason_words(reason, "de") == "Drohung (Regel de.kill-bring, 940 von 1000); Thema: outage; dringendes Wort"
    assert reason_words(reason, "en") == "threat (rule de.kill-bring, 940 of 1000); topic: outage; urgent word"


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert reason_words("something.old 3", "de") == "something.old 3"


def test_any_other_language_reads_english() -> None:
    assert reason_words("question", "fr") == reason_words("question", "en")


def test_no_reason_has_no_words() -> None:
    assert reason_words("", "de") == ""


@given(st.text(max_size=80), st.sampled_from(["de", "en", "fr"]))
def test_any_reason_can_be_shown(reason: str, language: str) -> None:
    assert isinstance(reason_words(reason, language), str)


def test_a_topic_is_called_as_the_configuration_calls_it():
    names = {"outage": {"de": "Störung", "en": "outage"}}
    assert reason_words("topic outage", "de", names) == "Thema: Störung"
    assert reason_words("topic billing", "de", names) == "Thema: billing"
