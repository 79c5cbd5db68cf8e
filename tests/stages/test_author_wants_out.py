"""An author who wants no more replies, or wants ours gone: at once, by us, without a click."""

import pytest
from tents import HouseInATent, post

from bot.ledger.full import compare_in_full
from bot.ledger.verify import Verdict
from bot.model import DispatchState
from bot.model.retention import DAY_MS, SUPPRESSION_REVIEW_MS
from bot.review import outgoing
from bot.store import opt_outs

QUESTION = "@fjordfon_hilft Warum geht das Internet nicht?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


def answered(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    assert len(tent.said()) == 1


def suppressed(tent: HouseInATent) -> bool:
    return opt_outs.standing(tent.store, tent.wiring.keys.author("replay", "kim")) is not None


@pytest.mark.parametrize("words", ["löscht eure Antwort!", "please delete your reply"])
def test_who_asks_for_our_reply_to_be_deleted_is_obeyed_at_once_under_stop_all_too(
    tent: HouseInATent, words: str
) -> None:
    answered(tent)
    with tent.store.write() as tx:
        outgoing.stop(tx, tent.wiring.house(tx), reason="test", user=None, now=tent.clock.now())
    tent.hear(post("2", "kim", f"@fjordfon_hilft {words}", in_reply_to="1", root="1"))
    assert suppressed(tent)
    tent.send()
    assert tent.said() == []
    assert tent.store.value("SELECT state FROM dispatches") == DispatchState.RETRACTED
    assert [(entry["step"], entry.get("by")) for entry in tent.entries("RETRACT")] == [
        ("asked", "author"),
        ("done", None),
    ]
    tent.beat()
    compared = compare_in_full(tent.store, tent.root / "checkpoints", tent.wiring.keys.known)
    assert compared.report.verdict is Verdict.OK


def test_replies_to_others_in_the_same_thread_stay(tent: HouseInATent) -> None:
    answered(tent)
    tent.hear(post("3", "nell", QUESTION, in_reply_to="1", root="1"))
    assert tent.approve("nell", "Das sehen wir uns gleich an und melden uns hier wieder. ^AL").kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    tent.hear(post("2", "kim", "@fjordfon_hilft löscht eure Antwort", in_reply_to="1", root="1"))
    tent.send()
    assert [reply.in_reply_to for reply in tent.said()] == ["3"]


def test_the_same_words_to_somebody_else_take_nothing_back(tent: HouseInATent) -> None:
    answered(tent)
    line = post(
        "2", "kim", "@nell löscht eure Antwort, Fjordfon liest mit", in_reply_to="9", root="9", mentions=["nell"]
    )
    tent.hear(line)
    tent.send()
    assert len(tent.said()) == 1
    assert not suppressed(tent)


def test_what_was_approved_and_not_sent_comes_back(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", QUESTION))
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.hear(post("2", "kim", "@fjordfon_hilft löscht eure Antwort", in_reply_to="1", root="1"))
    tent.clock.advance(10_000)
    tent.send()
    assert tent.said() == []


def test_an_opt_out_is_to_be_reviewed_after_three_years_and_stands_until_then(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft stopp"))
    at = tent.clock.now()
    assert opt_outs.to_review(tent.store, at + SUPPRESSION_REVIEW_MS - DAY_MS - SUPPRESSION_REVIEW_MS) == 0
    tent.clock.advance(SUPPRESSION_REVIEW_MS)
    assert opt_outs.to_review(tent.store, tent.clock.now() - SUPPRESSION_REVIEW_MS) == 1
    assert suppressed(tent)
