"""One answer to many: approved in one act, sent post by post through the whole gate, paced, withdrawn as a whole."""

from itertools import pairwise

import pytest
from outages import MINUTE, Outage
from tents import HouseInATent, post

from bot.errors import NotAllowed, Stale
from bot.incidents import HOUR_MS
from bot.ledger.full import compare_in_full
from bot.ledger.proof import Verdict
from bot.model import CaseState, DispatchState
from bot.review import acts, open_incidents, outgoing
from bot.review.batches import NotReady
from bot.review.open_incidents import Written
from bot.store import batches as batch_rows
from bot.store import cases, dispatches, drafts
from bot.store import house as house_rows


@pytest.fixture
def outage(tent: HouseInATent) -> Outage:
    return Outage(tent)


def pace(outage: Outage, per_hour: int, **brand: object) -> None:
    """Operators set how many replies of a batch leave in an hour."""
    config = outage.tent.config
    changed = {"batch_per_hour": per_hour, **brand}
    outage.tent.config = config.model_copy(update={"brand": config.brand.model_copy(update=changed)})
    outage.tent.wiring.apply(outage.tent.config)


def audited(outage: Outage) -> bool:
    tent = outage.tent
    tent.beat()
    found = compare_in_full(
        tent.store, tent.root / "checkpoints", [tent.wiring.keys.signer.public_key().public_bytes_raw()]
    )
    assert found.report.verdict is Verdict.OK, found.report.sentence
    return True


def test_nothing_is_prepared_approved_or_sent_by_opening_an_incident(outage: Outage) -> None:
    outage.report(3)
    outage.open()
    outage.turns(3)
    assert outage.tent.said() == []
    assert batch_rows.of_incident(outage.tent.store, outage.number) == []


def test_one_person_approves_once_and_every_post_gets_its_own_draft_decision_and_consent(outage: Outage) -> None:
    outage.report(7)
    outage.open()
    batch = outage.prepare()
    outage.turns(1)
    assert outage.tent.said() == [], "prepared is not approved"
    assert outage.approve(batch) == 7
    outage.turns(12)
    assert outage.outcomes(batch) == [DispatchState.SENT] * 7
    said = outage.tent.said()
    assert len({reply.in_reply_to for reply in said}) == 7
    assert len({reply.text for reply in said}) == 3, "three wordings take turns"
    assert all(reply.text.endswith("^AL") for reply in said)
    approvals = outage.tent.entries("APPROVAL")
    assert len({entry["draft"] for entry in approvals}) == len(approvals) == 7
    assert {entry["batch"] for entry in approvals} == {batch}
    allowed = [entry for entry in outage.tent.entries("DECISION") if entry["phase"] == "dispatch"]
    assert len({entry["draft"] for entry in allowed}) == 7
    assert audited(outage)


def test_more_than_a_burst_leaves_because_the_batch_was_asked_about_once(outage: Outage) -> None:
    pace(outage, 1800)
    burst = outage.tent.wiring.ruleset.limits.burst_replies
    outage.report(burst + 4)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    outage.turns(6)
    assert outage.outcomes(batch) == [DispatchState.SENT] * (burst + 4)
    told = [
        answer for entry in outage.tent.entries("DECISION") for answer in entry["others"] if answer["rule"] == "C-15"
    ]
    assert {(answer["outcome"], answer["code"]) for answer in told} == {("NOTE", "burst released")}


def test_replies_are_paced_as_operators_set_it_also_over_two_batches(outage: Outage) -> None:
    pace(outage, 60)
    outage.report(4)
    outage.open()
    first = outage.prepare()
    outage.approve(first)
    outage.report(3, first=4)
    outage.look()
    second = outage.prepare()
    outage.approve(second)
    due = sorted(row["due_at"] for batch in (first, second) for row in batch_rows.posts(outage.tent.store, batch))
    assert len(due) == 7
    assert all(later - earlier >= 1 for earlier, later in pairwise(due))
    assert due[6] - due[0] >= 5 * HOUR_MS // 60
    outage.turns(1)
    assert len(outage.tent.said()) == 1, "the rest waits for its turn"


def test_withdrawing_calls_back_what_is_queued_and_what_has_not_begun_and_leaves_what_is_out(outage: Outage) -> None:
    pace(outage, 240)
    outage.report(6)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    outage.turns(1)
    sent = len(outage.tent.said())
    assert 0 < sent < 6
    outage.tent.clock.advance(20_000)
    outage.tent.beat()
    outage.step()
    outage.tent.beat()
    outage.step()
    assert DispatchState.QUEUED in outage.outcomes(batch)
    outage.cancel(batch)
    outage.turns(6)
    assert len(outage.tent.said()) == sent
    assert sorted(set(outage.outcomes(batch))) == sorted({DispatchState.SENT, DispatchState.CANCELLED, "withdrawn"})
    states = [row["state"] for row in outage.tent.store.rows("SELECT state FROM cases")]
    assert states.count(CaseState.SENT) == sent
    assert states.count(CaseState.NEW) == 6 - sent
    assert [entry["step"] for entry in outage.tent.entries("INCIDENT")] == [
        "opened",
        "batch approved",
        "batch cancelled",
    ]
    assert audited(outage)
    with pytest.raises(NotReady):
        outage.cancel(batch)


def test_what_was_withdrawn_can_be_prepared_and_sent_again(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    outage.cancel(batch)
    again = outage.prepare()
    outage.approve(again)
    outage.turns(3)
    assert outage.outcomes(again) == [DispatchState.SENT] * 2
    assert audited(outage)


def test_the_end_of_the_incident_withdraws_its_answers(outage: Outage) -> None:
    outage.report(3)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    outage.end()
    outage.turns(4)
    assert outage.tent.said() == []
    assert set(outage.outcomes(batch)) == {"withdrawn"}


def test_a_post_whose_author_writes_again_drops_out_and_stands_alone(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    outage.tent.hear(post("again", "kim0", "@fjordfon_hilft Und meine Rechnung stimmt auch nicht, warum?"))
    outage.look()
    outage.turns(3)
    assert sorted(outage.outcomes(batch)) == sorted(["changed", DispatchState.SENT])
    assert outage.alone() == {"kim0"}


def test_a_person_who_takes_a_case_up_takes_it_out_of_the_batch(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    outage.tent.open("kim0", "bob")
    outage.turns(3)
    assert sorted(outage.outcomes(batch)) == sorted(["changed", DispatchState.SENT])
    assert "kim0" in outage.alone()


def test_what_a_person_writes_already_is_not_offered(outage: Outage) -> None:
    outage.report(2)
    draft = outage.tent.open("kim0")
    with outage.tent.store.write() as tx:
        acts.save(
            tx, draft["id"], version=draft["version"], text="Meins", user=outage.tent.user("alice"), now=outage.now
        )
        acts.let_go(tx, outage.tent.case("kim0")["id"], outage.tent.user("alice"), outage.now)
    outage.open()
    batch = outage.prepare()
    assert [row["author_handle"] for row in batch_rows.posts(outage.tent.store, batch)] == ["kim1"]
    kept = drafts.by_id(outage.tent.store, draft["id"])
    assert kept is not None
    assert (kept["text"], kept["state"]) == ("Meins", "open")


def test_a_post_that_a_rule_holds_or_denies_surfaces_with_the_rule_and_the_others_leave(outage: Outage) -> None:
    outage.report(3)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    with outage.tent.store.write() as tx:
        house = outage.tent.wiring.house(tx)
        case = outage.tent.case("kim1")
        outgoing.opt_out(tx, house, case["id"], user=outage.tent.user("alice"), now=outage.now)
    outage.turns(4)
    found = {row["author_handle"]: row for row in batch_rows.posts(outage.tent.store, batch)}
    assert found["kim1"]["outcome"] in {"denied", "held", "changed"}
    assert found["kim1"]["dispatch_state"] is None
    assert {found[name]["dispatch_state"] for name in ("kim0", "kim2")} == {DispatchState.SENT}


def test_a_denied_post_names_its_rule_and_stands_alone_again(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    with outage.tent.store.write() as tx:
        key = outage.tent.wiring.keys.author("replay", outage.tent.case("kim1")["author_id"])
        tx.insert("opt_outs", {"author_key": key, "platform": "replay", "at": outage.now})
    outage.turns(3)
    found = {row["author_handle"]: row for row in batch_rows.posts(outage.tent.store, batch)}
    assert (found["kim1"]["outcome"], found["kim1"]["rule"]) == ("denied", "C-07")
    assert outage.alone() == {"kim1"}
    assert audited(outage)


def test_under_stop_all_everything_waits_and_goes_on_afterwards(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    with outage.tent.store.write() as tx:
        house_rows.begin_stop(tx, user_id=None, reason="test", at=outage.now)
    outage.turns(3)
    assert outage.tent.said() == []
    assert outage.outcomes(batch) == ["", ""]
    with outage.tent.store.write() as tx:
        for name in ("alice", "bob"):
            house_rows.release_stop(tx, user_id=outage.tent.user(name)["id"], at=outage.now)
    outage.turns(3)
    assert outage.outcomes(batch) == [DispatchState.SENT] * 2


def test_an_approval_is_good_for_a_day_and_no_longer(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    outage.tent.clock.advance(5 * HOUR_MS)
    outage.turns(2)
    assert DispatchState.SENT in outage.outcomes(batch), "after five hours the approval of a batch still counts"
    late = Outage(outage.tent, outage.number)
    outage.report(1, first=9)
    outage.look()
    second = late.prepare()
    late.approve(second)
    late.tent.clock.advance(25 * HOUR_MS)
    late.turns(2)
    assert late.outcomes(second) == ["held"]


def test_where_every_reply_takes_two_people_the_second_sets_it_in_motion(outage: Outage) -> None:
    pace(outage, 120, four_eyes="always")
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch, "alice")
    outage.turns(2)
    assert outage.tent.said() == []
    with pytest.raises(NotReady):
        outage.approve(batch, "alice")
    outage.approve(batch, "bob")
    outage.turns(3)
    assert outage.outcomes(batch) == [DispatchState.SENT] * 2


def test_guests_prepare_and_approve_nothing(outage: Outage) -> None:
    outage.report(1)
    outage.open()
    with pytest.raises(NotAllowed):
        outage.prepare(name="charlie")
    batch = outage.prepare()
    with pytest.raises(NotAllowed):
        outage.approve(batch, "charlie")


def test_a_gap_is_filled_once_for_all_and_none_may_stay_open(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    with pytest.raises(NotReady):
        outage.prepare("outage-help-du")
    batch = outage.prepare("outage-help-du", **{"bis wann": "bis 18 Uhr"})
    texts = [row["text"] for row in batch_rows.posts(outage.tent.store, batch)]
    assert len(texts) == 2
    assert all("bis 18 Uhr" in text and "[" not in text for text in texts)


def test_a_template_answers_only_its_own_language(outage: Outage) -> None:
    outage.report(1)
    outage.tent.hear(
        post("en", "jo", "@fjordfon_hilft When will the Internet come back? No connection since this morning.")
    )
    outage.tent.beat()
    outage.open()
    german, english = outage.prepare("outage-news-du"), outage.prepare("outage-news-en")
    assert [row["author_handle"] for row in batch_rows.posts(outage.tent.store, german)] == ["kim0"]
    assert [row["author_handle"] for row in batch_rows.posts(outage.tent.store, english)] == ["jo"]


def test_a_case_taken_out_by_hand_after_the_approval_gets_no_answer(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    with outage.tent.store.write() as tx:
        case, alice = outage.tent.case("kim0")["id"], outage.tent.user("alice")
        open_incidents.take_out(tx, outage.number, case, user=alice, now=outage.now)
    outage.turns(3)
    assert sorted(outage.outcomes(batch)) == sorted(["changed", DispatchState.SENT])


def test_an_incident_that_ends_by_itself_sends_nothing_afterwards(outage: Outage) -> None:
    outage.report(2)
    outage.open(Written("outage", words="Internet", topic="outage", valid_until=outage.now + MINUTE))
    batch = outage.prepare()
    outage.approve(batch)
    outage.tent.clock.advance(2 * MINUTE)
    outage.turns(3)
    assert outage.tent.said() == []
    assert outage.outcomes(batch) == ["changed", "changed"]


def test_after_a_restore_nothing_leaves_that_was_approved_before(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    with outage.tent.store.write() as tx:
        batch_rows.withdraw_all(tx, outage.now)
    outage.turns(3)
    assert outage.tent.said() == []
    assert set(outage.outcomes(batch)) == {"withdrawn"}


# fixed ----------------------------------------------------------------------------------------------


def test_fixed_is_told_only_to_those_whom_a_reply_promised_it(outage: Outage) -> None:
    outage.report(3)
    outage.open()
    promised = outage.prepare("outage-news-du")
    outage.approve(promised)
    outage.turns(4)
    outage.report(1, first=8)
    outage.look()
    plain = outage.prepare("outage-help-du", **{"bis wann": "heute Abend"})
    outage.approve(plain)
    outage.turns(3)
    assert len(outage.tent.said()) == 4
    outage.end()
    fixed = outage.prepare("outage-fixed-du", kind="fixed")
    names = {row["author_handle"] for row in batch_rows.posts(outage.tent.store, fixed)}
    assert names == {"kim0", "kim1", "kim2"}, "kim8's reply promised nothing"
    outage.turns(1)
    assert len(outage.tent.said()) == 4, "prepared is not approved"
    assert [row["n"] for row in batch_rows.owed(outage.tent.store, outage.tent.clock.now())] == [3]
    outage.approve(fixed)
    outage.turns(5)
    assert outage.outcomes(fixed) == [DispatchState.SENT] * 3
    assert batch_rows.owed(outage.tent.store, outage.tent.clock.now()) == [], "whoever got the news waits no more"
    assert len(outage.tent.said()) == 7
    releases = outage.tent.entries("RELEASE")
    assert [entry["rule"] for entry in releases] == ["C-10"] * 3, "each second reply has its release"
    assert audited(outage)
    with pytest.raises(NotReady):
        outage.prepare("outage-fixed-du", kind="fixed")


def test_a_promise_is_kept_once_and_a_third_reply_is_denied_by_the_database_itself(outage: Outage) -> None:
    outage.report(1)
    outage.open()
    outage.approve(outage.prepare("outage-news-du"))
    outage.turns(2)
    outage.end()
    outage.approve(outage.prepare("outage-fixed-du", kind="fixed"))
    outage.turns(2)
    row = outage.tent.store.row("SELECT * FROM dispatches ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert row["follow_up"] == 1
    known = {name: row[name] for name in row.keys() if name not in {"id", "request_key"}}  # noqa: SIM118 - a Row
    with outage.tent.store.write() as tx, pytest.raises(Stale):
        dispatches.queue(tx, {**known, "request_key": "another", "state": "queued"})


def test_a_promise_lapses_after_fourteen_days(outage: Outage) -> None:
    outage.report(1)
    outage.open()
    outage.approve(outage.prepare("outage-news-du"))
    outage.turns(2)
    outage.end()
    outage.tent.clock.advance(14 * 24 * HOUR_MS + MINUTE)
    with pytest.raises(NotReady):
        outage.prepare("outage-fixed-du", kind="fixed")


def test_in_a_storm_no_answer_is_prepared_and_none_leaves(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    batch = outage.prepare()
    outage.approve(batch)
    storm = Outage(outage.tent)
    storm.open(Written("storm"), "bob")
    outage.turns(3)
    assert outage.tent.said() == []
    with pytest.raises(NotReady):
        outage.prepare()
    storm.end("bob")
    outage.turns(3)
    assert len(outage.tent.said()) == 2


def test_case_states_follow_as_with_any_other_reply(outage: Outage) -> None:
    outage.report(1)
    outage.open()
    outage.approve(outage.prepare())
    outage.turns(2)
    case = cases.by_id(outage.tent.store, outage.tent.case("kim0")["id"])
    assert case is not None
    assert (case["state"], case["claimed_by"]) == (CaseState.SENT, None)
