"""Measures of tone: vaderSentiment's own, also where it is shown only a word and its neighbours."""

from authored import rows
from hypothesis import given
from hypothesis import strategies as st
from trained import FEELINGS
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

VADER = SentimentIntensityAnalyzer()
WORDS = (
    *("good", "BAD!!", "(awful)", "table", "router", ":)", ":-(", "😀", "😡", "no", "not", "very", "kind", "of", "the"),
    *("bomb", "shit", "yeah", "right", "bad_ass", "but", "least", "'", "(!)", "", "\u00a0", "don't", "ok"),
    *("NO", "never", "so", "this", "without", "doubt", "sort", "at", "to", "die", "for", "Don'T", "HATE", "nor"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join) | st.text(max_size=60))
def test_any_text_sounds_as_it_does_to_vader(text: str) -> None:
    told = VADER.polarity_scores(text.encode("utf-8", "replace").decode())
    assert FEELINGS.measures(text, "en") == {f"vader.{name}": value for name, value in told.items()}


def test_our_sentences_sound_as_they_do_to_vader() -> None:
    for row in rows("customers_en"):
        told = VADER.polarity_scores(row["text"])
        assert FEELINGS.measures(row["text"], "en") == {f"vader.{name}": value for name, value in told.items()}
