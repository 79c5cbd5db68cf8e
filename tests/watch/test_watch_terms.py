"""The language of terms, and the plain refusal of terms that would hear nothing or everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import EarshotError
from bot.watch.fold import fold
from bot.watch.terms import TermError, parse_term


@pytest.mark.parametrize(
    ("text", "folded", "exact", "open_start", "open_end"),
    [
        ("Störung", "stoerung", False, False, False),
        ("  kein   Internet ", "kein internet", False, False, False),
        ("stör*", "stoer", False, False, True),
        ("*anschluss", "anschluss", False, True, False),
        ("*faser*", "faser", False, True, True),
        ("=EE", "ee", True, False, False),
        ("= Magenta", "magenta", True, False, False),
        ("=Netz*", "netz", True, False, True),
        ("#5g", "#5g", False, False, False),
        ("@fjordfon_hilft", "@fjordfon_hilft", False, False, False),
        ("📶", "📶", False, False, False),
        ("C++", "c++", False, False, False),
        ("電話", "電話", False, False, False),
    ],
)
def test_a_term_is_read_as_it_is_written(text, folded, exact, open_start, open_end):
    term = parse_term(text)
    assert (term.folded, term.exact, term.open_start, term.open_end) == (folded, exact, open_start, open_end)


def test_a_term_keeps_what_was_written_for_the_reader():
    assert parse_term("=Glas*").text == "=Glas*"
    assert parse_term("=Glas*").cased == "Glas"


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0"])
def test_an_empty_term_is_refused(text):
    with pytest.raises(TermError, match=r"The term is empty\. Write a word or a phrase"):
        parse_term(text)


@pytest.mark.parametrize(
    "text", ["#", "@", "~", "*", "**", "=", "=*", "...", "# @", "–", "„“", "…", "€", "\u200b", "\u00ad", "_"]
)
def test_a_term_of_mere_signs_is_refused_with_a_remedy(text):
    with pytest.raises(TermError, match=r"no letter, digit or emoji\. Write the word"):
        parse_term(text)


@pytest.mark.parametrize("text", ["a", "x", "ok", "5g", "O2", "=E", "E*", "*en", "=EE*", "#a", "@x", "ö"])
def test_a_term_that_is_too_short_is_refused(text):
    with pytest.raises(TermError, match="so short that it hits too much"):
        parse_term(text)


def test_the_refusal_of_a_short_word_names_the_exact_spelling():
    with pytest.raises(TermError, match='"=O2" for exactly these letters'):
        parse_term("O2")


@pytest.mark.parametrize(
    "text", ["der", "Die", "the", "ist", "für", "ÜBER", "und der", "die*", "=the", "=Die", "is it"]
)
def test_a_term_of_function_words_is_refused(text):
    with pytest.raises(TermError, match="stands in nearly every post"):
        parse_term(text)


@pytest.mark.parametrize("text", ["=IT", "=O2", "=DIE", "=The Who", "#die", "@the", "kein Internet", "is down", "Öl"])
def test_a_term_that_means_something_is_accepted(text):
    assert parse_term(text).folded


def test_an_exclusion_mark_that_arrives_here_is_refused_with_its_place_in_the_language():
    with pytest.raises(TermError, match='only excludes inside "any"'):
        parse_term("~Fjordfon FC")


def test_an_asterisk_inside_a_term_is_refused():
    with pytest.raises(TermError, match="beginning or the end"):
        parse_term("kein * Internet")


def test_a_term_error_is_an_error_of_the_house():
    assert issubclass(TermError, EarshotError)


@given(st.text(max_size=80))
def test_any_text_is_either_a_term_that_can_be_searched_for_or_refused_in_a_sentence(text):
    term, refusal = None, ""
    try:
        term = parse_term(text)
    except TermError as error:
        refusal = str(error)
    assert refusal.endswith(".") if term is None else term.folded == fold(term.folded) != ""
