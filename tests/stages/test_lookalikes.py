"""False helpers under a name that is nearly ours: their posts reach the scam lane whatever they say."""

import pytest
from tents import HouseInATent, post

from bot.model import Lane
from bot.store import cases, mentions


def lane_of(tent: HouseInATent, author: str) -> tuple[str, str]:
    """Lane and reason of a harmless sentence that ``author`` wrote to a customer of ours."""
    tent.hear(post("1", author, "Hallo, gern schauen wir uns das bei Fjordfon an.", mentions=["fjordfon_hilft"]))
    row = mentions.by_key(tent.store, "replay:replay:1")
    assert row is not None
    case = cases.by_id(tent.store, row["case_id"])
    assert case is not None
    return case["lane"], case["reason"]


@pytest.mark.parametrize("author", ["fj0rdfon_hilft", "fjordfon_kundenservice"])
def test_an_account_that_looks_like_ours_lies_in_the_scam_lane(tent: HouseInATent, author: str) -> None:
    lane, reason = lane_of(tent, author)
    assert lane == Lane.SCAM
    assert reason.startswith("lookalike ")
    assert author not in reason


def test_a_customer_with_a_name_of_their_own_does_not(tent: HouseInATent) -> None:
    assert lane_of(tent, "kim")[0] != Lane.SCAM
