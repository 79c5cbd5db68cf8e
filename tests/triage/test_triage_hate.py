"""Hate against a group waits in the lane of abuse, and the desk says which group."""

import tomllib
from importlib.resources import files

import pytest

from bot.config.models import TriageRules
from bot.model import Finding, Lane, Priority, Triage
from bot.triage import triage
from bot.triage_words import reason_words

RULES = TriageRules(abuse_at=600)
GROUPED = ("slur", "weakslur", "many", "weak", "one", "person", "country", "land")
"""Tables of the lexicon whose rows are groups."""


def hate(score: int = 920, *, failed: bool = False) -> Finding:
    return Finding("hate", "1", "hate", score, (), "group=muslims;attribute", failed)


def decide(*findings: Finding) -> Triage:
    return triage(text="Ein Satz.", findings=findings, matches=(), triggers=(), rules=RULES)


def test_hate_waits_in_the_lane_of_abuse_with_its_priority_and_names_the_group() -> None:
    decided = decide(hate())
    assert (decided.lane, decided.priority) == (Lane.ABUSE, Priority.MEDIUM)
    assert decided.reason == "hate muslims 920"


def test_hate_and_abuse_in_one_post_are_both_named() -> None:
    decided = decide(Finding("abuse", "1", "abuse", 900, (), "de.vocative"), hate())
    assert decided.lane is Lane.ABUSE
    assert decided.reason == "abuse de.vocative 900; hate muslims 920"


def test_a_threat_governs_over_hate() -> None:
    assert decide(hate(), Finding("threat", "1", "threat", 900, (), "de.kill")).lane is Lane.THREAT


def test_hate_below_the_threshold_of_abuse_does_not_govern() -> None:
    assert decide(hate(600)).lane is Lane.ABUSE
    assert decide(hate(599)).lane is Lane.NOISE


def test_a_detector_of_hate_that_failed_decides_nothing_by_its_label() -> None:
    assert decide(hate(failed=True)).lane is Lane.LISTEN


def test_the_desk_says_which_group_in_both_languages() -> None:
    assert reason_words("hate muslims 920", "de") == "Hass gegen Muslime (920 von 1000)"
    assert reason_words("hate muslims 920", "en") == "hate against Muslims (920 of 1000)"


@pytest.mark.parametrize("group", ["-", "model.tiny"])
def test_hate_that_a_model_saw_names_no_group(group: str) -> None:
    assert reason_words(f"hate {group} 920", "de") == "Hass gegen eine Gruppe (920 von 1000)"
    assert reason_words(f"hate {group} 920", "en") == "hate against a group (920 of 1000)"


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_group_that_a_finding_can_name_has_a_name_at_the_desk(language: str) -> None:
    lexicon = tomllib.loads(files("bot.detectors").joinpath("lexicon", f"hate_{language}.toml").read_text("utf-8"))
    groups = {group for table in GROUPED for group in lexicon.get(table, {})}
    assert len(groups) > 10
    for group in groups:
        assert f" {group} " not in reason_words(f"hate {group} 900", "de").replace("gegen ", "")
        assert "gegen " in reason_words(f"hate {group} 900", "de")
