"""Labelled posts: JSON lines read from given folders, and which of them are held out.

Owns the reading. Texts stay where they are: nothing here writes one.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.errors import EarshotError

_HELD_OUT = 51
"""Of 256 values of a text's first SHA-256 byte: one post in five is held out of training."""
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")

Row = Mapping[str, Any]


def read(path: Path, field: str = "text") -> list[dict[str, Any]]:
    """The rows of a JSONL file, each with a ``text`` and a ``field``. Escapes that a corpus left in texts are undone.

    Raises:
        EarshotError: the file is missing, or a line is no JSON object with a text and the field.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EarshotError(f"{path} cannot be read as UTF-8 text: give a file of JSON lines") from error
    return [_row(path, number, line, field) for number, line in enumerate(lines, 1) if line.strip()]


def find(name: str, folders: Sequence[Path], field: str = "text") -> list[dict[str, Any]]:
    """The rows of the set ``name`` in the first folder that has it, each with a ``field``.

    Raises:
        EarshotError: none has it, or a row is not as it must be.
    """
    for folder in folders:
        if (folder / f"{name}.jsonl").is_file():
            return read(folder / f"{name}.jsonl", field)
    places = ", ".join(map(str, folders)) or "nowhere"
    raise EarshotError(f"the set {name}.jsonl was not found in {places}: name its folder with --data")


def is_held_out(row: Row) -> bool:
    """True for the rows that training never sees: the part "test" of our own sets, a fifth of the others."""
    if row.get("family"):
        return bool(row["part"] == "test")
    return hashlib.sha256(str(row["text"]).encode("utf-8", "replace")).digest()[0] < _HELD_OUT


def taught(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows that may be learned from."""
    return (row for row in rows if not is_held_out(row))


def held_out(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows to measure on."""
    return (row for row in rows if is_held_out(row))


def _row(path: Path, number: int, line: str, field: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise EarshotError(f"{path}:{number} is no JSON: each line holds one object") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise EarshotError(f'{path}:{number} has no "text": each line holds one object with a text and a label')
    if row.get(field) is None:
        raise EarshotError(f"{path}:{number} has no {field!r}: every row needs one, and a label may stand elsewhere")
    row["text"] = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), row["text"])
    return row
