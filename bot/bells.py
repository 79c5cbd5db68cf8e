"""Bells: what a platform tells at once makes the ordinary poll of its source run before its time. It brings nothing in.

Whatever goes wrong here costs only the haste: the source is polled as if there were no bell.
"""

import logging
import random
import threading
from collections.abc import Callable

from bot.errors import Permanent, PlatformError, RateLimited
from bot.ports import Bell, Clock

log = logging.getLogger(__name__)

STEADY_MS = 60_000
"""A stream that lasted this long worked: after it the pauses begin anew."""

PAUSES_S = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
ABSENT_S = 3600.0
"""A server that has no such stream, or refuses us, may have one after its next upgrade."""


class Ringing:
    """One source's bell, in two threads of the worker's: one listens, one polls.

    Args:
        name: name of the source.
        bell: what listens.
        poll: polls the source.
        clock: measures how long a stream lasted.
        chance: 0 to 1, spreads the next tries of all that lost one server together.
    """

    def __init__(
        self,
        name: str,
        bell: Bell,
        poll: Callable[[], None],
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._name, self._bell, self._poll = name, bell, poll
        self._clock, self._chance = clock, chance
        self._rung, self._ended = threading.Event(), threading.Event()

    def listen(self) -> None:
        """Listen until ``end``, over again after every failure."""
        failures = 0
        while not self._ended.is_set():
            began = self._clock.monotonic()
            try:
                self._bell.listen(self._rung.set)
            except PlatformError as error:
                failures = 1 if self._clock.monotonic() - began >= STEADY_MS else failures + 1
                if failures == 1:
                    log.info("source %s has no stream for now and is polled: %s", self._name, type(error).__name__)
                self._ended.wait(self._pause(error, failures))

    def answer(self) -> None:
        """Poll once for all rings since the last poll began, and rest; until ``end``."""
        while not self._ended.is_set():
            self._rung.wait()
            self._rung.clear()
            if not self._ended.is_set():
                self._poll()
                self._ended.wait(self._bell.rest_s)

    def end(self) -> None:
        """Let both threads end, at once unless a poll is running."""
        self._ended.set()
        self._bell.hang_up()
        self._rung.set()

    def _pause(self, error: PlatformError, failures: int) -> float:
        """Seconds until the next try: never earlier than the platform asks, up to twice as late."""
        pause = PAUSES_S[min(failures, len(PAUSES_S)) - 1]
        if isinstance(error, RateLimited):
            pause = max(pause, error.retry_after)
        elif isinstance(error, Permanent):
            pause = ABSENT_S
        return pause * (1 + self._chance())
