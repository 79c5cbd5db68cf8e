"""How long X takes a text to be."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lengths.x import LONGEST, weighted_length


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", 0),
        ("Grüße aus Köln", 14),
        ("Gru\u0308\u00dfe", 5),
        ("Привет", 6),
        ("ა" * 3, 3),
        ("日本", 4),
        ("„so“ – ‚da‘ …", 14),
        ("\u2028", 2),
        ("€", 2),
    ],
)
def test_letters_weigh_what_x_says(text, units):
    assert weighted_length(text) == units


@pytest.mark.parametrize(
    "emoji",
    ["😡", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪", "❤️", "☎", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "©️", "🧑🏾‍💻", "❤️‍🔥"],
)
def test_an_emoji_weighs_two_whatever_it_is_made_of(emoji):
    assert weighted_length(emoji) == 2
    assert weighted_length(f"a{emoji}b{emoji}") == 6


@pytest.mark.parametrize(
    "address",
    [
        "https://fjordfon.example/a/very/long/path/with?many=fields&and=values#there",
        "http://a.de",
        "fjordfon.de",
        "www.fjordfon.de/hilfe",
        "https://fjordfon.de/straße",
        "fjordfon.de:8080/x",
        "https://fjordfon.telekom/x",
        "HTTPS://FJORDFON.DE",
    ],
)
def test_an_address_weighs_23_whatever_its_length(address):
    assert weighted_length(address) == 23
    assert weighted_length(f"siehe {address}, danke") == 6 + 23 + 7
    assert weighted_length(f"({address})") == 25
    assert weighted_length(f"{address}.") == 24


@pytest.mark.parametrize(
    "text", ["z.B. heute", "max.muster@fjordfon.de", "Ende.Neuer Satz", "1.5 Tage", "@fjordfon.xy"]
)
def test_a_dot_makes_no_address(text):
    assert weighted_length(text) == len(text)


def test_the_longest_post_fits_and_one_letter_more_does_not():
    assert weighted_length("ä" * 280) == LONGEST
    assert weighted_length("ä" * 281) > LONGEST
    assert weighted_length("日" * 140) == LONGEST
    assert weighted_length("https://fjordfon.example/" + "a" * 500) < LONGEST


@given(st.text(st.characters(exclude_characters=".")))
def test_without_dots_a_text_weighs_at_most_twice_its_characters(text):
    composed = unicodedata.normalize("NFC", text)
    assert weighted_length(text) <= 2 * len(composed)
    assert weighted_length(text) == weighted_length(composed)


@pytest.mark.parametrize(
    "text", ["a." * 50_000, "a-" * 50_000, "a.de/" + "(" * 50_000, "\u200d😡" * 30_000, "@a" * 50_000]
)
def test_hostile_texts_are_counted_to_their_end(text):
    assert weighted_length(text) > 0
