"""The sentences written for these tests, and how a detector does on them."""

import json
from collections import Counter
from pathlib import Path

from bot.ports import Detector

DATA = Path(__file__).resolve().parent.parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    """Each has a text, a label, and a part: "dev" was looked at while rules were written, "test" only counted."""
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()]


def table(detector: Detector, name: str) -> Counter[tuple[str, str]]:
    """How often a sentence with the first label was given the second."""
    written = rows(name)
    found = detector.detect([row["text"] for row in written])
    return Counter((row["label"], finding.label) for row, finding in zip(written, found, strict=True))


def share(counts: Counter[tuple[str, str]], label: str, given: set[str]) -> float:
    """Which share of the sentences with ``label`` were given one of the labels ``given``."""
    everything = sum(count for (truth, _), count in counts.items() if truth == label)
    return sum(count for (truth, found), count in counts.items() if truth == label and found in given) / everything
