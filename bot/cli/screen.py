"""How commands print: aligned columns for people, JSON for scripts, and never a sign that a terminal would obey."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def as_json(shown: Mapping[str, object] | Sequence[Mapping[str, object]]) -> None:
    """Print a value as JSON for scripts."""
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2, default=str))


def json_option(function: F) -> F:
    """The ``--json`` switch."""
    return click.option("--json", "json_", is_flag=True, help="Print JSON for scripts.")(function)


def columns(rows: Sequence[Sequence[str]], indent: int = 2) -> None:
    """Print rows with their cells below each other; the last cell may be as long as it likes."""
    if not rows:
        return
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)]
        click.echo((" " * indent + "  ".join([*cells, row[-1]])).rstrip())


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 watch", "2,302 posts"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def plain(text: str) -> str:
    """A hostile text without the signs that a terminal would obey or that hide from the reader."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)
