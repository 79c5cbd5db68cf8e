"""user: the people who may sign in."""

import json
import re

import pytest

from bot.desk.passwords import fits
from bot.store import users
from bot.store.db import Store


def stored(house, name):
    store = Store(house / "data" / "earshot.db")
    row = users.by_name(store, name)
    store.close()
    return row


def test_a_new_person_gets_a_first_password_that_fits(earshot, house):
    said = earshot("user", "add", "alice")
    assert said.code == 0
    password = re.search(r"First password: (\S+)", said.out)[1]
    assert fits(stored(house, "alice")["password_hash"], password)


def test_a_password_on_standard_input_is_never_printed(earshot, house):
    said = earshot("user", "add", "bob", "--role", "senior", "--trained", "--password-stdin", stdin="ein langes Wort\n")
    assert said.out == "bob may sign in as senior.\n"
    assert fits(stored(house, "bob")["password_hash"], "ein langes Wort")
    assert stored(house, "bob")["trained"]


def test_a_trainee_becomes_an_agent_and_is_trained_for_crises_only_then(earshot, house):
    said = earshot("user", "add", "tom", "--role", "trainee", "--trained")
    assert said.code == 1
    assert "Nobody was added." in said.err
    earshot("user", "add", "tom", "--role", "trainee")
    assert "still in training" in earshot("user", "trained", "tom").err
    assert earshot("user", "role", "tom", "agent").out == "tom is agent now.\n"
    assert earshot("user", "trained", "tom").code == 0
    assert earshot("user", "role", "tom", "trainee").out.endswith("The training for crises went with the role.\n")
    assert not stored(house, "tom")["trained"]


@pytest.mark.parametrize("password", ["", "kurz", "x" * 201])
def test_a_password_that_cannot_be_used_adds_nobody(earshot, house, password):
    said = earshot("user", "add", "bob", "--password-stdin", stdin=f"{password}\n")
    assert said.code == 1
    assert "10 to 200 characters" in said.err
    assert stored(house, "bob") is None


def test_a_name_is_taken_whatever_its_capitals(earshot, house):
    assert earshot("user", "add", "alice").code == 0
    again = earshot("user", "add", "Alice")
    assert again.code == 1
    assert "already" in again.err


@pytest.mark.parametrize("name", ["", "  ", "al\x1bice"])
def test_a_name_that_nobody_can_read_is_refused(earshot, house, name):
    assert earshot("user", "add", "--", name).code == 1


def test_the_list_says_who_everyone_is(earshot, house):
    assert "Nobody yet" in earshot("user", "list").out
    earshot("user", "add", "alice", "--initials", "Ak")
    earshot("user", "add", "bob", "--role", "senior")
    earshot("user", "disable", "bob")
    lines = earshot("user", "list").out.splitlines()
    assert [line.split() for line in lines] == [["alice", "agent", "^AK"], ["bob", "senior", "^BO", "kept", "out"]]
    told = json.loads(earshot("user", "list", "--json").out)
    assert [(person["name"], person["active"]) for person in told] == [("alice", True), ("bob", False)]


def test_a_new_password_replaces_the_old_one(earshot, house):
    old = re.search(r"First password: (\S+)", earshot("user", "add", "alice").out)[1]
    new = re.search(r"New password of alice: (\S+)", earshot("user", "password", "alice").out)[1]
    assert fits(stored(house, "alice")["password_hash"], new)
    assert not fits(stored(house, "alice")["password_hash"], old)


@pytest.mark.parametrize("command", ["password", "disable"])
def test_nobody_can_be_changed_who_is_not_there(earshot, house, command):
    said = earshot("user", command, "mallory")
    assert said.code == 1
    assert "earshot user list" in said.err


def test_an_unknown_role_is_wrong_usage(earshot, house):
    assert earshot("user", "add", "alice", "--role", "queen").code == 3


def test_the_languages_of_a_person_are_kept_and_can_be_given_back(earshot, house):
    earshot("user", "add", "alice")
    assert earshot("user", "languages", "alice", "de", "en", "de").out == "alice answers in de, en.\n"
    assert stored(house, "alice")["languages"] == "de en"
    assert earshot("user", "languages", "alice").out == "alice answers in all languages of the brand.\n"
    assert not stored(house, "alice")["languages"]


def test_a_language_that_nobody_tells_apart_is_refused(earshot, house):
    earshot("user", "add", "alice")
    said = earshot("user", "languages", "alice", "klingon")
    assert (said.code, "klingon" in said.err) == (1, True)
    assert not stored(house, "alice")["languages"]
