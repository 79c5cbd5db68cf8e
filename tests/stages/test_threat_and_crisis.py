"""Who threatens may be in need as well: both alarms ring, and when the threat is over the need is still there."""

from pathlib import Path

import pytest
from alarms import Pagers, Watch
from tents import HouseInATent, post

from bot.ledger.verify import Verdict, verify
from bot.model import AlarmKind, CaseState, Lane
from bot.protect import duty, escalation
from bot.review import acts
from bot.store import alarms, care, users
from bot.store.db import Row

BOTH = "@fjordfon_hilft Ich bring euch alle um, und dann mich selbst. Ich will nicht mehr leben."
THREAT = "@fjordfon_hilft Ich bring euch alle um."
REASON = "The police have looked at it and see no danger."


@pytest.fixture
def watch(tent: HouseInATent, tmp_path: Path) -> Watch:
    with tent.store.write() as tx:
        for name, role in (("tara", "agent"), ("sam", "senior")):
            users.add(tx, name=name, role=role, initials=name[:2].upper(), password_hash="-", trained=True, at=1)  # type: ignore[arg-type]
    return Watch(tent, Pagers(tmp_path / "pages.jsonl"))


def alarm_of(watch: Watch, kind: AlarmKind) -> Row | None:
    return alarms.of_case(watch.tent.store, watch.tent.case("kim")["id"], kind)


def act(watch: Watch, what, name: str, **more: object) -> None:
    tent, row = watch.tent, alarm_of(watch, AlarmKind.THREAT)
    assert row is not None
    with tent.store.write() as tx:
        what(
            tx, tent.wiring.keys, row["id"], version=row["version"], user=tent.user(name), now=tent.clock.now(), **more
        )


def test_a_post_that_is_both_pages_for_both(watch: Watch) -> None:
    watch.threaten(BOTH)
    assert watch.tent.case("kim")["lane"] == Lane.THREAT
    threat, need = alarm_of(watch, AlarmKind.THREAT), alarm_of(watch, AlarmKind.CRISIS)
    assert threat is not None
    assert need is not None
    assert need["page_at"] <= watch.tent.clock.now(), "people trained for crises are paged at once"


def test_a_threat_alone_pages_nobody_for_a_crisis(watch: Watch) -> None:
    watch.threaten(THREAT)
    assert alarm_of(watch, AlarmKind.CRISIS) is None


def test_need_that_follows_a_threat_in_the_same_case_rings_too(watch: Watch) -> None:
    watch.threaten(THREAT)
    watch.tent.hear(post("2", "kim", "@fjordfon_hilft Ich will nicht mehr leben.", root="1"))
    assert watch.tent.case("kim")["lane"] == Lane.THREAT
    assert alarm_of(watch, AlarmKind.CRISIS) is not None


def test_a_figure_of_speech_leaves_the_person_in_need_to_those_who_are_trained(watch: Watch) -> None:
    watch.threaten(BOTH)
    act(watch, escalation.figurative, "sam")
    case = watch.tent.case("kim")
    assert case["lane"] == Lane.CRISIS
    assert case["state"] not in {CaseState.CLOSED, CaseState.ESCALATED}
    assert alarm_of(watch, AlarmKind.THREAT) is None
    assert alarm_of(watch, AlarmKind.CRISIS) is not None, "the need was not decided"
    assert verify(watch.tent.store).verdict is Verdict.OK


def test_a_threat_that_two_people_close_leaves_the_need_as_well(watch: Watch) -> None:
    watch.threaten(BOTH)
    act(watch, escalation.confirm, "sam")
    act(watch, duty.no_report, "tara", reason=REASON)
    act(watch, duty.no_report, "sam", reason=REASON)
    case = watch.tent.case("kim")
    assert (case["lane"], case["state"]) == (Lane.CRISIS, CaseState.ESCALATED)
    assert alarm_of(watch, AlarmKind.CRISIS) is not None


def test_a_senior_who_closes_the_case_ends_both_and_gets_a_debrief(watch: Watch) -> None:
    watch.threaten(BOTH)
    tent = watch.tent
    with tent.store.write() as tx:
        house = tent.wiring.house(tent.store)
        acts.close(
            tx, house, tent.case("kim")["id"], reason="no_reply_needed", user=tent.user("sam"), now=tent.clock.now()
        )
    assert alarm_of(watch, AlarmKind.CRISIS) is None, "nobody is paged for a closed case"
    assert [row["kind"] for row in care.open_tasks(tent.store)] == ["debrief"]
