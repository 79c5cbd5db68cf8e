"""A threat in a house, what people do with its evidence, and an independent look at a bundle."""

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from canaries import CANARY_TEXT
from tents import HouseInATent, post

from bot.model import Role
from bot.model.evidence import Offence
from bot.protect import holds as hold_acts
from bot.protect.evidence import acts, shelf, verify, work
from bot.store import evidence as rows
from bot.store import users
from bot.store.db import Row

HANDLE = "zorn"
THREAT = f"@fjordfon_hilft Morgen um acht stehe ich vor eurer Tür. {CANARY_TEXT} <script>alert(1)</script> \u202egnp"
QUESTION = "@fjordfon_hilft Wann geht es wieder?"

INSPECTOR = Path(__file__).parent / "evidence" / "inspector.py"
"""A second program, written from docs/evidence.md alone: standard library and ``cryptography``."""


@dataclass
class Preserved:
    """One case and its evidence."""

    tent: HouseInATent
    case_id: int

    @property
    def folder(self) -> Path:
        return shelf.folder_of(self.tent.store.path)

    @property
    def place(self) -> Path:
        return self.folder / "1.zip"

    @property
    def key(self) -> str:
        return self.tent.wiring.keys.known[-1].hex()

    def bench(self, environment: dict[str, str] | None = None, witness: object = None) -> work.Bench:
        bench = self.tent.wiring.evidence_bench(self.tent.config)
        known = witness or bench.witness
        seen = environment or {"PATH": ""}
        return work.Bench(bench.keys, bench.clock, known, ZoneInfo("Europe/Berlin"), seen, bench.pages)

    def ask(self, name: str = "bob", offence: Offence = Offence.THREAT) -> int:
        keys, now = self.tent.wiring.keys, self.tent.clock.now()
        with self.tent.store.write() as tx:
            return acts.preserve(tx, keys, self.case_id, offence=offence, user=self.tent.user(name), now=now)

    def work(self, environment: dict[str, str] | None = None, witness: object = None) -> int:
        return work.run(self.tent.store, self.bench(environment, witness), lambda: False)

    def taken(self, name: str = "bob", **more: object) -> Path:
        """Ask, take, and say where it lies."""
        number = self.ask(name)
        assert self.work(**more) == 1
        return shelf.place_of(self.folder, number)

    def row(self, number: int = 1) -> Row:
        found = rows.by_id(self.tent.store, number)
        assert found is not None
        return found

    def approve(self, hold_id: int = 1, name: str = "dora") -> None:
        with self.tent.store.write() as tx:
            hold_acts.approve(tx, self.tent.wiring.keys, hold_id, user=self.tent.user(name), now=self.tent.clock.now())

    def end_hold(self, hold_id: int = 1) -> None:
        with self.tent.store.write() as tx:
            hold_acts.end(tx, self.tent.wiring.keys, hold_id, user=self.tent.user("bob"), now=self.tent.clock.now())

    def steps(self) -> list[str]:
        """Steps of the bundle in the ledger, in order."""
        told = [*self.tent.entries("EVIDENCE"), *self.tent.entries("ACCESS")]
        return [str(entry["step"]) for entry in told if "evidence" in entry]


def a_threat(tent: HouseInATent, text: str = THREAT) -> Preserved:
    """Somebody asks, somebody else threatens in the same thread; dora is a second senior."""
    tent.hear(post("1", "lea", QUESTION), post("2", HANDLE, text, in_reply_to="1", root="1"))
    with tent.store.write() as tx:
        users.add(tx, name="dora", role=Role.SENIOR, initials="DO", password_hash="-", trained=True, at=1)
        users.add(tx, name="theo", role=Role.AGENT, initials="TH", password_hash="-", trained=True, at=1)
    return Preserved(tent, int(tent.case(HANDLE)["id"]))


def read(place: Path, name: str) -> bytes:
    """One file of a bundle."""
    with zipfile.ZipFile(place) as box:
        return box.read(name)


def told(place: Path, name: str) -> dict:
    """One JSON file of a bundle."""
    return json.loads(read(place, name))


def inspected(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the second program as an authority does: another folder, nothing of ours to import."""
    return _run(INSPECTOR, place, *words)


def verified(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier that every bundle carries, alone."""
    return _run(Path(verify.__file__), place, *words)


def _run(script: Path, place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(place), *words], capture_output=True, text=True, check=False, cwd="/"
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done
