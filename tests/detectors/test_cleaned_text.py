"""Cleaning undoes disguises and never loses the way back to the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.text import READ_LIMIT, clean, unmask

ANY_TEXT = st.text(st.characters(), max_size=200)


@given(ANY_TEXT)
def test_every_span_lies_inside_the_original(text: str) -> None:
    seen = unmask(clean(text))
    for start in range(len(seen.text)):
        first, last = seen.span(start, start + 1)
        assert 0 <= first < last <= len(text)


@given(ANY_TEXT)
def test_places_never_run_backwards(text: str) -> None:
    seen = unmask(clean(text))
    starts = [seen.span(start, start + 1)[0] for start in range(len(seen.text))]
    assert starts == sorted(starts)


@given(ANY_TEXT)
def test_a_cleaned_text_can_always_be_encoded(text: str) -> None:
    assert clean(text).text.encode("utf-8") is not None


@given(st.text("abcdefghij ÄÖÜäöüß,.!?😀", max_size=80))
def test_a_plain_text_only_changes_its_case(text: str) -> None:
    assert clean(text).text == text.lower()
    assert clean(text).origin is None


@given(st.text("abcßäö ", min_size=1, max_size=40), st.integers(0, 40))
def test_an_invisible_character_changes_nothing(text: str, place: int) -> None:
    split = text[:place] + "\u200b" + text[place:]
    assert clean(split).text == clean(text).text


@pytest.mark.parametrize(
    ("disguised", "word"),
    [
        ("Du 1d10t!", "idiot"),
        ("so ein Iiiiidiot", "idiot"),
        ("du I d i o t", "idiot"),
        ("du I-d-i-o-t", "idiot"),
        ("du id\u200biot", "idiot"),
        ("du ｉｄｉｏｔ", "idiot"),
        ("du i\u0336d\u0336i\u0336o\u0336t\u0336", "idiot"),
        ("du idiоt", "idiot"),
        ("you a$$hole", "asshole"),
        ("du Ra\u0308uber", "räuber"),
    ],
)
def test_disguises_are_seen_through(disguised: str, word: str) -> None:
    assert word in unmask(clean(disguised)).text


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        ("ja, Du Iiiiidiot, du", "idiot", "Iiiiidiot"),
        ("ja, du I d i o t, du", "idiot", "I d i o t"),
        ("ja, du id\u200biot", "idiot", "id\u200biot"),
        ("Ra\u0308uber", "räuber", "Ra\u0308uber"),
    ],
)
def test_a_span_covers_what_the_author_really_typed(text: str, word: str, original: str) -> None:
    seen = unmask(clean(text))
    start = seen.text.index(word)
    first, last = seen.span(start, start + len(word))
    assert original.startswith(text[first:last])
    assert len(text[first:last]) >= len(original) - 1


@pytest.mark.parametrize(
    "text", ["5g ist da", "100 mbit", "um 17 uhr", "@h4ns hallo", "https://x.example/a1b2", "hallo!"]
)
def test_numbers_units_names_and_addresses_are_left_alone(text: str) -> None:
    assert unmask(clean(text)).text == text


def test_a_text_beyond_the_limit_is_marked_as_cut() -> None:
    assert clean("a" * READ_LIMIT).cut is False
    assert clean("a" * (READ_LIMIT + 1)).cut is True
    assert len(clean("a" * (READ_LIMIT + 1)).text) == READ_LIMIT


def test_an_empty_span_stays_empty() -> None:
    for text in ("", "abc", "a\u200bbc"):
        start, end = clean(text).span(0, 0)
        assert start == end


def test_each_disguised_word_is_read_in_its_place_whatever_stands_beside_it() -> None:
    assert unmask(clean("ab1c ab2c du 1d10t! @ab1c x/ab1c ab1c")).text == "abic ab2c du idiot! @ab1c x/ab1c abic"
    assert unmask(clean("nu11 nu1l 5g a1b\nc0d")).text == "nu11 nuil 5g aib\ncod"


@given(st.text("ab19$!?., @/ ", max_size=120))
def test_reading_digits_as_letters_moves_nothing(text: str) -> None:
    seen, read = clean(text), unmask(clean(text))
    if read.origin is None:
        assert len(read.text) == len(seen.text)
        assert all(new == old or old in "013457@$!" for old, new in zip(seen.text, read.text, strict=True))
