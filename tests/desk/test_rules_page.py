"""The page of rules, the word of a senior, and the answer to "Why did you write to me?"."""

import re
from collections.abc import Iterator

import pytest
from sample_desk import PASSWORD, SampleDesk
from sample_posts import approved, left, published

from bot.config.canonical import to_json
from bot.desk import rulebook
from bot.gate.ruleset import load_ruleset
from bot.gate.texts import rule_texts
from bot.model import Outcome, Platform
from bot.store import house as house_rows
from bot.store import standing
from bot.store.db import Stores

QUESTION = "@fjordfon_hilft Wo finde ich meine Rechnung?"
REPLY = "Moin, deine Rechnung findest du hier: https://fjordfon.example/rechnung ^AB"
SEEN = "Am 23.11. nachgesehen: kein Automat."


@pytest.fixture
def desk(database, clock) -> Iterator[SampleDesk]:
    """A brand that says who it is and has an account on a real platform as well."""
    stores = Stores(database)
    yield SampleDesk(stores, clock, config=published())
    stores.close()


def say(desk: SampleDesk, **legal: object) -> None:
    """Another configuration comes into force: with these lines under ``legal``."""
    brand = desk.config.brand
    brand = brand.model_copy(update={"legal": brand.legal.model_copy(update=legal)})
    with desk.stores().write() as tx:
        house_rows.add_config(tx, "other", to_json(desk.config.model_copy(update={"brand": brand})), desk.clock.now())


def row_of(page: str, rule: str) -> str:
    return page.partition(f'id="{rule}"')[2].partition("</tr>")[0]


def test_every_rule_stands_there_with_its_sentence_and_the_ruleset_by_its_hash(browse):
    page = browse("charlie").get("/rules").text
    for text in rule_texts():
        assert text.does[1] in page.replace("&#39;", "'")
    assert load_ruleset().sha256 in page
    assert "who names us: 7 days" in page


def test_what_a_platform_cannot_answer_is_grey_and_named(alice):
    row = row_of(alice.get("/rules").text, "C-08")
    assert "asked: Bluesky" in row
    assert re.search(r'class="faint" data-absent>.*not offered: Sample platform, Mastodon', row)
    assert "asked everywhere" in row_of(alice.get("/rules").text, "C-02")


def test_without_papers_the_rules_about_them_ask_for_nothing(desk, app):
    with app.test_request_context():
        asked = {line.id: line.checked for line in rulebook.lines()}
    assert "Mastodon" in asked["C-28"]
    say(desk, impact_assessment=None)
    with app.test_request_context():
        assert {line.id: line.checked for line in rulebook.lines()}["C-28"] == ()


def test_how_often_a_rule_fired_is_told_by_outcome_and_nobody_is_counted(desk, alice):
    with desk.stores().write() as tx:
        for outcome in (Outcome.HOLD_SELF, Outcome.HOLD_SECOND, Outcome.DENY, Outcome.NOTE, Outcome.WAIT):
            standing.fired(tx, Platform.REPLAY, [("C-12", outcome)], desk.clock.now())
        standing.fired(tx, Platform.MASTODON, [("C-34", standing.STOPPED)], desk.clock.now())
    page = alice.get("/rules").text
    row = row_of(page, "C-12")
    assert [told in row for told in ("2 held", "1 denied", "1 noted", "1 waited")] == [True] * 4
    assert "1 stopped" in row_of(page, "C-34")


def test_a_senior_vouches_and_withdraws_and_everybody_sees_who_until_when(desk, bob, browse):
    form = {"rule": "C-18", "where": "mastodon fjordfon_hilft", "statement": SEEN}
    answer = bob.post("/rules/attest", data=form)
    assert answer.location == "/rules?told=attested#C-18"
    for name in ("charlie", "alice"):
        row = row_of(browse(name).get("/rules").text, "C-18")
        assert "attested for Mastodon, @fjordfon_hilft by bob until 20 Dec" in row
        assert SEEN in row
        assert "/rules/withdraw/1" not in row
    assert "/rules/withdraw/1" in row_of(bob.get("/rules").text, "C-18")
    bob.post("/rules/withdraw/1")
    assert "by bob" not in row_of(bob.get("/rules").text, "C-18")


def test_vouching_and_opening_a_place_ask_for_a_fresh_password(desk, bob, clock):
    clock.advance(11 * 60_000)
    form = {"rule": "C-18", "where": "mastodon ", "statement": SEEN}
    assert bob.post("/rules/attest", data=form).location == "/confirm?next=/rules%23C-18"
    assert bob.post("/rules/lift/1").location == "/confirm?next=/rules"
    assert desk.stores().value("SELECT count(*) FROM attestations") == 0
    row = row_of(bob.get("/rules").text, "C-18")
    assert "Vouch for it: first your password" in row
    assert "<textarea" not in row
    assert bob.post("/confirm", data={"password": PASSWORD, "next": "/rules#C-18"}).location == "/rules#C-18"
    bob.post("/rules/attest", data=form)
    assert desk.stores().value("SELECT count(*) FROM attestations") == 1


def test_the_same_form_sent_twice_vouches_once(desk, bob):
    form = {"rule": "C-18", "where": "mastodon ", "statement": SEEN, "key": "k" * 24}
    assert bob.post("/rules/attest", data=form).location == bob.post("/rules/attest", data=form).location
    assert desk.stores().value("SELECT count(*) FROM attestations") == 1


def test_without_a_sentence_the_field_says_what_is_missing(desk, bob):
    answer = bob.post("/rules/attest", data={"rule": "C-18", "where": "mastodon ", "statement": " "})
    assert answer.location == "/rules?missing=C-18#C-18"
    row = row_of(bob.get("/rules?missing=C-18").text, "C-18")
    assert 'aria-invalid="true"' in row
    assert "Without one nobody can check it later." in row
    assert desk.stores().value("SELECT count(*) FROM attestations") == 0


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"rule": "C-01", "where": "mastodon "}, 403),
        ({"rule": "C-08", "where": "mastodon "}, 409),
        ({"rule": "C-18", "where": "mastodon foreign"}, 409),
        ({"rule": "C-18", "where": "nowhere "}, 400),
        ({}, 400),
    ],
)
def test_what_the_page_does_not_offer_is_refused(desk, bob, form, status):
    assert bob.post("/rules/attest", data={"statement": SEEN, **form}).status_code == status
    assert desk.stores().value("SELECT count(*) FROM attestations") == 0


def test_only_rules_that_a_platform_can_leave_open_offer_the_form_and_only_to_seniors(alice, bob):
    offered = set(re.findall(r'name="rule" value="(C-\d\d)"', bob.get("/rules").text))
    assert offered == {"C-09", "C-18", "C-27", "C-28", "C-30"}
    assert 'name="rule"' not in alice.get("/rules").text


def test_a_stopped_place_is_named_and_a_senior_lifts_it(desk, alice, bob):
    with desk.stores().write() as tx:
        standing.stop_place(tx, Platform.MASTODON, "norden.example", "differs", desk.clock.now())
    page = alice.get("/rules").text
    assert "norden.example" in page
    assert "what stands there is not what was approved" in page
    assert "/rules/lift/1" not in page
    assert bob.post("/rules/lift/1").location == "/rules?told=place_lifted"
    assert "norden.example" not in alice.get("/rules").text
    assert bob.post("/rules/lift/1").status_code == 409


@pytest.fixture
def seq(desk) -> int:
    return left(desk, approved(desk, desk.hear(QUESTION, handle="frager"), REPLY))


def test_the_answer_to_why_stands_in_both_languages_side_by_side_and_can_be_marked_without_scripts(alice, seq):
    page = alice.get(f"/ledger/{seq}/why").text
    assert page.count("readonly") == 2
    assert "haben wir auf Replay öffentlich auf einen Beitrag" in page
    assert "we replied in public to a post of yours" in page
    assert page.count("data-copies") == 2
    assert "frager" not in page.partition("<main")[2]


def test_entry_and_case_lead_to_the_answer_and_other_entries_do_not(alice, seq):
    assert f'href="/ledger/{seq}/why"' in alice.get(f"/ledger/{seq}").text
    assert f'href="/ledger/{seq}/why"' in alice.get("/case/1").text
    assert "/why" not in alice.get("/ledger/1").text
    assert alice.get("/ledger/1/why").status_code == 404


def test_a_case_without_a_reply_leads_to_no_answer(desk, alice):
    assert "/why" not in alice.get(f"/case/{desk.hear(QUESTION)}").text


def test_what_the_configuration_does_not_say_is_named_beside_the_answer(desk, alice, seq):
    assert "brand.yaml does not say" not in alice.get(f"/ledger/{seq}/why").text
    say(desk, public_pages="")
    assert "<code>legal.public_pages</code>" in alice.get(f"/ledger/{seq}/why").text
