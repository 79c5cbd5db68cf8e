"""Takes in files of posts from elsewhere, once and as fast as asked: JSONL, CSV and Parquet.

A file is never whole in memory. The cursor is a place in it; while the file stays the same, the reading that stands
there goes on, so that a packed file is unpacked once. A file that grew is read on, one that got shorter anew. One
replaced by a longer file looks like one that grew: give it a new source name. Files are read in their own order.
"""

import json
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from bot.config.models import File, Shape
from bot.config.places import below_config, below_data
from bot.connectors.archive_files import Columns, Fields, Row, read
from bot.connectors.replay_posts import LONGEST_LINE, PostReader, Unreadable
from bot.connectors.tools import Tools
from bot.errors import Permanent, Transient
from bot.model import READABLE_BY_ALL, Mention, Page, Platform
from bot.ports import Clock

KINDS: Final = (".jsonl", ".ndjson", ".csv", ".tsv", ".jsonl.gz", ".ndjson.gz", ".csv.gz", ".tsv.gz", ".parquet")

BITE: Final = 32_000_000
"""Code points of text that one fetch brings at most, and one post more: the bound of its memory."""

PASSED_OVER: Final = 10_000
"""Rows that one fetch looks at in search of the date where a back-fill begins."""

_BATCH = 1_000
_BUFFER = 1_048_576


def _known(path: str) -> str:
    if not path.lower().endswith(KINDS):
        raise ValueError(f"An archive ends in one of {', '.join(KINDS)}.")
    return path


class Source(Shape):
    """A file of posts below the configuration folder. ``map`` goes from our fields to the file's, as for a replay.

    Replies go into the file ``timeline`` below the data folder; without one we only listen.
    """

    kind: Literal[Platform.ARCHIVE]
    file: Annotated[File, AfterValidator(below_config), AfterValidator(_known)]
    map: dict[str, str] = Field(default_factory=dict)
    timeline: Annotated[str, AfterValidator(below_data)] = ""

    @model_validator(mode="after")
    def _answered_by_somebody(self) -> Self:
        if self.timeline and not self.account:
            raise ValueError("An archive with a timeline needs an account that answers.")
        return self


@dataclass(frozen=True, slots=True)
class Stand:
    """What the cursor knows: a place (see ``archive_files.Row``), the date of a back-fill, the state of a read file."""

    offset: int = 0
    line: int = 0
    since: int | None = None
    ended: str = ""


def connector(source: Source, tools: Tools) -> "ArchiveConnector":
    """The reader of ``source``.

    Raises:
        Permanent: it is a Parquet file, and the library for these is not installed; or ``map`` names unknown fields.
    """
    return ArchiveConnector(source, tools.config_dir / source.file, tools.clock)


def posts_of(source: Source) -> PostReader:
    """What makes rows of ``source`` into mentions. The source's name is their surface."""
    return PostReader(map=source.map, account=source.account, surface=source.name, platform=Platform.ARCHIVE)


class ArchiveConnector:
    """Reads ``path`` as the posts of ``source``."""

    def __init__(self, source: Source, path: Path, clock: Clock) -> None:
        self.name = source.name
        self._path = path
        self._clock = clock
        self._columns = Columns(source.map)
        self._posts = posts_of(source)
        self._parquet = _parquet_library() if path.suffix.lower() == ".parquet" else None
        self._going: tuple[str, int, Iterator[Row]] | None = None

    def fetch(self, cursor: str, limit: int) -> Page:
        """The next rows of the file, at most ``limit`` posts and rows that are none; see ``Connector.fetch``.

        Raises:
            Transient: the file is missing, is not a plain file or cannot be read.
            Permanent: a table without a column of texts.
        """
        stand, going, self._going = _read_cursor(cursor), self._going, None
        try:
            state = self._state()
            if stand.ended == state:
                return Page((), cursor)
            rows = going[2] if going and going[:2] == (state, stand.offset) else self.rows(stand)
            bite = Bite(self._posts, self._columns, stand, self._clock.now())
            ended = bite.read(rows, limit)
            following = None if ended else next(rows, None)
        except OSError as error:
            raise Transient(f"The archive {self._path.name} is missing or cannot be read.") from error
        offset, line = bite.place
        if following is not None:
            self._going = (state, offset, chain([following], rows))
        reached = Stand(offset, line, stand.since, state if following is None else "")
        return Page(tuple(bite.mentions), json.dumps(asdict(reached)), following is not None, dict(bite.dropped))

    def since(self, at: int) -> str:
        """A cursor from which the file is read without its posts before ``at``."""
        return json.dumps(asdict(Stand(since=at)))

    def _state(self) -> str:
        """What changes with the file; a pipe or a device, which could block or never end, is refused."""
        found = self._path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Transient(f"The archive {self._path.name} is not a plain file.")
        return f"{found.st_size}:{found.st_mtime_ns}"

    def rows(self, stand: Stand) -> Iterator[Row]:
        """The rows of the file behind a place.

        Raises:
            OSError: it cannot be read.
            Permanent: a table without a column of texts.
        """
        if self._parquet is None:
            return read(self._path, self._columns, stand.offset, stand.line)
        return _parquet_rows(self._parquet, self._path, self._columns, stand.offset)


class Bite:
    """What one fetch takes, from ``stand`` on."""

    def __init__(self, posts: PostReader, columns: Columns, stand: Stand, now: int) -> None:
        self.mentions: list[Mention] = []
        self.dropped: Counter[str] = Counter()
        self.place = stand.offset, stand.line
        self._posts = posts
        self._columns = columns
        self._since = stand.since
        self._now = now

    def read(self, rows: Iterator[Row], limit: int) -> bool:
        """Take at most ``limit`` rows that count; whether the file ended."""
        taken = words = 0
        for looked_at, (offset, line, row) in enumerate(rows, 1):
            self.place = offset, line
            size = self._take(row, line)
            taken += size >= 0
            words += size
            if taken >= limit or looked_at >= PASSED_OVER or words >= BITE:
                return False
        return True

    def _take(self, row: Fields | str, line: int) -> int:
        """Keep a post that everyone may read, count any other row; the length of its text, -1 for one that is older."""
        if isinstance(row, str):
            self.dropped[row] += 1
            return 0
        try:
            mention = self._posts.mention(self._columns.typed(row), line, self._now, self._now)
        except Unreadable as fault:
            self.dropped[fault.reason] += 1
            return 0
        if self._since is not None and mention.created_at < self._since:
            return -1
        if mention.visibility not in READABLE_BY_ALL or len(mention.text) > LONGEST_LINE:
            self.dropped["line too long" if mention.text else "not public"] += 1
            return 0
        self.mentions.append(mention)
        return len(mention.text)


def _read_cursor(cursor: str) -> Stand:
    """Where the source stands; the start of the file for a cursor that is none of ours."""
    try:
        stand = Stand(**json.loads(cursor))
    except (ValueError, TypeError):
        return Stand()
    numbers = stand.offset, stand.line, stand.since or 0
    sound = all(isinstance(number, int) for number in numbers) and min(numbers[:2]) >= 0
    return stand if sound and isinstance(stand.ended, str) else Stand()


def _parquet_library() -> Any:  # noqa: ANN401 - the library has no types
    try:
        import pyarrow.parquet
    except ModuleNotFoundError:
        sentence = "Parquet files need a library that is not installed: pip install 'earshot[parquet]'"
        raise Permanent(sentence) from None
    return pyarrow


def _parquet_rows(library: Any, path: Path, columns: Columns, offset: int) -> Iterator[Row]:  # noqa: ANN401 - likewise
    """The rows of a Parquet file behind ``offset`` rows, batch by batch; only the columns that are read.

    Raises:
        OSError: it cannot be read.
        Permanent: it has no column of texts.
    """
    try:
        with library.parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as table:
            columns.require(table.schema_arrow.names)
            names = [name for name in table.schema_arrow.names if name in columns.wanted]
            offset = offset if offset <= table.metadata.num_rows else 0
            start = 0
            for group in range(table.num_row_groups):
                size = table.metadata.row_group(group).num_rows
                if start + size <= offset:
                    start += size
                    continue
                for batch in table.iter_batches(_BATCH, row_groups=[group], columns=names, use_threads=False):
                    left = batch.slice(min(max(0, offset - start), batch.num_rows))
                    start += batch.num_rows
                    values = [_values(library, column) for column in left.columns]
                    for row in zip(*values, strict=True):
                        offset += 1
                        yield offset, offset, dict(zip(left.schema.names, row, strict=True))
    except (library.ArrowException, ValueError) as error:
        raise OSError from error


def _values(library: Any, column: Any) -> list[Any]:  # noqa: ANN401 - likewise
    """The values of a column; times as UTC milliseconds."""
    if library.types.is_timestamp(column.type):
        column = column.cast(library.timestamp("ms", column.type.tz), safe=False).cast(library.int64())
    found: list[Any] = column.to_pylist()
    return found
