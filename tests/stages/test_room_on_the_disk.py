"""When the disk fills up, keyword posts wait outside first; what protects people is written to the last."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from port_doubles import Moody, no_room
from tents import HouseInATent, post

from bot import headroom
from bot.errors import StoreFull
from bot.headroom import Headroom
from bot.ledger import entries
from bot.ledger.verify import Verdict, verify
from bot.model import DispatchState, EntryKind
from bot.model.room import BARE_BELOW, BARE_ENDS, TIGHT_BELOW, TIGHT_ENDS, Room, room_after
from bot.review import outgoing
from bot.store import house as house_rows
from bot.store import opt_outs, purge, sources
from bot.store.db import Store
from bot.store.migrate import migrate

GB = 1 << 30


@dataclass
class Disk:
    """A disk of 100 GB with so much free as the test says."""

    free: int
    total: int = 100 * GB

    def __call__(self, _folder: Path) -> "Disk":
        return self


@pytest.fixture
def disk(tent: HouseInATent) -> Disk:
    tent.beat()
    return Disk(50 * GB)


@pytest.fixture
def room(tent: HouseInATent, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Headroom:
    monkeypatch.setattr(headroom, "RESERVE_BYTES", 1 << 20)
    return Headroom(tent.wiring.settings.data_dir, disk)


def look(tent: HouseInATent, room: Headroom, disk: Disk, free_percent: float) -> Room:
    disk.free = int(free_percent * GB)
    return room.look(tent.store, "worker")


@given(before=st.sampled_from(Room), free=st.integers(0, 1000))
def test_a_state_ends_above_its_beginning_and_never_flutters(before: Room, free: int) -> None:
    after = room_after(before, free)
    assert room_after(after, free) is after, "the same disk, the same state"
    assert (after is Room.ENOUGH) <= (free >= TIGHT_BELOW)
    assert (after is Room.BARE) >= (free < BARE_BELOW)
    if free >= TIGHT_ENDS:
        assert after is Room.ENOUGH
    elif free >= BARE_ENDS:
        assert after is not Room.BARE


def test_below_ten_percent_keyword_posts_stay_outside_and_everything_else_goes_on(tent, disk, room) -> None:
    assert look(tent, room, disk, 9.9) is Room.TIGHT
    tent.hear(
        post("1", "ida", "Fjordfon ist heute wieder langsam.", mentions=[]),
        post("2", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"),
        post("3", "uwe", "Ich komme morgen zu Fjordfon in den Laden und bringe euch um.", mentions=[]),
    )
    heard = {row["author_handle"] for row in tent.store.rows("SELECT author_handle FROM mentions")}
    assert heard == {"kim", "uwe"}, "who addresses us, and what may be a threat"
    assert tent.approve("kim", "Wir prüfen die Leitung und melden uns hier. ^AL").kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    assert len(tent.said()) == 1


def test_it_comes_back_by_itself_and_the_time_without_is_told_as_a_gap_that_can_be_read_again(tent, disk, room) -> None:
    look(tent, room, disk, 9.9)
    began = tent.clock.now()
    tent.hear(post("1", "ida", "Fjordfon ist heute wieder langsam.", mentions=[]))
    tent.clock.advance(60_000)
    assert look(tent, room, disk, 11.9) is Room.TIGHT, "a little more room is not enough"
    assert look(tent, room, disk, 12.1) is Room.ENOUGH
    tent.hear(post("2", "ute", "Fjordfon ist heute wieder schnell.", mentions=[]))
    gap = sources.gaps(tent.store, 0)[0]
    assert (gap["begins"], gap["ends"], gap["cause"]) == (began, tent.clock.now(), "room")
    with tent.store.write() as tx:
        sources.rewind(tx, "samples", "")
    tent.listen()
    heard = {row["author_handle"] for row in tent.store.rows("SELECT author_handle FROM mentions")}
    assert heard == {"ida", "ute"}, "nothing is lost"
    assert len(sources.gaps(tent.store, 0)) == 1


def test_with_almost_no_room_nothing_new_leaves_and_what_is_under_way_is_settled(tent, disk, room) -> None:
    tent.publishers["samples"] = moody = Moody(tent.publishers["samples"])
    tent.hear(
        post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"),
        post("2", "ida", "@fjordfon_hilft Wo finde ich meine Rechnung?"),
    )
    tent.approve("kim", "Wir prüfen die Leitung und melden uns hier. ^AL")
    tent.approve("ida", "Du findest sie in der App unter Verträge. ^AL")
    under_way = tent.store.value("SELECT min(id) FROM dispatches")
    with tent.store.write() as tx:
        house_rows.set_room(tx, "worker", Room.BARE, 20)
        tx.run("UPDATE dispatches SET state = 'sending', started_at = :now WHERE id = :id", id=under_way, now=1)
    tent.clock.advance(60_001)
    dispatcher = tent.wiring.dispatcher(tent.store, tent.publishers, lambda _: None)
    dispatcher.run(nothing_new=True)
    assert "publish" not in moody.calls
    states = [row["state"] for row in tent.store.rows("SELECT state FROM dispatches ORDER BY id")]
    assert states == [DispatchState.UNCERTAIN, DispatchState.QUEUED]


def test_when_the_disk_is_full_the_reserve_is_given_up_and_made_again_when_there_is_room(tent, disk, room) -> None:
    look(tent, room, disk, 50)
    assert room.reserve.stat().st_size == 1 << 20
    assert room.reserve.stat().st_blocks * 512 >= 1 << 20, "its room is really taken"
    look(tent, room, disk, 9)
    assert room.reserve.exists()
    disk.free = headroom.LAST_BYTES - 1
    assert room.look(tent.store, "worker") is Room.BARE
    assert not room.reserve.exists()
    look(tent, room, disk, 9)
    assert not room.reserve.exists(), "not while room is tight"
    look(tent, room, disk, 50)
    assert room.reserve.exists()


def test_a_database_that_cannot_grow_keeps_what_it_had_says_so_and_goes_on(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    size = tent.store.value("SELECT count(*) FROM log")
    with no_room(tent.store), pytest.raises(StoreFull, match="There is no room left"):
        fill(tent.store, tent.clock.now())
    assert verify(tent.store).verdict is Verdict.OK
    assert tent.store.value("SELECT count(*) FROM log") >= size
    assert tent.approve("kim", "Wir prüfen die Leitung und melden uns hier. ^AL").kind == "queued"


def fill(store: Store, now: int) -> NoReturn:
    """Write entries until there is no room for one."""
    while True:
        with store.write() as tx:
            entries.append(tx, EntryKind.ATTEST, {"filling": "x" * 4000}, now)


def mounted(place: Path) -> bool:
    """Whether a disk of 16 MB can be put there."""
    place.mkdir(parents=True)
    tool = shutil.which("mount")
    if os.geteuid() or tool is None:
        return False
    made = subprocess.run([tool, "-t", "tmpfs", "-o", "size=16m", "tmpfs", place], check=False, capture_output=True)
    return made.returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MB that nobody else writes to, where the system lets us make one; else a folder."""
    place = tmp_path / "disk"
    real = mounted(place)
    yield place
    if real:
        subprocess.run([str(shutil.which("umount")), "-l", place], check=True)


def test_on_a_disk_that_is_full_to_the_last_byte_opt_outs_deletions_stop_and_their_entries_are_still_written(
    small_disk: Path, tent: HouseInATent, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not small_disk.is_mount():
        # Where no disk can be made, the limit of the database itself stands in: the reserve cannot help there.
        return test_a_database_that_cannot_grow_keeps_what_it_had_says_so_and_goes_on(tent)
    monkeypatch.setattr(headroom, "RESERVE_PART", 4)
    database = small_disk / "earshot.db"
    migrate(database)
    store, room, now = Store(database), Headroom(small_disk), tent.clock.now()
    with store.write() as tx:
        house_rows.start_health(tx, name="worker", pid=1, version="0", at=now)
    assert room.look(store, "worker") is Room.ENOUGH
    filler = small_disk / "somebody-elses-file"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    with pytest.raises(StoreFull):
        fill(store, now)
    assert room.give_up()
    with store.write() as tx:
        opt_outs.add(tx, "a" * 64, "mastodon", None, now)
        outgoing.stop(tx, tent.wiring.house(), reason="Platte voll", user=None, now=now)
    purge.run(store, now=now, days=30, author_key=tent.wiring.keys.author)
    assert house_rows.stop(store) is not None
    assert verify(store).verdict is Verdict.OK
    filler.unlink()
    assert room.look(store, "worker") is Room.ENOUGH
    assert room.reserve.exists()
    store.close()
    return None
