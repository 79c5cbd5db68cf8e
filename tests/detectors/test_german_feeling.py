"""The German list of words: what denies, wishes, reports and jokes, and words that only look like listed ones."""

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.german import GermanFeeling

GERMAN = GermanFeeling()
LOOKALIKES = """
bahn lage lager gedanken geschlecht klaus müller hier torte drucker erfolgt geblieben gebote sekte supermarkt
verfolgen reicht kriegen mitglieder zeitraum gemeint bleiben strafrecht pannendienst wiener datenschutz
"""


@pytest.mark.parametrize("text", ["super ärgerlich", "mega schlecht", "unglaublich schlecht", "wahnsinnig traurig"])
def test_a_word_of_stress_that_praises_alone_does_not_excuse_what_follows(text: str) -> None:
    assert GERMAN.feeling(text) < 0


@pytest.mark.parametrize("text", ["das gefällt mir leider nicht", "das hilft mir nicht", "ich mag euch nicht mehr"])
def test_a_negation_may_follow_its_verb(text: str) -> None:
    assert GERMAN.feeling(text) < 0


def test_a_negation_before_a_phrase_of_praise_counts() -> None:
    assert GERMAN.feeling("nie mein ding") < 0 < GERMAN.feeling("voll mein ding")


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("unsympathisch", "sympathisch"),
        ("humorlos", "humorvoll"),
        ("problematisch", "problemlos"),
        ("angst", "angstfrei"),
    ],
)
def test_syllables_that_deny_turn_a_word_around(bad: str, good: str) -> None:
    assert GERMAN.feeling(bad) < 0 < GERMAN.feeling(good)


def test_a_compound_feels_like_its_last_word() -> None:
    assert GERMAN.feeling("verkehrschaos") < 0 < GERMAN.feeling("vereinsliebe")
    assert GERMAN.feeling("traumkatastrophe") < 0


def test_a_wish_and_a_question_praise_less_than_a_statement() -> None:
    praise = GERMAN.feeling("das ist schön")
    assert 0 < GERMAN.feeling("das wäre schön") < praise
    assert 0 < GERMAN.feeling("ist das schön?") < praise


def test_a_greeting_is_mildly_friendly() -> None:
    assert 0 < GERMAN.feeling("guten morgen zusammen") < GERMAN.feeling("großartig gemacht")


def test_what_somebody_passes_on_with_a_link_is_felt_less_than_what_somebody_says() -> None:
    headline = GERMAN.feeling("großer erfolg für den verein https://fjordfon.example/a")
    assert 0 < headline < GERMAN.feeling("großer erfolg für den verein")
    said = GERMAN.feeling("ich freue mich über den erfolg https://fjordfon.example/a")
    assert said > headline


def test_praise_that_says_it_is_not_meant_is_a_complaint() -> None:
    assert GERMAN.feeling("toller service #nicht") < 0 < GERMAN.feeling("toller service #fjordfon")
    assert GERMAN.feeling("das habt ihr super gemacht, ironie aus") < 0


def test_drawn_out_words_are_known() -> None:
    assert GERMAN.feeling("daaaanke, das ist geeeeil") > 0


def test_a_phrase_or_a_face_inside_a_longer_word_does_not_count() -> None:
    assert GERMAN.feeling("ein witziger film") > 0 > GERMAN.feeling("ein witz")
    assert GERMAN.feeling("es steht 2:1 und:dann") == 0


@pytest.mark.parametrize("word", LOOKALIKES.split())
def test_a_word_that_only_looks_like_one_of_the_list_has_no_tone(word: str) -> None:
    assert GERMAN.feeling(f"die {word} dort") == 0


def test_every_word_has_one_weight() -> None:
    source = tomllib.loads(files("bot.detectors").joinpath("lexicon", "sentiment_de.toml").read_text("utf-8"))
    words = [word for row in source["words"].values() for word in row.split()]
    assert len(words) == len(set(words)) > 4_000
    assert all(word.isalpha() and word == word.lower() for word in words)


@given(
    st.lists(
        st.sampled_from(["nicht", "super", "aber", "schlecht", "wäre", "?", "!", ":)", "#nicht", "mist"]), max_size=40
    )
)
def test_what_was_felt_before_changes_nothing(words: list[str]) -> None:
    text = " ".join(words)
    assert -1 < GERMAN.feeling(text) == GERMAN.feeling(text) < 1


def test_a_word_of_any_length_is_read() -> None:
    assert GERMAN.feeling("a" * 5_000) == 0
    assert GERMAN.feeling("a" * 5_000 + " super") > 0
