"""W-05: a person may sign as the team at any time."""

import pytest
from sample_posts import house, published

from bot.config.canonical import to_json
from bot.config.models import Signature
from bot.review.acts import signed
from bot.store import house as house_rows
from bot.store import users

QUESTION = "@fjordfon_hilft Wo finde ich meine Rechnung?"
DRAFT = {"text": "Moin, die Rechnung steht im Kundenkonto.", "case_id": 1}


@pytest.fixture
def prepared(desk) -> int:
    return desk.hear(QUESTION, topic="billing")


def test_the_choice_is_on_the_account_page_and_counts_from_the_next_reply_on(desk, alice, prepared):
    assert 'name="team_signature" value="1">' in alice.get("/account").text
    alice.post("/account", data={"team_signature": "1"})
    assert 'name="team_signature" value="1" checked>' in alice.get("/account").text
    alice.post(f"/case/{prepared}/open")
    composer = alice.get(f"/case/{prepared}").text.partition("<textarea")[2].partition("</textarea>")[0]
    assert composer.rstrip().endswith("Team Fjordfon")
    assert "^AB" not in composer
    alice.post("/account", data={})
    composer = alice.get(f"/case/{prepared}").text.partition("<textarea")[2].partition("</textarea>")[0]
    assert composer.rstrip().endswith("^AB")


def test_changing_the_theme_leaves_the_signature_alone(desk, alice):
    alice.post("/account", data={"team_signature": "1"})
    alice.post("/account/theme", data={"theme": "dark"})
    assert users.by_id(desk.stores(), desk.people["alice"])["team_signature"] == 1


def test_it_is_one_persons_own_choice(desk, alice):
    alice.post("/account", data={"team_signature": "1"})
    assert signed(desk.stores(), house(desk), DRAFT, desk.user("alice")).endswith(" Team Fjordfon")
    assert signed(desk.stores(), house(desk), DRAFT, desk.user("bob")).endswith(" ^KM")


def test_the_initials_of_an_earlier_signature_go(desk, alice):
    alice.post("/account", data={"team_signature": "1"})
    again = signed(desk.stores(), house(desk), DRAFT | {"text": f"{DRAFT['text']} ^AB"}, desk.user("alice"))
    assert again == f"{DRAFT['text']} Team Fjordfon"


@pytest.mark.parametrize(
    ("signature", "ending"),
    [(Signature(style="caret", team="Euer Team Kiel"), "Euer Team Kiel"), (Signature(style="none"), "Kundenkonto.")],
)
def test_the_brands_own_words_for_the_team_count(desk, alice, signature, ending):
    alice.post("/account", data={"team_signature": "1"})
    config = published()
    config = config.model_copy(update={"brand": config.brand.model_copy(update={"signature": signature})})
    with desk.stores().write() as tx:
        house_rows.add_config(tx, "other", to_json(config), desk.clock.now())
    assert signed(desk.stores(), house(desk), DRAFT, desk.user("alice")).endswith(ending)
    offered = 'type="checkbox" name="team_signature"' in alice.get("/account").text
    assert offered == (signature.style == "caret")


def test_a_guest_who_never_answers_is_not_asked(browse):
    assert "team_signature" not in browse("charlie").get("/account").text
