"""The command line over a folder of its own, in this process or as a real one."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from canaries import CANARY_TOKEN
from programs import PROGRAM, ROOT, Said, change

from bot.cli import main

Earshot = Callable[..., Said]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory without any setting but a token that must never show up."""
    for name in [name for name in os.environ if name.startswith("EARSHOT_") and name != "EARSHOT_REQUIRE_ALL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EARSHOT_MASTODON_TOKEN", CANARY_TOKEN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def earshot(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Earshot]:
    """Run one command as the program does, in this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*words: object, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "argv", ["earshot", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as end:
            main()
        shown = capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        assert CANARY_TOKEN not in shown.out + shown.err
        return Said(int(end.value.code or 0), shown.out, shown.err)

    yield run
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def house(earshot: Earshot, folder: Path) -> Path:
    """What ``earshot init`` makes for the replay platform, playing posts.jsonl at full pace without a countdown."""
    assert earshot("init", "--name", "Fjordfon", "--handle", "replay=fjordfon_hilft").code == 0
    change(folder / "config" / "platforms.yaml", "samples/posts.jsonl", "posts.jsonl")
    change(folder / "config" / "platforms.yaml", "posts_per_minute: 30", "posts_per_minute: 0")
    change(folder / "config" / "brand.yaml", "countdown_seconds: 10", "countdown_seconds: 0")
    (folder / "posts.jsonl").touch()
    (folder / "config" / "posts.jsonl").symlink_to(folder / "posts.jsonl")
    return folder


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command as a process of its own; whatever still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: object) -> subprocess.Popen[str]:
        running.append(
            subprocess.Popen(
                [*PROGRAM, *map(str, words)],
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
            )
        )
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()
