"""roster.yaml: optional, and every fault of it has its place and a plain sentence; holidays stand in one place."""

import pytest

from bot.config.canonical import from_json, to_json
from bot.config.load import load
from bot.config.protection import Protection
from bot.config.roster import Roster

WHOLE = """\
people:
  - name: Kim Berg
    channels: [EARSHOT_PAGE_KIM]
    language: de
  - name: Sascha Hein
weekly:
  - duties: [threat, crisis]
    days: [mon, holiday]
    begins: "18:00"
    ends: "08:00"
    person: Kim Berg
  - duties: [desk]
    days: [tue]
    begins: 08:00
    ends: 16:00
    person: Sascha Hein
exceptions:
  - duties: [threat]
    begins: 2026-12-24 18:00
    ends: 2026-12-26 08:00
    person: Kim Berg
solo_review_percent: 50
"""


def test_the_roster_is_read_and_kept_as_written(write) -> None:
    config = load(write({"roster.yaml": WHOLE}))
    known = config.roster
    assert known.duties == ("threat", "crisis", "desk")
    assert [(line.begins, line.ends, line.person) for line in known.weekly][1] == ("08:00", "16:00", "Sascha Hein")
    assert known.exceptions[0].begins == "2026-12-24 18:00"
    assert known.solo_review_percent == 50
    assert from_json(to_json(config)).roster == known


def test_without_the_file_nobody_is_on_call_and_nothing_is_at_fault(write) -> None:
    assert load(write({"roster.yaml": None})).roster == Roster()
    assert Roster().duties == ()


def test_holidays_stand_in_one_file_alone(faults) -> None:
    assert "holidays" in Protection.model_fields
    (fault,) = faults({"roster.yaml": 'holidays: ["2026-12-25"]\n'})
    assert fault.startswith("roster.yaml:1:1: Unknown key")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('begins: "18:00"', 'begins: "18 Uhr"', "roster.yaml:9:13: Write a time of day here, such as 18:00."),
        ('ends: "08:00"', 'ends: "24:00"', "roster.yaml:10:11: Write a time of day here, such as 18:00."),
        ("2026-12-24 18:00", "2026-02-30 18:00", "roster.yaml:19:13: Write a day and a time here, such as"),
        ("2026-12-26 08:00", "2026-12-24 18:00", "roster.yaml:20:11: This exception ends before it begins."),
        ("days: [tue]", "days: [tues]", "roster.yaml:13:12: 'tues' is not allowed here. Did you mean 'tue'?"),
        ("duties: [desk]", "duties: [desks]", "roster.yaml:12:14: 'desks' is not allowed here. Did you mean 'desk'?"),
        ("duties: [desk]", "duties: []", "roster.yaml:12:13: This list is too short."),
        ("duties: [desk]", "duties: [security]", "roster.yaml:16:13: Nobody could page 'Sascha Hein'."),
        ("person: Sascha Hein", "person: Sascha", "roster.yaml:16:13: There is no 'Sascha' under people. Did you mean"),
        ("  - name: Sascha Hein", "  - name: Kim Berg", "roster.yaml:5:11: 'Kim Berg' stands here twice."),
        ("[EARSHOT_PAGE_KIM]", "[kim@brand.example]", "roster.yaml:3:16: Write the name of a secret here"),
        ("solo_review_percent: 50", "solo_review_percent: 0", "roster.yaml:22:22: The number must be at least 1."),
        ("weekly:", "week:", "roster.yaml:6:1: Unknown key 'week'. Did you mean 'weekly'?"),
    ],
)
def test_a_fault_names_its_place_and_what_to_do(faults, old: str, new: str, fault: str) -> None:
    assert old in WHOLE
    found = faults({"roster.yaml": WHOLE.replace(old, new, 1)})
    assert any(line.startswith(fault) for line in found), found
    assert not any("brand.example" in line for line in found)
