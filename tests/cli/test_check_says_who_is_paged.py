"""check: who is paged for an alarm, or that nobody is."""

import json
import re
import shutil

from bot.config.starter import starter_dir


def test_check_says_for_what_nobody_is_paged(earshot) -> None:
    told = earshot("check", str(starter_dir()))
    assert told.code == 0
    assert "Nobody is paged for threat, crisis, security: name people in protection.yaml." in told.out


def test_scripts_get_the_same_as_json(earshot) -> None:
    told = earshot("check", str(starter_dir()), "--json")
    assert json.loads(told.out)["nobody_paged_for"] == ["threat", "crisis", "security"]


ROSTER = """\
people:
  - {name: Kim, channels: [EARSHOT_PAGE_KIM]}
weekly:
  - {duties: [threat], days: [mon, tue, wed, thu, fri, sat, sun], begins: "18:00", ends: "08:00", person: Kim}
"""


def test_check_says_when_in_the_week_nobody_is_on_call_for_a_duty_of_the_roster(earshot, tmp_path) -> None:
    shutil.copytree(starter_dir(), tmp_path / "config")
    (tmp_path / "config" / "roster.yaml").write_text(ROSTER)
    told = earshot("check", str(tmp_path / "config"))
    assert told.code == 0
    assert "Nobody is paged for crisis, security: name people in protection.yaml." in told.out
    gaps = [line for line in told.out.splitlines() if re.fullmatch(r"  threat  .* (\S+) 08:00 to .* \1 18:00", line)]
    assert len(gaps) >= 6, told.out
    listed = json.loads(earshot("check", str(tmp_path / "config"), "--json").out)
    assert len(listed["nobody_on_call"]) in {7, 8}
    assert {gap["duty"] for gap in listed["nobody_on_call"]} == {"threat"}


def test_a_roster_without_a_gap_is_no_word_worth(earshot, tmp_path) -> None:
    shutil.copytree(starter_dir(), tmp_path / "config")
    (tmp_path / "config" / "roster.yaml").write_text(ROSTER.replace('"08:00"', '"18:00"'))
    assert "on call" not in earshot("check", str(tmp_path / "config")).out
