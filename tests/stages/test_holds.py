"""Legal holds: two people, six months at most, and against a hold no erasure of any kind comes through."""

import json

import pytest
from tents import HouseInATent, post

from bot import recheck
from bot.errors import NotAllowed, Stale
from bot.model import Role
from bot.model.retention import DAY_MS, UNAPPROVED_HOLD_MS
from bot.protect import erasure, holds
from bot.store import holds as rows
from bot.store import people, purge, status, upkeep, users

HANDLE = "kim"
WORDS = "@fjordfon_hilft Fliederbusch, warum geht das Internet nicht?"


@pytest.fixture
def case_id(tent: HouseInATent) -> int:
    tent.hear(post("1", HANDLE, WORDS))
    with tent.store.write() as tx:
        users.add(tx, name="dora", role=Role.SENIOR, initials="DO", password_hash="-", trained=True, at=1)
    return int(tent.case(HANDLE)["id"])


def place(tent: HouseInATent, case_id: int, name: str = "bob", **more: object) -> int:
    known = {"classification": "§ 241 StGB", "basis": "Art. 17(3)(e)", "days": 90, **more}
    with tent.store.write() as tx:
        return holds.place(tx, tent.wiring.keys, case_id, user=tent.user(name), now=tent.clock.now(), **known)


def held(tent: HouseInATent, case_id: int) -> int:
    hold_id = place(tent, case_id)
    with tent.store.write() as tx:
        holds.approve(tx, tent.wiring.keys, hold_id, user=tent.user("dora"), now=tent.clock.now())
    return hold_id


def steps(tent: HouseInATent, kind: str) -> list[object]:
    return [entry["step"] for entry in tent.entries(kind)]


def text(tent: HouseInATent) -> object:
    return tent.store.value("SELECT text FROM mentions WHERE id = 1")


def test_one_senior_asks_and_another_one_approves_and_both_stand_in_the_ledger(
    tent: HouseInATent, case_id: int
) -> None:
    hold_id = place(tent, case_id)
    for name in ("bob", "alice"):
        with tent.store.write() as tx, pytest.raises(NotAllowed):
            holds.approve(tx, tent.wiring.keys, hold_id, user=tent.user(name), now=1)
    with tent.store.write() as tx:
        holds.approve(tx, tent.wiring.keys, hold_id, user=tent.user("dora"), now=tent.clock.now())
    assert steps(tent, "EVIDENCE") == ["hold_asked", "hold_approved"]
    assert "241" not in json.dumps(tent.entries("EVIDENCE")), "what it is about stays out of the ledger"


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 184}, {"classification": " "}, {"basis": ""}])
def test_a_hold_needs_what_it_is_its_basis_and_a_review_within_six_months(
    tent: HouseInATent, case_id: int, wrong: dict[str, object]
) -> None:
    with pytest.raises(Stale):
        place(tent, case_id, **wrong)


def test_an_agent_asks_for_no_hold_and_a_case_is_held_once(tent: HouseInATent, case_id: int) -> None:
    with pytest.raises(NotAllowed):
        place(tent, case_id, "alice")
    place(tent, case_id)
    with pytest.raises(Stale):
        place(tent, case_id)


def test_retention_does_not_touch_a_held_case_and_takes_it_once_the_hold_has_ended(
    tent: HouseInATent, case_id: int
) -> None:
    hold_id = held(tent, case_id)
    tent.clock.advance(100 * DAY_MS)
    purge.run(tent.store, now=tent.clock.now(), days=30, author_key=tent.wiring.keys.author)
    assert text(tent) == WORDS
    with tent.store.write() as tx:
        holds.end(tx, tent.wiring.keys, hold_id, user=tent.user("bob"), now=tent.clock.now())
    purge.run(tent.store, now=tent.clock.now(), days=30, author_key=tent.wiring.keys.author)
    assert text(tent) is None
    assert tent.store.value("SELECT count(*) FROM legal_holds") == 0


def test_a_hold_that_nobody_approves_counts_for_three_days_only(tent: HouseInATent, case_id: int) -> None:
    place(tent, case_id)
    assert rows.of_case(tent.store, case_id, tent.clock.now() + UNAPPROVED_HOLD_MS - 1) is not None
    assert rows.of_case(tent.store, case_id, tent.clock.now() + UNAPPROVED_HOLD_MS) is None


def test_a_held_post_that_is_deleted_there_is_marked_and_kept(tent: HouseInATent, case_id: int) -> None:
    held(tent, case_id)
    with tent.timeline.with_suffix(".status.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "1", "exists": false}\n')
    for _ in range(2):
        with tent.store.write() as tx:
            status.ask(tx, 1, tent.clock.now())
        tent.clock.advance(1_000)
        recheck.run(tent.store, tent.publishers, tent.clock)
    assert text(tent) == WORDS
    kinds = [row["kind"] for row in tent.store.rows("SELECT kind FROM case_events")]
    assert kinds.count("kept_for_hold") == 1
    assert tent.entries("DELETION") == []


def test_a_platforms_silence_does_not_erase_a_held_post(tent: HouseInATent, case_id: int) -> None:
    held(tent, case_id)
    with tent.store.write() as tx:
        upkeep.can_be_asked(tx, ["samples"])
    assert upkeep.lost(tent.store, tent.clock.now() + 30 * DAY_MS, 10) == []
    tent.store.connection.execute("UPDATE legal_holds SET ended_at = 1")
    assert len(upkeep.lost(tent.store, tent.clock.now() + 30 * DAY_MS, 10)) == 1


def test_erasure_at_request_leaves_a_held_case_and_ends_when_the_hold_does(tent: HouseInATent, case_id: int) -> None:
    hold_id = held(tent, case_id)
    tent.clock.advance(7 * 3_600_000)
    tent.hear(post("2", HANDLE, "@fjordfon_hilft Und der Holunderstrauch am Telefon?"))
    with tent.store.write() as tx:
        erasure.ask(tx, tent.wiring.keys, "replay", HANDLE, user=tent.user("bob"), now=tent.clock.now())
    for _ in range(2):
        assert erasure.work(tent.store, tent.wiring.keys, tent.clock) == 0
    assert [row["text"] for row in tent.store.rows("SELECT text FROM mentions")] == [WORDS]
    assert steps(tent, "DELETION") == ["asked", "erased"], "the second round found nothing more to do"
    with tent.store.write() as tx:
        holds.end(tx, tent.wiring.keys, hold_id, user=tent.user("dora"), now=tent.clock.now())
    assert erasure.work(tent.store, tent.wiring.keys, tent.clock) == 1
    assert tent.store.value("SELECT count(*) FROM mentions") == 0
    assert people.open_erasures(tent.store) == []


def test_every_read_is_an_access_entry_and_of_other_cases_there_is_none(tent: HouseInATent, case_id: int) -> None:
    with tent.store.write() as tx:
        assert not holds.note_read(tx, tent.wiring.keys, case_id, user=tent.user("alice"), now=1)
    held(tent, case_id)
    for _ in range(2):
        with tent.store.write() as tx:
            assert holds.note_read(tx, tent.wiring.keys, case_id, user=tent.user("alice"), now=tent.clock.now())
    assert steps(tent, "ACCESS") == ["hold_read", "hold_read"]


def test_a_review_that_is_overdue_is_an_alarm_until_somebody_extends_or_ends(tent: HouseInATent, case_id: int) -> None:
    hold_id = held(tent, case_id)
    tent.clock.advance(90 * DAY_MS)
    assert [row["case_id"] for row in rows.overdue(tent.store, tent.clock.now())] == [case_id]
    with tent.store.write() as tx:
        holds.extend(tx, tent.wiring.keys, hold_id, days=183, user=tent.user("bob"), now=tent.clock.now())
    assert rows.overdue(tent.store, tent.clock.now()) == []
