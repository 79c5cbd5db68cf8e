"""How well look-alike handles are found, on authored handles of invented brands. ``make evaluate`` prints it.

``tests/data/handles/handles.jsonl`` begins with the brands (name, own handles, domains) and goes on with handles, each
of one brand, "lookalike" or "none", with the family of its trick or kind. Brands are split into "train" and "test";
some families of tricks stand in "test" alone. Only the test half is measured; nothing is tuned by it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.detectors.lookalike import Lookalike

LEAST_FOUND, MOST_FLAGGED = 95.0, 1.0
"""Issue 6, per cent."""

Handle = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """One handle: what it is, of which family, and what the detector said."""

    row: Handle
    said: str


def read_handles(folder: Path) -> tuple[Mapping[str, Lookalike], Sequence[Handle]]:
    """The detector of each brand, and the handles."""
    rows = [json.loads(line) for line in (folder / "handles" / "handles.jsonl").read_text("utf-8").splitlines()]
    brands = {row["brand"]: Lookalike(row["own"], row["brand"], domains=row["domains"]) for row in rows if "own" in row}
    return brands, [row for row in rows if "handle" in row]


def judged(folder: Path, part: str) -> list[Seen]:
    """Every handle of a part, judged by its own brand's detector."""
    brands, handles = read_handles(folder)
    return [Seen(row, brands[row["brand"]].detect([row["handle"]])[0].label) for row in handles if row["part"] == part]


def lines(seen: Sequence[Seen]) -> Iterator[str]:
    """The two lines of the table, in per cent, each with its bar."""
    for title, label, bar, low in (
        ("look-alike handles found, per cent", "lookalike", LEAST_FOUND, False),
        ("ordinary handles flagged, per cent", "none", MOST_FLAGGED, True),
    ):
        rows = [one for one in seen if one.row["label"] == label]
        share = 100 * sum(one.said == "lookalike" for one in rows) / max(len(rows), 1)
        met = share <= bar if low else share >= bar
        yield f"{title:<48}{share:>8.1f}{bar:>8.1f}{'':>8}{len(rows):>8,}  {'met' if met else 'NOT MET'}"
