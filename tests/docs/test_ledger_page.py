"""The page about the ledger tells the truth: its commands, settings and files are the real ones."""

import json
import re
import shlex
import zipfile
from pathlib import Path

import click
import sealed

from bot.cli import commands
from bot.ledger.proof import USAGE, Verdict
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ledger.md").read_text("utf-8")
LINES = [line.strip() for line in PAGE.splitlines() if re.match(r" {4}(\w+=\S+ )?earshot ", line)]


def test_every_command_on_the_page_is_one():
    assert len(LINES) >= 5
    for line in LINES:
        words = [word for word in shlex.split(line) if "=" not in word]
        _, group, name, *rest = words
        command = commands.get_command(click.Context(commands), group).commands[name]
        known = {option for each in command.params for option in each.opts}
        assert {word for word in rest if word.startswith("--")} <= known, line


def test_every_setting_on_the_page_is_one():
    real = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {"EARSHOT_MAIL_PASSWORD"}
    named = set(re.findall(r"EARSHOT_[A-Z_]+", PAGE))
    assert named <= real
    assert {name for name in real if "CHECKPOINTS" in name or "MAIL" in name} <= named


def test_the_files_of_an_export_are_those_of_the_page(tmp_path):
    place = sealed.build(tmp_path / "house").export(tmp_path / "x.zip", personal=True)
    table = PAGE.partition("| File | What it is |")[2].partition("\n\n")[0]
    rows = [row for row in table.splitlines() if row.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([\w.-]+/?)`", row.split("|")[1])}
    with zipfile.ZipFile(place) as box:
        found = {name.partition("/")[0] + ("/" if "/" in name else "") for name in box.namelist()}
        line = json.loads(box.read("entries.jsonl").splitlines()[0])
        opening = json.loads(box.read("vault.jsonl").splitlines()[0])
    assert found == told
    assert set(line) == {"seq", "body", "h", "prev"}
    assert {"commitment", "salt", "snapshot"} <= set(opening)


def test_the_exit_codes_are_those_of_the_page():
    assert [verdict.name for verdict in Verdict] == ["OK", "TAMPERED", "MISSING", "LATE"]
    assert (Verdict.LATE, "4: every entry is genuine" in PAGE) == (4, True)
    assert "Exit code 0: all is well. 1: tampered with. 2: entries are missing" in PAGE
    assert USAGE == 3


def test_every_link_of_the_page_leads_somewhere():
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", PAGE) if "://" not in link]
    assert links
    assert all((ROOT / "docs" / link).exists() for link in links)
