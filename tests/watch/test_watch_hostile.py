"""Posts are hostile text: nothing in them may break the matcher, hide a word by folding, or make it slow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.watch.compile import Matcher
from bot.watch.fold import Folded, fold

LONG = 1_000_000


@pytest.fixture(scope="module")
def matcher(watch) -> Matcher:
    return Matcher([watch("Störung", "=EE", "*netz*", "kein Internet")], "v1")


@pytest.mark.parametrize(
    "filler",
    [
        "x",
        " ",
        "\n",
        "ö",
        "\u0308",
        "o\u0308",
        "\u200b",
        "\u202e",
        "\ud800",
        "ß ",
        "📶",
        "電",
        "Ж ",
        "\u0301\u0316",
        "ﷺ",
        "#",
        "_",
    ],
)
def test_a_word_behind_a_million_characters_is_found_at_its_place(matcher, filler):
    text = filler * (LONG // len(filler)) + " Störung"
    [match] = matcher.match(text)
    assert text[slice(*match.span)] == "Störung"


def test_ten_thousand_combining_marks_on_a_letter_do_not_hide_the_word(matcher):
    text = "Netz S" + "\u0301\u0327" * 5_000 + "törung"
    terms = [match.term for match in matcher.match(text)]
    assert terms == ["*netz*", "Störung"]
    assert matcher.match(text)[1].span == (5, len(text))


def test_an_exact_term_is_compared_across_a_hundred_thousand_invisible_characters(matcher):
    text = "E" + "\u200d" * 100_000 + "E"
    assert [match.span for match in matcher.match(text)] == [(0, len(text))]
    assert not matcher.match("e" + text[1:])


def test_direction_overrides_do_not_hide_a_word(matcher):
    assert matcher.match("\u202eSt\u202cöru\u2066ng\u2069")[0].term == "Störung"


def test_lone_surrogates_are_neither_an_error_nor_part_of_a_word(matcher):
    assert fold("a\ud800b\udfff") == "a\ufffdb\ufffd"
    assert [match.span for match in matcher.match("\ud83dStörung\ude00")] == [(1, 8)]


def test_every_kind_of_character_at_once_folds_and_maps():
    text = "".join(map(chr, range(0, 0x11_0000, 7))) + " Störung"
    folded = Folded(text)
    [(start, end)] = folded.spans([(len(folded.text) - 8, len(folded.text), 0)])
    assert text[start:end] == "Störung"


def test_a_word_repeated_without_end_is_reported_as_often(matcher):
    assert len(matcher.match("Störung " * 20_000)) == 20_000


@given(st.text(st.characters(), max_size=200))
def test_any_text_can_be_matched_and_kept(watch, text):
    matcher = Matcher([watch("Störung", "=EE", "*netz*")], "v1")
    assert all(0 <= start < end <= len(text) for start, end in (match.span for match in matcher.match(text)))
    assert matcher.keep(text) is bool(matcher.match(text))


@given(
    st.text(st.characters(exclude_categories=("L", "N", "M", "Cf", "Cs")), max_size=20).filter(
        lambda gap: "_" not in gap
    )
)
def test_a_word_between_any_signs_is_heard(watch, gap):
    text = f"{gap}Störung{gap}"
    spans = [match.span for match in Matcher([watch("Störung")], "v1").match(text)]
    assert spans == [(len(gap), len(gap) + 7)]
