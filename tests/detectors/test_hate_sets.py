"""What the grammar of hate holds on sentences by function. Floors stand below what was measured, never above."""

from collections import Counter

import pytest
from authored import rows
from trained import HEADS, LANGUAGE

from bot.detectors.hate import Hate

BOTH = pytest.mark.parametrize("language", ["de", "en"])
HATE = Hate(LANGUAGE, HEADS)
HARMLESS = {
    "abuse-individual",
    "abuse-nonprotected",
    "abuse-object",
    "counter-quote",
    "counter-refer",
    "everyday",
    "homonym-profanity",
    "negated-hate",
    "neutral",
    "positive",
    "reclaimed",
}
IMPLICIT = "implicit-derogation"
"""Hate without a word of hate: mostly missed, and no promise."""


def right(language: str, part: str) -> dict[str, float]:
    """The share of right answers by function."""
    written = [row for row in rows(f"hate_{language}") if row["part"] == part]
    found = HATE.detect([row["text"] for row in written])
    sizes = Counter(row["function"] for row in written)
    hits = Counter(row["function"] for row, each in zip(written, found, strict=True) if each.label == row["label"])
    return {function: hits[function] / size for function, size in sizes.items()}


@BOTH
def test_every_function_holds_on_the_sentences_that_taught_it(language: str) -> None:
    shares = right(language, "train")
    assert {function: share for function, share in shares.items() if share < 0.6 and function != IMPLICIT} == {}
    assert {function: shares[function] for function in HARMLESS if shares[function] < 0.8} == {}


@BOTH
def test_sentences_never_looked_at_that_are_no_hate_are_left_alone(language: str) -> None:
    shares = right(language, "test")
    assert {function: shares[function] for function in HARMLESS if shares[function] < 0.6} == {}
    assert sum(shares[function] for function in HARMLESS) / len(HARMLESS) >= 0.82


@pytest.mark.parametrize(("language", "floor"), [("de", 0.55), ("en", 0.45)])
def test_more_than_half_of_the_hate_never_looked_at_is_heard(language: str, floor: float) -> None:
    shares = right(language, "test")
    hateful = [share for function, share in shares.items() if function not in {*HARMLESS, IMPLICIT}]
    assert sum(hateful) / len(hateful) >= floor


@BOTH
def test_customers_posts_are_no_hate(language: str) -> None:
    found = HATE.detect([row["text"] for row in rows(f"customers_{language}")])
    assert sum(finding.label == "hate" for finding in found) <= len(found) // 400


def group_of(written: str) -> str:
    """The detector's name for a group: neighbours whom the same words attack share one."""
    group = written.lower().replace(" ", "-")
    return {"ukrainians": "romanians", "syrians": "arabs", "foreigners": "immigrants"}.get(group, group)


@BOTH
def test_the_group_of_a_hit_is_the_group_that_the_sentence_attacks(language: str) -> None:
    # Insinuation names its group by a place, a garment, a feast: there only the head hears it.
    written = [
        row
        for row in rows(f"hate_{language}")
        if row["part"] == "train" and row["label"] == "hate" and row["function"] != "implicit-derogation"
    ]
    found = HATE.detect([row["text"] for row in written])
    named = [
        (finding.reason.split(";")[0].removeprefix("group="), group_of(row["group"]))
        for row, finding in zip(written, found, strict=True)
        if finding.label == "hate"
    ]
    known = [pair for pair in named if pair[0] != "-"]
    assert sum(said == meant for said, meant in known) / len(known) >= 0.95
    assert len(known) / len(named) >= 0.7


@BOTH
def test_no_family_of_sentences_stands_in_both_parts(language: str) -> None:
    written = rows(f"hate_{language}")
    families = {part: {row["family"] for row in written if row["part"] == part} for part in ("train", "test")}
    assert not families["train"] & families["test"]
    assert len({row["text"] for row in written}) == len(written)


@BOTH
def test_what_only_the_head_heard_says_so_and_points_at_the_group(language: str) -> None:
    texts = [row["text"] for row in rows(f"hate_{language}") if row["part"] == "train" and row["label"] == "hate"]
    heard = [
        (text, finding)
        for text, finding in zip(texts, HATE.detect(texts), strict=True)
        if finding.reason.endswith(";head")
    ]
    assert heard
    for text, finding in heard:
        assert finding.score >= 620
        assert all(0 <= start < end <= len(text) for start, end in finding.spans)
