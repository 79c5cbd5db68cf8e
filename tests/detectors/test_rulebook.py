"""Rules as data: every one can be reached, names are unique, and silence beats a hit."""

from collections import Counter

import pytest
from authored import rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.detectors.rulebook import Rule, Rulebook
from bot.detectors.text import clean

BOOKS = ["threat", "acute", "crisis", "abuse", "scam"]
NEEDY = [rule for name in [*BOOKS, "mockery"] for rule in Rulebook(name).rules if rule.words or rule.pieces]
EACH = pytest.mark.parametrize("name", BOOKS)


@EACH
def test_rule_names_are_unique_and_scores_are_per_mille(name: str) -> None:
    book = Rulebook(name)
    assert max(Counter(rule.name for rule in book.rules).values()) == 1
    assert all(0 < rule.score <= 1000 for rule in book.rules if rule.label)
    assert all(rule.score == 0 for rule in book.rules if not rule.label)


@pytest.mark.parametrize("spelling", ["Ich weiß, wo du wohnst", "Ich weiss, wo du wohnst", "ICH WEISS WO DU WOHNST"])
def test_a_sharp_s_may_be_written_as_two(spelling: str) -> None:
    assert [hit.rule.name for hit in Rulebook("threat").hits(clean(spelling))] == ["de.find-you"]


@pytest.mark.parametrize("spelling", ["Ich töte euch", "Ich toete euch", "ich TÖTE euch"])
def test_an_umlaut_may_be_written_with_e(spelling: str) -> None:
    assert "de.kill-you" in {hit.rule.name for hit in Rulebook("threat").hits(clean(spelling))}


@pytest.mark.parametrize("name", ["threat", "crisis", "abuse", "scam"])
def test_every_rule_that_hits_our_sentences_is_woken_by_its_triggers(name: str) -> None:
    book = Rulebook(name)
    silent = {rule.name for rule in book.rules if not rule.label}
    for row in [*rows(f"{name}_de"), *rows(f"{name}_en")]:
        seen = clean(row["text"])
        woken = {hit.rule.name for hit in book.hits(seen)}
        reachable = {rule.name for rule in book.rules if rule.pattern.search(seen.text)}
        if not reachable & silent:
            assert reachable == woken, row["text"]


@pytest.mark.parametrize("rule", NEEDY, ids=lambda rule: rule.name)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_text_that_a_pattern_matches_lacks_the_words_that_its_rule_needs(rule: Rule, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(rule.pattern).map(str.lower))
    assert rule.may_hold(text) or not rule.pattern.search(text)


def test_a_rule_sleeps_without_the_words_that_it_needs() -> None:
    vocative = next(rule for rule in Rulebook("abuse").rules if rule.name == "en.vocative")
    assert not vocative.may_hold("young idiots")
    assert vocative.may_hold("idiots, you!")


def test_a_rulebook_that_is_read_later_wakes_by_a_text_that_an_earlier_one_saw() -> None:
    seen = clean("Ich bringe euch um mit dem Trigger einer späteren Zeile")
    assert Rulebook("scam").hits(seen) == []
    assert {hit.rule.name for hit in Rulebook("threat").hits(seen)} >= {"de.kill-bring"}


def test_a_figure_of_speech_silences_the_hit_that_it_touches_and_no_other() -> None:
    book = Rulebook("crisis")
    assert book.hits(clean("Hausnotruf defekt")) != []
    assert book.hits(clean("Was kostet der Hausnotruf, wenn er nicht offline ist?")) == []
    both = book.hits(clean("Ich sterbe vor Lachen. Ich will nicht mehr leben."))
    assert [hit.rule.name for hit in both] == ["de.despair"]


def test_hits_come_surest_first() -> None:
    hits = Rulebook("threat").hits(clean("Ich hoffe, ihr verreckt. Ich bringe euch um. Mein Anwalt meldet sich."))
    scores = [hit.rule.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.rule.label for hit in hits}) == 2
