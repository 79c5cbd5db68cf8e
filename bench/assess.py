# ruff: noqa: INP001 - a folder of scripts, not a package
"""How fast all detectors together look at posts, next to vaderSentiment alone on the same posts.

    python bench/assess.py [--data FILE.jsonl] [--rounds 3]

Prints posts per second and the ratio. It measures; it asserts nothing.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bot.detectors.standard import standard_detectors
from bot.ports import Detector

_AUTHORED = Path(__file__).resolve().parent.parent / "tests" / "data"
_BATCH = 50


def read_posts(paths: Sequence[Path]) -> list[str]:
    """The "text" of every line of JSON Lines files."""
    return [json.loads(line)["text"] for path in paths for line in path.read_text("utf-8").splitlines() if line]


def fastest(work: Callable[[], object], rounds: int) -> float:
    """Seconds of processor time of the fastest round: what the machine can do when others leave it alone."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def look(detector: Detector, batches: Sequence[Sequence[str]]) -> None:
    """Have one detector look at every batch."""
    for batch in batches:
        detector.detect(batch)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, action="append", help="JSON Lines with a text; default: our own test sets")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    posts = read_posts(chosen.data or sorted(_AUTHORED.glob("*.jsonl")))
    vader = SentimentIntensityAnalyzer()
    detectors = standard_detectors()
    batches = [posts[start : start + _BATCH] for start in range(0, len(posts), _BATCH)]
    alone = fastest(lambda: [vader.polarity_scores(post) for post in posts], chosen.rounds)
    spent = {detector.name: fastest(partial(look, detector, batches), chosen.rounds) for detector in detectors}
    total = sum(spent.values())
    lines = [f"{len(posts)} posts", f"vaderSentiment alone  {len(posts) / alone:9.0f} posts/s"]
    lines += [f"{name:<21} {len(posts) / seconds:9.0f} posts/s" for name, seconds in spent.items()]
    lines += [f"all detectors         {len(posts) / total:9.0f} posts/s", f"ratio                 {alone / total:9.2f}"]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
