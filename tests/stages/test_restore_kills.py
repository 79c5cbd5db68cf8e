"""kill -9 at every touch of a file system during a restore: the house from before stands, or the restored one."""

import os
import sqlite3
import sys
from pathlib import Path

import pytest
from clocks import FakeClock
from port_doubles import die, killed
from restoring import put_back, save, site, verified
from tents import HouseInATent, own_words, pitch, post

from bot.ledger.proof import Verdict
from bot.protect.restore import restore

pytestmark = pytest.mark.crash

TOUCHES = ("open", "sqlite3.connect", "os.")
SAMPLE = 9


def worked(root: Path) -> tuple[HouseInATent, Path]:
    """A house with a backup, and work since then: a reply that left and an opt-out."""
    tent = pitch(root, FakeClock())
    tent.beat()
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    tent.approve("kim", own_words(1))
    file = save(tent)
    tent.clock.advance(10_000)
    tent.send()
    tent.hear(post("2", "lea", "@fjordfon_hilft stopp"))
    tent.beat()
    tent.wiring.stores.close()
    return tent, file


def strike(tent: HouseInATent, file: Path, at: int) -> list[str]:
    """Restore, and die at touch number ``at``; returns the touches so far."""
    touched: list[str] = []

    def hook(event: str, _arguments: object) -> None:
        if event.startswith(TOUCHES) and restoring:
            touched.append(event)
            if len(touched) == at:
                die()

    restoring = True
    sys.addaudithook(hook)
    restore(site(tent), file)
    restoring = False
    return touched


def touches(tent: HouseInATent, file: Path) -> int:
    """How often a whole restore touches the file system, counted in a process of its own: a hook cannot be removed."""
    there, here = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(here, str(len(strike(tent, file, 0))).encode())
        finally:
            os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    count = int(os.read(there, 20))
    os.close(there)
    os.close(here)
    return count


def whole(place: Path) -> bool:
    connection = sqlite3.connect(place)
    found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return bool(found == "ok")


def test_killed_anywhere_in_a_restore_one_whole_house_stands_and_the_next_restore_works(tmp_path: Path) -> None:
    put_back(*worked(tmp_path / "so that everything is imported"))
    count = touches(*worked(tmp_path / "counted"))
    assert count > 30
    # The last ones are those at which the file changes its name: each of them, and a sample of what comes before.
    steps = sorted({*range(1, count - 14, max(1, count // SAMPLE)), *range(count - 14, count + 1)})
    outcomes = set()
    for step in steps:
        tent, file = worked(tmp_path / str(step))
        assert killed(lambda tent=tent, file=file, step=step: strike(tent, file, step)), step
        assert whole(tent.wiring.database), step
        restored = tent.store.value("SELECT count(*) FROM restores") == 1
        opted_out = tent.store.value("SELECT count(*) FROM opt_outs") == 1
        assert opted_out, f"{step}: whether restored or not, who opted out stays so"
        assert verified(tent).verdict is Verdict.OK, step
        outcomes.add(restored)
        put_back(tent, file)
        assert verified(tent).verdict is Verdict.OK, step
        assert tent.store.value("SELECT count(*) FROM opt_outs") == 1
        tent.wiring.stores.close()
    assert outcomes == {False, True}, "both sides of the one deciding step were struck"
