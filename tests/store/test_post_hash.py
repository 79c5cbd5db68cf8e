"""The one form in which a post's text is hashed: every text has its own hash, and equal texts the same."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from bot.text import post_hash, storable

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_any_text_even_a_broken_one_has_a_hash(text: str) -> None:
    assert len(bytes.fromhex(post_hash(text))) == 32


@given(ANY_TEXT, ANY_TEXT)
def test_only_equal_texts_share_a_hash(one: str, other: str) -> None:
    assert (post_hash(one) == post_hash(other)) == (one == other)


@given(ANY_TEXT)
def test_of_a_storable_text_it_is_the_plain_utf_8_hash(text: str) -> None:
    kept = storable(text)
    assert post_hash(kept) == hashlib.sha256(kept.encode()).hexdigest()
