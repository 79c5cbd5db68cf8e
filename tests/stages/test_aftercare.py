"""Our replies are looked at again after sending: one that a place took away stops us there (C-34)."""

import json

import pytest
from stages.port_doubles import Moody
from tents import HouseInATent, post

from bot import aftercare
from bot.errors import Transient
from bot.ledger.verify import Verdict, verify
from bot.model import DispatchState
from bot.review import outgoing
from bot.store import dispatches, standing

HOUR = 3_600_000
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


@pytest.fixture
def sent(tent: HouseInATent) -> int:
    """A reply of ours that stands on the platform; its dispatch."""
    tent.hear(
        post("kim", "kim", "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann wieder?")
    )
    verdict = tent.approve("kim", ANSWER)
    tent.clock.advance(10_000)
    tent.send()
    assert verdict.dispatch_id is not None
    return verdict.dispatch_id


def look(tent: HouseInATent) -> int:
    return aftercare.run(tent.store, tent.publishers, tent.clock)


def gone(tent: HouseInATent, native_id: str) -> None:
    """The platform no longer shows a post or a reply."""
    with tent.timeline.with_suffix(".status.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": native_id, "exists": False}) + "\n")


def remote(tent: HouseInATent, dispatch_id: int) -> str:
    row = dispatches.by_id(tent.store, dispatch_id)
    assert row is not None
    return str(row["remote_id"])


def test_a_reply_that_stands_is_looked_at_three_times_and_then_left_alone(tent, sent):
    looked = []
    for hours in (0, 1, 1, 22, 1, 48, 1, 100):
        tent.clock.advance(hours * HOUR)
        looked.append(look(tent))
    assert looked == [0, 1, 0, 1, 0, 1, 0, 0]
    assert standing.place_stops(tent.store) == []


def test_a_reply_that_was_taken_away_stops_us_in_that_place_and_says_so(tent, sent):
    gone(tent, remote(tent, sent))
    tent.clock.advance(HOUR)
    assert look(tent) == 1
    (stop,) = standing.place_stops(tent.store)
    assert stop["cause"] == "removed"
    assert [entry["result"] for entry in tent.entries("SEND_RESULT")] == ["sent", "removed"]
    tent.clock.advance(100 * HOUR)
    assert look(tent) == 0
    assert verify(tent.store).verdict is Verdict.OK


def test_a_reply_that_went_with_the_post_it_answers_stops_nothing(tent, sent):
    gone(tent, remote(tent, sent))
    gone(tent, "kim")
    tent.clock.advance(HOUR)
    assert look(tent) == 1
    assert standing.place_stops(tent.store) == []


def test_a_reply_that_we_took_back_ourselves_is_not_looked_for(tent, sent):
    with tent.store.write() as tx:
        house = tent.wiring.house(tent.store)
        outgoing.retract(tx, house, sent, reason="falsch", user=tent.user("bob"), now=tent.clock.now())
    tent.send()
    row = dispatches.by_id(tent.store, sent)
    assert row is not None
    assert row["state"] == DispatchState.RETRACTED
    tent.clock.advance(HOUR)
    assert look(tent) == 0


def test_a_platform_that_does_not_answer_is_asked_again_and_nothing_is_concluded(tent, sent):
    moody = Moody(tent.publishers["samples"])
    tent.publishers["samples"] = moody
    gone(tent, remote(tent, sent))
    moody.moods["inspect"] = [Transient("busy")]
    tent.clock.advance(HOUR)
    assert look(tent) == 0
    assert standing.place_stops(tent.store) == []
    tent.clock.advance(aftercare.AGAIN_MS)
    assert look(tent) == 1
    assert len(standing.place_stops(tent.store)) == 1
