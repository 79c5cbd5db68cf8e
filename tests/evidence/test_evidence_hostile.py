"""Attacks of another kind: on the zip's own bookkeeping, the folder, the custody log, the clock and the report."""

import io
import os
import struct
import zipfile
from collections.abc import Callable

import pytest
from preserved import Preserved, a_threat, inspected, read, told, verified
from tents import pitch, post

from bot.errors import EarshotError
from bot.ledger.full import compare_in_full
from bot.ledger.proof import Verdict
from bot.protect.evidence import acts, shelf
from bot.protect.evidence.custody import disagreements
from bot.protect.evidence.verify import MANIFEST, SIGNATURE, SIGNED_BEFORE, Finding, check, zip_of

TAMPERED = 1


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Preserved:
    from clocks import FakeClock

    proof = a_threat(pitch(tmp_path_factory.mktemp("original"), FakeClock()))
    proof.taken()
    proof.taken()
    return proof


def unpacked(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as box:
        return {name: box.read(name) for name in box.namelist()}


# the zip's own bookkeeping ------------------------------------------------------------------------


def inner_name(raw: bytes) -> bytes:
    """The first file's own header gives it another name than the directory does."""
    return raw[:30] + b"R" + raw[31:]


def renamed_in_both(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda raw: raw.replace(old, new)


def flagged(bit: int) -> Callable[[bytes], bytes]:
    """A flag of the first file, in both of its headers: names in UTF-8, sizes behind the file, patched data."""

    def attack(raw: bytes) -> bytes:
        spoilt, first = bytearray(raw), raw.index(b"PK\x01\x02")
        for place in (6, first + 8):
            (flags,) = struct.unpack_from("<H", spoilt, place)
            struct.pack_into("<H", spoilt, place, flags | bit)
        return bytes(spoilt)

    return attack


def with_room(raw: bytes) -> bytes:
    """Words in a gap between the files and the directory, where no file is."""
    first = raw.index(b"PK\x01\x02")
    spoilt = bytearray(raw[:first] + b"a word in the gap" + raw[first:])
    struct.pack_into("<I", spoilt, len(spoilt) - 6, first + 17)
    return bytes(spoilt)


def two_ends(raw: bytes) -> bytes:
    """A second directory's end of nothing behind the first: some programs read the one, some the other."""
    return raw + b"PK\x05\x06" + bytes(18)


def second_of_a_kind(name: str) -> Callable[[bytes], bytes]:
    """A file whose name looks like that of another one, written as other programs write it."""

    def attack(raw: bytes) -> bytes:
        box = io.BytesIO(raw)
        with zipfile.ZipFile(box, "a") as zipped:
            zipped.writestr(zipfile.ZipInfo(name), b"{}")
        return box.getvalue()

    return attack


def over_each_other(raw: bytes) -> bytes:
    """The directory leads the second file to the bytes of the first."""
    spoilt, second = bytearray(raw), raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 1)
    struct.pack_into("<I", spoilt, second + 42, 0)
    return bytes(spoilt)


def a_link(raw: bytes) -> bytes:
    """The first file is said to be a symbolic link."""
    spoilt, first = bytearray(raw), raw.index(b"PK\x01\x02")
    struct.pack_into("<I", spoilt, first + 38, 0o120777 << 16)
    return bytes(spoilt)


def on_another_disk(raw: bytes) -> bytes:
    spoilt, first = bytearray(raw), raw.index(b"PK\x01\x02")
    struct.pack_into("<H", spoilt, first + 34, 1)
    return bytes(spoilt)


ZIPS = {
    "another name in the file's own header": inner_name,
    "a name in capitals": renamed_in_both(b"post.json", b"POST.json"),
    "a name that leads upwards": renamed_in_both(b"thread.json", b"../read.jso"),
    "a name that leads to the root": renamed_in_both(b"post.json", b"/etc/pass"),
    "a name with a zero in it": renamed_in_both(b"post.json", b"post\0json"),
    "names said to be UTF-8": flagged(1 << 11),
    "sizes said to stand behind": flagged(1 << 3),
    "data said to be patched": flagged(1 << 5),
    "a name that looks the same": second_of_a_kind("p\N{CYRILLIC SMALL LETTER O}st.json"),
    "a name that a normal form makes the same": second_of_a_kind("\N{FULLWIDTH LATIN SMALL LETTER P}ost.json"),
    "a name that turns text around": second_of_a_kind("\u202enosj.tsop"),
    "a folder": second_of_a_kind("post.json/"),
    "words in a gap": with_room,
    "a second end": two_ends,
    "files over each other": over_each_other,
    "a symbolic link": a_link,
    "a file on another disk": on_another_disk,
}


@pytest.mark.parametrize("name", ZIPS)
def test_no_trick_with_the_zip_goes_unseen(original, tmp_path, name):
    raw = original.place.read_bytes()
    place = tmp_path / "bundle.zip"
    place.write_bytes(ZIPS[name](raw))
    assert place.read_bytes() != raw, "a test that cannot fail"
    done = verified(place, "--key", original.key)
    assert done.returncode != 0, done.stdout
    assert done.stderr == ""


def test_raw_answers_of_another_bundle_of_ours_are_found_by_both_programs(original, tmp_path):
    first, second = (unpacked(shelf.place_of(original.folder, n).read_bytes()) for n in (1, 2))
    for name in ("raw.warc.gz", "capture.json", MANIFEST, SIGNATURE):
        if first[name] == second[name]:
            continue
        place = tmp_path / f"with {name}"
        place.write_bytes(zip_of({**first, name: second[name]}))
        assert verified(place, "--key", original.key).returncode == TAMPERED
        assert inspected(place, original.key).returncode == 1


@pytest.mark.parametrize(
    "source",
    [b'{"a":1,"a":2}', b'{"format":NaN}', b"[" * 100_000, b"1e999999", b'{"files":' + b"9" * 5_000 + b"}", b"\xff"],
)
def test_a_manifest_that_readers_understand_differently_is_found_although_we_signed_it(original, tmp_path, source):
    files = unpacked(original.place.read_bytes())
    signer = original.tent.wiring.keys.signer
    files |= {MANIFEST: source, SIGNATURE: signer.sign(SIGNED_BEFORE + source).hex().encode()}
    with pytest.raises(Finding):
        check(zip_of(files), [bytes.fromhex(original.key)])


# the folder ---------------------------------------------------------------------------------------


def test_a_link_that_waits_in_the_draft_s_place_leads_nowhere(proof, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    proof.folder.mkdir(parents=True)
    (proof.folder / ".1.zip.part").symlink_to(victim)
    place = proof.taken()
    assert victim.read_bytes() == b"untouched"
    assert not place.is_symlink()


def test_a_link_in_the_place_of_a_bundle_shows_nobody_another_file(proof, tmp_path):
    place = proof.taken()
    (tmp_path / "password").write_bytes(b"canary")
    place.unlink()
    place.symlink_to(tmp_path / "password")
    with pytest.raises(EarshotError, match="not the bundle that was taken"):
        acts.opened(proof.tent.store, proof.tent.wiring.keys, 1, user=proof.tent.user("bob"))


def test_a_bundle_under_a_number_that_is_given_again_before_anybody_swept_is_kept(proof):
    """As after a restore by hand: the desk is asked for evidence before the worker looks at the folder."""
    first = proof.taken().read_bytes()
    with proof.tent.store.write() as tx:
        tx.run("DELETE FROM evidence")
        tx.run("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'evidence'")
    proof.tent.clock.advance(1)
    assert proof.taken().read_bytes() != first
    assert (proof.folder / "lost-1.zip").read_bytes() == first


def test_a_second_lost_bundle_of_one_number_does_not_replace_the_first(proof):
    proof.taken()
    for body in (b"first", b"second", b"third"):
        (proof.folder / "7.zip").write_bytes(body)
        shelf.sweep(proof.tent.store, proof.folder)
    kept = {path.name: path.read_bytes() for path in proof.folder.iterdir() if path.name.startswith("lost-")}
    assert kept == {"lost-7.zip": b"first", "lost-7-1.zip": b"second", "lost-7-2.zip": b"third"}


def test_where_a_strangers_bundle_cannot_be_set_aside_nothing_is_written_over_it(proof, monkeypatch):
    first = proof.taken().read_bytes()
    with proof.tent.store.write() as tx:
        tx.run("DELETE FROM evidence")
        tx.run("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'evidence'")
    proof.tent.clock.advance(1)
    proof.ask()

    def refuse(*_args: object, **_more: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert proof.work() == 0
    assert proof.place.read_bytes() == first
    assert proof.row()["trouble"] == "folder"


# who had it in hand -------------------------------------------------------------------------------


def logged(proof: Preserved) -> None:
    """A bundle that was read and handed over."""
    proof.taken()
    tent = proof.tent
    who = {"user": tent.user("bob"), "now": tent.clock.now()}
    with tent.store.write() as tx:
        acts.note_read(tx, tent.wiring.keys, 1, **who)
        acts.hand_over(tx, tent.wiring.keys, 1, receiver="Polizei Kiel", reason="Anzeige", **who)


CUSTODY = {
    "the end cut off": "DELETE FROM custody WHERE id = (SELECT max(id) FROM custody WHERE evidence_id = 1)",
    "a line in the middle gone": "DELETE FROM custody WHERE step = 'read'",
    "all of it gone": "DELETE FROM custody",
    "a line added": "INSERT INTO custody (evidence_id, at, step, operator) VALUES (1, 1, 'read', 'x')",
    "another receiver": "UPDATE custody SET receiver = 'Zeitung' WHERE step = 'handed_over'",
    "another reason": "UPDATE custody SET reason = 'Neugier' WHERE step = 'handed_over'",
    "another person": "UPDATE custody SET operator = 'nobody' WHERE step = 'read'",
    "another time": "UPDATE custody SET at = at - 86400000 WHERE step = 'handed_over'",
    "another act": "UPDATE custody SET step = 'read', receiver = '', reason = '' WHERE step = 'handed_over'",
    "the line of another bundle": "UPDATE custody SET evidence_id = 2 WHERE step = 'read'",
}


@pytest.mark.parametrize("name", CUSTODY)
def test_a_custody_log_that_is_not_what_the_ledger_tells_is_found(proof, name):
    logged(proof)
    proof.taken()
    assert disagreements(proof.tent.store) == {}
    with proof.tent.store.write() as tx:
        tx.run(CUSTODY[name])
    found = disagreements(proof.tent.store)
    assert 1 in found
    for words in ("Zeitung", "Neugier", "Kiel"):
        assert words not in str(found)


def test_a_person_s_erasure_is_no_disagreement(proof):
    logged(proof)
    with proof.tent.store.write() as tx:
        tx.run("DELETE FROM vault")
    assert disagreements(proof.tent.store) == {}


# the clock ----------------------------------------------------------------------------------------


def test_a_clock_that_jumps_back_between_asking_and_taking_breaks_neither_bundle_nor_ledger(proof):
    proof.ask()
    proof.tent.clock.advance(-3_600_000)
    assert proof.work() == 1
    manifest = told(proof.place, MANIFEST)
    assert manifest["asked_at"] > manifest["taken_at"], "both are told as they were read"
    assert disagreements(proof.tent.store) == {}
    tent = proof.tent
    tent.clock.advance(3_700_000)
    tent.beat()
    compared = compare_in_full(tent.store, tent.wiring.settings.checkpoints_dir, tent.wiring.keys.known)
    assert compared.report.verdict is Verdict.OK


@pytest.mark.parametrize("at", [-(10**15), -1, 0, 253_402_300_800_000, 2**62])
def test_a_post_of_an_impossible_time_is_preserved_all_the_same(proof, at):
    with proof.tent.store.write() as tx:
        tx.run("UPDATE mentions SET created_at = :at, edited_at = :at", at=at)
    place = proof.taken()
    [own] = told(place, "post.json")["posts"]
    assert own["created"]["utc"]
    assert verified(place, "--key", proof.key).returncode == 0


# the report ---------------------------------------------------------------------------------------

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e{{ 7*7 }}{% raw %}'


def test_a_script_in_any_field_of_a_post_is_words_in_the_report(proof):
    media = [{"kind": "image", "alt": EVIL}]
    proof.tent.hear(
        post("3", f"max{EVIL}", f"@fjordfon_hilft {EVIL}", root="1", media=media, url=f"javascript:{EVIL}", poll=[EVIL])
    )
    with proof.tent.store.write() as tx:
        for column in ("author_handle", "author_id", "url", "native_id", "canonical_key", "declared_language"):
            tx.run(f"UPDATE mentions SET {column} = {column} || :evil WHERE author_handle LIKE 'max%'", evil=EVIL)  # noqa: S608 - names of this test
        tx.run("UPDATE legal_holds SET classification = :evil, basis = :evil", evil=EVIL)
    report = read(proof.taken(), "report.html").decode()
    assert "<script" not in report
    assert "<img" not in report
    assert "\u202e" not in report
    assert "{{ 7*7 }}" in report, "a template in a post is words, too"
    assert "href=" not in report, "an address leads nowhere"


def test_there_are_fifteen_attacks_of_another_kind_and_more():
    assert len(ZIPS) + len(CUSTODY) >= 15
