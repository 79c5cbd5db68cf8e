"""The real clock. Everything else asks the Clock port, so tests can bring their own time."""

import time


class SystemClock:
    """Wall time and monotonic time of this machine, in milliseconds."""

    def now(self) -> int:
        """UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> int:
        """Milliseconds that never jump."""
        return time.monotonic_ns() // 1_000_000
