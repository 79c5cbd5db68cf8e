"""The ledger against its checkpoints in both places: the folder elsewhere, and the notes in the database.

Whoever clears the folder cannot clear the notes with it, and the other way round. Read-only; it distrusts both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.errors import LedgerBroken, StoreError
from bot.ledger.checkpoint import Checkpoint, read, read_all
from bot.ledger.verify import Report, Verdict, verify
from bot.store import log
from bot.store.db import Reader


@dataclass(frozen=True, slots=True)
class Compared:
    """What a verification found, with how many checkpoints, and the sizes that only the database knows."""

    report: Report
    checkpoints: int = 0
    lacking: tuple[int, ...] = ()


def compare(reader: Reader, folder: Path, key: Ed25519PublicKey) -> Compared:
    """Check the whole chain against every checkpoint of the folder and of the database."""
    try:
        kept, noted = read_all(folder, key), list(_noted(reader, key))
    except LedgerBroken as error:
        return Compared(Report(Verdict.TAMPERED, 0, str(error)))
    except StoreError as error:
        return Compared(Report(Verdict.TAMPERED, 0, f"The ledger cannot be read: {error}"))
    known, noted_sizes = {mark.size for mark in kept}, {mark.size for mark in noted}
    return Compared(verify(reader, [*kept, *noted]), len(known | noted_sizes), tuple(sorted(noted_sizes - known)))


def _noted(reader: Reader, key: Ed25519PublicKey) -> Iterator[Checkpoint]:
    for row in log.checkpoints(reader):
        if not isinstance(row["size"], int) or not isinstance(row["note"], str):
            raise LedgerBroken("A checkpoint in the database has a column of the wrong type.")
        try:
            checkpoint = read(row["note"], key)
        except LedgerBroken as error:
            raise LedgerBroken(f"The database's checkpoint of size {row['size']}: {error}") from error
        if checkpoint.size != row["size"]:
            raise LedgerBroken(f"The database's checkpoint of size {row['size']} holds one of another size.")
        yield checkpoint


def judged(compared: Compared, *, told: bool) -> Report:
    """The report once the folder is asked for what it lacks; ``told``: it is known to be out of reach."""
    report, lacking = compared.report, compared.lacking
    if report.verdict is not Verdict.OK or not lacking:
        return report
    what = f"the checkpoint of size {lacking[0]}" if len(lacking) == 1 else f"{len(lacking)} checkpoints"
    if told:
        sentence = f"{report.sentence} The checkpoint folder is out of reach and lacks {what} of the database."
        return Report(Verdict.OK, report.seq, sentence, report.head)
    sentence = f"The checkpoint folder lacks {what} that the database holds. The entries themselves are in their place."
    return Report(Verdict.MISSING, report.seq, sentence, report.head)
