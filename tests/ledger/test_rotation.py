"""A new signing key takes over without a gap: old checkpoints stay good, and a crash at any step does no harm."""

import json
import shutil
import threading
from pathlib import Path

import pytest
import sealed
from sealed import LATER, Sealed

from bot import keys
from bot.errors import EarshotError, LedgerBroken, Stale
from bot.ledger.anchors import compare
from bot.ledger.full import compare_in_full
from bot.ledger.proof import Verdict
from bot.ledger.rotation import rotate
from bot.store.db import Store

NOW = LATER + 60_000


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed.build(tmp_path_factory.mktemp("original") / "house").root


@pytest.fixture
def house(original: Path, tmp_path: Path) -> Sealed:
    shutil.copytree(original, tmp_path / "house")
    return Sealed(tmp_path / "house")


def rotated(house: Sealed, known: keys.Keys | None = None) -> bytes:
    store = Store(house.database)
    try:
        return rotate(store, known or house.keys, house.root / "keys", house.root / "checkpoints", NOW)
    finally:
        store.close()


def verdict(house: Sealed) -> Verdict:
    store = Store(house.database)
    try:
        return compare_in_full(store, house.root / "checkpoints", house.keys.known).report.verdict
    finally:
        store.close()


def current(house: Sealed) -> bytes:
    store = Store(house.database)
    try:
        ring = compare(store, house.root / "checkpoints", house.keys.known).walk.ring
        assert ring is not None
        return ring.current
    finally:
        store.close()


def test_the_new_key_is_in_force_and_the_old_ones_stay_known(house):
    before = house.keys.known
    fresh = rotated(house)
    assert house.keys.known == (*before, fresh)
    assert house.keys.verifier.public_bytes_raw() == current(house) == fresh
    entry = json.loads(house.bodies()[-1])
    assert (entry["type"], entry["old"], entry["new"]) == ("KEY", before[-1].hex(), fresh.hex())
    assert verdict(house) is Verdict.OK, "checkpoints of three keys verify side by side"


def test_no_private_key_is_left_but_the_one_in_force(house):
    old = (house.root / "keys" / "signing.key").read_text()
    rotated(house)
    files = list((house.root / "keys").iterdir())
    assert all(old not in place.read_text() for place in files)
    assert {place.name: place.stat().st_mode & 0o077 for place in files if place.suffix == ".key"} == {
        "pseudonym.key": 0,
        "suppression.key": 0,
        "signing.key": 0,
    }


@pytest.mark.parametrize("step", ["before the key", "after the key", "after the entry", "after the public key"])
def test_killed_at_any_step_the_ledger_verifies_and_the_next_rotation_finishes_it(house, monkeypatch, step):
    before, entries = house.keys.known, len(house.bodies())

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    replace = Path.replace

    def killed_at(name: str):
        return lambda place, target: killed() if Path(target).name == name else replace(place, target)

    where = {
        "before the key": lambda: monkeypatch.setattr(Path, "replace", killed_at("signing.next.key")),
        "after the key": lambda: monkeypatch.setattr("bot.ledger.rotation.succession", killed),
        "after the entry": lambda: monkeypatch.setattr(Path, "replace", killed_at("signing.pub")),
        "after the public key": lambda: monkeypatch.setattr(Path, "replace", killed_at("signing.key")),
    }
    where[step]()
    with pytest.raises(KeyboardInterrupt):
        rotated(house)
    monkeypatch.undo()
    assert verdict(house) is Verdict.OK
    assert house.keys.signer_of(current(house)), "whoever signs a checkpoint finds the key that the ledger names"
    fresh = rotated(house)
    assert house.keys.known == (*before, fresh)
    assert len(house.bodies()) == entries + 1, "one rotation, whatever happened on its way"
    assert (verdict(house), current(house)) == (Verdict.OK, fresh)


def test_two_who_rotate_at_once_make_a_ledger_that_verifies(house):
    known, said, meet = house.keys, [], threading.Barrier(2)

    def rotating() -> None:
        meet.wait()
        try:
            said.append(rotated(house, known))
        except EarshotError as error:
            said.append(error)

    both = [threading.Thread(target=rotating) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert any(isinstance(one, bytes) for one in said)
    assert verdict(house) is Verdict.OK
    assert current(house) == house.keys.known[-1]


def test_who_comes_second_is_told(house, monkeypatch):
    store, known = Store(house.database), house.keys

    def overtaken(own: keys.Keys, public: bytes):
        monkeypatch.undo()
        rotated(house)
        return own.signer_of(public)

    monkeypatch.setattr(keys.Keys, "signer_of", overtaken)
    with pytest.raises(Stale):
        rotate(store, known, house.root / "keys", house.root / "checkpoints", NOW)
    store.close()
    assert verdict(house) is Verdict.OK


def test_a_broken_ledger_keeps_its_key(house):
    house.run("DELETE FROM log WHERE seq > 4")
    before = house.keys.known
    with pytest.raises(LedgerBroken, match="its key stays"):
        rotated(house)
    assert house.keys.known == before


def test_a_signing_key_from_another_house_is_refused(house, tmp_path):
    keys.make(tmp_path / "other")
    shutil.copyfile(tmp_path / "other" / "signing.key", house.root / "keys" / "signing.key")
    with pytest.raises(EarshotError, match="not the one that the ledger names"):
        rotated(house)
    assert verdict(house) is Verdict.OK
