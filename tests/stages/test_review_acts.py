"""What people may do with a case: roles, versions, claims and reasons, each act with its trace."""

import pytest
from tents import HouseInATent, post

from bot.errors import EarshotError, GateRefused, NotAllowed, Stale
from bot.model import CaseState, DispatchState, Lane, Priority
from bot.review import acts, outgoing
from bot.store import cases, dispatches, drafts, opt_outs

QUESTION = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


@pytest.fixture
def asked(tent: HouseInATent) -> HouseInATent:
    tent.hear(post("1", "kim", QUESTION))
    return tent


def act(tent: HouseInATent, name: str, user: str = "alice", **more: object) -> object:
    """One act of a person, in a transaction of its own."""
    room = acts if hasattr(acts, name) else outgoing
    with tent.store.write() as tx:
        first = (tx, tent.wiring.house(tx)) if name in _NEED_HOUSE else (tx,)
        subject = more.pop("on", None)
        about = first if subject is None else (*first, subject)
        return getattr(room, name)(*about, user=tent.user(user), now=tent.clock.now(), **more)


_NEED_HOUSE = {
    "approve", "release", "escalate", "opt_out", "lift_opt_out", "answer_once", "stop", "lift_stop", "retract",
    "resolve", "reject", "close", "change_lane", "cancel",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("approve", {"on": 1, "version": 1, "text": ANSWER}),
        ("save", {"on": 1, "version": 1, "text": ANSWER}),
        ("release", {"on": 1, "rule": "C-12", "reason": "x"}),
        ("reject", {"on": 1, "version": 1, "reason": "x"}),
        ("close", {"on": 1, "reason": "duplicate"}),
        ("change_lane", {"on": 1, "lane": Lane.PRAISE}),
        ("escalate", {"on": 1, "lane": Lane.THREAT}),
        ("cancel", {"on": 1}),
        ("retry", {"on": 1}),
        ("resolve", {"on": 1, "sent": True}),
        ("retract", {"on": 1, "reason": "x"}),
        ("stop", {"reason": "x"}),
        ("lift_stop", {}),
        ("opt_out", {"on": 1}),
        ("lift_opt_out", {"on": 1}),
        ("answer_once", {"on": 1}),
    ],
)
def test_a_guest_may_do_nothing_at_all(asked: HouseInATent, name: str, more: dict[str, object]) -> None:
    before = asked.store.value("SELECT count(*) FROM log")
    with pytest.raises(NotAllowed):
        act(asked, name, "charlie", **more)
    assert asked.store.value("SELECT count(*) FROM log") == before


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("cancel", {"on": 99}),
        ("retry", {"on": 99}),
        ("resolve", {"on": 99, "sent": True}),
        ("retract", {"on": 99, "reason": "x"}),
        ("opt_out", {"on": 99}),
        ("close", {"on": 99, "reason": "duplicate"}),
        ("save", {"on": 99, "version": 1, "text": ANSWER}),
        ("close", {"on": 1, "reason": "keine Lust"}),
        ("reject", {"on": 1, "version": 1, "reason": "x"}),
    ],
)
def test_what_is_gone_or_makes_no_sense_is_refused_in_a_plain_sentence(
    asked: HouseInATent, name: str, more: dict[str, object]
) -> None:
    with pytest.raises(EarshotError, match=r"\.$"):
        act(asked, name, **more)


def test_saving_the_same_words_changes_nothing_and_other_words_void_what_was_approved(asked: HouseInATent) -> None:
    asked.store.connection.execute("UPDATE cases SET lane = 'abuse'")
    assert asked.approve("kim", ANSWER).kind == "waiting"
    draft = drafts.open_of_case(asked.store, 1)
    assert draft is not None
    assert act(asked, "save", on=draft["id"], version=draft["version"], text=ANSWER) == draft["version"]
    assert len(drafts.approvals(asked.store, draft["id"])) == 1
    act(asked, "save", on=draft["id"], version=draft["version"], text=f"Hallo! {ANSWER}")
    assert drafts.approvals(asked.store, draft["id"]) == []
    assert asked.case("kim")["state"] == CaseState.CLAIMED


def test_a_rejected_reply_goes_back_with_the_reason_and_without_its_approval(asked: HouseInATent) -> None:
    asked.store.connection.execute("UPDATE cases SET lane = 'abuse'")
    asked.approve("kim", ANSWER)
    draft = drafts.open_of_case(asked.store, 1)
    assert draft is not None
    act(asked, "reject", "bob", on=draft["id"], version=draft["version"], reason="zu kühl")
    assert asked.case("kim")["state"] == CaseState.NEW
    assert "zu kühl" in [event["note"] for event in cases.events(asked.store, 1)]
    assert drafts.approvals(asked.store, draft["id"]) == []


def test_approving_twice_queues_once(asked: HouseInATent) -> None:
    draft = asked.open("kim")
    act(asked, "approve", on=draft["id"], version=draft["version"], text=ANSWER)
    with pytest.raises(Stale):
        act(asked, "approve", on=draft["id"], version=draft["version"], text=ANSWER)
    assert asked.store.value("SELECT count(*) FROM dispatches") == 1


def test_a_case_on_its_way_out_cannot_be_closed_and_stays_queued(asked: HouseInATent) -> None:
    verdict = asked.approve("kim", ANSWER)
    with pytest.raises(Stale):
        act(asked, "close", on=1, reason="duplicate")
    row = dispatches.by_id(asked.store, verdict.dispatch_id or 0)
    assert row is not None
    assert row["state"] == DispatchState.QUEUED


def test_a_flag_goes_to_the_threat_lane_at_once_takes_the_reply_back_and_offers_no_prepared_words(
    asked: HouseInATent,
) -> None:
    asked.approve("kim", ANSWER)
    act(asked, "escalate", on=1, lane=Lane.THREAT)
    case = asked.case("kim")
    assert (case["lane"], case["state"], case["priority"]) == (Lane.THREAT, CaseState.ESCALATED, Priority.HIGH)
    assert asked.store.value("SELECT state FROM dispatches") == DispatchState.CANCELLED
    assert [entry["step"] for entry in asked.entries("THREAT")] == ["opened", "flagged"]


@pytest.mark.parametrize("lane", [Lane.THREAT, Lane.CRISIS])
def test_an_untouched_draft_goes_when_a_person_moves_the_case_to_a_lane_of_own_words(
    asked: HouseInATent, lane: Lane
) -> None:
    assert drafts.open_of_case(asked.store, 1) is not None
    act(asked, "change_lane", on=1, lane=lane)
    assert drafts.open_of_case(asked.store, 1) is None


def test_a_colleague_may_cancel_too_and_the_words_stay(asked: HouseInATent) -> None:
    verdict = asked.approve("kim", ANSWER)
    act(asked, "cancel", "bob", on=verdict.dispatch_id)
    assert asked.store.value("SELECT state FROM dispatches") == DispatchState.CANCELLED
    draft = drafts.open_of_case(asked.store, 1)
    assert draft is not None
    assert (draft["state"], draft["text"]) == ("open", ANSWER)
    with pytest.raises(Stale):
        act(asked, "cancel", "bob", on=verdict.dispatch_id)


@pytest.mark.parametrize("reason", ["", "   "])
def test_taking_back_and_releasing_need_a_reason(asked: HouseInATent, reason: str) -> None:
    verdict = asked.approve("kim", ANSWER)
    asked.clock.advance(10_000)
    asked.send()
    with pytest.raises(Stale, match="why"):
        act(asked, "retract", on=verdict.dispatch_id, reason=reason)
    assert len(asked.said()) == 1
    asked.hear(post("2", "kim", QUESTION, root="1"))
    asked.clock.advance(8 * 86_400_000)
    draft = asked.open("kim")
    with pytest.raises(GateRefused, match="reason"):
        act(asked, "release", on=draft["id"], rule="C-12", reason=reason)


def test_after_an_opt_out_nothing_is_approved_until_it_is_lifted_or_one_answer_allowed(asked: HouseInATent) -> None:
    act(asked, "opt_out", on=1)
    act(asked, "opt_out", on=1)
    key = asked.wiring.keys.author("replay", "kim")
    assert opt_outs.standing(asked.store, key) is not None
    assert asked.approve("kim", ANSWER).kind == "denied"
    act(asked, "lift_opt_out", on=1)
    assert opt_outs.standing(asked.store, key) is None
    assert asked.approve("kim", ANSWER).kind == "queued"
    assert [entry["step"] for entry in asked.entries("OPT_OUT")] == ["set", "set", "lifted"]


def test_a_claim_let_go_is_free_for_the_next_person(asked: HouseInATent) -> None:
    asked.open("kim")
    with asked.store.write() as tx:
        acts.let_go(tx, 1, asked.user("bob"), asked.clock.now())
    assert asked.case("kim")["state"] == CaseState.CLAIMED, "only the holder lets go"
    with asked.store.write() as tx:
        acts.let_go(tx, 1, asked.user("alice"), asked.clock.now())
    assert asked.case("kim")["state"] == CaseState.NEW
    asked.open("kim", "bob")


def test_an_agent_cannot_move_a_case_out_of_a_shielded_lane(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Ich bringe euren Techniker um, wenn er morgen kommt."))
    case_id = tent.case("kim")["id"]
    with pytest.raises(NotAllowed), tent.store.write() as tx:
        acts.change_lane(
            tx, tent.wiring.house(tx), case_id, lane=Lane.HELP, user=tent.user("alice"), now=tent.clock.now()
        )
    with pytest.raises(NotAllowed), tent.store.write() as tx:
        acts.close(
            tx,
            tent.wiring.house(tx),
            case_id,
            reason="no_reply_needed",
            user=tent.user("alice"),
            now=tent.clock.now(),
        )
    with tent.store.write() as tx:
        acts.change_lane(
            tx, tent.wiring.house(tx), case_id, lane=Lane.HELP, user=tent.user("bob"), now=tent.clock.now()
        )
    assert tent.case("kim")["lane"] == Lane.HELP
    assert [entry["step"] for entry in tent.entries("THREAT")] == ["opened", "decided", "moved to help"]


def test_an_approval_on_a_page_from_before_an_edit_is_stale(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    draft = tent.open("kim")
    tent.hear(post("1", "kim", "@fjordfon_hilft danke, alles super, ihr seid die Besten!"))
    with pytest.raises(Stale), tent.store.write() as tx:
        acts.approve(
            tx,
            tent.wiring.house(tx),
            draft["id"],
            version=draft["version"],
            text=ANSWER,
            user=tent.user("alice"),
            now=tent.clock.now(),
        )
    assert tent.store.value("SELECT count(*) FROM dispatches") == 0


def test_whoever_does_not_hold_the_case_cannot_approve_it(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    draft = tent.open("kim", "bob")
    with pytest.raises(Stale, match="Somebody else"), tent.store.write() as tx:
        acts.approve(
            tx,
            tent.wiring.house(tx),
            draft["id"],
            version=draft["version"],
            text=ANSWER,
            user=tent.user("alice"),
            now=tent.clock.now(),
        )


def test_a_reply_that_is_called_back_has_its_entry(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    verdict = tent.approve("kim", ANSWER)
    with tent.store.write() as tx:
        outgoing.cancel(
            tx, tent.wiring.house(tx), verdict.dispatch_id or 0, user=tent.user("alice"), now=tent.clock.now()
        )
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.hear(post("2", "kim", "@fjordfon_hilft hat sich erledigt", in_reply_to="1", root="1"))
    told = [(entry["result"], entry.get("cause")) for entry in tent.entries("SEND_RESULT")]
    assert told == [("cancelled", None), ("cancelled", "post_changed")]


def test_what_nobody_assessed_gets_no_draft_and_needs_two_people(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    with tent.store.write() as tx:
        tx.run("UPDATE cases SET not_assessed = 1")
    assert tent.approve("kim", ANSWER).kind == "waiting"
    assert tent.approve("kim", ANSWER, "bob").kind == "queued"
