"""The ledger of a restored house: what was lost is declared, signed and no more than that."""

import shutil
import sqlite3
from pathlib import Path

from restoring import answer, ask, grow, later, put_back, quick, save, verified, working_on
from tents import HouseInATent

from bot import keys
from bot.ledger import entries, gaps
from bot.ledger.export import Wanted, export
from bot.ledger.proof import Verdict, verify_export
from bot.ledger.rotation import rotate
from bot.model import EntryKind


def test_checkpoints_of_the_lost_time_count_as_lost_wherever_they_are_kept(tent: HouseInATent, tmp_path: Path) -> None:
    grow(tent)
    file = save(tent)
    grow(tent)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tent.root / "checkpoints", elsewhere)
    put_back(tent, file)
    assert (quick(tent), quick(tent, elsewhere), verified(tent).verdict) == (Verdict.OK,) * 3
    grow(tent, 8)
    assert (quick(tent), quick(tent, elsewhere), verified(tent).verdict) == (Verdict.OK,) * 3


def test_without_a_restore_entry_a_shortened_ledger_is_incomplete(tent: HouseInATent) -> None:
    grow(tent)
    tent.wiring.stores.close()
    copy = tent.root / "copy.db"
    shutil.copy(tent.wiring.database, copy)
    grow(tent)
    tent.wiring.stores.close()
    for ending in ("-wal", "-shm"):
        tent.wiring.database.with_name(f"earshot.db{ending}").unlink(missing_ok=True)
    shutil.copy(copy, tent.wiring.database)
    assert (quick(tent), verified(tent).verdict) == (Verdict.MISSING, Verdict.MISSING)


def test_a_loss_that_our_key_did_not_sign_is_tampering(tent: HouseInATent, tmp_path: Path) -> None:
    grow(tent)
    keys.make(tmp_path / "thief")
    thief = keys.load(tmp_path / "thief")
    with tent.store.write() as tx:
        size = tent.store.value("SELECT max(seq) FROM log")
        gaps.declare(tx, size, [(size + 5, b"r" * 32)], thief.signer, at=tent.clock.now(), backup_at=0)
    assert quick(tent) is Verdict.TAMPERED


def test_a_declaration_that_stands_elsewhere_than_it_was_signed_for_is_tampering(tent: HouseInATent) -> None:
    grow(tent)
    with tent.store.write() as tx:
        size = tent.store.value("SELECT max(seq) FROM log")
        gaps.declare(tx, size - 1, [], tent.wiring.keys.signer, at=tent.clock.now(), backup_at=0)
    assert quick(tent) is Verdict.TAMPERED


def test_entries_after_a_restore_are_as_safe_as_all_others(tent: HouseInATent) -> None:
    grow(tent)
    file = save(tent)
    grow(tent, 6)
    put_back(tent, file)
    grow(tent, 2)
    tent.wiring.stores.close()
    connection = sqlite3.connect(tent.wiring.database, isolation_level=None)
    connection.execute("DROP TRIGGER log_is_never_shortened")
    connection.execute("DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)")
    connection.execute("DELETE FROM checkpoints WHERE size > (SELECT max(seq) FROM log)")
    connection.close()
    assert quick(tent) is Verdict.MISSING


def test_a_key_that_was_rotated_after_the_backup_comes_back_from_the_journal(tent: HouseInATent) -> None:
    grow(tent)
    file = save(tent)
    known = tent.wiring.keys
    rotate(tent.store, known, tent.root / "keys", tent.root / "checkpoints", tent.clock.now())
    grow(tent)
    put_back(tent, file)
    assert (quick(tent), verified(tent).verdict) == (Verdict.OK, Verdict.OK)
    grow(tent, 5)
    assert (quick(tent), verified(tent).verdict) == (Verdict.OK, Verdict.OK)


def test_an_export_after_a_restore_verifies_with_its_own_verifier(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    answer(tent, "kim", 1)
    file = save(tent)
    later(tent)
    put_back(tent, file)
    working_on(tent)
    last = tent.store.value("SELECT max(seq) FROM log")
    place = tent.root / "export.zip"
    export(tent.store, tent.wiring.keys, tent.root / "checkpoints", Wanted(place, last, last), now=tent.clock.now())
    assert "every one in its place" in verify_export(place)


def test_a_reply_cannot_be_called_found_where_nothing_was_lost(tent: HouseInATent) -> None:
    with tent.store.write() as tx:
        told: dict[str, entries.Value] = {"dispatch": 1, "draft": 1, "result": "found", "begun_at": tent.clock.now()}
        entries.append(tx, EntryKind.SEND_RESULT, told, tent.clock.now())
    assert verified(tent).verdict is Verdict.TAMPERED


def test_restoring_twice_and_from_an_older_backup_verifies_all_the_same(tent: HouseInATent) -> None:
    grow(tent)
    older = save(tent, "older.backup")
    grow(tent)
    newer = save(tent, "newer.backup")
    grow(tent)
    for file in (newer, older, older, newer):
        put_back(tent, file)
        grow(tent, 4)
        assert (quick(tent), verified(tent).verdict) == (Verdict.OK, Verdict.OK)
