"""The form of our text that the ledger may hold for ever: nobody is named in it but ourselves (A-03)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gate.facts import slotted, text_hash
from bot.gate.folding import placed_people

OURS = frozenset({"fjordfon_hilft"})


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("@kim Danke!", "{author} Danke!"),
        ("Danke, @KIM.", "Danke, {author}."),
        ("wie @other schon schrieb", "wie {other} schon schrieb"),
        ("wie @kim-ohne-netz schrieb", "wie {other} schrieb"),
        ("@kim@social.example und @other@social.example.", "{other} und {other}."),
        ("frag u/other_one oder /u/other_one", "frag {other} oder {other}"),
        ("Hallo Kim, hallo Kimberly, hallo kim-ohne", "Hallo {name}, hallo Kimberly, hallo kim-ohne"),
        ("@fjordfon_hilft und @Fjordfon_Hilft", "@fjordfon_hilft und @Fjordfon_Hilft"),
        ("300 U/min, hilfe@fjordfon.example, @ 5 Uhr", "300 U/min, hilfe@fjordfon.example, @ 5 Uhr"),
        ("wie @ot\u200bher schrieb", "wie {other} schrieb"),
        ("\uff20other", "{other}"),
        ("@a@b@c", "{other}{other}"),
        ("", ""),
    ],
)
def test_names_become_slots_and_everything_else_stays(text, form):
    assert slotted(text, "kim", OURS) == form


@pytest.mark.parametrize("handle", ["", "a", "ki"])
def test_a_handle_too_short_to_find_anybody_by_is_a_word(handle):
    assert slotted("a ki b", handle) == "a ki b"


SIGNS = st.text(st.sampled_from("@@ak.-_/u\u200b\uff20 \u00e4") | st.characters(), max_size=60)


@given(SIGNS, st.sampled_from(["kim", "", "a.b", "k(", "KIM@s.example"]))
def test_no_handle_of_a_stranger_is_left_in_any_text(text, author):
    assert [name for name, _ in placed_people(slotted(text, author, OURS)) if name not in OURS] == []


def test_our_own_accounts_are_told_apart_by_the_hash():
    ours = OURS | {"fjordfon_news"}
    assert text_hash("@fjordfon_hilft", "kim", ours) != text_hash("@fjordfon_news", "kim", ours)
