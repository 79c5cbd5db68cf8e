"""The outbox and stop-all: countdown, cancel, plain causes, uncertain replies, taking back, two people to lift."""

import pytest
from sample_desk import MINUTE, PASSWORD
from sample_posts import approved

from bot.model import CaseState, DispatchState
from bot.store import cases, dispatches, drafts, sources
from bot.store import house as house_rows

QUESTION = "@fjordfon_hilft Wo finde ich meine Rechnung?"
REPLY = "Moin, deine Rechnung findest du hier: https://fjordfon.example/rechnung ^AB"


@pytest.fixture
def queued(desk) -> int:
    return approved(desk, desk.hear(QUESTION), REPLY).dispatch_id


def becomes(desk, dispatch_id: int, state: DispatchState, **columns) -> None:
    row = dispatches.by_id(desk.stores(), dispatch_id)
    moved = CaseState.SENT if state is DispatchState.SENT else CaseState.FAILED
    with desk.stores().write() as tx:
        dispatches.set_state(tx, dispatch_id, DispatchState.QUEUED, state, desk.clock.now(), **columns)
        cases.move(tx, row["case_id"], moved, desk.clock.now())
        if state is DispatchState.REFUSED:
            drafts.void_approvals(tx, row["draft_id"])
            drafts.set_state(tx, row["draft_id"], "open", desk.clock.now())


def test_a_queued_reply_counts_down_and_names_who_approved(desk, alice, queued, clock):
    clock.advance(3_000)
    page = alice.get("/outbox").text
    assert 'data-left="7" data-whole="10"' in page
    assert "Approved by ^AB" in page
    assert "deine Rechnung findest du hier" in page


def test_a_departure_in_the_past_is_nought_not_less(desk, alice, queued, clock):
    clock.advance(60_000)
    assert 'data-left="0"' in alice.get("/outbox").text


def test_a_reply_that_left_cannot_be_cancelled(desk, alice, queued):
    becomes(desk, queued, DispatchState.SENT, remote_id="9")
    answer = alice.post(f"/outbox/{queued}/cancel")
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.text


@pytest.mark.parametrize(
    ("cause", "headline"),
    [
        ("gate:C-07:opted out", "No opt-out, no #nobot"),
        ("gate:C-12:edited", "The post was edited."),
        ("gate:C-99:unheard of", "C-99"),
        ("gate", "The gate refused"),
        ("Gone", "The post is gone."),
        ("Unauthorised", "The platform refused our key."),
        ("EgressRefused", "Our own door refused"),
        ("Permanent", "The platform refused the reply."),
        ("not_there", "it is not there, so trying again is safe"),
        ("no_publisher", "Nobody writes for this account"),
        ("something new", "The reply did not leave."),
        ("<script>", "The reply did not leave."),
    ],
)
def test_every_cause_is_a_plain_sentence(*, desk, alice, queued, cause, headline):
    becomes(desk, queued, DispatchState.REFUSED, cause=cause)
    page = alice.get("/outbox?show=failed").text
    assert headline in page
    assert "<script>" not in page


def test_trying_again_opens_the_draft_and_asks_for_a_new_approval(desk, alice, queued):
    becomes(desk, queued, DispatchState.REFUSED, cause="not_there")
    answer = alice.post(f"/outbox/{queued}/retry")
    assert answer.status_code == 303
    page = alice.get(answer.location).text
    assert "Nobody has approved yet." in page
    assert REPLY in page


@pytest.mark.parametrize(("seen", "tab"), [("yes", "sent"), ("no", "failed")])
def test_a_senior_says_what_became_of_an_uncertain_reply(*, desk, alice, bob, queued, seen, tab):
    becomes(desk, queued, DispatchState.UNCERTAIN, cause="interrupted")
    assert "A senior looks and decides." in alice.get("/outbox?show=uncertain").text
    answer = bob.post(f"/outbox/{queued}/resolve", data={"seen": seen})
    assert answer.location == f"/outbox?show={tab}&told=resolved"
    assert b'"type":"SEND_RESULT"' in desk.stores().rows("SELECT body FROM log ORDER BY seq")[-1]["body"]


def test_a_reply_that_moderators_hold_is_theirs_to_decide(desk, alice, bob, queued):
    becomes(desk, queued, DispatchState.UNCERTAIN, cause="Held")
    for person in (alice, bob):
        page = person.get("/outbox?show=uncertain").text
        assert "waits for the platform&#39;s moderators" in page
        assert "We do not know whether" not in page
        assert "It is not there" not in page
    assert bob.post(f"/outbox/{queued}/resolve", data={"seen": "no"}).status_code == 409


def test_an_uncertain_reply_is_not_resolved_by_anything_else(desk, bob, queued):
    becomes(desk, queued, DispatchState.UNCERTAIN, cause="interrupted")
    assert bob.post(f"/outbox/{queued}/resolve", data={"seen": "perhaps"}).status_code == 400


def test_a_sent_reply_is_taken_back_with_a_reason(desk, alice, queued):
    becomes(desk, queued, DispatchState.SENT, remote_id="9", remote_url="https://x.example/9", sent_at=desk.clock.now())
    page = alice.get("/outbox?show=sent").text
    assert 'href="https://x.example/9" rel="noreferrer' in page
    assert alice.post(f"/outbox/{queued}/retract", data={"reason": " "}).status_code == 409
    answer = alice.post(f"/outbox/{queued}/retract", data={"reason": "Falscher Link"})
    assert answer.location == "/outbox?show=sent&told=retracting"
    assert "being taken back" in alice.get("/outbox?show=sent").text


def test_every_tab_says_what_comes_when_it_is_empty(alice):
    told = (
        "Nothing is leaving",
        "Everything approved has left",
        "Every attempt has an answer",
        "No reply is out there",
    )
    for tab, words in zip(("leaving", "failed", "uncertain", "sent"), told, strict=True):
        assert words in alice.get(f"/outbox?show={tab}").text


def test_stopping_needs_a_reason_and_shows_on_every_page(desk, alice, queued):
    assert alice.post("/stop", data={"reason": ""}).location == "/stop?missing=1"
    assert "Say in a few words why" in alice.get("/stop?missing=1").text
    alice.post("/stop", data={"reason": "Falsche <b>Vorlage</b>"})
    for path in ("/", "/outbox", "/ledger", "/account", "/stop"):
        page = alice.get(path).text
        assert "All replies are stopped." in page
        assert "^AB stopped them" in page
        assert "1 waits in the outbox." in page
    assert "Falsche &lt;b&gt;Vorlage" in alice.get("/stop").text
    assert "data-paused" in alice.get("/outbox").text


def test_two_different_people_lift_the_stop(desk, alice, bob):
    alice.post("/stop", data={"reason": "Probe"})
    assert alice.post("/stop/lift").location == "/stop?told=lift_asked"
    assert alice.post("/stop/lift").location == "/stop?told=lift_asked"
    assert house_rows.stop(desk.stores()) is not None
    assert "1 of 2" in bob.get("/").text
    assert bob.post("/stop/lift").location == "/stop?told=lifted"
    assert house_rows.stop(desk.stores()) is None
    assert "All replies are stopped.</strong> ^AB" not in bob.get("/").text


def test_lifting_asks_for_a_fresh_password(desk, alice, clock):
    alice.post("/stop", data={"reason": "Probe"})
    clock.advance(11 * MINUTE)
    answer = alice.post("/stop/lift")
    assert answer.location == "/confirm?next=/stop"
    assert house_rows.stop(desk.stores())["first_release_by"] is None
    assert alice.post("/confirm", data={"password": "wrong", "next": "/stop"}).status_code == 401
    assert alice.post("/confirm", data={"password": PASSWORD, "next": "/stop"}).location == "/stop"
    assert alice.post("/stop/lift").location == "/stop?told=lift_asked"


def test_the_fresh_password_does_not_lengthen_the_session(desk, alice, clock):
    ends = desk.stores().value("SELECT expires_at FROM sessions")
    clock.advance(30 * MINUTE)
    alice.post("/confirm", data={"password": PASSWORD})
    assert desk.stores().rows("SELECT expires_at FROM sessions")[0]["expires_at"] == ends


def test_somebody_elses_password_confirms_nothing(desk, alice, clock):
    clock.advance(11 * MINUTE)
    alice.post("/confirm", data={"name": "bob", "password": "wrong"})
    assert desk.user("alice")["failures"] == 1
    assert desk.user("bob")["failures"] == 0


def test_the_rail_tells_of_a_source_that_fails_that_is_quiet_and_of_posts_that_were_lost(desk, alice, clock):
    with desk.stores().write() as tx:
        for number in range(30):
            sources.fetched(tx, "samples", str(number), heard=True, at=clock.now() - 120 * MINUTE)
        sources.gap(tx, "samples", clock.now() - 90 * MINUTE, clock.now() - 30 * MINUTE, clock.now())
    page = alice.get("/").text
    assert "samples answers, but has brought nothing since" in page
    assert "samples no longer serves what was posted from" in page
    with desk.stores().write() as tx:
        sources.failed(tx, "samples", "The server does not answer.", at=clock.now(), wait_until=clock.now())
    page = alice.get("/").text
    assert "samples is silent since" in page
    assert "brought nothing" not in page


def test_a_silent_worker_is_told_on_every_page(alice, clock):
    assert "The worker is silent." not in alice.get("/").text
    clock.advance(31_000)
    page = alice.get("/").text
    assert "The worker is silent." in page
    assert "31 seconds ago" in page
