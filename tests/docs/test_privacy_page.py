"""docs/privacy.md says the numbers that the code keeps to, and names commands that exist."""

import re
from pathlib import Path

from bot.cli.person import person_
from bot.config.models import Brand
from bot.model import Platform
from bot.model.retention import (
    ALARM_MS,
    DAY_MS,
    HOUR_MS,
    LONGEST_HOLD_DAYS,
    OPT_IN_DAYS,
    OWN_DOWNTIME_MS,
    SEALED_MS,
    SUPPRESSION_REVIEW_MS,
    UNAPPROVED_HOLD_MS,
    keeping,
)
from bot.protect.ladder import DECAY_MS
from bot.store.purge import ANSWERED_DAYS

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", PAGE, re.MULTILINE))


def row(begin: str) -> str:
    [found] = [told for what, told in ROWS.items() if what.startswith(begin)]
    return found


def span(ms: int) -> str:
    """A time as the page writes it: hours below three days, else days."""
    return f"{ms // HOUR_MS} hours" if ms <= 3 * DAY_MS else f"{ms // DAY_MS} days"


def test_the_days_of_posts_are_those_of_the_configuration_and_the_platforms() -> None:
    fields = Brand.model_fields
    assert f"`retention_days`, {fields['retention_days'].default} days" in row("Posts that nobody answers")
    shorter = {platform: platform.keeps_days for platform in Platform if platform.keeps_days < 30}
    assert shorter == {Platform.REDDIT: 2, Platform.X: 7} == fields["retention_days_on"].get_default()
    assert all(f"{platform.label} {days} days" in row("Posts that nobody") for platform, days in shorter.items())
    assert fields["answered_days"].default == ANSWERED_DAYS
    assert f"`answered_days`, {ANSWERED_DAYS} days" in row("Posts that we answered")


def test_looks_alarms_seals_and_erasures_are_those_of_the_constants() -> None:
    looks, silence = row("The next look"), row("A platform that tells us nothing")
    usual = keeping(Platform.MASTODON)
    assert f"every {usual.look_ms // HOUR_MS} hours" in looks
    assert f"alarm after {ALARM_MS // HOUR_MS} hour;" in silence
    assert f"sealed after {SEALED_MS // HOUR_MS} hours" in silence
    assert f"erased after {span(usual.lost_ms)}" in silence
    for platform in Platform:
        own = keeping(platform)
        if own.look_ms != usual.look_ms:
            assert f"{platform.label} {own.look_ms // HOUR_MS} hours" in looks
        if own.lost_ms != usual.lost_ms:
            assert f"{platform.label} {span(own.lost_ms)}" in silence
    assert any(f"more than {OWN_DOWNTIME_MS // HOUR_MS} hours" in what for what in ROWS)


def test_opt_outs_and_holds_are_reviewed_when_the_constants_say() -> None:
    assert f"after {SUPPRESSION_REVIEW_MS // (365 * DAY_MS)} years" in row("An opt-out")
    assert f"{OPT_IN_DAYS} days from the day it was given" in row("An agreement")
    assert f"within {LONGEST_HOLD_DAYS} days" in row("A legal hold")
    assert f"after {UNAPPROVED_HOLD_MS // DAY_MS} days" in row("A legal hold")


def test_warnings_are_kept_as_long_as_they_count() -> None:
    assert DECAY_MS == 365 * DAY_MS
    assert "12 months after the last incident" in row("The warnings of an author")


def test_a_healthy_platform_never_seals_and_every_look_comes_before_the_loss() -> None:
    for platform in Platform:
        assert keeping(platform).look_ms <= SEALED_MS < keeping(platform).lost_ms
        assert keeping(platform).look_ms <= 24 * HOUR_MS, "rule P-10"


def test_the_commands_of_the_page_exist() -> None:
    assert set(re.findall(r"`earshot person ([\w-]+)", PAGE)) <= set(person_.commands)
    assert set(person_.commands) == {"show", "export", "erase", "opt-in"}
