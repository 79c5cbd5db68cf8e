"""The light head stands behind its model: when it speaks instead, and when it speaks louder."""

import logging
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trained import HEADS, LANGUAGE

from bot.detectors.abuse import Abuse
from bot.detectors.backend.runner import Rows, Unanswered
from bot.detectors.backend.verdict import Verdict
from bot.detectors.backend.with_backend import STRIKES, Named, WithBackend
from bot.detectors.text import READ_LIMIT
from bot.detectors.threat import ThreatRules
from bot.ports import Detector

ALARM, CALM = (9.0, 0.0), (0.0, 9.0)
LIGHT = Abuse(LANGUAGE, HEADS)


class Scripted:
    """A model that follows a script: a row for every text of a call, or the failure to raise. The last one stays."""

    def __init__(self, *script: tuple[float, float] | str) -> None:
        self.script, self.asked = list(script), []

    def rows(self, texts: Sequence[str]) -> Rows:
        self.asked.append(list(texts))
        turn = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(turn, str):
            raise Unanswered(turn, "It did not answer.")
        return [(turn, False) for _ in texts]


def head(model: Scripted, light: Detector = LIGHT, batch: int = 4) -> WithBackend:
    alarm = light.name
    verdict = Verdict(("BAD", "FINE"), {"BAD": alarm, "FINE": "none"}, ("none", alarm), multi_label=False)
    return WithBackend(light, model, verdict, Named("abc", "model.scripted"), batch)


def labels(detector: Detector, *texts: str) -> list[str]:
    return [finding.label for finding in detector.detect(texts)]


def reasons(detector: Detector, *texts: str) -> list[str]:
    return [finding.reason for finding in detector.detect(texts)]


def test_the_models_word_counts_and_is_signed():
    finding = head(Scripted(CALM)).detect(["Ihr seid Idioten."])[0]
    assert (finding.detector, finding.label, finding.score) == ("abuse", "none", 1000)
    assert (finding.version, finding.reason) == ("abc", "model.scripted")


@pytest.mark.parametrize("why", ["timeout", "crash", "answer"])
def test_when_the_model_does_not_answer_the_light_head_does_and_says_so(why):
    alone, beside = LIGHT.detect(["Ihr seid Idioten."])[0], head(Scripted(why)).detect(["Ihr seid Idioten."])[0]
    assert (beside.label, beside.score, beside.spans, beside.version) == (
        alone.label,
        alone.score,
        alone.spans,
        alone.version,
    )
    assert beside.reason == f"{alone.reason};fallback.{why}"
    assert beside.failed is False


def test_a_light_finding_without_a_reason_gets_a_plain_one():
    assert reasons(head(Scripted("timeout")), "Hallo zusammen.") == ["fallback.timeout"]


def test_after_some_failures_in_a_row_the_model_is_off_and_is_not_asked_again(caplog):
    model = Scripted(*["timeout"] * STRIKES, ALARM)
    detector = head(model)
    with caplog.at_level(logging.WARNING):
        told = [reasons(detector, "Hallo Welt.")[0] for _ in range(STRIKES + 2)]
    assert told == ["fallback.timeout"] * STRIKES + ["fallback.off"] * 2
    assert len(model.asked) == STRIKES
    assert [record.levelname for record in caplog.records] == ["WARNING"] * (STRIKES - 1) + ["ERROR"]
    assert "The model of 'abuse' is switched off until the next start: It did not answer." in caplog.messages


def test_an_answer_in_between_forgives_the_failures_before():
    script = (["timeout"] * (STRIKES - 1) + [CALM]) * 3
    model = Scripted(*script, "timeout")
    detector = head(model)
    for _ in script:
        detector.detect(["Hallo Welt."])
    assert len(model.asked) == len(script)


def test_no_word_of_a_post_enters_the_log(caplog):
    with caplog.at_level(logging.DEBUG):
        head(Scripted("crash")).detect(["Geheimnis Kanarienvogel"] * 20)
    assert "Kanarienvogel" not in caplog.text


def test_a_failure_strikes_the_texts_of_its_batch_only():
    detector = head(Scripted("timeout", ALARM), batch=2)
    assert reasons(detector, "eins", "zwei", "drei") == ["fallback.timeout", "fallback.timeout", "model.scripted"]


@given(texts=st.lists(st.sampled_from(["", "!!", "😀", "Hallo", "du Idiot", "12"]), max_size=30))
def test_no_batch_is_larger_than_allowed_and_only_texts_with_letters_are_sent(texts):
    model = Scripted(ALARM)
    found = head(model, batch=4).detect(texts)
    assert len(found) == len(texts)
    assert [text for call in model.asked for text in call] == [text for text in texts if any(map(str.isalpha, text))]
    assert all(1 <= len(call) <= 4 for call in model.asked)


def test_a_text_without_a_letter_stays_with_the_light_head():
    assert labels(head(Scripted(ALARM)), "😀😀", "", "12!") == labels(LIGHT, "😀😀", "", "12!")


def test_what_was_not_sent_to_the_model_is_marked():
    model = Scripted(CALM)
    assert reasons(head(model), "Wort " * READ_LIMIT) == ["model.scripted;cut"]
    assert len(model.asked[0][0]) == READ_LIMIT


def test_halves_of_surrogate_pairs_are_not_sent():
    model = Scripted(CALM)
    head(model).detect(["\ud800Hallo\udfff"])
    assert model.asked == [["?Hallo?"]]


@pytest.mark.parametrize(
    ("text", "row", "label"),
    [
        ("Ich bringe euch um.", CALM, "threat"),
        ("Ich bringe euch um.", ALARM, "threat"),
        ("Wir sehen uns nach Feierabend.", ALARM, "threat"),
        ("Wir sehen uns nach Feierabend.", CALM, "none"),
        ("Ich gehe zum Anwalt.", CALM, "legal"),
        ("Ich gehe zum Anwalt.", ALARM, "threat"),
    ],
)
def test_a_model_may_add_a_threat_and_never_silence_one(text, row, label):
    assert labels(head(Scripted(row), ThreatRules()), text) == [label]


def test_when_both_hear_a_threat_the_rules_spans_and_the_surer_score_stay():
    text = "Ich bringe dich morgen mit der Axt in eurer Filiale um."
    alone, both = ThreatRules().detect([text])[0], head(Scripted(ALARM), ThreatRules()).detect([text])[0]
    assert both.score == max(alone.score, 1000)
    assert both.spans == alone.spans != ()
    assert both.reason == f"{alone.reason};model.scripted"
    assert both.reason.startswith("acute")
