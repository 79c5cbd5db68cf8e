"""Sending over a platform in every mood: the reply leaves once, or comes back with a reason a person can act on."""

from contextlib import ExitStack

import pytest
from port_doubles import Moody, held_by_another, no_room
from tents import HouseInATent, own_words, post

from bot.dispatch import LOOK_AGAIN_MS, RETRY_MS, Dispatcher
from bot.errors import (
    EgressRefused,
    GateRefused,
    Gone,
    Permanent,
    PlatformError,
    RateLimited,
    Stale,
    StoreBusy,
    StoreFull,
    Transient,
    Unauthorised,
    Uncertain,
)
from bot.ledger import entries
from bot.ledger.verify import Verdict, verify
from bot.model import CaseState, DispatchState, EntryKind, Lane, Outcome
from bot.review import acts, outgoing
from bot.store import cases, dispatches, drafts
from bot.store.db import Row

OUTAGE = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"
HOUR_MS = 3_600_000


@pytest.fixture
def platform(tent: HouseInATent) -> Moody:
    moody = Moody(tent.publishers["samples"])
    tent.publishers["samples"] = moody
    return moody


def approved(tent: HouseInATent, handle: str = "kim", native_id: str = "1") -> int:
    """A reply whose countdown has ended; returns its dispatch."""
    tent.hear(post(native_id, handle, OUTAGE))
    verdict = tent.approve(handle, ANSWER if native_id == "1" else own_words(int(native_id)))
    assert verdict.dispatch_id is not None, verdict.decision.open_rules
    tent.clock.advance(10_000)
    tent.beat()
    return verdict.dispatch_id


def dispatcher(tent: HouseInATent) -> Dispatcher:
    return Dispatcher(tent.store, lambda: tent.wiring.house(tent.store), tent.publishers, tent.clock)


def row_of(tent: HouseInATent, dispatch_id: int) -> Row:
    row = dispatches.by_id(tent.store, dispatch_id)
    assert row is not None
    return row


def draft_of(tent: HouseInATent, dispatch_id: int) -> Row:
    row = drafts.by_id(tent.store, row_of(tent, dispatch_id)["draft_id"])
    assert row is not None
    return row


def results(tent: HouseInATent) -> list[object]:
    return [entry["result"] for entry in tent.entries("SEND_RESULT")]


@pytest.mark.parametrize("act", ["inspect", "publish"])
def test_a_platform_that_does_not_answer_is_asked_later_and_the_reply_leaves_once(
    tent: HouseInATent, platform: Moody, act: str
) -> None:
    dispatch_id = approved(tent)
    platform.moods[act] = [Transient("No answer."), Transient("No answer.")]
    for _ in range(2):
        tent.send()
        row = row_of(tent, dispatch_id)
        assert (row["state"], row["cause"]) == (DispatchState.QUEUED, "Transient")
        tent.clock.advance(RETRY_MS - 1)
        assert tent.send() == 0
        assert tent.said() == []
        tent.clock.advance(1)
    tent.send()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.SENT
    assert len(tent.said()) == 1
    tent.clock.advance(RETRY_MS)
    tent.send()
    assert len(tent.said()) == 1


@pytest.mark.parametrize("act", ["inspect", "publish"])
def test_a_platform_that_asks_us_to_wait_is_not_asked_sooner(tent: HouseInATent, platform: Moody, act: str) -> None:
    dispatch_id = approved(tent)
    platform.moods[act] = [RateLimited("Slow down.", 600)]
    tent.send()
    assert row_of(tent, dispatch_id)["due_at"] == tent.clock.now() + 600_000
    tent.clock.advance(599_999)
    assert tent.send() == 0
    tent.clock.advance(1)
    assert tent.send() == 1
    assert len(tent.said()) == 1


@pytest.mark.parametrize("act", ["inspect", "publish"])
@pytest.mark.parametrize("error", [Permanent("No."), Unauthorised("No."), Gone("No."), EgressRefused("No.")])
def test_a_refusal_for_good_fails_with_its_cause_and_the_draft_is_open_again(
    tent: HouseInATent, platform: Moody, act: str, error: PlatformError
) -> None:
    dispatch_id = approved(tent)
    platform.moods[act] = [error]
    tent.send()
    row = row_of(tent, dispatch_id)
    assert (row["state"], row["cause"]) == (DispatchState.REFUSED, type(error).__name__)
    assert tent.case("kim")["state"] == CaseState.FAILED
    assert results(tent) == ["refused"]
    assert draft_of(tent, dispatch_id)["state"] == "open"
    tent.clock.advance(HOUR_MS)
    assert tent.send() == 0
    assert tent.approve("kim", ANSWER).kind == "queued", "a person opens the case and approves anew"
    tent.clock.advance(10_000)
    tent.send()
    assert len(tent.said()) == 1
    assert verify(tent.store).verdict is Verdict.OK


def test_a_refused_reply_is_prepared_again_only_once_and_only_while_nobody_else_works_on_it(
    tent: HouseInATent, platform: Moody
) -> None:
    dispatch_id = approved(tent)
    platform.moods["publish"] = [Permanent("No.")]
    tent.send()
    tent.open("kim", "bob")
    with pytest.raises(Stale), tent.store.write() as tx:
        outgoing.retry(tx, dispatch_id, user=tent.user("alice"), now=tent.clock.now())
    with tent.store.write() as tx:
        outgoing.retry(tx, dispatch_id, user=tent.user("bob"), now=tent.clock.now())
    assert tent.approve("kim", ANSWER, "bob").kind == "queued"
    with pytest.raises(Stale), tent.store.write() as tx:
        outgoing.retry(tx, dispatch_id, user=tent.user("bob"), now=tent.clock.now())
    tent.clock.advance(10_000)
    tent.send()
    assert len(tent.said()) == 1


def test_an_unclear_answer_is_looked_for_and_found(tent: HouseInATent, platform: Moody) -> None:
    dispatch_id = approved(tent)
    platform.lost = [Uncertain("The line broke.")]
    tent.send()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.UNCERTAIN
    assert tent.case("kim")["state"] == CaseState.FAILED
    tent.clock.advance(LOOK_AGAIN_MS - 1)
    tent.send()
    assert "find" not in platform.calls
    tent.clock.advance(1)
    tent.send()
    row = row_of(tent, dispatch_id)
    assert (row["state"], row["remote_id"] != "") == (DispatchState.SENT, True)
    assert tent.case("kim")["state"] == CaseState.SENT
    assert results(tent) == ["uncertain", "sent"]
    assert platform.calls.count("publish") == len(tent.said()) == 1


def test_an_unclear_answer_that_left_nothing_behind_fails_and_is_never_repeated_blindly(
    tent: HouseInATent, platform: Moody
) -> None:
    dispatch_id = approved(tent)
    platform.moods["publish"] = [Uncertain("The line broke.")]
    tent.send()
    tent.clock.advance(LOOK_AGAIN_MS)
    tent.send()
    row = row_of(tent, dispatch_id)
    assert (row["state"], row["cause"]) == (DispatchState.REFUSED, "not_there")
    assert (tent.case("kim")["state"], results(tent)) == (CaseState.FAILED, ["uncertain", "not_sent"])
    assert platform.calls.count("publish") == 1
    assert draft_of(tent, dispatch_id)["state"] == "open"


def test_a_platform_that_cannot_be_looked_at_keeps_the_reply_uncertain(tent: HouseInATent, platform: Moody) -> None:
    dispatch_id = approved(tent)
    platform.moods["publish"] = [Uncertain("The line broke.")]
    platform.moods["find"] = [Transient("No."), Unauthorised("No."), Uncertain("No.")]
    tent.send()
    for _ in range(3):
        tent.clock.advance(LOOK_AGAIN_MS)
        tent.send()
        assert row_of(tent, dispatch_id)["state"] == DispatchState.UNCERTAIN
    assert results(tent) == ["uncertain"], "told once"


@pytest.mark.parametrize("sent", [True, False])
def test_a_person_says_what_became_of_an_uncertain_reply(tent: HouseInATent, platform: Moody, *, sent: bool) -> None:
    dispatch_id = approved(tent)
    platform.moods["publish"] = [Uncertain("The line broke.")]
    tent.send()
    with tent.store.write() as tx:
        house = tent.wiring.house(tx)
        outgoing.resolve(tx, house, dispatch_id, sent=sent, user=tent.user("bob"), now=tent.clock.now())
    assert row_of(tent, dispatch_id)["state"] == (DispatchState.SENT if sent else DispatchState.REFUSED)
    assert tent.case("kim")["state"] == (CaseState.SENT if sent else CaseState.FAILED)
    assert draft_of(tent, dispatch_id)["state"] == ("done" if sent else "open")
    tent.clock.advance(LOOK_AGAIN_MS)
    tent.send()
    assert results(tent) == ["uncertain", "sent" if sent else "not_sent"]
    with pytest.raises(Stale), tent.store.write() as tx:
        outgoing.resolve(tx, house, dispatch_id, sent=not sent, user=tent.user("bob"), now=tent.clock.now())


def test_a_person_can_resolve_it_even_if_the_case_went_on_meanwhile(tent: HouseInATent, platform: Moody) -> None:
    dispatch_id = approved(tent)
    platform.moods["publish"] = [Uncertain("The line broke.")]
    tent.send()
    tent.hear(post("2", "kim", "@fjordfon_hilft hallo?", in_reply_to="1", root="1"))
    with tent.store.write() as tx:
        cases.claim(tx, tent.case("kim")["id"], tent.user("bob")["id"], tent.clock.now())
        house = tent.wiring.house(tx)
        outgoing.resolve(tx, house, dispatch_id, sent=True, user=tent.user("bob"), now=tent.clock.now())
    assert row_of(tent, dispatch_id)["state"] == DispatchState.SENT
    assert tent.case("kim")["state"] == CaseState.CLAIMED, "the new post still wants an answer"


@pytest.mark.parametrize("trouble", [Transient("No."), Permanent("No."), Uncertain("No.")])
@pytest.mark.parametrize("act", ["inspect", "publish"])
def test_a_failing_reply_never_blocks_another(
    tent: HouseInATent, platform: Moody, act: str, trouble: PlatformError
) -> None:
    first, second = approved(tent, "kim", "1"), approved(tent, "nell", "2")
    platform.moods[act] = [trouble]
    tent.send()
    assert row_of(tent, first)["state"] != DispatchState.SENT
    assert row_of(tent, second)["state"] == DispatchState.SENT
    assert [reply.in_reply_to for reply in tent.said()] == ["2"]


def test_without_a_publisher_the_reply_fails_with_that_cause(tent: HouseInATent) -> None:
    dispatch_id = approved(tent)
    tent.publishers.clear()
    tent.send()
    assert (row_of(tent, dispatch_id)["state"], row_of(tent, dispatch_id)["cause"]) == ("refused", "no_publisher")


def test_an_interrupted_reply_whose_publisher_is_gone_becomes_uncertain_for_a_person(tent: HouseInATent) -> None:
    dispatch_id = approved(tent)
    with tent.store.write() as tx:
        dispatches.set_state(tx, dispatch_id, DispatchState.QUEUED, DispatchState.SENDING, tent.clock.now())
    tent.publishers.clear()
    tent.send()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.UNCERTAIN
    with tent.store.write() as tx:
        house = tent.wiring.house(tx)
        outgoing.resolve(tx, house, dispatch_id, sent=True, user=tent.user("bob"), now=tent.clock.now())
    assert row_of(tent, dispatch_id)["state"] == DispatchState.SENT


@pytest.mark.parametrize("error", [Transient("No."), RateLimited("No.", 5), Uncertain("No.")])
def test_taking_back_is_tried_again(tent: HouseInATent, platform: Moody, error: PlatformError) -> None:
    dispatch_id = approved(tent)
    tent.send()
    ask_back(tent, dispatch_id)
    platform.moods["retract"] = [error]
    tent.send()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.RETRACTING
    tent.clock.advance(RETRY_MS)
    tent.send()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.RETRACTED
    assert tent.said() == []


def ask_back(tent: HouseInATent, dispatch_id: int) -> None:
    with tent.store.write() as tx:
        house, user = tent.wiring.house(tx), tent.user("alice")
        outgoing.retract(tx, house, dispatch_id, reason="falscher Link", user=user, now=tent.clock.now())


@pytest.mark.parametrize("gone", [True, False])
def test_taking_back_that_cannot_be_done_says_so_and_the_reply_still_counts_as_sent(
    tent: HouseInATent, platform: Moody, *, gone: bool
) -> None:
    dispatch_id = approved(tent)
    tent.send()
    ask_back(tent, dispatch_id)
    platform.moods["retract"] = [Permanent("No.")]
    if gone:
        tent.publishers.clear()
    tent.send()
    row = row_of(tent, dispatch_id)
    assert (row["state"], row["cause"]) == (DispatchState.SENT, "no_publisher" if gone else "Permanent")
    assert [entry["step"] for entry in tent.entries("RETRACT")] == ["asked", "refused"]


def cancel(tent: HouseInATent, dispatch_id: int) -> None:
    with tent.store.write() as tx:
        outgoing.cancel(tx, tent.wiring.house(tx), dispatch_id, user=tent.user("alice"), now=tent.clock.now())


def test_a_reply_cancelled_and_approved_again_during_the_last_look_leaves_once(
    tent: HouseInATent, platform: Moody
) -> None:
    dispatch_id = approved(tent)

    def meanwhile() -> None:
        cancel(tent, dispatch_id)
        assert tent.approve("kim", ANSWER).kind == "queued"

    tent.beat()
    platform.meanwhile["inspect"] = meanwhile
    tent.send()
    assert tent.said() == [], "the first one was cancelled"
    assert row_of(tent, dispatch_id)["state"] == DispatchState.CANCELLED
    tent.clock.advance(10_000)
    tent.send()
    assert len(tent.said()) == 1
    assert platform.calls.count("publish") == 1
    assert results(tent) == ["cancelled", "sent"]


def test_stop_all_during_the_last_look_keeps_the_reply_queued(tent: HouseInATent, platform: Moody) -> None:
    dispatch_id = approved(tent)

    def meanwhile() -> None:
        with tent.store.write() as tx:
            house = tent.wiring.house(tx)
            outgoing.stop(tx, house, reason="Probe", user=tent.user("alice"), now=tent.clock.now())

    tent.beat()
    platform.meanwhile["inspect"] = meanwhile
    tent.send()
    assert tent.said() == []
    assert row_of(tent, dispatch_id)["state"] == DispatchState.QUEUED
    for name in ("alice", "bob"):
        with tent.store.write() as tx:
            outgoing.lift_stop(tx, tent.wiring.house(tx), user=tent.user(name), now=tent.clock.now())
    tent.send()
    assert len(tent.said()) == 1


@pytest.mark.parametrize("step", ["escalate", "close", "new post"])
def test_the_result_is_recorded_even_if_the_case_went_elsewhere_while_sending(
    tent: HouseInATent, platform: Moody, step: str
) -> None:
    dispatch_id = approved(tent)
    platform.meanwhile["publish"] = lambda: go_elsewhere(tent, step)
    tent.send()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.SENT
    assert results(tent) == ["sent"]
    assert draft_of(tent, dispatch_id)["state"] == "done"
    expected = {"escalate": CaseState.ESCALATED, "close": CaseState.SENT, "new post": CaseState.NEW}[step]
    assert tent.case("kim")["state"] == expected


def go_elsewhere(tent: HouseInATent, step: str) -> None:
    case_id, user, now = tent.case("kim")["id"], tent.user("alice"), tent.clock.now()
    if step == "new post":
        with tent.store.write() as tx:
            cases.let_go(tx, case_id, user["id"], now)
        tent.hear(post("2", "kim", "@fjordfon_hilft hat sich erledigt", in_reply_to="1", root="1"))
    elif step == "escalate":
        with tent.store.write() as tx:
            acts.escalate(tx, tent.wiring.house(tx), case_id, lane=Lane.THREAT, user=user, now=now)
    else:
        with pytest.raises(Stale), tent.store.write() as tx:
            acts.close(tx, tent.wiring.house(tx), case_id, reason="duplicate", user=user, now=now)


@pytest.mark.parametrize("step", ["escalate", "new post"])
def test_a_reply_that_was_not_taken_is_not_tried_again_once_the_case_went_elsewhere(
    tent: HouseInATent, platform: Moody, step: str
) -> None:
    dispatch_id = approved(tent)
    platform.meanwhile["publish"] = lambda: go_elsewhere(tent, step)
    platform.moods["publish"] = [Transient("No.")]
    tent.send()
    tent.clock.advance(RETRY_MS)
    tent.send()
    assert tent.said() == []
    assert row_of(tent, dispatch_id)["state"] == DispatchState.CANCELLED
    assert draft_of(tent, dispatch_id)["state"] == "open"
    assert drafts.approvals(tent.store, draft_of(tent, dispatch_id)["id"]) == []


def test_a_wait_keeps_the_reply_queued_and_is_logged_once(tent: HouseInATent, platform: Moody) -> None:
    first = approved(tent)
    future = tent.clock.now() + 10 * HOUR_MS
    tent.store.connection.execute("UPDATE mentions SET created_at = ?", [future])
    for _ in range(3):
        tent.send()
        assert (row_of(tent, first)["state"], row_of(tent, first)["cause"]) == (DispatchState.QUEUED, "wait")
        tent.clock.advance(RETRY_MS)
    waits = [entry for entry in tent.entries("DECISION") if entry["outcome"] == Outcome.WAIT]
    assert [entry["phase"] for entry in waits] == ["dispatch"]
    assert tent.said() == []


def test_an_approval_older_than_four_hours_goes_back_to_the_desk(tent: HouseInATent, platform: Moody) -> None:
    dispatch_id = approved(tent)
    tent.clock.advance(4 * HOUR_MS)
    tent.send()
    row = row_of(tent, dispatch_id)
    assert (row["state"], row["cause"].split(":")[:2]) == (DispatchState.REFUSED, ["gate", "C-13"])
    assert tent.case("kim")["state"] == CaseState.NEW
    assert draft_of(tent, dispatch_id)["state"] == "open"
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    assert len(tent.said()) == 1


def test_a_text_longer_than_the_platform_takes_is_refused_and_never_cut(tent: HouseInATent, platform: Moody) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    with pytest.raises(GateRefused, match="501 characters; the platform takes 500"):
        tent.approve("kim", ("Wir prüfen die Leitung. " * 40)[:501])
    assert tent.store.value("SELECT count(*) FROM dispatches") == 0
    assert tent.approve("kim", ("Wir prüfen die Leitung. " * 40)[:500]).kind == "queued"


def test_a_result_that_finds_no_room_is_found_again_later_and_nothing_is_sent_twice(
    tent: HouseInATent, platform: Moody
) -> None:
    dispatch_id = approved(tent)
    with ExitStack() as full:
        platform.meanwhile["publish"] = lambda: fill_the_disk(tent, full)
        with pytest.raises(StoreFull):
            dispatcher(tent).run()
        assert row_of(tent, dispatch_id)["state"] == DispatchState.SENDING
        assert results(tent) == []
    tent.clock.advance(LOOK_AGAIN_MS)
    tent.send()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.SENT
    assert (results(tent), platform.calls.count("publish"), len(tent.said())) == (["sent"], 1, 1)
    assert verify(tent.store).verdict is Verdict.OK


def fill_the_disk(tent: HouseInATent, full: ExitStack) -> None:
    """Until ``full`` ends not even the shortest entry finds room."""
    full.enter_context(no_room(tent.store))
    while grows(tent):
        pass


def grows(tent: HouseInATent) -> bool:
    try:
        with tent.store.write() as tx:
            entries.append(tx, EntryKind.ATTEST, {}, tent.clock.now())
    except StoreFull:
        return False
    return True


def test_a_database_locked_while_the_result_is_written_is_settled_by_looking(
    tent: HouseInATent, platform: Moody
) -> None:
    dispatch_id = approved(tent)
    with ExitStack() as locked:
        platform.meanwhile["publish"] = lambda: locked.enter_context(held_by_another(tent.store))
        with pytest.raises(StoreBusy):
            dispatcher(tent).run()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.SENDING
    tent.clock.advance(LOOK_AGAIN_MS)
    tent.send()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.SENT
    assert (results(tent), platform.calls.count("publish"), len(tent.said())) == (["sent"], 1, 1)


def test_what_has_not_begun_when_we_are_asked_to_end_waits_for_the_next_start(
    tent: HouseInATent, platform: Moody
) -> None:
    approved(tent, "kim", "1")
    approved(tent, "nell", "2")
    tent.beat()
    ending = iter([False, True, True, True])
    assert dispatcher(tent).run(lambda: next(ending)) == 1
    assert platform.calls.count("publish") == 1
    assert dispatcher(tent).run() == 1
    assert len(tent.said()) == 2
