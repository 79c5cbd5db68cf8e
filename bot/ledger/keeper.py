"""Keeps watch over the ledger while the worker runs: verifies it, and writes checkpoints elsewhere."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from bot.keys import Keys
from bot.ledger.anchors import compare
from bot.ledger.checkpoint import Checkpoint, sign, write
from bot.ledger.tree import Tree
from bot.ledger.verify import Report, Start, Verdict, verify
from bot.ports import Clock
from bot.store import house as rows
from bot.store import log as log_rows
from bot.store.db import Store

log = logging.getLogger(__name__)

EVERY_ENTRIES = 100
"""A checkpoint is written at the latest after so many entries (rule A-04)."""


class Keeper:
    """Verifies all of the ledger once, then only its tail, and grows the tree along with it.

    The worker's jobs call it from several threads; they take turns, or an entry would stand in the tree twice.
    """

    def __init__(self, stores: Callable[[], Store], keys: Keys, folder: Path, clock: Clock) -> None:
        self._stores = stores
        self._keys = keys
        self._folder = folder
        self._clock = clock
        self._tree = Tree()
        self._start = Start()
        self._broken = False
        self._turn = threading.RLock()

    def verify_all(self, name: str) -> Report:
        """Check the whole chain against every checkpoint of both places, and tell the health row of ``name``.

        Checkpoints that the folder lacks warn and stop nothing: the database still holds them.
        """
        with self._turn:
            compared = compare(self._stores(), self._folder, self._keys.verifier)
            if compared.lacking:
                log.warning(
                    "the checkpoint folder lacks checkpoints that the database holds: %d", len(compared.lacking)
                )
            self._tell(name, compared.report)
        return compared.report

    def verify_tail(self, name: str) -> Report:
        """Check what came since the last check; what was found broken stays so until the next start."""
        with self._turn:
            report = verify(self._stores(), start=self._start)
            if not self._broken:
                self._tell(name, report)
        return report

    def _tell(self, name: str, report: Report) -> None:
        store = self._stores()
        ok = report.verdict is Verdict.OK
        if ok:
            for row in log_rows.entries(store, after=self._tree.size):
                if row["seq"] > report.seq:
                    break
                self._tree.add(row["h"])
            self._start = Start(report.seq, report.head)
        else:
            self._broken = True
            log.error("the ledger does not verify: %s", report.sentence)
        with store.write() as tx:
            rows.set_verified(tx, name, ok=ok, seq=report.seq, at=self._clock.now())

    def checkpoint_if_due(self, name: str) -> None:
        """Write a checkpoint when a hundred entries came since the last one."""
        row = rows.health(self._stores(), name)
        if row is not None and self._tree.size - row["checkpoint_size"] >= EVERY_ENTRIES:
            self.checkpoint(name)

    def checkpoint(self, name: str) -> None:
        """Sign size and root of what was verified, and keep them here and in the second folder.

        A broken ledger gets none. A folder out of reach warns and stops nothing (consent-rules section 0, C-33).
        """
        with self._turn:
            self.verify_tail(name)
            if self._broken:
                return
            size = self._tree.size
            note = sign(Checkpoint(size, self._tree.root()), self._keys.signer)
        anchored = True
        try:
            write(self._folder, size, note)
            self._catch_up(name)
        except OSError as error:
            anchored = False
            log.warning("the checkpoint folder cannot be written: %s", error.strerror)
        with self._stores().write() as tx:
            rows.set_checkpoint(tx, name, size, note, anchored=anchored, at=self._clock.now())

    def _catch_up(self, name: str) -> None:
        """Bring the checkpoints into the folder that it could not take while it was out of reach."""
        row = rows.health(self._stores(), name)
        if row is not None and row["anchor_failing_since"] is not None:
            for late in log_rows.checkpoints(self._stores(), since=row["anchor_failing_since"]):
                write(self._folder, late["size"], late["note"])
