"""A person in need: paged at once, opened and answered by trained people alone, looked at afterwards (E-11)."""

import pytest
from tents import HouseInATent, post

from bot.errors import NotAllowed, Stale, Untrained
from bot.ledger.full import compare_in_full
from bot.ledger.proof import Verdict
from bot.model import AlarmKind, CaseState, DispatchState, Lane
from bot.protect import debrief, hotlines
from bot.review import acts
from bot.store import alarms, care, cases, drafts, people, users

QUESTION = "@fjordfon_hilft Warum geht das Internet nicht?"
NEED = "@fjordfon_hilft Ich kann nicht mehr, ich will nicht mehr leben."
MINUTE = 60_000
DAY_MS = 86_400_000
OWN = "Wir lesen dich, und es ist gut, dass du schreibst."


@pytest.fixture
def need(tent: HouseInATent) -> HouseInATent:
    tent.hear(post("1", "kim", NEED))
    assert tent.case("kim")["lane"] == Lane.CRISIS
    return tent


def line(card: str, language: str = "de") -> str:
    return next(each.line(language) for each in hotlines.registry().card if each.id == card)


def tasks(tent: HouseInATent) -> list[tuple[str, int]]:
    return [(row["kind"], row["user_id"]) for row in care.open_tasks(tent.store)]


def finish(tent: HouseInATent, task_id: int, name: str) -> None:
    with tent.store.write() as tx:
        debrief.finish(tx, tent.wiring.keys, task_id, user=tent.user(name), now=tent.clock.now())


def add(tent: HouseInATent, name: str, role: str, *, trained: bool) -> None:
    with tent.store.write() as tx:
        users.add(
            tx,
            name=name,
            role=role,  # type: ignore[arg-type]
            initials=name[:2].upper(),
            password_hash="-",
            trained=trained,
            at=tent.clock.now(),
        )


def test_trained_people_are_paged_within_five_minutes_once_a_case(need: HouseInATent) -> None:
    case = need.case("kim")
    known = alarms.of_case(need.store, case["id"], AlarmKind.CRISIS)
    assert known is not None
    assert known["page_at"] <= need.clock.now() + 5 * MINUTE
    need.hear(post("2", "kim", "@fjordfon_hilft Ich will wirklich nicht mehr leben.", root="1"))
    assert need.store.value("SELECT count(*) FROM escalations WHERE kind = 'crisis'") == 1


def test_a_persons_flag_pages_too(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    case_id = tent.case("kim")["id"]
    with tent.store.write() as tx:
        house = tent.wiring.house(tx)
        acts.escalate(tx, house, case_id, lane=Lane.CRISIS, user=tent.user("alice"), now=tent.clock.now())
    known = alarms.of_case(tent.store, case_id, AlarmKind.CRISIS)
    assert known is not None
    assert known["page_at"] <= tent.clock.now() + 5 * MINUTE


def test_without_the_training_nobody_opens_writes_or_closes_and_nothing_changes(need: HouseInATent) -> None:
    case_id, draft = need.case("kim")["id"], need.open("kim", "bob")
    before = need.store.value("SELECT count(*) FROM log")
    now, house, alice = need.clock.now(), need.wiring.house(need.store), need.user("alice")
    with need.store.write() as tx:
        cases.let_go(tx, case_id, need.user("bob")["id"], now)
    for refused in (
        lambda tx: acts.open_case(tx, house, case_id, alice, now),
        lambda tx: acts.save(tx, draft["id"], version=1, text=OWN, user=alice, now=now),
        lambda tx: acts.approve(tx, house, draft["id"], version=1, text=OWN, user=alice, now=now),
        lambda tx: acts.close(tx, house, case_id, reason="no_reply_needed", user=alice, now=now),
    ):
        with pytest.raises(Untrained), need.store.write() as tx:
            refused(tx)
    assert need.store.value("SELECT count(*) FROM log") == before
    assert need.case("kim")["claimed_by"] is None


def test_who_is_not_trained_does_not_keep_a_case_that_becomes_a_crisis(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    tent.open("kim", "alice")
    tent.hear(post("2", "kim", NEED, root="1"))
    case = tent.case("kim")
    assert (case["lane"], case["claimed_by"], case["state"]) == (Lane.CRISIS, None, CaseState.NEW)
    assert tent.open("kim", "bob") is not None


def test_one_trained_person_answers_alone_without_sign_off_and_a_debrief_and_a_review_open(need: HouseInATent) -> None:
    draft = need.open("kim", "bob")
    assert acts.signed(need.store, need.wiring.house(need.store), draft, need.user("bob")) == ""
    text = f"{OWN}\n{line('de-telefonseelsorge')}\n{line('de-rescue')}"
    assert need.approve("kim", text, "bob").kind == "queued"
    need.clock.advance(10_000)
    assert need.send() == 1
    assert [reply.text for reply in need.said()] == [text]
    bob = need.user("bob")["id"]
    assert tasks(need) == [("debrief", bob), ("review", bob)]
    assert alarms.of_case(need.store, need.case("kim")["id"], AlarmKind.CRISIS) is None, "nobody is paged any more"


def test_a_signed_reply_and_a_typed_number_are_denied(need: HouseInATent) -> None:
    assert need.approve("kim", f"{OWN} ^BO", "bob").kind == "denied"
    assert need.approve("kim", f"{OWN} Ruf an: 0800 111 0 111", "bob").kind == "denied"
    assert need.approve("kim", f"{OWN} \U0001f499", "bob").kind == "denied"
    assert tasks(need) == []


def test_a_card_that_runs_out_between_approval_and_sending_stops_the_reply(tent: HouseInATent) -> None:
    known = next(each for each in hotlines.standings(tent.store, 0) if each.card.id == "de-telefonseelsorge")
    assert known.at is not None
    tent.clock.advance(known.at + 90 * DAY_MS - tent.clock.now() - 5_000)
    tent.hear(post("1", "kim", NEED))
    assert tent.approve("kim", f"{OWN}\n{known.card.line('de')}", "bob").kind == "queued"
    tent.clock.advance(10_000)
    assert tent.send() == 0
    row = tent.store.row("SELECT state, cause FROM dispatches")
    assert row is not None
    assert (row["state"], row["cause"]) == (DispatchState.REFUSED, "gate:C-22:blocked hotline")
    assert tent.said() == []
    assert tent.approve("kim", f"{OWN}\n{known.card.line('de')}", "bob").kind == "denied"
    with tent.store.write() as tx:
        hotlines.confirm(tx, tent.wiring.keys, known.card.id, user=tent.user("bob"), now=tent.clock.now())
    assert tent.approve("kim", f"{OWN}\n{known.card.line('de')}", "bob").kind == "queued"


def test_whoever_closes_a_crisis_has_a_debrief_and_no_review(need: HouseInATent) -> None:
    need.open("kim", "bob")
    with need.store.write() as tx:
        acts.close(
            tx,
            need.wiring.house(tx),
            need.case("kim")["id"],
            reason="answered_by_hand",
            user=need.user("bob"),
            now=need.clock.now(),
        )
    assert tasks(need) == [("debrief", need.user("bob")["id"])]


def test_a_debrief_is_done_by_the_person_or_a_senior_and_a_review_by_somebody_else(need: HouseInATent) -> None:
    add(need, "dora", "agent", trained=True)
    add(need, "emil", "senior", trained=False)
    need.approve("kim", OWN, "dora")
    talk, review = care.open_tasks(need.store)
    shown = {
        name: [row["kind"] for row in debrief.shown_to(need.store, need.user(name))]
        for name in ("alice", "dora", "emil")
    }
    assert shown == {"alice": [], "dora": ["debrief", "review"], "emil": ["debrief", "review"]}
    for task, name in ((talk, "alice"), (review, "alice"), (review, "dora"), (review, "charlie")):
        with pytest.raises(NotAllowed):
            finish(need, task["id"], name)
    before = len(need.entries("CRISIS"))
    finish(need, talk["id"], "dora")
    assert len(need.entries("CRISIS")) == before, "a debrief is nobody else's business"
    finish(need, review["id"], "emil")
    assert need.entries("CRISIS")[-1]["step"] == "reviewed"
    assert care.open_tasks(need.store) == []
    with pytest.raises(Stale):
        finish(need, talk["id"], "dora")


def test_tasks_survive_the_erasure_of_their_case_and_go_thirty_days_after_they_were_done(need: HouseInATent) -> None:
    need.approve("kim", OWN, "bob")
    talk, _ = care.open_tasks(need.store)
    finish(need, talk["id"], "bob")
    need.clock.advance(31 * DAY_MS)
    with need.store.write() as tx:
        care.purge(tx, need.clock.now())
        people.erase_cases(tx, [need.case("kim")["id"]])
    assert [(row["kind"], row["case_id"]) for row in care.open_tasks(need.store)] == [("review", None)]
    assert care.task(need.store, talk["id"]) is None


def test_the_ledger_stays_whole_through_a_crisis_and_tells_no_word_of_it(need: HouseInATent) -> None:
    need.approve("kim", OWN, "bob")
    with need.store.write() as tx:
        hotlines.confirm(tx, need.wiring.keys, "de-eltern", user=need.user("bob"), now=need.clock.now())
    need.beat()
    folder = need.root / "checkpoints"
    report = compare_in_full(need.store, folder, need.wiring.keys.known).report
    assert report.verdict is Verdict.OK, report.sentence
    bodies = b"".join(row["body"] for row in need.store.rows("SELECT body FROM log"))
    for word in ("nicht mehr", "leben", "kim", "bob"):
        assert word.encode() not in bodies, word
    assert drafts.open_of_case(need.store, need.case("kim")["id"]) is not None
