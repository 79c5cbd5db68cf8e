"""An export of the ledger for an authority or a court that has none of our software (rule A-10).

A zip with the entries of a range, the hashes of all entries, the checkpoints, the public keys, the rules that decisions
rest on, a manifest signed with our key, an explanation in German and English, and a verifier that stands alone. Entries
before the range that those in it rest on come along. Personal data is in it only when asked for.
"""

import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import IO, Any

from bot import __version__
from bot.errors import EarshotError, LedgerBroken
from bot.keys import Keys
from bot.ledger import entries
from bot.ledger.anchors import compare
from bot.ledger.checkpoint import sign
from bot.ledger.proof import FORMAT, MANIFEST, SIGNATURE, SIGNED_BEFORE, Checkpoint, Verdict, parsed, written
from bot.ledger.verify import Walk
from bot.model import EntryKind
from bot.store import abroad, log
from bot.store.db import Reader, Store

_TEXTS = {"LIESMICH.txt": "export_de.txt", "README.txt": "export_en.txt"}
_ALWAYS = frozenset({"KEY", "CONFIG", "RESTORE"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """The zip to write, with entries ``first`` to ``last`` (None: to the end), and whether the vault is in it."""

    place: Path
    first: int = 1
    last: int | None = None
    personal: bool = False


def export(store: Store, keys: Keys, checkpoints: Path, wanted: Wanted, *, now: int) -> int:
    """Write an export to the place that is wanted, and its EXPORT entry to the ledger; returns that entry's number.

    The file is complete on the disk before the entry is written, and gets its name only after that: no export without
    an entry, and nothing half-written under that name. ``now`` is in UTC milliseconds.

    Raises:
        LedgerBroken: the chain does not verify, or the vault is spoilt.
        EarshotError: the range is empty, or the place is taken or cannot be written.
    """
    place = wanted.place
    if place.exists():
        raise EarshotError(f"{place} exists already. Choose another name.")
    draft = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with store.standstill():
                # What the entries say is for the verifier in the export to judge, whatever that will be.
                compared = compare(store, checkpoints, keys.known, every_signature=True)
                if compared.report.verdict is not Verdict.OK:
                    told = "The ledger does not verify, so nothing can be proven of it. Keep the database as it is."
                    raise LedgerBroken(f"{told} {compared.report.sentence}")
                manifest = _fill(file, store, compared.walk, keys, wanted=wanted, now=now)
            file.flush()
            os.fsync(file.fileno())
        seq = _log(store, manifest, now)
        draft.replace(place)
    except OSError as error:
        raise EarshotError(f"{place} cannot be written: {error.strerror}. Nothing is left of it there.") from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return seq


def _log(store: Store, manifest: dict[str, Any], now: int) -> int:
    fields: dict[str, entries.Value] = {name: manifest[name] for name in ("from", "to", "size", "personal")}
    digest = sha256(written(manifest)).hexdigest()
    with store.write() as tx:
        return entries.append(tx, EntryKind.EXPORT, {**fields, "manifest": digest, "by": "operator"}, now)


def _fill(file: IO[bytes], store: Store, walk: Walk, keys: Keys, *, wanted: Wanted, now: int) -> dict[str, Any]:
    """Write all files of an export into a zip; returns its manifest."""
    known = keys.known if walk.ring is None else walk.ring.keys
    size, first, last = walk.seq, wanted.first, wanted.last or walk.seq
    if not 1 <= first <= last <= size:
        raise EarshotError(f"There is no such range: the ledger has entries 1 to {size}.")
    signer, public = keys.signer_of(known[-1]), "".join(f"{key.hex()}\n" for key in known)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as box:
        files = _Files(box)
        told = _write_entries(files, store, _rested_on(store, first, last))
        notes = {row["size"]: row["note"] for row in log.checkpoints(store)}
        notes[size] = sign(Checkpoint(size, walk.tree.root()), signer)
        files.put("checkpoints.txt", "".join(notes[one] for one in sorted(notes)))
        files.put("public-keys.txt", public)
        for ruleset in sorted(told.rulesets):
            source = abroad.ruleset(store, ruleset)
            if source is not None:
                files.put(f"rulesets/{ruleset}.toml", source)
        if wanted.personal:
            files.put("vault.jsonl", b"".join(_openings(store, told.commitments)))
        texts = resources.files("bot.ledger")
        for name, text in _TEXTS.items():
            facts = {"first": first, "last": last, "size": size, "keys": public.strip()}
            files.put(name, texts.joinpath(text).read_text("utf-8").format(**facts))
        files.put("verify.py", texts.joinpath("proof.py").read_bytes())
        manifest = {"format": FORMAT, "made_at": now, "code": __version__, "from": first, "to": last, "size": size}
        manifest |= {"personal": wanted.personal, "files": dict(files.hashes)}
        source = written(manifest)
        files.put(MANIFEST, source)
        files.put(SIGNATURE, signer.sign(SIGNED_BEFORE + source).hex())
    return manifest


class _Files:
    """Puts files into the zip and remembers the SHA-256 of each."""

    def __init__(self, box: zipfile.ZipFile) -> None:
        self._box = box
        self.hashes: dict[str, str] = {}

    def put(self, name: str, content: str | bytes) -> None:
        """One file at once."""
        raw = content.encode() if isinstance(content, str) else content
        self.put_lines(name, [raw])

    def put_lines(self, name: str, lines: Iterable[bytes]) -> None:
        """One file, line by line."""
        digest = sha256()
        with self._box.open(name, "w", force_zip64=True) as file:
            for line in lines:
                digest.update(line)
                file.write(line)
        self.hashes[name] = digest.hexdigest()


@dataclass
class _Told:
    """What the entries that were written name."""

    hashes: list[bytes] = field(default_factory=list)
    rulesets: set[str] = field(default_factory=set)
    commitments: set[str] = field(default_factory=set)


def _rested_on(reader: Reader, first: int, last: int) -> set[int]:
    """Numbers of the entries of a range and of those that they rest on: keys, rules, and what allowed a reply."""
    needed, decided, approved = set(range(first, last + 1)), dict[str, int](), dict[tuple[str, str], int]()
    for rows in log.chunks(reader):
        for seq, body, _, _ in rows:
            facts = parsed(body) or {}
            kind, draft, text = (str(facts.get(name)) for name in ("type", "draft", "text_hash"))
            if kind in _ALWAYS:
                needed.add(seq)
            elif kind == "DECISION" and facts.get("phase") == "dispatch":
                decided[draft] = seq
            elif kind == "APPROVAL":
                approved[draft, text] = seq
            elif kind == "SEND_RESULT" and facts.get("result") == "sent" and first <= seq <= last:
                needed |= {decided.get(draft, seq), approved.get((draft, text), seq)}
    return needed


def _write_entries(files: _Files, reader: Reader, needed: set[int]) -> _Told:
    told = _Told()

    def lines() -> Iterator[bytes]:
        for rows in log.chunks(reader):
            for seq, body, prev, own in rows:
                told.hashes.append(own)
                if seq in needed:
                    facts = parsed(body) or {}
                    told.commitments |= {fact for fact in facts.values() if isinstance(fact, str)}
                    told.rulesets |= {str(facts["ruleset"])} if "ruleset" in facts else set()
                    yield b'{"body":%b,"h":"%b","prev":"%b","seq":%d}\n' % (body, _hex(own), _hex(prev), seq)

    files.put_lines("entries.jsonl", lines())
    files.put_lines("hashes.txt", (_hex(own) + b"\n" for own in told.hashes))
    return told


def _hex(raw: bytes) -> bytes:
    return raw.hex().encode()


def _openings(reader: Reader, commitments: set[str]) -> Iterator[bytes]:
    for row in log.openings(reader):
        if row["commitment"] in commitments:
            try:
                opening = {"commitment": row["commitment"], "kind": row["kind"], "salt": row["salt"].hex()}
                yield written({**opening, "snapshot": row["snapshot"].decode()}) + b"\n"
            except (AttributeError, ValueError) as error:
                raise LedgerBroken("An opening in the vault is spoilt. Run: earshot ledger verify --full") from error
