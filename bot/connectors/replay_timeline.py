"""Owns the public timeline of a replayed platform: a file, one JSON object a line, only ever appended to.

A reply is one line with ``id``, ``in_reply_to``, ``author``, ``text``, ``created_at``, ``request_key`` and
``url``; ``{"retract": id}`` takes it back. Readers keep the first line of an id, so a repeat never doubles.
A crash in mid-write leaves a torn line: readers pass over it, and the next line starts on its own.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.connectors.replay_posts import LONGEST_LINE, Unreadable, parse_line
from bot.errors import Permanent, Transient, Uncertain


@dataclass(frozen=True, slots=True)
class Reply:
    """One public reply on the timeline. ``created_at`` in UTC milliseconds."""

    native_id: str
    in_reply_to: str
    author: str
    text: str
    created_at: int
    url: str
    retracted: bool = False


def replies(lines: Iterable[bytes], wanted: Callable[[Reply], bool]) -> dict[str, Reply]:
    """The wanted replies by id, in order; the first line of an id counts."""
    found: dict[str, Reply] = {}
    for row in objects(lines):
        retract = row.get("retract")
        if isinstance(retract, str) and retract in found:
            found[retract] = replace(found[retract], retracted=True)
        reply = _reply(row)
        if reply is not None and wanted(reply):
            found.setdefault(reply.native_id, reply)
    return found


def _reply(row: Mapping[str, object]) -> Reply | None:
    texts = [row.get(name) for name in ("id", "in_reply_to", "author", "text", "url")]
    native_id, in_reply_to, author, text, url = (each if isinstance(each, str) else "" for each in texts)
    created_at = row.get("created_at")
    if not native_id or not text or not isinstance(created_at, int):
        return None
    return Reply(native_id, in_reply_to, author, text, created_at, url)


def row_of(reply: Reply, request_key: str) -> dict[str, object]:
    """The line that a reply stands on, as written by ``append``."""
    return {
        "id": reply.native_id,
        "in_reply_to": reply.in_reply_to,
        "author": reply.author,
        "text": reply.text,
        "created_at": reply.created_at,
        "request_key": request_key,
        "url": reply.url,
    }


def objects(lines: Iterable[bytes]) -> Iterator[dict[str, object]]:
    """The objects among ``lines``; torn and foreign lines are passed over."""
    for raw in lines:
        try:
            yield parse_line(raw)
        except Unreadable:
            continue


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file; of one that is too long only its beginning, which is no object."""
    with path.open("rb") as stream:
        while raw := stream.readline(LONGEST_LINE + 1):
            yield raw
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST_LINE)


def _line_start(descriptor: int) -> bytes:
    """A line end where a torn line stands last, so that the next one is whole."""
    size = os.fstat(descriptor).st_size
    return b"" if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"


def append(path: Path, row: Mapping[str, object]) -> None:
    """Write one line by one system call and wait until the disk has it.

    Raises:
        Permanent: the row cannot be written as UTF-8.
        Transient: the file cannot be opened; nothing was written.
        Uncertain: the disk failed in mid-write.
    """
    try:
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        raise Permanent("The reply holds characters that cannot be written.") from None
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError as error:
        raise Transient("The timeline of the replay cannot be opened; nothing was written.") from error
    try:
        line = _line_start(descriptor) + line
        written = os.write(descriptor, line)
        os.fsync(descriptor)
    except OSError as error:
        raise Uncertain("The disk failed while the reply was written.") from error
    finally:
        os.close(descriptor)
    if written != len(line):
        raise Uncertain("The disk took only a part of the reply.")
