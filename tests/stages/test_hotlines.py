"""The hotline registry: exact numbers, who confirmed them, and that an old card is blocked (E-12)."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tents import HouseInATent

import bot
from bot.config.protection import HotlineCountry
from bot.errors import NotAllowed, Stale
from bot.protect import hotlines
from bot.protect.hotlines import Standing, registry
from bot.store import care

DAY_MS = 86_400_000

GOLDEN = {
    "de-rescue": (("112",), ("de",), "danger"),
    "de-police": (("110",), ("de",), "danger"),
    "de-telefonseelsorge": (("0800 1110111", "0800 1110222"), ("de",), "everyone"),
    "de-telefonseelsorge-116": (("116 123",), ("de",), "everyone"),
    "de-kinder": (("116 111",), ("de",), "young"),
    "de-eltern": (("0800 111 0550",), ("de",), "parents"),
    "de-gewalt": (("116 016",), ("de",), "violence"),
    "gb-samaritans": (("116 123",), ("gb", "ie"), "everyone"),
    "us-988": (("988",), ("us",), "everyone"),
}
"""Consent rules, section 5, the table: every number letter by letter."""


def test_every_number_is_exactly_the_one_of_the_rules_and_none_is_left_out() -> None:
    assert {card.id: (card.numbers, card.countries, card.audience) for card in registry().card} == GOLDEN


def test_what_only_an_old_page_told_was_confirmed_by_nobody() -> None:
    unsure = {card.id for card in registry().card if card.verified_on is None}
    assert unsure == {"de-telefonseelsorge-116", "de-eltern"}
    assert {card.verified_on for card in registry().card} == {None, date(2026, 11, 22)}


def test_every_card_names_its_source_and_reads_well_in_both_languages() -> None:
    for card in registry().card:
        assert re.fullmatch(r"https?://\S+", card.source), card.id
        german, english = card.line("de"), card.line("en")
        assert german != english
        assert all(number in german and number in english for number in card.numbers)
        assert max(len(german), len(english)) <= 140, "a card leaves room for own words on every platform"
        for line in (german, english):
            digits = re.sub("|".join(map(re.escape, sorted(card.numbers, key=len, reverse=True))), "", line)
            assert not re.search(r"\d", digits.replace("988 Lifeline", "").replace("988 Suicide", "")), line


def test_no_hotline_number_stands_anywhere_else_in_the_program() -> None:
    number = re.compile(r"(?<!\d)(?:0800[ /]?111|116[ ]?(?:111|123|016))(?!\d{5})")
    holders = {
        path.name
        for path in Path(bot.__file__).parent.rglob("*")
        if path.suffix in {".py", ".toml", ".html", ".po", ".yaml"} and number.search(path.read_text("utf-8"))
    }
    assert holders == {"hotlines.toml"}


def test_the_countries_of_the_configuration_are_those_of_the_cards() -> None:
    assert set(get_args(HotlineCountry)) == {country for card in registry().card for country in card.countries}


TELEPHONE = next(card for card in registry().card if card.id == "de-telefonseelsorge")
RELEASED = int((date(2026, 11, 22) - date(1970, 1, 1)) / timedelta(days=1)) * DAY_MS


@pytest.mark.parametrize(("days", "good"), [(0, True), (89, True), (90, True), (91, False), (4000, False)])
def test_a_card_is_good_for_ninety_days(days: int, good: bool) -> None:  # noqa: FBT001 - a table
    assert hotlines.standing(TELEPHONE, None, RELEASED + days * DAY_MS).good is good


@given(at=st.integers(0, 2**42), later=st.integers(0, 2**42))
def test_a_card_that_nobody_ever_confirmed_is_always_blocked(at: int, later: int) -> None:
    card = TELEPHONE.model_copy(update={"verified_on": None})
    assert not hotlines.standing(card, None, at + later).good


@given(
    st.lists(st.booleans(), min_size=len(GOLDEN), max_size=len(GOLDEN)), st.sets(st.sampled_from(["de", "gb", "us"]))
)
def test_no_number_is_good_and_blocked_and_none_of_another_country_is_either(good: list[bool], here: set[str]) -> None:
    known = tuple(Standing(card, "", 0, good=fine) for card, fine in zip(registry().card, good, strict=True))
    found = hotlines.numbers(known, here)
    assert not set(found.good) & set(found.blocked)
    offered = hotlines.choices(known, here, "de")
    assert {number for each in offered for number in each.card.numbers} == {*found.good, *found.blocked}
    assert {each.card.id for each in offered} == {card.id for card in registry().card if here & set(card.countries)}


def test_people_are_offered_several_cards_in_their_own_language_first(tent: HouseInATent) -> None:
    known = hotlines.standings(tent.store, tent.clock.now())
    german = [each.card.id for each in hotlines.choices(known, ("de",), "de", "everyone")]
    assert german == ["de-telefonseelsorge", "de-telefonseelsorge-116"]
    both = [each.card.language for each in hotlines.choices(known, ("de", "gb"), "en")]
    assert both == sorted(both, reverse=True)
    assert len({each.card.audience for each in hotlines.choices(known, ("de",), "de")}) == 5


def confirm(tent: HouseInATent, card: str, name: str) -> int:
    with tent.store.write() as tx:
        return hotlines.confirm(tx, tent.wiring.keys, card, user=tent.user(name), now=tent.clock.now())


def good(tent: HouseInATent, card: str) -> Standing:
    return next(each for each in hotlines.standings(tent.store, tent.clock.now()) if each.card.id == card)


def test_a_named_person_confirms_a_card_and_the_ledger_knows_by_pseudonym(tent: HouseInATent) -> None:
    assert not good(tent, "de-eltern").good
    confirm(tent, "de-eltern", "bob")
    assert (good(tent, "de-eltern").by, good(tent, "de-eltern").good) == ("bob", True)
    [entry] = [entry for entry in tent.entries("ATTEST") if entry["step"] == "hotline_confirmed"]
    assert (entry["card"], entry["numbers"]) == ("de-eltern", "0800 111 0550")
    assert "bob" not in str(entry)
    tent.clock.advance(90 * DAY_MS)
    assert good(tent, "de-eltern").good
    tent.clock.advance(1)
    assert not good(tent, "de-eltern").good


def test_a_confirmation_is_of_exactly_these_numbers(tent: HouseInATent) -> None:
    confirm(tent, "de-eltern", "bob")
    card = next(each for each in registry().card if each.id == "de-eltern")
    other = card.model_copy(update={"numbers": ("0800 111 0551",)})
    given_ = {(row["card"], row["numbers"]): row for row in care.confirmations(tent.store)}
    assert hotlines.standing(card, given_.get((card.id, card.key)), tent.clock.now()).good
    assert not hotlines.standing(other, given_.get((other.id, other.key)), tent.clock.now()).good


def test_not_everybody_confirms_and_no_card_that_does_not_exist(tent: HouseInATent) -> None:
    for name in ("alice", "charlie"):
        with pytest.raises(NotAllowed):
            confirm(tent, "de-eltern", name)
    with pytest.raises(Stale, match="earshot hotlines list"):
        confirm(tent, "de-nobody", "bob")
    assert tent.store.value("SELECT count(*) FROM hotline_checks") == 0
