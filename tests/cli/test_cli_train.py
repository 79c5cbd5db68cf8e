"""train: makes weight files, or says whether the installed ones come out again. Its library stands in an extra."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from programs import ROOT, Said

from bot.cli import training as command
from bot.errors import EarshotError
from bot.training import train as trainer

WEIGHTS = {"moods.de": b"\x01de", "moods.en": b"\x02en", "storms.de": b"\x03"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[tuple[str, tuple[Path, ...]]]:
    """Recipes that are done at once and weights of this test's own; tells which were asked for with which folders."""
    calls: list[tuple[str, tuple[Path, ...]]] = []

    def train(name: str, folders: tuple[Path, ...]) -> bytes:
        calls.append((name, folders))
        return WEIGHTS[name]

    monkeypatch.setattr(trainer, "NAMES", tuple(WEIGHTS))
    monkeypatch.setattr(trainer, "train", train)
    (folder / "installed" / "weights").mkdir(parents=True)
    monkeypatch.setattr(command, "files", lambda _: folder / "installed")
    return calls


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], [*WEIGHTS]),
        (["moods"], ["moods.de", "moods.en"]),
        (["storms.de", "moods.en"], ["moods.en", "storms.de"]),
        (["moods", "moods.de"], ["moods.de", "moods.en"]),
    ],
)
def test_it_writes_the_files_of_the_heads_that_were_named(earshot, folder, asked, words, names):
    told = earshot("train", *words, "--data", "one", "--data", "two", "--output", folder / "new" / "weights")
    assert told.code == 0
    assert contents(folder / "new" / "weights") == {f"{name}.weights": WEIGHTS[name] for name in names}
    assert asked == [(name, (Path("one"), Path("two"))) for name in names]
    assert [line.split(":")[0] for line in told.out.splitlines()] == names
    assert contents(folder / "installed" / "weights") == {}


def test_without_another_place_the_installed_weights_are_made_anew(earshot, folder, asked):
    told = earshot("train", "storms")
    assert told.out == f"storms.de: 1 bytes written to {folder / 'installed' / 'weights' / 'storms.de.weights'}\n"
    assert contents(folder / "installed" / "weights") == {"storms.de.weights": b"\x03"}


def test_a_check_says_of_each_whether_it_is_the_same_and_writes_nothing(earshot, folder, asked):
    installed = {"moods.de.weights": WEIGHTS["moods.de"], "moods.en.weights": b"\x02eN"}
    for name, source in installed.items():
        (folder / "installed" / "weights" / name).write_bytes(source)
    told = earshot("train", "--check", "--output", folder / "new")
    assert told.code == 1
    assert told.out.splitlines() == [
        "moods.de: the same, 3 bytes",
        "moods.en: DIFFERENT, 3 bytes",
        "storms.de: DIFFERENT, 1 bytes",
    ]
    assert told.err == "moods.en, storms.de: the installed weights do not come out of these sets\n"
    assert contents(folder / "installed" / "weights") == installed
    assert not (folder / "new").exists()


def test_a_check_of_what_is_the_same_ends_well(earshot, folder, asked):
    (folder / "installed" / "weights" / "moods.de.weights").write_bytes(WEIGHTS["moods.de"])
    told = earshot("train", "--check", "moods.de")
    assert (told.code, told.out, told.err) == (0, "moods.de: the same, 3 bytes\n", "")


@pytest.mark.parametrize("word", ["anger", "moods.fr", "mood", ""])
def test_an_unknown_head_is_refused_with_those_there_are(earshot, folder, asked, word):
    told = earshot("train", "moods", word, "--output", folder / "new")
    assert (told.code, told.out) == (1, "")
    assert told.err == f"there is no recipe {word}: choose of moods.de, moods.en, storms.de\n"
    assert asked == []


def test_a_set_that_is_nowhere_is_named_and_nothing_is_written(earshot, folder):
    told = earshot("train", "topic.de", "--data", folder, "--output", folder / "new")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("the set customers_de.jsonl was not found in ")
    assert str(folder) in told.err
    assert not (folder / "new").exists()


def test_every_shipped_file_has_a_recipe():
    shipped = {path.name for path in (ROOT / "bot" / "detectors" / "weights").iterdir()}
    assert shipped <= {trainer.file_of(name) for name in trainer.NAMES}


@pytest.mark.parametrize("missing", ["sklearn", "scipy", "numpy"])
def test_without_its_libraries_it_names_the_extra(folder, missing):
    told = without(missing, "train", "topic.de", "--data", str(folder))
    assert (told.code, told.out) == (1, "")
    assert told.err == "training needs more libraries: install them with pip install 'earshot[train]'\n"


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["evaluate", "--help"]])
def test_help_needs_none_of_them(words):
    told = without("sklearn", *words)
    assert (told.code, told.err) == (0, "")
    assert "train" in told.out or "evaluate" in told.out


def without(library: str, *words: str) -> Said:
    """The program in a process of its own whose interpreter cannot find ``library``."""
    code = (
        "import sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] == {library!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
        "from bot.cli import main\n"
        "main()\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return Said(told.returncode, told.stdout, told.stderr)


def test_a_fault_of_our_own_is_not_taken_for_a_missing_library(monkeypatch):
    def broken(_name: str) -> None:
        raise ImportError("cannot import name 'x'")

    monkeypatch.setattr(command, "import_module", broken)
    with pytest.raises(ImportError, match="cannot import name"):
        command._trainer()
    assert not issubclass(ImportError, EarshotError)
