"""The main job end to end over the replay platform: a public post becomes an approved, consented, public reply."""

import json

import pytest
from tents import HouseInATent, post

from bot.errors import GateRefused, NotAllowed, Stale, Untrained
from bot.ledger.verify import Verdict, verify
from bot.model import CaseState, DispatchState, Lane, Outcome
from bot.review import acts, outgoing
from bot.review.decide import preview
from bot.store import cases, dispatches, drafts

OUTAGE = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


def sent_reply(tent: HouseInATent, handle: str = "kaffee_und_kabel", text: str = OUTAGE) -> int:
    tent.hear(post("1", handle, text))
    verdict = tent.approve(handle, ANSWER)
    assert verdict.kind == "queued", verdict.decision.open_rules
    tent.clock.advance(10_000)
    assert tent.send() == 1
    assert verdict.dispatch_id is not None
    return verdict.dispatch_id


def test_a_public_mention_becomes_a_public_reply_with_its_whole_proof(tent: HouseInATent) -> None:
    sent_reply(tent)
    (reply,) = tent.said()
    assert (reply.in_reply_to, reply.author) == ("1", "fjordfon_hilft")
    assert ANSWER in reply.text
    assert tent.case("kaffee_und_kabel")["state"] == CaseState.SENT
    phases = [(entry["phase"], entry["outcome"]) for entry in tent.entries("DECISION")]
    assert [phase for phase, _ in phases] == ["approve", "dispatch"]
    assert {outcome for _, outcome in phases} <= {Outcome.ALLOW, Outcome.NOTE}
    assert len(tent.entries("APPROVAL")) == len(tent.entries("SEND_RESULT")) == 1
    assert verify(tent.store).verdict is Verdict.OK


def test_the_prepared_draft_is_in_the_posts_language_and_says_why(tent: HouseInATent) -> None:
    tent.hear(
        post("1", "kim", OUTAGE), post("2", "nell", "@fjordfon_hilft my internet is down since noon, please help?")
    )
    german, english = tent.open("kim"), tent.open("nell")
    assert (german["language"], english["language"]) == ("de", "en")
    assert german["template"]
    assert "lane=" in german["reason"]


def test_no_word_of_the_customer_and_no_handle_stands_in_the_ledger(tent: HouseInATent) -> None:
    sent_reply(tent)
    bodies = b"".join(row["body"] for row in tent.store.rows("SELECT body FROM log"))
    assert b"kaffee_und_kabel" not in bodies
    assert b"in Kiel das Internet" not in bodies


def test_before_the_countdown_ends_nothing_leaves_and_it_can_be_taken_back(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    verdict = tent.approve("kim", ANSWER)
    assert tent.send() == 0
    assert verdict.dispatch_id is not None
    with tent.store.write() as tx:
        outgoing.cancel(tx, tent.wiring.house(tx), verdict.dispatch_id, user=tent.user("alice"), now=tent.clock.now())
    tent.clock.advance(60_000)
    assert tent.send() == 0
    assert tent.said() == []
    assert tent.case("kim")["state"] == CaseState.CLAIMED


def test_what_only_a_watch_heard_is_listened_to_and_never_answered(tent: HouseInATent) -> None:
    tent.hear({"id": "1", "author": "kim", "text": "Fjordfon Internet ist heute wieder mal tot", "mentions": []})
    case = tent.case("kim")
    assert case["lane"] == Lane.LISTEN
    assert drafts.open_of_case(tent.store, case["id"]) is None
    with tent.store.write() as tx:
        acts.open_case(tx, tent.wiring.house(tx), case["id"], tent.user("alice"), tent.clock.now())
    assert drafts.open_of_case(tent.store, case["id"]) is None


def test_what_is_not_public_is_counted_and_its_text_is_nowhere_in_the_folder(tent: HouseInATent) -> None:
    secret = "geheimes Wort Fliederbusch"
    for number, visibility in enumerate(("followers", "direct", "something-new")):
        tent.hear(post(str(number), "kim", f"@fjordfon_hilft {secret}", visibility=visibility))
    assert tent.store.value("SELECT count(*) FROM mentions") == 0
    assert tent.store.value("SELECT n FROM tallies WHERE reason = 'not public'") == 3
    for path in (tent.root / "data").iterdir():
        assert b"Fliederbusch" not in path.read_bytes()


def test_our_own_posts_and_reposts_never_come_back_as_cases(tent: HouseInATent) -> None:
    tent.hear(post("1", "Fjordfon_Hilft", "Wir sind dran"), post("2", "kim", OUTAGE, kind="repost"))
    assert tent.store.value("SELECT count(*) FROM cases") == 0
    counts = {row["reason"]: row["n"] for row in tent.store.rows("SELECT reason, n FROM tallies")}
    assert counts == {"our own": 1, "repost": 1}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"exists": False}, "C-02"),
        ({"visibility": "followers"}, "C-02"),
        ({"text": "etwas ganz anderes"}, "C-12"),
        ({"bot": True}, "C-18"),
        ({"replies_open": False}, "C-09"),
    ],
)
def test_a_post_that_changes_between_approval_and_send_stops_the_reply(
    tent: HouseInATent, change: dict[str, object], rule: str
) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    verdict = tent.approve("kim", ANSWER)
    tent.beat()
    tent.timeline.with_suffix(".status.jsonl").write_text(json.dumps({"id": "1", **change}) + "\n", "utf-8")
    tent.clock.advance(10_000)
    tent.send()
    assert tent.said() == []
    row = dispatches.by_id(tent.store, verdict.dispatch_id or 0)
    assert row is not None
    assert row["state"] == DispatchState.REFUSED
    assert row["cause"].startswith(f"gate:{rule}")
    assert tent.case("kim")["state"] in {CaseState.FAILED, CaseState.NEW}


def test_an_opt_out_between_approval_and_send_stops_the_reply(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    tent.approve("kim", ANSWER)
    tent.hear(post("2", "kim", "@fjordfon_hilft stopp", in_reply_to="1", root="1"))
    tent.clock.advance(10_000)
    tent.send()
    assert tent.said() == []
    assert len(tent.entries("OPT_OUT")) == 1


def test_a_new_post_of_the_author_invalidates_what_was_approved(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    tent.approve("kim", ANSWER)
    tent.hear(post("2", "kim", "@fjordfon_hilft hat sich erledigt, danke!", in_reply_to="1", root="1"))
    tent.clock.advance(10_000)
    assert tent.send() == 0
    assert tent.said() == []
    assert tent.case("kim")["state"] in {CaseState.NEW, CaseState.CLAIMED}


def test_one_post_never_gets_two_replies(tent: HouseInATent) -> None:
    sent_reply(tent)
    with pytest.raises(AssertionError, match="nothing can be answered"):
        tent.open("kaffee_und_kabel")
    assert len(tent.said()) == 1


def test_a_stale_version_is_refused_and_nothing_is_queued(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    draft = tent.open("kim")
    with pytest.raises(Stale), tent.store.write() as tx:
        acts.approve(
            tx,
            tent.wiring.house(tx),
            draft["id"],
            version=draft["version"] + 1,
            text=ANSWER,
            user=tent.user("alice"),
            now=tent.clock.now(),
        )
    assert tent.store.value("SELECT count(*) FROM dispatches") == 0


def test_an_open_gap_cannot_be_approved_nor_released(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    assert tent.approve("kim", "Es läuft [bis wann] wieder. ^AL").kind in {"held", "denied"}
    draft = tent.open("kim")
    with pytest.raises(GateRefused), tent.store.write() as tx:
        acts.release(
            tx,
            tent.wiring.house(tx),
            draft["id"],
            rule="C-32",
            reason="passt schon",
            user=tent.user("alice"),
            now=tent.clock.now(),
        )


def test_denied_drafts_are_logged_too(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    assert tent.approve("kim", "Schick uns bitte deine Kundennummer. ^AL").kind == "denied"
    (entry,) = tent.entries("DECISION")
    assert entry["outcome"] == Outcome.DENY


def test_a_hold_is_released_by_the_drafting_person_with_a_reason(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    tent.clock.advance(8 * 86_400_000)
    assert tent.approve("kim", ANSWER).kind == "held"
    draft = tent.open("kim")
    with tent.store.write() as tx:
        acts.release(
            tx,
            tent.wiring.house(tx),
            draft["id"],
            rule="C-12",
            reason="Die Störung dauert noch an.",
            user=tent.user("alice"),
            now=tent.clock.now(),
        )
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    assert len(tent.said()) == 1
    assert len(tent.entries("RELEASE")) == 1


def test_abuse_needs_two_different_people(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Eure Mitarbeiterin ist eine dumme Kuh, ihr Idioten!"))
    assert tent.case("kim")["lane"] == Lane.ABUSE
    text = "Die Störung schauen wir uns an. Bitte sprich mit uns ohne Beleidigungen. ^AL"
    assert tent.approve("kim", text).kind == "waiting"
    assert tent.approve("kim", text).kind == "waiting", "the same person counts once"
    assert tent.case("kim")["state"] == CaseState.WAITING
    assert tent.approve("kim", text, "bob").kind == "queued"


def test_a_threat_is_never_answered(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Ich bringe euren Techniker um, wenn er morgen kommt."))
    case = tent.case("kim")
    assert case["lane"] == Lane.THREAT
    assert drafts.open_of_case(tent.store, case["id"]) is None
    assert tent.approve("kim", "Wir verstehen deinen Ärger. ^AL").kind == "denied"


def test_a_crisis_is_answered_by_a_trained_person_alone(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Ich kann nicht mehr, ich will nicht mehr leben."))
    assert tent.case("kim")["lane"] == Lane.CRISIS
    text = "Wir lesen dich. Bitte ruf jetzt jemanden an, dem du vertraust. Wir bleiben hier."
    with pytest.raises(Untrained):
        tent.approve("kim", text)
    assert tent.approve("kim", text, "bob").kind == "queued"


def test_guests_may_do_nothing(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    with pytest.raises(NotAllowed):
        tent.open("kim", "charlie")


def test_stop_all_holds_what_is_queued_and_needs_two_people_to_lift(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    tent.approve("kim", ANSWER)
    with tent.store.write() as tx:
        outgoing.stop(tx, tent.wiring.house(tx), reason="Probe", user=tent.user("alice"), now=tent.clock.now())
    tent.clock.advance(10_000)
    assert tent.send() == 0
    for name, lifted in (("alice", False), ("alice", False), ("bob", True)):
        with tent.store.write() as tx:
            house = tent.wiring.house(tx)
            assert outgoing.lift_stop(tx, house, user=tent.user(name), now=tent.clock.now()) is lifted
    assert tent.send() == 1
    assert len(tent.said()) == 1


def test_a_reply_is_taken_back_even_under_stop_all(tent: HouseInATent) -> None:
    dispatch_id = sent_reply(tent)
    with tent.store.write() as tx:
        house = tent.wiring.house(tx)
        outgoing.stop(tx, house, reason="Probe", user=tent.user("alice"), now=tent.clock.now())
        outgoing.retract(tx, house, dispatch_id, reason="falscher Link", user=tent.user("alice"), now=tent.clock.now())
    tent.send()
    assert tent.said() == []
    assert [entry["step"] for entry in tent.entries("RETRACT")] == ["asked", "done"]


def test_a_claimed_case_is_closed_to_others_until_the_claim_runs_out(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    tent.open("kim")
    with pytest.raises(Stale):
        tent.open("kim", "bob")
    tent.clock.advance(cases.CLAIM_MS)
    tent.open("kim", "bob")


def test_a_preview_writes_nothing(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    draft = tent.open("kim")
    before = tent.store.value("SELECT count(*) FROM log")
    decision = preview(tent.store, tent.wiring.house(), draft["id"], now=tent.clock.now(), text=ANSWER)
    assert [result.rule for result in decision.open_rules] == ["C-13"]
    assert tent.store.value("SELECT count(*) FROM log") == before
