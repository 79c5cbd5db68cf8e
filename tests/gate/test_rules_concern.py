"""C-16: a reply that feels for something of which nobody spoke was written for somebody else."""

import pytest
from gate_facts import answer, approval, context, draft, ruleset, snapshot
from hypothesis import given
from hypothesis import strategies as st

from bot.gate.concern import concern_marks
from bot.gate.decide import releasable
from bot.gate.rule import Question
from bot.model import Outcome


def said(post: str, reply: str, *earlier: str):
    return answer(
        "C-16",
        snapshot(text=post, earlier_texts=earlier),
        draft(text=reply),
        context(approvals=(approval(reply),)),
    )


@pytest.mark.parametrize(
    ("post", "reply"),
    [
        ("Der Techniker war super, danke!", "Tut uns leid, dass die Rechnung zweimal kam. ^AB"),
        ("Wo finde ich meine Rechnung?", "Schade, dass der Techniker nicht kam. Ein neuer Termin geht online. ^AB"),
        ("My invoice shows an extra item.", "Sorry your connection has been down for days. ^AB"),
        ("Does my number move with me?", "Sorry about the technician who never came. ^AB"),
        ("Was kostet der Umzug?", "Wie besprochen ist die zweite SIM bestellt. ^AB"),
    ],
)
def test_sympathy_about_what_nobody_named_makes_the_writer_look_again(post, reply):
    held = said(post, reply)
    assert (held.outcome, held.code) == (Outcome.HOLD_SELF, "other concern")
    assert releasable(held)


@pytest.mark.parametrize(
    ("post", "reply", "earlier"),
    [
        ("Seit gestern geht hier nichts mehr.", "Tut uns leid, die Leitung ist gestört. ^AB", ()),
        ("Wer plant bei euch Wartungen um 12?", "Tut uns leid für die Störung. ^AB", ()),
        ("Die Rechnung stimmt nicht.", "Tut uns leid. Reklamieren geht unter der Rechnung. ^AB", ()),
        ("Und nun?", "Tut uns leid, dass der Techniker nicht kam. ^AB", ("Der Techniker war wieder nicht da.",)),
        ("Wo finde ich meine Rechnung?", "Im Kundenkonto. Einen Techniker braucht es dafür nicht. ^AB", ()),
        ("Der Techniker war super!", "Das freut uns, wir sagen es ihm weiter. ^AB", ()),
    ],
)
def test_sympathy_about_what_was_told_and_facts_about_anything_pass(post, reply, earlier):
    assert said(post, reply, *earlier).outcome is Outcome.ALLOW


def test_the_sentence_is_marked_from_its_first_to_its_last_sign():
    reply = "Hallo. Tut uns leid, dass die Rechnung zweimal kam! Mehr: https://fjordfon.example/x ^AB"
    question = Question(snapshot(text="Der Techniker war da."), draft(text=reply), context(), ruleset())
    (mark,) = concern_marks(question)
    assert reply[mark.start : mark.end] == "Tut uns leid, dass die Rechnung zweimal kam"


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_are_judged_and_marks_lie_within_the_draft(post, reply):
    question = Question(snapshot(text=post), draft(text=reply), context(), ruleset())
    assert all(0 <= mark.start < mark.end <= len(reply) for mark in concern_marks(question))
