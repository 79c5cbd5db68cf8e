"""Posts that only share our name: kept apart from posts about us, unless they speak to us or somebody is in danger."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from port_doubles import mention
from tents import HouseInATent, post

from bot import assess, ingest
from bot.model import Finding, Lane, Page
from bot.store import cases, mentions
from bot.store.db import Row

SHARE = "Analysten heben das Kursziel für Fjordfon an, die Aktie legt zwei Prozent zu."
LANDSCAPE = "Wanderung am Fjord, Zelt am Ufer, morgen mit der Fähre weiter."
OURS = "Fjordfon: seit gestern kein Netz, der Router blinkt rot, und die Hotline legt auf."


def heard(tent: HouseInATent, text: str, *, mentioned: bool = False) -> Row:
    """The case of a post that only a watch heard, unless it mentions us."""
    tent.hear(post("1", "kim", text, mentions=["fjordfon_hilft"] if mentioned else []))
    row = mentions.by_key(tent.store, "replay:replay:1")
    assert row is not None
    case = cases.by_id(tent.store, row["case_id"])
    assert case is not None
    return case


def relevance_of(tent: HouseInATent, case: Row) -> Finding:
    found = mentions.findings_of(tent.store, case["latest_mention"])
    (one,) = [finding for finding in found if finding.detector == "relevance"]
    return one


@pytest.mark.parametrize("text", [SHARE, LANDSCAPE])
def test_a_namesakes_post_waits_in_noise_and_the_finding_shows_the_places_of_its_words(
    tent: HouseInATent, text: str
) -> None:
    case = heard(tent, text)
    found = relevance_of(tent, case)
    assert (case["lane"], found.label, found.reason) == (Lane.NOISE, "namesake", "brand")
    assert f"namesake brand {found.score}" in case["reason"]
    assert found.spans


def test_a_post_about_us_that_nobody_addressed_to_us_is_listened_to(tent: HouseInATent) -> None:
    case = heard(tent, OURS)
    assert (case["lane"], relevance_of(tent, case).label) == (Lane.LISTEN, "about")


@pytest.mark.parametrize("text", [SHARE, LANDSCAPE])
def test_who_speaks_to_us_is_never_noise(tent: HouseInATent, text: str) -> None:
    assert heard(tent, f"@fjordfon_hilft {text}", mentioned=True)["lane"] not in {Lane.NOISE, Lane.LISTEN}


def test_a_house_without_examples_listens_to_everything_that_it_heard(tent: HouseInATent) -> None:
    bare = tuple(watch.model_copy(update={"about": (), "not_about": ()}) for watch in tent.config.watches)
    tent.config = tent.config.model_copy(update={"watches": bare})
    case = heard(tent, SHARE)
    assert case["lane"] == Lane.LISTEN
    assert relevance_of(tent, case).reason == "no-examples"


class Breaks:
    """Relevance that cannot answer."""

    name, version = "relevance", "1"

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        raise ZeroDivisionError(*texts)


def test_relevance_that_fails_hides_nothing_and_marks_the_case(
    tent: HouseInATent, caplog: pytest.LogCaptureFixture
) -> None:
    matcher = tent.wiring.matcher(tent.config)

    def broken(_: Collection[str]) -> Breaks:
        return Breaks()

    assessor = replace(tent.wiring.assessor(tent.config, 1, matcher), relevance=broken)
    with tent.store.write() as tx:
        ingest.take(
            tx, Page((mention("1", SHARE, own_mentions=()),), "a"), "samples", tent.wiring.door(tent.config, matcher), 1
        )
    with caplog.at_level(logging.ERROR):
        assess.run(tent.store, assessor, tent.clock)
    row = tent.store.row("SELECT * FROM cases")
    assert row is not None
    assert (row["lane"], row["not_assessed"]) == (Lane.LISTEN, 1)
    assert "Kursziel" not in caplog.text
