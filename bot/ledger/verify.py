"""Quick verify: the whole chain and every checkpoint. Read-only.

It distrusts the file: a wrong column type or a page that SQLite cannot read is a finding, not a crash. Whether each
body is canonical and what it says is the full verification's business (``full``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.errors import StoreError
from bot.ledger import gaps
from bot.ledger.proof import PREFIX, Checkpoint, Finding, Ring, Tree, Verdict, digest, parsed
from bot.store import log
from bot.store.db import Reader

__all__ = ["Report", "Verdict", "Walk", "verify"]

_LEARNT = (b'"type":"KEY"}', gaps.ENDS_WITH)
"""How the body of a KEY or RESTORE entry ends: in canonical form its type stands last, which their readers see to."""


@dataclass(frozen=True, slots=True)
class Report:
    """Outcome of a verification. ``seq`` is the first entry that does not fit, or the last one that does."""

    verdict: Verdict
    seq: int
    sentence: str


def verify(reader: Reader, checkpoints: Iterable[Checkpoint] = ()) -> Report:
    """Check the chain from its first entry, and against ``checkpoints``, whose signatures were checked before."""
    return Walk().go_on(reader, checkpoints)


class Walk:
    """A walk along the chain: as far as it has come, with the tree over it and the keys that it names.

    Each ``go_on`` continues where the last one ended, so that a running house checks no entry twice.
    """

    def __init__(self, first_key: bytes | None = None) -> None:
        self.seq = 0
        self.head = bytes(32)
        self.tree = Tree()
        self.ring = None if first_key is None else Ring(first_key)
        self.lost: set[gaps.Seen] = set()
        """What checkpoints saw in times that a restore declared as lost."""
        self.strange: set[gaps.Seen] = set()
        """What checkpoints saw that this ledger never was; a restore declares it, or somebody tampered with it."""
        self._gaps: list[gaps.Gap] = []

    def go_on(self, reader: Reader, checkpoints: Iterable[Checkpoint] = ()) -> Report:
        """Check what came since, and the roots of ``checkpoints`` of what is walked over."""
        try:
            self._walk(reader, _by_size(checkpoints))
        except Finding as finding:
            return Report(finding.verdict, finding.seq, finding.sentence)
        except StoreError as error:
            return Report(Verdict.TAMPERED, self.seq, f"The ledger cannot be read: {error}")
        return Report(Verdict.OK, self.seq, f"{self.seq} entries, every one in its place.")

    def _walk(self, reader: Reader, wanted: Mapping[int, set[bytes]]) -> None:
        chunks, seq = log.chunks(reader, after=self.seq - 1 if self.seq else None), self.seq
        if seq:
            # The last entry of the walk so far comes once more: it may have been taken away or replaced since.
            first = next(chunks, [])
            if not first:
                gone = f"Entry {seq}: it was here at the last verification and is gone."
                raise Finding(gone, seq, Verdict.MISSING)
            if (first[0][0], first[0][3]) != (seq, self.head):
                raise Finding(f"Entry {seq}: it is not the one of the last verification.", seq)
            self._take(first[1:], wanted)
        for rows in chunks:
            self._take(rows, wanted)
        self._check_gaps()
        for size, _ in sorted(self.strange - self.lost):
            raise Finding(f"Entry {size}: the checkpoint of this size has another root.", size)
        beyond = {
            size: {root for root in roots if (size, root) not in self.lost}
            for size, roots in wanted.items()
            if size > self.seq
        }
        longest = max((size for size, roots in beyond.items() if roots), default=0)
        if len(beyond.get(longest, ())) > 1:
            raise Finding(f"Two checkpoints of size {longest} contradict.", longest)
        if longest:
            told = f"{longest - self.seq} entries are missing: a checkpoint saw {longest}."
            raise Finding(told, self.seq, Verdict.MISSING)

    def _check_gaps(self) -> None:
        """Each RESTORE entry is signed with a key in force where it stands, or a later one: its KEY entry was lost."""
        ring = self.ring
        for gap in self._gaps if ring is not None else ():
            if ring is not None and not gap.signed_by(ring.keys[ring.keys.index(ring.at(gap.seq)) :]):
                raise Finding(f"Entry {gap.seq}: it declares a loss that our key did not sign.", gap.seq)
        self._gaps.clear()

    def _take(self, rows: Sequence[tuple[Any, ...]], wanted: Mapping[int, set[bytes]]) -> None:
        """Some entries at once: their columns compared whole, which costs little more than their SHA-256."""
        if not rows:
            return
        seqs, bodies, prevs, hashes = zip(*rows, strict=True)
        fits = (
            {*map(type, seqs)} == {int}
            and {*map(type, bodies), *map(type, prevs), *map(type, hashes)} == {bytes}
            and seqs == tuple(range(self.seq + 1, self.seq + 1 + len(rows)))
            and prevs == (self.head, *hashes[:-1])
            and [sha256(PREFIX + prev + body).digest() for prev, body in zip(prevs, bodies, strict=True)]
            == list(hashes)
        )
        if not fits:
            raise self._first_fault(rows)
        self._learn(bodies)
        done = 0
        for size in filter(wanted.__contains__, seqs):
            self.tree.extend(hashes[done : size - self.seq])
            done = size - self.seq
            self.strange |= {(size, root) for root in wanted[size] - {self.tree.root()}}
        self.tree.extend(hashes[done:])
        self.seq, self.head = seqs[-1], hashes[-1]

    def _learn(self, bodies: Sequence[bytes]) -> None:
        """Take in which keys came into force, and what a restore declared."""
        for place in [place for place, body in enumerate(bodies) if body.endswith(_LEARNT)]:
            seq, body = self.seq + 1 + place, bodies[place]
            facts = parsed(body) or {}
            if body.endswith(gaps.ENDS_WITH):
                self._gaps.append(gaps.learn(seq, facts))
                self.lost |= self._gaps[-1].lost
            elif self.ring is not None:
                self.ring.learn(seq, facts)

    def _first_fault(self, rows: Sequence[tuple[Any, ...]]) -> Finding:
        seq, before = self.seq, self.head
        for number, body, prev, own in rows:
            seq += 1
            fault = _fault((number, body, prev, own), seq, before)
            if fault:
                break
            before = own
        return Finding(f"Entry {seq}: {fault}", seq)


def _fault(row: tuple[Any, ...], seq: int, before: bytes) -> str:
    number, body, prev, own = row
    if [type(column) for column in row] != [int, bytes, bytes, bytes]:
        return "a column has the wrong type."
    if number != seq:
        return "it is not here; a later one is."
    if prev != before:
        return "it does not follow the one before it."
    return "" if digest(prev, body) == own else "its text does not fit its hash."


def _by_size(checkpoints: Iterable[Checkpoint]) -> dict[int, set[bytes]]:
    wanted: dict[int, set[bytes]] = {}
    for checkpoint in checkpoints:
        wanted.setdefault(checkpoint.size, set()).add(checkpoint.root)
    return wanted
