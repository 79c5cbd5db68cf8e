"""Keeps watch over the ledger while the worker runs: verifies it, and writes checkpoints elsewhere."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.keys import Keys, settle
from bot.ledger.anchors import compare
from bot.ledger.checkpoint import sign, write
from bot.ledger.places import Place
from bot.ledger.proof import Checkpoint
from bot.ledger.verify import Report, Verdict, Walk
from bot.ports import Clock
from bot.store import abroad
from bot.store import house as rows
from bot.store import log as log_rows
from bot.store.db import Store

log = logging.getLogger(__name__)

EVERY_ENTRIES = 100
"""A checkpoint is written at the latest after so many entries (rule A-04)."""
RETRY_MS = 300_000
"""A place that was out of reach is asked again after this long."""


class Keeper:
    """Verifies all of the ledger once, then only its tail, and grows the tree along with it.

    The worker's jobs call it from several threads; they take turns, or an entry would stand in the tree twice.
    """

    def __init__(
        self, stores: Callable[[], Store], keys: Keys, folder: Path, clock: Clock, *, places: Sequence[Place] = ()
    ) -> None:
        self._stores = stores
        self._places = places
        self._next_try: dict[str, int] = {}
        self._keys = keys
        self._folder = folder
        self._clock = clock
        self._walk = Walk(keys.known[0])
        self._broken = False
        self._turn = threading.RLock()

    def verify_all(self, name: str) -> Report:
        """Check the whole chain against every checkpoint of both places, and tell the health row of ``name``.

        Checkpoints that the folder lacks warn and stop nothing: the database still holds them.
        """
        with self._turn:
            compared = compare(self._stores(), self._folder, self._keys.known)
            self._walk = compared.walk
            if compared.lacking:
                log.warning(
                    "the checkpoint folder lacks checkpoints that the database holds: %d", len(compared.lacking)
                )
            self._tell(name, compared.report)
            if self._keys.folder is not None and not self._broken:
                settle(self._keys.folder, self._current)
        return compared.report

    @property
    def _current(self) -> bytes:
        """The public half of the signing key that the ledger has in force."""
        ring = self._walk.ring
        return self._keys.known[0] if ring is None else ring.current

    def verify_tail(self, name: str) -> Report:
        """Check what came since the last check; what was found broken stays so until the next start."""
        with self._turn:
            report = self._walk.go_on(self._stores())
            if not self._broken:
                self._tell(name, report)
        return report

    def _tell(self, name: str, report: Report) -> None:
        store = self._stores()
        ok = report.verdict is Verdict.OK
        if not ok:
            self._broken = True
            log.error("the ledger does not verify: %s", report.sentence)
        with store.write() as tx:
            rows.set_verified(tx, name, ok=ok, seq=report.seq, at=self._clock.now())

    def checkpoint_if_due(self, name: str) -> None:
        """Write a checkpoint when a hundred entries came since the last one."""
        row = rows.health(self._stores(), name)
        if row is not None and self._walk.seq - row["checkpoint_size"] >= EVERY_ENTRIES:
            self.checkpoint(name)

    def checkpoint(self, name: str) -> None:
        """Sign size and root of what was verified, and keep them here and in the second folder.

        A broken ledger gets none. A folder out of reach warns and stops nothing (consent-rules section 0, C-33).
        """
        with self._turn:
            self.verify_tail(name)
            if self._broken:
                return
            size = self._walk.seq
            note = sign(Checkpoint(size, self._walk.tree.root()), self._keys.signer_of(self._current))
        anchored = True
        try:
            write(self._folder, size, note)
            self._catch_up(name)
        except OSError as error:
            anchored = False
            log.warning("the checkpoint folder cannot be written: %s", error.strerror)
        with self._stores().write() as tx:
            rows.set_checkpoint(tx, name, size, note, anchored=anchored, at=self._clock.now())

    def bring_abroad(self) -> None:
        """Bring every place elsewhere what it lacks, also from while it was out of reach. Nothing waits for it."""
        for place in self._places:
            if self._clock.monotonic() >= self._next_try.get(place.name, 0):
                self._bring_to(place)

    def _bring_to(self, place: Place) -> None:
        store, now = self._stores(), self._clock.now()
        row = abroad.anchor(store, place.name)
        size, last = (row["size"], row["at"]) if row is not None else (0, None)
        notes = [(late["size"], late["note"]) for late in log_rows.checkpoints(store, above=size)]
        if not notes or (last is not None and now - last < place.every_ms):
            return
        trouble = place.take(notes)
        with store.write() as tx:
            if trouble:
                self._next_try[place.name] = self._clock.monotonic() + RETRY_MS
                log.warning("a checkpoint waits: %s", trouble)
                abroad.out_of_reach(tx, place.name, now)
            else:
                abroad.anchored(tx, place.name, notes[-1][0], now)

    def _catch_up(self, name: str) -> None:
        """Bring the checkpoints into the folder that it could not take while it was out of reach."""
        row = rows.health(self._stores(), name)
        if row is not None and row["anchor_failing_since"] is not None:
            for late in log_rows.checkpoints(self._stores(), since=row["anchor_failing_since"]):
                write(self._folder, late["size"], late["note"])
