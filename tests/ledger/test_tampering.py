"""Whoever changes the file without the program is found: bit by bit, row by row, and against checkpoints."""

import sqlite3

import pytest
from ledgers import COLUMNS, Forger, checkpoint, copy_without_triggers, fill, rechained, rows

from bot.ledger.proof import Checkpoint
from bot.ledger.verify import Verdict, Walk, verify
from bot.store import log
from bot.store.db import Reader, Store
from bot.store.schema import TABLES

WORD = 64


def flips(value: int | bytes):
    """Every value that differs in one bit; integers as SQLite keeps them, 64 bits with a sign."""
    if isinstance(value, int):
        for bit in range(WORD):
            flipped = (value ^ (1 << bit)) & (2**WORD - 1)
            yield flipped - 2**WORD if flipped >> (WORD - 1) else flipped
    else:
        for position in range(len(value) * 8):
            flipped = bytearray(value)
            flipped[position // 8] ^= 1 << position % 8
            yield bytes(flipped)


def test_an_untouched_ledger_verifies(store, ledger, forger):
    report = verify(store, [checkpoint(ledger), checkpoint(ledger[:3])])
    assert (report.verdict, report.seq) == (Verdict.OK, 6)
    assert forger.verdict() is Verdict.OK


def test_an_empty_ledger_verifies(store):
    assert verify(store).verdict is Verdict.OK
    assert log.head(store) == (0, bytes(32))


@pytest.mark.parametrize("column", range(4), ids=COLUMNS)
def test_every_flipped_bit_of_every_row_is_found(forger, ledger, column):
    for entry in ledger:
        for flipped in flips(entry[column]):
            forger.put(COLUMNS[column], flipped, entry[0])
            assert forger.verdict() is not Verdict.OK, (entry[0], COLUMNS[column], flipped)
        forger.put(COLUMNS[column], entry[column], entry[0])
    assert forger.verdict() is Verdict.OK


def test_every_flipped_bit_of_the_page_that_holds_the_ledger_is_found():
    store = Store(":memory:")
    for statement in TABLES:
        store.connection.execute(statement)
    fill(store, 3)
    known, image = rows(store), bytearray(store.connection.serialize())
    size = store.value("PRAGMA page_size")
    page = (store.value("SELECT rootpage FROM sqlite_master WHERE name = 'log'") - 1) * size
    content = page + int.from_bytes(image[page + 5 : page + 7], "big")
    store.close()
    for place in [*range(page, page + 8 + 2 * len(known)), *range(content, page + size)]:
        for bit in range(8):
            image[place] ^= 1 << bit
            assert found_or_invisible(image, known), (place - page, bit)
            image[place] ^= 1 << bit


def found_or_invisible(image: bytearray, known: list) -> bool:
    """Whether verify finds a change in the file's bytes, or SQLite itself reads the same rows as before."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.deserialize(bytes(image))
    reader = Reader(connection)
    report = verify(reader, [checkpoint(known)])
    unseen = report.verdict is Verdict.OK and rows(reader) != known
    connection.close()
    return not unseen


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("value", ["text", 7, 2.5, None, b"", "\ud800".encode("utf-8", "surrogatepass")])
@pytest.mark.parametrize("seq", [1, 3, 6])
def test_a_column_of_another_type_is_found_and_no_crash(forger, column, value, seq):
    forger.put(column, value, seq)
    assert forger.verdict() is Verdict.TAMPERED


def test_text_that_is_no_text_is_found_and_no_crash(forger):
    forger.connection.execute("UPDATE log SET body = CAST(x'ff00fe' AS TEXT) WHERE seq = 3")
    assert forger.verdict() is Verdict.TAMPERED


def test_a_body_with_the_right_bytes_as_text_is_found(forger):
    forger.connection.execute("UPDATE log SET body = CAST(body AS TEXT) WHERE seq = 3")
    assert forger.verdict() is Verdict.TAMPERED


@pytest.mark.parametrize("missing", range(5))
def test_a_row_removed_before_the_end_is_found(forger, ledger, missing):
    forger.write(ledger[:missing] + ledger[missing + 1 :])
    assert forger.verdict() is Verdict.TAMPERED


@pytest.mark.parametrize("first", range(5))
def test_two_rows_in_each_others_places_are_found(forger, ledger, first):
    one, two = ledger[first], ledger[first + 1]
    swapped = [(one[0], *two[1:]), (two[0], *one[1:])]
    forger.write(ledger[:first] + swapped + ledger[first + 2 :])
    assert forger.verdict() is Verdict.TAMPERED


def test_a_row_twice_and_a_row_before_the_first_are_found(forger, ledger):
    forger.write([*ledger, ledger[-1]])
    assert forger.verdict() is Verdict.TAMPERED
    forger.write([(0, *rechained([b"{}"])[0][1:]), *ledger])
    assert forger.verdict() is Verdict.TAMPERED
    forger.write([(-(2**63), *ledger[0][1:]), *ledger])
    assert forger.verdict() is Verdict.TAMPERED


@pytest.mark.parametrize("kept", range(6))
def test_a_cut_tail_is_found_against_a_checkpoint(forger, ledger, kept):
    forger.write(ledger[:kept])
    assert forger.verdict() is Verdict.OK, "a chain alone cannot show a cut tail"
    assert forger.verdict(checkpoint(ledger)) is Verdict.MISSING
    assert forger.verdict(checkpoint(ledger[:kept]) if kept else Checkpoint(0, bytes(32))) is Verdict.OK


def test_a_full_rewrite_is_found_against_any_checkpoint(forger, ledger):
    bodies = [entry[1] for entry in ledger]
    forger.write(rechained([bodies[0].replace(b"ALLOW", b"DENY"), *bodies[1:]]))
    assert forger.verdict() is Verdict.OK, "a chain alone cannot show a full rewrite"
    for size in range(1, 7):
        assert forger.verdict(checkpoint(ledger[:size])) is Verdict.TAMPERED


def test_checkpoints_that_contradict_each_other_are_found(forger, ledger):
    assert forger.verdict(checkpoint(ledger), Checkpoint(6, bytes(32))) is Verdict.TAMPERED


def test_a_table_that_is_gone_is_found_and_no_crash(forger):
    forger.connection.execute("DROP TABLE log")
    assert forger.verdict() is Verdict.TAMPERED


@pytest.mark.parametrize("place", range(7))
def test_a_walk_goes_on_from_where_it_ended(forger, ledger, place):
    walk = Walk()
    forger.write(ledger[:place])
    assert walk.go_on(forger.reader).seq == place
    forger.write(ledger)
    forger.connection.execute("UPDATE log SET body = x'7b7d' WHERE seq = 6")
    assert (walk.go_on(forger.reader).verdict is Verdict.OK) is (place == 6)
    forger.write(ledger)
    assert walk.go_on(forger.reader, [checkpoint(ledger)]).verdict is Verdict.OK
    assert (walk.seq, walk.head, walk.tree.root()) == (6, ledger[-1][3], checkpoint(ledger).root)


def test_a_walk_notices_that_what_it_once_saw_is_gone_or_another(forger, ledger):
    walk = Walk()
    forger.write(ledger[:5])
    assert walk.go_on(forger.reader).verdict is Verdict.OK
    forger.write(ledger[:4])
    assert walk.go_on(forger.reader).verdict is Verdict.MISSING
    forger.write(rechained([b"{}"] * 5))
    assert walk.go_on(forger.reader).verdict is Verdict.TAMPERED


@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE"])
@pytest.mark.parametrize("seq", [0, 1, 3, 6, 8, -1])
def test_the_insert_guard_stops_every_row_but_the_next(store, ledger, verb, seq):
    with pytest.raises(sqlite3.IntegrityError, match="grows at its end only"):
        store.connection.execute(
            f"{verb} INTO log (seq, body, prev, h) VALUES (?, ?, ?, ?)", (seq, b"{}", ledger[-1][3], bytes(32))
        )
    assert rows(store) == ledger


def test_the_insert_guard_stops_a_wrong_predecessor_and_an_upsert(store, ledger):
    place = "INSERT INTO log (seq, body, prev, h) VALUES (?, ?, ?, ?)"
    with pytest.raises(sqlite3.IntegrityError, match="grows at its end only"):
        store.connection.execute(place, (7, b"{}", bytes(32), bytes(32)))
    with pytest.raises(sqlite3.DatabaseError):
        store.connection.execute(f"{place} ON CONFLICT DO UPDATE SET body = x'00'", ledger[0])
    assert rows(store) == ledger


@pytest.mark.parametrize("statement", ["UPDATE log SET body = x'7b7d' WHERE seq = 2", "DELETE FROM log WHERE seq = 6"])
def test_triggers_stop_changes_even_without_the_guard(database, ledger, statement):
    connection = sqlite3.connect(database, isolation_level=None)
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        connection.execute(statement)
    connection.close()


def test_without_triggers_a_change_of_the_file_is_still_found(database, store, ledger):
    connection = copy_without_triggers(database)
    connection.execute("UPDATE log SET body = x'7b7d' WHERE seq = 2")
    connection.close()
    report = verify(store)
    assert (report.verdict, report.seq) == (Verdict.TAMPERED, 2)


def test_erasing_the_vault_leaves_the_ledger_whole(store, ledger):
    with store.write() as tx:
        assert log.erase(tx, "author-1") == 1
    assert verify(store, [checkpoint(ledger)]).verdict is Verdict.OK
    assert rows(store) == ledger


def test_the_report_names_the_first_entry_that_does_not_fit(forger, ledger):
    assert Forger(ledger[:2] + ledger[3:]).verdict() is Verdict.TAMPERED
    forger.write(ledger[:2] + ledger[3:])
    report = verify(forger.reader)
    assert (report.seq, report.sentence) == (3, "Entry 3: it is not here; a later one is.")


def test_the_exit_codes_are_the_promised_ones():
    assert [(verdict.name, verdict.value) for verdict in Verdict] == [
        ("OK", 0),
        ("TAMPERED", 1),
        ("MISSING", 2),
        ("LATE", 4),
    ]
