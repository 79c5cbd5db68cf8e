"""Nothing that anyone wrote can be read out of a shipped file: no six words in a row of any text it was trained on."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from authored import DATA
from hypothesis import given
from hypothesis import strategies as st

_RUN = 6
_WORD = re.compile(r"\w+")
WEIGHTS = Path(str(files("bot.detectors").joinpath("weights")))
SHIPPED = sorted(path for path in WEIGHTS.rglob("*") if path.is_file())
FOLDERS = [DATA, *(Path(folder) for folder in os.environ.get("EARSHOT_LABELLED_POSTS", "").split(os.pathsep) if folder)]
"""The sets of these tests, and public sets where somebody has them."""

Run = tuple[str, ...]


def runs(text: str) -> Iterator[Run]:
    """Every six words that follow each other, in lower case."""
    words = _WORD.findall(text.lower())
    return zip(*(words[start:] for start in range(_RUN)), strict=False)


def readable(source: bytes) -> set[Run]:
    """What a reader could find in a file, whatever stands between the words, in either usual encoding."""
    return {run for text in (source.decode("utf-8", "replace"), source.decode("latin-1")) for run in runs(text)}


def spoken(paths: Iterable[Path]) -> Iterator[Run]:
    """Every run of every text of these sets."""
    for path in paths:
        for line in path.read_text("utf-8").split("\n"):
            if line.strip():
                yield from runs(json.loads(line)["text"])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_six_words_of_a_training_text_can_be_read_out_of_a_shipped_file(folder: Path) -> None:
    found = {run: path.name for path in SHIPPED for run in readable(path.read_bytes())}
    sets = sorted(folder.glob("*.jsonl"))
    assert sets
    leaking = {found[run] for run in spoken(sets) if run in found}
    assert leaking == set()


def test_all_weights_are_looked_at() -> None:
    assert {path.suffix for path in SHIPPED} >= {".weights"}
    assert {path.name.split(".")[0] for path in SHIPPED} >= {"abuse", "crisis", "scam", "sentiment", "threat", "topic"}


@given(st.binary(max_size=50), st.binary(max_size=50), st.sampled_from(["utf-8", "latin-1"]))
def test_a_text_that_a_file_did_hold_would_be_found(before: bytes, after: bytes, encoding: str) -> None:
    text = "Seit Dienstag kein Netz, und keiner hört zu."
    source = b"".join([before, b"\x00", text.encode(encoding), b"\x00", after])
    assert not set(runs(text)).isdisjoint(readable(source))


def test_five_words_are_no_run() -> None:
    assert list(runs("eins zwei drei vier fünf")) == []
    assert list(runs("Eins, zwei; drei - vier: fünf. SECHS!")) == [("eins", "zwei", "drei", "vier", "fünf", "sechs")]
