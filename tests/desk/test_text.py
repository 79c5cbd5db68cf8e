"""Hostile text: marks, masks, cuts and comparisons, for any text and any spans."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import text as texts

ANY = st.text(st.characters(exclude_categories=()), max_size=80)
SPANS = st.lists(st.tuples(st.tuples(st.integers(-5, 90), st.integers(-5, 90)), st.integers(0, 9)), max_size=8)


@given(ANY, SPANS)
def test_pieces_hold_the_whole_text_in_order(text, spans):
    joined = "".join(piece.text for piece in texts.marked(text, spans))
    whole = "".join(texts.visible(sign) for sign in text)
    assert joined.replace("\n", "") == whole.replace("\n", "")


@given(ANY, SPANS)
def test_exactly_the_spanned_signs_are_marked(text, spans):
    covered = {at for (first, last), _ in spans for at in range(max(0, first), min(last, len(text)))}
    known = texts.marked("x" * len(text), spans)
    signs = [piece.marked for piece in known for _ in piece.text]
    assert signs == [at in covered for at in range(len(text))]


@given(ANY, st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=1, max_size=4))
def test_a_mask_holds_none_of_the_words_below_it(text, spans):
    pieces = texts.masked("ä" * len(text), spans)
    covered = {at for first, last in spans for at in range(first, min(last, len(text)))}
    assert sum(len(piece.text) for piece in pieces if not piece.masked) == len(text) - len(covered)
    assert all(set(piece.text) <= {"x"} for piece in pieces if piece.masked)


@given(ANY)
def test_nothing_invisible_or_direction_changing_is_left(text):
    shown = texts.visible(text)
    shown.encode()
    left = {sign for sign in shown if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}} - {"\n", "\t"}
    assert left == set()
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff")


@pytest.mark.parametrize("text", ["👩‍👩‍👧", "می‌خواهم", "e\u0301", "🏳️‍🌈", "שלום"])
def test_what_scripts_and_emoji_need_stays(text):
    assert texts.visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"), [("a\x00b", "a␀b"), ("a\u202eb", "a‹U+202E›b"), ("a\r\nb", "a\nb"), ("a\ud800b", "a\ufffdb")]
)
def test_what_hides_is_written_out(text, shown):
    assert texts.visible(text) == shown


def test_overlapping_spans_keep_both_numbers_where_each_ends():
    pieces = texts.marked("abcdef", [((0, 4), 1), ((2, 6), 2)])
    assert [(piece.text, piece.ends) for piece in pieces] == [("ab", ()), ("cd", (1,)), ("ef", (2,))]


def test_a_number_that_ends_twice_at_one_place_is_told_once():
    assert texts.marked("abc", [((0, 3), 1), ((1, 3), 1)])[-1].ends == (1,)


def test_a_long_text_is_cut_and_says_so():
    assert texts.cut("x" * 2000) == ("x" * texts.SHOWN, True)
    assert texts.cut("kurz") == ("kurz", False)
    assert texts.cut("\n" * 500)[1]


@given(ANY)
def test_a_name_is_one_short_line(handle):
    shown = texts.name(handle)
    assert "\n" not in shown
    assert len(shown) <= 60


@given(st.text("abc ", max_size=40), st.text("abc ", max_size=40))
def test_a_comparison_holds_both_texts(old, new):
    changes = texts.differences(old, new)
    assert "".join(change.text for change in changes if change.kind != "new") == old
    assert "".join(change.text for change in changes if change.kind != "gone") == new


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("Bis [wann]?", [("wann", "13 Uhr")], "Bis 13 Uhr?"),
        ("[wann] [wann]", [("wann", ""), ("wann", "b")], "[wann] b"),
        ("[wann] [wann]", [("wann", "a"), ("wann", "b")], "a b"),
        ("[a] [b]", [("b", "2")], "[a] 2"),
        ("nichts", [("wann", "x")], "nichts"),
        ("[a] [b]", [("a", "[b]"), ("b", "2")], "[b] 2"),
    ],
)
def test_gaps_are_filled_in_order_and_never_twice(text, values, filled):
    assert texts.fill(text, values) == filled
