"""docs/operations.md names settings, options and numbers that are the real ones."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from ports import free_port
from test_readme import every_command

from bot import keys
from bot.cli.backup import LEAST_CHARACTERS, PASSPHRASE, backup, restore
from bot.cli.working import worker
from bot.config.starter import starter_dir
from bot.headroom import RESERVE_BYTES, RESERVE_PART
from bot.keys import FORMER_MS
from bot.lease import DEAD_MS
from bot.model.retention import DAY_MS, JOURNAL_MS
from bot.model.room import BARE_BELOW, BARE_ENDS, TIGHT_BELOW, TIGHT_ENDS
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXPIRES = {"EARSHOT_MASTODON_TOKEN", "EARSHOT_MASTODON_TOKEN_EXPIRES"}


def test_every_setting_on_the_page_is_one():
    real = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {PASSPHRASE} | EXPIRES
    assert set(re.findall(r"EARSHOT_[A-Z_]+", PAGE)) <= real
    assert PASSPHRASE in PAGE


def options(command: click.Command) -> set[str]:
    return {option for each in command.params for option in each.opts if option.startswith("--")}


def test_every_option_of_backup_restore_and_worker_is_told_and_every_option_on_the_page_is_one():
    told = set(re.findall(r"(?<=[ `])--[a-z-]+", PAGE))
    assert options(backup) | options(restore) | options(worker) <= told
    ours = {option for _, command in every_command() for option in options(command)}
    assert told - ours == {"--detach"}, "docker's own"


def test_every_command_in_a_line_is_one():
    known = {name for name, _ in every_command()}
    for line in re.findall(r"`(earshot [a-z -]+)", PAGE):
        words = re.sub(r" --.*", "", line).split()
        assert any(" ".join(words[:size]) in known for size in range(2, len(words) + 1)), line


@pytest.mark.crash
def test_what_it_tells_people_to_type_works(tmp_path):
    """All blocks in order, in one shell: two services, a standby that takes over, every rotation, an upgrade."""
    program = tmp_path / "bin" / "earshot"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom bot.cli import main\nmain()\n"
    )
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    assert len(BLOCKS) >= 7
    ran = subprocess.run(
        ["bash", "-euxc", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "\n".join(BLOCKS) + "\nwait $standby"],
        cwd=tmp_path,
        env={**kept, "PATH": f"{program.parent}:{kept['PATH']}", f"{PREFIX}PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "running" in ran.stdout
    assert "ok: " in ran.stdout
    assert "the-new-token" not in ran.stdout


def test_the_containers_of_the_page_are_those_of_the_files():
    for name in ("compose.yaml", "compose.single.yaml"):
        assert name in PAGE
        assert (ROOT / name).is_file()
    named = re.findall(r"docker compose exec (\w+)", PAGE)
    assert named
    assert set(named) <= yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"].keys()


def test_the_numbers_are_those_of_the_code():
    assert f"{JOURNAL_MS // DAY_MS} days" in PAGE
    assert f"{LEAST_CHARACTERS} characters" in PAGE
    assert f"kept for {FORMER_MS // DAY_MS} days" in PAGE
    assert f"looks for {DEAD_MS // 1000} seconds" in PAGE


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
