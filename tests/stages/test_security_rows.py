"""Security cases in rows: they follow their conversation, and go with it."""

from tents import HouseInATent, post

from bot.protect import erasure
from bot.store import purge, security, threads
from bot.store.db import Row


def put(tent: HouseInATent, handle: str, *, kind: str = "false_helper", customer: int | None = None) -> bool:
    case = tent.case(handle)
    with tent.store.write() as tx:
        return security.put(
            tx,
            case_id=case["id"],
            kind=kind,
            signals="lookalike",
            mention_id=case["latest_mention"],
            customer=customer,
            at=tent.clock.now(),
        )


def of(tent: HouseInATent, handle: str) -> Row:
    row = security.of_case(tent.store, tent.case(handle)["id"])
    assert row is not None
    return row


def test_a_conversation_has_one_security_case_and_a_false_helper_outweighs_a_report(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Hallo?"))
    assert put(tent, "kim", kind="report")
    assert not put(tent, "kim", kind="report")
    assert put(tent, "kim")
    assert not put(tent, "kim", kind="report")
    assert of(tent, "kim")["kind"] == "false_helper"


def test_what_people_cleared_stays_cleared_and_what_was_taken_down_opens_again(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Hallo?"))
    put(tent, "kim")
    with tent.store.write() as tx:
        assert security.closed(tx, 1, version=1, outcome="taken_down", at=5)
    assert put(tent, "kim")
    row = of(tent, "kim")
    assert (row["closed_at"], row["outcome"]) == (None, "")
    with tent.store.write() as tx:
        assert security.closed(tx, 1, version=row["version"], outcome="no_false_helper", at=5)
    assert not put(tent, "kim")


def test_when_two_conversations_become_one_the_security_case_comes_along(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Hallo?"))
    tent.clock.advance(7 * 3_600_000)
    tent.hear(post("2", "kim", "@fjordfon_hilft Und?", root="77"))
    younger = tent.case("kim")["id"]
    put(tent, "kim")
    with tent.store.write() as tx:
        threads.learn_root(tx, tx.value("SELECT min(id) FROM mentions"), "77", tent.clock.now())
    assert tent.case("kim")["id"] != younger, "the cases merged"
    assert of(tent, "kim")["signals"] == "lookalike"


def test_erasing_an_account_and_purging_a_case_take_the_security_case_along(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Hallo?"), post("2", "mo", "@fjordfon_hilft Auch hallo?"))
    put(tent, "kim", customer=tent.case("mo")["latest_mention"])
    put(tent, "mo")
    with tent.store.write() as tx:
        erasure.ask(tx, tent.wiring.keys, "replay", "mo", user=tent.user("bob"), now=tent.clock.now())
    erasure.work(tent.store, tent.wiring.keys, tent.clock)
    assert of(tent, "kim")["customer_mention"] is None
    assert tent.store.value("SELECT count(*) FROM security_cases") == 1
    tent.clock.advance(40 * 86_400_000)
    purge.run(tent.store, now=tent.clock.now(), days=30, author_key=tent.wiring.keys.author)
    assert tent.store.value("SELECT count(*) FROM security_cases") == 0
