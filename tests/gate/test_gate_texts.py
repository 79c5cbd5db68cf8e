"""The sentences about the rules: every rule has one, and it says what the rule really does."""

import re

import pytest
from gate_facts import NOW, context, draft, ruleset, snapshot, status

from bot.gate.facts import Context, DraftFacts, Snapshot
from bot.gate.rule import SILENT, Question, Rule
from bot.gate.ruleset import Limits
from bot.gate.table import RULES
from bot.gate.texts import AFTER_SENDING, _source, rule_texts, threshold
from bot.review.attest import ATTESTABLE

UNTOLD = dict.fromkeys(
    ("author_is_bot", "author_opted_out", "author_active", "author_blocks_us", "replies_open", "summoned")
)
KNOWN = {text.id: text for text in rule_texts()}
SENTENCES = [(text.id, text.does) for text in rule_texts()] + [
    (name, tuple(pair)) for name, pair in _source()["limits"].items()
]


def test_every_rule_of_the_table_has_its_text_and_no_text_is_left_over():
    ids = [rule.id for rule in RULES]
    assert list(KNOWN) == [*ids, AFTER_SENDING]
    assert set(_source()) == {*ids, AFTER_SENDING, "limits"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_text_says_what_the_rule_answers_when_it_knows_nothing(rule: Rule):
    answer = rule.ask(Question(Snapshot(), DraftFacts(), Context(phase="preview", now=NOW), ruleset()))
    assert answer.missing
    assert KNOWN[rule.id].missing == ("denies" if rule.strict else "waits")


def test_every_threshold_of_the_ruleset_is_told_at_a_rule_and_in_words():
    told = {name for text in KNOWN.values() for name in text.limits}
    assert told | {"attested_days"} == set(Limits.model_fields) == set(_source()["limits"])


def test_a_threshold_in_words_carries_the_number_of_the_file():
    assert threshold("mention_days", ruleset().limits, "de") == "wer uns nennt: 7 Tage"
    assert threshold("mention_days", ruleset().limits, "en") == "who names us: 7 days"


@pytest.mark.parametrize(("name", "pair"), SENTENCES, ids=[name for name, _ in SENTENCES])
def test_each_stands_in_both_languages_and_shouts_in_neither(name: str, pair: tuple[str, str]):
    assert pair[0] != pair[1]
    for sentence in pair:
        assert not re.search(r"!|leider|sorry|\bDu\b|\bIhr\b", sentence)
        assert name not in KNOWN or re.fullmatch(r"[A-ZÄÖÜ].*[.]", sentence)


def test_people_may_vouch_for_every_rule_that_a_platform_can_leave_unanswered_but_for_an_authors_own_word():
    nothing_told = Question(
        snapshot(status=status(**UNTOLD)), draft(), context(community=None, presence=None, notice=None), ruleset()
    )
    silent = {rule.id for rule in RULES if rule.ask(nothing_told).code == SILENT}
    assert silent - {"C-07"} == ATTESTABLE
