"""What people decide about a threat: figure of speech, confirmed, reported, or not, by two people (E-01 to E-06)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from alarms import ACUTE, BARE, MINUTE, Pagers, Watch
from hypothesis import given
from hypothesis import strategies as st
from tents import HouseInATent, post

from bot.errors import NotAllowed, Stale
from bot.ledger.verify import Verdict, verify
from bot.model import CaseState, Lane, Role
from bot.model.retention import DAY_MS
from bot.protect import duty, erasure, escalation
from bot.protect.offences import request_until
from bot.review import acts
from bot.store import alarms, cases, people, users
from bot.store.db import Row

REASON = "The police have looked at it and see no danger."


@pytest.fixture
def watch(tent: HouseInATent, tmp_path: Path) -> Watch:
    with tent.store.write() as tx:
        for name, role in (("tara", Role.AGENT), ("toni", Role.AGENT), ("sam", Role.SENIOR)):
            users.add(
                tx, name=name, role=role, initials=name[:2].upper(), password_hash="-", trained=name[0] == "t", at=1
            )
    return Watch(tent, Pagers(tmp_path / "pages.jsonl"))


def act(watch: Watch, what, name: str, **more: object) -> object:
    """Let somebody act on the newest escalation, whose page they see as it is."""
    tent, row = watch.tent, watch.escalation()
    if what in {escalation.confirm, escalation.figurative, duty.no_report, duty.reported}:
        more.setdefault("version", row["version"])
    with tent.store.write() as tx:
        return what(tx, tent.wiring.keys, row["id"], user=tent.user(name), now=tent.clock.now(), **more)


def confirmed(watch: Watch) -> Row:
    watch.threaten()
    act(watch, escalation.confirm, "bob")
    return watch.escalation()


def test_a_suspicion_freezes_and_one_key_of_a_trained_person_unfreezes_and_closes(watch: Watch) -> None:
    watch.threaten(BARE)
    case = watch.tent.case("kim")
    assert cases.author_threatens(watch.tent.store, case)
    act(watch, escalation.figurative, "tara")
    case = watch.tent.case("kim")
    assert case["state"] == CaseState.CLOSED
    assert not cases.author_threatens(watch.tent.store, case)
    assert case["lane"] == Lane.COMPLAINT, "what stays in the threat lane is never purged"
    watch.run_for(20)
    assert watch.pagers.got == []
    assert watch.steps() == ["opened", "decided:figurative"]


@pytest.mark.parametrize("what", [escalation.take, escalation.confirm, escalation.figurative])
def test_who_is_not_trained_decides_nothing(watch: Watch, what) -> None:
    watch.threaten(BARE)
    with pytest.raises(NotAllowed):
        act(watch, what, "alice")


def test_an_acute_alarm_is_a_figure_of_speech_only_to_a_senior(watch: Watch) -> None:
    watch.threaten(ACUTE)
    with pytest.raises(NotAllowed):
        act(watch, escalation.figurative, "tara")
    act(watch, escalation.figurative, "sam")
    assert watch.escalation()["state"] == "figurative"


def test_a_persons_flag_pages_now(watch: Watch) -> None:
    tent = watch.tent
    tent.hear(post("1", "kim", "@fjordfon_hilft Ihr werdet schon sehen, was passiert."))
    case = tent.case("kim")
    with tent.store.write() as tx:
        acts.escalate(
            tx, tent.wiring.house(tx), case["id"], lane=Lane.THREAT, user=tent.user("alice"), now=tent.clock.now()
        )
    watch.page()
    assert watch.pagers.channels == ["EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_BOARD"]


def test_confirming_a_suspicion_pages_those_who_protect_at_once(watch: Watch) -> None:
    watch.threaten(BARE)
    act(watch, escalation.confirm, "tara")
    watch.page()
    assert watch.pagers.channels == ["EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_BOARD"]
    assert watch.tent.case("kim")["state"] == CaseState.ESCALATED


@pytest.mark.parametrize("name", ["alice", "tara", "bob"])
def test_a_confirmed_threat_is_not_closed_and_not_moved_in_its_case_by_anybody(watch: Watch, name: str) -> None:
    confirmed(watch)
    tent = watch.tent
    case, user = tent.case("kim"), tent.user(name)
    for left in (
        lambda tx: acts.close(
            tx, tent.wiring.house(tx), case["id"], reason="not_about_us", user=user, now=tent.clock.now()
        ),
        lambda tx: acts.change_lane(
            tx, tent.wiring.house(tx), case["id"], lane=Lane.COMPLAINT, user=user, now=tent.clock.now()
        ),
    ):
        with pytest.raises(NotAllowed), tent.store.write() as tx:
            left(tx)
    with pytest.raises(Stale):
        act(watch, escalation.figurative, "bob")
    assert tent.case("kim")["lane"] == Lane.THREAT
    assert watch.escalation()["state"] == "confirmed"


def test_a_case_that_a_senior_takes_out_of_the_lane_unconfirmed_ends_its_alarm(watch: Watch) -> None:
    tent = watch.tent
    watch.threaten(ACUTE)
    case = tent.case("kim")

    def move(name: str) -> None:
        with tent.store.write() as tx:
            house, user = tent.wiring.house(tx), tent.user(name)
            acts.change_lane(tx, house, case["id"], lane=Lane.COMPLAINT, user=user, now=tent.clock.now())

    with pytest.raises(NotAllowed):
        move("tara")
    move("sam")
    assert watch.escalation()["state"] == "figurative"
    watch.run_for(20)
    assert watch.pagers.got == []


@pytest.mark.parametrize(
    ("people", "closes"),
    [
        (["bob"], False),
        (["tara"], False),
        (["tara", "toni"], False),
        (["tara", "bob"], True),
        (["bob", "tara"], True),
        (["bob", "sam"], True),
        (["tara", "toni", "sam"], True),
    ],
)
def test_nothing_is_closed_without_a_report_but_by_two_people_one_of_them_a_senior(
    watch: Watch, people: list[str], *, closes: bool
) -> None:
    confirmed(watch)
    given = [act(watch, duty.no_report, name, reason=REASON) for name in people]
    assert given == [*(False for _ in people[1:]), closes]
    assert (watch.escalation()["state"] == "no_report") is closes
    assert (watch.tent.case("kim")["state"] == CaseState.CLOSED) is closes
    assert verify(watch.tent.store).verdict is Verdict.OK


def test_one_person_does_not_count_for_two(watch: Watch) -> None:
    confirmed(watch)
    act(watch, duty.no_report, "bob", reason=REASON)
    with pytest.raises(NotAllowed):
        act(watch, duty.no_report, "bob", reason=REASON)
    assert watch.escalation()["state"] == "confirmed"


@pytest.mark.parametrize("reason", ["", "   ", "no", "x" * 9])
def test_without_a_written_reason_nobody_agrees(watch: Watch, reason: str) -> None:
    confirmed(watch)
    with pytest.raises(Stale):
        act(watch, duty.no_report, "bob", reason=reason)
    assert alarms.agreed(watch.tent.store, watch.escalation()["id"]) == []


def test_before_a_person_confirmed_the_threat_there_is_no_duty_check(watch: Watch) -> None:
    watch.threaten()
    with pytest.raises(Stale):
        act(watch, duty.no_report, "bob", reason=REASON)


def test_what_comes_in_meanwhile_makes_an_agreement_void(watch: Watch) -> None:
    confirmed(watch)
    act(watch, duty.no_report, "bob", reason=REASON)
    tent = watch.tent
    tent.hear(post("9", "lea", "@fjordfon_hilft Wo finde ich meine Rechnung?"))
    act(watch, escalation.link, "tara", case_id=tent.case("lea")["id"])
    assert act(watch, duty.no_report, "tara", reason=REASON) is False
    assert watch.escalation()["state"] == "confirmed"


def test_the_checklist_keeps_times_and_receipts_and_the_hour_is_kept_when_police_and_board_know(watch: Watch) -> None:
    row = confirmed(watch)
    watch.tent.clock.advance(10 * MINUTE)
    act(watch, escalation.report, "tara", target="police", receipt="VN 4711/26")
    assert watch.escalation()["reported_at"] is None
    with pytest.raises(Stale):
        act(watch, duty.reported, "bob")
    watch.tent.clock.advance(MINUTE)
    act(watch, escalation.report, "bob", target="board", receipt="")
    assert watch.escalation()["reported_at"] == row["confirmed_at"] + 11 * MINUTE
    made = alarms.reports_of(watch.tent.store, row["id"])
    assert [(each["target"], each["receipt"], each["initials"]) for each in made] == [
        ("police", "VN 4711/26", "TA"),
        ("board", "", "BO"),
    ]
    act(watch, duty.reported, "tara")
    watch.run_for(60)
    assert watch.steps()[-2:] == ["reported", "closed:reported"]
    assert [entry["target"] for entry in watch.tent.entries("REPORT")] == ["police", "board"]
    assert "4711" not in str(watch.tent.entries("REPORT"))


def test_the_online_form_is_not_offered_for_what_is_acute_and_the_dsa_task_only_on_our_own_forum(watch: Watch) -> None:
    row = confirmed(watch)
    offered = escalation.targets(watch.tent.store, row)
    assert "onlinewache" not in offered
    assert "dsa18" not in offered
    for target in ("onlinewache", "dsa18", "the pope"):
        with pytest.raises(Stale):
            act(watch, escalation.report, "bob", target=target, receipt="")


def test_on_our_own_forum_nothing_closes_before_the_police_know_everything(watch: Watch) -> None:
    tent = watch.tent
    tent.hear(post("1", "kim", ACUTE, owned_surface=True))
    act(watch, escalation.confirm, "bob")
    for target in ("police", "board"):
        act(watch, escalation.report, "bob", target=target, receipt="")
    with pytest.raises(Stale, match="DSA"):
        act(watch, duty.reported, "bob")
    act(watch, escalation.report, "bob", target="dsa18", receipt="")
    act(watch, duty.reported, "bob")
    assert watch.escalation()["state"] == "reported"


def test_across_platforms_only_a_trained_person_links_inside_an_escalation_and_the_ledger_says_so(watch: Watch) -> None:
    tent, row = watch.tent, watch.threaten()
    tent.hear(post("2", "anders", "@fjordfon_hilft Wo finde ich meine Rechnung?"))
    other = tent.case("anders")["id"]
    with tent.store.write() as tx:
        tx.run("UPDATE cases SET platform = 'mastodon' WHERE id = :id", id=other)
    with pytest.raises(NotAllowed):
        act(watch, escalation.link, "alice", case_id=other)
    act(watch, escalation.link, "tara", case_id=other)
    assert alarms.case_ids(tent.store, row["id"]) == [tent.case("kim")["id"], other]
    assert cases.by_id(tent.store, other)["lane"] == Lane.THREAT
    [entry] = [entry for entry in tent.entries("THREAT") if entry["step"] == "linked"]
    assert entry["case"] == other
    assert entry["by"]
    with pytest.raises(Stale):
        act(watch, escalation.link, "tara", case_id=other)


def test_a_stale_page_decides_nothing(watch: Watch) -> None:
    row = watch.threaten()
    act(watch, escalation.take, "bob")
    with pytest.raises(Stale):
        act(watch, escalation.confirm, "bob", version=row["version"])


def test_after_it_is_over_a_new_threat_is_a_new_alarm(watch: Watch) -> None:
    first = watch.threaten(BARE)
    act(watch, escalation.figurative, "tara")
    second = watch.threaten(ACUTE, number="2")
    assert second["id"] != first["id"]
    watch.page()
    assert len(watch.pagers.got) == 2


def test_a_deadline_is_kept_for_the_person_concerned_alone(watch: Watch) -> None:
    row = confirmed(watch)
    with watch.tent.store.write() as tx:
        duty.concerns_me(
            tx, row["id"], section="185", known_on=date(2026, 11, 30), user=watch.tent.user("alice"), now=1
        )
        with pytest.raises(Stale):
            duty.concerns_me(
                tx, row["id"], section="130", known_on=date(2026, 11, 30), user=watch.tent.user("alice"), now=1
            )
    assert [each["until"] for each in alarms.requests_of(watch.tent.store, watch.tent.user("alice")["id"])] == [
        "2027-02-28"
    ]
    assert alarms.requests_of(watch.tent.store, watch.tent.user("bob")["id"]) == []


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_a_request_is_due_on_the_same_day_three_months_later_or_on_that_months_last(known: date) -> None:
    until = request_until(known)
    assert (until.year * 12 + until.month) - (known.year * 12 + known.month) == 3
    assert until.day == known.day or (until.day < known.day and (until + timedelta(days=1)).day == 1)


def test_a_persons_erasure_waits_for_the_decision_about_their_threat(watch: Watch) -> None:
    watch.threaten(BARE)
    case = watch.tent.case("kim")
    tent = watch.tent
    assert erasure.escalated(tent.store, case["platform"], case["author_id"], tent.clock.now()) == [case["id"]]
    act(watch, escalation.figurative, "tara")
    assert erasure.escalated(tent.store, case["platform"], case["author_id"], tent.clock.now()) == []


def test_what_was_written_about_an_erased_case_goes_with_it_and_nobody_is_paged_for_it(watch: Watch) -> None:
    confirmed(watch)
    act(watch, duty.no_report, "bob", reason=REASON)
    act(watch, escalation.report, "bob", target="works_council", receipt="BR 7")
    tent = watch.tent
    with tent.store.write() as tx:
        people.erase_cases(tx, [tent.case("kim")["id"]])
        alarms.tidy(tx, tent.clock.now())
    watch.run_for(10)
    assert watch.pagers.got == []
    row = watch.escalation()
    assert row["state"] == "settled"
    assert alarms.agreed(tent.store, row["id"]) == []
    assert [each["receipt"] for each in alarms.reports_of(tent.store, row["id"])] == [""]


def test_pages_are_forgotten_after_ninety_days_and_bare_escalations_after_a_year(watch: Watch) -> None:
    tent = watch.tent
    watch.threaten()
    watch.page()
    act(watch, escalation.figurative, "bob")
    with tent.store.write() as tx:
        people.erase_cases(tx, [tent.case("kim")["id"]])
        alarms.tidy(tx, tent.clock.now() + 89 * DAY_MS)
        assert tx.value("SELECT count(*) FROM pages") == 2
        alarms.tidy(tx, tent.clock.now() + 91 * DAY_MS)
        assert tx.value("SELECT count(*) FROM pages") == 0
        assert tx.value("SELECT count(*) FROM escalations") == 1
        alarms.tidy(tx, tent.clock.now() + 367 * DAY_MS)
        assert tx.value("SELECT count(*) FROM escalations") == 0


def test_a_case_that_is_no_threat_leaves_an_escalation_that_holds_another(watch: Watch) -> None:
    tent, row = watch.tent, watch.threaten(BARE)
    tent.hear(post("2", "anders", "@fjordfon_hilft Wo finde ich meine Rechnung?"))
    other = tent.case("anders")["id"]
    act(watch, escalation.link, "tara", case_id=other)
    with tent.store.write() as tx:
        house, user = tent.wiring.house(tx), tent.user("tara")
        acts.change_lane(tx, house, other, lane=Lane.HELP, user=user, now=tent.clock.now())
    assert alarms.case_ids(tent.store, row["id"]) == [tent.case("kim")["id"]]
    assert watch.escalation()["state"] == "open"
