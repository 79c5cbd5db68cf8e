"""The verifier's own canonical form is RFC 8785 for everything that an entry may hold."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.proof import parsed, written

EXACT = 2**53 - 1


def canonical(body: bytes) -> bool:
    return parsed(body) is not None


keys = st.text(st.characters(max_codepoint=127), max_size=12)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-EXACT, EXACT) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(keys, values, max_size=6)


@given(objects)
def test_what_rfc_8785_writes_is_canonical_and_is_read_back(fields):
    assert parsed(rfc8785.dumps(fields)) == fields
    assert written(fields) == rfc8785.dumps(fields)


@pytest.mark.parametrize("fields", [{"ä": 1}, {"a": [{"ß": 1}]}, {"\U0001f600": 1, "\ufb33": 2}])
def test_keys_that_are_not_ascii_are_refused_for_their_order_differs(fields):
    assert not canonical(rfc8785.dumps(fields))


@given(objects, st.data())
def test_a_space_anywhere_between_the_signs_is_not_canonical(fields, data):
    body = rfc8785.dumps(fields)
    place = data.draw(st.integers(0, len(body)))
    changed = body[:place] + b" " + body[place:]
    assert not canonical(changed) or rfc8785.dumps(json.loads(changed)) == changed


@given(st.dictionaries(keys, values, min_size=2, max_size=6))
def test_another_order_of_keys_is_not_canonical(fields):
    backwards = dict(sorted(fields.items(), reverse=True))
    assert not canonical(json.dumps(backwards, separators=(",", ":"), ensure_ascii=False).encode())


@given(objects)
def test_an_indented_form_is_not_canonical(fields):
    assert canonical(json.dumps(fields, indent=1, sort_keys=True).encode()) is (fields == {})


def canonical_by_rfc_8785(body: bytes) -> bool:
    try:
        found = json.loads(body.decode(), parse_float=lambda _: "no float")
        return isinstance(found, dict) and rfc8785.dumps(found) == body and ascii_keys(found)
    except ValueError:
        return False


def ascii_keys(value: object) -> bool:
    if isinstance(value, dict):
        return all(key.isascii() for key in value) and all(map(ascii_keys, value.values()))
    return all(map(ascii_keys, value)) if isinstance(value, list) else True


@given(st.binary(max_size=60))
def test_any_bytes_get_an_answer(body):
    assert canonical(body) is canonical_by_rfc_8785(body)


@pytest.mark.parametrize("number", [EXACT + 1, -EXACT - 1, 10**30])
def test_integers_that_are_not_exact_everywhere_are_refused_on_both_sides(number):
    assert not canonical(b'{"n":%d}' % number)
    with pytest.raises(rfc8785.CanonicalizationError):
        rfc8785.dumps({"n": number})


@pytest.mark.parametrize("number", [EXACT, -EXACT, 0])
def test_the_largest_exact_integers_are_canonical(number):
    assert canonical(b'{"n":%d}' % number)


@pytest.mark.parametrize("number", ["-0", "00", "+1", "1.0", "1e3", "NaN", "Infinity", "9" * 5_000])
def test_numbers_in_another_form_are_not_canonical(number):
    assert not canonical(b'{"n":%s}' % number.encode())
