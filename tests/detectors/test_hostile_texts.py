"""Any text at all brings one finding, with spans inside it, and never an exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trained import standard

from bot.detectors.topic import LABELS as TOPICS
from bot.model import Finding
from bot.ports import Detector

DETECTORS = standard()
LABELS = {
    "threat": {"none", "threat", "legal", "undetermined"},
    "crisis": {"none", "crisis", "undetermined"},
    "abuse": {"none", "abuse", "quoted", "profanity", "undetermined"},
    "scam": {"none", "scam", "impostor_report", "undetermined"},
    "language": {"de", "en", "other", "undetermined"},
    "sentiment": {"negative", "neutral", "positive", "undetermined"},
    "topic": {*TOPICS, "undetermined"},
    "hate": {"none", "hate", "undetermined"},
}
HOSTILE = {
    "nothing": "",
    "blank": " \n\t\r ",
    "nul": "\0" * 50,
    "one emoji": "😀",
    "ten thousand emoji": "😡" * 10_000,
    "a megabyte": "Kein Netz! " * 95_000,
    "ten thousand marks": "Z" + "\u0301\u0327\u0345" * 3_334,
    "overrides": "\u202eich bringe euch um\u202c" * 100,
    "lone surrogates": "\ud800Du Idiot\udfff" * 100,
    "binary": bytes(range(256)).decode("latin-1") * 20,
    "one long word": "scheiß" * 4_000,
    "only triggers": "ich bringe euch alle " * 1_000,
    "only digits": "Support 0" + "1 " * 9_000,
    "only at signs": "@" * 20_000,
    "noncharacters": "\uffff\ufffe\U0010ffff" * 10,
    "brackets": "{gap} ~ (?:a{1,4})* [[not]] " * 200,
    "no spaces": "1a" * 10_000,
    "unfolding": "ﷺ" * 20_000,
    "leet and spaces": "1 d 1 0 t " * 4_000,
    "new words": " ".join(f"q{number:x}" for number in range(20_000)),
    "new leet words": " ".join(f"ab{number}c" for number in range(3_000)),
    "dotted capital": "İ" * 300 + "du Idiot",
}
EACH = pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)


def check(detector: Detector, text: str, finding: Finding) -> None:
    assert finding.detector == detector.name
    assert finding.version == detector.version
    assert finding.label in LABELS[detector.name]
    assert isinstance(finding.score, int)
    assert 0 <= finding.score <= 1000
    assert finding.failed is False
    assert all(0 <= start < end <= len(text) for start, end in finding.spans)


@EACH
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_gets_a_finding(detector: Detector, text: str) -> None:
    found = detector.detect([text])
    assert len(found) == 1
    check(detector, text, found[0])


@EACH
@given(texts=st.lists(st.text(st.characters(), max_size=60), max_size=4))
def test_any_texts_get_one_finding_each_in_order(detector: Detector, texts: list[str]) -> None:
    together = detector.detect(texts)
    for text, finding in zip(texts, together, strict=True):
        check(detector, text, finding)
        assert detector.detect([text]) == [finding]


@EACH
def test_no_texts_get_no_findings(detector: Detector) -> None:
    assert list(detector.detect([])) == []


@EACH
@pytest.mark.parametrize("text", ["", "😀😀", "12345", "... !!"])
def test_a_text_without_a_letter_is_undetermined_or_empty_of_blame(detector: Detector, text: str) -> None:
    label = detector.detect([text])[0].label
    assert label in {"undetermined", "positive", "none"}
    assert label != "none" or text == "12345"


@pytest.mark.parametrize("name", ["threat", "crisis", "abuse", "scam"])
def test_what_was_not_read_is_marked(name: str) -> None:
    detector = next(each for each in DETECTORS if each.name == name)
    assert detector.detect(["Kein Netz. " * 3_000])[0].reason.split(";")[-1] == "cut"
    assert detector.detect(["Kein Netz."])[0].reason == ""


def test_a_reason_never_holds_the_words_of_the_text() -> None:
    text = "Ich bring dich um, du Idiot, ich will nicht mehr leben, installieren Sie AnyDesk"
    for detector in DETECTORS:
        reason = detector.detect([text])[0].reason
        assert not {"idiot", "dich", "leben", "anydesk"} & set(reason.lower().replace(".", " ").split())


def test_each_standard_detector_has_a_name_of_its_own_and_known_labels() -> None:
    names = [detector.name for detector in DETECTORS]
    assert len(set(names)) == len(names)
    assert {"threat", "crisis", "abuse", "scam", "language", "sentiment", "topic"} <= set(names) <= set(LABELS)
