"""Owns reading a file of posts, one JSON object a line, at a chosen pace. It writes nothing.

The file is never whole in memory: the cursor is a byte offset, and a fetch reads one bounded bite. What is
no post is counted by reason and passed over. A last line without its end is taken when it is a whole object;
else it is counted once and waited for. A file shorter than the cursor was replaced: it is read from its start
as a new replay. One replaced by a longer file looks like one that grew: give it a new source name.
"""

import json
import stat
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import AfterValidator, Field

from bot.config.bases import Name
from bot.config.models import File, Shape
from bot.config.places import below_config, below_data
from bot.connectors.replay_posts import LONGEST_LINE, PostReader, Unreadable, parse_line
from bot.connectors.tools import Tools
from bot.errors import Transient
from bot.model import Mention, Page, Platform
from bot.ports import Clock

BITE = 32_000_000
"""Bytes that one fetch reads at most, whatever the limit (and one line more): the bound of its memory."""

CHUNK = 65_536
"""Bytes read at once where a line is only passed over."""

MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replay stands: bytes and lines behind it, its start in UTC milliseconds.

    ``unfinished`` is the offset of a last line that was already counted as not finished.
    """

    offset: int
    line: int
    started_at: int
    unfinished: int = -1


class Bite:
    """What one fetch takes from an open file, from ``place`` on."""

    def __init__(self, stream: BinaryIO, place: Place, posts: PostReader, now: int) -> None:
        self.mentions: list[Mention] = []
        self.dropped: Counter[str] = Counter()
        self.place = place
        self.at_end = False
        self._stream = stream
        self._posts = posts
        self._now = now
        stream.seek(max(place.offset - 1, 0))
        self._inside_line = place.offset > 0 and stream.read(1) != b"\n"

    def read(self, lines: int) -> None:
        """Take at most ``lines`` lines. A full bite may stop inside a line; the next one passes over its rest."""
        last_line, last_byte = self.place.line + lines, self.place.offset + BITE
        while not self.at_end and self.place.line < last_line and self.place.offset < last_byte:
            if self._inside_line:
                self._pass_over()
            else:
                self._take(self._stream.readline(LONGEST_LINE + 1))

    def _pass_over(self) -> None:
        chunk = self._stream.readline(CHUNK)
        self.at_end = not chunk
        self._inside_line = not chunk.endswith(b"\n")
        self.place = replace(self.place, offset=self.place.offset + len(chunk))

    def _take(self, raw: bytes) -> None:
        if _is_cut_off(raw):
            self._wait_for_rest(raw)
            return
        self._inside_line = not raw.endswith(b"\n")
        self.place = replace(self.place, offset=self.place.offset + len(raw), line=self.place.line + 1)
        try:
            self.mentions.append(
                self._posts.mention(parse_line(raw), self.place.line, self.place.started_at, self._now)
            )
        except Unreadable as error:
            self.dropped[error.reason] += 1

    def _wait_for_rest(self, raw: bytes) -> None:
        self.at_end = True
        if raw.strip() and self.place.unfinished != self.place.offset:
            self.dropped["unfinished last line"] += 1
            self.place = replace(self.place, unfinished=self.place.offset)


class Source(Shape):
    """A JSONL file of posts played as a platform of its own. ``file`` is relative to the configuration folder."""

    kind: Literal[Platform.REPLAY]
    account: Name
    file: Annotated[File, AfterValidator(below_config)]
    posts_per_minute: Annotated[int, Field(ge=0, le=100_000)] = 60
    map: dict[str, str] = Field(default_factory=dict)
    timeline: Annotated[str, AfterValidator(below_data)] = ""


def connector(source: Source, tools: Tools) -> "ReplayConnector":
    """The reader of ``source``."""
    return ReplayConnector(
        name=source.name,
        file=tools.config_dir / source.file,
        account=source.account,
        clock=tools.clock,
        posts_per_minute=source.posts_per_minute,
        map=source.map,
    )


def timeline_of(source: Source, data_dir: Path) -> Path:
    """The file below the data folder that public replies of a replay are appended to."""
    return data_dir / (source.timeline or f"{source.name}.timeline.jsonl")


class ReplayConnector:
    """Reads the file ``file`` as the platform "replay", heard by our account ``account``.

    At ``posts_per_minute`` lines a minute (0: as fast as asked), counted from the first fetch, so that the
    pace survives a restart. ``map`` fills what the file lacks (see ``PostReader``). ``surface`` names the
    server that the file stands for; two files whose ids collide need two surfaces.

    Raises:
        Permanent: ``map`` names a field that is none of ours.
    """

    def __init__(
        self,
        *,
        name: str,
        file: Path,
        account: str,
        clock: Clock,
        posts_per_minute: int,
        map: Mapping[str, str],  # noqa: A002 - the name of the option
        surface: str = "replay",
    ) -> None:
        self.name = name
        self._file = file
        self._clock = clock
        self._posts_per_minute = posts_per_minute
        self._posts = PostReader(map=map, account=account, surface=surface)

    def fetch(self, cursor: str, limit: int) -> Page:
        """The next at most ``limit`` lines that are due by now; see ``Connector.fetch``.

        Raises:
            Transient: the file is missing, is not a plain file or cannot be read.
        """
        now = self._clock.now()
        try:
            size = self._size()
            with self._file.open("rb") as stream:
                bite = Bite(stream, _place(cursor, size, now), self._posts, now)
                bite.read(min(limit, self._due(bite.place, now)))
        except OSError as error:
            raise Transient(f"The replay file {self._file.name} is missing or cannot be read.") from error
        more = not bite.at_end and bite.place.offset < size and self._due(bite.place, now) > 0
        return Page(tuple(bite.mentions), json.dumps(asdict(bite.place)), more, dict(bite.dropped))

    def since(self, at: int) -> str:  # noqa: ARG002 - the port gives it
        """See ``Connector.since``: a file is always played from its start."""
        return ""

    def _size(self) -> int:
        """Bytes of the file; a pipe or a device, which could block or never end, is refused."""
        state = self._file.stat()
        if not stat.S_ISREG(state.st_mode):
            raise Transient(f"The replay file {self._file.name} is not a plain file.")
        return state.st_size

    def _due(self, place: Place, now: int) -> int:
        """How many more lines the pace allows now: the first one at the start."""
        if self._posts_per_minute == 0:
            return BITE  # a line has a byte at least
        return 1 + max(0, now - place.started_at) * self._posts_per_minute // MINUTE - place.line


def _place(cursor: str, size: int, now: int) -> Place:
    """The place that ``cursor`` tells; the start of the file for none, a broken one and one beyond the end."""
    try:
        place = Place(**json.loads(cursor))
        return place if 0 <= place.offset <= size else Place(0, 0, now)
    except (ValueError, TypeError):
        return Place(0, 0, now)


def _is_cut_off(raw: bytes) -> bool:
    """Whether ``raw`` is the end of the file in the middle of a line (or no line at all)."""
    if raw.endswith(b"\n") or len(raw) > LONGEST_LINE:
        return False
    try:
        parse_line(raw)
    except Unreadable:
        return True
    return False
