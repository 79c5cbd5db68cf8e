"""Harsh criticism of a product never enters the warning ladder: 200 authored posts, however much they swear (E-10)."""

import json
from pathlib import Path

import pytest
from clocks import FakeClock
from tents import HouseInATent, pitch, post

from bot.errors import Stale
from bot.model import Lane
from bot.model.ladder import Bar
from bot.review import ladder
from bot.review.incident import incident, newest_attack

DATA = Path(__file__).parents[1] / "data"
SHIELDED_AT_MOST = {"de": 0, "en": 3}
"""So many stand behind the shield as abuse, because the trained head alone takes them for it. None can be warned."""


def harsh(language: str) -> list[str]:
    lines = (DATA / "harsh" / f"{language}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


@pytest.fixture(params=["de", "en"])
def told(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> tuple[str, HouseInATent]:
    """Each post by an author of its own, through ingest and assess."""
    tent = pitch(tmp_path, clock)
    tent.hear(*(post(f"h{n}", f"kunde{n}", text) for n, text in enumerate(harsh(request.param))))
    return request.param, tent


def test_there_are_a_hundred_different_posts_of_each_language() -> None:
    assert [len(set(harsh(language))) for language in ("de", "en")] == [100, 100]


def test_no_post_is_offered_a_warning_and_none_can_be_given_one(told: tuple[str, HouseInATent]) -> None:
    language, tent = told
    cases, house = tent.store.rows("SELECT * FROM cases"), tent.wiring.house(tent.store)
    assert len(cases) == 100
    for case in cases:
        mention = newest_attack(tent.store, house, case)
        assert mention is not None
        assert not incident(tent.store, house, mention, case, tent.clock.now()).means_person, mention["text"]
        with tent.store.write() as tx, pytest.raises(Stale, match=Bar.NOBODY_MEANT):
            ladder.warn(tx, house, case["id"], user=tent.user("bob"), now=tent.clock.now())
    assert tent.store.value("SELECT count(*) FROM ladders") == 0
    lanes = [case["lane"] for case in cases]
    assert lanes.count(Lane.ABUSE) <= SHIELDED_AT_MOST[language]
