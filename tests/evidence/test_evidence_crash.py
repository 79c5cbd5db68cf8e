"""Killed at any step, with a full disk or no folder: nothing is lost, nothing is taken twice, and it is said."""

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

import preserved
import pytest
from port_doubles import die, killed, no_room
from preserved import THREAT, told

from bot.errors import StoreFull, Transient
from bot.ledger import entries
from bot.model import EntryKind, PostStatus, Thread, Visibility
from bot.protect.evidence import acts, bundle, shelf, work
from bot.protect.evidence.verify import check


def kill_in(monkeypatch: pytest.MonkeyPatch, place: object, name: str, *, after: bool = False) -> None:
    """Die when ``name`` is called, or right after it returned."""
    whole = getattr(place, name)

    def dying(*words: object, **more: object) -> object:
        if after:
            whole(*words, **more)
        die()

    monkeypatch.setattr(place, name, dying)


def dying_step(proof, monkeypatch, place, name, *, after=False) -> None:
    """One step of a worker of its own, which is killed there."""
    with monkeypatch.context() as patch:
        kill_in(patch, place, name, after=after)
        proof.tent.wiring.stores.close()
        assert killed(proof.work)


POINTS = {
    "before the platform is asked": (work, "capture", False),
    "after the platform answered": (work, "capture", True),
    "when the bundle is sealed": (work, "seal", True),
    "before a byte is written": (shelf.os, "open", False),
    "before it is on the disk": (shelf.os, "fsync", False),
    "before it has its name": (Path, "replace", False),
    "when it has its name": (Path, "replace", True),
    "before its entry": (work, "_settled", False),
    "inside of the transaction": (work.rows, "taken", True),
    "after its entry": (work, "_settled", True),
}


@pytest.mark.crash
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_the_next_worker_takes_it_once_and_whole(proof, monkeypatch, point):
    place, name, after = POINTS[point]
    proof.ask()
    dying_step(proof, monkeypatch, place, name, after=after)
    proof.tent.clock.advance(work.rows.CLAIM_MS)
    proof.work()
    assert proof.steps().count("evidence_taken") == 1
    found = check(proof.place.read_bytes(), [bytes.fromhex(proof.key)], proof.row()["manifest"])
    assert found.manifest["files"]["post.json"]["size"] > 100
    assert [path.name for path in proof.folder.iterdir()] == ["1.zip"]


@pytest.mark.crash
def test_what_the_platform_showed_before_the_kill_is_kept_although_it_shows_it_no_more(proof, monkeypatch):
    proof.ask()
    dying_step(proof, monkeypatch, work, "_settled")
    with proof.tent.timeline.with_suffix(".status.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "2", "exists": false}\n')
    proof.tent.clock.advance(work.rows.CLAIM_MS)
    assert proof.work() == 1
    [own] = told(proof.place, "post.json")["posts"]
    assert own["platform_now"]["answer"] == "shown"
    assert json.loads(proof.row()["told"])["platform_answer"] == "shown"


@pytest.mark.crash
def test_a_file_that_was_changed_between_a_kill_and_the_next_step_is_not_taken_for_ours(proof, monkeypatch):
    proof.ask()
    dying_step(proof, monkeypatch, work, "_settled")
    spoilt = bytearray(proof.place.read_bytes())
    spoilt[200] ^= 1
    proof.place.write_bytes(spoilt)
    proof.tent.clock.advance(work.rows.CLAIM_MS)
    assert proof.work() == 1
    assert check(proof.place.read_bytes(), [bytes.fromhex(proof.key)], proof.row()["manifest"])


def test_while_one_worker_takes_it_no_other_one_does(proof):
    proof.ask()
    seen = []

    def witness(source, recorder):
        seen.append(proof.work())

    assert proof.work(witness=witness) == 1
    assert seen == [0]
    assert proof.steps().count("evidence_taken") == 1


# the folder ---------------------------------------------------------------------------------------

FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from bot.protect.evidence import shelf
from bot.errors import EarshotError
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    shelf.put(Path(sys.argv[2]), 1, bytes(100_000))
except EarshotError as error:
    sys.exit(str(error))
"""


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path):
    tests = Path(preserved.__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tests.parent), str(tmp_path / "evidence")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Make room or put the folder back; it is taken again by itself." in done.stderr
    assert list((tmp_path / "evidence").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_at_the_desk_and_tried_again_by_itself(proof, caplog):
    proof.ask()
    proof.folder.write_text("a file stands in its place")
    assert proof.work() == 0
    assert proof.row()["trouble"] == "folder"
    assert "evidence 1 waits" in caplog.text
    assert THREAT not in caplog.text
    proof.folder.unlink()
    assert proof.work() == 0, "not at once"
    proof.tent.clock.advance(work.BROKEN_MS)
    assert proof.work() == 1
    assert proof.row()["trouble"] == ""


def test_a_folder_that_vanished_is_said_when_a_bundle_is_read_and_its_row_stays(proof):
    from bot.errors import EarshotError

    proof.taken()
    shutil.rmtree(proof.folder)
    proof.work()
    with pytest.raises(EarshotError, match="Put it back from your backup; its hash is in the ledger"):
        acts.opened(proof.tent.store, proof.tent.wiring.keys, 1, user=proof.tent.user("bob"))
    assert proof.row()["state"] == "taken"


def filled(store) -> None:
    """Write entries until not one more fits."""
    with suppress(StoreFull):
        while True:
            with store.write() as tx:
                entries.append(tx, EntryKind.KILL, {"step": token_hex(100)}, 1)


def test_a_database_without_room_takes_nothing_and_the_bundle_is_taken_when_there_is_some(proof):
    proof.ask()
    store = proof.tent.store
    with no_room(store):
        filled(store)
        with pytest.raises(StoreFull):
            proof.work()
        assert not proof.steps().count("evidence_taken")
    proof.tent.clock.advance(work.rows.CLAIM_MS)
    assert proof.work() == 1
    assert [path.name for path in proof.folder.iterdir()] == ["1.zip"]


def test_what_lies_in_the_folder_and_belongs_to_no_bundle_is_removed_and_strangers_files_are_not(proof):
    proof.taken()
    with proof.tent.store.write() as tx:
        tx.run("UPDATE sqlite_sequence SET seq = 7 WHERE name = 'evidence'")
    for name in ("7.zip", ".7.zip.part", ".1.zip.part", "notes.txt", "1.zip.bak"):
        (proof.folder / name).write_bytes(b"x")
    assert shelf.sweep(proof.tent.store, proof.folder) == 3
    assert sorted(path.name for path in proof.folder.iterdir()) == ["1.zip", "1.zip.bak", "notes.txt"]


def test_a_bundle_of_after_the_backup_that_was_restored_is_set_aside_and_not_destroyed(proof):
    first, second = proof.taken(), proof.taken()
    kept = second.read_bytes()
    with proof.tent.store.write() as tx:
        tx.run("DELETE FROM evidence WHERE id = 2")
        tx.run("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'evidence'")
    proof.work()
    assert first.exists()
    assert (proof.folder / "lost-2.zip").read_bytes() == kept
    assert proof.taken() == second
    assert second.read_bytes() != kept


# the platform -------------------------------------------------------------------------------------


class Silent:
    """A platform that does not answer, so and so often."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    def inspect(self, target: object) -> PostStatus:
        self.asked += 1
        if self.asked <= self.times:
            raise Transient("The platform did not answer in time.")
        return PostStatus(checked_at=1, exists=True, visibility=Visibility.PUBLIC, http_status=200, text="Morgen")

    def thread(self, target: object, root: str, most: int) -> Thread:
        if self.asked <= self.times:
            raise Transient("The platform did not answer in time.")
        return Thread(())


def test_a_silent_platform_is_asked_again_before_its_silence_counts(proof):
    proof.ask()
    platform = Silent(1)
    assert proof.work(witness=lambda *_: platform) == 0
    assert proof.row()["trouble"] == "platform"
    proof.tent.clock.advance(work.AGAIN_MS)
    assert proof.work(witness=lambda *_: platform) == 1
    assert told(proof.place, "manifest.json")["platform_answer"] == "shown"


def test_a_platform_that_stays_silent_does_not_keep_the_evidence_from_being_taken(proof):
    proof.ask()
    for _ in range(work.TRIES - 1):
        assert proof.work(witness=lambda *_: Silent(99)) == 0
        proof.tent.clock.advance(work.AGAIN_MS)
    assert proof.work(witness=lambda *_: Silent(99)) == 1
    [own] = told(proof.place, "post.json")["posts"]
    assert (own["platform_now"]["answer"], own["text"]) == ("no_answer", THREAT)


def test_the_signing_key_of_another_house_takes_no_evidence(proof, monkeypatch, caplog):
    from bot.errors import EarshotError

    def wrong(*_: object, **__: object) -> None:
        raise EarshotError("The signing key in keys is not the one that the ledger names. Put that one back.")

    monkeypatch.setattr(bundle.Keys, "signer_of", wrong)
    proof.ask()
    assert proof.work() == 0
    assert "not the one that the ledger names" in caplog.text
    assert not proof.place.exists()
