# ruff: noqa: INP001 - a folder of scripts, not a package
"""``make soak MINUTES=30``: worker and desk as processes, posts that keep coming, and three people who answer them.

It prints, over time: memory of both, size of the data folder, how fast pages come and how soon a post is in the queue,
errors, and log lines above "info". Exit code 1: an error, a warning in the log, nothing answered, or memory that grows.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import click
import yaml

from bench.figures import p95
from bench.houses import HANDLE, ROOT, House
from bench.running import port_of, resident_mb
from bench.soaking import Manager, Told
from bot import keys
from bot.config.load import load
from bot.config.starter import starter_dir
from bot.desk.passwords import hash_password
from bot.model import Role
from bot.settings import Settings
from bot.store import users
from bot.wiring import Wiring

PEOPLE = (("alice", Role.AGENT), ("bob", Role.SENIOR), ("carla", Role.AGENT))
PASSWORD = "soak-only-on-this-machine"  # noqa: S105 - a house that is thrown away
WARM_UP = 0.2
"""Part of the time in which memory may still find its level."""
MOST_GROWTH = 0.15
"""After that each process may hold this part more at the end than at the beginning: medians of the samples there."""
SAMPLES = 30
FEWEST_MS = 20
QUIET = frozenset({"debug", "info"})
_HEAD = "   min | worker MB | desk MB | data MB | posts | answered | held | page p95 ms | queue p95 s | errors | log"


@dataclass
class Process:
    """A process of the house, with what it says on standard error counted by level."""

    running: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    loud: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Count the log until the process ends."""
        for line in self.running.stderr or ():
            try:
                known = json.loads(line)
            except ValueError:
                known = {"level": "?", "event": line.strip()}
            if known.get("level") not in QUIET:
                self.loud.append(f"{known.get('level')}: {known.get('event')}")


@dataclass(frozen=True)
class Sample:
    """One line of the table."""

    minute: float
    memory: tuple[float, float]
    line: str


def build(root: Path) -> House:
    """A house on disk whose one source is a file that grows, with three people."""
    shutil.copytree(starter_dir(), root / "config")
    source = {"kind": "replay", "name": "samples", "file": "posts.jsonl", "posts_per_minute": 0}
    source |= {"account": HANDLE}
    (root / "config" / "platforms.yaml").write_text(yaml.safe_dump({"sources": [source]}), "utf-8")
    (root / "config" / "posts.jsonl").touch()
    settings = Settings(
        data_dir=root / "data", config_dir=root / "config", keys_dir=root / "keys", checkpoints_dir=root / "checkpoints"
    )
    keys.make(settings.keys_dir)
    wiring, config = Wiring(settings), load(settings.config_dir)
    wiring.apply(config)
    with wiring.stores().write() as tx:
        for name, role in PEOPLE:
            hashed = hash_password(PASSWORD)
            at = wiring.clock.now()
            users.add(tx, name=name, role=role, initials=name[:2].upper(), password_hash=hashed, trained=True, at=at)
    return House(root, wiring, config)


class Soak:
    """One run over one house."""

    def __init__(self, house: House, posts_per_minute: int) -> None:
        self._house, self._pace = house, posts_per_minute
        self._ended = threading.Event()
        self._came: dict[str, int] = {}
        self.told = Told()
        self.samples: list[Sample] = []
        self.processes = [self._start("worker"), self._start("desk")]

    def _start(self, word: str) -> Process:
        process = Process(self._house.start(word, EARSHOT_LOG_FORMAT="json", EARSHOT_LOG_LEVEL="info"))
        threading.Thread(target=process.listen, daemon=True).start()
        process.said.append(process.running.stdout.readline() if process.running.stdout else "")
        return process

    def run(self, minutes: float) -> None:
        """Feed, answer and measure for so long."""
        port, begin = port_of(self.processes[1].said[0]), time.monotonic()
        threading.Thread(target=self._feed, daemon=True).start()
        managers = [Manager(port, name, PASSWORD, self.told, self._ended) for name, _ in PEOPLE]
        for manager in managers:
            manager.start()
        click.echo(_HEAD)
        for number in range(1, SAMPLES + 1):
            self._ended.wait(max(0.0, begin + minutes * 60 * number / SAMPLES - time.monotonic()))
            self._measure((time.monotonic() - begin) / 60)
        self._ended.set()
        for manager in managers:
            manager.join(timeout=40)

    def stop(self) -> None:
        """End both processes as a service manager does."""
        for process in self.processes:
            process.running.terminate()
        for process in self.processes:
            if process.running.wait(timeout=30):
                self.told.errors.append(f"a process ended with {process.running.returncode}")

    def _feed(self) -> None:
        lines = (ROOT / "tests" / "data").glob("customers_*.jsonl")
        texts = [json.loads(line)["text"] for file in sorted(lines) for line in file.read_text("utf-8").splitlines()]
        number = 0
        while not self._ended.wait(60 / self._pace):
            post = {"id": f"s{number}", "author": f"kim{number}", "mentions": [HANDLE]}
            text = f"@{HANDLE} {texts[number % len(texts)]}"
            self._came[f"s{number}"] = self._house.wiring.clock.now()
            with (self._house.root / "config" / "posts.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps({**post, "text": text}) + "\n")
            number += 1

    def _to_queue_ms(self) -> list[float]:
        connection = sqlite3.connect(f"file:{self._house.wiring.database}?mode=ro", uri=True)
        rows = connection.execute(
            """SELECT m.native_id, min(e.at) FROM mentions m JOIN case_events e ON e.case_id = m.case_id
            GROUP BY m.native_id"""
        ).fetchall()
        connection.close()
        return [at - self._came[native] for native, at in rows if native in self._came]

    def _measure(self, minute: float) -> None:
        worker, desk = (resident_mb(process.running) for process in self.processes)
        folder = self._house.wiring.settings.data_dir
        data = sum(file.stat().st_size for file in folder.iterdir() if file.name != "reserve") / (1 << 20)
        queue, pages = self._to_queue_ms(), self.told.pages_ms
        errors, loud = len(self.told.errors), sum(len(process.loud) for process in self.processes)
        queue_p95 = p95(queue) / 1000 if len(queue) > 1 else 0.0
        page_p95 = p95(pages[-500:]) if len(pages) > FEWEST_MS else 0.0
        line = (
            f"{minute:6.1f} | {worker:9.1f} | {desk:7.1f} | {data:7.2f} | {len(queue):5d} "
            f"| {self.told.acts['approved']:8d} | {self.told.acts['held']:4d} | {page_p95:11.1f} | {queue_p95:11.2f} "
            f"| {errors:6d} | {loud:3d}"
        )
        self.samples.append(Sample(minute, (worker, desk), line))
        click.echo(line)

    def faults(self) -> list[str]:
        """What must not be, in sentences."""
        found = [f"error: {error}" for error in sorted(set(self.told.errors))]
        found += [f"log: {line}" for process in self.processes for line in sorted(set(process.loud))]
        found += [] if self.told.acts["approved"] else ["nothing was answered"]
        return found + [line for line, grew in self.growth() if grew > MOST_GROWTH]

    def growth(self) -> list[tuple[str, float]]:
        """How much more memory each process holds at the end than after the warm-up."""
        warm = [sample for sample in self.samples if sample.minute >= self.samples[-1].minute * WARM_UP]
        found = []
        for which, name in enumerate(("worker", "desk")):
            first, last = (median(one.memory[which] for one in part) for part in (warm[:3], warm[-3:]))
            found.append(
                (f"memory of the {name}: {first:.1f} MB after the warm-up, {last:.1f} MB at the end", last / first - 1)
            )
        return found


@click.command()
@click.argument("minutes", type=click.FloatRange(0.5, 100_000))
@click.option("--posts", default=30, show_default=True, type=click.IntRange(1, 3_000), help="Posts a minute.")
def main(minutes: float, posts: int) -> None:
    """Let everything work for MINUTES."""
    with tempfile.TemporaryDirectory() as temporary:
        soak = Soak(build(Path(temporary) / "house"), posts)
        try:
            soak.run(minutes)
        finally:
            soak.stop()
        for line, grew in soak.growth():
            click.echo(f"{line}: {grew:+.1%}, at most {MOST_GROWTH:+.0%}")
        faults = soak.faults()
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
