"""Notices when the clock of the machine jumps, by comparing it with one that never does.

A jump waits in the gate for a while (rule C-33). One of a day or more also keeps everything that is erased by its age:
posts of yesterday would be gone if the clock says that it is next month.
"""

from bot.ports import Clock

COUNTS_MS = 900_000
"""A jump counts for the gate this long."""
BACK_MS = 2_000
"""A clock that went back by more than this makes the schedule, which goes by it, stand still."""
FAR_MS = 86_400_000
"""With a clock so far from where it should be nothing is erased by its age. Machines sleep for less."""


class Timekeeper:
    """One process's look at its clock. Only one thread asks it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._first = self._last = (clock.now(), clock.monotonic())
        self._skew = (0, self._last[1])

    def look(self) -> int:
        """By how many milliseconds the clock jumped since the last look."""
        now, steady = self._clock.now(), self._clock.monotonic()
        step = (now - self._last[0]) - (steady - self._last[1])
        if abs(step) >= abs(self._skew[0]) or steady - self._skew[1] > COUNTS_MS:
            self._skew = (step, steady)
        self._last = (now, steady)
        return step

    @property
    def skew_ms(self) -> int:
        """The widest jump that still counts for the gate."""
        return self._skew[0]

    @property
    def off_ms(self) -> int:
        """How far the clock stood, at the last look, from where it would be had it run steadily since the start."""
        return (self._last[0] - self._first[0]) - (self._last[1] - self._first[1])

    @property
    def far(self) -> bool:
        """Whether nothing may be erased by its age."""
        return abs(self.off_ms) >= FAR_MS
