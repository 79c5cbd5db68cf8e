"""The journal beside the checkpoints: what a restored backup cannot know, because it happened later.

One line a fact, only ever appended, durable before the change it tells of is (of a reply: before the network is
touched). Lines hold keyed digests, no words, handles or ids, and each carries a keyed check value of its own:

    1790000000000 begun <post> <request> <check>

Kinds: ``begun`` a reply is about to leave, ``retract`` one is to be taken back, ``opt_out`` an author wants no more,
``opt_in_over`` what an author agreed to ended (C-25), ``closed`` nobody answers an author any more (E-10), ``erasure``
an account is to be erased, ``erased`` a post that went with it, ``gone`` a post lost its words because its platform
deleted it, ``forbidden`` of a post's case nothing may be kept (E-08), ``threat``, ``acute``, ``crisis``, ``security``
a post's case has an alarm (E-01, E-11, E-13) and ``threat_over`` and so on it has it no more, ``held`` and
``held_over`` it is evidence (P-13), ``key`` a signing key took over, ``backup`` a backup begins here. A file holds a
month, so that old ones can be deleted with the backups that need them.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import LedgerBroken
from bot.keys import Keys
from bot.ports import Clock
from bot.store import copies
from bot.store.db import Fact, Store

POST, REQUEST, STAFF = "post", "request", "staff"
"""Stand in the place of a platform where the key of a post, of a request or of a colleague is made."""

ALARMS = {"threat": "threat", "acute": "threat", "crisis": "crisis", "security": "security"}
"""Lines that tell of an alarm, with its kind."""

_KEYED = {
    "begun": (POST, REQUEST),
    "retract": (REQUEST,),
    **dict.fromkeys(("gone", "forbidden", *ALARMS, *(f"{kind}_over" for kind in ALARMS.values())), (POST,)),
    **dict.fromkeys(("held", "held_over"), (POST, STAFF, STAFF)),
}
"""What the words of a kind are, where they are not keyed yet."""
_CHECK = 32
_TORN = b" ~\n"
"""Ends a line that a crash or a full disk cut off, once the next one comes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was read. ``at`` is in UTC milliseconds."""

    at: int
    kind: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes and reads the journal in ``folder``. ``keys`` are asked for when the first line is written."""

    folder: Path
    keys: Callable[[], Keys]
    clock: Clock

    def lines(self, facts: Iterable[Fact]) -> list[str]:
        """See ``store.db.Journal.lines``."""
        return [self._line(kind, words) for kind, *words in facts]

    def _line(self, kind: str, words: Sequence[str]) -> str:
        keys = self.keys()
        spaces = _KEYED.get(kind)
        keyed = words if spaces is None else map(keys.author, spaces, words)
        told = " ".join((str(self.clock.now()), kind, *keyed))
        return f"{told} {_check(keys, told)}"

    def append(self, lines: Sequence[str]) -> None:
        """See ``store.db.Journal.append``. One ``fsync``, and one more in the first line of a month."""
        month = datetime.fromtimestamp(self.clock.now() / 1000, UTC).strftime("%Y-%m")
        place = self.folder / f"{month}.journal"
        raw = "".join(f"{line}\n" for line in lines).encode("ascii")
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = not place.exists()
        handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                raw = _TORN + raw
            if os.write(handle, raw) != len(raw):
                raise OSError(None, "There is no room left for the journal")
            os.fsync(handle)
        finally:
            os.close(handle)
        if fresh:
            _settle(self.folder)

    def read(self) -> Iterator[Line]:
        """Every line, oldest first; a missing folder holds none.

        Raises:
            LedgerBroken: a line was changed, or belongs to another house; names its place.
        """
        keys = self.keys()
        for place in sorted(self.folder.glob("*.journal")):
            for number, raw in enumerate(place.read_bytes().split(b"\n")[:-1], start=1):
                if not raw.endswith(_TORN[:-1]):
                    yield _parsed(keys, raw, f"{place}:{number}")

    def since(self, backup: str) -> list[Line] | None:
        """The lines after the one of this backup; None if the journal does not know it.

        Raises:
            LedgerBroken: see ``read``.
        """
        found: list[Line] | None = None
        for line in self.read():
            if (line.kind, line.words) == ("backup", (backup,)):
                found = []
            elif found is not None:
                found.append(line)
        return found

    def catch_up(self, store: Store) -> None:
        """Bring what the journal could not take while it was out of reach; if it still is, the lines wait on."""
        if not copies.waiting(store):
            return
        with suppress(OSError), store.write() as tx:
            self.append(copies.waiting(tx))
            copies.brought(tx)

    def forget(self, before: int) -> None:
        """Delete the files of months that ended before ``before``; older backups cannot be restored any more."""
        first = datetime.fromtimestamp(before / 1000, UTC).strftime("%Y-%m")
        for place in self.folder.glob("*.journal"):
            if place.stem < first:
                place.unlink(missing_ok=True)


def _check(keys: Keys, told: str) -> str:
    return keys.author("journal", told)[:_CHECK]


def _parsed(keys: Keys, raw: bytes, where: str) -> Line:
    told, _, check = raw.decode("ascii", "replace").rpartition(" ")
    at, *words = told.split(" ")
    if check != _check(keys, told) or not words:
        raise LedgerBroken(f"{where}: this line of the journal is damaged, or was written with other keys.")
    return Line(int(at), words[0], tuple(words[1:]))


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
