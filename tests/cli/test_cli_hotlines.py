"""hotlines: what may leave in a crisis, and confirming a card by name; and who is trained."""

import json

import pytest

from bot.protect.hotlines import registry
from bot.store import users
from bot.store.db import Store


@pytest.fixture
def people(earshot, house):
    earshot("user", "add", "anna", "--role", "senior")
    earshot("user", "add", "ben")
    return house


def test_every_card_stands_there_with_its_numbers_its_source_and_whether_it_may_leave(earshot, house):
    said = earshot("hotlines", "list")
    assert said.code == 0, said.err
    for card in registry().card:
        [line] = [line for line in said.out.splitlines() if line.startswith(f"{card.id} ")]
        assert all(number in line for number in card.numbers)
        assert (card.site or card.source) in line
    assert "earshot hotlines confirm CARD" in said.out


def test_a_senior_confirms_a_card_and_scripts_see_it(earshot, people):
    told = {one["card"]: one for one in json.loads(earshot("hotlines", "list", "--json").out)}
    assert told["de-eltern"]["may_leave"] is False
    said = earshot("hotlines", "confirm", "de-eltern", "--user", "anna")
    assert said.code == 0, said.err
    assert said.out.startswith("Confirmed for 90 days. Ledger entry ")
    told = {one["card"]: one for one in json.loads(earshot("hotlines", "list", "--json").out)}
    assert (told["de-eltern"]["may_leave"], told["de-eltern"]["by"]) == (True, "anna")
    assert earshot("ledger", "verify", "--full").code == 0


@pytest.mark.parametrize(
    ("card", "name", "told"),
    [
        ("de-eltern", "ben", "trained for crises"),
        ("de-nobody", "anna", "no such card"),
        ("de-eltern", "zoe", "no active"),
    ],
)
def test_nobody_else_and_nothing_else_is_confirmed(earshot, people, card, name, told):
    said = earshot("hotlines", "confirm", card, "--user", name)
    assert said.code == 1
    assert told in said.err


def test_training_is_given_and_taken(earshot, people):
    def is_trained() -> bool:
        store = Store(people / "data" / "earshot.db")
        row = users.by_name(store, "ben")
        store.close()
        return bool(row["trained"])

    assert earshot("user", "trained", "ben").out == "ben opens and answers crises.\n"
    assert is_trained()
    earshot("user", "trained", "ben", "--no")
    assert not is_trained()
