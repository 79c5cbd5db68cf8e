"""Time for tests: it stands still until a test moves it."""


class FakeClock:
    """A Clock whose ``advance`` moves wall time and monotonic time alike."""

    def __init__(self, now: int = 1_790_000_000_000, monotonic: int = 0) -> None:
        self._now = now
        self._monotonic = monotonic

    def now(self) -> int:
        return self._now

    def monotonic(self) -> int:
        return self._monotonic

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self._now += milliseconds
        self._monotonic += milliseconds

    def jump(self, milliseconds: int) -> None:
        """Move wall time only, as a wrong time server does."""
        self._now += milliseconds
