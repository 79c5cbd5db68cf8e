# ruff: noqa: T201 - the counts are shown by pytest -s and beside a failure
"""What the first rules promise on sentences of our own. The floors are below what was measured, never above."""

from collections import Counter

import pytest
from authored import rows, share, table

from bot.detectors.abuse import Abuse
from bot.detectors.crisis import Crisis
from bot.detectors.language import Language
from bot.detectors.scam import Scam
from bot.detectors.threat import Threat

SETS = ["abuse_de", "abuse_en", "crisis_de", "crisis_en", "scam_de", "scam_en", "threat_de", "threat_en", "language"]
BOTH = pytest.mark.parametrize("language", ["de", "en"])


@BOTH
def test_most_threats_are_heard_and_figures_of_speech_are_not(language: str) -> None:
    counts = table(Threat(), f"threat_{language}")
    print(language, dict(counts))
    assert share(counts, "threat", {"threat"}) >= 0.95
    assert share(counts, "none", {"threat"}) <= 0.02


@BOTH
def test_talk_of_the_law_is_legal_and_no_threat(language: str) -> None:
    counts = table(Threat(), f"threat_{language}")
    assert share(counts, "legal", {"legal"}) >= 0.9
    assert share(counts, "legal", {"threat"}) == 0


@BOTH
def test_people_in_danger_are_heard_and_idioms_are_not(language: str) -> None:
    counts = table(Crisis(), f"crisis_{language}")
    print(language, dict(counts))
    assert share(counts, "crisis", {"crisis"}) >= 0.95
    assert share(counts, "none", {"crisis"}) <= 0.02


@BOTH
def test_insults_at_staff_are_abuse_and_harsh_criticism_of_the_product_never_is(language: str) -> None:
    counts = table(Abuse(), f"abuse_{language}")
    print(language, dict(counts))
    assert share(counts, "abuse", {"abuse"}) >= 0.88
    assert share(counts, "none", {"abuse"}) == 0


@BOTH
def test_an_insult_that_the_author_reports_is_not_the_authors(language: str) -> None:
    counts = table(Abuse(), f"abuse_{language}")
    assert share(counts, "quoted", {"quoted"}) >= 0.75
    assert share(counts, "none", {"quoted"}) == 0


@BOTH
def test_false_helpers_are_found_and_customers_with_their_own_trouble_are_not(language: str) -> None:
    counts = table(Scam(), f"scam_{language}")
    print(language, dict(counts))
    assert share(counts, "scam", {"scam"}) >= 0.9
    assert share(counts, "none", {"scam", "impostor_report"}) <= 0.05


@BOTH
def test_who_reports_an_impostor_is_not_taken_for_one(language: str) -> None:
    counts = table(Scam(), f"scam_{language}")
    assert share(counts, "impostor_report", {"impostor_report"}) >= 0.8
    assert share(counts, "impostor_report", {"scam"}) == 0


@pytest.mark.parametrize("label", ["de", "en", "other", "undetermined"])
def test_languages_are_told_apart_with_dialects_and_english_words_as_german(label: str) -> None:
    counts = table(Language(), "language")
    print(label, {pair: count for pair, count in counts.items() if pair[0] == label})
    assert share(counts, label, {label}) >= 0.95


@pytest.mark.parametrize("name", SETS)
def test_a_set_holds_no_sentence_twice_and_splits_every_label_in_half(name: str) -> None:
    written = rows(name)
    assert len({row["text"] for row in written}) == len(written)
    halves = Counter((row["label"], row["part"]) for row in written)
    for label in {row["label"] for row in written}:
        assert abs(halves[label, "dev"] - halves[label, "test"]) <= 1


@BOTH
def test_the_sets_are_as_large_as_promised(language: str) -> None:
    sizes = Counter(
        (name, row["label"]) for name in ("threat", "crisis", "abuse", "scam") for row in rows(f"{name}_{language}")
    )
    assert sizes["threat", "threat"] >= 90
    assert sizes["threat", "none"] >= 100
    assert sizes["crisis", "crisis"] >= 70
    assert sizes["crisis", "none"] >= 85
    assert sizes["abuse", "abuse"] >= 60
    assert sizes["abuse", "none"] >= 100
    assert sizes["scam", "scam"] >= 40
    assert sizes["scam", "none"] >= 40
