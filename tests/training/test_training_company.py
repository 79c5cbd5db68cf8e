"""What is known of words beside the labels: who stands near whom, and how that is folded into weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.detectors.features import own_slots
from bot.detectors.kinds import Kinds
from bot.training.company import vectors
from bot.training.fit import counted
from bot.training.folding import Folding, nothing, words

TEXTS = [
    *(
        f"der {pet} frisst futter im garten {place}"
        for pet in ("hund", "kater")
        for place in ("heute", "morgen", "gern")
    ),
    *(
        f"die {bill} kostet geld am monatsende {when}"
        for bill in ("rechnung", "gebühr")
        for when in ("leider", "wohl", "ja")
    ),
]


def test_words_used_alike_have_vectors_alike() -> None:
    found = vectors(TEXTS, 4, 1.0)
    assert found["hund"] @ found["kater"] > 0.8
    assert found["rechnung"] @ found["gebühr"] > 0.8
    assert found["hund"] @ found["rechnung"] < 0.3


def test_only_words_of_three_posts_have_company_and_all_vectors_are_as_long_as_asked() -> None:
    found = vectors([*TEXTS, "hund quarp quarp quarp", "quarp"], 4, 2.5)
    assert "hund" in found
    assert "quarp" not in found
    assert "heute" not in found
    assert all(np.linalg.norm(row) == pytest.approx(2.5, abs=1e-6) for row in found.values())
    assert all(row.shape == (4,) for row in found.values())


def test_vectors_are_the_same_every_time() -> None:
    one, two = vectors(TEXTS, 4, 1.0), vectors(TEXTS, 4, 1.0)
    assert list(one) == list(two) == sorted(one)
    assert all(np.array_equal(one[word], two[word]) for word in one)


def test_words_are_counted_as_the_heads_see_them() -> None:
    assert words("Kein N\u200bETZ seit 17 Uhr!!!!! @fjordfon_hilft") == ["kein", "netz", "seit", "0", "uhr", "!!!", "@"]


@given(
    st.dictionaries(
        st.sampled_from(["hund", "kater", "netz", "weg"]), st.tuples(*[st.integers(-5, 5)] * 3), min_size=1
    ),
    st.tuples(*[st.integers(-5, 5)] * 3),
    st.lists(st.sampled_from(["hund", "kater", "netz", "weg", "wolke"])).map(" ".join),
)
def test_a_weight_on_a_vector_is_the_same_as_its_share_on_each_word(
    known: dict[str, tuple[int, ...]], weights: tuple[int, ...], text: str
) -> None:
    folding = Folding({word: np.array(row, dtype=float) for word, row in known.items()})
    slots, weight = counted([text], Kinds("de")), np.array(weights, dtype=float)
    before = folding.matrix(slots) @ weight
    after = slots @ folding.unfold(weight)
    assert before == pytest.approx(after)


def test_a_word_gains_its_own_share_and_words_without_company_nothing() -> None:
    gains = Folding({"hund": np.array([1.0, 2.0])}).unfold(np.array([10.0, 1.0]))
    assert gains[own_slots(["hund"])[0]] == 12
    assert np.count_nonzero(gains) == 1


def test_folding_nothing_adds_nothing() -> None:
    assert nothing().matrix(counted(["hund"], Kinds("de"))).shape == (1, 0)
    assert not nothing().unfold(np.zeros(0)).any()
