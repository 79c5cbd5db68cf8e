"""A restored backup: nothing is sent twice, nobody who left comes back, and the ledger says what was lost."""

import json
import sqlite3
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from clocks import FakeClock
from restoring import answer, ask, backup, erase, grow, later, lift_stop, put_back, save, site, verified, working_on
from tents import HouseInATent, own_words, pitch

from bot import keys
from bot.errors import EarshotError, LedgerBroken, SchemaTooNew, StoreBusy
from bot.ledger import entries
from bot.ledger.proof import Verdict, digest
from bot.model import CaseState, DispatchState, EntryKind, Lane, Visibility
from bot.model.ladder import Ladder
from bot.protect.backup import opened
from bot.protect.restore import restore
from bot.review import acts, outgoing
from bot.store import copies, dispatches, drafts, evidence, ladder, mentions, opt_outs, people, upkeep
from bot.store import house as house_rows
from bot.store.db import Store
from bot.withdrawal import take_out

HOUR = 3_600_000


def test_sending_is_stopped_and_what_waited_needs_a_new_approval(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    answer(tent, "kim", 1)
    ask(tent, "2", "lea")
    done = put_back(tent, save(tent))
    assert done.counts.reopened == 1
    assert house_rows.stop(tent.store) is not None
    (row,) = dispatches.in_state(tent.store, DispatchState.CANCELLED)
    draft = drafts.by_id(tent.store, row["draft_id"])
    assert draft is not None
    assert (row["cause"], draft["state"], drafts.approvals(tent.store, draft["id"])) == ("restored", "open", [])
    assert tent.case("kim")["state"] == CaseState.NEW
    working_on(tent)
    assert tent.said() == []


def test_a_reply_that_left_after_the_backup_is_found_and_not_sent_again(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    answer(tent, "kim", 1)
    file = save(tent)
    later(tent)
    assert len(tent.said()) == 1
    assert put_back(tent, file).counts.begun == 1
    (row,) = dispatches.in_state(tent.store, DispatchState.UNCERTAIN)
    assert row["cause"] == "lost"
    working_on(tent)
    (row,) = dispatches.in_state(tent.store, DispatchState.SENT)
    assert (len(tent.said()), tent.case("kim")["state"]) == (1, CaseState.SENT)
    (entry,) = tent.entries("SEND_RESULT")[-1:]
    assert entry["result"] == "found", "the decision that allowed it is lost, and the ledger says so"
    assert verified(tent).verdict is Verdict.OK


def test_a_reply_to_a_post_that_the_backup_does_not_know_is_not_sent_again(tent: HouseInATent) -> None:
    tent.beat()
    file = save(tent)
    ask(tent, "1", "kim")
    answer(tent, "kim", 1)
    later(tent)
    put_back(tent, file)
    assert tent.store.value("SELECT count(*) FROM mentions") == 0
    working_on(tent)
    (row,) = dispatches.in_state(tent.store, DispatchState.SENT)
    assert row["text"] == own_words(1), "its words are those that stand there"
    assert (len(tent.said()), tent.case("kim")["state"]) == (1, CaseState.CLOSED)
    assert verified(tent).verdict is Verdict.OK


def test_a_reply_that_is_not_found_waits_for_a_senior_and_never_for_a_machine(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    answer(tent, "kim", 1)
    file = save(tent)
    tent.wiring.stores().keep_now(
        "begun", "replay:replay:1", dispatches.in_state(tent.store, DispatchState.QUEUED)[0]["request_key"]
    )
    put_back(tent, file)
    working_on(tent)
    tent.clock.advance(7 * HOUR)
    later(tent)
    (row,) = dispatches.in_state(tent.store, DispatchState.UNCERTAIN)
    with tent.store.write() as tx:
        house, bob = tent.wiring.house(tx), tent.user("bob")
        outgoing.resolve(tx, house, row["id"], sent=False, user=bob, now=tent.clock.now())
    assert drafts.open_of_case(tent.store, row["case_id"]) is not None


def test_before_its_post_stands_in_a_case_again_nobody_can_answer_it_either(tent: HouseInATent) -> None:
    tent.beat()
    file = save(tent)
    ask(tent, "1", "kim")
    tent.wiring.stores().keep_now("begun", "replay:replay:1", "some request")
    put_back(tent, file)
    lift_stop(tent)
    tent.listen()
    verdict = tent.approve("kim", own_words(1))
    assert verdict.kind == "denied"
    assert [result.rule for result in verdict.decision.open_rules] == ["C-10"]


def test_whoever_opted_out_after_the_backup_is_not_answered(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    file = save(tent)
    with tent.store.write() as tx:
        house = tent.wiring.house(tx)
        outgoing.opt_out(tx, house, tent.case("kim")["id"], user=tent.user("bob"), now=tent.clock.now())
    assert put_back(tent, file).counts.opt_outs == 1
    assert opt_outs.standing(tent.store, tent.wiring.keys.author("replay", "kim")) is not None
    lift_stop(tent)
    verdict = tent.approve("kim", own_words(1))
    assert "C-07" in {result.rule for result in verdict.decision.open_rules}


def test_whoever_was_erased_after_the_backup_is_in_no_byte_of_the_restored_file(tent: HouseInATent) -> None:
    ask(tent, "1", "kim-ohne-netz")
    answer(tent, "kim-ohne-netz", 1)
    file = save(tent)
    later(tent)
    ask(tent, "2", "kim-ohne-netz")
    erase(tent, "kim-ohne-netz")
    done = put_back(tent, file)
    assert done.counts.erasures == 1
    assert b"kim-ohne-netz" not in tent.wiring.database.read_bytes()
    working_on(tent)
    assert tent.store.value("SELECT count(*) FROM mentions") == 0, "a feed that brings the posts again is not heard"
    assert len(tent.said()) == 1
    assert verified(tent).verdict is Verdict.OK


def test_evidence_of_an_open_escalation_waits_for_people(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    with tent.store.write() as tx:
        house, user, now = tent.wiring.house(tx), tent.user("bob"), tent.clock.now()
        acts.escalate(tx, house, tent.case("kim")["id"], lane=Lane.THREAT, user=user, now=now)
    file = save(tent)
    with tent.store.write() as tx:
        house, user, now = tent.wiring.house(tx), tent.user("bob"), tent.clock.now()
        acts.close(tx, house, tent.case("kim")["id"], reason="not_about_us", user=user, now=now)
    erase(tent, "kim")
    done = put_back(tent, file)
    assert (done.counts.erasures, done.counts.erasures_waiting) == (0, 1)
    assert tent.case("kim")["state"] == CaseState.ESCALATED


def test_what_a_platform_deleted_after_the_backup_is_gone_again(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    file = save(tent)
    with tent.store.write() as tx:
        row = mentions.by_key(tx, "replay:replay:1")
        assert row is not None
        take_out(tx, row, Visibility.UNKNOWN, tent.clock.now(), cause="gone")
    assert put_back(tent, file).counts.deletions == 1
    row = mentions.by_key(tent.store, "replay:replay:1")
    assert row is not None
    assert (row["text"], row["text_hash"]) == ("", "")
    assert verified(tent).verdict is Verdict.OK


def test_what_must_never_be_kept_stays_so(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    file = save(tent)
    with tent.store.write() as tx:
        assert evidence.forbid(tx, tent.case("kim")["id"], tent.clock.now())
    put_back(tent, file)
    assert evidence.forbidden(tent.store, tent.case("kim")["id"])


def test_whoever_was_closed_after_the_backup_is_closed_again(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    file = save(tent)
    key = tent.wiring.keys.author("replay", "kim")
    with tent.store.write() as tx:
        closed = Ladder(closed_at=tent.clock.now())
        ladder.put(tx, key, "replay", closed, forget_at=tent.clock.now() + 365 * 24 * HOUR)
    put_back(tent, file)
    assert ladder.of_author(tent.store, key).closed_at is not None
    assert ladder.reviews_waiting(tent.store) == 1


def test_what_was_taken_back_after_the_backup_is_taken_back_again_under_the_stop(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    answer(tent, "kim", 1)
    later(tent)
    file = save(tent)
    (row,) = dispatches.in_state(tent.store, DispatchState.SENT)
    with tent.store.write() as tx:
        house = tent.wiring.house(tx)
        outgoing.retract(tx, house, row["id"], reason="falsch", user=tent.user("bob"), now=tent.clock.now())
    assert put_back(tent, file).counts.retracts == 1
    later(tent)
    assert tent.said() == []
    assert len(dispatches.in_state(tent.store, DispatchState.RETRACTED)) == 1


def test_words_are_sealed_until_their_platform_shows_them_again_and_all_sign_in_anew(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    with tent.store.write() as tx:
        upkeep.can_be_asked(tx, ["samples"])
        tx.insert("sessions", {"id_hash": "x", "user_id": 1, "created_at": 0, "seen_at": 0, "expires_at": 1 << 60})
    put_back(tent, save(tent))
    assert (upkeep.sealed(tent.store), tent.store.value("SELECT count(*) FROM sessions")) == (1, 0)
    assert tent.store.value("SELECT count(*) FROM post_status") == 0
    tent.beat()
    assert upkeep.sealed(tent.store) == 0


def test_a_deletion_that_was_under_way_gets_its_time_anew(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    with tent.store.write() as tx:
        row = mentions.by_key(tx, "replay:replay:1")
        assert row is not None
        take_out(tx, row, Visibility.UNKNOWN, tent.clock.now(), cause="gone")
    file = save(tent)
    tent.clock.advance(40 * 24 * HOUR)
    put_back(tent, file)
    assert verified(tent).verdict is Verdict.OK
    tent.clock.advance(6 * 24 * HOUR)
    tent.beat()
    with tent.store.write() as tx:
        fields: dict[str, entries.Value] = {
            "step": "closed",
            "mention": 1,
            "noticed_at": 1_790_000_000_000,
            "hours": 168,
        }
        entries.append(tx, EntryKind.DELETION, fields, tent.clock.now())
    assert verified(tent).verdict is Verdict.OK


# what is refused, and what stays -----------------------------------------------------------------------


def test_the_database_from_before_is_kept_under_a_name_that_tells_when(tent: HouseInATent) -> None:
    file = save(tent)
    ask(tent, "1", "kim")
    aside = put_back(tent, file).aside
    assert aside is not None
    assert aside.name == "earshot-before-restore-20260921-141320.db"
    before = Store(aside)
    assert before.value("SELECT author_handle FROM cases") == "kim"
    before.close()
    assert put_back(tent, file).aside == aside.with_stem(f"{aside.stem}-1")


def test_while_anybody_has_the_database_open_a_restore_refuses_politely(tent: HouseInATent) -> None:
    file = save(tent)
    with pytest.raises(StoreBusy, match="Stop them, then restore"):
        restore(site(tent), file)


def test_a_backup_made_with_other_keys_is_refused(tent: HouseInATent, tmp_path: Path) -> None:
    file = save(pitch(tmp_path / "another house", FakeClock()))
    with pytest.raises(EarshotError, match="other keys"):
        put_back(tent, file)


def test_without_the_journal_it_is_refused_unless_somebody_says_so(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    answer(tent, "kim", 1)
    file = save(tent)
    for place in (tent.root / "checkpoints").glob("*.journal"):
        place.unlink()
    with pytest.raises(EarshotError, match="without-journal"):
        put_back(tent, file)
    put_back(tent, file, without_journal=True)
    lift_stop(tent)
    verdict = tent.approve("kim", own_words(2))
    assert [result.rule for result in verdict.decision.open_rules] == ["C-10"]
    tent.clock.advance(HOUR)
    ask(tent, "2", "neu")
    assert tent.approve("neu", own_words(3)).kind == "queued", "what was written since is answered as ever"


def test_a_damaged_file_and_one_of_something_else_are_refused_and_nothing_changes(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    file = save(tent)
    tent.wiring.stores.close()
    before, whole = tent.wiring.database.read_bytes(), file.read_bytes()
    for spoilt in (b"", b"no zip", whole[: len(whole) // 2], whole.replace(whole[2000:2010], b"0123456789")):
        file.write_bytes(spoilt)
        with pytest.raises(EarshotError, match=r"Take another|damaged"):
            put_back(tent, file)
    assert tent.wiring.database.read_bytes() == before
    assert not (tent.root / "data" / "restoring").exists()


def test_a_backup_of_a_newer_program_is_refused(tent: HouseInATent) -> None:
    with tent.store.write() as tx:
        tx.run("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('earshot', '9999_later', '')")
    with pytest.raises(SchemaTooNew, match="newer Earshot"):
        put_back(tent, save(tent))


def test_a_backup_whose_ledger_was_written_anew_is_refused(tent: HouseInATent) -> None:
    grow(tent)
    file, forged = save(tent), tent.root / "forged.db"
    grow(tent)
    with zipfile.ZipFile(file) as box:
        manifest = json.loads(box.read("manifest.json"))
        forged.write_bytes(box.read("earshot.db"))
    connection = sqlite3.connect(forged, isolation_level=None)
    connection.execute("DROP TRIGGER log_is_never_changed")
    body, prev = connection.execute("SELECT body, prev FROM log ORDER BY seq DESC").fetchone()
    body = body.replace(b"ATTEST", b"ACCESS")
    connection.execute(
        "UPDATE log SET body = ?, h = ? WHERE seq = (SELECT max(seq) FROM log)", (body, digest(prev, body))
    )
    connection.close()
    manifest["database"] = sha256(forged.read_bytes()).hexdigest()
    with zipfile.ZipFile(file, "w") as box:
        box.write(forged, "earshot.db")
        box.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(LedgerBroken, match="not the one that it was made with"):
        put_back(tent, file)


def test_a_backup_whose_ledger_was_tampered_with_is_refused(tent: HouseInATent) -> None:
    grow(tent)
    tent.wiring.stores.close()
    connection = sqlite3.connect(tent.wiring.database, isolation_level=None)
    connection.execute("DROP TRIGGER log_is_never_changed")
    connection.execute("UPDATE log SET h = zeroblob(32) WHERE seq = 1")
    connection.close()
    with pytest.raises(LedgerBroken, match="did not verify when it was made"):
        put_back(tent, save(tent))


def test_a_database_too_damaged_to_open_is_kept_as_it_is(tent: HouseInATent) -> None:
    ask(tent, "1", "kim")
    file = save(tent)
    tent.wiring.stores.close()
    tent.wiring.database.write_bytes(b"rubbish" * 1000)
    aside = put_back(tent, file).aside
    assert aside is not None
    assert aside.read_bytes() == b"rubbish" * 1000
    assert tent.case("kim")


def test_a_backup_takes_no_name_that_is_in_use_and_is_for_its_owner_alone(tent: HouseInATent) -> None:
    file = save(tent)
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(EarshotError, match="exists already"):
        save(tent)
    assert [place.name for place in tent.root.iterdir() if "backup" in place.name] == [file.name]


def test_keys_travel_only_when_asked_for_and_only_under_the_passphrase(tent: HouseInATent, tmp_path: Path) -> None:
    plain, file = save(tent), save(tent, "with.backup", "eine lange Losung")
    secret = (tent.root / "keys" / "suppression.key").read_bytes()
    assert secret not in file.read_bytes()
    assert not backup(tent, tmp_path / "again.backup").with_keys
    with opened(plain) as (box, _):
        assert "keys.sealed" not in box.namelist()
    with opened(file) as (box, made):
        assert made.with_keys
        sealed, new = box.read("keys.sealed"), tmp_path / "new keys"
        with pytest.raises(EarshotError, match="passphrase"):
            keys.unsealed(sealed, "eine andere", new)
        keys.unsealed(sealed, "eine lange Losung", new)
        with pytest.raises(EarshotError, match="has keys already"):
            keys.unsealed(sealed, "eine lange Losung", new)
    found = keys.load(new)
    assert (found.suppression, found.known) == (tent.wiring.keys.suppression, tent.wiring.keys.known)


def test_a_key_of_a_lost_reply_says_nothing_after_its_post_is_too_old(tent: HouseInATent) -> None:
    with tent.store.write() as tx:
        row = {"post_key": "p", "request": "r", "begun_at": 5, "decided": 0, "mention_id": None, "dispatch_id": None}
        copies.began(tx, row)
        copies.forget(tx, 6)
        people.forget_erased(tx, 6)
    assert tent.store.value("SELECT count(*) FROM begun") == 0
