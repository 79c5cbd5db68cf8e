"""What the heads see of a text: tokens, their one form, and the slots that stand for them."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trained import slots_of

from bot.detectors import features
from bot.detectors.features import LONGEST, READ, SLOTS, canonical, checks, near_slots, tokens, word_slots
from bot.detectors.kinds import END, Kinds, near, number_of

KINDS = {language: Kinds(language) for language in ("de", "en")}
LANGUAGES = st.sampled_from(["de", "en"])
WORDS = st.from_regex(r"[a-zäöüß]{1,40}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kein netz!!", ["kein", "netz", "!!"]),
        ("geht's? 17 uhr", ["geht's", "?", "17", "uhr"]),
        ("ja 😀😀 :-) <3", ["ja", "😀", "😀", ":-)", "<3"]),
        ("@fjordfon_hilft hallo", ["@", "hallo"]),
        ("siehe https://fjordfon.example/a?b=c jetzt", ["siehe", "§", "jetzt"]),
        ("siehe www.fjordfon.example", ["siehe", "§"]),
        ("mail an wer@fjordfon.example", ["mail", "an", "wer", "@", "fjordfon", ".", "example"]),
        ("a_b", ["a", "b"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_a_text_falls_into_words_numbers_faces_and_signs(text: str, found: list[str]) -> None:
    assert tokens(text) == found


def test_whom_a_post_names_and_what_it_links_to_is_no_feature() -> None:
    one = slots_of("@anna sieh mal https://fjordfon.example/1 an", "de")
    other = slots_of("@bert_2 sieh mal https://elsewhere.example/zwei an", "de")
    assert one == other


@given(st.text())
def test_a_token_never_holds_a_space_and_stands_where_it_is_said_to_stand(text: str) -> None:
    for token, (start, end) in features.placed(text):
        assert text[start:end] == token
        assert not any(letter.isspace() for letter in token)


@pytest.mark.parametrize(
    ("token", "form"),
    [("17", "0"), ("٣", "0"), ("!!!!!!", "!!!"), ("?", "?"), ("geht’s", "geht's"), ("x" * 99, "x" * LONGEST)],
)
def test_numbers_apostrophes_rows_of_signs_and_endless_words_have_one_form(token: str, form: str) -> None:
    assert canonical(token) == form


@given(st.text(max_size=100))
def test_a_form_is_its_own_form_and_never_long(text: str) -> None:
    for token in tokens(text):
        form = canonical(token)
        assert canonical(form) == form
        assert 0 < len(form) <= LONGEST


def of_word(word: str, kind: str = "") -> list[int]:
    """The slots of one word, as a list."""
    slots, _ = word_slots([word], np.array([number_of(kind)], np.uint32))
    return slots.tolist()


@given(WORDS.map(canonical), st.sampled_from(["", "weapon"]))
def test_a_word_has_one_slot_one_for_its_class_and_one_for_each_run_of_its_letters(word: str, kind: str) -> None:
    edged = f"<{word}>"
    runs = [edged[start:end] for start in range(len(edged)) for end in range(start + 2, min(start + 5, len(edged)) + 1)]
    slots = of_word(word, kind)
    assert len(slots) == 1 + bool(kind) + len(runs)
    assert all(0 <= slot < SLOTS for slot in slots)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=12), st.sampled_from(["", END, "weapon"])), min_size=1))
def test_words_worked_on_together_have_the_slots_that_they_have_alone(words: list[tuple[str, str]]) -> None:
    kinds = np.array([number_of(kind) for _, kind in words], np.uint32)
    slots, starts = word_slots([word for word, _ in words], kinds)
    assert [part.tolist() for part in np.split(slots, starts[1:])] == [of_word(*word) for word in words]


def test_slots_are_spread_evenly_over_the_table() -> None:
    words = [f"{first}{second}{third}" for first in "abcdefghij" for second in "klmnopqrst" for third in "uvwxyzäöüß"]
    slots, _ = word_slots(words, np.zeros(len(words), np.uint32))
    runs = len({run for word in words for run in _runs(f"<{word}>")}) + len(words)
    assert len(set(slots.tolist())) > 0.98 * runs
    assert max(Counter(slot * 16 // SLOTS for slot in set(slots.tolist())).values()) < 1.3 * runs / 16


def _runs(edged: str) -> set[str]:
    return {edged[start:end] for start in range(len(edged)) for end in range(start + 2, min(start + 5, len(edged)) + 1)}


def test_a_word_shares_slots_with_its_relatives_and_none_with_a_stranger() -> None:
    bill, bills, rain = (set(of_word(word)) for word in ("rechnung", "rechnungen", "fjord"))
    assert len(bill & bills) > len(bill) / 2
    assert not bill & rain


def test_signs_and_numbers_have_no_runs_of_letters() -> None:
    assert len(of_word("!!")) == len(of_word("0")) == len(of_word("😀")) == 1


def test_neighbours_count_in_their_order_and_with_the_edges() -> None:
    def pairs(*words: str) -> set[int]:
        laid = ["", *words, ""]
        kinds = np.zeros(len(laid), np.uint32)
        return set(near_slots(checks(laid), kinds, np.zeros(len(laid) - 1, np.intp))[0].tolist())

    assert len(pairs("du", "idiot")) == 3
    assert len(pairs()) == 1
    assert pairs("du", "idiot") != pairs("idiot", "du")
    assert pairs("a", "b") & pairs("a", "b", "c")
    assert pairs("ab", "c").isdisjoint(pairs("a", "bc"))


@given(LANGUAGES, st.text(st.characters(), max_size=200))
def test_any_text_has_slots_inside_the_table_and_the_same_ones_every_time(language: str, text: str) -> None:
    slots = slots_of(text, language)
    assert all(0 <= slot < SLOTS for slot in slots)
    assert slots == slots_of(text, language)


@given(LANGUAGES, st.text(max_size=100))
def test_case_and_disguise_are_no_features(language: str, text: str) -> None:
    assert slots_of("Du Idiot " + text, language) == slots_of("du Id\u200biot " + text, language)


def test_a_word_said_again_counts_once() -> None:
    once, twice = slots_of("quarp zylm", "de"), slots_of("quarp zylm quarp zylm quarp zylm", "de")
    assert len(twice) == len(once) + 1


@pytest.mark.parametrize("letter", ["x ", "ﷺ", "😡", "ä "])
def test_what_lies_beyond_the_limit_is_no_feature_even_where_letters_unfold_to_many(letter: str) -> None:
    long = letter * READ
    assert slots_of(long, "de") == slots_of(long[:READ], "de")
    assert slots_of(long, "de") == slots_of(long + "du idiot", "de")
    assert len(slots_of(long, "de")) < 10 * READ


@pytest.mark.parametrize(
    ("language", "word"), [("de", "messer"), ("en", "knife"), ("de", "küchenmesser"), ("de", "töte"), ("en", "stab")]
)
def test_the_lexicon_knows_grave_words_and_compounds_of_them(language: str, word: str) -> None:
    assert KINDS[language].of(word) not in {"", END}


@given(LANGUAGES, st.text(max_size=40))
def test_any_word_has_a_class_or_none(language: str, word: str) -> None:
    assert isinstance(KINDS[language].of(word), str)


def paired(*kinds: str) -> list[tuple[str, str]]:
    """The pairs of classes in a row of words, by their names."""
    first, second = near(np.array([number_of(kind) for kind in kinds], np.uint32))
    return [(kinds[one], kinds[other]) for one, other in zip(first.tolist(), second.tolist(), strict=True)]


def test_classes_pair_in_their_order_within_reach_and_never_across_a_full_stop() -> None:
    assert paired("wish", "", "kill") == [("wish", "kill")]
    assert paired("kill", "wish") == [("kill", "wish")]
    assert paired("wish", END, "kill") == []
    assert paired("a", "b", "c", "d", "e").count(("a", "d")) == 1
    assert ("a", "e") not in paired("a", "b", "c", "d", "e")
    assert paired() == []


@given(st.lists(st.sampled_from(["", END, "a", "b", "c"])))
def test_each_class_makes_at_most_three_pairs_with_those_before_it(kinds: list[str]) -> None:
    pairs = paired(*kinds)
    assert len(pairs) <= 3 * sum(kind not in {"", END} for kind in kinds)
    assert all(END not in pair and "" not in pair for pair in pairs)
