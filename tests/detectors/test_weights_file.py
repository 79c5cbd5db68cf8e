"""The file of a head: what is written is read again, in the same bytes every time, and it holds numbers only."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trained import outputs, weights

from bot.detectors.features import SLOTS
from bot.detectors.heads import shipped
from bot.detectors.weights_file import LONGEST_GAP, Head, Output, read, write

NUMBERS = st.floats(-100, 100)
OUTPUTS = st.builds(
    Output,
    st.text(max_size=12),
    NUMBERS,
    NUMBERS,
    st.dictionaries(st.integers(0, SLOTS - 1), st.integers(-128, 127).filter(bool), max_size=40),
    st.dictionaries(st.text(max_size=8), NUMBERS, max_size=3),
)
HEADS = st.builds(
    Head,
    st.text(max_size=12),
    st.sampled_from(["de", "en"]),
    st.text(max_size=12),
    st.lists(OUTPUTS, max_size=3, unique_by=lambda output: output.label).map(tuple),
)


@given(HEADS)
def test_what_is_written_is_read_again(head: Head) -> None:
    header, rows = read(write(head))
    assert (header.name, header.language, header.version) == (head.name, head.language, head.version)
    for output, found, row in zip(head.outputs, header.outputs, rows, strict=True):
        assert found == replace(output, weights={})
        assert weights(*row) == output.weights


@given(OUTPUTS)
def test_the_order_in_which_weights_were_found_is_not_in_the_bytes(output: Output) -> None:
    turned = replace(output, weights=dict(reversed(output.weights.items())))
    assert write(Head("h", "de", "1", (output,))) == write(Head("h", "de", "1", (turned,)))


@pytest.mark.parametrize("slot", [0, 1, LONGEST_GAP - 1, LONGEST_GAP, LONGEST_GAP + 1, 2 * LONGEST_GAP, SLOTS - 1])
def test_a_long_way_between_two_weights_is_bridged(slot: int) -> None:
    _, [(gaps, values)] = read(write(Head("h", "de", "1", (Output("x", 0.0, 1.0, {slot: -7}),))))
    assert weights(gaps, values) == {slot: -7}
    assert min(gaps) >= 1
    assert len(gaps) == len(values) == slot // LONGEST_GAP + 1


def test_the_extremes_of_a_weight_survive() -> None:
    _, [row] = read(write(Head("h", "de", "1", (Output("x", 0.0, 1.0, {3: -128, 4: 127}),))))
    assert weights(*row) == {3: -128, 4: 127}


def test_the_first_line_says_for_people_what_the_rest_is() -> None:
    source = write(Head("crisis", "de", "abc", (Output("crisis", -1.5, 0.25, {5: 3, 6: -3}),)))
    line, _, rest = source.partition(b"\n")
    assert json.loads(line) == {
        "head": "crisis",
        "language": "de",
        "version": "abc",
        "outputs": [{"label": "crisis", "bias": -1.5, "scale": 0.25, "inputs": {}, "count": 2}],
    }
    assert rest == bytes([6, 1, 3, 253])


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_shipped_file_is_whole_and_says_what_its_name_says(language: str) -> None:
    for source in shipped()[language]:
        header, rows = read(source)
        body = len(source) - source.index(b"\n") - 1
        assert header.language == language
        assert header.version
        assert body == sum(len(gaps) + len(values) for gaps, values in rows)
        assert all(len(gaps) == len(values) for gaps, values in rows)
        for _, scale, row in outputs(source).values():
            assert scale > 0
            assert row
            assert max(row) < SLOTS


def test_both_languages_ship_the_same_heads_with_the_same_labels() -> None:
    german, english = (
        {(head.name, output.label) for head, _ in map(read, shipped()[language]) for output in head.outputs}
        for language in ("de", "en")
    )
    assert german == english
