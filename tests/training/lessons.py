"""A folder of sets as small as training can be shown on, and recipes over them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.training.fit import Plan
from bot.training.recipes import Recipe, Source

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
RECIPES = {
    "threat.de": Recipe(
        Plan("threat", "de", ("threat",), keep=500),
        (Source("grave", {"threat": "threat"}), Source("daily", {}, 2.0)),
    ),
    "sentiment.de": Recipe(
        Plan("sentiment", "de", ("negative", "positive"), keep=300, inputs=("words.positive", "words.negative")),
        (Source("daily", {"negative": "negative", "positive": "positive"}),),
        company=False,
    ),
}
COMPANY = {"de": ("daily", "grave")}
LANGUAGE_SETS = {"de": ("daily", "grave"), "en": ("daily",)}
_AGAIN = """
import sys
from pathlib import Path
from lessons import COMPANY, RECIPES
from bot.training import train
train.RECIPES, train.COMPANY = RECIPES, COMPANY
sys.stdout.buffer.write(train.train(sys.argv[1], [Path(sys.argv[2])]))
"""


def rows_of(name: str, part: str) -> list[dict[str, Any]]:
    """The rows of one part of a set that ships with the tests."""
    rows = [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text("utf-8").split("\n") if line]
    return [row for row in rows if row["part"] == part]


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def small_sets(folder: Path) -> Path:
    """Two sets in a new folder: 60 posts of threats and their likes, 60 of customers; some of them are held out."""
    folder.mkdir()
    for name, source in (("grave", "threat_de"), ("daily", "customers_de")):
        taught, kept = rows_of(source, "train"), rows_of(source, "test")
        write_rows(folder / f"{name}.jsonl", [*taught[:: len(taught) // 50][:50], *kept[:10]])
    return folder


def add_row(path: Path, **row: str) -> None:
    """One more row at the end."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def in_another_process(name: str, folder: Path, seed: str) -> bytes:
    """The weight file that a fresh interpreter makes, whose sets and dictionaries of hashes are ordered by ``seed``."""
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    return run_python(_AGAIN, name, str(folder), PYTHONHASHSEED=seed, PYTHONPATH=paths).stdout


def run_python(
    code: str, *words: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """A fresh interpreter that runs ``code`` and must end well."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, **environment},
        cwd=cwd,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done
