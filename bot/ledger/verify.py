"""Quick verify: the whole chain, every body's form, and every checkpoint. Read-only.

It distrusts the file: a wrong column type or a page that SQLite cannot read is a finding, not a crash.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from bot.errors import StoreError
from bot.ledger.canonical import canonical
from bot.ledger.checkpoint import Checkpoint
from bot.ledger.entries import digest
from bot.ledger.tree import Tree
from bot.store import log
from bot.store.db import Reader, Row


class Verdict(IntEnum):
    """What a verification found; the value is the exit code of ``earshot ledger verify``."""

    OK = 0
    TAMPERED = 1
    MISSING = 2


@dataclass(frozen=True, slots=True)
class Report:
    """Outcome of a verification. ``seq`` is the first entry that does not fit, or the last one that does."""

    verdict: Verdict
    seq: int
    sentence: str
    head: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class Start:
    """Where an earlier verification ended: a tail check goes on from here."""

    seq: int = 0
    head: bytes = bytes(32)


def verify(reader: Reader, checkpoints: Iterable[Checkpoint] = (), start: Start | None = None) -> Report:
    """Check the chain after ``start`` (default: all of it) and, when started at 0, against ``checkpoints``."""
    start = start or Start()
    wanted: dict[int, bytes] = {}
    for checkpoint in checkpoints if start.seq == 0 else ():
        if wanted.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            return Report(Verdict.TAMPERED, checkpoint.size, f"Two checkpoints of size {checkpoint.size} contradict.")
    try:
        return _walk(reader, wanted, start)
    except StoreError as error:
        return Report(Verdict.TAMPERED, start.seq, f"The ledger cannot be read: {error}")


def _walk(reader: Reader, wanted: Mapping[int, bytes], start: Start) -> Report:
    tree, seq, prev = Tree(), start.seq, start.head
    rows = log.entries(reader, after=seq - 1 if seq else None)
    if seq:
        seen = next(rows, None)
        if seen is None:
            return Report(Verdict.MISSING, seq, f"Entry {seq}: it was here at the last verification and is gone.")
        if (seen["seq"], seen["h"]) != (seq, prev):
            return Report(Verdict.TAMPERED, seq, f"Entry {seq}: it is not the one of the last verification.")
    for row in rows:
        fault = _fault(row, seq + 1, prev)
        if fault:
            return Report(Verdict.TAMPERED, seq + 1, f"Entry {seq + 1}: {fault}")
        seq, prev = seq + 1, row["h"]
        if wanted:
            tree.add(prev)
            if seq in wanted and wanted[seq] != tree.root():
                return Report(Verdict.TAMPERED, seq, f"Entry {seq}: the checkpoint of this size has another root.")
    longest = max(wanted, default=0)
    if longest > seq:
        return Report(Verdict.MISSING, seq, f"{longest - seq} entries are missing: a checkpoint saw {longest}.", prev)
    return Report(Verdict.OK, seq, f"{seq} entries, every one in its place.", prev)


def _fault(row: Row, seq: int, prev: bytes) -> str:
    body = row["body"]
    if not all(isinstance(row[name], bytes) for name in ("body", "prev", "h")):
        return "a column has the wrong type."
    if row["seq"] != seq:
        return "it is not here; a later one is."
    if row["prev"] != prev:
        return "it does not follow the one before it."
    if digest(prev, body) != row["h"]:
        return "its text does not fit its hash."
    return "" if canonical(body) else "its text is not in canonical form."
