"""Folding makes spellings equal, and the way back leads to the original."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.watch.fold import Folded, fold, plain

UMLAUT = "o\u0308"
TRICKY = "aoueAOÖöüßẞé \u00a0\t\n\u0308\u0301\u00ad\u200b\u202e\ud800…„“’–ＡＢ＃™ſﬁ½㎏ΣςЙЁꭰᎠİ📶\U0001f468"
texts = st.text() | st.text(alphabet=TRICKY) | st.text(alphabet="aouö ß\n")


@pytest.mark.parametrize(
    "spelling",
    [
        "Störung",
        "Stoerung",
        "STÖRUNG",
        "STOERUNG",
        f"St{UMLAUT}rung",
        "ＳＴÖＲＵＮＧ",
        "Stö\u00adrung",
        "S\u200btörung",
    ],
)
def test_all_spellings_of_a_german_word_fold_alike(spelling):
    assert fold(spelling) == "stoerung"


@pytest.mark.parametrize("spelling", ["Straße", "STRASSE", "STRAẞE", "strasse"])
def test_sharp_s_equals_double_s(spelling):
    assert fold(spelling) == "strasse"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("“it’s”", '"it\'s"'),
        ("„ja“ – ‚nein‘", "\"ja\" - 'nein'"),
        ("can\u2011not", "can-not"),
        ("Ｆｊｏｒｄｆｏｎ＃５Ｇ", "fjordfon#5g"),
        ("𝐅𝐣𝐨𝐫𝐝𝐟𝐨𝐧", "fjordfon"),
        ("Fjordfon™", "fjordfon"),
        ("Café, cafe\u0301, CAFÉ", "cafe, cafe, cafe"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Привет", "привет"),
        ("", ""),
    ],
)
def test_quotes_dashes_widths_styles_and_accents_become_plain(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize("gap", ["  ", "\n", "\r\n\t", "\u00a0", "\u3000", " \u200b ", "\u2028", "\x1f", " \u0308 "])
def test_a_run_of_white_space_and_invisible_characters_is_one_space(gap):
    assert fold(f"{gap}kein{gap}Internet{gap}") == "kein internet"


def test_umlauts_and_their_transcription_are_equal_on_purpose():
    assert fold("Boeing") == fold("Böing")
    assert fold("neue") == "neue"


def test_plain_folds_everything_but_the_case():
    assert plain(f"  ÜBER\n„St{UMLAUT}rung“ ẞ") == 'UeBER "Stoerung" SS'


@given(texts)
def test_folding_is_idempotent(text):
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_folding_leaves_no_surrogate_no_line_break_and_no_double_space(text):
    folded = fold(text)
    folded.encode()
    assert folded == " ".join(folded.split())


@given(texts)
def test_folding_does_not_depend_on_case_of_plain_letters(text):
    ascii_only = "".join(char for char in text if char.isascii())
    assert fold(ascii_only.upper()) == fold(ascii_only.lower())


@given(texts)
@example("  ö")
@example("o\u0308 ö\u0308")
@example("\u200b a  \u200b  b")
@example("ö\u00ad" * 3)
def test_offsets_are_monotone_and_inside_the_original(text):
    folded = Folded(text)
    spans = folded.spans([(place, place + 1, 0) for place in range(len(folded.text))])
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(texts)
@example("Ärger  über\nStraßen … – 📶 o\u0308")
@example("ßß")
def test_each_folded_letter_comes_from_the_place_it_is_mapped_to(text):
    folded = Folded(text)
    spans = folded.spans([(place, place + 1, 0) for place in range(len(folded.text))])
    for letter, (start, end) in zip(folded.text, spans, strict=True):
        before = text[max(start - 1, 0) : end]
        assert letter == " " or letter in fold(text[start:end]) or letter in fold(before)


@given(texts, st.data())
def test_a_folded_word_leads_back_to_a_slice_that_folds_to_it(text, data):
    folded = Folded(text)
    words = folded.text.split(" ") if folded.text else []
    if not words:
        assert fold(text) == ""
        return
    number = data.draw(st.integers(0, len(words) - 1))
    start = sum(len(word) + 1 for word in words[:number])
    [(first, last)] = folded.spans([(start, start + len(words[number]), 0)])
    assert fold(text[first:last]) == words[number]


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        ("Über die Störung", "stoerung", "Störung"),
        (f"Oh, St{UMLAUT}rung!", "stoerung", f"St{UMLAUT}rung"),
        ("  \n Fußgänger", "fussgaenger", "Fußgänger"),
        ("ÄÖÜ äöü ß Ende", "ende", "Ende"),
        ("📶 „Nö“ – Fjord\u00adfon…", "fjordfon", "Fjord\u00adfon"),
        ("a\n\nb\u00a0 c Netz", "netz", "Netz"),
        ("plain ascii text", "ascii", "ascii"),
    ],
)
def test_offsets_count_code_points_of_the_original(text, word, original):
    folded = Folded(text)
    start = folded.text.index(word)
    [(first, last)] = folded.spans([(start, start + len(word), 0)])
    assert text[first:last] == original


def test_every_letter_of_many_alphabets_folds_to_a_fixed_point():
    for code in range(0x3000):
        folded = fold(f"x{chr(code)}x")
        assert fold(folded) == folded, hex(code)
