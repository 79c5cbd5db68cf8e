"""C-14, C-15, C-25: where a draft comes from and what it resembles."""

from typing import Any

import pytest
from gate_facts import DAY, MINUTE, NOW, REPLY, answer, answer_to, context, decision, draft, snapshot
from hypothesis import given
from hypothesis import strategies as st

from bot.gate.decide import releasable
from bot.gate.facts import Sent
from bot.gate.rules.origin import identifiers_in
from bot.model import Origin, Outcome, Platform, Trigger


@pytest.mark.parametrize("origin", [Origin.HUMAN, Origin.TEMPLATE])
def test_on_x_people_and_templates_need_no_permission(origin):
    assert answer("C-14", snapshot(platform=Platform.X), draft(origin=origin)).outcome is Outcome.ALLOW


def test_a_models_text_leaves_on_x_with_written_permission_only():
    post, reply = snapshot(platform=Platform.X), draft(origin=Origin.MODEL)
    assert answer("C-14", post, reply).outcome is Outcome.DENY
    allowed = context(permissions=frozenset({"x_model_drafts"}))
    assert answer("C-14", post, reply, allowed).outcome is Outcome.ALLOW
    other = context(permissions=frozenset({"x_detection"}))
    assert answer("C-14", post, reply, other).outcome is Outcome.DENY
    assert answer("C-14", reply=reply).outcome is Outcome.ALLOW


def test_a_draft_of_unknown_origin_waits():
    assert (answer("C-14", reply=draft(origin=None)).outcome, answer("C-14", reply=draft(origin=None)).missing) == (
        Outcome.WAIT,
        True,
    )


def likeness(*sent: Sent, reply: dict[str, Any] | None = None, post: dict[str, Any] | None = None, **around: Any):
    return answer("C-15", snapshot(**(post or {})), draft(**(reply or {})), context(recent_replies=sent, **around))


def earlier(text: str = REPLY, *, account: str = "fjordfon_hilft", ago: int = 60 * MINUTE, template: str = "") -> Sent:
    return Sent(text, account, NOW - ago, template)


def test_the_same_words_to_somebody_else_ask_a_person():
    held = likeness(earlier(REPLY.replace("@lena_m", "@hans").replace("^AB", "^CD")))
    assert (held.outcome, held.code, held.evidence["likeness"]) == (Outcome.HOLD_SELF, "similar", 1000)
    assert releasable(held)


def test_other_words_and_yesterdays_words_do_not():
    assert (
        likeness(earlier("@hans Zieh bitte den Stecker für eine Minute und steck ihn wieder ein. ^AB")).outcome
        is Outcome.ALLOW
    )
    assert likeness(earlier(ago=DAY + 1)).outcome is Outcome.ALLOW
    assert likeness().outcome is Outcome.ALLOW


def test_one_text_from_two_accounts_is_denied_even_from_a_template():
    assert likeness(earlier(account="fjordfon")).outcome is Outcome.DENY
    reply = {"template": "outage", "template_text": REPLY}
    assert likeness(earlier(account="fjordfon", template="outage"), reply=reply).outcome is Outcome.DENY
    assert not releasable(likeness(earlier(account="fjordfon")))


def test_a_released_template_may_repeat_to_people_who_addressed_us_and_to_nobody_else():
    reply = {"template": "outage", "template_text": REPLY}
    assert likeness(earlier(template="outage"), reply=reply).outcome is Outcome.ALLOW
    unreleased = {"template": "outage", "template_text": None}
    assert likeness(earlier(template="outage"), reply=unreleased).outcome is Outcome.HOLD_SELF
    heard = {"triggers": (Trigger.NONE,)}
    assert likeness(earlier(template="outage"), reply=reply, post=heard).outcome is Outcome.HOLD_SELF


def test_a_burst_of_one_template_asks_once():
    reply = {"template": "outage", "template_text": REPLY}
    burst = [earlier(template="outage", ago=minute * MINUTE) for minute in range(1, 9)]
    held = likeness(*burst, reply=reply)
    assert (held.outcome, held.code) == (Outcome.HOLD_SELF, "burst")
    assert likeness(*burst, reply=reply, burst_released=True).outcome is Outcome.NOTE
    assert likeness(*burst[:-1], reply=reply).outcome is Outcome.ALLOW
    other = [earlier(template="billing", ago=minute * MINUTE) for minute in range(1, 9)]
    assert likeness(*other, reply=reply).outcome is Outcome.ALLOW
    slow = [earlier(template="outage", ago=20 * MINUTE) for _ in range(8)]
    assert likeness(*slow, reply=reply).outcome is Outcome.ALLOW


def test_not_knowing_our_other_replies_waits():
    held = answer("C-15", around=context(recent_replies=None))
    assert (held.outcome, held.missing) == (Outcome.WAIT, True)


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_told_for_any_two_texts_and_is_whole_for_one(ours, theirs):
    assert 0 <= likeness(earlier(theirs), reply={"text": ours}).evidence.get("likeness", 0) <= 1000
    assert likeness(earlier(ours), reply={"text": ours}).evidence["likeness"] == 1000


@pytest.mark.parametrize(
    "text",
    [
        "Zu FF-12345678 sehen wir nach. ^AB",
        "FF-12345678: da ist ein Techniker gebucht ^AB",
        "(FF-１２３４５６７８) ^AB",
    ],
)
def test_a_number_of_our_own_customers_never_leaves(text):
    assert answer_to("C-25", text).outcome is Outcome.DENY


@pytest.mark.parametrize("text", ["Im Tarif FF-1234 ist das so. ^AB", "XFF-12345678Y ^AB", REPLY])
def test_other_numbers_are_not_ours(text):
    assert answer_to("C-25", text).outcome is Outcome.ALLOW


def test_what_people_wrote_about_the_author_into_the_case_stands_against_a_reply_without_their_consent():
    noted = {"identifiers": ("email", "customer number")}
    denied = answer("C-25", around=context(**noted))
    assert (denied.outcome, denied.evidence) == (Outcome.DENY, {"kinds": "customer number email", "opt_in": "none"})
    agreed = answer("C-25", around=context(**noted, opt_in=17))
    assert (agreed.outcome, agreed.evidence) == (Outcome.NOTE, {"kinds": "customer number email", "opt_in": 17})
    assert answer("C-25", around=context(opt_in=17)).outcome is Outcome.ALLOW, "nothing rests on it, nothing to tell"
    assert answer("C-25", reply=draft(text=None)).missing
    assert answer("C-25", reply=draft(text=None), around=context(opt_in=17)).missing, "an agreement covers no gap"


@pytest.mark.parametrize(
    ("note", "kinds"),
    [
        ("steht unter FF-12345678 im System", {"customer number"}),
        ("schreibt sonst von lena@example.com", {"email"}),
        ("Rückruf an +49 171 0000000", {"phone"}),
        ("wartet seit 3 Wochen, Ticket 4711, 24. 12. um 10:30", set()),
        ("Termin war am 08.12.2026 um 10:30, davor am 02/11/2026", set()),
        ("am 08.12.2026 unter 0171 0000000 gemeldet", {"phone"}),
        ("", set()),
    ],
)
def test_a_note_is_read_for_what_leads_to_a_person(note, kinds):
    assert identifiers_in(note, ("FF-########",)) == kinds


def test_none_of_the_three_stands_in_the_way_of_a_decent_reply():
    assert decision().outcome is Outcome.ALLOW
