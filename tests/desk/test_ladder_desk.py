"""The warning ladder at the desk: what a case offers, two people for each step, reviews, and taking over (E-10)."""

import re

import pytest
from sample_desk import KEYS, MINUTE, PASSWORD, SampleDesk, abuse, standing
from sample_posts import house

from bot.desk.passwords import hash_password
from bot.model import CaseState, DispatchState, Finding, Lane, Role
from bot.model.ladder import Step
from bot.protect import ladder as machine
from bot.review import rungs
from bot.store import cases, dispatches, drafts, mentions, status, users
from bot.store import ladder as rows

RUDE = "@fjordfon_hilft Du bist echt eine Vollkatastrophe. Zugesagt waren 20 Euro!"
HARSH = "@fjordfon_hilft Euer Tarif ist der letzte Dreck, so ein Scheißrouter!"
WORD = "Vollkatastrophe"
HANDLE = "kaffee_und_kabel"


@pytest.fixture
def case_id(desk: SampleDesk) -> int:
    return rude(desk)


def rude(desk: SampleDesk, text: str = RUDE, **more: object) -> int:
    found = (abuse(text, WORD),) if WORD in text else (Finding("abuse", "2", "profanity", 800),)
    return desk.hear(text, lane=Lane.ABUSE, findings=found, reason="abuse de.insult 870", **more)


def add_person(desk: SampleDesk, name: str, role: Role) -> None:
    with desk.stores().write() as tx:
        desk.people[name] = users.add(
            tx,
            name=name,
            role=role,
            initials=name[:2].upper(),
            password_hash=hash_password(PASSWORD),
            trained=False,
            at=desk.clock.now(),
        )


def panel(client, case_id: int) -> str:
    page = client.get(f"/case/{case_id}").text
    start = page.find('class="panel ladder"')
    return "" if start < 0 else page[start : page.index("</section>", start)]


def ladder_of(desk: SampleDesk, case_id: int):
    case = cases.by_id(desk.stores(), case_id)
    return rows.of_author(desk.stores(), KEYS.author(case["platform"], case["author_id"]))


def step(desk: SampleDesk, case_id: int) -> Step:
    return machine.step_of(ladder_of(desk, case_id), desk.clock.now())


def approve(desk: SampleDesk, client, case_id: int) -> None:
    """Approve the warning in the composer as it stands there, over a fresh look at the post."""
    draft, now = desk.draft(case_id), desk.clock.now()
    with desk.stores().write() as tx:
        mention = mentions.by_id(tx, draft["mention_id"])
        status.put(tx, mention["id"], standing(mention["text_hash"], now - 20_000))
    told = {"version": draft["version"], "text": draft["text"]}
    assert client.post(f"/draft/{draft['id']}/approve?lane=abuse", data=told).status_code == 303


def deliver(desk: SampleDesk, case_id: int) -> None:
    """What dispatch does once the reply stands in public."""
    row = dispatches.of_case(desk.stores(), case_id)[-1]
    assert row["state"] == DispatchState.QUEUED
    now = desk.clock.now()
    with desk.stores().write() as tx:
        sent = {"sent_at": now, "remote_id": f"r{row['id']}"}
        dispatches.set_state(tx, row["id"], DispatchState.QUEUED, DispatchState.SENT, now, **sent)
        drafts.set_state(tx, row["draft_id"], "done", now)
        cases.follow(tx, case_id, CaseState.SENT, now)
        rungs.delivered(tx, house(desk), row["draft_id"], now)


def climb(desk: SampleDesk, alice, bob, times: int) -> int:
    """So many warnings through the desk, each for a new post in a thread of its own; returns the last case."""
    case_id = 0
    for number in range(times):
        desk.clock.advance(30 * MINUTE)
        desk.beat()
        case_id = rude(desk, f"{RUDE} {number}", age_ms=0, thread=f"t{number}")
        assert alice.post(f"/ladder/case/{case_id}/warn").status_code == 303
        approve(desk, alice, case_id)
        approve(desk, bob, case_id)
        deliver(desk, case_id)
        desk.clock.advance(1_000)
    return case_id


def test_an_attack_on_a_person_offers_the_first_warning_and_a_plain_form_prepares_it(desk, alice, case_id):
    shown = panel(alice, case_id)
    assert "No warning" in shown
    assert "Prepare: First warning" in shown
    answer = alice.post(f"/ladder/case/{case_id}/warn")
    page = alice.get(answer.location).text
    assert "The standard text is in the reply" in page
    draft = desk.draft(case_id)
    assert (draft["step"], draft["written_by"]) == ("w1", desk.people["alice"])
    assert draft["text"].endswith("^AB")
    assert "warning-1-" in page
    assert "proposed by ^AB" in panel(alice, case_id)
    assert step(desk, case_id) is Step.NONE


def test_swearing_at_a_product_is_never_offered_a_warning(desk, alice):
    case_id = rude(desk, HARSH)
    shown = panel(alice, case_id)
    assert "Anger at a product or at us is never warned." in shown
    assert "Prepare" not in shown
    assert alice.post(f"/ladder/case/{case_id}/warn").status_code == 409
    assert ladder_of(desk, case_id).rungs == ()


def test_no_other_lane_shows_a_ladder_for_somebody_who_was_never_warned(desk, alice):
    assert panel(alice, desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?")) == ""


def test_one_person_proposes_and_approves_a_second_one_makes_it_leave(desk, alice, bob, case_id):
    alice.post(f"/ladder/case/{case_id}/warn")
    approve(desk, alice, case_id)
    assert cases.by_id(desk.stores(), case_id)["state"] == CaseState.WAITING
    approve(desk, bob, case_id)
    assert cases.by_id(desk.stores(), case_id)["state"] == CaseState.OUTBOX
    deliver(desk, case_id)
    assert step(desk, case_id) is Step.W1
    shown = panel(alice, case_id)
    assert "in public" in shown
    assert "Nothing new has happened since the last warning could be read." in shown


def test_a_form_sent_twice_proposes_once(desk, alice, case_id):
    page = alice.get(f"/case/{case_id}").text
    key = re.search(rf'/ladder/case/{case_id}/warn[^>]*><input type="hidden" name="key" value="([^"]+)"', page)[1]
    assert [alice.post(f"/ladder/case/{case_id}/warn", data={"key": key}).status_code for _ in range(2)] == [303, 303]
    assert len(ladder_of(desk, case_id).rungs) == 1


def test_a_proposal_is_taken_back_with_one_click(desk, alice, case_id):
    alice.post(f"/ladder/case/{case_id}/warn")
    assert "Take the proposal back" in panel(alice, case_id)
    alice.post(f"/ladder/case/{case_id}/drop")
    assert ladder_of(desk, case_id).rungs == ()
    assert desk.draft(case_id) is None or desk.draft(case_id)["step"] == ""
    assert "Prepare: First warning" in panel(alice, case_id)


def test_who_has_the_case_in_hand_is_not_passed_by(desk, alice, bob, case_id):
    bob.post(f"/case/{case_id}/open")
    assert "Somebody else works on this case." in panel(alice, case_id)
    assert alice.post(f"/ladder/case/{case_id}/warn").status_code == 409


def test_after_the_third_the_case_says_closed_and_a_senior_who_took_part_has_no_vote(desk, alice, bob):
    case_id = climb(desk, alice, bob, 3)
    shown = panel(alice, case_id)
    assert "We do not write to this person any more" in shown
    assert "Prepare" not in shown
    page = bob.get("/ladder").text
    assert f"@{HANDLE}" in page
    assert "You took part in one of the warnings. Somebody else decides." in page
    assert 'name="outcome"' not in page
    assert alice.get("/ladder").status_code == 403
    assert alice.post("/ladder/review/1", data={"outcome": "reopen"}).status_code == 403
    assert bob.post("/ladder/review/1", data={"outcome": "reopen"}).status_code == 403


def test_two_uninvolved_seniors_reopen_and_the_page_says_so(desk, alice, bob, browse):
    case_id = climb(desk, alice, bob, 3)
    for name in ("carla", "vera"):
        add_person(desk, name, Role.SENIOR)
    carla, vera = browse("carla"), browse("vera")
    assert carla.post("/ladder/review/1", data={"outcome": "perhaps"}).status_code == 400
    assert carla.post("/ladder/review/1", data={"outcome": "reopen"}).status_code == 303
    assert "A second senior must agree" in carla.get("/ladder").text
    assert step(desk, case_id) is Step.CLOSED
    assert "^CA: Reopen" in vera.get("/ladder").text
    vera.post("/ladder/review/1", data={"outcome": "reopen"})
    assert step(desk, case_id) is Step.NONE
    assert "Nobody is closed, and no review is open" in vera.get("/ladder").text


def test_a_review_shows_its_deadline_and_the_rail_how_many_wait(desk, alice, bob):
    climb(desk, alice, bob, 3)
    page = bob.get("/ladder").text
    assert "days left" in page or "day left" in page
    rail = bob.get("/").text
    assert re.search(r'href="/ladder"[^<]*<svg.*?Closed conversations<span class="num">1<', rail, re.DOTALL)
    assert 'href="/ladder"' not in alice.get("/").text


@pytest.mark.parametrize("outcome", ["report", "legal"])
def test_a_review_that_asks_for_a_report_stays_due_until_somebody_notes_its_receipt(desk, alice, bob, browse, outcome):
    climb(desk, alice, bob, 3)
    add_person(desk, "carla", Role.SENIOR)
    carla = browse("carla")
    carla.post("/ladder/review/1", data={"outcome": outcome})
    assert "Receipt or file number" in carla.get("/ladder").text
    rail = re.search(r'href="/ladder".*?class="num">(.)<', carla.get("/").text, re.DOTALL)
    assert rail is not None
    assert rail[1] == "1", "it is still to be done"
    assert carla.post("/ladder/review/1/followed", data={"receipt": "  "}).status_code == 409
    assert alice.post("/ladder/review/1/followed", data={"receipt": "AZ 7"}).status_code == 403
    carla.post("/ladder/review/1/followed", data={"receipt": "AZ 7/2026"})
    page = carla.get("/ladder").text
    assert "AZ 7/2026" in page
    assert "Receipt or file number" not in page
    assert carla.post("/ladder/review/1/followed", data={"receipt": "AZ 8"}).status_code == 409, "once"
    assert re.search(r'href="/ladder".*?class="num">–<', carla.get("/").text, re.DOTALL)


def test_a_storm_stops_the_offer_until_it_is_over(desk, alice, bob, case_id):
    told = bob.post("/incidents/new", data={"kind": "storm", "valid_from": "2026-01-01T00:00"})
    assert "Many are angry about the same." in panel(alice, case_id)
    bob.post(f"{told.location.partition('?')[0]}/end", data={"version": "1"})
    assert "Prepare: First warning" in panel(alice, case_id)


def test_somebody_else_withdraws_with_an_apology_in_the_composer(desk, alice, bob):
    case_id = climb(desk, alice, bob, 1)
    assert "Withdraw with an apology" not in panel(alice, case_id)
    assert "Withdraw with an apology" in panel(bob, case_id)
    assert alice.post(f"/ladder/case/{case_id}/withdraw", data={"reason": "x"}).status_code == 403
    answer = bob.post(f"/ladder/case/{case_id}/withdraw", data={"reason": "Galt nicht uns"})
    assert "The apology is in the reply" in bob.get(answer.location).text
    assert desk.draft(case_id)["step"] == "apology"
    assert step(desk, case_id) is Step.NONE
    assert "withdrawn" in panel(alice, case_id)


def test_an_appeal_opens_a_review(desk, alice, bob):
    case_id = climb(desk, alice, bob, 1)
    assert "The author objects: have it reviewed" in panel(alice, case_id)
    alice.post(f"/ladder/case/{case_id}/appeal")
    assert "the author objects" in bob.get("/ladder").text
    assert "have it reviewed" not in panel(alice, case_id)


def test_an_uninvolved_senior_resets(desk, alice, bob, browse):
    case_id = climb(desk, alice, bob, 1)
    add_person(desk, "carla", Role.SENIOR)
    carla = browse("carla")
    assert "Reset all warnings" not in panel(bob, case_id)
    assert "Reset all warnings" in panel(carla, case_id)
    assert bob.post(f"/ladder/case/{case_id}/reset").status_code == 403
    carla.post(f"/ladder/case/{case_id}/reset")
    assert step(desk, case_id) is Step.NONE


def test_the_panel_never_shows_a_word_of_the_attack(desk, alice, bob):
    case_id = climb(desk, alice, bob, 3)
    assert WORD not in panel(alice, case_id)
    assert WORD not in bob.get("/ladder").text


def test_in_german_every_sentence_is_german(desk, alice, bob):
    case_id = climb(desk, alice, bob, 3)
    desk.stores().connection.execute("UPDATE users SET language = 'de'")
    shown, page = panel(alice, case_id), bob.get("/ladder").text
    assert "Warnleiter" in shown
    assert "Wir schreiben dieser Person nicht mehr" in shown
    assert "Beendete Gespräche" in page
    assert "Du warst an einer der Warnungen beteiligt" in page


def test_anybody_at_the_desk_takes_over_with_one_button_and_no_reason(desk, alice, bob):
    case_id = desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?")
    bob.post(f"/case/{case_id}/open")
    draft = desk.draft(case_id)
    told = {"version": draft["version"], "text": "Ich sehe gerade nach"}
    bob.post(f"/draft/{draft['id']}/save", data=told)
    page = alice.get(f"/case/{case_id}").text
    assert f'action="/case/{case_id}/take-over' in page
    assert 'data-key="t"' in page
    answer = alice.post(f"/case/{case_id}/take-over")
    page = alice.get(answer.location).text
    assert "Ich sehe gerade nach" in page
    assert "The draft is as your colleague left it" in page
    assert cases.by_id(desk.stores(), case_id)["claimed_by"] == desk.people["alice"]
    told = {"version": draft["version"] + 1, "text": "Doch nicht"}
    assert bob.post(f"/draft/{draft['id']}/save", data=told).status_code == 409
    assert "taken_over" in [event["kind"] for event in cases.events(desk.stores(), case_id)]


def test_taking_over_is_not_for_guests(desk, browse, bob):
    case_id = desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?")
    bob.post(f"/case/{case_id}/open")
    assert browse("charlie").post(f"/case/{case_id}/take-over").status_code == 403
