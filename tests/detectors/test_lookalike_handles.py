"""Look-alike handles of invented brands: the bars of issue 6 on the half that nothing was tuned by."""

from collections import Counter
from pathlib import Path

import pytest

from bot.detectors.lookalike import Lookalike
from bot.training.handles import LEAST_FOUND, MOST_FLAGGED, judged, lines, read_handles

DATA = Path(__file__).parents[1] / "data"
OURS = Lookalike(
    ["fjordfon_hilft", "fjordfon"],
    "Fjordfon",
    domains=["fjordfon.example"],
    friends=["team_fjordfon_nord", "fjordfon_service@fans.example"],
)


def said(handle: str) -> tuple[str, str]:
    found = OURS.detect([handle])[0]
    return found.label, found.reason


def test_the_set_is_large_and_of_many_brands_and_tricks() -> None:
    brands, handles = read_handles(DATA)
    alike = [row for row in handles if row["label"] == "lookalike"]
    assert len(brands) >= 6
    assert len(alike) >= 300
    assert len({row["family"] for row in alike}) >= 8
    assert len(handles) - len(alike) == 2_000
    assert len({(row["brand"], row["handle"]) for row in handles}) == len(handles)


def test_brands_stand_in_one_half_and_some_tricks_in_the_test_half_alone() -> None:
    _, handles = read_handles(DATA)
    halves = Counter((row["brand"], row["part"]) for row in handles)
    assert len(halves) == len({brand for brand, _ in halves})
    taught = {row["family"] for row in handles if row["part"] == "train"}
    assert len({row["family"] for row in handles if row["part"] == "test"} - taught) >= 3


def test_the_bars_are_met_on_the_test_half() -> None:
    seen = judged(DATA, "test")
    told = "\n".join(lines(seen))
    assert told.count("met") == 2, told
    assert "NOT MET" not in told
    assert (LEAST_FOUND, MOST_FLAGGED) == (95.0, 1.0)


@pytest.mark.parametrize("family", sorted({row["family"] for row in read_handles(DATA)[1] if row["part"] == "test"}))
def test_no_family_is_missed_as_a_whole(family: str) -> None:
    seen = [one for one in judged(DATA, "test") if one.row["family"] == family and one.row["label"] == "lookalike"]
    assert sum(one.said == "lookalike" for one in seen) * 4 >= len(seen) * 3


@pytest.mark.parametrize("brand", sorted(read_handles(DATA)[0]))
def test_short_brands_flag_no_more_ordinary_handles_than_long_ones(brand: str) -> None:
    detector = read_handles(DATA)[0][brand]
    others = [row["handle"] for row in read_handles(DATA)[1] if row["label"] == "none" and row["brand"] != brand]
    flagged = [handle for handle in others if detector.detect([handle])[0].label == "lookalike"]
    assert len(flagged) * 100 <= len(others), flagged[:10]


@pytest.mark.parametrize(
    ("handle", "how"),
    [
        ("ꜰᴊᴏʀᴅꜰᴏɴ_hilft", "same-letters"),
        ("ｆｊｏｒｄｆｏｎ", "same-letters"),
        ("fj\u200bordfon", "same-letters"),
        ("fjørdfon", "same-letters"),
        ("Fjordfon24", "same-letters"),
        ("fjordfon-hilft.bsky.social", "same-letters"),
        ("fjordfon.help", "same-letters"),
        ("support@fjordfon-hilfe.example", "server"),
        ("fjordfn_kundendienst", "brand-and-service"),
        ("fjordfon_de", "brand-and-service"),
    ],
)
def test_a_trick_is_named(handle: str, how: str) -> None:
    assert said(handle) == ("lookalike", how)


@pytest.mark.parametrize(
    "handle",
    [
        "team_fjordfon_nord",
        "Team_Fjordfon_Nord",
        "@team_fjordfon_nord",
        "fjordfon_service@fans.example",
        "kim@social.fjordfon.example",
        "hilfe.fjordfon.example",
    ],
)
def test_whom_the_configuration_names_and_who_stands_below_our_domains_keeps_their_name(handle: str) -> None:
    assert said(handle) == ("none", "")


@pytest.mark.parametrize(
    "handle",
    ["fjordfon_service", "fjordfon_service@elsewhere.example", "kim@fjordfon.example.evil.example"],
)
def test_a_friends_name_and_our_domain_cannot_be_borrowed(handle: str) -> None:
    assert said(handle)[0] == "lookalike"


@pytest.mark.parametrize(
    "handle",
    ["fjordfon_hilft_nicht", "nie_wieder_fjordfon", "kim_fjordfon", "malte.nordmann.fjordfon", "fjordfon_opfer_1999"],
)
def test_critics_and_employees_keep_their_names(handle: str) -> None:
    assert said(handle) == ("none", "")
