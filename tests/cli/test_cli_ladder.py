"""earshot ladder: who is closed, and which reviews are due; for seniors only."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from programs import Said

from bot.model.ladder import Ladder
from bot.store import ladder
from bot.store.db import Store

Earshot = Callable[..., Said]
HOUR = 3_600_000


@pytest.fixture
def people(earshot: Earshot, house: Path) -> Path:
    for name, role in (("alice", "agent"), ("bob", "senior")):
        assert earshot("user", "add", name, "--role", role).code == 0
    return house


def close_somebody(house: Path, due_at: int) -> None:
    store, now = Store(house / "data" / "earshot.db"), int(time.time() * 1000)
    with store.write() as tx:
        number = ladder.put(tx, "k" * 64, "replay", Ladder(closed_at=now - HOUR), forget_at=now + HOUR)
        ladder.begin_review(tx, number, cause="closed", at=now - HOUR, by=None, due_at=due_at)
    store.close()


def test_it_is_empty_and_says_so(earshot: Earshot, people: Path) -> None:
    assert people.is_dir()
    assert earshot("ladder", "--user", "bob").out == "0 authors closed or under review. Storm: off.\n"


def test_a_senior_sees_a_review_that_is_overdue(earshot: Earshot, people: Path) -> None:
    close_somebody(people, due_at=1_795_000_000_000 - 10 * 365 * 24 * HOUR)
    said = earshot("ladder", "--user", "bob").out
    assert said.startswith("1 author closed or under review.")
    assert "words erased  replay  -  review due" in said
    assert "(overdue)" in said


def test_scripts_get_json_without_a_name(earshot: Earshot, people: Path) -> None:
    close_somebody(people, due_at=4_000_000_000_000)
    told = json.loads(earshot("ladder", "--user", "bob", "--json").out)
    assert told["storm"] is False
    [row] = told["under_review"]
    assert (row["platform"], row["review"], row["case"]) == ("replay", "closed", None)
    assert set(row) == {"case", "platform", "closed_at", "review", "due_at", "last_outcome"}


def test_nobody_but_a_senior_sees_it(earshot: Earshot, people: Path) -> None:
    assert people.is_dir()
    refused = earshot("ladder", "--user", "alice")
    assert (refused.code, refused.out) == (1, "")
    assert "Only a senior" in refused.err
