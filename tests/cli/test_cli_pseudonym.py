"""earshot pseudonym: two named people open a pseudonym of the ledger together, and nobody does alone (W-03)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from programs import Said, change

from bot.store.db import Store

Earshot = Callable[..., Said]

NAMED = "pseudonym_openers: [hannah, dario]"
INCIDENT = ("--for", "security-incident", "--reason", "INC-4711")
POST = {"id": "p1", "author": "kim", "mentions": ["fjordfon_hilft"], "text": "@fjordfon_hilft was ist mit dem Netz?"}
HELD = ("--classification", "Bedrohung", "--basis", "Art. 17(3)(e)", "--user", "bob")


def entries(house: Path) -> list[dict[str, object]]:
    store = Store(house / "data" / "earshot.db")
    try:
        return [json.loads(row["body"]) for row in store.rows("SELECT body FROM log ORDER BY seq")]
    finally:
        store.close()


@pytest.fixture
def people(earshot: Earshot, house: Path) -> Path:
    """bob asked for a legal hold: an entry bears his pseudonym. hannah and dario may open it."""
    for name, role in (("bob", "senior"), ("hannah", "guest"), ("dario", "guest"), ("mia", "senior")):
        assert earshot("user", "add", name, "--role", role).code == 0
    change(house / "config" / "protection.yaml", f"# {NAMED}", NAMED)
    (house / "posts.jsonl").write_text(json.dumps(POST) + "\n", "utf-8")
    assert earshot("ingest").code == 0
    assert earshot("hold", "place", 1, *HELD).code == 0
    return house


@pytest.fixture
def called(people: Path) -> str:
    """What bob is called in the ledger."""
    return str(next(body["by"] for body in entries(people) if body.get("step") == "hold_asked"))


def test_one_asks_another_opens_and_the_ledger_tells_of_both_and_of_no_name(
    people: Path, called: str, earshot: Earshot
) -> None:
    asked = earshot("pseudonym", "ask", called, *INCIDENT, "--user", "hannah")
    assert (asked.code, asked.err) == (0, "")
    assert "earshot pseudonym open 1" in asked.out
    alone = earshot("pseudonym", "open", 1, "--user", "hannah")
    assert (alone.code, alone.err) == (1, "Somebody else must open what you asked for.\n")
    told = earshot("pseudonym", "open", 1, "--user", "dario")
    assert told.code == 0, told.err
    assert told.out.startswith("bob (^")
    assert earshot("pseudonym", "open", 1, "--user", "dario").code == 1
    steps = [body for body in entries(people) if str(body.get("step", "")).startswith("pseudonym_")]
    assert [(body["type"], body["step"]) for body in steps] == [
        ("ACCESS", "pseudonym_asked"),
        ("ACCESS", "pseudonym_opened"),
    ]
    assert {body["pseudonym"] for body in steps} == {called}
    assert "bob" not in json.dumps(steps)
    [listed] = json.loads(earshot("pseudonym", "list", "--user", "dario", "--json").out)
    assert (listed["occasion"], listed["reason"]) == ("security-incident", "INC-4711")
    assert "bob" not in json.dumps(listed)
    assert earshot("ledger", "verify").code == 0


def test_after_a_rotation_the_key_from_before_still_tells(called: str, earshot: Earshot) -> None:
    assert earshot("keys", "rotate", "pseudonym").code == 0
    assert earshot("pseudonym", "ask", called, *INCIDENT, "--user", "hannah").code == 0
    assert earshot("pseudonym", "open", 1, "--user", "dario").out.startswith("bob (^")


def test_a_key_that_is_not_kept_any_more_tells_nothing_and_the_attempt_is_an_entry(
    people: Path, called: str, earshot: Earshot
) -> None:
    assert earshot("keys", "rotate", "pseudonym").code == 0
    (kept,) = (people / "keys").glob("*former*")
    kept.unlink()
    assert earshot("pseudonym", "ask", called, *INCIDENT, "--user", "hannah").code == 0
    said = earshot("pseudonym", "open", 1, "--user", "dario")
    assert said.code == 1
    assert "No key that is kept" in said.out
    assert entries(people)[-1]["told"] is False


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("ask", "{}", *INCIDENT, "--user", "mia"), "Pseudonyms are opened by the people"),
        (("ask", "{}", "--for", "legal-claim", "--reason", "  ", "--user", "hannah"), "Say what it is needed for"),
        (("ask", "0123456789abcdef", *INCIDENT, "--user", "hannah"), "No entry of the ledger names this pseudonym"),
        (("ask", "%", *INCIDENT, "--user", "hannah"), "No entry of the ledger names this pseudonym"),
        (("open", 7, "--user", "dario"), "asked for more than three days ago"),
        (("list", "--user", "mia"), "Pseudonyms are opened by the people"),
    ],
)
def test_what_may_not_be_is_refused_with_a_sentence(
    called: str, earshot: Earshot, words: tuple[object, ...], sentence: str
) -> None:
    said = earshot("pseudonym", *(str(word).format(called) for word in words))
    assert said.code == 1
    assert sentence in said.err


def test_below_two_named_people_nobody_may(people: Path, called: str, earshot: Earshot) -> None:
    change(people / "config" / "protection.yaml", NAMED, NAMED.replace("dario", "HANNAH"))
    said = earshot("pseudonym", "ask", called, *INCIDENT, "--user", "hannah")
    assert said.code == 1
    assert "until protection.yaml names two people" in said.err


def test_any_other_occasion_is_none(called: str, earshot: Earshot) -> None:
    said = earshot("pseudonym", "ask", called, "--for", "curiosity", "--reason", "x", "--user", "hannah")
    assert (said.code, "curiosity" in said.err) == (3, True)
