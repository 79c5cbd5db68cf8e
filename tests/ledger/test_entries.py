"""An entry is chained, canonical and free of a user's words, and stands or falls with the change it tells of."""

import hashlib
import hmac
import json

import pytest
import rfc8785
from canaries import CANARY_TEXT
from ledgers import AT, rows

from bot.ledger import entries
from bot.ledger.verify import Verdict, verify
from bot.model import EntryKind
from bot.store import log


def test_entries_are_numbered_chained_and_hashed_as_the_rule_says(store):
    with store.write() as tx:
        assert entries.append(tx, EntryKind.CONFIG, {"config": "a"}, AT) == 1
        assert entries.append(tx, EntryKind.DECISION, {"case": 7}, AT + 1) == 2
    first, second = rows(store)
    assert first[:3] == (1, b'{"at":1790000000000,"config":"a","type":"CONFIG"}', bytes(32))
    assert first[3] == hashlib.sha256(b"\x00clog1" + bytes(32) + first[1]).digest()
    assert second[2] == first[3]
    assert log.head(store) == (2, second[3])


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_of_entry_can_be_written_and_verified(store, kind):
    with store.write() as tx:
        entries.append(tx, kind, {"word": "ß", "flag": True, "none": None, "list": [1, {"a": "b"}]}, AT)
    assert json.loads(rows(store)[0][1])["type"] == kind.value
    assert verify(store).verdict is Verdict.OK


def test_fields_cannot_pretend_to_be_another_kind_or_time(store):
    with store.write() as tx:
        entries.append(tx, EntryKind.DECISION, {"type": "CHECKPOINT", "at": 1}, AT)
    assert json.loads(rows(store)[0][1]) == {"type": "DECISION", "at": AT}


def append_and_break(store) -> None:
    with store.write() as tx:
        entries.append(tx, EntryKind.DECISION, {}, AT)
        tx.insert("tallies", {"day": 1, "source": "s", "reason": "r", "n": 1})
        raise RuntimeError


def test_an_entry_stands_or_falls_with_its_change(store):
    with pytest.raises(RuntimeError):
        append_and_break(store)
    assert log.head(store) == (0, bytes(32))
    assert store.value("SELECT count(*) FROM tallies") == 0


@pytest.mark.parametrize("value", [2**53, -(2**53), "\ud800", 1.5, float("nan"), {"deep": [0.5]}])
def test_what_has_no_exact_form_is_refused_before_it_is_written(store, value):
    with pytest.raises(ValueError, match=r"."), store.write() as tx:
        entries.append(tx, EntryKind.DECISION, {"value": value}, AT)
    assert rows(store) == []


def test_a_commitment_says_nothing_and_opens_from_the_vault(store):
    snapshot = {"handle": "kim", "text": CANARY_TEXT}
    with store.write() as tx:
        commitment = entries.commit(tx, "post", "author-1", snapshot)
        again = entries.commit(tx, "post", "author-1", snapshot)
        entries.append(tx, EntryKind.DECISION, {"post": commitment}, AT)
    assert again != commitment, "equal snapshots must not be recognisable"
    assert CANARY_TEXT.encode() not in rows(store)[0][1]
    opened = log.opening(store, commitment)
    assert opened["snapshot"] == rfc8785.dumps(snapshot)
    assert hmac.new(opened["salt"], opened["snapshot"], hashlib.sha256).hexdigest() == commitment
    assert len(opened["salt"]) == 32


def test_erasing_a_subject_destroys_its_openings_and_no_others(store):
    with store.write() as tx:
        gone = entries.commit(tx, "post", "author-1", {"text": CANARY_TEXT})
        kept = entries.commit(tx, "post", "author-2", {"text": "x"})
        entries.append(tx, EntryKind.DECISION, {"post": gone}, AT)
    with store.write() as tx:
        assert log.erase(tx, "author-1") == 1
    assert log.opening(store, gone) is None
    assert log.opening(store, kept) is not None
    store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert CANARY_TEXT.encode() not in store.path.read_bytes()
    assert verify(store).verdict is Verdict.OK


def test_pages_show_the_newest_entries_first(store):
    with store.write() as tx:
        for number in range(5):
            entries.append(tx, EntryKind.DECISION, {"n": number}, AT)
    assert [row["seq"] for row in log.page(store, None, 2)] == [5, 4]
    assert [row["seq"] for row in log.page(store, 4, 2)] == [3, 2]
    assert log.entry(store, 3)["seq"] == 3
    assert log.entry(store, 6) is None
