"""The room of false helpers: who comes in, what is there to copy, and that every act is a plain form used once."""

import json

import pytest
from sample_desk import KEYS

from bot.config.canonical import to_json, version_of
from bot.model import Finding, Lane
from bot.protect import security as acts
from bot.protect.impostor import Signal, Suspicion
from bot.store import drafts, mentions, security
from bot.store import house as house_rows

QUESTION = "@fjordfon_hilft Wann geht mein Internet wieder?"
BAIT = "Hallo, hier hilft das Team: AnyDesk starten."


@pytest.fixture
def fake(desk) -> int:
    """The number of a security case whose account answered a customer."""
    customer = desk.hear(QUESTION, handle="kim", thread="1")
    case_id = desk.hear(BAIT, handle="fj0rdfon_hilft", lane=Lane.SCAM, thread="1", url="https://platform.example/2")
    with desk.stores().write() as tx:
        row, [post] = mentions.of_case(tx, case_id)[0], mentions.of_case(tx, customer)
        tx.run("UPDATE mentions SET parent_key = :p WHERE id = :id", p=post["native_id"], id=row["id"])
        row = mentions.by_id(tx, row["id"])
        acts.open_case(tx, row, case_id, Suspicion((Signal.LOOKALIKE, Signal.FAST), 1000), desk.clock.now())
    return security.of_case(desk.stores(), case_id)["id"]


def name_people(desk, *names: str) -> None:
    """Put names into protection.yaml's list, as the worker would."""
    protection = desk.config.protection.model_copy(update={"security_people": names})
    config = desk.config.model_copy(update={"protection": protection})
    with desk.stores().write() as tx:
        house_rows.add_config(tx, version_of(to_json(config)), to_json(config), desk.clock.now())


def row_of(desk, security_id: int):
    return security.by_id(desk.stores(), security_id)


def entries(desk):
    bodies = [json.loads(row["body"]) for row in desk.stores().rows("SELECT body FROM log ORDER BY seq")]
    return [body for body in bodies if body["type"] == "REPORT" and "security" in body]


def test_seniors_see_the_cases_and_what_speaks_for_each(bob, fake):
    page = bob.get("/security").text
    assert "<bdi>@fj0rdfon_hilft</bdi>" in page
    assert "name nearly the same as ours, answered within a minute" in page
    assert "AnyDesk" not in page


def test_others_find_the_room_empty_and_no_door_behind_it(desk, alice, fake):
    page = alice.get("/security").text
    assert "fj0rdfon" not in page
    assert "whom protection.yaml names" in page
    assert alice.get(f"/security/{fake}").status_code == 404
    for act in ("reported", "warned", "close", "customer"):
        assert alice.post(f"/security/{fake}/{act}", data={"version": "1", "outcome": "stays"}).status_code == 404
    assert row_of(desk, fake)["version"] == 1


def test_a_person_whom_the_configuration_names_works_there_too(desk, alice, fake):
    name_people(desk, "alice")
    assert "fj0rdfon_hilft" in alice.get("/security").text
    assert alice.post(f"/security/{fake}/warned", data={"version": "1"}).status_code == 303
    assert row_of(desk, fake)["warned_at"] is not None


def test_the_pack_is_there_to_copy_in_both_languages_the_readers_first(desk, bob, fake):
    english = bob.get(f"/security/{fake}").text
    assert english.index(">Report: an account") < english.index(">Meldung: Ein Konto")
    with desk.stores().write() as tx:
        tx.run("UPDATE users SET language = 'de' WHERE name = 'bob'")
    german = bob.get(f"/security/{fake}").text
    assert german.index(">Meldung: Ein Konto") < german.index(">Report: an account")
    assert "https://platform.example/2" in german
    assert "AnyDesk" not in german


def test_reporting_warning_and_closing_are_forms_that_count_once(desk, bob, fake):
    key = "k" * 20
    form = {"version": "1", "receipt": " R 17 ", "key": key}
    first = bob.post(f"/security/{fake}/reported", data=form)
    again = bob.post(f"/security/{fake}/reported", data=form)
    assert first.location == again.location
    assert row_of(desk, fake)["receipt"] == "R 17"
    assert "R 17" in bob.get(f"/security/{fake}").text
    assert bob.post(f"/security/{fake}/warned", data={"version": "1"}).status_code == 409
    assert bob.post(f"/security/{fake}/warned", data={"version": "2"}).status_code == 303
    assert bob.post(f"/security/{fake}/close", data={"version": "3", "outcome": "gone"}).status_code == 409
    assert bob.post(f"/security/{fake}/close", data={"version": "3", "outcome": "taken_down"}).status_code == 303
    assert "taken down" in bob.get(f"/security/{fake}").text
    assert "Nobody acts in our name at present" in bob.get("/security").text
    assert [entry["step"] for entry in entries(desk)] == ["reported", "warned", "closed"]
    assert {entry["by"] for entry in entries(desk)} == {KEYS.staff(desk.people["bob"], desk.clock.now())}


def test_the_warning_to_the_customer_is_prepared_in_the_customers_case(desk, bob, fake):
    answer = bob.post(f"/security/{fake}/customer")
    customer = mentions.by_id(desk.stores(), row_of(desk, fake)["customer_mention"])
    assert answer.location == f"/case/{customer['case_id']}"
    assert drafts.open_of_case(desk.stores(), customer["case_id"])["template"].startswith("false-helper-")
    assert "A false helper answered this customer." in bob.get(answer.location).text


def test_the_case_of_the_account_says_that_nobody_answers_it(desk, alice, bob, fake):
    address = f"/case/{row_of(desk, fake)['case_id']}"
    assert "This account acts in our name." in alice.get(address).text
    assert f'href="/security/{fake}"' not in alice.get(address).text
    assert f'href="/security/{fake}"' in bob.get(address).text


def test_the_rail_counts_open_ones_for_those_who_work_on_them(alice, bob, fake):
    assert 'href="/security"' in bob.get("/").text
    assert 'href="/security"' not in alice.get("/").text


def test_anybody_at_the_desk_can_open_one_by_hand_from_the_lane_of_scams(desk, alice):
    case_id = desk.hear("@fjordfon_hilft Hallo", handle="seltsam", lane=Lane.SCAM)
    assert f'action="/security/open/{case_id}"' in alice.get(f"/case/{case_id}").text
    assert alice.post(f"/security/open/{case_id}", data={"kind": "nonsense"}).status_code == 409
    assert alice.post(f"/security/open/{case_id}", data={"kind": "false_helper"}).status_code == 303
    assert "This account acts in our name." in alice.get(f"/case/{case_id}").text
    assert desk.draft(case_id) is None
    assert alice.post("/security/open/999", data={"kind": "report"}).status_code == 409


def test_who_reports_a_false_helper_is_never_named_as_one(desk, bob):
    case_id = desk.hear("@fjordfon_hilft Da gibt sich jemand als ihr aus", handle="wachsam", lane=Lane.SCAM)
    with desk.stores().write() as tx:
        acts.open_report(tx, mentions.of_case(tx, case_id)[0], case_id, desk.clock.now())
    page = bob.get(f"/security/{security.of_case(desk.stores(), case_id)['id']}").text
    assert "Report of a false helper" in page
    assert "wachsam" not in page
    assert "report that account there" in page


def test_a_hostile_name_and_receipt_stay_words(desk, bob):
    case_id = desk.hear(BAIT, handle="<script>x", lane=Lane.SCAM)
    with desk.stores().write() as tx:
        row = mentions.of_case(tx, case_id)[0]
        acts.open_case(tx, row, case_id, Suspicion((Signal.LOOKALIKE,), 850), desk.clock.now())
    known = security.of_case(desk.stores(), case_id)["id"]
    bob.post(f"/security/{known}/reported", data={"version": "1", "receipt": "<b>\u202e1"})
    for page in (bob.get("/security").text, bob.get(f"/security/{known}").text):
        assert "<script>x" not in page
        assert "<b>\u202e" not in page


def test_the_public_page_lists_our_real_accounts(browse):
    assert "fjordfon_hilft" in browse("").get("/about-this-account").text


# personal data -----------------------------------------------------------------------------------------------------


def attach(desk, case_id: int, quoted: str) -> None:
    extras = {"quoted": {"native_id": "9", "author_id": "8", "visibility": "public", "text": quoted}}
    with desk.stores().write() as tx:
        tx.run(
            "UPDATE mentions SET extras = :extras WHERE case_id = :id",
            extras=json.dumps({**extras, "media": [{"kind": "image", "alt": "IBAN DE02 1203"}], "poll": ["0171 39"]}),
            id=case_id,
        )


def test_personal_data_in_a_quoted_post_a_description_or_a_poll_are_covered_until_asked_for(desk, alice):
    found = Finding("personal_attached", "1", "personal_data", 950, (), "phone")
    case_id = desk.hear(QUESTION, findings=(found,))
    attach(desk, case_id, "Ruft 0171 3920012 an")
    page = alice.get(f"/case/{case_id}").text
    assert not any(words in page for words in ("0171", "DE02"))
    assert "Personal data: in what is attached or quoted" in page
    shown = alice.get(f"/case/{case_id}?personal=show").text
    assert "Ruft 0171 3920012 an" in shown
    assert "IBAN DE02 1203" in shown
