"""Measures of tone: vaderSentiment's own where it is asked, and what it would say where it need not be."""

from hypothesis import given
from hypothesis import strategies as st
from trained import FEELINGS
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

VADER = SentimentIntensityAnalyzer()
WORDS = (
    *("good", "BAD!!", "(awful)", "table", "router", ":)", ":-(", "😀", "😡", "no", "not", "very", "kind", "of", "the"),
    *("bomb", "shit", "yeah", "right", "bad_ass", "but", "least", "'", "(!)", "", "\u00a0", "don't", "ok"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=60))
def test_what_vader_would_say_is_known_without_asking_where_it_knows_no_word(text: str) -> None:
    told = VADER.polarity_scores(text.encode("utf-8", "replace").decode())
    assert FEELINGS.measures(text, "en") == {f"vader.{name}": value for name, value in told.items()}
