"""One worker at a time: a lease in the store that its holder renews, and that another one takes when it stands still.

Who waits looks whether the lease moves, by its own monotonic clock: neither a clock that jumps nor two machines whose
clocks differ can give the lease to two. A holder that slept finds another name in the row, in the transaction in which
it would have begun to send.
"""

import logging
import secrets
import threading
from collections.abc import Callable

from bot.errors import LeaseHeld, StoreError
from bot.ports import Clock
from bot.store import leases
from bot.store.db import Reader, Row, Stores, Tx

log = logging.getLogger(__name__)

RENEW_S = 2
DEAD_MS = 15_000
"""A lease that stood still for so long is taken: seven signs of life were missed, and C-33 asks for one in 30 s."""

LOOK_S = 0.5

Pause = Callable[[float], bool]
"""Waits up to so many seconds; True if the process was asked to end."""

_HELD = "Another worker runs over this database. Stop it first, or start this one with --standby to wait for its end."
_LOST = "Another worker took over while this one gave no sign of life. This one sends nothing more and ends."


class Lease:
    """This process's claim to be the one called ``name``."""

    def __init__(self, stores: Stores, clock: Clock, name: str) -> None:
        self._stores, self._clock, self._name = stores, clock, name
        self._holder = secrets.token_hex(8)
        self._ended = threading.Event()

    def take(self, pause: Pause, *, standby: bool = False) -> bool:
        """Take the lease, from a dead holder too; False if the process was asked to end while it waited.

        A lease left by a crash is taken once it stood still for ``DEAD_MS``. One that moves is another worker's: with
        ``standby`` this waits for its end.

        Raises:
            LeaseHeld: another worker runs, and this one is no standby.
        """
        seen, since, told = None, 0, False
        while True:
            found = leases.standing(self._stores(), self._name)
            now = self._clock.monotonic()
            moved = seen is not None and found is not None and found["turn"] != seen["turn"]
            if moved and not standby:
                raise LeaseHeld(_HELD)
            if seen is None or moved:
                seen, since = found, now
            if (found is None or now - since >= DEAD_MS) and self._taken(found):
                return True
            if not told:
                log.warning("a worker has this database, or had it when it was cut off: waiting to see if it lives")
                told = True
            if pause(LOOK_S):
                return False

    def _taken(self, seen: Row | None) -> bool:
        with self._stores().write() as tx:
            return leases.take(tx, self._name, self._holder, seen)

    def keep(self, lost: Callable[[LeaseHeld], None]) -> None:
        """Renew it from a thread of its own, whatever the stages do, until it is given back, or ``lost`` is told."""
        threading.Thread(target=self._keep, args=(lost,), name="lease", daemon=True).start()

    def _keep(self, lost: Callable[[LeaseHeld], None]) -> None:
        while not self._ended.wait(RENEW_S):
            try:
                with self._stores().write() as tx:
                    self.renew(tx)
            except LeaseHeld as error:
                if not self._ended.is_set():
                    lost(error)
                return
            except StoreError as error:
                log.warning("the lease was not renewed: %s", type(error).__name__)

    def renew(self, tx: Tx) -> None:
        """Say that the holder lives.

        Raises:
            LeaseHeld: somebody else took over.
        """
        if not leases.renew(tx, self._name, self._holder):
            raise LeaseHeld(_LOST)

    def check(self, reader: Reader) -> None:
        """Nothing happens while the lease is ours; inside a write transaction it stays ours until that is committed.

        Raises:
            LeaseHeld: somebody else took over.
        """
        if not leases.has(reader, self._name, self._holder):
            raise LeaseHeld(_LOST)

    def end(self) -> None:
        """Renew it no more."""
        self._ended.set()

    def give_back(self) -> None:
        """Let whoever waits take over at once."""
        self.end()
        with self._stores().write() as tx:
            leases.give_back(tx, self._name, self._holder)
