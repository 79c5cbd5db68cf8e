"""How rules and a head join: either is enough, the rules know who was meant, and two are surer than one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.features import own_slots
from bot.detectors.heads import Heads
from bot.detectors.layers import HEAD, heard_in, joined, with_cut
from bot.detectors.weights_file import Head, Output, write
from bot.model import Finding

SCORES = st.integers(0, 1000)


def heads(bias: float) -> Heads:
    """One head "insult" with an output "abuse" that leans by ``bias`` and hears "quarp"."""
    weights = {int(own_slots(["quarp"])[0]): 100}
    source = write(Head("insult", "de", "7", (Output("abuse", bias, 0.1, weights),)))
    return Heads({"de": [source], "en": [source.replace(b'"de"', b'"en"')]})


SURE, UNSURE, DEAF = heads(2.0), heads(0.0), heads(-30.0)


def ruled(label: str, score: int = 0, reason: str = "") -> Finding:
    return Finding("insult", "3+7", label, score, ((0, 2),) if score else (), reason)


def join(finding: Finding, heads: Heads, text: str, language: str) -> Finding:
    """The finding for "abuse" after the heads were heard."""
    return joined(finding, heads, heads.hear([text], [language])[0], "abuse")


def test_a_head_alone_is_enough_and_shows_the_words_that_spoke_most() -> None:
    found = join(ruled("none"), heads(-1.0), "du Quarp du", "de")
    assert (found.label, found.reason, found.spans) == ("abuse", HEAD, ((3, 8),))
    assert 500 <= found.score <= 1000
    assert (found.detector, found.version) == ("insult", "3+7")


def test_a_head_that_hears_nothing_leaves_the_rules_as_they_are() -> None:
    for finding in (ruled("none"), ruled("abuse", 800, "rule.one"), ruled("quoted", 700, "rule.two")):
        assert join(finding, DEAF, "hallo", "de") == finding


@pytest.mark.parametrize("label", ["quoted", "profanity", "legal", "undetermined"])
def test_a_head_never_overrules_rules_that_know_who_was_meant(label: str) -> None:
    assert join(ruled(label, 700, "rule"), SURE, "du quarp", "de") == ruled(label, 700, "rule")


@given(SCORES)
def test_both_layers_together_are_surer_than_either(score: int) -> None:
    both = join(ruled("abuse", score, "rule.one"), SURE, "hallo", "de")
    alone = join(ruled("none"), SURE, "hallo", "de")
    assert max(score, alone.score) <= both.score <= 1000
    assert both.score > max(score, alone.score) or both.score == 1000
    assert both.reason == "rule.one;head"
    assert both.spans == ruled("abuse", score).spans


def test_the_edge_lies_at_even_odds() -> None:
    assert join(ruled("none"), UNSURE, "hallo du da", "de").label == "abuse"
    assert join(ruled("none"), heads(-0.001), "hallo du da", "de").label == "none"


def test_one_or_two_words_say_too_little_for_a_head_that_is_only_half_sure() -> None:
    assert join(ruled("none"), heads(1.4), "stop it", "de").label == "none"
    assert join(ruled("none"), heads(1.6), "stop it", "de").label == "abuse"
    assert join(ruled("none"), heads(1.4), "stop it now", "de").label == "abuse"


def test_heads_say_nothing_about_a_language_that_they_never_learned() -> None:
    assert join(ruled("none"), SURE, "du Quarp du", "other") == ruled("none")


@pytest.mark.parametrize("language", ["de", "en", "undetermined"])
def test_in_a_language_that_cannot_be_told_the_heads_are_asked_all_the_same(language: str) -> None:
    assert join(ruled("none"), heads(-1.0), "du Quarp du", language).label == "abuse"


def test_a_text_that_rules_could_not_read_whole_says_so_whoever_decided() -> None:
    assert join(ruled("none", reason="cut"), SURE, "hallo", "de").reason == "head;cut"
    assert with_cut(ruled("abuse", 1, "rule;cut"), "x") == "x;cut"
    assert with_cut(ruled("abuse", 1, "rule"), "x") == "x"


class Telling:
    """A language detector that says what each text says of itself."""

    name = "language"
    version = "1"

    def detect(self, texts: list[str]) -> list[Finding]:
        return [Finding(self.name, self.version, text, 1000) for text in texts]


def test_each_text_is_looked_at_in_its_own_language() -> None:
    many = [*["de", "en", "other"] * 60, "de"]
    heard = list(heard_in(Telling(), SURE, many))
    assert [(each.text, each.language) for each in heard] == [(text, text) for text in many]
    assert all(each.logits == SURE.logits(each.text, each.language) for each in heard)
    assert list(heard_in(Telling(), SURE, [])) == []
