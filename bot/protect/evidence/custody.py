"""Whether the custody logs say what the ledger says of the same bundles: a line taken away or rewritten is found.

The ledger alone is sealed; the custody log is rows that whoever can write the database can change.
"""

import json
from collections import defaultdict
from typing import Any

from bot.model import EntryKind
from bot.store import evidence as rows
from bot.store import log
from bot.store.db import Reader

_KINDS = {EntryKind.EVIDENCE, EntryKind.ACCESS}
_STEP = "evidence_"


def disagreements(reader: Reader) -> dict[int, str]:
    """Number of a bundle -> what is wrong with its custody log, one sentence; without those of which nothing is.

    Who got a bundle and why is compared as long as the person's openings were not erased.
    """
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for chunk in log.chunks(reader):
        for _, body, _, _ in chunk:
            # Most entries tell of something else, and need no parsing.
            if b'"evidence":' in body:
                entry = json.loads(body)
                if entry["type"] in _KINDS and str(entry.get("step", "")).startswith(_STEP):
                    told[entry["evidence"]].append(entry)
    found = {number: _wrong(reader, number, told[number]) for number in sorted(rows.states(reader))}
    return {number: sentence for number, sentence in found.items() if sentence}


def _wrong(reader: Reader, number: int, entries: list[dict[str, Any]]) -> str:
    lines = rows.custody(reader, number)
    if len(lines) != len(entries):
        return f"Its custody log has {len(lines)} lines, the ledger tells of {len(entries)}."
    for place, (line, entry) in enumerate(zip(lines, entries, strict=True), start=1):
        at = entry.get("clock", entry["at"])
        if (f"{_STEP}{line['step']}", line["operator"], line["at"]) != (entry["step"], entry["by"], at):
            return f"Line {place} of its custody log is not what the ledger tells."
        opened = log.opening(reader, entry["to"]) if "to" in entry else None
        if opened is not None:
            said = json.loads(opened["snapshot"])
            if (line["receiver"], line["reason"]) != (said["receiver"], said["reason"]):
                return f"Line {place} of its custody log names another receiver or reason than the ledger committed to."
    return ""
