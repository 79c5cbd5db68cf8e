"""The sentences written for these tests."""

import json
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    """Each has a text and a label, most a family and a part: "train" is known to rules and heads, "test" is counted."""
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()]
