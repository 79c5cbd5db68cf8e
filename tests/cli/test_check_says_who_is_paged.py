"""check: who is paged for an alarm, or that nobody is."""

import json

from bot.config.starter import starter_dir


def test_check_says_for_what_nobody_is_paged(earshot) -> None:
    told = earshot("check", str(starter_dir()))
    assert told.code == 0
    assert "Nobody is paged for threat, crisis, security: name people in protection.yaml." in told.out


def test_scripts_get_the_same_as_json(earshot) -> None:
    told = earshot("check", str(starter_dir()), "--json")
    assert json.loads(told.out)["nobody_paged_for"] == ["threat", "crisis", "security"]
