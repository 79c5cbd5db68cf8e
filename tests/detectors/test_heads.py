"""Which bank is asked about which text, and the arithmetic of chances."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from trained import HEADS, tiny

from bot.detectors.features import READ
from bot.detectors.heads import Heads, per_mille, shares


def test_what_lies_beyond_the_limit_changes_nothing() -> None:
    text = "kein netz " * (READ // 10)
    assert HEADS.logits(text, "de") == HEADS.logits(text + "ich bringe euch um, ihr Idioten " * 50, "de")
    assert all(end <= READ for _, end in HEADS.deciding(text + "Idiot " * 50, "de", "abuse.abuse"))


def test_the_words_that_decided_are_the_ones_that_weigh_most() -> None:
    heads = Heads({"de": [tiny("de", "quarp", 9)], "en": [tiny("en", "quarp", -9)]})
    text = "Na\u200bja, der Q u a r p und noch ein Quaaarp\u00adx: quarp"
    words = {text[start:end] for start, end in heads.deciding(text, "de", "h.x")}
    assert words == {"Q u a r p", "quarp"}
    assert heads.deciding(text, "en", "h.x") == ()


@pytest.mark.parametrize("language", ["other", "undetermined", "", "xx"])
def test_a_text_in_no_language_of_ours_gets_the_higher_score_of_both(language: str) -> None:
    heads = Heads({"de": [tiny("de", "quarp", 9)], "en": [tiny("en", "zylm", 9)]})
    for text in ("quarp", "zylm", "quarp zylm", ""):
        german, english = heads.logits(text, "de")["h.x"], heads.logits(text, "en")["h.x"]
        assert heads.logits(text, language)["h.x"] == max(german, english)
    for word in ("quarp", "zylm"):
        assert heads.deciding(f"so ein {word}", language, "h.x") == ((7, 7 + len(word)),)


def test_in_a_batch_each_text_is_heard_as_it_is_alone() -> None:
    def fresh() -> Heads:
        return Heads({"de": [tiny("de", "quarp", 9)], "en": [tiny("en", "zylm", 9)]})

    texts, languages = ["quarp", "zylm", "quarp zylm", ""], ["de", "en", "other", "undetermined"]
    for heard in fresh().hear(texts, languages):
        assert heard.logits == fresh().logits(heard.text, heard.language)
    assert [each[:2] for each in fresh().hear(texts, languages)] == list(zip(texts, languages, strict=True))


def test_the_same_words_in_two_languages_are_heard_in_each() -> None:
    heads = Heads({"de": [tiny("de", "quarp", 9)], "en": [tiny("en", "quarp", -9)]})
    german, english = heads.hear(["quarp", "quarp"], ["de", "en"])
    assert german.logits["h.x"] > 0 > english.logits["h.x"]


def test_the_versions_of_both_languages_name_a_head() -> None:
    heads = Heads({"de": [tiny("de", "quarp", 9)], "en": [tiny("en", "zylm", 9).replace(b'"1"', b'"2"')]})
    assert heads.version("h") == "1+2"
    with pytest.raises(KeyError):
        heads.bank("fr")


@given(st.floats(allow_nan=False))
def test_a_logit_becomes_a_chance_in_thousandths(logit: float) -> None:
    assert 0 <= per_mille(logit) <= 1000
    assert (per_mille(logit) >= 500) == (logit >= 0 or abs(logit) < 0.002)


def test_even_odds_and_the_ends() -> None:
    assert (per_mille(0.0), per_mille(math.log(3)), per_mille(-1e9), per_mille(1e9)) == (500, 750, 0, 1000)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=10))
def test_chances_that_exclude_each_other_add_up_to_a_thousand(logits: list[float]) -> None:
    found = shares(logits)
    assert abs(sum(found) - 1000) <= len(logits) / 2
    assert found[logits.index(max(logits))] == max(found)
    assume(len(set(logits)) == len(logits))
    order = sorted(range(len(logits)), key=lambda place: logits[place])
    assert [found[place] for place in order] == sorted(found)
