"""An account that cannot send leaves the others alone; its cases are answered by hand, and the ledger says so."""

import sys
from pathlib import Path

import pytest
from clocks import FakeClock
from port_doubles import Moody
from tents import HouseInATent, own_words, pitch, post, starter

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import mastodon_double as md

from bot import identity, ingest
from bot.config.models import Account
from bot.dispatch import BY_HAND
from bot.errors import RateLimited, Stale, Transient
from bot.keys import load
from bot.ledger.full import compare_in_full
from bot.ledger.proof import Verdict
from bot.model import CaseState, DispatchState, Platform
from bot.model.retention import ALARM_MS
from bot.protect import access, erasure
from bot.review import by_hand
from bot.store import dispatches, hand_answers, purge, sources, threads
from bot.store.db import Row

ANSWER = "Wir prüfen die Leitung und melden uns hier. ^AL"
LINK = "https://social.example/@fjordfon_hilft/4711"
HOUR_MS = 3_600_000


@pytest.fixture
def platform(tent: HouseInATent) -> Moody:
    tent.publishers["samples"] = moody = Moody(tent.publishers["samples"])
    return moody


def cannot_send(tent: HouseInATent, trouble: str = "The token was refused.") -> None:
    with tent.store.write() as tx:
        sources.cannot_send(tx, "samples", trouble)


def answered(tent: HouseInATent, handle: str = "kim", link: str = LINK, who: str = "alice") -> int:
    case_id = int(tent.case(handle)["id"])
    with tent.store.write() as tx:
        house, user = tent.wiring.house(tx), tent.user(who)
        by_hand.answered(tx, house, case_id, link=link, user=user, now=tent.clock.now())
    return case_id


def outgoing(tent: HouseInATent) -> Row:
    row = tent.store.row("SELECT * FROM dispatches ORDER BY id DESC")
    assert row is not None
    return row


def test_a_reply_of_an_account_that_cannot_send_comes_back_and_leaves_once_the_account_is_well(
    tent: HouseInATent, platform: Moody
) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    assert tent.approve("kim", ANSWER).kind == "queued"
    cannot_send(tent)
    tent.clock.advance(10_000)
    tent.send()
    assert (outgoing(tent)["state"], outgoing(tent)["cause"]) == (DispatchState.REFUSED, BY_HAND)
    assert tent.case("kim")["state"] == CaseState.FAILED
    cannot_send(tent, "")
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    assert (len(tent.said()), platform.calls.count("publish")) == (1, 1)


def test_what_a_person_answered_by_hand_is_no_reply_of_ours_and_is_not_answered_again(
    tent: HouseInATent, platform: Moody
) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    tent.open("kim")
    cannot_send(tent)
    case_id = answered(tent)
    entry = tent.entries("ATTEST")[-1]
    assert (entry["step"], entry["case"], entry["account"]) == ("answered_by_hand", case_id, "fjordfon_hilft")
    assert str(entry["by"])
    assert LINK not in str(entry)
    assert tent.entries("SEND_RESULT") == []
    assert tent.case("kim")["state"] == CaseState.CLOSED
    cannot_send(tent, "")
    with pytest.raises(AssertionError, match="nothing can be answered here"):
        tent.open("kim")
    target = tent.store.value("SELECT canonical_key FROM mentions")
    assert dispatches.states_for_target(tent.store, target, except_draft=0) == [DispatchState.SENT]
    assert platform.calls.count("publish") == 0
    checkpoints = tent.wiring.settings.checkpoints_dir
    keys = load(tent.wiring.settings.keys_dir)
    assert compare_in_full(tent.store, checkpoints, keys.known).report.verdict is Verdict.OK


def test_a_reply_that_still_counts_down_is_called_back_by_an_answer_by_hand(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    tent.approve("kim", ANSWER)
    with pytest.raises(Stale):
        # A case whose reply is about to leave is not closed: cancel the reply first.
        answered(tent)
    assert hand_answers.of_case(tent.store, tent.case("kim")["id"]) is None


@pytest.mark.parametrize("state", [DispatchState.SENDING, DispatchState.UNCERTAIN])
def test_where_a_reply_may_be_there_already_nobody_says_that_they_answered_by_hand(tent, state) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    tent.approve("kim", ANSWER)
    with tent.store.write() as tx:
        dispatches.set_state(tx, outgoing(tent)["id"], DispatchState.QUEUED, state, tent.clock.now())
    with pytest.raises(Stale, match="outbox"):
        answered(tent)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a b", "www.example", "https://" + "a" * 600])
def test_what_is_no_link_is_not_kept(tent: HouseInATent, link: str) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    with pytest.raises(Stale, match="https://"):
        answered(tent, link=link)
    assert tent.entries("ATTEST") == []


def test_a_mistaken_click_is_taken_back_and_the_post_may_be_answered(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    case_id = answered(tent, link="")
    with tent.store.write() as tx:
        by_hand.taken_back(tx, tent.wiring.house(tx), case_id, user=tent.user("alice"), now=tent.clock.now())
    with tent.store.write() as tx, pytest.raises(Stale):
        by_hand.taken_back(tx, tent.wiring.house(tx), case_id, user=tent.user("alice"), now=tent.clock.now())
    assert [entry["step"] for entry in tent.entries("ATTEST")] == ["answered_by_hand", "not answered by hand"]
    assert tent.approve("kim", ANSWER).kind == "queued"


def test_an_answer_to_somebody_who_only_talked_of_us_counts_among_the_unanswered_replies(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "Warum geht Fjordfon nicht?", mentions=[]))
    case = tent.case("kim")
    assert dispatches.replies_to_author(tent.store, case, since=0) == (0, 0)
    tent.clock.advance(HOUR_MS)
    answered(tent)
    assert dispatches.replies_to_author(tent.store, case, since=0) == (1, 1)
    tent.hear(post("2", "ida", "@fjordfon_hilft Warum geht das Internet nicht?"))
    answered(tent, "ida")
    assert dispatches.replies_to_author(tent.store, tent.case("ida"), since=0) == (0, 0)


def test_an_answer_by_hand_is_told_to_the_person_moves_with_its_case_and_goes_with_it(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    case_id = answered(tent)
    platform, author = (tent.case("kim")[name] for name in ("platform", "author_id"))
    told = access.export(tent.store, tent.wiring.keys, platform, author, tent.clock.now())
    assert [row["url"] for row in told["answered_by_a_person_at_the_original"]] == [LINK]
    with tent.store.write() as tx:
        assert "hand_answers" in threads._MOVED
        erasure.ask(tx, tent.wiring.keys, platform, author, user=tent.user("bob"), now=tent.clock.now())
    erasure.work(tent.store, tent.wiring.keys, tent.clock)
    assert hand_answers.of_case(tent.store, case_id) is None
    assert tent.store.value("SELECT count(*) FROM hand_answers") == 0


def test_an_answer_by_hand_is_purged_with_its_case(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    answered(tent)
    tent.clock.advance(31 * 24 * HOUR_MS)
    purge.run(tent.store, now=tent.clock.now(), days=30, author_key=tent.wiring.keys.author)
    assert tent.store.value("SELECT count(*) FROM hand_answers") == 0


# accounts that fail -------------------------------------------------------------------------------


class Silent:
    """An account whose platform does not answer, or asks us to wait."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def identity(self):
        raise self.error


def look(tent: HouseInATent, publisher) -> str:
    identity.run(tent.store, {"samples": publisher}, tent.clock, tent.config.brand)
    return sources.mute(sources.by_name(tent.store, "samples"))


def test_after_an_hour_of_silence_the_cases_of_an_account_are_answered_by_hand_until_it_is_back(
    tent: HouseInATent,
) -> None:
    silent = Silent(Transient("The platform cannot be reached."))
    assert look(tent, silent) == ""
    tent.clock.advance(ALARM_MS - identity.MINUTE_MS)
    assert look(tent, silent) == ""
    tent.clock.advance(identity.MINUTE_MS)
    assert look(tent, silent) == sources.UNREACHED
    tent.clock.advance(identity.MINUTE_MS)
    assert look(tent, tent.publishers["samples"]) == "", "it is back within a minute, by itself"
    tent.clock.advance(identity.EVERY_MS)
    assert look(tent, silent) == "", "the hour begins anew"


def test_a_platform_that_asks_us_to_wait_is_there(tent: HouseInATent) -> None:
    busy = Silent(RateLimited("Later.", retry_after=900))
    for _ in range(3):
        assert look(tent, busy) == ""
        tent.clock.advance(ALARM_MS)


def test_a_token_that_is_revoked_at_night_leaves_the_other_account_untouched(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EARSHOT_TOKEN", md.TOKEN)
    bench, clock = md.Bench(), FakeClock(md.NOW)
    tent = pitch(tmp_path, clock)
    accounts = {**starter().brand.accounts, Platform.MASTODON: (Account(handle=md.OURS),)}
    config = tent.config.model_copy(
        update={
            "brand": tent.config.brand.model_copy(update={"accounts": accounts}),
            "platforms": tent.config.platforms.model_copy(
                update={"sources": (*tent.config.platforms.sources, bench.source)}
            ),
        }
    )
    tent.config = config
    tent.wiring.apply(config)
    with bench.double:
        tent.publishers["fedi"] = tent.wiring.publisher(bench.source)
        connector, door = tent.wiring.connector(bench.source), tent.wiring.door(config, tent.wiring.matcher(config))
        bench.say("seit gestern Abend ist alles dunkel, was nun?")
        ingest.poll(tent.store, connector, door, clock)
        tent.assess()
        assert tent.store.value("SELECT count(*) FROM cases WHERE platform = 'mastodon'") == 1

        bench.everything(md.answer({"error": "The access token was revoked"}, 401))
        ingest.poll(tent.store, connector, door, clock)
        identity.run(tent.store, tent.publishers, clock, config.brand)
        troubles = {row["name"]: sources.mute(row) for row in sources.every(tent.store)}
        assert troubles["fedi"]
        assert troubles["samples"] == ""
        tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
        assert tent.approve("kim", own_words(1)).kind == "queued"
        clock.advance(10_000)
        tent.send()
        assert len(tent.said()) == 1, "the other account answers"

        bench.everything(None)
        clock.advance(HOUR_MS)
        identity.run(tent.store, tent.publishers, clock, config.brand)
        bench.say("immer noch dunkel, was nun?")
        ingest.poll(tent.store, connector, door, clock)
        tent.assess()
    row = sources.by_name(tent.store, "fedi")
    assert row is not None
    assert (sources.mute(row), row["failing_since"]) == ("", None)
    assert tent.store.value("SELECT count(*) FROM mentions WHERE platform = 'mastodon'") == 2, "nothing was lost"
    assert bench.writes() == []
