"""C-06, the topics of C-19 and C-20 on authored posts (``occasions.jsonl``): true signs and near misses, de and en."""

import json
import sys
from pathlib import Path

import pytest
from gate_facts import NOW, OTHER, WRITER, answer, context, decision, draft, ruleset, snapshot
from hypothesis import given
from hypothesis import strategies as st

from bot.gate.decide import evidence_hash, releasable
from bot.gate.facts import Release, Snapshot
from bot.gate.rule import Question
from bot.gate.rules.occasion import topics
from bot.model import Lane, Outcome, RuleResult, Trigger

ROWS = [
    json.loads(line) for line in Path(__file__).with_name("occasions.jsonl").read_text(encoding="utf-8").splitlines()
]
HOLDS = {Outcome.HOLD_SELF, Outcome.HOLD_SECOND}
SIGN_OF = {"tragedy": "major", "in passing": "minor"}


def post_of(row: dict[str, str]) -> Snapshot:
    return snapshot(
        text=row["text"],
        language=row["language"],
        sarcastic=bool(row.get("sarcastic")),
        triggers=(Trigger(row.get("trigger", "mention")),),
        quoted_texts=(row["quoted"],) if "quoted" in row else (),
        earlier_texts=(row["earlier"],) if "earlier" in row else (),
    )


def told_by(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return topics(Question(snapshot(text=text), draft(), context(), ruleset()))


@pytest.mark.parametrize("row", [row for row in ROWS if row["sign"]], ids=lambda row: row["text"])
def test_every_true_sign_is_held_by_its_own_rule_and_under_its_own_name(row: dict[str, str]) -> None:
    held = answer(row["rule"], post_of(row))
    assert held.outcome in HOLDS
    assert held.evidence.get("cue", SIGN_OF.get(held.code, held.code)) == row["sign"]


@pytest.mark.parametrize("row", [row for row in ROWS if not row["sign"]], ids=lambda row: row["text"])
def test_no_near_miss_is_held_by_any_of_these_rules(row: dict[str, str]) -> None:
    held = [result.rule for result in decision(post_of(row)).results if result.outcome in HOLDS]
    assert not set(held) & {"C-06", "C-19", "C-20"}


def test_the_table_has_80_true_signs_and_80_near_misses_in_two_languages() -> None:
    for true in (True, False):
        languages = [row["language"] for row in ROWS if bool(row["sign"]) is true]
        assert min(languages.count("de"), languages.count("en")) >= 40


@pytest.mark.parametrize("text", ["@fjordfon_hilft hallo zusammen", "@fjordfon_hilft 👍", "@fjordfon_hilft"])
def test_c06_says_so_when_it_cannot_tell_and_stops_nobody(text: str) -> None:
    told = answer("C-06", snapshot(text=text, sarcastic=None))
    assert (told.outcome, told.code) == (Outcome.NOTE, "undetermined")


def test_c06_is_content_when_someone_who_addresses_us_asks_complains_or_thanks() -> None:
    for text in ("Was kostet Glas?", "Die Box ist kaputt.", "Danke euch!", "Ihr seid die Besten"):
        assert answer("C-06", snapshot(text=text)).outcome is Outcome.ALLOW


def test_c06_lets_a_bitter_complaint_pass_and_holds_bare_mockery() -> None:
    bare, bitter = "Ganz großes Kino, wirklich.", "Ganz großes Kino, wirklich. Tag 4 ohne Netz."
    assert answer("C-06", snapshot(text=bare, sarcastic=True)).code == "sarcasm"
    assert answer("C-06", snapshot(text=bitter, sarcastic=True)).outcome is Outcome.ALLOW
    assert answer("C-06", snapshot(text=bare, sarcastic=False)).outcome is Outcome.NOTE


@pytest.mark.parametrize("fact", ["text", "triggers", "own_accounts"])
def test_c06_waits_for_the_post_it_is_about(fact: str) -> None:
    told = answer("C-06", snapshot(**{fact: None}))
    assert (told.outcome, told.missing) == (Outcome.WAIT, True)


def test_c20_and_c19_wait_for_the_text() -> None:
    for rule in ("C-19", "C-20"):
        told = answer(rule, snapshot(text=None))
        assert (told.outcome, told.missing) == (Outcome.WAIT, True)


def test_c20_tells_the_class_of_the_cue_and_nothing_the_child_wrote() -> None:
    told = answer("C-20", snapshot(text="Ich bin 12 und gehe in die 7b"))
    assert (told.outcome, dict(told.evidence)) == (Outcome.HOLD_SELF, {"cue": "class"})


@pytest.mark.parametrize(("age", "held"), [(5, False), (6, True), (15, True), (16, False), (41, False)])
def test_c20_asks_for_ages_under_16(age: int, *, held: bool) -> None:
    for text in (f"Ich bin {age} Jahre alt", f"I'm {age} years old", f"Als {age}-Jähriger frage ich"):
        assert (answer("C-20", snapshot(text=text)).outcome is Outcome.HOLD_SELF) is held


def test_c19_takes_a_second_person_for_a_tragedy_and_one_for_a_word_in_passing() -> None:
    grave = answer("C-19", snapshot(text="Mein Vater ist verstorben"))
    passing = answer("C-19", snapshot(text="Ich liege mit Grippe im Bett"))
    assert (grave.outcome, grave.evidence["topics"]) == (Outcome.HOLD_SECOND, "death")
    assert (passing.outcome, passing.evidence["topics"]) == (Outcome.HOLD_SELF, "illness")


def test_c19_reads_the_quoted_post_and_the_thread_before_it() -> None:
    for place in ("quoted_texts", "earlier_texts"):
        assert answer("C-19", snapshot(**{place: ("Zwei Tote nach dem Erdbeben",)})).code == "tragedy"


def test_c19_leaves_a_crisis_to_the_trained_person_and_crisis_mode_to_its_templates() -> None:
    text = "Ich will nicht mehr leben"
    crisis = snapshot(text=text, lanes=(Lane.CRISIS,))
    assert answer("C-19", crisis, draft(text="Wir lesen dich.")).outcome is Outcome.NOTE
    told = answer("C-19", snapshot(text=text), draft(crisis_template=True), context(crisis_mode=True))
    assert told.outcome is Outcome.NOTE


def release_of(held: RuleResult, *, second: bool) -> Release:
    by = OTHER if second else WRITER
    return Release(held.rule, evidence_hash(held), decision_seq=12, by=by, reason="read", second=second)


def test_c19_a_release_by_the_writer_is_not_enough_for_a_tragedy_and_covers_one_wording() -> None:
    post = snapshot(text="Mein Vater ist verstorben")
    held = answer("C-19", post)
    by_writer, by_second = release_of(held, second=False), release_of(held, second=True)
    assert answer("C-19", post, around=context(releases=(by_writer,))).outcome is Outcome.HOLD_SECOND
    assert answer("C-19", post, around=context(releases=(by_second,))).released
    other_words = draft(text="@lena_m Super, das geht ganz einfach! ^AB")
    assert not answer("C-19", post, other_words, context(releases=(by_second,))).released


def test_c06_and_c20_the_writer_alone_may_release_every_hold() -> None:
    for row in ROWS:
        held = answer(row["rule"], post_of(row))
        if held.rule != "C-19" and held.outcome in HOLDS:
            assert (held.outcome, releasable(held)) == (Outcome.HOLD_SELF, True)
            released = answer(held.rule, post_of(row), around=context(releases=(release_of(held, second=False),)))
            assert released.outcome is Outcome.NOTE


@pytest.mark.parametrize(
    ("person", "thing"),
    [
        ("Oma ist tot", "Die Leitung bei Oma ist tot"),
        ("Mein Sohn ist gestorben", "Der Router meines Sohnes ist gestorben"),
        ("Our neighbour died", "Our neighbour's router died"),
        ("My dad is dead", "The phone of my dad is dead"),
    ],
)
def test_c19_the_nearest_noun_tells_whether_a_person_or_a_thing_is_dead(person: str, thing: str) -> None:
    assert told_by(person) == (("harm",), ())
    assert told_by(thing) == ((), ())


def test_c19_a_denied_topic_is_none() -> None:
    assert told_by("Das ist kein Todesfall") == ((), ())


ANY = st.text(st.characters(exclude_categories=())) | st.lists(
    st.sampled_from(" ".join(row["text"] for row in ROWS).split()), max_size=60
).map(" ".join)


@given(text=ANY, others=st.lists(ANY, max_size=2), sarcastic=st.booleans() | st.none())
def test_c06_c19_c20_answer_any_text(text: str, others: list[str], *, sarcastic: bool | None) -> None:
    post = snapshot(text=text, quoted_texts=tuple(others), earlier_texts=tuple(others), sarcastic=sarcastic)
    for rule in ("C-06", "C-19", "C-20"):
        told = answer(rule, post)
        assert not told.missing
        assert told == answer(rule, post)


@given(st.sampled_from(ROWS), st.sampled_from(["Hallo. ", "Guten Tag! ", "Hi there. ", "\n"]))
def test_c19_c20_a_greeting_in_front_hides_nothing(row: dict[str, str], greeting: str) -> None:
    if row["sign"] and row["rule"] != "C-06":
        before = answer(row["rule"], post_of(row))
        after = answer(row["rule"], post_of({**row, "text": greeting + row["text"]}))
        assert (after.outcome, after.code) == (before.outcome, before.code)


@pytest.mark.parametrize(
    "word", ["tot ", "mutter ", "leitung tot mutter ", "ich bin 12 ", "krieg ", "ä@", "7b ", "https://"]
)
def test_c06_c19_c20_a_long_text_takes_no_more_steps_than_its_length(word: str) -> None:
    """Steps are counted as calls of Python functions: a clock would tell of the machine."""
    short, long = (_calls(word * count) for count in (200, 800))
    assert long <= 5 * short


def _calls(text: str) -> int:
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1

    post = snapshot(text=text, created_at=NOW)
    for rule in ("C-06", "C-19", "C-20"):  # what is read once stands in a cache
        answer(rule, post)
    sys.setprofile(count)
    try:
        decision(post)
    finally:
        sys.setprofile(None)
    return counted
