"""On a bad day the desk says what is wrong and what still works, in both languages, and keeps nobody from stopping."""

from html import unescape

import pytest

from bot.desk.bad_day import WRITTEN_WHEN_BARE
from bot.errors import StoreDamaged, StoreGone
from bot.model import CaseState, Trigger
from bot.model.room import Room
from bot.review import by_hand
from bot.store import alarms, cases, hand_answers, sources
from bot.store import house as house_rows

GERMAN = {"Accept-Language": "de"}
QUESTION = "@fjordfon_hilft Wo finde ich meine Rechnung?"
LINK = "https://x.example/status/4711"


def told(client, path="/", **headers):
    return unescape(client.get(path, headers=headers or {"Accept-Language": "en"}).text)


def room(desk, state, free):
    with desk.stores().write() as tx:
        house_rows.set_room(tx, "worker", state, free)


@pytest.mark.parametrize(
    ("state", "free", "english", "german"),
    [
        (Room.TIGHT, 84, "Room is running out: 8 percent", "Der Platz wird knapp: 8 Prozent"),
        (Room.BARE, 21, "Almost no room is left: 2 percent", "Es ist fast kein Platz mehr: 2 Prozent"),
    ],
)
def test_the_room_that_is_left_stands_above_every_page(*, desk, alice, state, free, english, german):
    assert english not in told(alice)
    room(desk, state, free)
    assert english in told(alice)
    assert german in unescape(alice.get("/", headers=GERMAN).text)


def test_with_almost_no_room_people_still_stop_and_opt_out_and_nothing_else_is_kept(desk, alice):
    case_id = desk.hear(QUESTION)
    alice.post(f"/case/{case_id}/open")
    draft = desk.draft(case_id)
    room(desk, Room.BARE, 20)
    answer = alice.post(f"/draft/{draft['id']}/save", data={"version": draft["version"], "text": "Ganz neu."})
    assert answer.status_code == 503
    assert "your words stand on the page before" in unescape(answer.text)
    assert desk.draft(case_id)["text"] == draft["text"]
    assert alice.post("/stop", data={"reason": "Platte voll"}).status_code == 303
    assert house_rows.stop(desk.stores()) is not None
    assert alice.post(f"/case/{case_id}/opt-out").status_code == 303
    assert desk.stores().value("SELECT count(*) FROM opt_outs") == 1
    room(desk, Room.ENOUGH, 500)
    answer = alice.post(f"/draft/{draft['id']}/save", data={"version": draft["version"], "text": "Ganz neu."})
    assert answer.status_code != 503


def test_with_almost_no_room_whoever_looks_after_an_alarm_still_takes_the_case_and_reads_it(desk, alice):
    rude = desk.hear("@fjordfon_hilft ihr dreckigen Arschlöcher, verpisst euch")
    room(desk, Room.BARE, 20)
    assert alice.post(f"/case/{rude}/open").status_code == 303
    assert alice.post(f"/case/{rude}/reveal", data={"level": "2"}).status_code == 303
    assert alice.post(f"/case/{rude}/escalate", data={"lane": "threat"}).status_code == 303
    assert alarms.standing(desk.stores())


def test_what_is_still_written_are_acts_of_the_desk(app):
    acts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert acts >= WRITTEN_WHEN_BARE


@pytest.mark.parametrize(
    ("skew", "off", "english"),
    [
        (-3_600_000, -3_600_000, "Replies wait for a quarter of an hour"),
        (0, 40 * 86_400_000, "Nothing is erased by its age"),
    ],
)
def test_a_clock_that_jumped_stands_above_every_page(*, desk, alice, skew, off, english):
    with desk.stores().write() as tx:
        house_rows.beat(tx, "worker", desk.clock.now(), skew, off)
    page = told(alice)
    assert "The clock of this machine jumped by" in page
    assert english in page
    assert "Die Uhr dieses Rechners ist um" in unescape(alice.get("/", headers=GERMAN).text)
    with desk.stores().write() as tx:
        house_rows.beat(tx, "worker", desk.clock.now(), 0, 3_000)
    assert "jumped" not in told(alice)


@pytest.mark.parametrize(
    ("error", "english"),
    [(StoreGone("x"), "The database is not at its place"), (StoreDamaged("x"), "The database file is damaged")],
)
def test_a_database_that_is_gone_or_damaged_is_told_plainly(*, desk, app, alice, error, english):
    def broken():
        raise error

    app.view_functions["ledger.show"] = broken
    answer = alice.get("/ledger")
    assert answer.status_code == 503
    assert english in unescape(answer.text)


def test_a_desk_whose_database_has_moved_away_says_so_and_goes_on_when_it_is_back(desk, alice, database):
    assert alice.get("/").status_code == 200
    away = database.with_name("away.db")
    database.rename(away)
    answer = alice.get("/")
    assert answer.status_code == 503
    assert "The database is not at its place" in unescape(answer.text)
    assert not database.exists()
    away.rename(database)
    assert alice.get("/").status_code == 200


def test_a_person_answers_at_the_original_and_the_case_says_where(desk, alice):
    case_id = desk.hear(QUESTION, url="https://x.example/9")
    with desk.stores().write() as tx:
        sources.cannot_send(tx, "samples", sources.UNREACHED)
    page = told(alice, f"/case/{case_id}")
    assert "The platform has not answered us for an hour." in page
    assert "Nothing is sent for samples. The platform has not answered us" in told(alice)
    assert 'data-copies="draft-to-copy"' in page
    assert desk.draft(case_id)["text"] in page
    wrong = alice.post(f"/case/{case_id}/close", data={"reason": by_hand.REASON, "link": "x.example/9"})
    assert wrong.status_code == 422
    assert 'value="x.example/9"' in wrong.text
    assert "A link begins with https://" in wrong.text
    right = alice.post(f"/case/{case_id}/close", data={"reason": by_hand.REASON, "link": LINK})
    assert right.status_code == 303
    assert cases.by_id(desk.stores(), case_id)["state"] == CaseState.CLOSED
    assert hand_answers.of_case(desk.stores(), case_id)["url"] == LINK
    page = told(alice, f"/case/{case_id}")
    assert "A person answered at the original" in page
    assert f'href="{LINK}"' in page
    assert "It was not answered after all" in page
    assert "a person answered at the original, not sent by us" in told(alice, "/ledger?type=ATTEST")


def test_an_answer_by_hand_that_was_none_is_taken_back_at_the_case(desk, alice):
    case_id = desk.hear("Bei Fjordfon geht heute nichts.", trigger=Trigger.NONE)
    alice.post(f"/case/{case_id}/close", data={"reason": by_hand.REASON, "link": ""})
    assert hand_answers.of_case(desk.stores(), case_id) is not None
    assert alice.post(f"/case/{case_id}/not-by-hand").status_code == 303
    assert hand_answers.of_case(desk.stores(), case_id) is None
    assert cases.by_id(desk.stores(), case_id)["state"] == CaseState.NEW
    assert alice.post(f"/case/{case_id}/not-by-hand").status_code == 409
