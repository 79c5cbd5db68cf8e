"""What protects people outlives a restore: alarms ring again, and evidence is held again."""

from pathlib import Path

import pytest
from restoring import put_back, save, verified
from tents import HouseInATent, post

from bot.ledger.proof import Verdict
from bot.model import AlarmKind, Lane
from bot.protect import escalation
from bot.protect import holds as acts
from bot.store import alarms, holds
from bot.store.db import Row

ASK = "@fjordfon_hilft Warum geht das Internet nicht?"
THREAT = "@fjordfon_hilft Ich komme morgen mit der Axt in euren Shop und bring euch alle um."
NEED = "@fjordfon_hilft Ich kann nicht mehr, ich will nicht mehr leben."


def alarm(tent: HouseInATent, kind: AlarmKind, author: str = "kim") -> Row | None:
    return alarms.of_case(tent.store, tent.case(author)["id"], kind)


def hold(tent: HouseInATent) -> int:
    with tent.store.write() as tx:
        return acts.place(
            tx,
            tent.wiring.keys,
            tent.case("kim")["id"],
            classification="Drohung",
            basis="Anzeige",
            days=30,
            user=tent.user("bob"),
            now=tent.clock.now(),
        )


@pytest.mark.parametrize(("words", "kind"), [(THREAT, AlarmKind.THREAT), (NEED, AlarmKind.CRISIS)])
def test_an_alarm_after_the_backup_rings_again(tent: HouseInATent, words: str, kind: AlarmKind) -> None:
    tent.hear(post("1", "kim", ASK))
    file = save(tent)
    tent.clock.advance(60_000)
    tent.hear(post("2", "kim", words, root="1"))
    assert alarm(tent, kind) is not None
    done = put_back(tent, file)
    assert (done.counts.alarms, done.counts.alarms_lost) == (1, 0)
    found = alarm(tent, kind)
    assert found is not None
    assert found["page_at"] <= tent.clock.now()
    assert found["why"] == "restored"
    assert verified(tent).verdict is Verdict.OK


def test_an_alarm_that_was_over_does_not_ring_again(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", ASK))
    file = save(tent)
    tent.clock.advance(60_000)
    tent.hear(post("2", "kim", THREAT, root="1"))
    known = alarm(tent, AlarmKind.THREAT)
    assert known is not None
    with tent.store.write() as tx:
        escalation.figurative(
            tx, tent.wiring.keys, known["id"], version=known["version"], user=tent.user("bob"), now=tent.clock.now()
        )
    assert put_back(tent, file).counts.alarms == 0
    assert alarm(tent, AlarmKind.THREAT) is None


def test_an_alarm_about_a_post_that_the_backup_does_not_know_is_counted_and_rings_when_it_is_heard_again(
    tent: HouseInATent,
) -> None:
    file = save(tent)
    tent.clock.advance(60_000)
    tent.hear(post("1", "kim", THREAT))
    done = put_back(tent, file)
    assert (done.counts.alarms, done.counts.alarms_lost) == (0, 1)
    tent.hear(post("1", "kim", THREAT))
    assert tent.case("kim")["lane"] == Lane.THREAT
    assert alarm(tent, AlarmKind.THREAT) is not None


@pytest.mark.parametrize("approved", [False, True])
def test_a_hold_after_the_backup_counts_again_until_somebody_looks(tent: HouseInATent, *, approved: bool) -> None:
    tent.hear(post("1", "kim", ASK))
    file = save(tent)
    number = hold(tent)
    if approved:
        with tent.store.write() as tx:
            assert holds.approve(tx, number, tent.user("alice")["id"])
    assert put_back(tent, file).counts.holds == 1
    found = holds.of_case(tent.store, tent.case("kim")["id"], tent.clock.now())
    assert found is not None
    assert found["asked_by"] == tent.user("bob")["id"]
    assert found["approved_by"] == (tent.user("alice")["id"] if approved else None)
    assert found["review_at"] <= tent.clock.now() + 7 * 86_400_000


def test_a_hold_that_ended_stays_ended(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", ASK))
    file = save(tent)
    number = hold(tent)
    with tent.store.write() as tx:
        acts.end(tx, tent.wiring.keys, number, user=tent.user("bob"), now=tent.clock.now())
    assert put_back(tent, file).counts.holds == 0
    assert holds.of_case(tent.store, tent.case("kim")["id"], tent.clock.now()) is None


def test_the_journal_names_nobody_in_what_it_tells_of_alarms_and_holds(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", THREAT))
    hold(tent)
    told = "".join(place.read_text("ascii") for place in Path(tent.root / "checkpoints").glob("*.journal"))
    assert " acute " in told
    assert " held " in told
    for secret in ("kim", "bob", "axt", "replay:"):
        assert secret not in told.lower()
