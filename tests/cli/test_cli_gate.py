"""gate: the whole decision and why, without deciding anything."""

import json
import re

import pytest

from bot.gate.ruleset import load_ruleset
from bot.gate.table import RULES
from bot.model import Outcome
from bot.store.db import Store

OUTAGE = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"


def hear(earshot, house, **post):
    line = {"id": "1", "author": "kim", "mentions": ["fjordfon_hilft"], **post}
    (house / "posts.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    assert earshot("ingest").code == 0


@pytest.fixture
def asked(earshot, house):
    """One case, opened once, so that a reply is prepared."""
    hear(earshot, house, text=OUTAGE)
    assert earshot("user", "add", "alice").code == 0
    assert earshot("approve", "1", "--user", "alice", stdin="n\n").code == 1
    return house


def contents(house):
    """Everything that the database holds, table by table."""
    store = Store(house / "data" / "earshot.db")
    tables = [row["name"] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {table: [tuple(row) for row in store.rows(f"SELECT * FROM {table}")] for table in tables}  # noqa: S608
    store.close()
    return found


def test_it_shows_every_rule_with_its_answer_its_reason_and_what_it_rests_on(earshot, asked):
    said = earshot("gate", "--case", 1)
    assert said.code == 0, said.err
    assert re.findall(r"^  (C-\d\d) ", said.out, re.MULTILINE) == [rule.id for rule in RULES]
    assert re.search(r"C-04 +ALLOW +Addressed to us +\(trigger=mention\)", said.out)
    assert re.search(r"C-32 +HOLD-self +Promise is covered +A gap is still open. Fill it.", said.out)
    assert load_ruleset().sha256 in said.out
    assert "nothing was decided or logged" in said.out


def test_it_speaks_german_too(earshot, asked):
    assert "An uns gerichtet" in earshot("gate", "--case", 1, "--language", "de").out


def test_scripts_get_json_with_the_worst_answer_as_the_outcome(earshot, asked):
    told = json.loads(earshot("gate", "--case", 1, "--json").out)
    assert [one["rule"] for one in told["rules"]] == [rule.id for rule in RULES]
    severest = max((Outcome(one["outcome"]) for one in told["rules"]), key=lambda one: one.severity)
    assert told["outcome"] == severest
    assert (told["case"], told["draft"]) == (1, 1)
    assert told["ruleset"] == load_ruleset().sha256
    c04 = next(one for one in told["rules"] if one["rule"] == "C-04")
    assert c04 == {
        "rule": "C-04",
        "title": "Addressed to us",
        "outcome": "ALLOW",
        "code": "ok",
        "sentence": "",
        "evidence": {"trigger": "mention"},
        "missing": False,
        "released": False,
        "releasable": False,
    }


def test_looking_changes_nothing_in_the_database(earshot, asked):
    before = contents(asked)
    assert earshot("gate", "--case", 1).code == 0
    assert earshot("gate", "--case", 1, "--json").code == 0
    assert contents(asked) == before


def test_the_post_behind_the_case_is_not_printed(earshot, asked):
    shown = earshot("gate", "--case", 1).out
    assert "Kiel" not in shown
    assert "kim" not in shown


def test_a_case_that_is_not_there_or_has_no_reply_says_what_to_do(earshot, house):
    hear(earshot, house, text="Fjordfon? Kenne ich.", mentions=[])
    missing, silent = earshot("gate", "--case", 99), earshot("gate", "--case", 1)
    assert (missing.code, silent.code) == (1, 1)
    assert "There is no case 99." in missing.err
    assert "has no reply to ask about" in silent.err


def test_without_a_number_it_is_wrong_usage(earshot, house):
    assert earshot("gate").code == 3
