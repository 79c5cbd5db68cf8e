"""Retention: what was not answered is gone from every byte, what was answered loses its words, the ledger stays."""

from pathlib import Path

import pytest
from tents import HouseInATent, post

from bot.ledger.verify import Verdict, verify
from bot.model import CaseState, Lane, Platform
from bot.store import opt_outs, purge
from bot.store.db import Store

DAY_MS = 86_400_000
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"
SECRET = "Fliederbusch"


def run(tent: HouseInATent, days: int = 30) -> int:
    return purge.run(tent.store, now=tent.clock.now(), days=days, author_key=tent.wiring.keys.author)


def folder(tent: HouseInATent) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((tent.root / "data").iterdir()))


def ask(tent: HouseInATent, native_id: str = "1", handle: str = "kim-ohne-netz") -> None:
    tent.hear(post(native_id, handle, f"@fjordfon_hilft {SECRET}: warum geht hier das Internet nicht?"))


def answered(tent: HouseInATent, native_id: str = "1", handle: str = "kim-ohne-netz") -> None:
    ask(tent, native_id, handle)
    assert tent.approve(handle, ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    tent.send()


def test_unanswered_for_thirty_days_is_gone_from_every_byte_of_the_folder(tent: HouseInATent) -> None:
    ask(tent)
    ask(tent)
    tent.hear(post("1", "kim-ohne-netz", f"@fjordfon_hilft {SECRET}: bearbeitet"))
    tent.approve("kim-ohne-netz", f"Schick uns bitte deine Kundennummer, {SECRET}. ^AL")
    assert SECRET.encode() in folder(tent)
    tent.clock.advance(30 * DAY_MS + 1)
    assert run(tent) == 1
    left = folder(tent)
    assert tent.store.value("SELECT count(*) FROM mentions") == 0
    assert b"kim-ohne-netz" not in left
    for table in ("cases", "case_events", "drafts", "revisions", "findings", "matches", "rechecks", "vault"):
        assert tent.store.value(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608 - names above
    assert verify(tent.store).verdict is Verdict.OK


def test_a_customers_words_are_gone_even_from_the_write_ahead_file(tent: HouseInATent) -> None:
    ask(tent)
    tent.clock.advance(30 * DAY_MS + 1)
    run(tent)
    assert SECRET.encode() not in folder(tent)


def test_a_busy_reader_is_reported_and_the_next_run_empties_the_file(
    tent: HouseInATent, caplog: pytest.LogCaptureFixture
) -> None:
    ask(tent)
    tent.clock.advance(30 * DAY_MS + 1)
    tent.store.connection.execute("PRAGMA busy_timeout = 20")
    reader = Store(Path(tent.wiring.database))
    reader.connection.execute("BEGIN")
    reader.value("SELECT count(*) FROM mentions")
    run(tent)
    assert "until the next purge" in caplog.text
    reader.close()
    run(tent)
    assert SECRET.encode() not in folder(tent)


def test_before_thirty_days_nothing_goes(tent: HouseInATent) -> None:
    ask(tent)
    tent.clock.advance(30 * DAY_MS)
    assert run(tent) == 0
    assert tent.store.value("SELECT count(*) FROM mentions") == 1


def test_more_than_one_batch_goes_in_one_run(tent: HouseInATent) -> None:
    tent.hear(*(post(str(n), f"kim{n}", f"@fjordfon_hilft {SECRET}?") for n in range(purge.BATCH + 5)))
    tent.clock.advance(30 * DAY_MS + 1)
    assert run(tent) == purge.BATCH + 5


def test_an_answered_case_keeps_its_words_for_ninety_days_and_then_only_its_proof(tent: HouseInATent) -> None:
    answered(tent)
    tent.clock.advance(90 * DAY_MS)
    assert run(tent) == 0
    tent.clock.advance(1)
    assert run(tent) == 1
    assert SECRET.encode() not in folder(tent)
    mention, case = tent.store.row("SELECT * FROM mentions"), tent.case("kim-ohne-netz")
    assert mention is not None
    assert (mention["text"], mention["text_hash"], mention["url"]) == ("", "", "")
    assert {row["post_hash"] for row in tent.store.rows("SELECT post_hash FROM approvals")} == {""}
    for table in ("revisions", "matches", "findings", "post_status"):
        assert tent.store.value(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608 - names above
    assert case["state"] == CaseState.SENT
    assert len(tent.entries("SEND_RESULT")) == 1
    assert verify(tent.store).verdict is Verdict.OK
    assert run(tent) == 0, "nothing is left to do"


def test_a_brand_may_keep_answered_words_for_less(tent: HouseInATent) -> None:
    answered(tent)
    tent.clock.advance(10 * DAY_MS + 1)
    keys = tent.wiring.keys.author
    assert purge.run(tent.store, now=tent.clock.now(), days=30, author_key=keys, answered_days=10) == 1
    assert SECRET.encode() not in folder(tent)


def test_of_a_blanked_post_nothing_is_left_that_its_text_could_be_guessed_by(tent: HouseInATent) -> None:
    answered(tent)
    known = str(tent.store.value("SELECT text_hash FROM mentions")).encode()
    assert known in folder(tent)
    tent.clock.advance(90 * DAY_MS + 1)
    run(tent)
    assert known not in folder(tent)


def test_a_blanked_post_that_is_fetched_again_does_not_get_its_words_back(tent: HouseInATent) -> None:
    answered(tent)
    tent.clock.advance(90 * DAY_MS + 1)
    run(tent)
    ask(tent)
    assert tent.store.value("SELECT text FROM mentions") == ""
    assert SECRET.encode() not in folder(tent)


def test_an_answered_case_that_a_thank_you_opened_again_loses_its_words_too(tent: HouseInATent) -> None:
    answered(tent)
    tent.hear(post("2", "kim-ohne-netz", f"@fjordfon_hilft danke, {SECRET} läuft!", in_reply_to="1", root="1"))
    assert tent.case("kim-ohne-netz")["state"] == CaseState.NEW
    tent.clock.advance(90 * DAY_MS + 1)
    assert run(tent) == 1
    assert SECRET.encode() not in folder(tent)


def test_what_is_on_its_way_is_not_touched(tent: HouseInATent) -> None:
    ask(tent)
    assert tent.approve("kim-ohne-netz", ANSWER).kind == "queued"
    tent.clock.advance(200 * DAY_MS)
    assert run(tent) == 0
    assert SECRET.encode() in folder(tent)


@pytest.mark.parametrize("state", [CaseState.NEW, CaseState.ESCALATED, CaseState.CLOSED])
def test_the_threat_lane_is_kept_for_the_people_who_protect_staff(tent: HouseInATent, state: CaseState) -> None:
    tent.hear(post("1", "kim", f"@fjordfon_hilft {SECRET} Ich bringe euren Techniker um, wenn er kommt."))
    assert tent.case("kim")["lane"] == Lane.THREAT
    tent.store.connection.execute("UPDATE cases SET state = ?", [state])
    tent.clock.advance(200 * DAY_MS)
    assert run(tent) == 0
    assert tent.store.value("SELECT text FROM mentions").startswith("@fjordfon_hilft Fliederbusch")


def test_an_opt_out_outlives_the_words_it_was_said_in(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim-ohne-netz", "@fjordfon_hilft stopp"))
    tent.clock.advance(31 * DAY_MS)
    assert run(tent) == 1
    assert opt_outs.standing(tent.store, tent.wiring.keys.author("replay", "kim-ohne-netz")) is not None
    assert b"kim-ohne-netz" not in folder(tent)


def test_a_case_that_the_author_goes_on_with_is_kept_whole(tent: HouseInATent) -> None:
    ask(tent)
    tent.clock.advance(29 * DAY_MS)
    tent.hear(post("2", "kim-ohne-netz", "@fjordfon_hilft hallo?", in_reply_to="1", root="1"))
    tent.clock.advance(2 * DAY_MS)
    assert run(tent) == 0
    assert tent.store.value("SELECT count(*) FROM mentions") == 2


@pytest.mark.parametrize(("platform", "days"), [("reddit", 2), ("x", 7), ("bluesky", 30)])
def test_where_a_platform_asks_for_less_its_own_days_count(tent: HouseInATent, platform: str, days: int) -> None:
    ask(tent)
    with tent.store.write() as tx:
        for table in ("cases", "mentions"):
            tx.run(f"UPDATE {table} SET platform = :platform", platform=platform)  # noqa: S608 - names above
    tent.clock.advance(days * DAY_MS)
    assert run(tent) == 0
    tent.clock.advance(1)
    assert run(tent) == 1
    assert tent.store.value("SELECT count(*) FROM mentions") == 0


def test_a_brand_that_keeps_less_than_a_platform_allows_keeps_less(tent: HouseInATent) -> None:
    ask(tent)
    with tent.store.write() as tx:
        tx.run("UPDATE cases SET platform = 'x'")
    tent.clock.advance(3 * DAY_MS + 1)
    assert run(tent, days=3) == 1


@pytest.mark.parametrize(
    ("platform", "on", "days"),
    [("replay", {}, 30), ("reddit", {}, 2), ("x", {}, 7), ("x", {Platform.X: 3}, 3), ("x", {Platform.X: 60}, 30)],
)
def test_each_platform_keeps_what_nobody_answered_for_its_own_days(tent: HouseInATent, platform, on, days) -> None:
    ask(tent)
    with tent.store.write() as tx:
        for table in ("cases", "mentions"):
            tx.run(f"UPDATE {table} SET platform = :platform", platform=platform)  # noqa: S608 - names above
    brand = tent.config.brand.model_copy(update={"retention_days_on": {**tent.config.brand.retention_days_on, **on}})

    def purged() -> int:
        return purge.run(
            tent.store,
            now=tent.clock.now(),
            days=brand.retention_days,
            author_key=tent.wiring.keys.author,
            days_on=brand.retention_days_on,
        )

    tent.clock.advance(days * DAY_MS)
    assert purged() == 0
    tent.clock.advance(1)
    assert purged() == 1
    assert brand.unanswered_days(Platform(platform)) == days
    assert SECRET.encode() not in folder(tent)


def test_every_connection_overwrites_what_it_deletes(tent: HouseInATent) -> None:
    assert tent.store.value("PRAGMA secure_delete") == 1
    assert Store(Path(tent.wiring.database)).value("PRAGMA secure_delete") == 1
