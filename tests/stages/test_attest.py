"""A senior vouches for what a platform does not tell; every act stands in the ledger, in the same transaction."""

import json

import pytest
from tents import HouseInATent, post

from bot.errors import NotAllowed, Stale
from bot.gate.rule import ATTESTED, SILENT
from bot.model import Decision, Outcome, Platform, Role
from bot.review import attest
from bot.review.attest import ATTESTABLE
from bot.review.decide import preview
from bot.store import standing

DAYS_90 = 90 * 86_400_000
SEEN = "Am 23.11. die Profile angesehen: kein Automat dabei."
OUTAGE = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


def vouch(tent: HouseInATent, user: str = "bob", **changed: object) -> int:
    given = {"rule": "C-18", "platform": Platform.REPLAY, "account": "", "statement": SEEN, **changed}
    with tent.store.write() as tx:
        return attest.attest(tx, tent.wiring.house(tx), user=tent.user(user), now=tent.clock.now(), **given)


def act(tent: HouseInATent, name: str, number: int, user: str = "bob") -> None:
    with tent.store.write() as tx:
        getattr(attest, name)(tx, tent.wiring.house(tx), number, user=tent.user(user), now=tent.clock.now())


def test_an_attestation_counts_for_ninety_days_and_stands_in_the_ledger_under_a_pseudonym(tent):
    vouch(tent)
    now = tent.clock.now()
    assert standing.attested(tent.store, Platform.REPLAY, "fjordfon_hilft", now) == {"C-18"}
    assert standing.attested(tent.store, Platform.REPLAY, "fjordfon_hilft", now + DAYS_90) == frozenset()
    entry = tent.entries("ATTEST")[-1]
    assert (entry["step"], entry["rule"], entry["platform"]) == ("attested", "C-18", "replay")
    assert entry["until"] == now + DAYS_90
    assert entry["by"] == tent.wiring.keys.staff(tent.user("bob")["id"], now)


def test_the_sentence_stays_out_of_the_ledger_which_holds_its_commitment(tent):
    vouch(tent)
    whole = json.dumps(tent.entries("ATTEST"), ensure_ascii=False)
    assert "angesehen" not in whole
    assert "bob" not in whole
    commitment = tent.entries("ATTEST")[-1]["statement"]
    kept = tent.store.value("SELECT snapshot FROM vault WHERE commitment = :c", c=commitment)
    assert json.loads(kept) == {"statement": SEEN}


def test_where_the_platform_is_silent_the_gate_takes_the_word_of_a_senior(tent):
    tent.hear(post("1", "kim", OUTAGE))
    tent.open("kim")
    with tent.store.write() as tx:
        tx.run("UPDATE post_status SET body = json_set(body, '$.author_is_bot', NULL)")
    before = next(result for result in look(tent).results if result.rule == "C-18")
    vouch(tent)
    after = next(result for result in look(tent).results if result.rule == "C-18")
    assert (before.outcome, before.code) == (Outcome.WAIT, SILENT)
    assert (after.outcome, after.code) == (Outcome.ALLOW, ATTESTED)


def look(tent: HouseInATent) -> Decision:
    house = tent.wiring.house(tent.store)
    return preview(tent.store, house, 1, now=tent.clock.now(), text=ANSWER, user=tent.user("alice"))


def test_withdrawing_ends_it_at_once_and_is_told_in_the_ledger(tent):
    number = vouch(tent)
    act(tent, "withdraw_attestation", number)
    assert standing.attestations(tent.store, tent.clock.now()) == []
    given, taken = tent.entries("ATTEST")
    assert taken["step"] == "attestation withdrawn"
    assert taken["attested"] == tent.store.value("SELECT seq FROM attestations")
    assert given["rule"] == taken["rule"]
    with pytest.raises(Stale):
        act(tent, "withdraw_attestation", number)


def test_a_stopped_place_opens_again_when_a_senior_looked(tent):
    with tent.store.write() as tx:
        standing.stop_place(tx, "mastodon", "norden.example", "differs", tent.clock.now())
    act(tent, "lift_place", 1)
    assert standing.place_stops(tent.store) == []
    entry = tent.entries("ATTEST")[-1]
    assert (entry["step"], entry["stop"]) == ("place lifted", 1)
    assert tent.store.value("SELECT lifted_by FROM place_stops") == tent.user("bob")["id"]
    with pytest.raises(Stale):
        act(tent, "lift_place", 1)


@pytest.mark.parametrize("user", ["alice", "charlie"])
def test_only_seniors_vouch_withdraw_and_lift(tent, user):
    with tent.store.write() as tx:
        standing.stop_place(tx, "mastodon", "norden.example", "differs", tent.clock.now())
    number = vouch(tent)
    assert tent.user(user)["role"] != Role.SENIOR
    with pytest.raises(NotAllowed):
        vouch(tent, user)
    for name in ("withdraw_attestation", "lift_place"):
        with pytest.raises(NotAllowed):
            act(tent, name, number, user)
    assert len(tent.entries("ATTEST")) == 1


@pytest.mark.parametrize("rule", ["C-01", "C-02", "C-07", "C-13", "C-33", "C-34", "C-99", ""])
def test_nobody_vouches_for_a_rule_whose_answer_is_never_left_open(tent, rule):
    assert rule not in ATTESTABLE
    with pytest.raises(NotAllowed):
        vouch(tent, rule=rule)


@pytest.mark.parametrize(
    "changed",
    [
        {"rule": "C-08"},
        {"platform": Platform.FEED},
        {"account": "somebody_else"},
        {"statement": "  \n "},
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_trace(tent, changed):
    with pytest.raises(Stale):
        vouch(tent, **changed)
    assert tent.entries("ATTEST") == []
    assert tent.store.value("SELECT count(*) FROM attestations") == 0


def test_a_fault_after_the_entry_takes_the_entry_back_as_well(tent):
    def vouch_and_fail() -> None:
        with tent.store.write() as tx:
            given = {"rule": "C-18", "platform": Platform.REPLAY, "account": "", "statement": SEEN}
            attest.attest(tx, tent.wiring.house(tx), user=tent.user("bob"), now=tent.clock.now(), **given)
            assert tx.value("SELECT count(*) FROM attestations") == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        vouch_and_fail()
    assert tent.entries("ATTEST") == []
    for table in ("attestations", "vault"):
        assert tent.store.value(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 - names of ours
