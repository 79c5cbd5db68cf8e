"""Shifts at the desk: banners, the handover, solo shifts behind a fresh password, people in training."""

import re

import pytest
from sample_desk import MINUTE, SampleDesk

from bot.config.canonical import to_json, version_of
from bot.config.models import ConfigSet
from bot.config.roster import Colleague, Roster, Turn
from bot.model import CaseState, Lane, Role
from bot.protect import solo
from bot.store import cases, drafts, shifts, users
from bot.store import house as house_rows

QUESTION = "@fjordfon_hilft Wann kommt der Techniker nach Wik?"
PROMISE = "Das tut uns leid. Wir erstatten dir den Monat. ^AB"
HOUR = 60 * MINUTE
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PAGES = ("/", "/handover", "/account", "/rules")


def take_into_force(desk: SampleDesk, **changes: object) -> ConfigSet:
    config = desk.config.model_copy(update=changes)
    body = to_json(config)
    with desk.stores().write() as tx:
        house_rows.add_config(tx, version_of(body), body, desk.clock.now())
    return config


def on_call(begins: str, ends: str) -> Roster:
    line = Turn(duties=("threat", "desk"), days=DAYS, begins=begins, ends=ends, person="Kim Berg")
    return Roster(people=(Colleague(name="Kim Berg", channels=("EARSHOT_PAGE_KIM",)),), weekly=(line,))


def state(desk: SampleDesk, case_id: int) -> str:
    return str(cases.by_id(desk.stores(), case_id)["state"])


# on call ----------------------------------------------------------------------------------------------


def test_nobody_on_call_is_a_banner_on_every_page_until_somebody_is(desk, alice):
    for path in PAGES:
        assert "Nobody is on call" not in alice.get(path).text, "without a roster nobody is missed"
    take_into_force(desk, roster=on_call("18:00", "08:00"))  # the desk's clock says 16:13 in Berlin
    for path in PAGES:
        assert "Nobody is on call: Threats, The desk." in alice.get(path).text
    desk.clock.advance(2 * HOUR)
    desk.beat()
    for path in PAGES:
        assert "Nobody is on call" not in alice.get(path).text


def test_the_handover_says_who_is_on_call_until_when(desk, alice):
    assert "There is no roster." in alice.get("/handover").text
    take_into_force(desk, roster=on_call("12:00", "20:00"))
    assert re.search(r"Threats</dt><dd><bdi>Kim Berg</bdi>, until today, 20:00", alice.get("/handover").text)


# handing over -----------------------------------------------------------------------------------------


def test_one_button_gives_back_what_is_in_the_leavers_hands_and_nothing_of_others(desk, alice, bob):
    mine, also, theirs = (desk.hear(QUESTION, handle=handle) for handle in ("anna", "berta", "carl"))
    for case_id in (mine, also):
        alice.post(f"/case/{case_id}/open")
    bob.post(f"/case/{theirs}/open")
    page = alice.get("/handover").text
    assert "Give all 2 back" in page
    own, others = page.split("In other hands at the desk")
    assert (f"/case/{mine}" in own, f"/case/{theirs}" in own, f"/case/{theirs}" in others) == (True, False, True)
    assert "^KM" not in page, "the list names cases, not who has how many"
    assert alice.post("/handover/leave").location == "/handover?told=left"
    assert [state(desk, case_id) for case_id in (mine, also, theirs)] == ["new", "new", "claimed"]
    assert "Nothing. You can leave." in alice.get("/handover?told=left").text


def test_a_claim_whose_time_ran_out_is_given_back_as_well(desk, alice):
    case_id = desk.hear(QUESTION)
    alice.post(f"/case/{case_id}/open")
    desk.clock.advance(20 * MINUTE)
    assert "Give this case back" in alice.get("/handover").text
    alice.post("/handover/leave")
    assert state(desk, case_id) == "new"


def test_a_word_for_the_next_shift_is_read_by_all_and_cannot_break_the_page(desk, alice, bob):
    alice.post("/handover/note", data={"text": "Kiel <b>gestört</b>\r\nbis 20 Uhr", "key": "k" * 20})
    alice.post("/handover/note", data={"text": "Kiel <b>gestört</b>\r\nbis 20 Uhr", "key": "k" * 20})
    page = bob.get("/handover").text
    assert page.count("Kiel &lt;b&gt;gestört&lt;/b&gt;\nbis 20 Uhr") == 1, "sent twice is kept once"
    assert "^AB, today, 16:13" in page
    desk.clock.advance(3 * 24 * HOUR + MINUTE)
    assert "gestört" not in bob.get("/handover", follow_redirects=True).text


def test_an_empty_word_and_an_unknown_case_are_told_and_nothing_is_kept(desk, alice):
    assert alice.post("/handover/note", data={"text": " \n"}).location == "/handover?missing=text"
    assert "There is no word in it yet." in alice.get("/handover?missing=text").text
    for number in ("999", "abc", "9" * 30, "-1"):
        answer = alice.post("/handover/note", data={"text": "Rückruf", "case": number})
        assert answer.location == "/handover?missing=case"
    assert "There is no case of this number." in alice.get("/handover?missing=case").text
    assert desk.stores().value("SELECT count(*) FROM handover_notes") == 0


def test_a_promise_about_a_case_stays_until_somebody_ticks_it_off(desk, alice, bob):
    case_id = desk.hear(QUESTION)
    alice.post("/handover/note", data={"text": "Melden uns bis 18 Uhr", "case": str(case_id)})
    desk.clock.advance(10 * MINUTE)
    promised = bob.get("/handover").text.split("Promised and still open")[1].split("For the next shift")[0]
    assert "Melden uns bis 18 Uhr" in promised
    (row,) = shifts.promises(desk.stores())
    assert bob.post(f"/handover/promises/{row['id']}/kept").location == "/handover?told=promise_kept"
    assert bob.post(f"/handover/promises/{row['id']}/kept").status_code == 409
    assert "Melden uns bis 18 Uhr" not in alice.get("/handover").text


def test_a_promise_goes_with_its_case(desk, alice):
    case_id = desk.hear(QUESTION)
    alice.post("/handover/note", data={"text": "Rückruf", "case": str(case_id)})
    with desk.stores().write() as tx:
        tx.run("DELETE FROM drafts WHERE case_id = :id", id=case_id)
        tx.run("DELETE FROM mentions WHERE case_id = :id", id=case_id)
        tx.run("DELETE FROM cases WHERE id = :id", id=case_id)
    assert desk.stores().value("SELECT count(*) FROM handover_notes") == 0


# solo -------------------------------------------------------------------------------------------------


def open_shift(desk, bob) -> None:
    assert bob.post("/solo", data={"hours": "8", "reason": "Nachtschicht"}).location == "/solo?told=solo_began"
    desk.beat()


def test_a_solo_shift_takes_a_senior_a_reason_and_a_fresh_password(desk, alice, bob):
    assert alice.post("/solo", data={"hours": "8", "reason": "x"}).status_code == 403
    assert bob.post("/solo", data={"hours": "8", "reason": " "}).location == "/solo?missing=1"
    assert "Say in a few words why" in bob.get("/solo?missing=1").text
    assert bob.post("/solo", data={"hours": "48", "reason": "x"}).location == "/solo?missing=1"
    desk.clock.advance(11 * MINUTE)
    assert bob.post("/solo", data={"hours": "8", "reason": "x"}).location == "/confirm?next=/solo"
    assert shifts.not_closed(desk.stores()) is None


def test_an_open_solo_shift_shows_on_every_page_and_ends_by_itself_or_by_anybody(desk, alice, bob):
    open_shift(desk, bob)
    for path in (*PAGES, "/outbox", "/ledger", "/solo"):
        assert "Solo shift until 00:13." in alice.get(path).text
    assert alice.post("/solo/end").location == "/solo?told=solo_ended"
    assert "Solo shift until" not in alice.get("/").text
    open_shift(desk, bob)
    with desk.stores().write() as tx:
        tx.run("UPDATE solo_shifts SET until = :soon WHERE ended_at IS NULL", soon=desk.clock.now() + 1)
    desk.clock.advance(1)
    assert "Solo shift until" not in alice.get("/").text, "also before the worker has closed it"


def test_alone_the_writer_is_offered_the_release_and_elsewhere_not(desk, alice, bob):
    case_id = desk.hear(QUESTION)
    alice.post(f"/case/{case_id}/open")
    draft = desk.draft(case_id)
    assert alice.post(f"/draft/{draft['id']}/save", data={"version": draft["version"], "text": PROMISE})
    assert 'name="rule" value="C-32"' not in alice.get(f"/case/{case_id}").text
    open_shift(desk, bob)
    assert 'name="rule" value="C-32"' in alice.get(f"/case/{case_id}").text
    answer = alice.post(f"/draft/{draft['id']}/release", data={"rule": "C-32", "reason": "Störung bestätigt"})
    assert answer.status_code == 303
    version = drafts.by_id(desk.stores(), draft["id"])["version"]
    sent = alice.post(f"/draft/{draft['id']}/approve", data={"version": version, "text": PROMISE})
    assert "told=queued" in sent.location
    assert state(desk, case_id) == CaseState.OUTBOX


def test_with_four_eyes_always_the_writers_own_approval_is_what_they_release_alone(desk, alice, bob):
    take_into_force(desk, brand=desk.config.brand.model_copy(update={"four_eyes": "always"}))
    case_id = desk.hear(QUESTION)
    alice.post(f"/case/{case_id}/open")
    assert 'name="rule" value="C-13"' not in alice.get(f"/case/{case_id}").text
    open_shift(desk, bob)
    draft = desk.draft(case_id)
    text = "Danke für die Nachricht. Der Techniker kommt, sobald die Straße frei ist. ^AB"
    alice.post(f"/draft/{draft['id']}/save", data={"version": draft["version"], "text": text})
    assert 'name="rule" value="C-13"' in alice.get(f"/case/{case_id}").text
    alice.post(f"/draft/{draft['id']}/release", data={"rule": "C-13", "reason": "allein im Dienst"})
    version = drafts.by_id(desk.stores(), draft["id"])["version"]
    sent = alice.post(f"/draft/{draft['id']}/approve", data={"version": version, "text": text})
    assert "told=queued" in sent.location


def test_what_was_let_pass_is_looked_at_by_somebody_else_and_the_list_names_nobody(desk, alice, bob):
    open_shift(desk, bob)
    case_id = desk.hear(QUESTION)
    with desk.stores().write() as tx:
        user, now = desk.user("alice"), desk.clock.now()
        solo.note_release(tx, case_id=case_id, rule="C-32", seq=1, user=user, now=now)
    alice.post("/solo/end")
    own, other = alice.get("/solo").text, bob.get("/solo").text
    assert "Nothing waits for you." in own
    assert "Right as it was" in other
    passed = other.split("Released alone, last 30 days")[1].split("</section>")[0]
    assert "^AB" not in passed
    assert "Promise is covered" in passed
    (row,) = shifts.to_review(desk.stores())
    assert alice.post(f"/solo/releases/{row['id']}/review", data={"outcome": "right"}).status_code == 403
    assert bob.post(f"/solo/releases/{row['id']}/review", data={"outcome": "wrong"}).location.endswith("solo_reviewed")
    assert "Should not have left" in alice.get("/solo").text


# in training ------------------------------------------------------------------------------------------


@pytest.fixture
def dora(browse):
    return browse("dora")


def write(desk, client, case_id: int, text: str):
    client.post(f"/case/{case_id}/open")
    draft = desk.draft(case_id)
    return draft, client.post(f"/draft/{draft['id']}/hand-on", data={"version": draft["version"], "text": text})


def test_a_trainee_writes_and_hands_on_and_somebody_else_approves(desk, dora, alice):
    case_id = desk.hear(QUESTION)
    draft, answer = write(desk, dora, case_id, "Danke für die Nachricht. Wir fragen beim Einsatz nach. ^DR")
    assert "told=waiting" in answer.location
    assert (state(desk, case_id), drafts.by_id(desk.stores(), draft["id"])["state"]) == ("waiting", "submitted")
    assert drafts.approvals(desk.stores(), draft["id"]) == []
    text = drafts.by_id(desk.stores(), draft["id"])["text"]
    version = drafts.by_id(desk.stores(), draft["id"])["version"]
    assert dora.post(f"/draft/{draft['id']}/approve", data={"version": version, "text": text}).status_code == 403
    alice.post(f"/case/{case_id}/open")
    sent = alice.post(f"/draft/{draft['id']}/approve", data={"version": version, "text": text})
    assert "told=queued" in sent.location


def test_a_trainees_promise_waits_for_two_others(desk, dora, alice, bob):
    case_id = desk.hear(QUESTION)
    draft, _ = write(desk, dora, case_id, PROMISE)
    version = drafts.by_id(desk.stores(), draft["id"])["version"]
    alice.post(f"/case/{case_id}/open")
    assert 'name="rule" value="C-32"' not in alice.get(f"/case/{case_id}").text
    first = alice.post(f"/draft/{draft['id']}/approve", data={"version": version, "text": PROMISE})
    assert "told=waiting" in first.location
    bob.post(f"/case/{case_id}/open")
    second = bob.post(f"/draft/{draft['id']}/approve", data={"version": version, "text": PROMISE})
    assert "told=queued" in second.location


def test_the_page_offers_a_trainee_only_what_they_may_do(desk, dora):
    case_id = desk.hear(QUESTION)
    dora.post(f"/case/{case_id}/open")
    page = dora.get(f"/case/{case_id}").text
    assert "hand-on" in page
    assert "Somebody else approves" in page
    offered = set(re.findall(r'(?:form)?action="(/[^"?]*)', page)) | set(re.findall(r'href="(/[^"?#]*)', page))
    closed = ("/approve", "/release", "/close", "/lane", "/opt-out", "/warn", "/ledger", "/outbox", "/escalations")
    assert not [path for path in offered if path.endswith(closed)], offered
    for path in {each for each in re.findall(r'href="(/[^"#]*)', page) if not each.startswith("/static")}:
        assert dora.get(path.replace("&amp;", "&")).status_code == 200, path


@pytest.mark.parametrize("lane", [Lane.CRISIS, Lane.THREAT])
def test_crises_and_threats_do_not_open_to_a_trainee_and_are_not_revealed(desk, dora, lane):
    case_id = desk.hear("@fjordfon_hilft Fliederbusch und Tee", lane=lane)
    assert dora.post(f"/case/{case_id}/open").status_code == 403
    assert dora.post(f"/case/{case_id}/reveal", data={"level": "2"}).status_code == 403
    assert "Fliederbusch" not in dora.get(f"/case/{case_id}").text
    assert "Fliederbusch" not in dora.get(f"/?lane={lane}").text


def test_a_trainee_stops_everything_and_raises_an_alarm_but_lifts_and_closes_nothing(desk, dora):
    case_id = desk.hear(QUESTION)
    assert dora.post("/stop", data={"reason": "falsche Vorlage"}).location == "/stop"
    assert dora.post("/stop/lift").status_code == 403
    dora.post(f"/case/{case_id}/escalate", data={"lane": "threat"})
    assert state(desk, case_id) == CaseState.ESCALATED


def test_a_trainee_is_never_trained_for_crises_and_no_row_can_say_so(desk):
    with desk.stores().write() as tx:
        users.set_role(tx, desk.people["bob"], Role.TRAINEE)
    assert desk.user("bob")["trained"] == 0
    with pytest.raises(Exception, match="CHECK"), desk.stores().write() as tx:
        users.set_trained(tx, desk.people["bob"], trained=True)


# the sandbox's frame ----------------------------------------------------------------------------------


def test_in_the_sandbox_every_page_says_so_and_elsewhere_none(desk, alice):
    framed = desk.app(sandbox=True).test_client()
    sign_in = {"name": "alice", "password": "fjordfon-sample-only"}
    framed.post("/sign-in", data=sign_in, headers={"Sec-Fetch-Site": "same-origin"})
    paths = ("/sign-in", "/", "/outbox", "/ledger", "/square", "/about-this-account", "/verify", "/nowhere", "/confirm")
    for path in paths:
        assert "data-sandbox=" in framed.get(path, follow_redirects=True).text, path
        assert "data-sandbox=" not in alice.get(path, follow_redirects=True).text, path
