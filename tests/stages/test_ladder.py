"""The warning ladder through the real stages: two people, the whole gate, a public reply, and what follows (E-10)."""

from pathlib import Path

import pytest
from clocks import FakeClock
from ladders import AUTHOR, HARSH, HOUR, RUDE, Staircase
from outages import Outage
from tents import pitch, post

from bot import dispatch, sync
from bot.errors import NotAllowed, Stale
from bot.ledger.full import compare_in_full
from bot.ledger.proof import Verdict
from bot.model import DispatchState, Lane
from bot.model.ladder import Outcome, Step
from bot.protect import access, erasure
from bot.protect import ladder as machine
from bot.review import acts, ladder, outgoing
from bot.review.open_incidents import Written
from bot.store import cases, dispatches, drafts, mentions, purge
from bot.store import ladder as rows


@pytest.fixture
def stairs(tmp_path: Path, clock: FakeClock) -> Staircase:
    return Staircase(pitch(tmp_path, clock))


def act(stairs: Staircase, what, *args: object, name: str, **more: object):
    with stairs.tent.store.write() as tx:
        house = stairs.tent.wiring.house(tx)
        return what(tx, house, *args, user=stairs.tent.user(name), now=stairs.now, **more)


def steps_logged(stairs: Staircase) -> list[object]:
    return [entry["step"] for entry in stairs.tent.entries("LADDER")]


def open_review(stairs: Staircase):
    row = rows.row_of(stairs.tent.store, stairs.key)
    assert row is not None
    return rows.open_review(stairs.tent.store, row["id"])


def last_sent(stairs: Staircase):
    return dispatches.of_case(stairs.tent.store, stairs.case["id"])[-1]


def test_three_warnings_in_public_then_silence_and_a_review(stairs: Staircase) -> None:
    for expected in (Step.W1, Step.W2, Step.CLOSED):
        stairs.rude()
        stairs.warn()
        assert stairs.step is expected
    said = [reply.text for reply in stairs.tent.said()]
    assert len(set(said)) == len(said) == 3
    assert steps_logged(stairs) == [*["proposed", "delivered"] * 3, "closed"]
    review = open_review(stairs)
    assert (review["cause"], review["outcome"]) == ("closed", None)
    assert [entry["warning"] for entry in stairs.tent.entries("LADDER")[:6:2]] == ["w1", "w2", "w3"]


def test_nothing_is_warned_without_two_people(stairs: Staircase) -> None:
    stairs.rude()
    draft = stairs.propose("alice")
    assert stairs.approve(draft["id"], "alice").kind == "waiting"
    assert stairs.approve(draft["id"], "alice").kind == "waiting", "the same person twice is one person"
    stairs.deliver()
    assert stairs.tent.said() == []
    assert stairs.step is Step.NONE
    assert stairs.approve(draft["id"], "bob").kind == "queued"
    assert stairs.step is Step.NONE, "it counts once it stands in public"
    stairs.deliver()
    assert stairs.step is Step.W1


def test_a_guest_may_nothing(stairs: Staircase) -> None:
    stairs.rude()
    case_id = stairs.case["id"]
    for what in (ladder.warn, ladder.drop, ladder.reset, ladder.appeal):
        with pytest.raises(NotAllowed):
            act(stairs, what, case_id, name="charlie")
    with pytest.raises(NotAllowed):
        act(stairs, ladder.reset, case_id, name="emil")


def test_harsh_words_about_a_product_are_no_incident(stairs: Staircase) -> None:
    stairs.rude(HARSH)
    assert stairs.case["lane"] != Lane.ABUSE
    with pytest.raises(Stale, match="nobody_meant"):
        stairs.propose()
    act(stairs, acts.change_lane, stairs.case["id"], name="bob", lane=Lane.ABUSE)
    with pytest.raises(Stale, match="nobody_meant"):
        stairs.propose()
    assert steps_logged(stairs) == []


def test_the_second_warning_needs_something_new_after_the_first_was_public(stairs: Staircase) -> None:
    stairs.rude()
    stairs.rude(created_at=stairs.now - HOUR)
    stairs.warn()
    with pytest.raises(Stale, match="same_incident"):
        stairs.propose()
    stairs.rude()
    assert stairs.propose()["step"] == Step.W2


def test_an_undelivered_first_warning_is_no_ground_for_a_second(stairs: Staircase) -> None:
    stairs.rude()
    draft = stairs.propose()
    stairs.approve(draft["id"], "alice")
    stairs.approve(draft["id"], "bob")
    sent = last_sent(stairs)
    act(stairs, outgoing.cancel, sent["id"], name="alice")
    stairs.rude()
    with pytest.raises(Stale, match="pending"):
        stairs.propose()
    act(stairs, ladder.drop, stairs.case["id"], name="alice")
    assert stairs.propose()["step"] == Step.W1


@pytest.mark.parametrize("known_at", ["approval", "dispatch"])
def test_in_a_storm_nobody_is_warned_not_even_with_what_is_queued(stairs: Staircase, known_at: str) -> None:
    stairs.rude()
    draft = stairs.propose()
    stairs.approve(draft["id"], "alice")
    if known_at == "dispatch":
        stairs.approve(draft["id"], "bob")
    storm = Outage(stairs.tent)
    storm.open(Written("storm"), "bob")
    if known_at == "approval":
        verdict = stairs.approve(draft["id"], "bob")
        assert verdict.kind == "denied"
        assert [(found.rule, found.code) for found in verdict.decision.open_rules] == [("C-21", "storm")]
    stairs.deliver()
    assert stairs.tent.said() == []
    storm.end("bob")
    stairs.approve(draft["id"], "alice")
    stairs.approve(draft["id"], "bob")
    stairs.deliver()
    assert stairs.step is Step.W1
    assert steps_logged(stairs) == ["proposed", "delivered"]


@pytest.mark.parametrize(("lane", "code"), [("threat", "open threat"), ("crisis", "open crisis")])
def test_an_open_threat_or_crisis_stops_a_warning_at_any_point(stairs: Staircase, lane: str, code: str) -> None:
    stairs.rude()
    draft = stairs.propose()
    stairs.approve(draft["id"], "alice")
    stairs.approve(draft["id"], "bob")
    other = post("elsewhere", AUTHOR, "Hallo?", root="https://elsewhere.example/1")
    stairs.tent.clock.advance(7 * HOUR)
    stairs.tent.hear(other)
    case_id = stairs.case["id"]
    first = stairs.tent.store.value("SELECT min(id) FROM cases WHERE author_handle = :h", h=AUTHOR)
    assert case_id != first
    act(stairs, acts.escalate, case_id, name="bob", lane=Lane(lane))
    stairs.deliver()
    assert stairs.tent.said() == []
    cause = stairs.tent.store.value("SELECT cause FROM dispatches WHERE state = 'refused'")
    assert cause == f"gate:C-21:{code}"
    with pytest.raises(Stale, match=lane):
        act(stairs, ladder.warn, first, name="alice")


def test_under_stop_all_nobody_is_warned(stairs: Staircase) -> None:
    stairs.rude()
    with stairs.tent.store.write() as tx:
        outgoing.stop(tx, stairs.tent.wiring.house(tx), reason="x", user=stairs.tent.user("bob"), now=stairs.now)
    with pytest.raises(Stale, match="stopped"):
        stairs.propose()


def test_a_closed_author_is_answered_by_nobody_but_in_a_crisis(stairs: Staircase) -> None:
    stairs.climb(3)
    stairs.rude("Guten Tag, wie kann ich kündigen?")
    verdict = stairs.tent.approve(AUTHOR, "Hier geht es. ^BO", "bob")
    assert verdict.kind == "denied"
    assert ("C-21", "ladder ended") in [(found.rule, found.code) for found in verdict.decision.results]
    act(stairs, acts.escalate, stairs.case["id"], name="bob", lane=Lane.CRISIS)
    verdict = stairs.tent.approve(AUTHOR, "Wir sind für dich da.", "bob")
    [found] = [found for found in verdict.decision.results if found.rule == "C-21"]
    assert (found.outcome.value, found.code) == ("NOTE", "crisis first")


def test_the_lock_opens_only_when_two_uninvolved_seniors_agree(stairs: Staircase) -> None:
    stairs.climb(3)
    review = open_review(stairs)
    with pytest.raises(NotAllowed, match="issued none"):
        act(stairs, ladder.vote, review["id"], name="bob", outcome=Outcome.REOPEN)
    with pytest.raises(NotAllowed):
        act(stairs, ladder.vote, review["id"], name="emil", outcome=Outcome.REOPEN)
    assert act(stairs, ladder.vote, review["id"], name="carla", outcome=Outcome.REOPEN) is None
    assert stairs.step is Step.CLOSED
    with pytest.raises(Stale, match="voted already"):
        act(stairs, ladder.vote, review["id"], name="carla", outcome=Outcome.REOPEN)
    assert act(stairs, ladder.vote, review["id"], name="dora", outcome=Outcome.REOPEN) is Outcome.REOPEN
    assert stairs.step is Step.NONE
    assert steps_logged(stairs)[-3:] == ["voted reopen", "voted reopen", "reviewed reopen"]
    stairs.rude()
    assert stairs.propose()["step"] == Step.W1


@pytest.mark.parametrize("outcome", [Outcome.STAY, Outcome.REPORT, Outcome.LEGAL])
def test_one_objection_keeps_the_lock_and_an_appeal_asks_again(stairs: Staircase, outcome: Outcome) -> None:
    stairs.climb(3)
    review = open_review(stairs)
    act(stairs, ladder.vote, review["id"], name="carla", outcome=Outcome.REOPEN)
    assert act(stairs, ladder.vote, review["id"], name="dora", outcome=outcome) is outcome
    assert stairs.step is Step.CLOSED
    with pytest.raises(Stale, match="over"):
        act(stairs, ladder.vote, review["id"], name="carla", outcome=Outcome.REOPEN)
    act(stairs, ladder.appeal, stairs.case["id"], name="alice")
    again = open_review(stairs)
    assert again["cause"] == "appeal"
    with pytest.raises(Stale, match="open already"):
        act(stairs, ladder.appeal, stairs.case["id"], name="alice")


def test_an_appeal_against_a_warning_is_settled_by_one_uninvolved_senior(stairs: Staircase) -> None:
    stairs.climb(1)
    act(stairs, ladder.appeal, stairs.case["id"], name="emil")
    review = open_review(stairs)
    assert act(stairs, ladder.vote, review["id"], name="carla", outcome=Outcome.REOPEN) is Outcome.REOPEN
    assert stairs.step is Step.NONE


def test_neither_reset_nor_withdrawal_goes_round_the_lock(stairs: Staircase) -> None:
    stairs.climb(3)
    for what, more in ((ladder.reset, {}), (ladder.withdraw, {"reason": "falsch"})):
        with pytest.raises(Stale, match="unanimous"):
            act(stairs, what, stairs.case["id"], name="carla", **more)
    sent = last_sent(stairs)
    act(stairs, outgoing.retract, sent["id"], name="carla", reason="falsch")
    stairs.deliver()
    assert last_sent(stairs)["state"] == DispatchState.RETRACTED
    assert stairs.step is Step.CLOSED, "taking the words back does not open the lock"


def test_a_reset_by_an_uninvolved_senior_begins_anew_and_takes_proposals_off(stairs: Staircase) -> None:
    stairs.climb(1)
    stairs.rude()
    draft = stairs.propose()
    with pytest.raises(NotAllowed):
        act(stairs, ladder.reset, stairs.case["id"], name="bob")
    act(stairs, ladder.reset, stairs.case["id"], name="carla")
    assert stairs.step is Step.NONE
    found = drafts.by_id(stairs.tent.store, draft["id"])
    assert found is not None
    assert found["state"] == "void"


def test_a_false_warning_is_taken_back_in_public_with_one_apology_by_somebody_else(stairs: Staircase) -> None:
    stairs.climb(1)
    case_id = stairs.case["id"]
    with pytest.raises(NotAllowed):
        act(stairs, ladder.withdraw, case_id, name="alice", reason="falsch")
    with pytest.raises(Stale, match="why"):
        act(stairs, ladder.withdraw, case_id, name="carla", reason=" ")
    draft_id = act(stairs, ladder.withdraw, case_id, name="carla", reason="war nicht gemeint")
    assert stairs.step is Step.NONE
    assert [row["state"] for row in dispatches.of_case(stairs.tent.store, case_id)] == [DispatchState.RETRACTING]
    stairs.deliver()
    assert stairs.tent.said() == []
    verdict = stairs.approve(draft_id, "carla")
    assert verdict.kind == "waiting"
    codes = {found.rule: found.code for found in verdict.decision.results}
    assert (codes["C-10"], codes["C-11"]) == ("apology", "apology")
    assert stairs.approve(draft_id, "alice").kind != "queued", "not the issuer's to approve"
    assert stairs.approve(draft_id, "dora").kind == "queued"
    stairs.deliver()
    [sorry] = [reply.text for reply in stairs.tent.said()]
    assert "leid" in sorry or "ntschuldig" in sorry
    with pytest.raises(Stale, match="no warning"):
        act(stairs, ladder.withdraw, case_id, name="dora", reason="noch einmal")


def test_after_a_withdrawal_the_same_post_is_not_warned_again(stairs: Staircase) -> None:
    stairs.climb(1)
    act(stairs, ladder.withdraw, stairs.case["id"], name="carla", reason="war nicht gemeint")
    with pytest.raises(Stale, match="same_incident"):
        stairs.propose("carla")
    stairs.rude()
    assert stairs.propose("bob")["step"] == Step.W1


def test_a_year_later_nothing_is_left_of_it(stairs: Staircase) -> None:
    stairs.climb(2)
    key, keys = stairs.key, stairs.tent.wiring.keys
    incident = stairs.ladder.rungs[-1].incident_at
    stairs.tent.clock.advance(incident + machine.DECAY_MS - 1 - stairs.now)
    purge.run(stairs.tent.store, now=stairs.now, days=30, author_key=keys.author)
    assert machine.step_of(rows.of_author(stairs.tent.store, key), stairs.now) is Step.W2
    assert rows.of_author(stairs.tent.store, key).rungs[0].draft_id is not None
    stairs.tent.clock.advance(1)
    purge.run(stairs.tent.store, now=stairs.now, days=30, author_key=keys.author)
    assert rows.row_of(stairs.tent.store, key) is None


def test_what_the_purge_takes_away_leaves_the_step(stairs: Staircase) -> None:
    stairs.rude()
    draft = stairs.propose()
    stairs.approve(draft["id"], "alice")
    stairs.approve(draft["id"], "bob")
    stairs.deliver()
    with stairs.tent.store.write() as tx:
        for table in ("dispatches", "drafts", "mentions", "cases"):
            tx.run(f"DELETE FROM {table}")  # noqa: S608 - what erasing a case does
    known = rows.of_author(stairs.tent.store, stairs.tent.wiring.keys.author("replay", AUTHOR))
    assert machine.step_of(known, stairs.now) is Step.W1
    assert (known.rungs[0].case_id, known.rungs[0].draft_id) == (None, None)


def test_an_erasure_takes_the_ladder_with_it(stairs: Staircase) -> None:
    stairs.climb(1)
    key = stairs.key
    with stairs.tent.store.write() as tx:
        keys, author = stairs.tent.wiring.keys, stairs.case["author_id"]
        erasure.ask(tx, keys, "replay", author, user=stairs.tent.user("bob"), now=stairs.now)
    erasure.work(stairs.tent.store, keys, stairs.tent.clock)
    assert rows.row_of(stairs.tent.store, key) is None
    assert stairs.tent.store.value("SELECT count(*) FROM rung_people") == 0


def test_the_person_is_told_of_their_warnings_and_of_no_colleague(stairs: Staircase) -> None:
    stairs.climb(2)
    keys, author = stairs.tent.wiring.keys, stairs.case["author_id"]
    told = access.export(stairs.tent.store, keys, "replay", author, stairs.now)["our_warnings"]
    assert told["where_it_stands"] == "w2"
    assert [set(warning) for warning in told["warnings"]] == [{"incident_at", "given_at", "withdrawn_at"}] * 2
    assert told["kept_until"] > told["warnings"][1]["given_at"]


def test_an_account_that_is_gone_on_reddit_takes_its_warnings_with_it(stairs: Staircase) -> None:
    stairs.climb(1)
    key, mention = stairs.key, dict(mentions.of_case(stairs.tent.store, stairs.case["id"])[-1])
    gone = {**mention, "platform": "reddit", "status": '{"author_active": false}'}
    with stairs.tent.store.write() as tx:
        sync._forget(tx, {**gone, "platform": "mastodon"}, key)
        assert rows.row_of(tx, key) is not None
        sync._forget(tx, gone, key)
        assert rows.row_of(tx, key) is None


def test_what_a_colleague_has_in_hand_is_taken_over_with_the_draft_as_it_is(stairs: Staircase) -> None:
    stairs.tent.hear(post("q", AUTHOR, "Wo finde ich meine Rechnung?"))
    draft = stairs.tent.open(AUTHOR, "alice")
    with stairs.tent.store.write() as tx:
        acts.save(tx, draft["id"], version=draft["version"], text="Ich sehe", user=stairs.tent.user("alice"), now=1)
    case_id = stairs.case["id"]
    with stairs.tent.store.write() as tx:
        acts.take_over(tx, stairs.tent.wiring.house(tx), case_id, stairs.tent.user("emil"), stairs.now)
    assert stairs.case["claimed_by"] == stairs.tent.user("emil")["id"]
    found = drafts.open_of_case(stairs.tent.store, case_id)
    assert found is not None
    assert found["text"] == "Ich sehe"
    assert "taken_over" in [event["kind"] for event in cases.events(stairs.tent.store, case_id)]
    with stairs.tent.store.write() as tx, pytest.raises(Stale, match="Somebody else"):
        acts.save(tx, draft["id"], version=found["version"], text="X", user=stairs.tent.user("alice"), now=stairs.now)
    with pytest.raises(NotAllowed), stairs.tent.store.write() as tx:
        acts.take_over(tx, stairs.tent.wiring.house(tx), case_id, stairs.tent.user("charlie"), stairs.now)


class Killed(BaseException):
    """As if the process were gone."""


def test_killed_while_recording_the_third_warning_nothing_is_half_done(
    stairs: Staircase, monkeypatch: pytest.MonkeyPatch
) -> None:
    stairs.climb(2)
    stairs.rude()
    draft = stairs.propose()
    stairs.approve(draft["id"], "alice")
    stairs.approve(draft["id"], "bob")

    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(dispatch.rungs, "delivered", killed)
    with pytest.raises(Killed):
        stairs.deliver()
    assert stairs.step is Step.W2
    assert last_sent(stairs)["state"] == DispatchState.SENDING
    monkeypatch.undo()
    stairs.tent.clock.advance(2 * HOUR)
    stairs.tent.send()
    assert stairs.step is Step.CLOSED, "found on our own timeline, counted once"
    assert len(stairs.tent.said()) == 3
    assert open_review(stairs) is not None


def test_a_senior_who_saw_an_uncertain_warning_there_makes_it_count(stairs: Staircase) -> None:
    stairs.rude()
    draft = stairs.propose()
    stairs.approve(draft["id"], "alice")
    stairs.approve(draft["id"], "bob")
    sent = last_sent(stairs)
    with stairs.tent.store.write() as tx:
        tx.run("UPDATE dispatches SET state = 'uncertain' WHERE id = :id", id=sent["id"])
    act(stairs, outgoing.resolve, sent["id"], name="bob", sent=True)
    assert stairs.step is Step.W1


def test_the_ledger_verifies_in_full_and_names_nobody(stairs: Staircase) -> None:
    stairs.climb(2)
    act(stairs, ladder.withdraw, stairs.case["id"], name="carla", reason="war nicht gemeint")
    stairs.deliver()
    stairs.climb(2)
    act(stairs, ladder.vote, open_review(stairs)["id"], name="carla", outcome=Outcome.STAY)
    stairs.tent.beat()
    compared = compare_in_full(stairs.tent.store, stairs.tent.root / "checkpoints", stairs.tent.wiring.keys.known)
    assert compared.report.verdict is Verdict.OK, compared.report.sentence
    told = b"".join(row["body"] for row in stairs.tent.store.rows("SELECT body FROM log"))
    assert b"LADDER" in told
    assert AUTHOR.encode() not in told
    assert RUDE.encode() not in told
