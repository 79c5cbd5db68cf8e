"""Whether a bundle of evidence is whole, and whose: a verifier that stands alone.

This one file needs Python 3.11 and the library "cryptography", and nothing of Earshot. Every bundle carries a copy:

    python verify.py BUNDLE --key HEX [--manifest HEX]

BUNDLE is the zip as it was handed over. ``--key`` is the public key that the operator prints on the public page; it may
be given more than once. ``--manifest`` is the hash in the ledger's EVIDENCE entry: with it, a whole bundle of another
case is told apart. Nothing is written or unpacked. Exit code 0: all is well. 1: tampered with. 2: something is missing.
3: wrong usage. docs/evidence.md has the form.
"""

import hmac
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "earshot-evidence-1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
SIGNED_BEFORE = b"earshot/evidence\n"
"""Stands before the manifest in what the operator's key signs for a bundle, so that no other signature fits."""

NEEDED = frozenset(
    {"raw.warc.gz", "post.json", "parents.json", "thread.json", "capture.json", "report.html", "verify.py"}
)
_FOREIGN = "The zip was not written by Earshot, or somebody wrote into it."
LARGEST = 256 * 1024 * 1024
"""Bytes of a bundle. What is taken from a platform is cut far below it."""


class Verdict(IntEnum):
    """What a verification found; the value is the exit code."""

    OK = 0
    TAMPERED = 1
    MISSING = 2


USAGE = 3


class Finding(Exception):
    """The first thing that does not fit."""

    def __init__(self, sentence: str, verdict: Verdict = Verdict.TAMPERED) -> None:
        super().__init__(sentence)
        self.sentence, self.verdict = sentence, verdict


@dataclass(frozen=True)
class Bundle:
    """A bundle that was found whole: its manifest, and the SHA-256 of the manifest in hexadecimal."""

    manifest: dict[str, Any]
    digest: str


def written(value: object) -> bytes:
    """The canonical JSON of text, integers, flags, lists and objects: for these it is RFC 8785's."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check(raw: bytes, keys: Sequence[bytes], manifest: str = "") -> Bundle:
    """Check a bundle's bytes, from the first to the last, against the public ``keys``.

    Raises:
        Finding: the first thing that does not fit, or is missing.
    """
    if len(raw) > LARGEST:
        raise Finding("The bundle is larger than any that Earshot writes.")
    try:
        return _checked(raw, keys, manifest)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise Finding(f"The bundle does not have the form of one ({type(error).__name__}).") from error
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, MemoryError) as error:
        raise Finding(f"The bundle cannot be read ({type(error).__name__}).") from error


def read(place: Path) -> bytes:
    """The bytes of a file, and no more of them than a bundle can have.

    Raises:
        OSError: it cannot be read.
    """
    with place.open("rb") as file:
        return file.read(LARGEST + 1)


def _checked(raw: bytes, keys: Sequence[bytes], wanted: str) -> Bundle:
    known = _files(raw)
    files = dict(known)
    found = _manifest(files, keys)
    for name, facts in sorted(found.manifest["files"].items()):
        content = _taken_out(files, name)
        if len(content) != facts["size"] or sha256(content).hexdigest() != facts["sha256"]:
            raise Finding(f"{name} is not the file that the manifest names.")
    if files:
        raise Finding("The bundle holds a file that the manifest does not name.")
    # Names that lead elsewhere, a name twice, words behind the end: the zip has no byte but those of its one form.
    if zip_of(known) != raw:
        raise Finding(_FOREIGN)
    if wanted and not hmac.compare_digest(wanted, found.digest):
        raise Finding("The bundle is whole, but it is not the one that this ledger entry tells of.")
    return found


def _manifest(files: dict[str, bytes], keys: Sequence[bytes]) -> Bundle:
    """The manifest, once its signature is found right; it and its signature are taken out of ``files``."""
    source = _taken_out(files, MANIFEST)
    signature = bytes.fromhex(_taken_out(files, SIGNATURE).decode("ascii"))
    if not any(_signed(key, signature, SIGNED_BEFORE + source) for key in keys):
        raise Finding("The manifest was changed, or somebody else signed it.")
    told: dict[str, Any] = json.loads(source)
    if written(told) != source or told["format"] != FORMAT or not told["files"].keys() >= NEEDED:
        raise Finding("The manifest does not have the form of one.")
    return Bundle(told, sha256(source).hexdigest())


def _taken_out(files: dict[str, bytes], name: str) -> bytes:
    if name not in files:
        raise Finding(f"{name} is missing from the bundle.", Verdict.MISSING)
    return files.pop(name)


def _files(raw: bytes) -> dict[str, bytes]:
    """Every file of the zip, in its order."""
    with zipfile.ZipFile(io.BytesIO(raw)) as box:
        known = box.infolist()
        # What is packed could be a bomb, so it is refused before it is read.
        if any(one.compress_type != zipfile.ZIP_STORED for one in known):
            raise Finding(_FOREIGN)
        return {one.filename: box.read(one) for one in known}


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """The one zip of these files, in this order: nothing packed, no times, no comment.

    Written here by hand, because a verifier can only then say of each byte what it has to be.
    """
    body, directory = bytearray(), bytearray()
    for name, content in files.items():
        # Version 2.0, no flags, stored, 1 January 1980; then checksum, both sizes, length of the name, no extra field.
        about = struct.pack("<5H3I2H", 20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content), len(name), 0)
        # Made on Unix; no comment, first disk, no inner attributes; the owner may read and write it.
        rest = struct.pack("<3H2I", 0, 0, 0, 0o100600 << 16, len(body))
        directory += b"PK\x01\x02" + struct.pack("<H", 0x0314) + about + rest + name.encode("ascii")
        body += b"PK\x03\x04" + about + name.encode("ascii") + content
    end = struct.pack("<4H2IH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory + b"PK\x05\x06" + end)


def _signed(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def sentence(found: Bundle) -> str:
    """What was found, all well."""
    told = found.manifest
    return (
        f"bundle {told['evidence']} of case {told['case']}, taken {told['taken_at_utc']}: {len(told['files'])} files, "
        f"every one as it was signed. Its manifest has the hash {found.digest}, which the ledger must name."
    )


def main(words: Sequence[str]) -> int:
    """Check the bundle that ``words`` name, say what was found, and return the exit code."""
    options = list(zip(words[1::2], words[2::2], strict=False))
    fits = len(words) % 2 and all(
        name in {"--key", "--manifest"} and re.fullmatch(r"[0-9a-f]{64}", value) for name, value in options
    )
    keys = [bytes.fromhex(value) for name, value in options if name == "--key"] if fits else []
    if not keys or not Path(words[0]).is_file():
        sys.stderr.write("Usage: python verify.py BUNDLE --key HEX [--manifest HEX]   BUNDLE: the zip\n")
        return USAGE
    wanted = dict(options).get("--manifest", "")
    verdict = Verdict.OK
    try:
        told = sentence(check(read(Path(words[0])), keys, wanted))
    except Finding as finding:
        verdict, told = finding.verdict, finding.sentence
    sys.stdout.write(f"{verdict.name.lower()}: {told}\n")
    return int(verdict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
