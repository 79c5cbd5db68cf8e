"""The gate is not in the way: authored everyday conversations pass, authored bad replies do not."""

from collections import Counter
from functools import cache
from pathlib import Path

from bot.training.conversations import (
    LEAST_SINGLE,
    LEAST_STOPPED,
    MOST_DENIED,
    MOST_HELD,
    Tally,
    read_conversations,
    tally,
)

ROWS = read_conversations(Path(__file__).parent.parent / "data")


@cache
def counted() -> Tally:
    return tally(ROWS)


def test_there_are_conversations_of_both_languages_on_every_platform_where_we_answer():
    kinds = Counter((row["kind"], row["language"]) for row in ROWS)
    assert kinds["good", "de"] >= 250
    assert kinds["good", "en"] >= 250
    assert kinds["bad", "de"] + kinds["bad", "en"] >= 200
    assert {row["platform"] for row in ROWS} == {"mastodon", "bluesky", "x", "reddit", "discourse", "lemmy"}


def test_of_everyday_replies_few_are_held_and_hardly_any_denied():
    seen = counted()
    assert 1000 * seen.held <= MOST_HELD * seen.good, seen.by_rule
    assert 1000 * seen.denied <= MOST_DENIED * seen.good, seen.by_rule


def test_nine_of_ten_holds_one_person_releases():
    seen = counted()
    assert 1000 * seen.single >= LEAST_SINGLE * seen.held, seen.by_rule


def test_bad_replies_are_stopped():
    seen = counted()
    assert 1000 * seen.stopped >= LEAST_STOPPED * seen.bad, seen.let_through
