# ruff: noqa: INP001 - a folder of scripts, not a package
"""What a measurement says: one line with its name, its figure, the bar it must reach, and whether it does."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number. ``most`` is a bar from above, ``least`` one from below; neither means: only told."""

    name: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the bar is reached; without one, always."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def line(self) -> str:
        """The line that ``make bench`` prints."""
        bar = f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}" if self.most is not None else ""
        number = f"{self.value:,.2f}" if abs(self.value) < 10 else f"{self.value:,.0f}"  # noqa: PLR2004 - two digits
        verdict = "" if not bar else "ok" if self.reached else "MISSED"
        return f"{self.name:<58} {number:>10} {self.unit:<8} {bar:>9}  {verdict}".rstrip()


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 measurements do not exceed."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]
