"""The edges of the command line: wrong usage, faults in words, help that is there at once."""

import json
import os
import sqlite3
import subprocess
import sys

import click
import pytest
from canaries import CANARY_TEXT
from programs import ROOT

from bot import __version__
from bot.cli import commands, table
from bot.errors import EarshotError

HELP_AND_MODULES = """
import sys
from bot.cli import commands
commands(["--help"], standalone_mode=False)
print([name for name in sys.modules if name.startswith("bot.")], file=sys.stderr)
"""


def names(command, prefix=()):
    """Every command below one, by its words."""
    if not isinstance(command, click.Group):
        return [prefix]
    context = click.Context(command)
    return [
        name
        for word in command.list_commands(context)
        for name in names(command.get_command(context, word), (*prefix, word))
    ]


@pytest.mark.parametrize(
    "words",
    [("sing",), ("approve",), ("approve", "one", "--user", "alice"), ("retract",), ("replay",),
     ("replay", "nowhere.jsonl"), ("try",), ("check", "--jsn"),
     ("user",), ("user", "sing"), ("demo", "--port", "70000"), ("stop", "--lift")],
)  # fmt: skip
def test_wrong_usage_is_exit_3(earshot, words):
    said = earshot(*words)
    assert said.code == 3
    assert "Usage" in said.err


def test_without_a_word_it_shows_its_commands(earshot):
    said = earshot()
    assert all(f"  {name} " in said.out + said.err for name in table.COMMANDS)


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_names_every_command(earshot, word):
    said = earshot(word)
    assert said.code == 0
    assert all(f"  {name} " in said.out for name in table.COMMANDS)


def test_help_imports_no_command():
    asked = subprocess.run(
        [sys.executable, "-c", HELP_AND_MODULES],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "bot.cli.table" in asked.stderr
    assert "bot.wiring" not in asked.stderr
    assert "bot.store" not in asked.stderr


@pytest.mark.parametrize("name", list(table.COMMANDS))
def test_the_list_says_of_a_command_what_the_command_says_of_itself(name):
    _, line = table.COMMANDS[name]
    command = commands.get_command(click.Context(commands), name)
    assert command.help.splitlines()[0] == line


@pytest.mark.parametrize("words", names(commands), ids=" ".join)
def test_every_command_explains_itself_and_its_options(earshot, words):
    said = earshot(*words, "--help")
    assert said.code == 0
    command = commands
    for word in words:
        command = command.get_command(click.Context(commands), word)
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_it_says_its_version(earshot):
    assert earshot("--version").out == f"earshot, version {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [("status",), ("user", "list"), ("ingest",), ("worker",), ("desk",), ("run",), ("approve", "--user", "alice")],
)
def test_a_database_of_a_newer_version_is_refused_in_words(earshot, house, words):
    connection = sqlite3.connect(house / "data" / "earshot.db")
    connection.execute("INSERT INTO _sqlite_migrations VALUES (99, 'earshot', '9999_future', '')")
    connection.commit()
    connection.close()
    said = earshot(*words)
    assert said.code == 1
    assert "newer Earshot" in said.err


@pytest.mark.parametrize("words", [("status",), ("try", "x"), ("check",), ("ledger", "verify"), ("run",), ("migrate",)])
def test_a_setting_that_cannot_be_used_is_named(earshot, monkeypatch, words):
    monkeypatch.setenv("EARSHOT_PORT", "eight thousand")
    said = earshot(*words)
    assert said.code == 1
    assert said.err.startswith("EARSHOT_PORT: ")
    assert "eight thousand" not in said.err


def test_keys_that_others_can_read_stop_the_worker(earshot, house):
    (house / "keys" / "signing.key").chmod(0o644)
    said = earshot("worker")
    assert said.code == 1
    assert "chmod 600" in said.err


def test_a_worker_without_a_valid_configuration_says_what_is_wrong(earshot, house):
    (house / "config" / "brand.yaml").write_text("name: [", "utf-8")
    said = earshot("worker")
    assert said.code == 1
    assert "brand.yaml:" in said.err


def test_a_folder_that_cannot_be_written_is_named_without_a_traceback(earshot, folder, monkeypatch):
    (folder / "file").touch()
    monkeypatch.setenv("EARSHOT_DATA_DIR", str(folder / "file" / "data"))
    said = earshot("migrate")
    assert said.code == 1
    assert str(folder / "file") in said.err


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (EarshotError("A plain sentence."), 1, "A plain sentence.\n"),
        (click.Abort(), 130, "Interrupted. Nothing was changed by the step that was running.\n"),
        (PermissionError(13, "Permission denied", "/some/file"), 1, "/some/file: Permission denied.\n"),
    ],
)
def test_every_end_has_its_code_and_its_sentence(earshot, monkeypatch, error, code, sentence):
    def fail() -> None:
        raise error

    monkeypatch.setattr(commands, "invoke", lambda _: fail())
    said = earshot("status")
    assert (said.code, said.err) == (code, sentence)


def test_a_fault_of_our_own_names_its_place_and_none_of_the_words_in_it(earshot, monkeypatch):
    monkeypatch.setattr(commands, "invoke", lambda _: json.loads(f"{{{CANARY_TEXT}"))
    said = earshot("status")
    assert said.code == 1
    assert said.err.startswith("A fault in Earshot itself: JSONDecodeError at ")
    assert CANARY_TEXT not in said.err
