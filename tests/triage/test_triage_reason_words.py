"""The codes of a reason in words a person reads, in both languages of the desk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.meant import COUNTER, FOND, NEGATED, ONESELF, PERSON, PROUD, QUOTED
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


@pytest.mark.parametrize(
    ("code", "german", "english"),
    [
        ("de.you-are,head", "Regel de.you-are, trainiertes Modell", "rule de.you-are, trained head"),
        ("meant=you", "gemeint: Angesprochene", "meant: the person spoken to"),
        ("meant=staff,head", "gemeint: Personal, trainiertes Modell", "meant: staff, trained head"),
        ("meant=third,meant=group", "gemeint: Dritte, gemeint: Gruppe", "meant: somebody else, meant: a group"),
        ("meant=alone,cut", "gemeint: wer mitliest, nur der Anfang gelesen", None),
        ("de.brain,en.you-are", "Regeln de.brain, en.you-are", "rules de.brain, en.you-are"),
        ("acute,de.weapon", "Regel de.weapon, akut", "rule de.weapon, acute"),
        ("attack-with-violence", "Angriff mit einem Wort der Gewalt", "attack with a word of violence"),
        ("model.tiny", "Zusatzmodell tiny", "added model tiny"),
        ("head,fallback.timeout", "trainiertes Modell, Zusatzmodell zu langsam", "trained head, added model too slow"),
        ("-", "ohne Angabe einer Regel", "no rule named"),
    ],
)
def test_what_a_finding_rests_on_is_said_in_words(code: str, german: str, english: str | None) -> None:
    assert reason_words(f"abuse {code} 900", "de") == f"Angriff auf eine Person ({german}, 900 von 1000)"
    if english:
        assert reason_words(f"abuse {code} 900", "en") == f"attack on a person ({english}, 900 of 1000)"


@pytest.mark.parametrize("why", ["timeout", "crash", "answer", "start", "off"])
def test_every_failure_of_a_model_has_words(why: str) -> None:
    told = reason_words(f"threat head,fallback.{why} 900", "de"), reason_words(f"threat head,fallback.{why} 900", "en")
    assert not [words for words in told if "fallback" in words or "rule" in words or "Regel" in words]


def test_everybody_whom_an_insult_can_mean_has_words() -> None:
    for meant in [*PERSON, FOND, PROUD, QUOTED, COUNTER, NEGATED, ONESELF, "thing"]:
        for language in ("de", "en"):
            words = reason_words(f"abuse meant={meant} 900", language)
            assert not {"=", "Regel", "rule"} & {*words, *words.replace("(", "").split()}


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
