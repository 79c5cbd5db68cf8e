"""The page about evidence tells the truth: its commands, files, numbers and exit codes are the real ones."""

import re
import shlex
import zipfile
from pathlib import Path

import click
from clocks import FakeClock
from preserved import a_threat, told
from tents import pitch

from bot.cli.evidence import evidence
from bot.model.retention import UNAPPROVED_HOLD_MS
from bot.protect.evidence import acts, capture, page, picture, report, verify, work

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "evidence.md").read_text("utf-8")
LINES = [line.strip() for line in PAGE.splitlines() if line.startswith("    earshot ")]


def test_every_command_on_the_page_is_one_and_none_is_left_out() -> None:
    seen = set()
    for line in LINES:
        _, group, name, *rest = shlex.split(line)
        assert group == "evidence"
        command = evidence.commands[name]
        known = {option for each in command.params for option in each.opts}
        assert {word for word in rest if word.startswith("--")} <= known, line
        wanted = [each for each in command.params if isinstance(each, click.Argument)]
        assert len([word for word in rest if not word.startswith("--")]) >= len(wanted)
        seen.add(name)
    assert seen == set(evidence.commands)


def test_the_files_of_a_bundle_are_those_of_the_page_and_its_manifest_has_the_fields(tmp_path: Path) -> None:
    place = a_threat(pitch(tmp_path, FakeClock())).taken()
    table = PAGE.partition("| File | What it is |")[2].partition("\n\n")[0]
    rows = [row for row in table.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([\w.]+)`", row.split("|")[1])}
    with zipfile.ZipFile(place) as box:
        assert {*box.namelist(), "picture.png", "page.png"} == named
    fields = PAGE.partition("is canonical JSON")[2].partition("which gives")[0]
    assert set(told(place, "manifest.json")) == set(re.findall(r"`(\w+)`", fields))


def test_the_numbers_and_words_of_the_page_are_those_of_the_code() -> None:
    assert f"a review after {acts.REVIEW_DAYS} days" in PAGE
    assert f"approves it within {UNAPPROVED_HOLD_MS // 86_400_000} days" in PAGE
    assert f"{capture.MOST_POSTS} posts at most" in PAGE
    assert f"{capture.MOST_AROUND} posts at most" in PAGE
    assert capture.MOST_THREADS == 3
    assert "each thread, three at most" in PAGE
    words = PAGE.partition("`page` in the manifest says what happened:")[2].partition("\n- ")[0]
    assert set(re.findall(r"`([a-z ]+)`", words)) == set(page.WORDS)
    assert f"over {picture.TALLEST:,} pixels" in PAGE
    assert work.TRIES == 3
    assert "asked three times" in PAGE
    assert work.BROKEN_MS == 60_000
    assert "every minute" in PAGE
    assert set(re.findall(r"`(shown|gone|refused|no_answer|not_asked)`", PAGE)) == set(report.ANSWERS)


def test_the_exit_codes_are_those_of_the_page() -> None:
    assert [verdict.name for verdict in verify.Verdict] == ["OK", "TAMPERED", "MISSING"]
    assert "0: all is well. 1: tampered with. 2: something is missing. 3: wrong usage." in PAGE
    assert verify.USAGE == 3


def test_every_link_of_the_page_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", PAGE) if "://" not in link]
    assert links
    assert all((ROOT / "docs" / link).exists() for link in links)
