"""A headless Chromium without a network, spoken to over two pipes: a fresh profile, one tab, one deadline, one end.

Nothing that it loads leaves this machine by itself: each request of a page waits for our answer, every name leads
nowhere, and its proxy is a port of this machine at which nobody listens. It dies with everything that it started.
"""

import fcntl
import itertools
import json
import os
import select
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

Told = dict[str, Any]

QUIET: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    # No name leads anywhere: what a hostile text might ask for finds no way out.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
"""What every start has in common, also that of the report's picture."""

_NOBODY: Final = ("--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>")
_MOST_UNREAD: Final = 64 * 1024 * 1024
"""Bytes of one message. A picture of the largest size stands in one, in Base64."""
_LOWEST: Final = 10
"""Our ends of the pipes get numbers from here on, so that they are never those that Chromium wants."""


class BrowserFailed(Exception):
    """The browser ended, said something else than expected, or took too long (``slow``)."""

    def __init__(self, *, slow: bool = False) -> None:
        super().__init__("too slow" if slow else "failed")
        self.slow = slow


class Chromium:
    """One tab of one browser.

    Args:
        program: where Chromium lies.
        environment: what it may see.
        seconds: how long all of it may take.
        heard: is told each event of the tab, by name; it may ``tell``, but not ``ask``.
    """

    def __init__(
        self, program: str, environment: Mapping[str, str], seconds: float, heard: Callable[[str, Told], None]
    ) -> None:
        self._program, self._environment, self._heard = program, environment, heard
        self._ends = time.monotonic() + seconds
        self._numbers = itertools.count(1)
        self._answers: dict[int, Told] = {}
        self._unread = bytearray()
        self._session = ""
        self._seen: set[str] = set()
        self._pid = 0

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="earshot-page-", ignore_cleanup_errors=True)
        self._read = self._write = -1
        try:
            self._start(Path(self._folder.name))
            target = self.ask("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in (self._read, self._write):
            if end >= 0:
                os.close(end)
        if self._pid:
            with suppress(OSError):
                os.killpg(self._pid, signal.SIGKILL)
            with suppress(OSError):
                os.waitpid(self._pid, 0)
        self._folder.cleanup()

    def _start(self, folder: Path) -> None:
        """Start it in a group of its own. It reads commands from number 3 and writes to number 4."""
        theirs, self._write = _pipe()
        self._read, answers = _pipe()
        words = [self._program, *QUIET, *_NOBODY, f"--user-data-dir={folder / 'profile'}", "--remote-debugging-pipe"]
        if os.geteuid() == 0:
            # Chromium's own sandbox does not start for root. The page runs nothing.
            words.append("--no-sandbox")
        nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
        ends = [(os.POSIX_SPAWN_DUP2, theirs, 3), (os.POSIX_SPAWN_DUP2, answers, 4)]
        seen = {**self._environment, "HOME": str(folder), "TMPDIR": str(folder)}
        try:
            self._pid = os.posix_spawn(self._program, words, seen, file_actions=[*nothing, *ends], setsid=True)
        finally:
            os.close(theirs)
            os.close(answers)
        os.set_blocking(self._write, False)

    def ask(self, method: str, **parameters: object) -> Told:
        """Ask the tab, and wait for what it answers.

        Raises:
            BrowserFailed: it refuses, ended, or is too slow.
        """
        number = self.tell(method, **parameters)
        while number not in self._answers:
            self._listen()
        answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserFailed
        found: Told = answer.get("result", {})
        return found

    def tell(self, method: str, **parameters: object) -> int:
        """Send a command without waiting; returns its number. Raises as ``ask`` does."""
        number = next(self._numbers)
        said: Told = {"id": number, "method": method, "params": parameters}
        if self._session:
            said["sessionId"] = self._session
        left = memoryview(json.dumps(said).encode() + b"\0")
        while left:
            _, ready, _ = select.select([], [self._write], [], self._patience())
            if not ready:
                raise BrowserFailed(slow=True)
            try:
                left = left[os.write(self._write, left) :]
            except OSError as error:
                raise BrowserFailed from error
        return number

    def wait_for(self, event: str) -> None:
        """Listen until the tab tells of ``event``, or told before. Raises as ``ask`` does."""
        while event not in self._seen:
            self._listen()
        self._seen.discard(event)

    def _patience(self) -> float:
        return max(0.0, self._ends - time.monotonic())

    def _listen(self) -> None:
        """Take in what the browser says next."""
        ready, _, _ = select.select([self._read], [], [], self._patience())
        if not ready:
            raise BrowserFailed(slow=True)
        piece = os.read(self._read, 1 << 16)
        self._unread += piece
        if not piece or len(self._unread) > _MOST_UNREAD:
            raise BrowserFailed
        if b"\0" not in piece:
            return
        *whole, rest = self._unread.split(b"\0")
        self._unread = bytearray(rest)
        for message in whole:
            said: Told = json.loads(message)
            if "id" in said:
                self._answers[said["id"]] = said
            elif said.get("sessionId") == self._session:
                self._seen.add(said["method"])
                self._heard(said["method"], said.get("params", {}))


def _pipe() -> tuple[int, int]:
    """Both ends of a pipe, to read and to write, with numbers that Chromium does not want."""
    low = os.pipe()
    reading, writing = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _LOWEST) for end in low)
    for end in low:
        os.close(end)
    return reading, writing
