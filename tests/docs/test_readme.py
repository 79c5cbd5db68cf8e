"""The README tells the truth: it documents every setting, command and rule, and what it tells people to type works."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.cli import commands
from bot.egress import MASTODON_SCOPES
from bot.gate.table import RULES
from bot.model import Lane, Outcome
from bot.settings import PREFIX, Settings
from bot.watch.terms import parse_term

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
LINKS = re.findall(r"\]\(([^)#\s]+)", README)
PICTURE_BYTES = 300_000


def section(title: str) -> str:
    """The text below a heading, up to the next one of its kind."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of all tables of a section, without their heads."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = {place for place, row in enumerate(cells) if set("".join(row)) <= {"-"}}
    return [row for place, row in enumerate(cells) if place not in rules and place + 1 not in rules]


def every_command(group: click.Group = commands, before: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*before, name))
        elif command is not None:
            yield " ".join(("earshot", *before, name)), command


def test_every_setting_is_documented_and_nothing_else_is():
    documented = [row[0].strip("`") for row in rows("Settings")]
    assert documented == [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]


def test_the_defaults_are_the_real_ones():
    told = {row[0].strip("`"): row[2] for row in rows("Settings")}
    for name, field in Settings.model_fields.items():
        if field.default_factory is None and field.default not in {None, ""}:
            assert told[f"{PREFIX}{name.upper()}"] == f"`{field.default}`"


def test_every_command_is_documented_with_all_its_options_and_nothing_else_is():
    documented = {row[0].strip("`"): set(re.findall(r"--[\w-]+", row[2])) for row in rows("Commands")}
    real = {
        name: {option for each in command.params if isinstance(each, click.Option) for option in each.opts}
        for name, command in every_command()
    }
    assert documented == real


def test_every_rule_and_outcome_of_the_gate_is_documented():
    cells = [row[0] for row in rows("The gate")]
    assert [cell.strip("`") for cell in cells if cell.startswith("`")] == [outcome.value for outcome in Outcome]
    assert [cell for cell in cells if cell.startswith("C-")] == [rule.id for rule in RULES]


def test_every_lane_is_named():
    assert [lane for lane in Lane if f"`{lane}`" not in section("The way of a post")] == []


def test_the_scopes_are_those_that_the_door_lets_through():
    assert set(re.findall(r"`((?:read|write):\w+)`", README)) == set(MASTODON_SCOPES)


def test_every_term_of_the_keyword_page_is_one():
    terms = [row[0].strip("`") for row in rows("The keyword language")]
    assert len(terms) >= 8
    for term in terms:
        parse_term(term.removeprefix("~"))


def test_every_promise_names_tests_that_exist():
    promises = re.split(r"^\d\. ", section("What it promises, and which tests show it"), flags=re.MULTILINE)[1:]
    assert len(promises) == 6
    for promise in promises:
        named = re.findall(r"tests/[\w/]+\.py", promise)
        assert named
        assert all((ROOT / name).is_file() for name in named), named


@pytest.mark.parametrize("link", sorted({link for link in LINKS if "://" not in link}))
def test_no_link_is_dead(link):
    assert (ROOT / link).exists()


def test_the_pictures_are_small():
    pictures = [ROOT / link for link in LINKS if link.endswith(".png")]
    assert pictures
    assert all(picture.stat().st_size < PICTURE_BYTES for picture in pictures)


def test_every_path_in_the_text_is_there():
    for name in re.findall(r"`((?:bot|config|tests|tools|\.ci)/[\w/.-]+)`", README):
        assert (ROOT / name).exists(), name


def test_what_it_tells_people_to_type_works(tmp_path):
    """All blocks in order, in one shell, in a folder that holds what a checkout holds."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    program = programs / "earshot"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom bot.cli import main\nmain()\n"
    )
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    assert len(BLOCKS) >= 5
    ran = subprocess.run(
        ["bash", "-euxc", "\n".join(BLOCKS)],
        cwd=tmp_path,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "help, high" in ran.stdout
    assert "outage-de" in ran.stdout
    assert "ok: " in ran.stdout.splitlines()[-1]
