"""The ledger against its checkpoints in both places: the folder elsewhere, and the notes in the database.

Whoever clears the folder cannot clear the notes with it, and the other way round. Read-only; it distrusts both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import LedgerBroken, StoreError
from bot.ledger.checkpoint import notes
from bot.ledger.gaps import Seen
from bot.ledger.proof import Finding, Note, Verdict, read_note
from bot.ledger.verify import Report, Walk
from bot.store import log
from bot.store.db import Reader


@dataclass(frozen=True, slots=True)
class Compared:
    """What a verification found, with how many checkpoints, and the sizes that only the database knows.

    ``walk`` is how far the chain was walked over; a later check goes on from there.
    """

    report: Report
    checkpoints: int = 0
    lacking: tuple[int, ...] = ()
    walk: Walk = field(default_factory=Walk)


def compare(
    reader: Reader,
    folder: Path,
    keys: Sequence[bytes],
    *,
    every_signature: bool = False,
    lost: Iterable[Seen] = (),
) -> Compared:
    """Quick verify: the whole chain against every checkpoint of the folder and of the database.

    ``keys`` are the public keys to trust, oldest first (``Keys.known``); a checkpoint must be signed with the key that
    the ledger had in force at its size. Of each place the signature of the largest one is checked, whose root covers
    the others; with ``every_signature`` all are. ``lost`` are checkpoints that a restore is about to declare.
    """
    walk = Walk(keys[0])
    walk.lost.update(lost)
    try:
        kept, noted = dict(_kept(folder)), dict(_noted(reader))
    except (Finding, LedgerBroken, StoreError) as error:
        return Compared(Report(Verdict.TAMPERED, 0, str(error)))
    report = walk.go_on(reader, [note.checkpoint for place in (kept, noted) for note in place.values()])
    if report.verdict is not Verdict.TAMPERED:
        # What a restore declared as lost proves nothing any more: our signature over the declaration does.
        ours = [{name: note for name, note in place.items() if _seen(note) not in walk.lost} for place in (kept, noted)]
        signed = [pair for place in ours for pair in (place.items() if every_signature else _largest(place))]
        report = _signed(walk, signed, keys) or report
    known, noted_sizes = ({note.checkpoint.size for note in place.values()} for place in (kept, noted))
    return Compared(report, len(known | noted_sizes), tuple(sorted(noted_sizes - known)), walk)


def _seen(note: Note) -> Seen:
    return note.checkpoint.size, note.checkpoint.root


def _largest(place: Mapping[str, Note]) -> list[tuple[str, Note]]:
    return sorted(place.items(), key=lambda pair: pair[1].checkpoint.size)[-1:]


def _signed(walk: Walk, every: Iterable[tuple[str, Note]], keys: Sequence[bytes]) -> Report | None:
    """What is wrong with who signed, or None."""
    if walk.ring is None:
        return None
    for where, note in every:
        size = note.checkpoint.size
        # Beyond the last entry nobody knows which key was in force: it may have been any that we trust.
        signers = [walk.ring.at(size)] if size <= walk.seq else [*keys, walk.ring.current]
        if not any(map(note.signed_by, signers)):
            return Report(Verdict.TAMPERED, size, f"{where}: it is not signed with the key of its time.")
    if not set(keys) <= set(walk.ring.keys):
        told = "Entries are missing: a public key of ours stands in no KEY entry."
        return Report(Verdict.MISSING, walk.seq, told)
    return None


def _kept(folder: Path) -> Iterator[tuple[str, Note]]:
    for name, text in notes(folder):
        try:
            yield name, read_note(text)
        except Finding as finding:
            raise LedgerBroken(f"{name}: {finding.sentence}") from finding


def _noted(reader: Reader) -> Iterator[tuple[str, Note]]:
    for row in log.checkpoints(reader):
        if not isinstance(row["size"], int) or not isinstance(row["note"], str):
            raise Finding("A checkpoint in the database has a column of the wrong type.")
        where = f"The database's checkpoint of size {row['size']}"
        try:
            note = read_note(row["note"])
        except Finding as finding:
            raise Finding(f"{where}: {finding.sentence}") from finding
        if note.checkpoint.size != row["size"]:
            raise Finding(f"{where} holds one of another size.")
        yield where, note


def judged(compared: Compared, *, told: bool) -> Report:
    """The report once the folder is asked for what it lacks; ``told``: it is known to be out of reach."""
    report, lacking = compared.report, compared.lacking
    if report.verdict not in {Verdict.OK, Verdict.LATE} or not lacking:
        return report
    what = f"the checkpoint of size {lacking[0]}" if len(lacking) == 1 else f"{len(lacking)} checkpoints"
    if told:
        sentence = f"{report.sentence} The checkpoint folder is out of reach and lacks {what} of the database."
        return Report(report.verdict, report.seq, sentence)
    sentence = f"The checkpoint folder lacks {what} that the database holds. The entries themselves are in their place."
    return Report(Verdict.MISSING, report.seq, sentence)
