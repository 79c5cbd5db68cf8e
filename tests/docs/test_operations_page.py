"""docs/operations.md names settings, options and numbers that are the real ones."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot import keys
from bot.cli.backup import LEAST_CHARACTERS, PASSPHRASE, backup, restore
from bot.config.starter import starter_dir
from bot.headroom import RESERVE_BYTES, RESERVE_PART
from bot.model.retention import DAY_MS, JOURNAL_MS
from bot.model.room import BARE_BELOW, BARE_ENDS, TIGHT_BELOW, TIGHT_ENDS
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_setting_on_the_page_is_one():
    real = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {PASSPHRASE}
    assert set(re.findall(r"EARSHOT_[A-Z_]+", PAGE)) <= real
    assert PASSPHRASE in PAGE


def test_every_option_of_both_commands_is_told():
    options = {option for command in (backup, restore) for each in command.params for option in each.opts}
    told = set(re.findall(r"(?<=[ `])--[a-z-]+", PAGE.partition("# A bad day")[0]))
    assert {option for option in options if option.startswith("--")} == told - {"--full"}


def test_the_numbers_are_those_of_the_code():
    assert f"{JOURNAL_MS // DAY_MS} days" in PAGE
    assert f"{LEAST_CHARACTERS} characters" in PAGE


def test_the_marks_of_the_disk_are_those_of_the_code():
    for mark in (TIGHT_BELOW, BARE_BELOW, BARE_ENDS, TIGHT_ENDS):
        assert f"{mark // 10} %" in PAGE
    assert (f"{RESERVE_BYTES >> 20} MB" in PAGE, RESERVE_PART) == (True, 50)


def commands() -> list[list[str]]:
    """Every command that a bad day's sections print, as its words."""
    lines = re.findall(r"^    (earshot .+)$", PAGE.partition("# A bad day")[2], re.MULTILINE)
    return [words for line in dict.fromkeys(lines) if (words := shlex.split(line))]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a house in it that has a backup, and a token for its Mastodon account is asked for."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EARSHOT_SECRETS_DIR", str(tmp_path / "secrets"))
    (tmp_path / "secrets").mkdir(mode=0o700)
    shutil.copytree(starter_dir(), tmp_path / "config")
    assert run("ingest").returncode == 1, "a house without keys is none"
    keys.make(tmp_path / "keys")
    assert run("ingest").returncode == 0
    assert run("backup", "nightly.backup").returncode == 0
    return tmp_path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from bot.cli import main; main()", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(program, env=environment, input="", capture_output=True, text=True, check=False, timeout=300)


def test_every_command_of_a_bad_day_works_in_a_house_as_it_is_printed(house: Path):
    ran = {" ".join(words[1:]): run(*words[1:]) for words in commands()}
    assert {"status", "restore nightly.backup --yes", "doctor", "check", "ledger verify --full"} <= ran.keys()
    for line, told in ran.items():
        assert "Traceback" not in told.stderr, line
        # Nobody answers here who could grant a token: the command asks for it, and says so.
        expected = {1} if line.startswith("connect") else {0}
        assert told.returncode in expected, (line, told.stdout, told.stderr)


def test_every_link_of_the_page_leads_somewhere():
    assert all((ROOT / "docs" / link).exists() for link in re.findall(r"\]\(([^)#\s]+)", PAGE))
