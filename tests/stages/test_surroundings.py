"""What the gate is told about everything beyond the case, from the rows that hold it."""

from dataclasses import replace

import pytest
from stages.port_doubles import Moody
from tents import HouseInATent, post

from bot.config.models import Permissions, Reference
from bot.gate.facts import Budget
from bot.model import DispatchState, Lane, Outcome, Platform, Receipt
from bot.review.rows import Rows
from bot.review.surroundings import place_of, surroundings
from bot.store import cases, dispatches, sources, standing
from bot.store import house as house_rows

OUTAGE = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"
PAPER = Reference(reference="X-2026-17", date="2026-06-01")


def around(tent: HouseInATent, handle: str = "kim"):
    draft = tent.open(handle)
    return surroundings(tent.store, tent.wiring.house(tent.store), Rows(tent.store, draft["id"]), tent.clock.now())


def heard(tent: HouseInATent, handle: str = "kim") -> HouseInATent:
    tent.hear(post(handle, handle, OUTAGE))
    return tent


def test_our_other_replies_of_the_last_day_are_told_and_a_cancelled_one_is_not(tent):
    heard(tent)
    heard(tent, "lena")
    assert around(tent, "lena")["recent_replies"] == ()
    verdict = tent.approve("kim", ANSWER)
    told = around(tent, "lena")["recent_replies"]
    assert [(sent.text, sent.account) for sent in told] == [(ANSWER, "fjordfon_hilft")]
    tent.clock.advance(86_400_001)
    assert around(tent, "lena")["recent_replies"] == ()
    assert verdict.dispatch_id


def test_the_same_own_words_to_a_second_customer_are_held_and_nothing_leaves(tent):
    heard(tent)
    heard(tent, "lena")
    assert tent.approve("kim", ANSWER).kind == "queued"
    verdict = tent.approve("lena", ANSWER)
    assert verdict.kind == "held"
    assert {result.rule for result in verdict.decision.open_rules} == {"C-15"}


def test_how_often_each_rule_fired_is_counted_with_each_logged_decision(tent):
    heard(tent)
    heard(tent, "lena")
    tent.approve("kim", ANSWER)
    tent.approve("lena", ANSWER)
    told = {(row["rule"], row["outcome"]): row["n"] for row in standing.firings(tent.store)}
    assert told["C-15", Outcome.HOLD_SELF] == 1
    assert sum(n for (rule, _), n in told.items() if rule == "") == len(tent.entries("DECISION"))


def test_an_allowance_counts_in_its_window_and_for_the_account_that_writes(tent):
    now = tent.clock.now()
    with tent.store.write() as tx:
        for bucket, left in (("replay:host:fjordfon_hilft", 40), ("replay:host:fjordfon_hilft:search", 0)):
            sources.set_budget(tx, bucket, left, now + 60_000, 100)
        sources.set_budget(tx, "replay:host:another", 1, now + 60_000, 100)
    heard(tent)
    assert around(tent)["budget"] == Budget(left=400, wait_ms=0)
    with tent.store.write() as tx:
        sources.set_budget(tx, "replay:host:fjordfon_hilft:post", 0, now + 60_000, 100)
    assert around(tent)["budget"] == Budget(left=0, wait_ms=now + 60_000 - tent.clock.now())
    tent.clock.advance(60_000)
    assert around(tent)["budget"] == Budget(left=1000)


def test_what_a_person_attested_counts_for_its_account_and_its_days(tent):
    heard(tent)
    now = tent.clock.now()
    row = {"rule": "C-30", "platform": "replay", "surface": "", "user_id": tent.user("bob")["id"], "statement": "-"}
    with tent.store.write() as tx:
        first = standing.attest(tx, {**row, "account": "fjordfon_hilft", "at": now, "until": now + 1_000, "seq": 1})
        standing.attest(tx, {**row, "account": "another", "rule": "C-09", "at": now, "until": now + 9_000, "seq": 1})
    assert around(tent)["attested"] == {"C-30"}
    with tent.store.write() as tx:
        assert standing.withdraw_attestation(tx, first, now)
        assert not standing.withdraw_attestation(tx, first, now)
    assert around(tent)["attested"] == frozenset()


@pytest.mark.parametrize(
    ("language", "allowed"), [("de", ("de",)), ("nl", ("en",)), ("tr", ("de",)), ("fi", ()), ("undetermined", None)]
)
def test_a_post_may_be_answered_in_the_languages_that_the_brand_file_names(tent, language, allowed):
    heard(tent)
    with tent.store.write() as tx:
        tx.run("UPDATE cases SET language = :l", l=language)
    assert around(tent)["reply_languages"] == allowed


@pytest.mark.parametrize(
    ("platform", "url", "place"),
    [
        ("reddit", "https://www.reddit.com/r/Telekom/comments/a/b/", "telekom"),
        ("reddit", "https://www.reddit.com/user/kim/", "www.reddit.com"),
        ("mastodon", "https://social.example/r/Telekom/1", "www.reddit.com"),
    ],
)
def test_a_place_is_the_subreddit_on_reddit_and_the_server_elsewhere(tent, platform, url, place):
    heard(tent)
    with tent.store.write() as tx:
        tx.run("UPDATE mentions SET platform = :p, url = :u, surface = 'www.reddit.com'", p=platform, u=url)
    assert place_of(tent.store.rows("SELECT * FROM mentions")[0]) == place


def test_what_a_person_notes_about_the_author_from_elsewhere_stands_against_the_reply(tent):
    heard(tent)
    assert around(tent)["identifiers"] == ()
    with tent.store.write() as tx:
        number = tent.user("alice")["id"]
        cases.note(tx, tent.case("kim")["id"], "rejected", tent.clock.now(), user_id=number, note="das ist FF-12345678")
    assert around(tent)["identifiers"] == ("customer number",)
    assert {result.rule for result in tent.approve("kim", ANSWER).decision.open_rules} == {"C-25"}


class Rewriting(Moody):
    """A platform that publishes other words than it was given."""

    def publish(self, consent):
        receipt: Receipt = super().publish(consent)
        return replace(receipt, text_read_back="Etwas ganz anderes.")


def test_c34_other_words_on_the_platform_stop_that_place_until_a_person_lifts_it(tent):
    tent.publishers["samples"] = Rewriting(tent.publishers["samples"])
    heard(tent)
    verdict = tent.approve("kim", ANSWER)
    tent.clock.advance(10_000)
    tent.send()
    sent = dispatches.by_id(tent.store, verdict.dispatch_id)
    assert sent is not None
    assert sent["state"] == DispatchState.SENT
    assert [entry["read_back"] for entry in tent.entries("SEND_RESULT")] == ["differs"]
    heard(tent, "lena")
    held = tent.approve("lena", "Zieh bitte den Stecker und steck ihn nach einer Minute wieder ein. ^AL")
    assert [(result.rule, result.code) for result in held.decision.open_rules] == [("C-30", "stopped")]
    (stop,) = standing.place_stops(tent.store)
    with tent.store.write() as tx:
        assert standing.lift_place_stop(tx, stop["id"], tent.user("bob")["id"], tent.clock.now())
    assert (
        tent.approve("lena", "Zieh bitte den Stecker und steck ihn nach einer Minute wieder ein. ^AL").kind == "queued"
    )


def labels(tent: HouseInATent, *, permitted: bool, addressed: bool) -> list[str]:
    """The detectors that spoke about a post on X."""
    tent.hear({"id": "1", "author": "kim", "text": "Fjordfon ihr Versager, ich bring euch um", "mentions": []})
    permissions = Permissions(x_detection=PAPER if permitted else None)
    tent.config = tent.config.model_copy(
        update={"platforms": tent.config.platforms.model_copy(update={"permissions": permissions})}
    )
    with tent.store.write() as tx:
        tx.run("DELETE FROM findings")
        tx.run("UPDATE mentions SET case_id = NULL")
        tx.run("DELETE FROM cases")
        tx.run("UPDATE mentions SET platform = 'x', stage = 'kept', claimed_until = 0, attempts = 0")
        tx.run("UPDATE mentions SET triggers = :t", t="mention" if addressed else "none")
    tent.assess()
    return [row["detector"] for row in tent.store.rows("SELECT detector FROM findings")]


def test_without_written_permission_no_detector_looks_at_a_post_on_x_that_nobody_addressed_to_us(tent):
    assert labels(tent, permitted=False, addressed=False) == []
    assert tent.case("kim")["lane"] == Lane.LISTEN


@pytest.mark.parametrize(("permitted", "addressed"), [(True, False), (False, True)])
def test_with_permission_or_addressed_to_us_it_is_looked_at(tent, permitted, addressed):
    assert "threat" in labels(tent, permitted=permitted, addressed=addressed)


def test_papers_are_asked_for_before_a_source_runs(tent):
    with pytest.raises(Exception, match=r"legal\.operator"):
        tent.wiring.need_papers(
            tent.config.platforms.sources[0].model_copy(update={"kind": Platform.MASTODON}), tent.config.brand
        )
    assert house_rows.config(tent.store)
