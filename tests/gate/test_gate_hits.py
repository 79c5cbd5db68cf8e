"""What the desk marks in a draft: the same places that the rules decide from, for any text, in linear time."""

import ast
import time
from pathlib import Path

import pytest
from gate_facts import answer, context, draft, ruleset, snapshot
from hypothesis import given
from hypothesis import strategies as st

from bot.gate import concern, manner
from bot.gate import hits as hits_module
from bot.gate.folding import clauses, seen, spoken, visible, words
from bot.gate.hits import Hit, hits, suggestions
from bot.gate.rule import Question
from bot.gate.rules import commitments, personal, speech, tone, tongue
from bot.gate.wording import Pair
from bot.model import Outcome

OURS = ("C-16", "C-22", "C-24", "C-26", "C-31", "C-32")
PIECES = st.sampled_from(
    [
        "du bist ", "dumm", "Hättest du ", "mal ", "!!!", "nur 9,99 € ", "schick uns ", "deine Kundennummer ",
        "[bis wann] ", "https://fjordfon.example/x ", "@lena_m ", "Sie ", "the and you ", "your debts ", "½", "ﬁ",
        "u\u0308", "\u200b", "…", "\ud800",
        "0171 2345678 ", "\n", ", ", ". ", "GROSS UND LAUT ", "Hallo Lena", "#Aktion ", "😀", "\u0301",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join))
LETTERS = st.text(st.characters(min_codepoint=1, max_codepoint=0x2FFF, exclude_categories=["Cs"]), max_size=60).filter(
    lambda text: not any("\u0900" <= sign <= "\u1bff" for sign in text)  # scripts whose letters join across signs
)


def asked(text: str, post: str = "Wo steht das?") -> Question:
    return Question(snapshot(text=post), draft(text=text, address="sie"), context(), ruleset())


def shown(text: str, post: str = "Wo steht das?") -> list[tuple[str, str]]:
    """The words of each hit, and its code."""
    return [(text[hit.start : hit.end], hit.code) for hit in hits(asked(text, post))]


@given(TEXTS, TEXTS)
def test_any_text_is_answered_and_every_hit_lies_in_it(text: str, post: str) -> None:
    for hit in hits(asked(text, post)):
        assert 0 <= hit.start < hit.end <= len(text)


@given(TEXTS)
def test_a_rule_is_content_exactly_when_it_marks_nothing(text: str) -> None:
    around = context(approvals=())
    minding = {hit.rule for hit in hits(Question(snapshot(), draft(text=text), around, ruleset()))}
    told = {
        rule
        for rule in OURS
        if answer(rule, reply=draft(text=text), around=around).outcome not in {Outcome.ALLOW, Outcome.NOTE}
    }
    assert told - minding <= ({"C-32"} if not text.strip() else set())
    assert minding - told == set()


@given(LETTERS)
def test_a_text_taken_apart_with_its_places_says_the_same_words(text: str) -> None:
    assert seen(text).plain == visible(text)
    assert clauses(text) == tuple(filter(None, (clause.words for clause in spoken(text))))
    for clause in spoken(text):
        for word, (start, end) in zip(clause.words, clause.spans, strict=True):
            assert word in words(text[start:end]) or word in "".join(words(text[start:end]))


def test_a_hit_covers_the_words_and_nothing_else() -> None:
    assert shown("Moin! Das ist deine Schuld, und nur 9,99 € im Monat. ^AB") == [
        ("deine Schuld", "blame"),
        ("deine", "form of address"),
        ("nur 9,99 €", "advertising"),
        ("9,99 €", "money"),
    ]
    assert shown("Nennen Sie uns bitte Ihre Handynummer!") == [
        ("Nennen Sie uns bitte Ihre Handynummer", "asks for data")
    ]
    assert shown("Es läuft [bis wann] wieder.") == [("[bis wann]", "gap")]


def test_places_are_counted_in_the_text_as_it_was_written() -> None:
    text = "😀 Scho\u0308n… ½ und\u00a0ﬁx: Ihr Fehler? Das war Ihr\u00a0Fehler!!!"
    assert shown(text) == [("ﬁ", "look-alike"), ("war Ihr\u00a0Fehler", "blame"), ("!!!", "shouting")]


def test_an_echo_is_one_hit_however_long_it_is() -> None:
    post = "eins zwei drei vier fünf sechs sieben acht neun zehn"
    assert ("eins, zwei drei vier fünf sechs sieben acht neun", "echo") in shown(f"Also eins, {post[5:48]} weg", post)


def test_another_language_is_a_hit_on_the_whole_text() -> None:
    text = "We are looking into it for you."
    assert shown(text) == [(text, "other language")]


def test_a_hit_says_what_to_do_in_both_languages() -> None:
    assert hits(asked("Wirklich???")) == (
        Hit(
            8,
            11,
            "C-16",
            "shouting",
            "Wirkt laut. Schreib klein und mit einem einzigen Zeichen am Ende.",
            "Reads as shouting. Use small letters and a single mark.",
        ),
    )


def test_every_code_that_a_rule_can_mark_has_a_suggestion_and_none_is_left_over() -> None:
    lists = ruleset()
    kinds = {
        "C-16": {pair.kind for pair in lists.manner.pairs}
        | literal_codes(speech)
        | literal_codes(manner)
        | literal_codes(concern),
        "C-22": literal_codes(personal) | set(personal._KINDS),
        "C-24": literal_codes(tone) & {"advertising", "campaign"},
        "C-26": {pair.kind for pair in lists.traits.pairs} | set(lists.traits.named),
        "C-31": literal_codes(tongue),
        "C-32": literal_codes(commitments) | {kind for kind, _ in lists.commitments} | {"price", "money"},
    }
    assert set(suggestions()) == {f"{rule} {code}" for rule, codes in kinds.items() for code in codes}
    assert {rule for rule, _ in hits_module._RULES} == set(OURS)


def literal_codes(module: object) -> set[str]:
    """The codes that a module's source writes into marks."""
    source = Path(module.__file__).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "Mark" and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
            if node.func.id == "Mark" and isinstance(node.args[0], ast.IfExp):
                found |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
            if node.func.id in {"phrase_marks", "whole_marks"} and isinstance(node.args[2], ast.Constant):
                found.add(node.args[2].value)
    return found


@pytest.mark.parametrize(
    "piece",
    [
        "du bist dumm ", "du bist ", "A", "AB ", "hallo Lena ", "!", "@a ", "schick uns ", "1 ", "1", "Sie ", "[", "ﬁ",
        "u\u0308 ", "nur 9 ", "a.", "#a",
    ],
)  # fmt: skip
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    def spent(length: int) -> float:
        text = (piece * length)[:length]
        start = time.process_time()
        hits(asked(text))
        return time.process_time() - start

    short = min(spent(2_000) for _ in range(3))
    assert min(spent(16_000) for _ in range(2)) < 8 * 4 * short + 0.5


def test_a_pair_keeps_its_distance() -> None:
    pair = Pair(kind="blame", first=("a",), then=("b",), within=1, unless=("if",))
    question = asked("a x b, a x y b, if a b, a not b, a b if")
    found = [mark.start for mark in manner.pair_marks(manner_draft(question), pair)]
    assert found == [0]


def manner_draft(question: Question):
    from bot.gate.marks import draft_of

    return draft_of(question.draft.text or "", question.ruleset)
