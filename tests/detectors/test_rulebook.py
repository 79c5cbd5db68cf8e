"""Rules as data: every one can be reached, names are unique, and silence beats a hit."""

from collections import Counter

import pytest
from authored import rows

from bot.detectors.rulebook import Rulebook
from bot.detectors.text import clean

BOOKS = ["threat", "acute", "crisis", "abuse", "scam"]
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
