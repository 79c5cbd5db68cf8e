"""A reply that the platform's moderators hold: its place stays taken until they decide, whoever says otherwise."""

import pytest
from port_doubles import Moody
from tents import HouseInATent, post

from bot.dispatch import LOOK_AGAIN_MS
from bot.errors import Held, Stale, Transient, Unauthorised
from bot.model import DispatchState
from bot.review import outgoing
from bot.store import dispatches
from bot.store.db import Row


@pytest.fixture
def platform(tent: HouseInATent) -> Moody:
    moody = Moody(tent.publishers["samples"])
    tent.publishers["samples"] = moody
    return moody


def approved(tent: HouseInATent) -> int:
    """A reply whose countdown has ended; returns its dispatch."""
    tent.hear(post("1", "kim", "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht."))
    verdict = tent.approve("kim", "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL")
    assert verdict.dispatch_id is not None, verdict.decision.open_rules
    tent.clock.advance(10_000)
    tent.beat()
    return verdict.dispatch_id


def row_of(tent: HouseInATent, dispatch_id: int) -> Row:
    row = dispatches.by_id(tent.store, dispatch_id)
    assert row is not None
    return row


def test_a_reply_that_moderators_hold_keeps_its_place_until_they_decide(tent: HouseInATent, platform: Moody) -> None:
    dispatch_id = approved(tent)
    platform.lost = [Held("It waits.")]
    platform.moods["find"] = [Held("It waits."), Transient("No."), Held("It waits.")]
    tent.send()
    for _ in range(3):
        tent.clock.advance(LOOK_AGAIN_MS)
        tent.send()
        row = row_of(tent, dispatch_id)
        assert (row["state"], row["cause"]) == (DispatchState.UNCERTAIN, "Held")
        assert dispatches.answered(tent.store, row["mention_id"])
        house = tent.wiring.house(tent.store)
        with pytest.raises(Stale, match="moderators"), tent.store.write() as tx:
            outgoing.resolve(tx, house, dispatch_id, sent=False, user=tent.user("bob"), now=tent.clock.now())
    tent.clock.advance(LOOK_AGAIN_MS)
    tent.send()
    assert row_of(tent, dispatch_id)["state"] == DispatchState.SENT
    assert platform.calls.count("publish") == len(tent.said()) == 1


@pytest.mark.parametrize("gone", [True, False], ids=["no publisher", "no key"])
def test_a_held_reply_that_nobody_can_look_at_any_more_is_left_to_a_person(
    tent: HouseInATent, platform: Moody, *, gone: bool
) -> None:
    dispatch_id = approved(tent)
    platform.moods["publish"] = [Held("It waits.")]
    platform.moods["find"] = [Unauthorised("No.")]
    tent.send()
    if gone:
        tent.publishers.clear()
    tent.clock.advance(LOOK_AGAIN_MS)
    tent.send()
    with tent.store.write() as tx:
        house = tent.wiring.house(tx)
        outgoing.resolve(tx, house, dispatch_id, sent=False, user=tent.user("bob"), now=tent.clock.now())
    assert row_of(tent, dispatch_id)["state"] == DispatchState.REFUSED
