"""One slip of the keyboard is forgiven, two are another word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.word_classes import WordClasses, fold, slipped

ENGLISH = WordClasses("en")


@pytest.mark.parametrize(
    ("meant", "written"), [("women", "womn"), ("women", "wmoen"), ("hasse", "hase"), ("parasites", "parastes")]
)
def test_a_missing_letter_and_two_swapped_ones_are_slips(meant: str, written: str) -> None:
    assert slipped(meant, written)


@pytest.mark.parametrize(("meant", "written"), [("women", "wemon"), ("women", "won"), ("women", "woman")])
def test_more_than_that_is_another_word(meant: str, written: str) -> None:
    assert not slipped(meant, written)


@given(st.text("abc", min_size=2, max_size=8), st.data())
def test_leaving_out_any_letter_is_a_slip(meant: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(meant) - 1))
    assert slipped(meant, meant[:place] + meant[place + 1 :])


def test_umlauts_and_their_spelling_with_e_are_the_same() -> None:
    assert fold("türken heißen so") == fold("tuerken heissen so")


def test_every_sign_has_its_place_and_its_group() -> None:
    text = "they say women are not vermin"
    reading = ENGLISH.read(text, text)
    assert reading.signs == "POGcnZ"
    assert [text[start:end] for start, end in reading.places] == text.split()
    assert reading.groups == ("", "", "women", "", "", "")


def test_a_word_is_mended_only_when_asked() -> None:
    text = "wmoen are parastes"
    assert ENGLISH.read(text, text).signs == "-c-"
    assert ENGLISH.read(text, text, misspelt=True).signs == "GcZ"


def test_words_written_together_are_read_apart() -> None:
    assert ENGLISH.joined("women are vermin").signs == "GcZ"
    assert ENGLISH.joined("nothing of the kind here").signs == ""


@pytest.mark.parametrize(
    ("text", "signs"),
    [("mu.sl.ims are sc_um", "GcZ"), ("m💣slims are v*rmin", "GcZ"), ("!mmigrants are 💩", "GcZ")],
)
def test_signs_between_letters_are_looked_through_only_when_asked(text: str, signs: str) -> None:
    assert ENGLISH.read(text, text, misspelt=True).signs == signs
    assert ENGLISH.read(text, text).signs != signs


def test_sentences_without_a_space_between_them_stay_words_of_nothing() -> None:
    assert "Z" not in ENGLISH.read("fine.thanks", "fine.thanks", misspelt=True).signs
