# ruff: noqa: INP001 - a folder of scripts, not a package
"""How fast all detectors together look at posts, how they grow with a text, and what they weigh."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bench.figures import Figure
from bot.detectors.personal_data import PersonalData
from bot.detectors.standard import standard_detectors
from bot.ports import Detector

_BATCH = 50
_ROUNDS = 3
_OF_A_SET = 3_000
_LONG, _TIMES = 20_000, 100
HOSTILE: Mapping[str, str] = {
    "ordinary": "Seit gestern geht bei mir nichts mehr, das Internet ist weg und niemand hilft mir. ",
    "insults": "du bist so ein idiot und dein router ist scheiße, hate all of you morons! ",
    "digits": "+49 30 1234567 ",
    "one word": "a",
    "many words": "".join(chr(97 + place % 26) * (place % 7 + 1) + " " for place in range(997)),
    "emoji": "😡🤬👏 ",
    "marks": "a\u0301\u0302\u0303\u0304",
    "spaced": "i d i o t ",
    "leet": "1d10t 5ch31ss3 ",
    "many leet words": "".join(f"ab{number}c " for number in range(1, 3_000)),
    "overrides": "\u202eabc\u202d def ",
    "quotes": '„du idiot“ sagte er, "you moron" she said. ',
    "names": "@fjordfon_hilft #störung https://fjordfon.example/a ",
    "mixed scripts": "раypal ωhat ",
    "they": "sie sind alle muslime und die da gehören weg, they should all be gone. ",
}
"""Texts that are repeated up to 20,000 characters."""


def read_posts(paths: Sequence[Path]) -> list[str]:
    """The "text" of every line of JSON Lines files."""
    lines = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line]
    return [line["text"] for line in lines if "text" in line]


def fastest(work: Callable[[], object], rounds: int) -> float:
    """Seconds of processor time of the fastest round: what the machine can do when others leave it alone."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def look(detectors: Sequence[Detector], batches: Sequence[Sequence[str]]) -> None:
    """Have all detectors look at every batch, one after the other, as the assessment does."""
    for batch in batches:
        for detector in detectors:
            detector.detect(batch)


def detecting_figures(texts: Sequence[str], folder: Path | None) -> Iterator[Figure]:
    """Pace beside vaderSentiment's own on the same posts, growth with length, load, memory and size.

    ``folder`` has public sets; those of English posts, ``en_*.jsonl``, show the pace on what vaderSentiment reads.
    """
    detectors = (*standard_detectors(), PersonalData())
    yield from _pace(detectors, texts, "")
    for file in sorted(folder.glob("en_*.jsonl")) if folder else ():
        yield from _pace(detectors, read_posts([file])[:_OF_A_SET], f", {file.stem}")
    for detector in detectors:
        yield from _growth(detector)
    yield from _weight()


def _pace(detectors: Sequence[Detector], texts: Sequence[str], source: str) -> Iterator[Figure]:
    """Posts a second, and how this compares with vaderSentiment on the same posts in the same run."""
    vader = SentimentIntensityAnalyzer()
    batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
    alone = fastest(lambda: [vader.polarity_scores(text) for text in texts], _ROUNDS)
    together = fastest(partial(look, detectors, batches), _ROUNDS)
    yield Figure(f"all detectors{source}", len(texts) / together, "posts/s")
    yield Figure(f"all detectors / vaderSentiment alone{source}", alone / together, least=0.33)


def _growth(detector: Detector) -> Iterator[Figure]:
    """The worst of all hostile texts: what 20,000 characters take, and how much more than 200 characters."""
    worst = dearer = 0.0
    for text in HOSTILE.values():
        long = (text * (_LONG // len(text) + 1))[:_LONG]
        short = [long[: _LONG // _TIMES]] * _TIMES
        took = min(_once(detector, place, long) for place in range(3))
        many = min(_each(detector, place, short) for place in range(3))
        worst, dearer = max(worst, took), max(dearer, _TIMES * took / many)
    yield Figure(f"{detector.name}: worst 20,000 characters", 1000 * worst, "ms", most=50)
    yield Figure(f"{detector.name}: a text 100 times as long costs", dearer, "times", most=120)


def _once(detector: Detector, place: int, text: str) -> float:
    """Seconds for a text that nothing remembers yet."""
    return fastest(partial(detector.detect, [f"{place} {text}"]), 1)


def _each(detector: Detector, place: int, texts: Sequence[str]) -> float:
    """Seconds for short texts, each one new."""
    return fastest(partial(detector.detect, [f"{place}{number} {text}" for number, text in enumerate(texts)]), 1)


def _weight() -> Iterator[Figure]:
    told = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _LOADING], capture_output=True, text=True, check=True
    ).stdout
    seconds, kilobytes = map(float, told.split())
    size = sum(file.stat().st_size for file in Path(str(files("bot.detectors"))).rglob("*") if file.suffix != ".pyc")
    yield Figure("detectors, load", seconds, "s", most=0.3)
    yield Figure("detectors, resident", kilobytes / 1024, "MB", most=60)
    yield Figure("detectors, installed with code, lexicons and weights", size / 1e6, "MB", most=5)


_LOADING = """
import re, time
from pathlib import Path
import vaderSentiment.vaderSentiment, ahocorasick_rs, tomllib, phonenumbers, bot.ports, bot.errors
def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = resident()
began = time.perf_counter()
from bot.detectors.standard import standard_detectors
detectors = standard_detectors()
took = time.perf_counter() - began
for detector in detectors:
    detector.detect(["Seit gestern kein Netz", "The line has been dead since Monday"])
print(took, resident() - before)
"""
"""Run by a fresh interpreter, numpy included; other libraries count for whoever else needs them. Memory is that after
a first text of each language, when all tables are laid out."""
