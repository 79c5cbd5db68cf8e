"""annex: what is held about staff, complete by the schema."""

import json
import re

import pytest

from bot.cli import annex
from bot.cli.annex import columns_about_staff, read_annex
from bot.store import staff
from bot.store.db import Store


@pytest.fixture(scope="module")
def texts():
    return read_annex()


def named(texts) -> list[str]:
    return [column for one in texts["field"] for column in one["columns"]]


def test_every_column_about_staff_stands_in_the_annex(texts):
    assert columns_about_staff() - set(named(texts)) == frozenset()


def test_the_annex_names_no_column_that_does_not_exist_and_none_twice(texts, database):
    store = Store(database)
    known = staff.every_column(store)
    store.close()
    assert set(named(texts)) <= known
    assert len(named(texts)) == len(set(named(texts)))


def test_a_new_column_that_leads_to_a_person_is_found_wherever_it_comes(database):
    store = Store(database)
    before = staff.columns(store)
    with store.write() as tx:
        tx.run("ALTER TABLE cases ADD COLUMN helped_by INTEGER REFERENCES users (id)")
        tx.run("ALTER TABLE users ADD COLUMN shoe_size INTEGER")
        tx.run("CREATE TABLE breaks (user_id INTEGER REFERENCES users (id) ON DELETE CASCADE, minutes INTEGER)")
    found = staff.columns(store) - before
    store.close()
    assert found == {"cases.helped_by", "users.shoe_size", "breaks.user_id", "breaks.minutes"}


def test_an_annex_that_leaves_something_out_is_not_printed(earshot, monkeypatch):
    monkeypatch.setattr(annex, "columns_about_staff", lambda: columns_about_staff() | {"users.shoe_size"})
    said = earshot("annex")
    assert said.code == 1
    assert "users.shoe_size" in said.err
    assert said.out == ""


@pytest.mark.parametrize(("language", "head"), [("de", "Wer sieht es"), ("en", "Who sees it")])
def test_it_is_a_table_with_field_purpose_reader_and_time_in_both_languages(earshot, texts, language, head):
    said = earshot("annex", "--language", language)
    assert said.code == 0, said.err
    assert head in said.out
    rows = [line for line in said.out.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + len(texts["field"]) + len(texts["beyond"])
    assert all(line.count(" | ") == 3 for line in rows)
    for column in named(texts):
        assert f"`{column}`" in said.out


def test_german_is_the_default_and_no_database_is_needed(earshot, folder):
    assert "Anlage zur Betriebsvereinbarung" in earshot("annex").out
    assert list(folder.iterdir()) == []


def test_scripts_get_the_same_as_json(earshot, texts):
    told = json.loads(earshot("annex", "--json", "--language", "en").out)
    assert len(told) == len(texts["field"]) + len(texts["beyond"])
    assert all(set(one) == {"field", "purpose", "seen_by", "kept"} and all(one.values()) for one in told)


def test_both_languages_are_whole(texts):
    for one in (*texts["field"], *texts["beyond"]):
        for name in ("purpose", "seen_by", "kept"):
            german, english = one[name]
            assert german != english
            assert not re.search(r"!|\|", german + english)
