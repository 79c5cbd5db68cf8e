# ruff: noqa: INP001 - a folder of scripts, not a package
"""``make bench``: every figure that Earshot promises, as one line with its bar. Ratios are taken within one run.

    python -m bench [--data FILE.jsonl [--config FOLDER] | --data FOLDER] [--mentions 100000] [--only NAME]

It measures and tells; it fails nothing. FILE has one JSON object a line with a "text"; from a FOLDER of such files the
English sets are told beside our own, as part of "detecting". Other work on the machine
makes pages slower: run it on a quiet one before believing a MISSED.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice
from pathlib import Path

import click
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bench.detecting import detecting_figures, read_posts
from bench.figures import Figure, p95
from bench.houses import HANDLE, ROOT, build, grow, write_posts
from bench.jetstream import jetstream_figures
from bench.ledgering import ledger_figures
from bench.listening import backfill_figures, listening_figures
from bench.running import WARM_UP, page_times, port_of, processor_ms, resident_mb, rest, running
from bot.detectors.standard import standard_detectors

AUTHORED = (*sorted((ROOT / "tests" / "data").glob("*.jsonl")), ROOT / "config" / "samples" / "posts.jsonl")
PAGES = 200
PARTS = ("matching", "detecting", "stream", "archive", "wide", "ingest", "desk", "memory", "ledger")
ROUNDS = 2


def matching_figures() -> Iterator[Figure]:
    """The matcher next to the bare automaton over the same phrases and posts, as bench/matching.py tells it."""
    told = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(ROOT / "bench" / "matching.py")], capture_output=True, text=True, check=True
    ).stdout
    for name, ratio in re.findall(r"^(\w+) .*? ratio=([\d.]+)", told, re.MULTILINE):
        yield Figure(f"matching, 10,000 {name} phrases / bare automaton", float(ratio), least=0.2)


def ingest_figures(folder: Path, texts: list[str], config_dir: Path | None) -> Iterator[Figure]:
    """From the file to the queue through every stage, next to vaderSentiment alone on the same posts.

    The bar was set for a file of real posts heard under its own configuration; our own are short, and all address us.
    The two take turns, page by page, so that whatever else the machine does slows down both alike.
    """
    vader, detectors = SentimentIntensityAnalyzer(), standard_detectors()
    ours = theirs = 0.0
    came = 0
    for round_ in range(ROUNDS):
        house = build(folder / f"ingest{round_}", texts, config_dir)
        house.wiring.__dict__["detectors"] = detectors  # loaded once a process, so not part of the pace
        house.wiring.stores()
        turn = Turn(vader, texts)
        begin = time.perf_counter()
        came = house.listen(turn)
        turn(len(texts))
        ours += time.perf_counter() - begin - turn.seconds
        theirs += turn.seconds
    posts = ROUNDS * len(texts)
    yield Figure("vaderSentiment alone", posts / theirs, "posts/s")
    yield Figure("ingest to queue, all detectors", posts / ours, "posts/s")
    yield Figure("ingest to queue / vaderSentiment alone", theirs / ours, least=0.12 if config_dir else None)
    yield Figure("database, per 1,000 mentions", house.bytes_on_disk() / came, "kB")


class Turn:
    """vaderSentiment's turn: the posts that came since its last one. ``seconds`` is what all its turns took."""

    def __init__(self, vader: SentimentIntensityAnalyzer, texts: list[str]) -> None:
        self._vader = vader
        self._texts = texts
        self._seen = 0
        self.seconds = 0.0

    def __call__(self, came: int) -> None:
        """Look at every post up to number ``came``."""
        begin = time.perf_counter()
        for text in self._texts[self._seen : came]:
            self._vader.polarity_scores(text)
        self._seen = came
        self.seconds += time.perf_counter() - begin


def desk_figures(folder: Path, texts: list[str], mentions: int) -> Iterator[Figure]:
    """The queue page over a house that has grown, alone and while another process ingests at full pace."""
    house = build(folder / "grown", texts[:2_000])
    house.listen()
    grow(house, mentions)
    cookie = house.sign_in()
    name = f"queue page p95, {mentions:,} mentions, {mentions // 10:,} open cases"
    with running(house, "desk") as (desk, said):
        port = port_of(said)
        before = processor_ms(desk)
        yield Figure(name, p95(page_times(port, cookie, PAGES)), "ms", most=50)
        yield Figure("queue page, processor time", (processor_ms(desk) - before) / (PAGES + WARM_UP), "ms")
        more = list(islice(cycle(texts), 20_000))
        write_posts(folder / "more.jsonl", more, addressing=[HANDLE], first=10_000_000)
        replay = house.start("replay", str(folder / "more.jsonl"))
        rest(5)
        times = page_times(port, cookie, PAGES, meanwhile=replay)
        replay.kill()
        replay.communicate()
        yield Figure(f"queue page p95 during ingest ({len(times)} pages)", p95(times), "ms", most=150)
        yield Figure("desk, resident", resident_mb(desk), "MB", most=110)


def memory_figures(folder: Path, texts: list[str]) -> Iterator[Figure]:
    """The worker after it took all posts through every stage."""
    house = build(folder / "worked", texts)
    house.listen()
    with running(house, "worker") as (worker, _):
        rest(15)
        yield Figure("worker, resident", resident_mb(worker), "MB", most=140)


@click.command()
@click.option(
    "--data", type=click.Path(exists=True, path_type=Path), help="Posts or public sets; default: our own sets."
)
@click.option("--config", type=click.Path(exists=True, path_type=Path), help="Configuration under which FILE is heard.")
@click.option("--mentions", default=100_000, show_default=True, help="How large the grown house is.")
@click.option("--only", type=click.Choice(PARTS), help="One part.")
def main(data: Path | None, config: Path | None, mentions: int, only: str | None) -> None:
    """Measure and print."""
    folder_of_sets = data if data and data.is_dir() else None
    data = None if folder_of_sets else data
    texts = read_posts([data] if data else AUTHORED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts: Mapping[str, Callable[[], Iterator[Figure]]] = {
            "matching": matching_figures,
            "detecting": lambda: detecting_figures(texts[:6_000], folder_of_sets),
            "stream": jetstream_figures,
            "archive": lambda: backfill_figures(folder, texts),
            "wide": lambda: listening_figures(folder, texts),
            "ingest": lambda: ingest_figures(folder, texts, config),
            "desk": lambda: desk_figures(folder, texts, mentions),
            "memory": lambda: memory_figures(folder, texts),
            "ledger": lambda: ledger_figures(folder),
        }
        source = data.name if data else "our own sets"
        click.echo(f"{len(texts):,} posts from {source}; Python {sys.version.split()[0]}")
        for part in [only] if only else parts:
            for figure in parts[part]():
                click.echo(figure.line)


if __name__ == "__main__":
    main()
