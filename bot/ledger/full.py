"""Full verify: everything that quick verify checks, and what every entry says and what the vault opens (rule A-09).

All nine checks: (1) chain, numbers and canonical form; (2) time never goes back; (3) checkpoints; (4) each reply sent
was allowed and approved, by known rules; (5) no allow beside a failed rule; (6) no act that is not public; (7) remote
deletions closed in time; (8) openings fit; (9) a column of the wrong type is a finding, not a crash. Read-only.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from bot.errors import StoreError
from bot.ledger.anchors import Compared, compare
from bot.ledger.proof import Audit, Finding, Verdict, check_opening, parsed
from bot.ledger.verify import Report
from bot.store import log
from bot.store.db import Reader


def compare_in_full(reader: Reader, folder: Path, keys: Sequence[bytes]) -> Compared:
    """Quick verify, and then every entry's words and every opening of the vault, all as of one moment."""
    try:
        with reader.standstill():
            compared = compare(reader, folder, keys, every_signature=True)
            if compared.report.verdict is not Verdict.OK:
                return compared
            openings = _audit(reader)
    except Finding as finding:
        report = Report(finding.verdict, finding.seq, finding.sentence)
    except StoreError as error:
        return Compared(Report(Verdict.TAMPERED, 0, f"The ledger cannot be read: {error}"))
    else:
        sentence = f"{compared.report.sentence} What they say holds, and the vault's {openings} openings fit."
        report = dataclasses.replace(compared.report, sentence=sentence)
    return dataclasses.replace(compared, report=report)


def _audit(reader: Reader) -> int:
    """Look at every entry and at every opening; returns how many openings there are."""
    audit = Audit()
    for rows in log.chunks(reader):
        for seq, body, _, _ in rows:
            facts = parsed(body)
            if facts is None:
                raise Finding(f"Entry {seq}: its text is not in canonical form.", seq)
            audit.entry(seq, facts)
    count = 0
    for count, row in enumerate(log.openings(reader), start=1):  # noqa: B007 - how many there were is the answer
        check_opening(row["commitment"], row["salt"], row["snapshot"], audit.commitments.__contains__)
    audit.end()
    return count
