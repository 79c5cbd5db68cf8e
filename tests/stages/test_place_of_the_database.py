"""A database that is gone, damaged or read-only, a configuration that is gone: said plainly, nothing made up."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from port_doubles import until
from tents import HouseInATent, post
from test_worker import Site

from bot.errors import EarshotError, StoreDamaged, StoreGone
from bot.ledger.verify import Verdict, verify
from bot.store import house as house_rows
from bot.store.db import Reader, Store
from bot.wiring import Wiring
from bot.worker import Worker

MISSING = "is not the database that was opened here"


def test_a_folder_that_vanishes_while_the_worker_runs_is_waited_for_and_nothing_is_made_in_its_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(tmp_path)
    data, away = site.settings.data_dir, tmp_path / "away"
    worker = Worker(site.wiring)
    worker.start()
    try:
        site.hear("1")
        until(lambda: site.store.value("SELECT count(*) FROM mentions") == 1, "the first post is here")
        data.rename(away)
        until(lambda: MISSING in caplog.text, "it is said")
        site.hear("2")
        data.mkdir()  # what is left when a volume goes: its empty mount point
        until(lambda: caplog.text.count(f"assess: {data}") >= 1, "every job says so")
        assert list(data.iterdir()) == []
        before = caplog.text.count("assess: ")
        until(lambda: caplog.text.count("beat: ") >= 1, "the beat says so")
        assert caplog.text.count("assess: ") == before == 1, "once, not at every turn"
        data.rmdir()
        away.rename(data)
        until(lambda: site.store.value("SELECT count(*) FROM mentions") == 2, "it goes on, and nothing is lost")
        until(lambda: "assess goes on" in caplog.text, "that is said, too")
    finally:
        worker.stop()
    assert verify(site.store).verdict is Verdict.OK


def test_a_start_on_an_empty_mount_point_makes_no_new_house(tent: HouseInATent) -> None:
    tent.beat()
    tent.wiring.stores.close()
    data = tent.wiring.settings.data_dir
    data.rename(tent.root / "away")
    data.mkdir()
    with pytest.raises(EarshotError, match=r"There is no database in .* earshot restore FILE"):
        _ = Wiring(tent.wiring.settings).stores
    assert list(data.iterdir()) == []


def test_another_database_under_the_name_is_not_taken_for_ours(tent: HouseInATent) -> None:
    database = tent.wiring.database
    database.rename(database.with_name("older.db"))
    database.write_bytes(b"")
    with pytest.raises(StoreGone, match="start again"):
        tent.wiring.stores()


def test_a_disk_that_takes_no_writes_is_told_from_one_that_is_full(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    reading = sqlite3.connect(f"file:{tent.wiring.database}?mode=ro", uri=True)
    with pytest.raises(StoreGone, match="takes no writes"):
        Reader(reading).rows("DELETE FROM mentions")
    reading.close()
    assert tent.store.value("SELECT count(*) FROM mentions") == 1


def spoil(database: Path, at: int, size: int = 4096) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * size)


def run(tent: HouseInATent, *words: str) -> subprocess.CompletedProcess[str]:
    settings = tent.wiring.settings
    places = {
        f"EARSHOT_{name.upper()}": str(getattr(settings, name)) for name in ("data_dir", "keys_dir", "config_dir")
    }
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *words],
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("page", [0, 5])
def test_a_damaged_file_is_named_at_the_start_with_the_way_out_and_left_as_it_is(tent: HouseInATent, page: int) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    database = tent.wiring.database
    tent.wiring.stores.close()
    spoil(database, page * 4096)
    spoilt = database.read_bytes()
    told = run(tent, "worker")
    assert told.returncode == 1
    assert "The database file is damaged." in told.stderr
    assert "earshot restore FILE" in told.stderr
    assert "Traceback" not in told.stderr
    assert database.read_bytes() == spoilt


def test_a_page_that_is_damaged_while_the_house_runs_is_no_fault_of_our_own(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    database = tent.wiring.database
    tent.wiring.stores.close()
    root = Store(database).value("SELECT rootpage FROM sqlite_schema WHERE name = 'mentions'")
    spoil(database, (root - 1) * 4096)
    with pytest.raises(StoreDamaged, match="damaged"):
        Store(database).rows("SELECT * FROM mentions")


def test_without_its_configuration_the_worker_goes_on_under_the_last_one_and_also_starts_so(tmp_path: Path) -> None:
    site = Site(tmp_path)
    worker = Worker(site.wiring)
    worker.start()
    try:
        before, away = site.in_force(), tmp_path / "config-away"
        site.config.rename(away)
        until(lambda: "cannot be read" in site.health()["config_problems"], "the desk can say it")
        beat = site.health()["heartbeat_at"]
        until(lambda: site.health()["heartbeat_at"] > beat, "the worker goes on")
        assert site.in_force() == before
        worker.stop()
        worker = Worker(site.wiring)
        worker.start()
        assert "cannot be read" in site.health()["config_problems"]
        assert site.in_force() == before
        away.rename(site.config)
        site.hear("1")
        with site.store.write() as tx:
            tx.run("UPDATE sources SET wait_until = 0")
        until(lambda: site.health()["config_problems"] == "", "it is well again")
        until(lambda: site.store.value("SELECT count(*) FROM mentions") == 1, "and posts come in")
    finally:
        worker.stop()
    assert house_rows.stop(site.store) is None
