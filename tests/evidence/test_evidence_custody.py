"""Two roles, a hold behind every bundle, a log of every hand it passes through, and what must never be kept."""

import json

import pytest
from preserved import THREAT
from tents import post

from bot.errors import EarshotError, NotAllowed, Stale
from bot.ledger.full import compare_in_full
from bot.ledger.proof import Verdict
from bot.model.evidence import Offence
from bot.model.retention import DAY_MS, LONGEST_HOLD_DAYS, UNAPPROVED_HOLD_MS
from bot.protect import access, erasure
from bot.protect.evidence import acts, work
from bot.store import evidence as rows
from bot.store import holds, purge


def opened(proof, name="bob"):
    return acts.opened(proof.tent.store, proof.tent.wiring.keys, 1, user=proof.tent.user(name))


def handed_over(proof, receiver="Polizei, Az. 1/26", reason="Anzeige", name="bob") -> None:
    with proof.tent.store.write() as tx:
        acts.hand_over(
            tx,
            proof.tent.wiring.keys,
            1,
            receiver=receiver,
            reason=reason,
            user=proof.tent.user(name),
            now=proof.tent.clock.now(),
        )


def suspected(proof, name="alice") -> None:
    with proof.tent.store.write() as tx:
        acts.suspect(tx, proof.tent.wiring.keys, proof.case_id, user=proof.tent.user(name), now=proof.tent.clock.now())


# who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["alice", "charlie"])
def test_neither_a_guest_nor_somebody_untrained_preserves_reads_or_hands_over(proof, name):
    with pytest.raises(NotAllowed):
        proof.ask(name)
    assert proof.tent.store.value("SELECT count(*) FROM evidence") == 0
    proof.taken()
    with pytest.raises(NotAllowed):
        opened(proof, name)
    with pytest.raises(NotAllowed):
        handed_over(proof, name=name)


@pytest.mark.parametrize("name", ["bob", "theo"])
def test_a_senior_and_somebody_trained_may(proof, name):
    proof.taken(name)
    assert opened(proof, name)
    handed_over(proof, name=name)


def test_preserving_places_a_hold_that_a_second_person_a_senior_must_approve(proof):
    proof.taken("theo")
    hold = holds.of_case(proof.tent.store, proof.case_id, proof.tent.clock.now())
    assert hold["classification"] == Offence.THREAT.told
    assert "24 BDSG" in hold["basis"]
    assert hold["review_at"] - hold["at"] <= LONGEST_HOLD_DAYS * DAY_MS
    assert hold["approved_by"] is None
    for name in ("theo", "alice"):
        with pytest.raises(NotAllowed):
            proof.approve(name=name)
    proof.approve(name="dora")


def test_while_one_bundle_is_being_taken_no_second_one_is_asked_for_and_later_one_may_be(proof):
    proof.ask()
    with pytest.raises(Stale, match="already"):
        proof.ask("theo")
    proof.work()
    assert proof.taken("theo").name == "2.zip"
    assert proof.tent.store.value("SELECT count(*) FROM legal_holds") == 1


# the log ------------------------------------------------------------------------------------------


def test_every_read_and_every_hand_over_is_a_line_and_an_entry_under_a_pseudonym(proof):
    proof.taken()
    keys, now = proof.tent.wiring.keys, proof.tent.clock.now()
    with proof.tent.store.write() as tx:
        acts.note_read(tx, keys, 1, user=proof.tent.user("theo"), now=now)
    handed_over(proof, "Polizei, Az. 1/26", "Anzeige wegen Bedrohung")
    lines = [(line["step"], line["receiver"], line["reason"]) for line in rows.custody(proof.tent.store, 1)]
    assert lines == [
        ("asked", "", ""),
        ("taken", "", ""),
        ("read", "", ""),
        ("handed_over", "Polizei, Az. 1/26", "Anzeige wegen Bedrohung"),
    ]
    [read] = proof.tent.entries("ACCESS")
    assert read["by"] == keys.staff(proof.tent.user("theo")["id"], now)
    given = proof.tent.entries("EVIDENCE")[-1]
    assert (given["step"], given["evidence"], given["manifest"]) == (
        "evidence_handed_over",
        1,
        proof.row()["manifest"],
    )
    assert "Polizei" not in json.dumps(given), "to whom and why stand behind a commitment"
    opening = proof.tent.store.row("SELECT snapshot FROM vault WHERE commitment = :c", c=given["to"])
    assert json.loads(opening["snapshot"]) == {"reason": "Anzeige wegen Bedrohung", "receiver": "Polizei, Az. 1/26"}
    proof.tent.beat()
    compared = compare_in_full(proof.tent.store, proof.tent.wiring.settings.checkpoints_dir, keys.known)
    assert compared.report.verdict is Verdict.OK, compared.report.sentence


@pytest.mark.parametrize(("receiver", "reason"), [("", "Anzeige"), ("Polizei", " ")])
def test_a_hand_over_without_a_receiver_or_a_reason_is_refused(proof, receiver, reason):
    proof.taken()
    with pytest.raises(Stale, match="Say who"):
        handed_over(proof, receiver, reason)


def test_no_column_of_evidence_leads_to_a_person_who_works_here(proof):
    from bot.store import staff

    assert not [name for name in staff.columns(proof.tent.store) if name.startswith(("evidence.", "custody."))]


def test_a_bundle_that_was_changed_is_neither_read_nor_handed_over(proof):
    place = proof.taken()
    raw = bytearray(place.read_bytes())
    raw[100] ^= 1
    place.write_bytes(raw)
    with pytest.raises(EarshotError, match="not the bundle that was taken"):
        opened(proof)


def test_a_whole_bundle_of_another_case_in_its_place_is_found(proof):
    proof.taken()
    second = proof.taken()
    proof.place.write_bytes(second.read_bytes())
    with pytest.raises(EarshotError, match="not the one that this ledger entry tells of"):
        opened(proof)


def test_what_is_not_taken_yet_cannot_be_read(proof):
    proof.ask()
    with pytest.raises(Stale):
        opened(proof)


# how long -----------------------------------------------------------------------------------------


def test_a_bundle_outlives_retention_under_a_hold_and_goes_when_the_hold_ends(proof):
    place = proof.taken()
    proof.approve()
    proof.tent.clock.advance(100 * DAY_MS)
    purge.run(proof.tent.store, now=proof.tent.clock.now(), days=30, author_key=proof.tent.wiring.keys.author)
    proof.work()
    assert place.exists()
    proof.end_hold()
    proof.work()
    assert not place.exists()
    assert proof.row()["state"] == "removed"
    last = proof.tent.entries("EVIDENCE")[-1]
    assert (last["step"], last["cause"], last["by"]) == ("evidence_removed", "no_hold", "worker")
    with pytest.raises(Stale):
        opened(proof)


def test_a_hold_that_nobody_approves_lapses_after_three_days_and_takes_its_bundle_along(proof):
    place = proof.taken()
    proof.tent.clock.advance(UNAPPROVED_HOLD_MS - 1)
    proof.work()
    assert place.exists()
    proof.tent.clock.advance(1)
    proof.work()
    assert not place.exists()


def test_when_the_case_is_purged_its_bundles_go_with_their_rows_and_their_numbers_are_never_used_again(proof):
    place = proof.taken()
    proof.end_hold()
    proof.tent.clock.advance(40 * DAY_MS)
    with proof.tent.store.write() as tx:
        tx.run("UPDATE cases SET lane = 'help' WHERE id = :id", id=proof.case_id)
    purge.run(proof.tent.store, now=proof.tent.clock.now(), days=30, author_key=proof.tent.wiring.keys.author)
    assert proof.tent.store.value("SELECT count(*) FROM evidence") == 0
    assert proof.tent.store.value("SELECT count(*) FROM custody") == 0
    proof.work()
    assert not place.exists()
    proof.tent.hear(post("9", "zorn", THREAT))
    proof.case_id = int(proof.tent.case("zorn")["id"])
    assert proof.taken().name == "2.zip"


def erase(proof) -> int:
    with proof.tent.store.write() as tx:
        erasure.ask(
            tx, proof.tent.wiring.keys, "replay", "zorn", user=proof.tent.user("bob"), now=proof.tent.clock.now()
        )
    return erasure.work(proof.tent.store, proof.tent.wiring.keys, proof.tent.clock)


def test_erasure_at_request_waits_for_the_hold_and_leaves_no_byte_of_the_bundle_when_it_closes(proof):
    place = proof.taken()
    handed_over(proof)
    proof.approve()
    assert erase(proof) == 0
    assert place.exists()
    proof.end_hold()
    assert erasure.work(proof.tent.store, proof.tent.wiring.keys, proof.tent.clock) == 1
    assert not place.exists(), "the job closes only when the file is gone"
    assert proof.tent.store.value("SELECT count(*) FROM custody") == 0
    assert proof.tent.store.value("SELECT count(*) FROM vault WHERE kind = 'custody'") == 0
    keys = proof.tent.wiring.keys
    proof.tent.beat()
    compared = compare_in_full(proof.tent.store, proof.tent.wiring.settings.checkpoints_dir, keys.known)
    assert compared.report.verdict is Verdict.OK, compared.report.sentence


def test_a_persons_own_export_tells_that_and_since_when_evidence_is_kept_and_nothing_of_the_staff(proof):
    proof.taken()
    handed_over(proof)
    told = access.export(proof.tent.store, proof.tent.wiring.keys, "replay", "zorn", proof.tent.clock.now())
    [line] = told["kept_as_evidence"]
    assert set(line) == {"case_id", "state", "asked_at", "taken_at"}
    assert "bob" not in json.dumps(told, default=str)
    assert "Az. 1/26" not in json.dumps(told, default=str), "nobody is warned of the police"


# what must never be kept --------------------------------------------------------------------------


def test_suspected_pictures_of_abused_children_block_preserving_for_good(proof):
    suspected(proof)
    with pytest.raises(Stale, match="Call the police"):
        proof.ask()
    [entry] = [entry for entry in proof.tent.entries("EVIDENCE") if entry["step"] == "never_kept"]
    assert entry["case"] == proof.case_id
    assert proof.tent.store.value("SELECT count(*) FROM evidence") == 0


def test_anybody_who_works_on_cases_may_say_so_and_saying_it_twice_is_saying_it_once(proof):
    suspected(proof, "alice")
    suspected(proof, "bob")
    assert len([entry for entry in proof.tent.entries("EVIDENCE") if entry["step"] == "never_kept"]) == 1
    with pytest.raises(NotAllowed):
        suspected(proof, "charlie")


def test_what_was_taken_before_is_destroyed_although_a_hold_stands(proof):
    place = proof.taken()
    proof.approve()
    suspected(proof)
    proof.work()
    assert not place.exists()
    assert proof.row()["state"] == "removed"


def test_what_is_being_taken_at_that_moment_leaves_no_file_and_no_entry(proof):
    proof.ask()

    def witness(source, recorder):
        suspected(proof)

    assert proof.work(witness=witness) == 0
    assert list(proof.folder.iterdir()) == []
    assert "evidence_taken" not in proof.steps()


def test_what_hangs_on_the_posts_is_forgotten(proof):
    media = [{"kind": "image", "alt": "unsagbar"}]
    proof.tent.hear(post("5", "zorn", "@fjordfon_hilft schaut", media=media, root="1"))
    assert "unsagbar" in str([row["extras"] for row in proof.tent.store.rows("SELECT extras FROM mentions")])
    suspected(proof)
    left = [row["extras"] for row in proof.tent.store.rows("SELECT extras FROM mentions")]
    assert "unsagbar" not in str(left)


def test_the_step_does_nothing_where_nothing_is_asked_for(proof):
    assert proof.work() == 0
    assert not proof.folder.exists()
    assert work.rows.states(proof.tent.store) == {}
