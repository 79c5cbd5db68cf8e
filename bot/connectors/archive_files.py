"""Rows of files of posts, one after the other and in constant memory: JSONL and CSV, packed with gzip or not.

Each row comes with the place behind it, so that a reading can go on there. It decides nothing about posts.
"""

import csv
import gzip
import json
import re
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from email.utils import mktime_tz, parsedate_tz
from pathlib import Path
from typing import BinaryIO, Final

from bot.connectors.replay_posts import FIELDS, LONGEST_LINE, Unreadable, parse_line
from bot.errors import Permanent

CHUNK: Final = 65_536
"""Bytes read at once where a line is only passed over."""

BREAKS_OFF: Final = "file breaks off"
UNFINISHED: Final = "unfinished last line"

Fields = dict[str, object]
Row = tuple[int, int, Fields | str]
"""Bytes before the next row (after unpacking; in Parquet: rows), rows so far, and the row or why there is none."""

_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
_FLAGS: Final = ("bot", "opted_out", "owned_surface")
_TRUE, _FALSE = frozenset({"true", "1", "yes", "t"}), frozenset({"false", "0", "no", "f"})
_NUMBER = re.compile(r"-?\d{9,16}(?:\.\d{1,9})?")
_MILLISECONDS_FROM: Final = 100_000_000_000
"""Smaller times are seconds since 1970 (until the year 5138), larger ones milliseconds (from 1973 on)."""


def read(path: Path, columns: "Columns", offset: int, line: int) -> Iterator[Row]:
    """The rows of ``path`` behind a place; from its start if it is shorter than that.

    Raises:
        OSError: it cannot be read.
        Permanent: the table has no header that names a column of texts.
    """
    rows = _table if any(suffix in {".csv", ".tsv"} for suffix in path.suffixes) else _objects
    with _opened(path) as stream:
        if path.suffix != ".gz" and offset > path.stat().st_size:
            offset = line = 0
        try:
            for offset, line, row in rows(stream, columns, offset, line):  # noqa: B020 - the place moves on
                yield offset, line, row
        except _DAMAGED:
            if line == 0:
                raise OSError from None
            yield offset, line, BREAKS_OFF


def _opened(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _lines(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Each line with its size. Of a line that is too long only the beginning, which is longer than any may be."""
    while raw := stream.readline(LONGEST_LINE + 2):
        size, rest = len(raw), raw
        while len(raw) > LONGEST_LINE and rest and not rest.endswith(b"\n"):
            rest = stream.readline(CHUNK)
            size += len(rest)
        yield raw, size


def _at(stream: BinaryIO, offset: int, line: int) -> tuple[int, int]:
    """Go to a place; to the start if the file ends before it."""
    return (offset, line) if stream.seek(offset) == offset else (stream.seek(0), 0)


def _objects(stream: BinaryIO, _columns: "Columns", offset: int, line: int) -> Iterator[Row]:
    offset, line = _at(stream, offset, line)
    for raw, size in _lines(stream):
        row: Fields | str
        try:
            row = parse_line(raw)
        except Unreadable as fault:
            row = fault.reason
            if not raw.endswith(b"\n") and size == len(raw) <= LONGEST_LINE:
                # The rest may still be written; it is read when the file has changed.
                yield offset, line, UNFINISHED
                return
        offset, line = offset + size, line + 1
        yield offset, line, row


def _table(stream: BinaryIO, columns: "Columns", offset: int, line: int) -> Iterator[Row]:
    first = stream.readline(LONGEST_LINE).removeprefix(b"\xef\xbb\xbf")
    if not first:
        return
    marks = max((",", ";", "\t", "|"), key=lambda mark: first.count(mark.encode()))
    columns.require(header := _header(first, marks))
    wanted = [(index, name) for index, name in enumerate(header) if name in columns.wanted]
    start = stream.tell()
    offset, line = _at(stream, max(offset, start), line)
    offset = max(offset, start)
    stream.seek(offset)
    for values, size in _Records(stream, marks):
        offset, line = offset + size, line + 1
        if isinstance(values, str):
            yield offset, line, values
        else:
            yield offset, line, {name: values[index] or None for index, name in wanted if index < len(values)}


def _header(first: bytes, delimiter: str) -> list[str]:
    """The names of the columns; none for a first line that is no line of a table."""
    try:
        return next(csv.reader([_decoded(first)], delimiter=delimiter), [])
    except csv.Error:
        return []


class _Records:
    """The records of a table, each with its size in bytes, or why there is none.

    A quote that is never closed would swallow the file: then the line that it stands in is broken, and reading goes
    on behind that line. Longest field: 131,072 characters, the limit of Python's reader.
    """

    def __init__(self, stream: BinaryIO, delimiter: str) -> None:
        self._lines = _lines(stream)
        self._delimiter = delimiter
        self._again: deque[tuple[bytes, int]] = deque()
        self._taken: list[tuple[bytes, int]] = []
        self._size = 0
        self._at_end = False

    def __iter__(self) -> Iterator[tuple[list[str] | str, int]]:
        reader = csv.reader(self._feed(), delimiter=self._delimiter)
        while True:
            self._taken, self._size = [], 0
            try:
                values: list[str] | str = next(reader)
            except StopIteration:
                return
            except (csv.Error, Unreadable):
                values = ""
            # A record that needed the end of the file to end stood in the middle of a quoted field.
            if values == "" or self._at_end:
                reader = csv.reader(self._feed(), delimiter=self._delimiter)
                self._again.extendleft(reversed(self._taken[1:]))
                values, self._at_end = "broken line", False
                yield values, self._taken[0][1]
            else:
                yield values or "blank line", self._size

    def _feed(self) -> Iterator[str]:
        while (found := self._again.popleft() if self._again else next(self._lines, None)) is not None:
            self._taken.append(found)
            self._size += found[1]
            if self._size > LONGEST_LINE:
                raise Unreadable("line too long")
            yield _decoded(found[0])
        self._at_end = True


def _decoded(raw: bytes) -> str:
    """A line as text: UTF-8, else what spreadsheets write in Western Europe."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


class Columns:
    """What the file calls our fields, and how its values become what ``PostReader`` reads. ``map`` as there."""

    def __init__(self, map: Mapping[str, str]) -> None:  # noqa: A002 - the name of the option
        named = {"created_at" if ours == "time" else ours: theirs for ours, theirs in map.items()}
        self._names = {ours: named.get(ours, ours) for ours in FIELDS}
        self.id = self._names["id"]
        self.wanted = frozenset(self._names.values())

    def require(self, header: list[str]) -> None:
        """Refuse a table without texts.

        Raises:
            Permanent: says which column is missing.
        """
        text = self._names["text"]
        if text not in header:
            sentence = f"The archive has no column '{text[:80]}'; say in 'map' which one holds the texts."
            raise Permanent(sentence)

    def typed(self, row: Fields) -> Fields:
        """The row, with times, flags and lists as such where a table has them as words."""
        names = self._names
        if row.get(names["created_at"]) is not None:
            row[names["created_at"]] = _when(row[names["created_at"]])
        for flag in _FLAGS:
            said = row.get(names[flag])
            if isinstance(said, str | int) and not isinstance(said, bool):
                word = str(said).strip().lower()
                row[names[flag]] = True if word in _TRUE else False if word in _FALSE else None
        for listed in ("mentions", "media", "quoted"):
            said = row.get(names[listed])
            if isinstance(said, str):
                row[names[listed]] = _list(said) if listed == "mentions" else _json(said)
        return row


def _when(value: object) -> object:
    """A time as ``PostReader`` reads it: milliseconds or ISO 8601."""
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text):
            value = float(text)
        elif text[:1].isalpha():
            return _written(text)
        else:
            return text.removesuffix(" UTC").replace(" +", "+")
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MILLISECONDS_FROM:
        return value * 1000
    return value


def _written(text: str) -> int | None:
    """A date in words, as in mails and in the old format of X."""
    try:
        parts = parsedate_tz(text[:60])
        return None if parts is None else mktime_tz(parts) * 1000
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _list(said: str) -> object:
    return _json(said) if said.startswith("[") else [each for each in re.split(r"[\s,;]+", said) if each]


def _json(said: str) -> object:
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        return None
