"""False helpers in conversations: what opens a security case, who is told, what nobody may do, how it ends (E-13)."""

import json
from pathlib import Path

import pytest
from tents import HouseInATent, post

from bot.config.models import ConfigSet
from bot.errors import NotAllowed, Stale
from bot.ledger.anchors import compare
from bot.ledger.full import compare_in_full
from bot.model import AlarmKind, Lane
from bot.model.posts import is_new
from bot.protect import report_pack
from bot.protect import security as acts
from bot.review import acts as review_acts
from bot.review import warn_customer
from bot.store import alarms, cases, drafts, mentions, security
from bot.store.db import Row
from bot.triage_words import reason_words

QUESTION = "@fjordfon_hilft Seit gestern ist mein Internet weg, wann geht es wieder?"
BAIT = "Hallo von Fjordfon, bitte AnyDesk starten und 0151 2345678 anrufen."


def ask(tent: HouseInATent, native_id: str = "1", handle: str = "kim", **more: object) -> None:
    tent.hear(post(native_id, handle, QUESTION, **more))


def answer(tent: HouseInATent, handle: str, text: str = BAIT, **more: object) -> None:
    line = {"in_reply_to": "1", "in_reply_to_author": "kim", "root": "1", "mentions": [], **more}
    tent.hear(post("2", handle, text, **line))


def the_one(tent: HouseInATent) -> Row:
    rows = security.listed(tent.store, closed=False)
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize("handle", ["hilfe_jetzt", "fj0rdfon_hilft"])
def test_a_false_helper_who_answers_a_customer_opens_a_security_case_and_its_people_are_told(
    tent: HouseInATent, handle: str
) -> None:
    ask(tent)
    answer(tent, handle)
    row, case = the_one(tent), tent.case(handle)
    assert (row["kind"], row["case_id"], case["lane"]) == ("false_helper", case["id"], Lane.SCAM)
    customer = mentions.by_id(tent.store, row["customer_mention"])
    assert customer is not None
    assert customer["author_handle"] == "kim"
    alarm = alarms.of_case(tent.store, case["id"], AlarmKind.SECURITY)
    assert alarm is not None
    assert alarm["page_at"] is not None
    assert f"false_helper {row['signals'].replace(' ', ',')}" in case["reason"]


def test_the_same_words_outside_of_an_answer_to_a_customer_open_none(tent: HouseInATent) -> None:
    tent.hear(post("9", "bastler", "AnyDesk laden und 0151 2345678 anrufen, so ging es mir bei @fjordfon_hilft."))
    assert [row for row in security.listed(tent.store, closed=False) if row["kind"] == "false_helper"] == []


def test_a_helpful_stranger_in_the_thread_opens_none(tent: HouseInATent) -> None:
    ask(tent)
    answer(tent, "nachbarin", "Bei Fjordfon half mir ein Neustart der Box, Grüße aus Husum.")
    assert security.listed(tent.store, closed=False) == []


def test_an_answer_that_came_in_before_the_customers_post_is_judged_when_that_comes(tent: HouseInATent) -> None:
    answer(tent, "hilfe_jetzt")
    assert security.listed(tent.store, closed=False) == []
    ask(tent)
    assert the_one(tent)["case_id"] == tent.case("hilfe_jetzt")["id"]
    assert tent.case("hilfe_jetzt")["lane"] == Lane.SCAM


def test_a_report_that_someone_acts_in_our_name_opens_one_too(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Da gibt sich jemand als euer Mitarbeiter aus, ein Fake-Account!"))
    row = the_one(tent)
    assert (row["kind"], row["case_id"]) == ("report", tent.case("kim")["id"])
    assert alarms.of_case(tent.store, row["case_id"], AlarmKind.SECURITY) is not None
    assert not security.acts_as_us(tent.store, row["case_id"]), "who warns us is answered"
    assert tent.open("kim")["text"] != ""


def test_a_second_post_of_the_same_account_opens_no_second_case_and_pages_no_second_time(tent: HouseInATent) -> None:
    ask(tent)
    answer(tent, "fj0rdfon_hilft")
    tent.hear(post("3", "fj0rdfon_hilft", BAIT, in_reply_to="1", in_reply_to_author="kim", root="1", mentions=[]))
    the_one(tent)
    opened = [entry for entry in tent.entries("REPORT") if entry["step"] == "opened"]
    assert len(opened) == 1


def by_hand(tent: HouseInATent, handle: str, kind: str) -> None:
    with tent.store.write() as tx:
        at = {"user": tent.user("alice"), "now": tent.clock.now()}
        acts.open_by_hand(tx, tent.wiring.keys, tent.case(handle)["id"], kind, **at)


def test_a_person_opens_what_no_detector_saw_and_what_was_approved_does_not_leave(tent: HouseInATent) -> None:
    tent.hear(post("1", "freundlich", "@fjordfon_hilft Guten Morgen, ich kümmere mich um alle hier, versprochen?"))
    assert tent.approve("freundlich", "Guten Morgen, was ist denn los bei dir? ^AL").kind == "queued"
    by_hand(tent, "freundlich", "false_helper")
    assert (the_one(tent)["signals"], tent.case("freundlich")["lane"]) == ("seen-by-a-person", Lane.SCAM)
    tent.clock.advance(20_000)
    assert tent.send() == 0
    assert tent.said() == []
    with pytest.raises(Stale, match="already"):
        by_hand(tent, "freundlich", "false_helper")
    closed(tent, "no_false_helper")
    by_hand(tent, "freundlich", "report")
    assert the_one(tent)["kind"] == "report"
    told = [entry for entry in tent.entries("REPORT") if entry["step"] == "opened_by_hand"]
    assert [entry["kind"] for entry in told] == ["false_helper", "report"]


def test_the_reason_is_told_in_words(tent: HouseInATent) -> None:
    ask(tent)
    answer(tent, "hilfe_jetzt")
    told = reason_words(tent.case("hilfe_jetzt")["reason"], "de")
    assert "Falscher Helfer (Fernwartungsprogramm, Worte eines Betrugs, Telefonnummer" in told


def test_nobody_answers_a_false_helper_whatever_a_person_writes(tent: HouseInATent) -> None:
    ask(tent)
    answer(tent, "fj0rdfon_hilft", mentions=["fjordfon_hilft"])
    assert drafts.open_of_case(tent.store, tent.case("fj0rdfon_hilft")["id"]) is None
    verdict = tent.approve("fj0rdfon_hilft", "Bitte lassen Sie das. ^AL")
    assert verdict.kind == "denied"
    assert ("C-21", "false helper") in {(result.rule, result.code) for result in verdict.decision.results}
    assert tent.send() == 0
    assert tent.said() == []


def test_one_that_people_cleared_may_be_answered_again(tent: HouseInATent) -> None:
    ask(tent)
    answer(tent, "fj0rdfon_hilft", mentions=["fjordfon_hilft"])
    closed(tent, "no_false_helper")
    case = tent.case("fj0rdfon_hilft")
    assert not security.acts_as_us(tent.store, case["id"])
    assert alarms.of_case(tent.store, case["id"], AlarmKind.SECURITY) is None


def closed(tent: HouseInATent, outcome: str) -> None:
    row = the_one(tent)
    with tent.store.write() as tx:
        acts.close(
            tx,
            tent.wiring.keys,
            row["id"],
            version=row["version"],
            outcome=outcome,
            user=tent.user("bob"),
            now=tent.clock.now(),
        )


def test_the_customer_is_warned_in_their_own_case_through_the_gate(tent: HouseInATent) -> None:
    ask(tent)
    answer(tent, "fj0rdfon_hilft")
    with tent.store.write() as tx:
        house = tent.wiring.house(tx)
        case_id = warn_customer.prepare(tx, house, the_one(tent)["id"], user=tent.user("alice"), now=tent.clock.now())
    assert case_id == tent.case("kim")["id"]
    draft = drafts.open_of_case(tent.store, case_id)
    assert draft is not None
    assert draft["template"] == "false-helper-du"
    assert "fj0rdfon" not in draft["text"]
    verdict = tent.approve("kim", f"{draft['text']} ^AL")
    assert verdict.kind == "queued", verdict.decision.open_rules
    tent.clock.advance(20_000)
    assert tent.send() == 1
    [reply] = tent.said()
    assert "https://fjordfon.example/sicherheit" in reply.text


def test_a_reply_that_a_person_is_writing_is_not_thrown_away(tent: HouseInATent) -> None:
    ask(tent)
    answer(tent, "fj0rdfon_hilft")
    draft = tent.open("kim")
    with tent.store.write() as tx:
        review_acts.save(
            tx,
            draft["id"],
            version=draft["version"],
            text="Mein Entwurf.",
            user=tent.user("alice"),
            now=tent.clock.now(),
        )
    with tent.store.write() as tx:
        house = tent.wiring.house(tx)
        with pytest.raises(Stale, match="Somebody is writing"):
            warn_customer.prepare(tx, house, the_one(tent)["id"], user=tent.user("alice"), now=tent.clock.now())
    kept = drafts.open_of_case(tent.store, tent.case("kim")["id"])
    assert kept is not None
    assert kept["text"] == "Mein Entwurf."


def test_every_step_is_an_entry_without_a_word_or_a_name_and_the_full_verify_holds(
    tent: HouseInATent, tmp_path: Path
) -> None:
    ask(tent)
    answer(tent, "fj0rdfon_hilft")
    keys, user = tent.wiring.keys, tent.user("bob")
    for step in ("report", "warn"):
        row = the_one(tent)
        with tent.store.write() as tx:
            at = {"version": row["version"], "user": user, "now": tent.clock.now()}
            if step == "report":
                acts.report(tx, keys, row["id"], receipt="  X-42\n", **at)
            else:
                acts.warn(tx, keys, row["id"], **at)
    assert the_one(tent)["receipt"] == "X-42"
    closed(tent, "taken_down")
    told = tent.entries("REPORT")
    assert [entry["step"] for entry in told][-4:] == ["reported", "warned", "settled", "closed"]
    words = json.dumps(told)
    assert not any(secret in words for secret in ("fj0rdfon", "kim", "X-42", "AnyDesk", "bob"))
    tent.beat()
    keys_known = tent.wiring.keys.known
    assert compare_in_full(tent.store, tent.root / "checkpoints", keys_known).report.verdict.value == 0
    assert compare(tent.store, tent.root / "checkpoints", keys_known).report.verdict.value == 0


def test_a_stale_page_changes_nothing(tent: HouseInATent) -> None:
    ask(tent)
    answer(tent, "fj0rdfon_hilft")
    row = the_one(tent)
    with pytest.raises(Stale, match="changed meanwhile"), tent.store.write() as tx:
        acts.warn(tx, tent.wiring.keys, row["id"], version=99, user=tent.user("bob"), now=tent.clock.now())
    with pytest.raises(Stale, match="outcome"), tent.store.write() as tx:
        acts.close(
            tx,
            tent.wiring.keys,
            row["id"],
            version=row["version"],
            outcome="nonsense",
            user=tent.user("bob"),
            now=tent.clock.now(),
        )
    assert the_one(tent)["version"] == row["version"]


def with_people(config: ConfigSet, *names: str) -> ConfigSet:
    protection = config.protection.model_copy(update={"security_people": names})
    return config.model_copy(update={"protection": protection})


def test_seniors_and_the_people_who_are_named_work_on_security_cases(tent: HouseInATent) -> None:
    assert acts.may_look(tent.config, tent.user("bob"))
    assert not acts.may_look(tent.config, tent.user("alice"))
    assert acts.may_look(with_people(tent.config, "Alice"), tent.user("alice"))
    with pytest.raises(NotAllowed, match="whom protection"):
        acts.need_security(tent.config, tent.user("alice"))


def test_the_pack_holds_what_a_platform_asks_for_in_both_languages_and_no_word_of_a_post(tent: HouseInATent) -> None:
    ask(tent, url="https://platform.example/kim/1")
    answer(tent, "fj0rdfon_hilft", url="https://platform.example/fake/2")
    row = the_one(tent)
    case = cases.by_id(tent.store, row["case_id"])
    assert case is not None
    pack = report_pack.pack(tent.store, tent.config.brand, row, case)
    for language in ("de", "en"):
        told = pack.report[language]
        for part in ("fj0rdfon_hilft", "https://platform.example/fake/2", "https://platform.example/kim/1", " UTC"):
            assert part in told
        assert "@fjordfon_hilft (Replay)" in told
        assert "0151" not in told
        assert "{" not in told + pack.warning[language]
        assert "fj0rdfon" not in pack.warning[language], "the warning advertises no false helper"
        assert pack.where[language]
    assert pack.report["de"] != pack.report["en"]


def test_a_friend_of_the_house_is_no_false_helper(tent: HouseInATent) -> None:
    friends = tent.config.protection.model_copy(update={"friendly_handles": ("fjordfon_service_nord", "fjordfon_team")})
    tent.config = tent.config.model_copy(update={"protection": friends})
    ask(tent)
    answer(tent, "fjordfon_team", "Hallo, wir vom Laden in Husum sehen uns das bei Fjordfon an.")
    assert security.listed(tent.store, closed=False) == []


def test_an_account_is_new_for_thirty_days_and_nobody_guesses_where_the_platform_says_nothing() -> None:
    day = 86_400_000
    assert is_new(None, 40 * day) is None
    assert is_new(10 * day, 40 * day - 1) is True
    assert is_new(10 * day, 40 * day) is False


def test_what_a_platform_says_of_an_accounts_age_is_kept_as_a_yes_or_no(tent: HouseInATent) -> None:
    ask(tent, new=True)
    row = mentions.by_key(tent.store, "replay:replay:1")
    assert row is not None
    assert row["author_is_new"] == 1
    assert mentions.to_mention(row).author.is_new is True
