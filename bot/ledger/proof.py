"""What the ledger proves, and how to check it: the parts that Earshot itself uses, and a verifier that stands alone.

This one file needs Python 3.11 and the library "cryptography", and nothing of Earshot. Every export of the ledger
carries a copy of it:

    python verify.py FOLDER [--key HEX]

FOLDER is the unpacked export, or its zip; ``--key`` the public key that the operator prints on the public page, without
which an export made by somebody else is not noticed. It writes nothing, and opens no name that leads out of the export.
Exit code 0: all is well. 1: tampered with. 2: incomplete. 3: wrong usage. 4: a deletion was late. See docs/ledger.md.
"""

import base64
import hmac
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX = b"\x00clog1"
"""Domain separation of an entry's hash (rule A-03)."""

CLOCK_MS = 5_000
"""So far may the time of an entry lie before that of an earlier one (rule A-09)."""

KINDS = (
    "DECISION APPROVAL RELEASE SEND_RESULT OPT_OUT DELETION LADDER THREAT CRISIS EVIDENCE REPORT CONFIG ACCESS EXPORT "
    "CHECKPOINT KILL KEY RETRACT RESTORE ATTEST INCIDENT"
)
"""Every type of entry that there is (rule A-07), divided by spaces."""

OUTCOMES = ("ALLOW", "NOTE", "WAIT", "HOLD-self", "HOLD-second", "DENY")
# So long at most may a remote deletion stay open (rule P-10); each platform has its own.
LONGEST_HOURS = 168
_GOOD, _READABLE_BY_ALL = frozenset(OUTCOMES[:2]), frozenset({"public", "unlisted"})

FORMAT, MANIFEST, SIGNATURE = "earshot-export-1", "manifest.json", "manifest.sig"
# Stands before the manifest in what the operator's key signs for an export (rule A-10).
SIGNED_BEFORE = b"earshot/export\n"
_SAFE = re.compile(r"(rulesets/)?[A-Za-z0-9][A-Za-z0-9._-]*")
_NEEDED = ("entries.jsonl", "hashes.txt", "checkpoints.txt", "public-keys.txt")


class Verdict(IntEnum):
    """What a verification found; the value is the exit code."""

    OK = 0
    TAMPERED = 1
    MISSING = 2
    # All of it is genuine, and it tells that the house closed a remote deletion too late, or not yet (rule P-10).
    LATE = 4


USAGE = 3


class Finding(Exception):
    """The first thing that does not fit. ``seq`` is the entry at which it shows."""

    def __init__(self, sentence: str, seq: int = 0, verdict: Verdict = Verdict.TAMPERED) -> None:
        super().__init__(sentence)
        self.sentence, self.seq, self.verdict = sentence, seq, verdict


# the one form of an entry -------------------------------------------------------------------------


def _integer(digits: str) -> int:
    number = int(digits)
    if abs(number) > _LARGEST:
        raise ValueError("An integer is too large to be exact everywhere.")
    return number


def _refused(number: str) -> NoReturn:
    raise ValueError(f"{number} is no integer.")


_LARGEST = 2**53 - 1
_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_refused, parse_constant=_refused)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def written(value: object) -> bytes:
    """The canonical JSON of text, integers within 2^53 - 1, flags, lists and objects: for these it is RFC 8785's."""
    return _ENCODER.encode(value).encode()


def parsed(body: bytes) -> dict[str, Any] | None:
    """The object in ``body``; None unless these bytes are its one canonical form, with ASCII keys (rule A-03)."""
    try:
        found = _DECODER.decode(body.decode())
        fits = isinstance(found, dict) and written(found) == body and (body.isascii() or _ascii_keys(found))
    except (ValueError, RecursionError):
        fits = False
    return found if fits else None


def _ascii_keys(value: object) -> bool:
    if isinstance(value, dict):
        return all(key.isascii() and _ascii_keys(below) for key, below in value.items())
    return not isinstance(value, list) or all(map(_ascii_keys, value))


def digest(prev: bytes, body: bytes) -> bytes:
    """Hash of an entry: SHA-256 over prefix, hash of the entry before, and the body's bytes as stored."""
    return sha256(PREFIX + prev + body).digest()


# the tree of RFC 6962 -----------------------------------------------------------------------------


class Tree:
    """The Merkle tree over the entries' hashes (RFC 6962 section 2.1): grows, and tells its root at any size.

    Only the frontier is kept: at each height the perfect subtree that has no right neighbour yet.
    """

    def __init__(self) -> None:
        self.size = 0
        self._frontier: list[bytes | None] = []

    def extend(self, hashes: Sequence[bytes]) -> None:
        """Append entries' hashes, level by level: many at once cost little more than their SHA-256."""
        self.size += len(hashes)
        level, height = [sha256(b"\x00" + one).digest() for one in hashes], 0
        while level:
            if height == len(self._frontier):
                self._frontier.append(None)
            waiting = self._frontier[height]
            if waiting is not None:
                level.insert(0, waiting)
            self._frontier[height] = level.pop() if len(level) & 1 else None
            nodes = iter(level)
            level = [sha256(b"\x01" + left + right).digest() for left, right in zip(nodes, nodes, strict=True)]
            height += 1

    def root(self) -> bytes:
        """Root over all leaves so far; of an empty tree the hash of nothing."""
        root = None
        for subtree in self._frontier:
            if subtree is not None:
                root = subtree if root is None else node(subtree, root)
        return root if root is not None else sha256(b"").digest()


def node(left: bytes, right: bytes) -> bytes:
    """Inner node hash (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


# checkpoints and the keys that sign them ----------------------------------------------------------

ORIGIN, NAME = "earshot/ledger", "earshot"
SIGNED = f"\N{EM DASH} {NAME} "
_NOTE_LINES, _HEX = 5, 64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The ledger had ``size`` entries and this Merkle ``root``."""

    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed, in C2SP's tlog-checkpoint form."""
        return f"{ORIGIN}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A signed checkpoint as it was read. ``key_hash`` names its key, ``signature`` is over the checkpoint's text."""

    checkpoint: Checkpoint
    key_hash: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """The note in its one form."""
        signed = base64.b64encode(self.key_hash + self.signature).decode()
        return f"{self.checkpoint.text}\n{SIGNED}{signed}\n"

    def signed_by(self, key: bytes) -> bool:
        """Whether this public key signed it."""
        return self.key_hash == key_hash(key) and _verifies(key, self.signature, self.checkpoint.text.encode())


def key_hash(key: bytes) -> bytes:
    """The four bytes that name an Ed25519 key in a signed note (C2SP signed-note)."""
    return sha256(NAME.encode() + b"\n\x01" + key).digest()[:4]


def read_note(text: str) -> Note:
    """Read a signed note, or raise a Finding about its form; whether the signature is right is another question."""
    lines = text.split("\n")
    try:
        checkpoint = Checkpoint(int(lines[1]), base64.b64decode(lines[2], validate=True))
        signature = base64.b64decode(lines[4].removeprefix(SIGNED), validate=True)
        note = Note(checkpoint, signature[:4], signature[4:])
    except (ValueError, IndexError):
        raise Finding("A checkpoint does not have the form of one.") from None
    if note.text != text:
        raise Finding("A checkpoint does not have the form of one.")
    return note


def _verifies(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def succession(old: bytes, new: bytes) -> bytes:
    """What both keys sign when ``new`` takes over (rule A-08)."""
    return f"earshot/key\n{old.hex()}\n{new.hex()}\n".encode()


class Ring:
    """Which key signs at which size: the first one is known from outside, each later one from its KEY entry."""

    def __init__(self, first: bytes) -> None:
        self._from: list[tuple[int, bytes]] = [(0, first)]

    @property
    def current(self) -> bytes:
        """The key in force after the last entry seen."""
        return self._from[-1][1]

    @property
    def keys(self) -> tuple[bytes, ...]:
        """All keys, oldest first."""
        return tuple(key for _, key in self._from)

    def learn(self, seq: int, body: dict[str, Any]) -> None:
        """Take a KEY entry in, or raise a Finding: it does not follow the key in force, or not both keys signed it."""
        try:
            old, new = bytes.fromhex(body["old"]), bytes.fromhex(body["new"])
            signatures = [(old, bytes.fromhex(body["signed_by_old"])), (new, bytes.fromhex(body["signed_by_new"]))]
        except (KeyError, TypeError, ValueError):
            raise Finding(f"Entry {seq}: its facts do not have the form of a KEY entry.", seq) from None
        if (
            max(body) != "type"
            or old != self.current
            or not all(_verifies(key, sign, succession(old, new)) for key, sign in signatures)
        ):
            raise Finding(f"Entry {seq}: the key before it did not sign the one after it.", seq)
        self._from.append((seq, new))

    def at(self, size: int) -> bytes:
        """The key that signs a checkpoint of ``size`` entries."""
        return next(key for since, key in reversed(self._from) if since <= size)


# what the entries say -----------------------------------------------------------------------------


@dataclass
class Audit:
    """Looks at entries in their order, and says where one tells of what must not be (rule A-09, checks 2 and 4 to 7).

    ``commitments`` are all that the entries seen so far carry; ``rulesets`` those that decisions rest on.
    """

    latest: int = 0
    commitments: set[str] = field(default_factory=set)
    rulesets: set[str] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)
    _approved: dict[int, set[str]] = field(default_factory=dict)
    _allowed: dict[int, str] = field(default_factory=dict)
    _noticed: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    _restored: list[tuple[int, int]] = field(default_factory=list)
    _late: list[int] = field(default_factory=list)

    def entry(self, seq: int, body: dict[str, Any]) -> None:
        """Check one entry, or raise a Finding: what is wrong with it, or with what it rests on."""
        try:
            fault = self._fault(seq, body)
        except (KeyError, TypeError, ValueError, AttributeError):
            fault = "its facts do not have the form that its type asks for."
        if fault:
            raise Finding(f"Entry {seq}: {fault}", seq)
        self.commitments.update(fact for fact in body.values() if isinstance(fact, str) and len(fact) == _HEX)

    def end(self) -> None:
        """After all other checks, so that it hides none of them: what the house itself did not do in time (check 7)."""
        if late := sorted([*self._late, *(seq for seq, _, until in self._noticed.values() if self.latest > until)]):
            told = f"All else holds, but remote deletions were late: {len(late)}, the first in entry {late[0]}."
            raise Finding(told, late[0], Verdict.LATE)

    def _fault(self, seq: int, body: dict[str, Any]) -> str:
        kind, at = body["type"], body["at"]
        if kind not in KINDS.split():
            return "its type is none of the ledger's."
        if type(at) is not int or at < self.latest - CLOCK_MS:
            return "its time lies before that of an earlier entry."
        self.latest = max(self.latest, at)
        if kind == "CONFIG":
            self._known.add(body["ruleset"])
        elif kind == "APPROVAL" and "text_hash" in body:
            self._approved.setdefault(body["draft"], set()).add(body["text_hash"])
        elif kind == "RESTORE":
            # What was gone stands there again until it is erased anew, and the time for that begins anew.
            self._restored.append((body["backup_at"] - CLOCK_MS, at + CLOCK_MS))
            self._noticed = {one: (no, was, max(to, at + to - was)) for one, (no, was, to) in self._noticed.items()}
        elif kind == "DELETION" and "noticed_at" in body:
            return self._deletion(seq, body)
        check = {"DECISION": self._decision, "SEND_RESULT": self._result}.get(kind)
        return check(body) if check else ""

    def _decision(self, body: dict[str, Any]) -> str:
        outcome, good = body["outcome"], body["outcome"] in _GOOD
        if body["act"] == "EGRESS":
            return "a refused request was allowed." if good else ""
        answers, draft = body["others"], body["draft"]
        worst = max([one["outcome"] for one in answers], key=OUTCOMES.index, default="ALLOW")
        over = any(one["missing"] and one["released"] for one in answers)
        faults = (
            (body["act"] != "PUBLIC_REPLY", "it decides on an act that is not public."),
            (worst != outcome or over, f"it says {outcome}, though its rules say {worst}."),
            (not answers and not body["passed"], "no rule was asked."),
            (good and body["visibility"] not in _READABLE_BY_ALL, "not everyone could read the reply it allows."),
            (sha256(body["text"].encode()).hexdigest() != body["text_hash"], "its text does not fit the hash of it."),
            (body["ruleset"] not in self._known, "no CONFIG entry put the rules into force that it names."),
        )
        self.rulesets.add(body["ruleset"])
        if body["phase"] == "dispatch":
            self._allowed[draft] = body["text_hash"] if good else ""
        return next((sentence for wrong, sentence in faults if wrong), "")

    def _result(self, body: dict[str, Any]) -> str:
        if body["result"] == "found":
            lost = any(since <= body["begun_at"] <= until for since, until in self._restored)
            return "" if lost else "a reply counts as found, though no restore lost what allowed it."
        if body["result"] != "sent":
            return ""
        draft, text = body["draft"], body["text_hash"]
        if not text or self._allowed.get(draft) != text:
            return "a reply was sent that no decision allowed."
        return "" if text in self._approved.get(draft, ()) else "a reply was sent that nobody approved."

    def _deletion(self, seq: int, body: dict[str, Any]) -> str:
        if not 0 < body["hours"] <= LONGEST_HOURS:
            return "it gives a remote deletion more time than there is."
        until = body["noticed_at"] + body["hours"] * 3_600_000
        if body["step"] == "noticed":
            self._noticed[body["mention"]] = (seq, body["at"], until)
        elif body["at"] > (max if self._restored else min)(until, self._noticed.pop(body["mention"], (0, 0, until))[2]):
            self._late.append(seq)
        return ""


def check_opening(commitment: object, salt: object, snapshot: object, named: Callable[[str], bool]) -> None:
    """Check 8: a vault's opening fits its commitment (rule A-05), and an entry names it; if not, a Finding."""
    if not (isinstance(commitment, str) and isinstance(salt, bytes) and isinstance(snapshot, bytes)):
        raise Finding("An opening in the vault has a column of the wrong type.")
    if hmac.new(salt, snapshot, sha256).hexdigest() != commitment:
        raise Finding(f"The opening of commitment {commitment[:16]} does not fit it.")
    if not named(commitment):
        raise Finding(f"No entry names commitment {commitment[:16]}, which the vault opens.")


# an export, by itself -----------------------------------------------------------------------------


class Export:
    """The files of an export, unpacked or still in its zip. Only plain names that the manifest holds are opened."""

    def __init__(self, place: Path) -> None:
        self._root: Path | zipfile.Path = place
        if place.is_file():
            names = zipfile.ZipFile(place).namelist()
            if len(set(names)) < len(names) or not all(map(_SAFE.fullmatch, names)):
                raise Finding("The zip holds a name twice, or one that leads elsewhere.")
            self._root = zipfile.Path(place)
        self.manifest = self._manifest()

    def read(self, name: str) -> bytes:
        """The bytes of one file."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            raise Finding(f"{name} is missing from the export.", verdict=Verdict.MISSING) from None

    def lines(self, name: str) -> list[str]:
        """The lines of a text file."""
        return self.read(name).decode().splitlines()

    def objects(self, name: str) -> Iterator[dict[str, Any]]:
        """The objects of a file that holds one in each line."""
        for number, line in enumerate(self.read(name).split(b"\n")[:-1], start=1):
            found = parsed(line)
            if found is None:
                raise Finding(f"Line {number} of {name} is not in canonical form.")
            yield found

    def _manifest(self) -> dict[str, Any]:
        """The manifest, once its signature and the hash of every file in it are found right."""
        source = self.read(MANIFEST)
        manifest, signature = parsed(source), bytes.fromhex(self.read(SIGNATURE).decode())
        self.keys = tuple(map(bytes.fromhex, self.lines("public-keys.txt")))
        if manifest is None or manifest["format"] != FORMAT or not set(_NEEDED) <= manifest["files"].keys():
            raise Finding("The manifest does not have the form of one.")
        if not _verifies(self.keys[-1], signature, SIGNED_BEFORE + source):
            raise Finding("The manifest was changed, or somebody else signed it.")
        for name, known in manifest["files"].items():
            if not _SAFE.fullmatch(name):
                raise Finding("The manifest names a file that leads elsewhere.")
            if sha256(self.read(name)).hexdigest() != known:
                raise Finding(f"{name} is not the file that the manifest names.")
        return manifest


def verify_export(place: Path, pinned: bytes | None = None) -> str:
    """Check an export from its manifest to its last opening; returns what was found, all well, as a sentence.

    Raises:
        Finding: the first thing that does not fit, or is missing.
    """
    try:
        return _verified(place, pinned)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise Finding(f"The export does not have the form of one ({type(error).__name__}).") from error
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Finding(f"The export cannot be read ({type(error).__name__}).") from error


def _verified(place: Path, pinned: bytes | None) -> str:
    export = Export(place)
    told, hashes = export.manifest, tuple(map(bytes.fromhex, export.lines("hashes.txt")))
    if pinned not in {None, export.keys[-1]}:
        raise Finding("The export is signed with another key than the one given.")
    ring, audit, before, wanted = Ring(export.keys[0]), Audit(), 0, set(range(told["from"], told["to"] + 1))
    for line in export.objects("entries.jsonl"):
        seq, body = line["seq"], line["body"]
        prev, own = hashes[seq - 2] if seq > 1 else bytes(32), hashes[seq - 1]
        chained = (line["prev"], line["h"]) == (prev.hex(), own.hex()) and digest(prev, written(body)) == own
        if seq <= before or not chained:
            raise Finding(f"Entry {seq}: it does not fit the chain.", seq)
        before = seq
        wanted.discard(seq)
        if body["type"] == "KEY":
            ring.learn(seq, body)
        audit.entry(seq, body)
    if wanted or len(hashes) != told["size"]:
        raise Finding("Entries are missing that the manifest promises.", min(wanted, default=0), Verdict.MISSING)
    if ring.keys != export.keys:
        raise Finding("The public keys are not those that the KEY entries name.")
    lines = export.read("checkpoints.txt").decode().splitlines(keepends=True)
    notes = [read_note("".join(lines[at : at + _NOTE_LINES])) for at in range(0, len(lines), _NOTE_LINES)]
    check_notes(notes, hashes, ring)
    for ruleset in sorted(audit.rulesets):
        if told["files"].get(f"rulesets/{ruleset}.toml") != ruleset:
            raise Finding(f"The rules {ruleset[:16]} are missing.", verdict=Verdict.MISSING)
    openings = list(export.objects("vault.jsonl")) if "vault.jsonl" in told["files"] else []
    for one in openings:
        snapshot = one["snapshot"].encode()
        check_opening(one["commitment"], bytes.fromhex(one["salt"]), snapshot, audit.commitments.__contains__)
    audit.end()
    key = "" if pinned else f" Signed with {export.keys[-1].hex()}: compare it with the operator's public page."
    return (
        f"entries {told['from']} to {told['to']} of {told['size']}, {len(notes)} checkpoints and {len(openings)} "
        f"openings, every one in its place.{key}"
    )


def check_notes(notes: Iterable[Note], hashes: Sequence[bytes], ring: Ring) -> None:
    """Check 3: every checkpoint has the root of its size, the key of its time signed it, and one covers all entries."""
    tree = Tree()
    for note in sorted(notes, key=lambda one: one.checkpoint.size):
        size = note.checkpoint.size
        tree.extend(hashes[tree.size : size])
        if not note.signed_by(ring.at(size)):
            raise Finding(f"The checkpoint of size {size} is not signed with the key of its time.", size)
        if size > tree.size:
            raise Finding(f"A checkpoint saw {size} entries.", tree.size, Verdict.MISSING)
        if note.checkpoint.root != tree.root():
            raise Finding(f"Entry {size}: the checkpoint of this size has another root.", size)
    if tree.size != len(hashes):
        raise Finding("No checkpoint covers the last entries.", tree.size, Verdict.MISSING)


def main(words: Sequence[str]) -> int:
    """Check the export that ``words`` name, say what was found, and return the exit code."""
    option, key = words[1:2], "".join(words[2:])
    fits = not option or (option == ["--key"] and re.fullmatch(r"[0-9a-f]{64}", key))
    if not words or not fits or not Path(words[0]).exists():
        sys.stderr.write("Usage: python verify.py FOLDER [--key HEX]   FOLDER: the unpacked export, or its zip\n")
        return USAGE
    verdict = Verdict.OK
    try:
        sentence = verify_export(Path(words[0]), bytes.fromhex(key) or None)
    except Finding as finding:
        verdict, sentence = finding.verdict, finding.sentence
    sys.stdout.write(f"{verdict.name.lower()}: {sentence}\n")
    return int(verdict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
