"""report: weekly sums on the screen and as a file; the file is an entry."""

import csv

from bot.store.weekly import QUERIES


def test_the_sums_are_shown_and_written_and_the_ledger_still_verifies(earshot, house):
    assert earshot("migrate").code == 0
    assert earshot("ingest").code == 0
    shown = earshot("report", "protection", "--weeks", 2)
    assert shown.code == 0
    assert all(what in shown.out for what in QUERIES)
    written = earshot("report", "protection", "--weeks", 2, "--csv", "sums.csv")
    assert "2 weeks written to sums.csv. Ledger entry" in written.out
    with (house / "sums.csv").open(newline="") as file:
        told = list(csv.reader(file))
    assert told[0] == ["week", *QUERIES]
    assert len(told) == 3
    assert "EXPORT" in earshot("ledger", "show").out
    assert earshot("ledger", "verify", "--full").code == 0


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_noted(earshot, house):
    assert earshot("ingest").code == 0
    said = earshot("report", "protection", "--csv", "nowhere/sums.csv")
    assert said.code == 1
    assert "nowhere/sums.csv cannot be written" in said.err
    assert "EXPORT" not in earshot("ledger", "show").out


def test_a_number_of_weeks_that_makes_no_sense_is_refused(earshot, house):
    assert earshot("report", "protection", "--weeks", 0).code == 3
