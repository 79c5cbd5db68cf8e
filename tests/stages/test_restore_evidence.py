"""Evidence goes into a backup and comes back out of it: whole, once, and never against what the rows say since."""

import json
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from port_doubles import die, killed
from preserved import Preserved, a_threat
from restoring import backup, put_back, save, verified
from tents import HouseInATent

from bot.errors import EarshotError
from bot.ledger.proof import Verdict
from bot.model.retention import UNAPPROVED_HOLD_MS
from bot.protect.evidence import acts, carry, shelf
from bot.protect.evidence.custody import disagreements


@pytest.fixture
def proof(tent: HouseInATent) -> Preserved:
    made = a_threat(tent)
    tent.beat()
    return made


def opened(proof: Preserved, number: int = 1) -> bytes:
    return acts.opened(proof.tent.store, proof.tent.wiring.keys, number, user=proof.tent.user("bob"))


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None], **more: bytes) -> None:
    """The same backup with other contents in some entries; None leaves one out, ``more`` adds some."""
    with zipfile.ZipFile(file) as box:
        whole = {name: box.read(name) for name in box.namelist()}
    with zipfile.ZipFile(file, "w") as box:
        for name, body in {**whole, **more}.items():
            changed = change(name, body)
            if changed is not None:
                box.writestr(name, changed)


def manifest_of(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body)
    return found


def written(told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode()


def test_bundles_and_their_custody_come_back_on_an_empty_disk(proof: Preserved) -> None:
    first, second = proof.taken().read_bytes(), proof.taken().read_bytes()
    with proof.tent.store.write() as tx:
        acts.note_read(tx, proof.tent.wiring.keys, 1, user=proof.tent.user("bob"), now=proof.tent.clock.now())
    made = backup(proof.tent, proof.tent.root / "copy.backup")
    assert (sorted(made.evidence), made.evidence_missing) == (["1", "2"], 0)
    for place in proof.folder.iterdir():
        place.unlink()
    proof.folder.rmdir()
    assert put_back(proof.tent, proof.tent.root / "copy.backup").evidence == carry.Brought(back=(1, 2))
    assert (opened(proof, 1), opened(proof, 2)) == (first, second)
    assert proof.place.stat().st_mode & 0o777 == 0o600
    assert [line["step"] for line in carry.rows.custody(proof.tent.store, 1)] == ["asked", "taken", "read"]
    assert disagreements(proof.tent.store) == {}
    proof.work()
    assert sorted(path.name for path in proof.folder.iterdir()) == ["1.zip", "2.zip"]
    assert verified(proof.tent).verdict is Verdict.OK


def test_a_bundle_that_stands_there_and_fits_its_row_stays_as_it_is(proof: Preserved) -> None:
    stands = proof.taken().stat()
    assert put_back(proof.tent, save(proof.tent)).evidence == carry.Brought()
    assert proof.place.stat().st_ino == stands.st_ino


def test_a_bundle_of_after_the_backup_is_kept_marked_and_its_number_is_free_again(proof: Preserved) -> None:
    proof.taken()
    file = save(proof.tent)
    newer = proof.taken().read_bytes()
    assert put_back(proof.tent, file).evidence.aside == ("lost-2.zip",)
    again = proof.taken()
    assert again.name == "2.zip"
    assert again.read_bytes() != newer
    assert (proof.folder / "lost-2.zip").read_bytes() == newer
    assert put_back(proof.tent, file).evidence.aside == ("lost-2-1.zip",)
    assert (proof.folder / "lost-2.zip").read_bytes() == newer, "what was set aside before is not written over"
    assert shelf.lost(proof.folder) == ["lost-2-1.zip", "lost-2.zip"]


def test_of_two_files_under_one_number_the_one_that_fits_the_row_counts_and_the_other_is_kept(
    proof: Preserved,
) -> None:
    early = save(proof.tent)
    first = proof.taken().read_bytes()
    later = save(proof.tent, "later.backup")
    put_back(proof.tent, early)
    second = proof.taken().read_bytes()
    assert first != second
    done = put_back(proof.tent, later)
    assert (done.evidence.back, done.evidence.aside) == ((1,), ("lost-1-1.zip",))
    assert opened(proof) == first
    assert (proof.folder / "lost-1-1.zip").read_bytes() == second


def test_what_must_never_be_kept_stays_away_although_the_backup_has_it(proof: Preserved) -> None:
    proof.taken()
    file = save(proof.tent)
    with proof.tent.store.write() as tx:
        acts.suspect(tx, proof.tent.wiring.keys, proof.case_id, user=proof.tent.user("bob"), now=proof.tent.clock.now())
    proof.work()
    assert not proof.place.exists()
    assert put_back(proof.tent, file).evidence.back == ()
    proof.work()
    assert list(proof.folder.iterdir()) == []
    assert proof.row()["state"] == "removed"


def test_a_bundle_whose_hold_lapsed_since_the_backup_does_not_come_back(proof: Preserved) -> None:
    proof.taken()
    file = save(proof.tent)
    proof.tent.clock.advance(UNAPPROVED_HOLD_MS)
    proof.work()
    assert put_back(proof.tent, file).evidence.back == ()
    proof.work()
    assert not proof.place.exists()


def test_a_bundle_that_is_damaged_in_the_backup_costs_itself_and_not_the_house(proof: Preserved) -> None:
    proof.taken()
    file = save(proof.tent)
    rewritten(file, lambda name, body: body[:-9] if name.startswith("evidence/") else body)
    proof.place.unlink()
    assert put_back(proof.tent, file).evidence.spoilt == (1,)
    assert [path.name for path in proof.folder.iterdir()] == []
    with pytest.raises(EarshotError, match="Put it back from your backup"):
        opened(proof)


def test_a_whole_bundle_of_another_case_in_the_backup_is_not_brought_back(proof: Preserved) -> None:
    proof.taken()
    other = proof.taken().read_bytes()
    file = save(proof.tent)
    named = carry.sha256(other).hexdigest()

    def swapped(name: str, body: bytes) -> bytes:
        if name == "evidence/1.zip":
            return other
        if name == "manifest.json":
            told: dict[str, Any] = manifest_of(body)
            told["evidence"]["1"] = named
            return written(told)
        return body

    rewritten(file, swapped)
    proof.place.unlink()
    assert put_back(proof.tent, file).evidence.spoilt == (1,)
    assert not proof.place.exists()


@pytest.mark.parametrize("name", ["../../escaped", "1/../../escaped", "-1", "01", "1.5", "", "9" * 30, "¹"])
def test_a_name_that_leads_elsewhere_is_no_number_and_nothing_is_written(proof: Preserved, name: str) -> None:
    proof.taken()
    file = save(proof.tent)

    def hostile(entry: str, body: bytes) -> bytes:
        if entry != "manifest.json":
            return body
        told = manifest_of(body)
        told["evidence"][name] = "0" * 64
        return written(told)

    rewritten(file, hostile, **{f"evidence/{name}.zip": b"outside"})
    put_back(proof.tent, file)
    assert not list(proof.tent.root.rglob("*escaped*"))
    assert [path.name for path in proof.folder.iterdir()] == ["1.zip"]


def test_a_bomb_in_the_place_of_a_bundle_is_cut_off_and_told_as_damaged(
    proof: Preserved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carry, "LARGEST", 1_000_000)
    proof.taken()
    file = save(proof.tent)
    with zipfile.ZipFile(file) as box:
        whole = {name: box.read(name) for name in box.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as box:
        for name, body in whole.items():
            box.writestr(name, bytes(50_000_000) if name.startswith("evidence/") else body)
    proof.place.unlink()
    assert put_back(proof.tent, file).evidence.spoilt == (1,)
    assert list(proof.folder.iterdir()) == []


def test_a_missing_file_does_not_stop_a_backup_and_both_commands_can_say_so(proof: Preserved) -> None:
    proof.taken().unlink()
    made = backup(proof.tent, proof.tent.root / "copy.backup")
    assert (dict(made.evidence), made.evidence_missing) == ({}, 1)
    assert put_back(proof.tent, proof.tent.root / "copy.backup").evidence.missing == (1,)


def test_a_backup_of_before_evidence_was_in_backups_is_restored_as_ever(proof: Preserved) -> None:
    proof.taken()
    file = save(proof.tent)

    def older(name: str, body: bytes) -> bytes | None:
        if name.startswith("evidence/"):
            return None
        if name != "manifest.json":
            return body
        told = manifest_of(body)
        return written({key: value for key, value in told.items() if not key.startswith("evidence")})

    rewritten(file, older)
    assert put_back(proof.tent, file).evidence == carry.Brought()
    assert opened(proof)


def test_a_large_bundle_goes_through_a_backup_piece_by_piece(
    proof: Preserved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = proof.taken()
    with place.open("r+b") as file:
        file.truncate(200_000_000)
    largest: list[int] = []
    copied = carry._copied

    def watched(source: Any, copy: Any, most: int = 0) -> str:
        class Measured:
            def read(self, size: int) -> bytes:
                piece: bytes = source.read(size)
                largest.append(len(piece))
                return piece

        return copied(Measured(), copy, most)  # type: ignore[arg-type]

    monkeypatch.setattr(carry, "_copied", watched)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = backup(proof.tent, tmp_path / "large.backup")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert sum(largest) == 200_000_000
    assert max(largest) <= 1 << 20
    assert grown < 60_000, f"{grown} kB more memory for a bundle of 200,000 kB"
    assert list(made.evidence) == ["1"]


@pytest.mark.crash
def test_killed_between_database_and_evidence_the_next_restore_brings_the_evidence(
    proof: Preserved, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = proof.taken().read_bytes()
    file = save(proof.tent)
    proof.place.unlink()
    proof.tent.wiring.stores.close()
    with monkeypatch.context() as dying:
        dying.setattr(carry.Carrier, "settle", lambda _self: die())
        assert killed(lambda: put_back(proof.tent, file))
    proof.work()
    assert not [path for path in proof.folder.iterdir() if path.suffix == ".part"], "the next step sweeps the draft"
    assert put_back(proof.tent, file).evidence.back == (1,)
    assert opened(proof) == kept
