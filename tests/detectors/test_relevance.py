"""Relevance: learnt from a watch's own examples, told with its words, and never sure without evidence."""

import tomllib
from collections import Counter
from importlib.resources import files
from itertools import groupby
from operator import itemgetter

import pytest
from authored import rows
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.relevance import Relevance
from bot.model import Finding

WRITTEN = rows("relevance")
BRANDS = {name: list(group) for name, group in groupby(WRITTEN, itemgetter("brand"))}
FEW = (
    ["Kein Netz bei Nordlicht.", "Die Rechnung von Nordlicht stimmt nicht.", "Nordlicht, wann kommt der Techniker?"],
    ["Das Nordlicht war heute grün.", "Wir sahen das Nordlicht am Himmel.", "Ein Nordlicht über dem See."],
)


def sides(brand: str, part: str) -> tuple[list[str], list[str]]:
    of_part = [row for row in BRANDS[brand] if row["part"] == part]
    about = [row["text"] for row in of_part if row["label"] == "about"]
    return about, [row["text"] for row in of_part if row["label"] == "namesake"]


def counted() -> dict[tuple[str, str], int]:
    """How often a test sentence with the first label was given the second, for all brands together."""
    counts: dict[tuple[str, str], int] = {}
    for brand in BRANDS:
        detector = Relevance({brand: sides(brand, "train")}).of([brand])
        for label, sentences in zip(("about", "namesake"), sides(brand, "test"), strict=True):
            for finding in detector.detect(sentences):
                counts[label, finding.label] = counts.get((label, finding.label), 0) + 1
    return counts


def test_the_set_holds_six_brands_and_no_family_is_in_both_parts() -> None:
    assert len(WRITTEN) >= 300
    assert len(BRANDS) == 6
    parts: dict[str, set[str]] = {}
    for row in WRITTEN:
        parts.setdefault(row["family"], set()).add(row["part"])
    assert all(len(of_family) == 1 for of_family in parts.values())
    for brand in BRANDS:
        assert [len(side) for side in sides(brand, "train")] == [20, 20]
        assert [len(side) for side in sides(brand, "test")] == [10, 10]


def test_twenty_examples_a_side_tell_unseen_posts_apart() -> None:
    """What is not called a namesake changes nothing, so "undetermined" counts as "about" here."""
    counts = counted()
    missed = sum(count for (truth, found), count in counts.items() if truth == "namesake" != found)
    hit, false = counts["namesake", "namesake"], counts.get(("about", "namesake"), 0)
    kept = sum(count for (truth, _), count in counts.items() if truth == "about") - false
    macro_f1 = (2 * hit / (2 * hit + missed + false) + 2 * kept / (2 * kept + missed + false)) / 2
    assert macro_f1 >= 0.80
    assert false == 0, "a customer was taken for a namesake"


@pytest.mark.parametrize("brand", BRANDS)
def test_its_own_examples_are_told_apart_almost_always(brand: str) -> None:
    about, not_about = sides(brand, "train")
    detector = Relevance({brand: (about, not_about)}).of([brand])
    assert not [found for found in detector.detect(about) if found.label == "namesake"]
    assert sum(found.label == "namesake" for found in detector.detect(not_about)) >= 18


def test_a_watch_without_examples_is_not_asked() -> None:
    relevance = Relevance({"north": FEW})
    (found,) = relevance.of(["other"]).detect(["Das Nordlicht am Himmel, grün und schön."])
    assert (found.label, found.score, found.reason, found.spans) == ("undetermined", 0, "no-examples", ())


def test_a_watch_without_examples_beside_one_that_has_some_changes_nothing() -> None:
    relevance, text = Relevance({"north": FEW}), ["Ein grünes Nordlicht am Himmel über dem See."]
    assert relevance.of(["north", "other"]).detect(text) == relevance.of(["north"]).detect(text)
    assert relevance.of(["north"]).detect(text)[0].label == "namesake"


def test_one_watch_that_says_about_outweighs_all_that_say_namesake() -> None:
    turned = (FEW[1], FEW[0])
    relevance, text = Relevance({"north": FEW, "sky": turned}), ["Ein grünes Nordlicht am Himmel über dem See."]
    assert relevance.of(["north"]).detect(text)[0].label == "namesake"
    assert relevance.of(["sky"]).detect(text)[0].label == "about"
    found = relevance.of(["sky", "north"]).detect(text)[0]
    assert (found.label, found.reason) == ("about", "sky")


def test_a_watch_that_cannot_tell_keeps_a_namesake_from_being_called_one() -> None:
    unsure = (["Eins und eins.", "Zwei und zwei.", "Drei."], ["Vier und vier.", "Fünf und fünf.", "Sechs."])
    relevance, text = Relevance({"north": FEW, "sums": unsure}), ["Wir sahen Nordlicht, grün, grell und gleißend."]
    assert relevance.of(["north"]).detect(text)[0].label == "namesake"
    assert relevance.of(["sums"]).detect(text)[0].label == "undetermined"
    assert relevance.of(["north", "sums"]).detect(text)[0].label == "undetermined"


def shown(found: Finding, text: str) -> set[str]:
    return {text[first:last].lower() for first, last in found.spans}


def test_the_reason_is_the_watch_and_the_words_of_the_text_are_only_shown_at_their_places() -> None:
    text = "Gestern am SEE: ein Nordlicht, grün!"
    (found,) = Relevance({"north": FEW}).of(["north"]).detect([text])
    assert (found.label, found.reason) == ("namesake", "north")
    assert "see" in shown(found, text)
    assert "nordlicht" not in shown(found, text), "the name stands on both sides and proves nothing"


def test_words_that_nobody_gave_as_an_example_are_known_by_their_field() -> None:
    detector = Relevance({"north": FEW}).of(["north"])
    text = "Nordlicht: Lastschrift doppelt, Hotline nicht erreichbar"
    (found,) = detector.detect([text])
    assert found.label == "about"
    assert {"lastschrift", "hotline"} <= shown(found, text)


def test_examples_overrule_the_fields_of_the_house() -> None:
    """For a broker the share is the business, however much it means a namesake elsewhere."""
    broker = [f"Nordlicht: {word} im Depot, die Aktie an der Börse ist falsch." for word in "abcdefghijklmnop"]
    hikers = [f"Wanderung {word} im Wald, und abends ein Nordlicht." for word in "abcdefghijklmnop"]
    text = ["Nordlicht zeigt den Kurs der Aktie nicht an."]
    assert Relevance({"n": (broker, hikers)}).of(["n"]).detect(text)[0].label == "about"
    assert Relevance({"n": FEW}).of(["n"]).detect(["Nordlicht: Aktie und Dividende"])[0].label != "about"


def test_one_rare_word_is_not_enough_to_send_a_post_away() -> None:
    (found,) = Relevance({"north": FEW}).of(["north"]).detect(["Nordlicht und grün"])
    assert found.label != "namesake" or found.score < 700


@pytest.mark.parametrize(
    "text", ["", " ", "https://nordlicht.example/a", "🙂🙂", "12 345", "@jemand @noch", "der die das"]
)
def test_a_text_without_a_word_that_tells_is_no_namesake(text: str) -> None:
    assert Relevance({"north": FEW}).of(["north"]).detect([text])[0].label != "namesake"


HOSTILE = st.one_of(
    st.text(max_size=200), st.text(st.characters(), max_size=80), st.text("ab \u0301\u202e@#-.", max_size=200)
)


def test_no_word_of_the_lexicon_stands_in_two_fields_or_is_too_short_to_be_found() -> None:
    source = tomllib.loads(files("bot.detectors").joinpath("lexicon", "relevance.toml").read_text("utf-8"))
    words = [word for side in ("about", "namesake") for field in source[side].values() for word in field.split()]
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert [word for word in words if word.endswith("*") and len(word) < 4] == []
    assert [word for word in words if word != word.lower()] == []


@given(st.lists(HOSTILE, max_size=3))
def test_any_text_has_a_finding_with_spans_inside_it(texts: list[str]) -> None:
    found = Relevance({"north": FEW}).of(["north"]).detect(texts)
    assert len(found) == len(texts)
    for finding, text in zip(found, texts, strict=True):
        assert finding.label in {"about", "namesake", "undetermined"}
        assert 0 <= finding.score <= 1000
        assert all(0 <= first < last <= len(text) for first, last in finding.spans)
        assert not finding.failed


@given(st.lists(HOSTILE, min_size=3, max_size=6), st.lists(HOSTILE, min_size=3, max_size=6), HOSTILE)
def test_any_examples_make_a_model_that_answers_alike_every_time(
    about: list[str], not_about: list[str], text: str
) -> None:
    one, other = (Relevance({"n": (about, not_about)}).of(["n"]).detect([text]) for _ in range(2))
    assert one == other
