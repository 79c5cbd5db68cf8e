"""A checkpoint is believed only as it was signed: whole, by our key, in its one form."""

import base64
import os
import string

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from bot.ledger import checkpoint as checkpoints
from bot.ledger.anchors import compare
from bot.ledger.proof import Checkpoint, Finding, Verdict, read_note

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
SAMPLE = Checkpoint(137, bytes(range(100, 132)))
NOTE = checkpoints.sign(SAMPLE, KEY)


def refused(note: str) -> bool:
    try:
        return not read_note(note).signed_by(PUBLIC)
    except Finding:
        return True


@given(st.integers(0, 2**53), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_read_back(size, root):
    note = checkpoints.sign(Checkpoint(size, root), KEY)
    assert not refused(note)
    assert read_note(note).checkpoint == Checkpoint(size, root)


def test_the_note_has_the_form_of_a_signed_checkpoint():
    origin, size, root, blank, signature, end = NOTE.split("\n")
    assert (origin, size, root) == ("earshot/ledger", "137", base64.b64encode(SAMPLE.root).decode())
    assert (blank, end) == ("", "")
    assert signature.startswith("— earshot ")


def test_every_flipped_bit_is_refused():
    note = bytearray(NOTE.encode())
    for bit in range(len(note) * 8):
        note[bit // 8] ^= 1 << bit % 8
        assert refused(note.decode("utf-8", "replace")), bit
        note[bit // 8] ^= 1 << bit % 8
    assert not refused(note.decode())


@pytest.mark.parametrize("sign", ["\n", " ", "A", "=", "0", "+", "\r", "０", "é", "\0"])
def test_every_sign_added_replaced_or_left_out_is_refused(sign):
    for place in range(len(NOTE) + 1):
        assert refused(NOTE[:place] + sign + NOTE[place:])
        assert NOTE[place : place + 1] == sign or refused(NOTE[:place] + sign + NOTE[place + 1 :])
        assert place == len(NOTE) or refused(NOTE[:place] + NOTE[place + 1 :])


def test_a_signature_in_another_spelling_is_refused():
    signature = NOTE.split("\n")[4]
    start = NOTE.index(signature)
    for place in range(start, start + len(signature)):
        for sign in set(string.ascii_letters + string.digits + "+/=-_") - {NOTE[place]}:
            assert refused(NOTE[:place] + sign + NOTE[place + 1 :]), (place, sign)
    assert refused(NOTE.replace("— earshot ", ""))
    assert refused(NOTE.replace("— earshot ", "— earshot — earshot "))


@given(st.text(max_size=200))
def test_any_other_text_is_refused(text):
    assert refused(text)


def test_another_key_and_another_keys_hash_are_refused():
    assert refused(checkpoints.sign(SAMPLE, OTHER))
    lines, theirs = NOTE.split("\n"), checkpoints.sign(SAMPLE, OTHER).split("\n")
    mixed = base64.b64decode(theirs[4].split()[2])[:4] + base64.b64decode(lines[4].split()[2])[4:]
    assert refused("\n".join([*lines[:4], f"— earshot {base64.b64encode(mixed).decode()}", ""]))


def test_checkpoints_are_kept_and_read_smallest_first(tmp_path):
    folder = tmp_path / "away" / "checkpoints"
    for size in (9, 100, 10):
        checkpoints.write(folder, size, checkpoints.sign(Checkpoint(size, bytes(32)), KEY))
    assert [read_note(note).checkpoint.size for _, note in checkpoints.notes(folder)] == [9, 10, 100]
    assert {place.suffix for place in folder.iterdir()} == {".checkpoint"}


def test_a_missing_folder_and_an_unfinished_file_hold_no_checkpoint(tmp_path):
    assert checkpoints.notes(tmp_path / "none") == []
    (tmp_path / "00000000000000000007.4711.part").write_text("half of")
    assert checkpoints.notes(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", NOTE.encode()[:-1], NOTE.replace("\n", "\r\n").encode()])
def test_a_spoilt_file_is_named(store, tmp_path, content):
    place = checkpoints.write(tmp_path, SAMPLE.size, checkpoints.sign(SAMPLE, KEY))
    place.write_bytes(content)
    report = compare(store, tmp_path, [PUBLIC]).report
    assert report.verdict is Verdict.TAMPERED
    assert place.name in report.sentence


def test_a_checkpoint_that_could_not_be_finished_leaves_the_earlier_one(tmp_path, monkeypatch):
    place = checkpoints.write(tmp_path, SAMPLE.size, checkpoints.sign(SAMPLE, KEY))

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        checkpoints.write(tmp_path, 137, checkpoints.sign(Checkpoint(137, bytes(32)), KEY))
    assert place.read_text("utf-8") == NOTE
    assert [note for _, note in checkpoints.notes(tmp_path)] == [NOTE]
