"""The tone of a post: German by our own words, English by vaderSentiment behind a limit."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trained import FEELINGS, HEADS, LANGUAGE

from bot.detectors.german import GermanFeeling
from bot.detectors.sentiment import Sentiment
from bot.model import Finding

SENTIMENT = Sentiment(LANGUAGE, HEADS, FEELINGS)
GERMAN = GermanFeeling()


class Always:
    """A language detector that has made up its mind."""

    name = "language"
    version = "1"

    def __init__(self, label: str) -> None:
        self._label = label

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        return [Finding(self.name, self.version, self._label, 1000) for _ in texts]


def spoken(language: str) -> Sentiment:
    """The detector where the language is known."""
    return Sentiment(Always(language), HEADS, FEELINGS)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Danke für die schnelle Hilfe, ihr seid super!", "positive"),
        ("Der Techniker war sehr freundlich und kompetent.", "positive"),
        ("Läuft wieder, vielen Dank!", "positive"),
        ("Schon wieder kein Netz, das ist eine Frechheit.", "negative"),
        ("Der schlechteste Service, den ich je erlebt habe.", "negative"),
        ("Danke für nichts.", "negative"),
        ("Das funktioniert nicht und niemand ist erreichbar, ich bin genervt.", "negative"),
        ("Der Router steht im Flur.", "neutral"),
        ("Wo finde ich meine Kundennummer?", "neutral"),
        ("Your support team was great, thank you so much!", "positive"),
        ("Worst provider ever, I hate this.", "negative"),
        ("No internet for hours and no reply from you.", "negative"),
        ("The engineer is coming on Tuesday at ten.", "neutral"),
    ],
)
def test_the_tone_of_everyday_posts(text: str, label: str) -> None:
    assert SENTIMENT.detect([text])[0].label == label


def test_negation_turns_praise_around_and_only_softens_complaint() -> None:
    assert GERMAN.feeling("das ist gut") > 0 > GERMAN.feeling("das ist nicht gut")
    assert GERMAN.feeling("das ist nicht schlimm") > GERMAN.feeling("das ist schlimm")
    assert GERMAN.feeling("kein guter service") < 0


def test_negation_ends_with_the_sentence() -> None:
    assert GERMAN.feeling("nein, nicht. gut gemacht") > 0


def test_stress_strengthens_and_doubt_weakens() -> None:
    plain = GERMAN.feeling("das ist gut")
    assert GERMAN.feeling("das ist sehr gut") > plain > GERMAN.feeling("das ist halbwegs gut")


def test_what_comes_after_but_counts_more() -> None:
    assert GERMAN.feeling("netter mitarbeiter, aber schlechter empfang") < 0
    assert GERMAN.feeling("schlechter empfang, aber netter mitarbeiter") > 0


def test_a_face_counts_and_an_address_is_no_face() -> None:
    assert GERMAN.feeling("na gut :(") < GERMAN.feeling("na gut")
    assert GERMAN.feeling("siehe https://fjordfon.example/hilfe") == 0


def test_endings_and_spellings_do_not_matter() -> None:
    assert GERMAN.feeling("zuverlässiges netz") == GERMAN.feeling("zuverlaessigen netz") > 0


@given(st.text(max_size=200))
def test_a_feeling_lies_between_worst_and_best(text: str) -> None:
    assert -1 <= GERMAN.feeling(text.lower()) <= 1


def test_the_language_decides_which_lexicon_speaks() -> None:
    text = "Die gift of the team"
    assert spoken("de").detect([text])[0].reason == "head.de"
    assert spoken("en").detect([text])[0].reason == "head.en"
    assert spoken("other").detect([text])[0].label == "undetermined"


def test_emoji_alone_have_a_tone() -> None:
    assert SENTIMENT.detect(["😡😡😡"])[0].label == "negative"
    assert SENTIMENT.detect(["🎉🎉"])[0].label == "positive"


def test_what_lies_beyond_the_limits_changes_nothing() -> None:
    english = spoken("en")
    assert english.detect(["good " + "x " * 1_000 + "hate"])[0].label == "positive"
    fifty, many = english.detect(["😡" * 50, "😡" * 10_000])
    assert fifty.label == many.label


def test_a_post_read_only_in_part_says_so() -> None:
    assert spoken("en").detect(["good " * 500])[0].reason == "head.en;cut"
