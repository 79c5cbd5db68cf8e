"""A reply that is refused because somebody's data stands in it leaves none of its words in the ledger."""

import json

import pytest
from tents import HouseInATent, own_words, post

from bot.gate.facts import text_hash
from bot.ledger.proof import Verdict
from bot.ledger.verify import verify
from bot.store import cases, log

ASKED = "@fjordfon_hilft Seit heute früh geht hier das Internet nicht, wann wieder?"


def everything_logged(tent: HouseInATent) -> str:
    return "".join(str(body) for rows in log.chunks(tent.store) for _, body, _, _ in rows)


@pytest.mark.parametrize(
    "data", ["max.muster@kunde.example", "0151 2345 6789", "Musterstraße 12, 24103 Kiel", "FF-12345678"]
)
def test_the_words_stay_out_of_the_ledger_and_the_entry_still_proves_itself(tent: HouseInATent, data: str) -> None:
    tent.hear(post("1", "kim", ASKED))
    verdict = tent.approve("kim", f"Wir melden uns unter {data}. {own_words(0)}")
    assert verdict.kind == "denied", verdict.decision.open_rules
    entry = tent.entries("DECISION")[-1]
    assert (entry["text"], entry["text_hash"]) == ("", text_hash("", ""))
    assert data not in everything_logged(tent)
    assert verify(tent.store).verdict is Verdict.OK
    (wire,) = tent.store.rows("SELECT snapshot FROM vault WHERE commitment = :c", c=entry["target"])
    assert data in json.loads(wire["snapshot"])["wire"]


def test_words_that_are_refused_for_another_reason_stand_there(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", ASKED))
    verdict = tent.approve("kim", f"Sie sind selbst schuld, Sie Idiot. {own_words(0)}")
    assert verdict.kind == "denied", verdict.decision.open_rules
    assert "selbst schuld" in str(tent.entries("DECISION")[-1]["text"])


def test_our_words_stay_where_only_the_case_holds_a_number(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", ASKED))
    with tent.store.write() as tx:
        who, case = tent.user("alice")["id"], tent.case("kim")["id"]
        cases.note(tx, case, "rejected", tent.clock.now(), user_id=who, note="das ist FF-12345678")
    verdict = tent.approve("kim", own_words(0))
    assert verdict.kind == "denied", verdict.decision.open_rules
    assert "off-platform" in [each["code"] for each in tent.entries("DECISION")[-1]["others"]]
    assert own_words(0)[:20] in str(tent.entries("DECISION")[-1]["text"])
