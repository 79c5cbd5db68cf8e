"""try: what a text would do, in words that a person understands, with nothing stored."""

import json

import pytest

from bot.config.starter import starter_dir

OUTAGE = "@fjordfon_hilft seit Stunden kein Internet in Kiel, wann geht es wieder?"


@pytest.fixture
def attempt(earshot):
    return lambda *words: earshot("try", "--folder", starter_dir(), *words)


def test_it_shows_watches_findings_lane_and_draft(attempt, folder):
    told = attempt(OUTAGE)
    assert (told.code, told.err) == (0, "")
    for part in (
        "Watches",
        "Findings",
        "Lane",
        "Draft",
        "outage-de",
        "kein Internet (watches/outage.yaml:",
        "help, high",
    ):
        assert part in told.out
    assert list(folder.iterdir()) == []


def test_a_watch_that_nearly_heard_it_says_which_words_are_missing(attempt):
    told = attempt("--heard", "Seit heute kein Internet mehr")
    (line,) = [line for line in told.out.splitlines() if "outage-de" in line]
    assert line.split()[0] == "nearly"
    assert "needs one of Fjordfon, Fjordfons" in line


def test_what_only_a_watch_heard_gets_no_draft_and_says_why(attempt):
    told = json.loads(attempt("--heard", "--json", "Fjordfon ist heute wieder langsam").out)
    assert (told["lane"], told["draft"]) == ("listen", None)
    assert "nobody addressed us" in attempt("--heard", "Fjordfon ist heute wieder langsam").out


def test_a_threat_gets_no_draft(attempt):
    told = attempt("@fjordfon_hilft Ich bringe euren Techniker um, wenn er morgen kommt.")
    assert "threat, high" in told.out
    assert "a person finds the words" in told.out


def test_it_says_whether_the_post_is_about_us_and_which_watch_decided(attempt):
    hike = "Wanderung am Fjord, Zelt am Ufer, morgen mit der Fähre weiter."
    told = json.loads(attempt("--heard", "--json", hike).out)
    (found,) = [finding for finding in told["findings"] if finding["detector"] == "relevance"]
    assert (told["lane"], found["label"]) == ("noise", "namesake")
    assert found["why"] == "brand"
    assert "means a namesake (watch brand, " in told["reason"]
    assert "relevance" in attempt("--heard", hike).out


def test_a_script_gets_the_same_facts(attempt):
    told = json.loads(attempt(OUTAGE, "--json").out)
    assert told["lane"] == "help"
    assert [watch["watch"] for watch in told["watches"] if watch["fired"]] == ["brand", "outage-de"]
    assert {finding["detector"] for finding in told["findings"]} >= {"language", "sentiment", "threat", "crisis"}
    assert "{" not in told["draft"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x1b[2J\x1b[1;1H@fjordfon_hilft \x1b]0;title\x07 rot",
        "@fjordfon_hilft \u202egnal uz\u202c a\u200b\u200bb",
        "<script>alert(1)</script> @fjordfon_hilft {contact:help} %s {0}",
        "@fjordfon_hilft \udce4\udcff kein Internet",
        "@fjordfon_hilft " + "kein Internet " * 5_000,
        "😡" * 3_000,
    ],
)
def test_hostile_text_is_neither_obeyed_nor_an_error(attempt, text):
    told = attempt("--", text)
    assert told.code == 0
    assert not [sign for sign in told.out if not sign.isprintable() and sign != "\n"]
    assert json.loads(attempt("--json", "--", text).out)["lane"]
