import ast
import re
import tomllib
from pathlib import Path

import pydantic
import pytest
from gate_facts import answer, context, draft, ruleset, snapshot

from bot.gate import rules, sentences
from bot.gate.folding import bare, bare_words, clauses, handles
from bot.gate.ruleset import load_ruleset, parse_ruleset
from bot.gate.sentences import explain, title
from bot.gate.table import RULES
from bot.model import Outcome, RuleResult

MAKERS = {"allow", "note", "wait", "hold_self", "hold_second", "hold", "deny"}


def codes_in_the_rules() -> set[str]:
    """Every "C-nn code" that a rule's source can answer with a literal code."""
    found = set()
    for source in Path(rules.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                literals = [
                    part.value for place in node.args for part in ast.walk(place) if isinstance(part, ast.Constant)
                ]
                found |= {f"{literals[0]} {code}" for code in literals[1:]}
    return found


def test_every_answer_of_every_rule_has_a_sentence_and_no_sentence_is_left_over() -> None:
    computed = {
        code
        for code in sentences.sentences()
        if code[:4] in {"C-06", "C-23", "C-27", "C-33"} or code[5:] in {"role", "expired"}
    }
    computed |= {"C-13 nobody", "C-13 other text", "C-16 other name", "C-16 other concern"}
    assert codes_in_the_rules() - set(sentences.sentences()) == set()
    assert set(sentences.sentences()) - codes_in_the_rules() - computed == set()


@pytest.mark.parametrize("code", sorted(sentences.sentences()))
def test_every_sentence_stands_in_both_languages_and_shouts_in_neither(code: str) -> None:
    german, english = sentences.sentences()[code]
    assert german != english
    for sentence in (german, english):
        assert re.fullmatch(r"[A-ZÄÖÜ{].*[.]", sentence)
        assert not re.search(r"!|leider|sorry|oops", sentence, re.IGNORECASE)


def test_rules_have_unique_ids_in_order_and_names_in_both_languages() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))
    assert title("C-02", "de") == "Beitrag ist öffentlich"
    assert title("C-02", "en") == "Post is public"


def test_a_denial_says_that_it_is_final_and_a_wait_does_not() -> None:
    denied = answer("C-04", snapshot(triggers=()))
    assert explain(denied, "de").endswith("Das lässt sich nicht übergehen.")
    assert explain(denied, "en").endswith("This cannot be overridden.")
    waiting = answer("C-02", snapshot(status=None))
    assert waiting.outcome is Outcome.DENY
    assert explain(waiting, "de") == "Hier fehlt noch eine Angabe. Sie wird nachgeholt."


def test_sentences_carry_their_figures_and_contentment_is_silent() -> None:
    assert explain(answer("C-11", around=context(replies_7d=3)), "de").startswith("3 Antworten in sieben Tagen.")
    assert explain(answer("C-13", reply=draft(ladder_step=True)), "en") == "1 of 2. A second person approves."
    assert explain(answer("C-02"), "de") == ""


def test_a_released_hold_keeps_its_sentence() -> None:
    released = RuleResult("C-12", Outcome.NOTE, "old", {"hours": 168}, released=True)
    assert "168" in explain(released, "en")


def test_the_ruleset_is_known_by_its_bytes() -> None:
    assert load_ruleset() == load_ruleset()
    assert len(ruleset().sha256) == 64


@pytest.mark.parametrize("broken", [b"version = 1", b"version = 1\nnonsense = 2\n"])
def test_a_broken_ruleset_is_refused(broken: bytes) -> None:
    with pytest.raises(pydantic.ValidationError):
        parse_ruleset(broken)


def test_a_ruleset_that_is_no_toml_is_refused() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        parse_ruleset(b"version =")


def test_folding_reads_through_disguise() -> None:
    assert bare("St\u00f6rung") == "storung"
    assert "stop" in bare_words("s t o p jetzt")
    assert clauses("Kein Problem, gern. https://a.example/b") == (
        ("kein", "problem"),
        ("gern",),
        ("https", "a", "example", "b"),
    )
    assert handles("@A @b@c.example, mail@d.example") == ("a", "b@c.example")
