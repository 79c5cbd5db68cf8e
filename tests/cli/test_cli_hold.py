"""earshot hold: two people keep a case as evidence, it is reviewed, and it ends; the same entries as from the desk."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from programs import Said

from bot.store.db import Store

Earshot = Callable[..., Said]

POST = {"id": "p1", "author": "kim", "mentions": ["fjordfon_hilft"], "text": "@fjordfon_hilft was ist mit dem Netz?"}
WORDS = ("--classification", "Bedrohung", "--basis", "Art. 17(3)(e)")


@pytest.fixture
def people(earshot: Earshot, house: Path) -> Path:
    for name, role in (("alice", "agent"), ("bob", "senior"), ("dora", "senior")):
        assert earshot("user", "add", name, "--role", role).code == 0
    (house / "posts.jsonl").write_text(json.dumps(POST) + "\n", "utf-8")
    assert earshot("ingest").code == 0
    return house


def steps(house: Path) -> list[str]:
    store = Store(house / "data" / "earshot.db")
    try:
        bodies = [json.loads(row["body"]) for row in store.rows("SELECT body FROM log ORDER BY seq")]
    finally:
        store.close()
    return [body["step"] for body in bodies if str(body.get("step", "")).startswith("hold")]


def test_two_people_place_it_it_is_listed_reviewed_and_lifted(people: Path, earshot: Earshot) -> None:
    asked = earshot("hold", "place", 1, *WORDS, "--days", 30, "--user", "bob")
    assert asked.code == 0, asked.err
    assert "earshot hold approve 1" in asked.out
    assert "waits for its second person" in earshot("hold", "list", "--user", "bob").out
    alone = earshot("hold", "approve", 1, "--user", "bob")
    assert (alone.code, alone.err) == (1, "Somebody else must approve what you asked for.\n")
    assert earshot("hold", "approve", 1, "--user", "dora").code == 0
    [told] = json.loads(earshot("hold", "list", "--user", "bob", "--json").out)
    assert (told["case"], told["classification"], told["overdue"]) == (1, "Bedrohung", False)
    assert told["approved_by"]
    assert earshot("hold", "review", 1, "--days", 183, "--user", "dora").code == 0
    [later] = json.loads(earshot("hold", "list", "--user", "bob", "--json").out)
    assert later["review_at"] > told["review_at"]
    assert earshot("hold", "lift", 1, "--user", "bob").code == 0
    assert earshot("hold", "list", "--user", "bob").out.startswith("0 legal holds")
    assert steps(people) == ["hold_asked", "hold_approved", "hold_extended", "hold_ended"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("list", "--user", "alice"), 1, "Your role does not allow this."),
        (("place", 1, *WORDS, "--user", "alice"), 1, "Evidence is for seniors"),
        (("place", 99, *WORDS, "--user", "bob"), 1, "This case no longer exists."),
        (("place", 1, "--classification", " ", "--basis", "x", "--user", "bob"), 1, "Say what a person found"),
        (("place", 1, *WORDS, "--days", 184, "--user", "bob"), 3, "not in the range"),
        (("place", 1, *WORDS, "--user", "nobody"), 1, "earshot user list"),
        (("approve", 7, "--user", "bob"), 1, "This hold is over."),
        (("review", 7, "--user", "bob"), 1, "This hold is over."),
        (("lift", 7, "--user", "bob"), 1, "This hold is over."),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_no_entry(
    people: Path, earshot: Earshot, words: tuple[object, ...], code: int, sentence: str
) -> None:
    said = earshot("hold", *words)
    assert said.code == code
    assert sentence in said.err
    assert steps(people) == []
