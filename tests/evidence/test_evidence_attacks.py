"""Thirty-odd attacks on a bundle, each found with its exit code: by anybody who holds it, and by who has our key."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from preserved import Preserved, a_threat, inspected, verified
from tents import pitch

from bot.protect.evidence.verify import (
    LARGEST,
    MANIFEST,
    SIGNATURE,
    SIGNED_BEFORE,
    Finding,
    check,
    main,
    sha256,
    written,
    zip_of,
)

OK, TAMPERED, MISSING, USAGE = 0, 1, 2, 3
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Preserved:
    from clocks import FakeClock

    proof = a_threat(pitch(tmp_path_factory.mktemp("original"), FakeClock()))
    proof.taken()
    return proof


@pytest.fixture
def place(original: Preserved, tmp_path: Path) -> Path:
    """A copy of the bundle in somebody's hands."""
    copy = tmp_path / "bundle.zip"
    copy.write_bytes(original.place.read_bytes())
    return copy


def unpacked(raw: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(raw)) as box:
        return {name: box.read(name) for name in box.namelist()}


def signed_again(files: Files, signer: Ed25519PrivateKey, /, **changed: object) -> Files:
    """The files with a manifest that names them as they are now, signed with ``signer``."""
    body = {name: content for name, content in files.items() if name not in {MANIFEST, SIGNATURE}}
    known = {name: {"sha256": sha256(content).hexdigest(), "size": len(content)} for name, content in body.items()}
    source = written({**json.loads(files[MANIFEST]), "files": known, **changed})
    return {**body, MANIFEST: source, SIGNATURE: signer.sign(SIGNED_BEFORE + source).hex().encode()}


# what anybody can do who holds it -----------------------------------------------------------------


def edit(name: str, old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def attack(raw: bytes) -> bytes:
        files = unpacked(raw)
        assert old in files[name]
        return zip_of({**files, name: files[name].replace(old, new, 1)})

    return attack


def without(*names: str) -> Callable[[bytes], bytes]:
    return lambda raw: zip_of({name: body for name, body in unpacked(raw).items() if name not in names})


def renamed(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda raw: zip_of({new if name == old else name: body for name, body in unpacked(raw).items()})


def swapped(raw: bytes) -> bytes:
    files = unpacked(raw)
    return zip_of({**files, "post.json": files["parents.json"], "parents.json": files["post.json"]})


def with_a_file(name: str) -> Callable[[bytes], bytes]:
    return lambda raw: zip_of({**unpacked(raw), name: b"a confession"})


def of_a_stranger(raw: bytes) -> bytes:
    files = unpacked(raw)
    return zip_of(
        signed_again({**files, "post.json": b"{}"}, STRANGER, key=STRANGER.public_key().public_bytes_raw().hex())
    )


def with_a_comment(raw: bytes) -> bytes:
    box = io.BytesIO(raw)
    with zipfile.ZipFile(box, "a") as zipped:
        zipped.comment = b"made on another day"
    return box.getvalue()


def packed_again(raw: bytes) -> bytes:
    """The same files by another program: compressed, with other times."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, body in unpacked(raw).items():
            zipped.writestr(name, body)
    return box.getvalue()


def stored_again(raw: bytes) -> bytes:
    """The same files by another program, unpacked, with today's time in the zip."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as zipped:
        for name, body in unpacked(raw).items():
            zipped.writestr(name, body)
    return box.getvalue()


def a_name_twice(raw: bytes) -> bytes:
    box = io.BytesIO(raw)
    with zipfile.ZipFile(box, "a") as zipped:
        zipped.writestr("post.json", b'{"posts": []}')
    return box.getvalue()


def a_bomb(raw: bytes) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("post.json", b"0" * 50_000_000)
    return box.getvalue()


def locked(raw: bytes) -> bytes:
    """The flag "encrypted" on the first file, in both headers."""
    spoilt, second = bytearray(raw), raw.rindex(b"PK\x01\x02")
    first = raw.index(b"PK\x01\x02")
    spoilt[6] |= 1
    spoilt[first + 8] |= 1
    assert second > first
    return bytes(spoilt)


def another_date(raw: bytes) -> bytes:
    """Another date in the zip's own header of a file, where no hash looks."""
    spoilt = bytearray(raw)
    spoilt[12] ^= 1
    return bytes(spoilt)


OUTSIDE = {
    "a word of the post changed": (edit("post.json", b"Morgen", b"Gestern"), TAMPERED),
    "another author": (edit("post.json", b'"zorn"', b'"lea"'), TAMPERED),
    "another time of the post": (edit("post.json", b"2026-", b"2025-"), TAMPERED),
    "the parent changed": (edit("parents.json", b"Wann", b"Warum"), TAMPERED),
    "the thread changed": (edit("thread.json", b"[", b"[ "), TAMPERED),
    "the raw answers changed": (lambda raw: zip_of({**unpacked(raw), "raw.warc.gz": b"\x1f\x8b"}), TAMPERED),
    "the report changed": (edit("report.html", b"Morgen", b"Gestern"), TAMPERED),
    "the operator changed": (edit("capture.json", b'"operator": "', b'"operator": "0'), TAMPERED),
    "the verifier changed": (edit("verify.py", b"return False", b"return True "), TAMPERED),
    "two files swapped": (swapped, TAMPERED),
    "the post gone": (without("post.json"), MISSING),
    "the raw answers gone": (without("raw.warc.gz"), MISSING),
    "the report gone": (without("report.html"), MISSING),
    "the verifier gone": (without("verify.py"), MISSING),
    "the manifest gone": (without(MANIFEST), MISSING),
    "the signature gone": (without(SIGNATURE), MISSING),
    "everything gone": (lambda raw: zip_of({}), MISSING),
    "a file under another name": (renamed("thread.json", "threads.json"), MISSING),
    "a file added": (with_a_file("confession.txt"), TAMPERED),
    "a file added that leads elsewhere": (with_a_file("../confession.txt"), TAMPERED),
    "the manifest's time changed": (edit(MANIFEST, b'"taken_at":1', b'"taken_at":2'), TAMPERED),
    "the manifest's case changed": (edit(MANIFEST, b'"case":2', b'"case":3'), TAMPERED),
    "the manifest is no JSON": (edit(MANIFEST, b"{", b"["), TAMPERED),
    "the signature of another": (edit(SIGNATURE, b"", b"00"), TAMPERED),
    "the signature is no number": (lambda raw: zip_of({**unpacked(raw), SIGNATURE: b"xyz"}), TAMPERED),
    "all of it signed by a stranger": (of_a_stranger, TAMPERED),
    "bytes behind the end": (lambda raw: raw + b"and a word", TAMPERED),
    "bytes before the beginning": (lambda raw: b"and a word" + raw, TAMPERED),
    "a comment in the zip": (with_a_comment, TAMPERED),
    "packed again by another program": (packed_again, TAMPERED),
    "stored again by another program": (stored_again, TAMPERED),
    "a name twice in the zip": (a_name_twice, TAMPERED),
    "a bomb in the zip": (a_bomb, TAMPERED),
    "the flag of encryption": (locked, TAMPERED),
    "another date in the zip itself": (another_date, TAMPERED),
    "the end cut off": (lambda raw: raw[:-40], TAMPERED),
    "half of it": (lambda raw: raw[: len(raw) // 2], TAMPERED),
    "nothing in it": (lambda raw: b"", TAMPERED),
    "no zip at all": (lambda raw: b"Morgen um acht", TAMPERED),
}


def test_there_are_thirty_attacks_and_more():
    assert len(OUTSIDE) + len(INSIDE) >= 30


def test_untouched_it_is_found_whole(original, place):
    assert verified(place, "--key", original.key).returncode == OK


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", OUTSIDE)
def test_what_anybody_does_to_it_is_found(original, place, name):
    attack, code = OUTSIDE[name]
    place.write_bytes(attack(place.read_bytes()))
    done = verified(place, "--key", original.key)
    assert (done.returncode, done.stderr) == (code, ""), done.stdout
    assert done.stdout.startswith("tampered: " if code == TAMPERED else "missing: ")


@pytest.mark.parametrize("name", ["a word of the post changed", "a file added", "all of it signed by a stranger"])
def test_the_second_program_finds_them_as_well(original, place, name):
    place.write_bytes(OUTSIDE[name][0](place.read_bytes()))
    assert inspected(place, original.key).returncode == 1


@given(at=st.integers(0), bit=st.integers(0, 7))
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bit_of_a_bundle_can_be_turned_around_unseen(original, at, bit):
    raw = bytearray(original.place.read_bytes())
    raw[at % len(raw)] ^= 1 << bit
    with pytest.raises(Finding):
        check(bytes(raw), [bytes.fromhex(original.key)])


@given(raw=st.binary(max_size=400))
@settings(max_examples=200)
def test_whatever_bytes_come_it_is_a_finding_and_never_a_crash(raw):
    with pytest.raises(Finding):
        check(raw, [bytes(32)])


# what only somebody with our key can do -----------------------------------------------------------


def _manifest(**changed: object) -> Callable[[Files, Ed25519PrivateKey], Files]:
    return lambda files, signer: signed_again(files, signer, **changed)


def _spelled_otherwise(files: Files, signer: Ed25519PrivateKey) -> Files:
    source = json.dumps(json.loads(files[MANIFEST]), indent=1).encode()
    return {**files, MANIFEST: source, SIGNATURE: signer.sign(SIGNED_BEFORE + source).hex().encode()}


def _for_another_purpose(files: Files, signer: Ed25519PrivateKey) -> Files:
    """A signature of ours over the same bytes, but made for an export of the ledger."""
    return {**files, SIGNATURE: signer.sign(b"earshot/export\n" + files[MANIFEST]).hex().encode()}


INSIDE = {
    "another form": (_manifest(format="earshot-evidence-0"), TAMPERED),
    "files of another form": (_manifest(files=[1, 2]), TAMPERED),
    "no files": (_manifest(files={}), TAMPERED),
    "a size as text": (lambda files, signer: _sized(files, signer, "12"), TAMPERED),
    "a manifest spelled otherwise": (_spelled_otherwise, TAMPERED),
    "a signature made for something else": (_for_another_purpose, TAMPERED),
}
"""Bundles that are signed rightly and are none."""


def _sized(files: Files, signer: Ed25519PrivateKey, size: object) -> Files:
    known = json.loads(files[MANIFEST])["files"]
    return signed_again(files, signer, files={**known, "post.json": {**known["post.json"], "size": size}})


@pytest.mark.parametrize("name", INSIDE)
def test_what_is_signed_rightly_and_is_no_bundle_is_found(original, place, name):
    attack, code = INSIDE[name]
    files = attack(unpacked(place.read_bytes()), original.tent.wiring.keys.signer)
    place.write_bytes(zip_of(files))
    assert verified(place, "--key", original.key).returncode == code


def test_a_whole_bundle_in_the_place_of_another_is_told_apart_by_the_hash_of_the_ledger(original, place):
    files = signed_again(unpacked(place.read_bytes()), original.tent.wiring.keys.signer, case=99)
    place.write_bytes(zip_of(files))
    assert verified(place, "--key", original.key).returncode == OK
    known = original.row()["manifest"]
    assert verified(place, "--key", original.key, "--manifest", known).returncode == TAMPERED


def test_a_file_that_is_not_there_is_wrong_usage_and_one_too_large_is_a_finding(original, tmp_path, capsys):
    assert main([str(tmp_path / "nowhere.zip"), "--key", original.key]) == USAGE
    assert "Usage" in capsys.readouterr().err
    with pytest.raises(Finding, match="larger than any"):
        check(bytes(LARGEST + 1), [bytes(32)])
