"""Raw numbers become a label and a score per mille, whatever the numbers are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.backend.verdict import Verdict

STARS = Verdict(
    labels=("1 star", "2 stars", "3 stars", "4 stars"),
    meaning={"1 star": "negative", "2 stars": "negative", "3 stars": "neutral", "4 stars": "positive"},
    heads_labels=("neutral", "negative", "positive"),
    multi_label=False,
)
TOXIC = Verdict(
    labels=("toxic", "insult", "obscene"),
    meaning={"toxic": "abuse", "insult": "abuse", "obscene": "profanity"},
    heads_labels=("none", "abuse", "quoted", "profanity"),
    multi_label=True,
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def test_labels_with_one_meaning_are_added():
    assert STARS.of([1.0, 1.0, 1.5, 0.0]) == ("negative", 498)


def test_of_equals_the_harmless_one_counts():
    assert STARS.of([-50.0, 3.0, 3.0, 3.0]) == ("neutral", 333)


def test_several_labels_are_judged_each_for_itself():
    assert TOXIC.of([2.0, 3.0, 0.5]) == ("abuse", 953)
    assert TOXIC.of([-3.0, -3.0, 0.5]) == ("profanity", 622)


def test_when_no_label_is_given_nothing_was_found():
    assert TOXIC.of([-3.0, -2.0, -4.0]) == ("none", 881)


@given(row=st.lists(NUMBERS, min_size=4, max_size=4))
def test_any_numbers_give_a_label_of_the_head(row):
    label, score = STARS.of(row)
    assert label in STARS.heads_labels
    assert 333 <= score <= 1000


@given(row=st.lists(NUMBERS, min_size=3, max_size=3))
def test_any_numbers_of_a_multi_label_model_give_a_label_that_it_can_mean(row):
    label, score = TOXIC.of(row)
    assert label in {"none", "abuse", "profanity"}
    assert 500 <= score <= 1000


@given(row=st.lists(st.floats(-20, 20), min_size=4, max_size=4), more=st.floats(0, 20))
def test_more_for_a_label_never_makes_it_less_sure(row, more):
    label, score = STARS.of([*row[:3], row[3] + 20])
    raised, higher = STARS.of([*row[:3], row[3] + 20 + more])
    assert label != "positive" or (raised == "positive" and higher >= score)


def test_a_row_of_the_wrong_length_is_no_answer():
    with pytest.raises(ValueError, match="zip"):
        STARS.of([1.0])
