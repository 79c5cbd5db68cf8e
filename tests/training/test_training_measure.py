"""The figures are those that scikit-learn gives for the same labels."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from bot.training.measure import Judged, alarms_per_1000, length_group, macro_f1, per_class, report

NAMES = ["1", "legal", "none", "threat"]
LABELS = st.sampled_from(NAMES)
PAIRS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=60)
POSTS = st.lists(
    st.builds(
        Judged, LABELS, LABELS, st.integers(0, 500), st.sampled_from(["de", "en"]), st.sampled_from(["", "a", "b"])
    ),
    min_size=1,
    max_size=60,
)


@given(PAIRS)
def test_precision_recall_and_f1_of_each_true_label_are_the_libraries(pairs: list[tuple[str, str]]) -> None:
    true, said = zip(*pairs, strict=True)
    labels = sorted(set(true))
    expected = precision_recall_fscore_support(true, said, labels=labels, zero_division=0)
    found = per_class(pairs)
    assert list(found) == labels
    for place, label in enumerate(labels):
        assert found[label] == pytest.approx(
            {
                "precision": expected[0][place],
                "recall": expected[1][place],
                "f1": expected[2][place],
                "n": expected[3][place],
            }
        )
    assert macro_f1(pairs) == pytest.approx(expected[2].mean())


@given(POSTS)
def test_accuracy_and_confusion_are_the_libraries(posts: list[Judged]) -> None:
    true, said = [post.truth for post in posts], [post.said for post in posts]
    matrix = confusion_matrix(true, said, labels=NAMES)
    figures = report(posts)
    assert figures["n"] == len(posts)
    assert figures["accuracy"] == pytest.approx(accuracy_score(true, said))
    assert figures["confusion"] == [
        {"truth": one, "said": other, "n": int(matrix[row][column])}
        for row, one in enumerate(NAMES)
        for column, other in enumerate(NAMES)
        if matrix[row][column]
    ]


@given(POSTS)
def test_groups_hold_every_post_once_and_only_when_asked_for(posts: list[Judged]) -> None:
    figures = report(posts)
    for name in ("by_length", "by_language"):
        assert sum(row["n"] for row in figures[name].values()) == len(posts)
    assert ("groups" in figures) == any(post.group for post in posts)
    for name, row in figures.get("groups", {}).items():
        inside = [post for post in posts if (post.group or "-") == name]
        assert row["n"] == len(inside)
        assert row["accuracy"] == pytest.approx(sum(post.truth == post.said for post in inside) / len(inside))
        assert row["macro_f1"] == macro_f1([(post.truth, post.said) for post in inside])


@given(POSTS, LABELS)
def test_alarms_are_counted_among_posts_that_are_none(posts: list[Judged], alarm: str) -> None:
    clean = [post for post in posts if post.truth != alarm]
    false = [post for post in clean if post.said == alarm]
    figure = report(posts, alarm)["alarms_per_1000"]
    assert figure == pytest.approx(1000 * len(false) / len(clean) if clean else 0)
    assert figure == alarms_per_1000([(post.truth, post.said) for post in posts], alarm)
    assert "alarms_per_1000" not in report(posts)


@given(POSTS)
def test_every_figure_fits_into_json(posts: list[Judged]) -> None:
    figures = report(posts, "threat")
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_a_label_that_is_said_but_never_true_costs_and_is_no_class_of_its_own() -> None:
    assert macro_f1([("a", "a"), ("a", "b")]) == pytest.approx(2 / 3)
    assert list(per_class([("a", "a"), ("a", "b")])) == ["a"]


@pytest.mark.parametrize(
    ("length", "group"),
    [(0, "0-20"), (20, "0-20"), (21, "21-60"), (60, "21-60"), (61, "61-140"), (141, "141-280"), (280, "141-280")],
)
def test_lengths_fall_into_groups(length: int, group: str) -> None:
    assert length_group(Judged("a", "a", length, "de")) == group


def test_the_longest_posts_are_one_group() -> None:
    assert {length_group(Judged("a", "a", length, "de")) for length in (281, 20_000)} == {"281+"}


def test_of_no_posts_every_figure_is_nothing() -> None:
    figures = report([], "threat")
    assert (figures["n"], figures["macro_f1"], figures["accuracy"], figures["alarms_per_1000"]) == (0, 0.0, 0.0, 0.0)
    assert figures["per_class"] == {}
