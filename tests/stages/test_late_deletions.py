"""A deletion that was closed late is told as a promise missed, never as tampering, and never instead of it."""

import subprocess
import sys

import pytest
from restoring import grow, put_back, quick, save, verified
from tents import HouseInATent

from bot.ledger import entries, proof
from bot.ledger.anchors import Compared, judged
from bot.ledger.export import Wanted, export
from bot.ledger.verify import Report, Verdict
from bot.model import EntryKind
from bot.model.retention import HOUR_MS


def noticed(tent: HouseInATent, mention: int, hours: int = 48) -> int:
    """A platform told of a deletion; returns when."""
    now = tent.clock.now()
    told: dict[str, entries.Value] = {"mention": mention, "step": "noticed", "noticed_at": now, "hours": hours}
    with tent.store.write() as tx:
        entries.append(tx, EntryKind.DELETION, told, now)
    return now


def closed(tent: HouseInATent, mention: int, since: int, hours: int = 48) -> int:
    told: dict[str, entries.Value] = {"mention": mention, "step": "closed", "noticed_at": since, "hours": hours}
    with tent.store.write() as tx:
        return entries.append(tx, EntryKind.DELETION, told, tent.clock.now())


def late(tent: HouseInATent) -> int:
    """Closed an hour after its time; returns the entry."""
    since = noticed(tent, 7)
    tent.clock.advance(49 * HOUR_MS)
    return closed(tent, 7, since)


def test_a_late_deletion_is_a_promise_missed_with_an_exit_code_of_its_own(tent: HouseInATent) -> None:
    seq = late(tent)
    grow(tent)
    report = verified(tent)
    assert (report.verdict, int(report.verdict), report.seq) == (Verdict.LATE, 4, seq)
    assert report.sentence == f"All else holds, but remote deletions were late: 1, the first in entry {seq}."
    assert quick(tent) is Verdict.OK, "the chain is whole, so the gate goes on"


def test_one_closed_in_time_is_well_and_one_still_open_past_its_time_is_late(tent: HouseInATent) -> None:
    since = noticed(tent, 7)
    tent.clock.advance(48 * HOUR_MS)
    closed(tent, 7, since)
    assert verified(tent).verdict is Verdict.OK
    noticed(tent, 8)
    open_one = tent.store.value("SELECT max(seq) FROM log")
    tent.clock.advance(48 * HOUR_MS)
    closed(tent, 9, tent.clock.now())
    assert verified(tent).verdict is Verdict.OK, "not a millisecond too early"
    tent.clock.advance(1)
    closed(tent, 9, tent.clock.now())
    report = verified(tent)
    assert (report.verdict, report.seq) == (Verdict.LATE, open_one)


@pytest.mark.parametrize("hours", [0, -1, 169, 8_760, "48", None])
def test_an_entry_that_gives_itself_other_time_than_there_is_was_not_written_by_us(tent: HouseInATent, hours) -> None:
    closed(tent, 7, tent.clock.now(), hours)
    assert verified(tent).verdict is Verdict.TAMPERED


def test_a_later_notice_in_the_closing_entry_hides_no_delay(tent: HouseInATent) -> None:
    noticed(tent, 7)
    tent.clock.advance(60 * HOUR_MS)
    closed(tent, 7, tent.clock.now())
    assert verified(tent).verdict is Verdict.LATE


def spoilt_vault(tent: HouseInATent) -> None:
    with tent.store.write() as tx:
        entries.append(tx, EntryKind.ATTEST, {"author": entries.commit(tx, "author", "a", {"a": 1})}, tent.clock.now())
        tx.run("UPDATE vault SET snapshot = x'7b7d'")


def unallowed_reply(tent: HouseInATent) -> None:
    with tent.store.write() as tx:
        told: dict[str, entries.Value] = {"result": "sent", "draft": 77, "text_hash": "f" * 64}
        entries.append(tx, EntryKind.SEND_RESULT, told, tent.clock.now())


@pytest.mark.parametrize("attack", [spoilt_vault, unallowed_reply])
def test_what_is_tampered_with_is_told_before_what_was_late(tent: HouseInATent, attack) -> None:
    late(tent)
    attack(tent)
    assert verified(tent).verdict is Verdict.TAMPERED


def test_missing_checkpoints_are_told_before_what_was_late() -> None:
    compared = Compared(Report(Verdict.LATE, 3, "Late."), lacking=(3,))
    assert judged(compared, told=False).verdict is Verdict.MISSING
    assert judged(compared, told=True).verdict is Verdict.LATE
    assert judged(Compared(Report(Verdict.LATE, 3, "Late.")), told=False).verdict is Verdict.LATE


def test_the_verifier_of_an_export_says_the_same_without_our_software(tent: HouseInATent) -> None:
    seq = late(tent)
    place = tent.root / "export.zip"
    tent.beat()
    export(tent.store, tent.wiring.keys, tent.root / "checkpoints", Wanted(place, 1, seq), now=tent.clock.now())
    said = subprocess.run(
        [sys.executable, "-I", proof.__file__, place], capture_output=True, text=True, check=False, cwd="/"
    )
    assert (said.returncode, said.stderr) == (4, "")
    assert said.stdout.startswith("late: All else holds")


def test_a_house_that_was_late_once_can_be_restored(tent: HouseInATent) -> None:
    late(tent)
    file = save(tent)
    put_back(tent, file)
    assert verified(tent).verdict is Verdict.LATE
