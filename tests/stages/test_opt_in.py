"""C-25: what an author agreed to expressly is on record with its evidence, and ends when they say so."""

import json

import pytest
from restoring import ask, put_back, save
from tents import HouseInATent, post

from bot.errors import NotAllowed, Stale
from bot.ledger.full import compare_in_full
from bot.ledger.verify import Verdict
from bot.model import Outcome
from bot.model.retention import DAY_MS, OPT_IN_DAYS
from bot.protect import access, erasure
from bot.review import opt_in, outgoing
from bot.store import cases, opt_ins, purge

QUESTION = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"
FORM = "Formular 17 im Archiv, Blatt Fliederbusch"


def noted(tent: HouseInATent, handle: str = "kim") -> None:
    """A post of somebody about whom a colleague noted a customer number."""
    tent.hear(post(handle, handle, QUESTION))
    with tent.store.write() as tx:
        alice, case = tent.user("alice")["id"], tent.case(handle)["id"]
        cases.note(tx, case, "rejected", tent.clock.now(), user_id=alice, note="das ist FF-12345678")


def agree(tent: HouseInATent, user: str = "bob", handle: str = "kim", **changed: object) -> int:
    now = tent.clock.now()
    given = {"evidence": FORM, "given_at": now - DAY_MS, **changed}
    with tent.store.write() as tx:
        return opt_in.record(tx, tent.wiring.house(tx), "replay", handle, user=tent.user(user), now=now, **given)


def take_back(tent: HouseInATent, user: str = "bob") -> None:
    with tent.store.write() as tx:
        opt_in.withdraw(tx, tent.wiring.house(tx), "replay", "kim", user=tent.user(user), now=tent.clock.now())


def counts(tent: HouseInATent) -> bool:
    return opt_ins.in_force(tent.store, tent.wiring.keys.author("replay", "kim"), tent.clock.now()) is not None


def c25(tent: HouseInATent, entry: int = -1) -> dict[str, object] | None:
    """What the decision of entry number ``entry`` says of the rule; None if it passed without a word."""
    told = [one for one in tent.entries("DECISION")[entry]["others"] if one["rule"] == "C-25"]
    return told[0] if told else None


def verified(tent: HouseInATent) -> None:
    tent.beat()
    compared = compare_in_full(tent.store, tent.root / "checkpoints", tent.wiring.keys.known)
    assert compared.report.verdict is Verdict.OK, compared.report.sentence


def test_c25_without_a_record_the_reply_is_denied_and_with_one_it_leaves_and_names_it(tent: HouseInATent) -> None:
    noted(tent)
    assert tent.approve("kim", ANSWER).kind == "denied"
    assert c25(tent)["evidence"] == {"kinds": "customer number", "opt_in": "none"}
    agree(tent)
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    assert len(tent.said()) == 1
    [recorded] = [entry for entry in tent.entries("ATTEST") if entry["step"] == "opt-in recorded"]
    row = tent.store.row("SELECT * FROM opt_ins")
    told = c25(tent)
    assert (told["outcome"], told["evidence"]["opt_in"]) == (Outcome.NOTE, row["seq"])
    assert recorded["by"] == tent.wiring.keys.staff(tent.user("bob")["id"], tent.clock.now())
    verified(tent)


def test_c25_taken_back_while_the_reply_waits_nothing_leaves(tent: HouseInATent) -> None:
    noted(tent)
    agree(tent)
    assert tent.approve("kim", ANSWER).kind == "queued"
    take_back(tent)
    tent.clock.advance(10_000)
    tent.send()
    assert tent.said() == []
    assert c25(tent)["outcome"] == Outcome.DENY
    assert tent.entries("ATTEST")[-1]["step"] == "opt-in withdrawn"
    verified(tent)


def test_neither_the_author_nor_the_evidence_stands_in_the_ledger_and_both_can_be_opened(tent: HouseInATent) -> None:
    noted(tent)
    agree(tent)
    whole = json.dumps(tent.entries("ATTEST"), ensure_ascii=False)
    assert not {"kim", "Fliederbusch", "bob"} & set(whole.replace('"', " ").split())
    assert "Fliederbusch" not in whole
    entry = tent.entries("ATTEST")[-1]
    kept = tent.store.value("SELECT snapshot FROM vault WHERE commitment = :c", c=entry["evidence"])
    assert json.loads(kept) == {"author": "kim", "evidence": FORM, "platform": "replay"}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"evidence": "  "}, "where the agreement"),
        ({"evidence": "Vertrag FF-12345678"}, "not a customer number"),
        ({"evidence": "mail von kim@example.com"}, "not a customer number"),
        ({"given_at": 4_000_000_000_000}, "no later than today"),
        ({"given_at": 0}, "no later than today"),
        ({"handle": "nobody"}, "Nothing is held"),
    ],
)
def test_what_will_not_do_as_a_record_is_refused_with_the_remedy(tent: HouseInATent, changed, sentence) -> None:
    noted(tent)
    with pytest.raises(Stale, match=sentence):
        agree(tent, **changed)
    assert tent.store.value("SELECT count(*) FROM opt_ins") == 0
    assert tent.entries("ATTEST") == []


@pytest.mark.parametrize("name", ["alice", "charlie"])
def test_only_a_senior_records_or_withdraws(tent: HouseInATent, name: str) -> None:
    noted(tent)
    with pytest.raises(NotAllowed):
        agree(tent, name)
    agree(tent)
    with pytest.raises(NotAllowed):
        take_back(tent, name)


def test_a_second_record_and_a_second_withdrawal_say_so(tent: HouseInATent) -> None:
    noted(tent)
    agree(tent)
    with pytest.raises(Stale, match="already"):
        agree(tent)
    take_back(tent)
    with pytest.raises(Stale, match="No agreement"):
        take_back(tent)
    agree(tent)
    assert counts(tent), "who takes it back may give it again"


def test_an_opt_out_ends_it_at_once_and_lifting_the_opt_out_does_not_bring_it_back(tent: HouseInATent) -> None:
    noted(tent)
    agree(tent)
    tent.hear(post("2", "kim", "@fjordfon_hilft stopp", in_reply_to="kim", root="kim"))
    assert not counts(tent)
    with pytest.raises(Stale, match="wants no replies"):
        agree(tent)
    with tent.store.write() as tx:
        house, case = tent.wiring.house(tx), tent.case("kim")["id"]
        outgoing.lift_opt_out(tx, house, case, user=tent.user("bob"), now=tent.clock.now())
    assert not counts(tent)


def test_it_counts_for_a_year_from_the_day_it_was_given_and_then_the_row_goes(tent: HouseInATent) -> None:
    noted(tent)
    now = tent.clock.now()
    agree(tent, given_at=now - DAY_MS)
    key = tent.wiring.keys.author("replay", "kim")
    end = now + (OPT_IN_DAYS - 1) * DAY_MS
    assert opt_ins.in_force(tent.store, key, end - 1)
    assert opt_ins.in_force(tent.store, key, end) is None
    purge.run(tent.store, now=end - 1, days=30, author_key=tent.wiring.keys.author)
    assert len(opt_ins.of_author(tent.store, key)) == 1
    purge.run(tent.store, now=end, days=30, author_key=tent.wiring.keys.author)
    assert opt_ins.of_author(tent.store, key) == []


def test_the_person_gets_it_with_the_rest_and_an_erasure_takes_it(tent: HouseInATent) -> None:
    noted(tent)
    agree(tent)
    now = tent.clock.now()
    told = access.export(tent.store, tent.wiring.keys, "replay", "kim", now)
    [row] = told["you_let_us_match_what_we_know_from_elsewhere"]
    assert (row["evidence"], row["withdrawn_at"]) == (FORM, None)
    assert "user_id" not in row, "nobody of the staff is named"
    with tent.store.write() as tx:
        erasure.ask(tx, tent.wiring.keys, "replay", "kim", user=tent.user("bob"), now=now)
    assert erasure.work(tent.store, tent.wiring.keys, tent.clock) == 1
    whole = b"".join(path.read_bytes() for path in (tent.root / "data").iterdir())
    assert b"Fliederbusch" not in whole
    assert not counts(tent)
    verified(tent)


def test_a_restored_backup_does_not_know_better_than_the_person_who_took_it_back(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    agree(tent)
    file = save(tent)
    take_back(tent)
    put_back(tent, file)
    assert tent.store.value("SELECT count(*) FROM opt_ins") == 1
    assert not counts(tent)
