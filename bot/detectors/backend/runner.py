"""The process that runs one model, seen from outside: started, asked, and ended when it takes too long.

A process and not a thread, because a thread cannot be ended: a stuck or greedy model takes nothing with it.
"""

import json
import math
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from bot.detectors.backend.choice import Choice
from bot.detectors.backend.folder import Folder
from bot.errors import EarshotError

LOAD_SECONDS = 120.0
"""Loading a large model from a slow disk takes a minute; longer means that something is wrong."""
MAX_ANSWER = 4_000_000
"""Bytes of an answer. 64 texts with 500 labels each stay below."""
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
COMMAND = (sys.executable, "-P", "-m", "bot.detectors.backend.child")

Rows = Sequence[tuple[Sequence[float], bool]]
"""For each text its raw numbers, one per label, and whether the text was cut."""


class Unanswered(EarshotError):
    """A model did not answer. ``why`` is one word for the finding: timeout, crash or answer."""

    def __init__(self, why: str, message: str) -> None:
        self.why = why
        super().__init__(message)


class Classifier(Protocol):
    """What a head asks."""

    def rows(self, texts: Sequence[str]) -> Rows:
        """One row a text, in order.

        Raises:
            Unanswered: no usable answer came in time.
        """
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What to start and how long to wait for it. ``environ`` is all that the process sees of our environment."""

    request: Mapping[str, object]
    labels: int
    seconds: float
    environ: Mapping[str, str]
    command: Sequence[str] = COMMAND


def order_for(folder: Folder, choice: Choice, environ: Mapping[str, str]) -> Order:
    """The order to run ``folder`` as ``choice`` wants it."""
    request = {
        "runtime": folder.runtime,
        "folder": str(folder.path),
        "weights": folder.weights,
        "device": choice.device,
        "max_tokens": min(choice.max_tokens, folder.max_tokens or choice.max_tokens),
        "pad_id": folder.pad_id,
        "labels": len(folder.labels),
    }
    return Order(request, len(folder.labels), choice.timeout_seconds, {**environ, **OFFLINE})


class Runner:
    """One model in one process, which is started again after it failed. One question at a time."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[..., Any] | None = None

    def start(self) -> None:
        """Load the model now.

        Raises:
            Unanswered: it cannot be loaded; the message says why.
        """
        with self._lock:
            self._started()

    def rows(self, texts: Sequence[str]) -> Rows:
        """See ``Classifier``."""
        with self._lock:
            answer = self._asked(self._started(), json.dumps(list(texts)), self._order.seconds)
            rows, cut = answer.get("rows", []), answer.get("cut", [])
            if not _is_table(rows, len(texts), self._order.labels):
                raise self._failure("answer", "The model answered with numbers that cannot be used.")
            return list(zip(rows, map(bool, cut), strict=True))

    def close(self) -> None:
        """End the process. The next question starts a new one."""
        with self._lock:
            self._stop()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        child = _begun(self._order)
        self._child, self._end = child, weakref.finalize(self, _ended, child)
        if self._asked(child, json.dumps(self._order.request), LOAD_SECONDS).get("ready") is not True:
            raise self._failure("crash", "The model's process did not begin as it should.")
        return child

    def _asked(self, child: "subprocess.Popen[bytes]", line: str, seconds: float) -> Mapping[str, Any]:
        """The answer to one line. Ending the process ends every wait for it, on whatever side."""
        late = threading.Event()
        alarm = threading.Timer(seconds, _cut_short, (child, late))
        alarm.daemon = True
        alarm.start()
        answer = _exchanged(child, line)
        alarm.cancel()
        if late.is_set():
            raise self._failure("timeout", f"The model did not answer within {seconds:g} seconds.")
        if answer is None:
            raise self._failure("crash", "The model's process ended without an answer.")
        if "fault" in answer:
            raise self._failure("crash", f"The model failed. {answer['fault']}")
        return answer

    def _failure(self, why: str, message: str) -> Unanswered:
        self._stop()
        return Unanswered(why, message)

    def _stop(self) -> None:
        end, self._end, self._child = self._end, None, None
        if end is not None:
            end()


def _begun(order: Order) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - our own program, no shell, nothing of a post
            order.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(order.environ),
            start_new_session=True,
        )
    except OSError as error:
        raise Unanswered("crash", f"The model's process cannot be started: {error.strerror}.") from None


def _exchanged(child: "subprocess.Popen[bytes]", line: str) -> Mapping[str, Any] | None:
    if child.stdin is None or child.stdout is None:
        return None
    try:
        child.stdin.write(line.encode() + b"\n")
        child.stdin.flush()
        answer = json.loads(child.stdout.readline(MAX_ANSWER))
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _cut_short(child: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    child.kill()


def _ended(child: "subprocess.Popen[bytes]") -> None:
    """Kill, collect and close; safe to call for a process that is gone."""
    child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        # What could not be flushed was for a process that is gone.
        with suppress(OSError):
            if stream is not None:
                stream.close()


def _is_table(rows: Sequence[Sequence[float]], texts: int, labels: int) -> bool:
    """Whether there is one finite number for each text and label; a model whose sums ran over answers "NaN"."""
    return len(rows) == texts and all(len(row) == labels and all(map(math.isfinite, row)) for row in rows)
