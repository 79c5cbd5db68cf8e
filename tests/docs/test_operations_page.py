"""docs/operations.md names settings, options and numbers that are the real ones."""

import re
from pathlib import Path

from bot.cli.backup import LEAST_CHARACTERS, PASSPHRASE, backup, restore
from bot.model.retention import DAY_MS, JOURNAL_MS
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_setting_on_the_page_is_one():
    real = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {PASSPHRASE}
    assert set(re.findall(r"EARSHOT_[A-Z_]+", PAGE)) <= real
    assert PASSPHRASE in PAGE


def test_every_option_of_both_commands_is_told():
    options = {option for command in (backup, restore) for each in command.params for option in each.opts}
    assert {option for option in options if option.startswith("--")} == set(re.findall(r"(?<=[ `])--[a-z-]+", PAGE)) - {
        "--full"
    }


def test_the_numbers_are_those_of_the_code():
    assert f"{JOURNAL_MS // DAY_MS} days" in PAGE
    assert f"{LEAST_CHARACTERS} characters" in PAGE


def test_every_link_of_the_page_leads_somewhere():
    assert all((ROOT / "docs" / link).exists() for link in re.findall(r"\]\(([^)#\s]+)", PAGE))
