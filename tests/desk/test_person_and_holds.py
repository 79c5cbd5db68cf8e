"""The page of one person and the legal holds: seniors only, every look an entry, and what is sealed is not shown."""

import json
from datetime import UTC, datetime

import pytest
from sample_desk import KEYS, PASSWORD

from bot.desk.auth import FRESH_MS
from bot.model import CaseState, Role
from bot.protect import erasure
from bot.store import cases, people, users

QUESTION = "@fjordfon_hilft Wo finde ich meine Rechnung, Fliederbusch?"


def entries(desk, kind):
    bodies = [json.loads(row["body"]) for row in desk.stores().rows("SELECT body FROM log ORDER BY seq")]
    return [body for body in bodies if body["type"] == kind]


@pytest.fixture
def case_id(desk) -> int:
    return desk.hear(QUESTION, handle="frager")


ASKED = {"platform": "replay", "name": "@Frager"}


def test_a_search_says_how_much_is_held_without_words_and_is_an_entry(desk, bob, case_id):
    page = bob.post("/person", data=ASKED).text
    assert "<bdi>@frager</bdi>" in page
    assert f'href="/case/{case_id}"' in page
    assert "Fliederbusch" not in page
    [entry] = entries(desk, "ACCESS")
    assert "frager" not in json.dumps(entry)


def test_looking_at_the_empty_page_is_no_entry_and_nobody_unknown_is_found(desk, bob, case_id):
    assert "Search" in bob.get("/person").text
    assert "Nothing is held" in bob.post("/person", data=ASKED | {"name": "nobody"}).text
    assert bob.post("/person", data=ASKED | {"platform": "elsewhere"}).status_code == 200
    assert entries(desk, "ACCESS") == []


def test_the_export_is_a_file_with_everything_and_an_entry(desk, bob, case_id):
    answer = bob.post("/person/export", data=ASKED)
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.json["your_posts"][0]["text"] == QUESTION
    assert len(entries(desk, "EXPORT")) == 1


def test_erasing_needs_the_ticked_box_and_a_fresh_password(desk, bob, case_id, clock):
    assert bob.post("/person/erase", data=ASKED).status_code == 409
    clock.advance(FRESH_MS + 1)
    answer = bob.post("/person/erase", data=ASKED | {"sure": "1"})
    assert (answer.status_code, answer.location) == (303, "/confirm?next=/person")
    assert people.open_erasures(desk.stores()) == []
    bob.post("/confirm", data={"password": PASSWORD, "next": "/person"})
    assert bob.post("/person/erase", data=ASKED | {"sure": "1"}).location == "/person?told=erasing"
    assert "Being erased" in bob.get("/person").text
    assert erasure.work(desk.stores(), KEYS, clock) == 1
    assert "Nothing is held" in bob.post("/person", data=ASKED).text


def test_do_not_write_any_more_from_the_page(desk, bob, case_id):
    bob.post("/person/opt-out", data=ASKED)
    assert "no, opted out" in bob.post("/person", data=ASKED).text


def test_an_agreement_is_recorded_and_taken_back_on_the_page_and_a_number_in_it_is_refused(desk, bob, case_id):
    given = {"given": "2026-01-02", "evidence": "Formular 17"}
    day = datetime.fromtimestamp(desk.clock.now() / 1000, UTC).strftime("%Y-%m-%d")
    refused = bob.post("/person/opt-in", data=ASKED | given | {"given": day, "evidence": "Kunde FF-12345678"})
    assert "Name the place of the agreement" in refused.text
    assert 'value="Kunde FF-12345678"' in refused.text, "nothing that was typed is lost"
    assert "no later than today" in bob.post("/person/opt-in", data=ASKED | given | {"given": "gestern"}).text
    assert bob.post("/person/opt-in", data=ASKED | given | {"given": day}).status_code == 303
    page = bob.post("/person", data=ASKED).text
    assert "They take the agreement back" in page
    assert "Record the agreement" not in page
    assert "Nothing was recorded" in bob.post("/person/opt-in", data=ASKED | given | {"given": day}).text
    assert bob.post("/person/opt-in/withdraw", data=ASKED).status_code == 303
    assert "Record the agreement" in bob.post("/person", data=ASKED).text
    assert [entry["step"] for entry in entries(desk, "ATTEST")] == ["opt-in recorded", "opt-in withdrawn"]


@pytest.mark.parametrize("path", ["/person", "/holds"])
def test_only_seniors_are_offered_and_let_in(alice, bob, path):
    assert path in bob.get("/ledger").text
    assert path not in alice.get("/ledger").text
    assert alice.get(path).status_code == 403


def test_an_escalated_case_offers_a_hold_instead_of_erasing(desk, bob, case_id):
    with desk.stores().write() as tx:
        cases.move(tx, case_id, CaseState.ESCALATED, desk.clock.now())
    page = bob.post("/person", data=ASKED).text
    assert "is escalated" in page
    assert 'name="sure"' not in page


@pytest.fixture
def vera(desk, browse):
    with desk.stores().write() as tx:
        hashed = users.by_name(tx, "bob")["password_hash"]
        users.add(tx, name="vera", role=Role.SENIOR, initials="VE", password_hash=hashed, trained=True, at=1)
    return browse("vera")


HOLD = {"classification": "Bedrohung", "basis": "Art. 17(3)(e)", "days": "90"}


def test_one_senior_asks_another_approves_and_every_read_is_an_entry(desk, bob, vera, alice, case_id):
    assert bob.post("/holds", data=HOLD | {"case": case_id}).status_code == 303
    assert "Approve as the second person" not in bob.get("/holds").text
    assert "Approve as the second person" in vera.get("/holds").text
    assert bob.post("/holds/1/approve").status_code == 403
    assert vera.post("/holds/1/approve").status_code == 303
    alice.get(f"/case/{case_id}")
    [entry] = entries(desk, "ACCESS")
    assert (entry["step"], entry["case"]) == ("hold_read", case_id)
    bob.post("/holds/1/end")
    alice.get(f"/case/{case_id}")
    assert len(entries(desk, "ACCESS")) == 1
    assert "No case is held" in bob.get("/holds").text


def test_an_overdue_review_is_an_alarm_on_the_rail_and_on_its_page(desk, bob, vera, alice, case_id):
    bob.post("/holds", data=HOLD | {"case": case_id, "days": "1"})
    vera.post("/holds/1/approve")
    assert "overdue" not in alice.get("/").text
    desk.stores().connection.execute("UPDATE legal_holds SET review_at = 1")
    assert f"legal hold on case {case_id} is overdue" in alice.get("/").text
    assert "overdue" in bob.get("/holds").text


def test_a_platform_that_tells_nothing_for_an_hour_is_an_alarm_on_the_rail(desk, alice, case_id, clock):
    desk.stores().connection.execute("UPDATE sources SET inspected = 1, unanswered_since = ?", [clock.now()])
    assert "has told us nothing since" not in alice.get("/").text
    desk.stores().connection.execute("UPDATE sources SET unanswered_since = unanswered_since - 3600000")
    page = alice.get("/").text
    assert "has told us nothing since" in page
    assert "sealed after 20 hours" in page


def test_a_sealed_post_shows_its_words_nowhere_on_the_desk(desk, alice, browse, case_id):
    places = ("/", f"/case/{case_id}", "/square")
    assert all("Fliederbusch" in browse("alice").get(path).text for path in places)
    desk.stores().connection.execute("UPDATE mentions SET sealed_at = 1")
    for path in places:
        assert "Fliederbusch" not in alice.get(path).text, path
    assert "Sealed." in alice.get(f"/case/{case_id}").text
    assert "Fliederbusch" not in alice.get(f"/case/{case_id}?level=2&all=1").text


def test_when_no_worker_has_run_for_half_a_day_nothing_is_shown(desk, alice, case_id, clock):
    desk.stores().connection.execute("UPDATE sources SET inspected = 1")
    desk.stores().connection.execute("UPDATE health SET heartbeat_at = heartbeat_at - 43200001")
    assert "Fliederbusch" not in alice.get(f"/case/{case_id}").text
    assert "Fliederbusch" not in alice.get("/").text


def test_a_later_post_of_someone_who_opted_out_offers_one_answer_or_to_lift(desk, alice, case_id):
    alice.post(f"/case/{case_id}/opt-out")
    desk.hear("@fjordfon_hilft Ich habe doch noch eine Frage", handle="frager", thread="t2")
    [later] = [row["id"] for row in desk.stores().rows("SELECT max(id) AS id FROM cases")]
    page = alice.get(f"/case/{later}").text
    assert f"/case/{later}/answer-once" in page
    assert f"/case/{later}/opt-out/lift" in page
    alice.post(f"/case/{later}/answer-once")
    alice.post(f"/case/{later}/opt-out/lift")
    assert [entry["step"] for entry in entries(desk, "OPT_OUT")] == ["set", "once", "lifted"]
