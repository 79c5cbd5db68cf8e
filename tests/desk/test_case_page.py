"""The page of one case, and what people do there; every act is a plain form that leads on."""

import re

import pytest
from sample_desk import MINUTE, SampleDesk
from sample_posts import approved

from bot.model import CaseState, Finding, Lane, Priority, Trigger
from bot.review import acts
from bot.store import cases, dispatches, mentions, status

QUESTION = "@fjordfon_hilft Wo finde ich meine Rechnung?"
REPLY = "Moin, deine Rechnung findest du hier: https://fjordfon.example/rechnung ^AB"


def take(client, case_id: int) -> None:
    assert client.post(f"/case/{case_id}/open").status_code == 303


def field(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def send(client, desk: SampleDesk, case_id: int, text: str = REPLY, **more):
    draft = desk.draft(case_id)
    known = {"version": str(draft["version"]), "text": text, **more}
    return client.post(f"/draft/{draft['id']}/approve?lane=help", data=known)


def state(desk: SampleDesk, case_id: int) -> str:
    return cases.by_id(desk.stores(), case_id)["state"]


def test_looking_at_a_case_changes_nothing(desk, alice):
    case_id = desk.hear(QUESTION)
    before = tuple(cases.by_id(desk.stores(), case_id))
    page = alice.get(f"/case/{case_id}").text
    assert "Take the case" in page
    assert "Prepared reply" in page
    assert tuple(cases.by_id(desk.stores(), case_id)) == before


def test_taking_a_case_shows_the_composer_with_the_signed_draft(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    page = alice.get(f"/case/{case_id}").text
    assert state(desk, case_id) == CaseState.CLAIMED
    assert "^AB</textarea>" in page
    assert "yours until" in page


def test_a_case_in_other_hands_can_be_read_but_not_taken(desk, alice, bob):
    case_id = desk.hear(QUESTION)
    take(bob, case_id)
    assert alice.post(f"/case/{case_id}/open").status_code == 409
    page = alice.get(f"/case/{case_id}").text
    assert "^KM works on this case" in page
    assert "<textarea" not in page


def test_an_ordinary_reply_takes_one_click_and_leads_to_the_next_case(desk, alice):
    first, second = desk.hear(QUESTION, handle="a"), desk.hear(QUESTION, handle="b")
    take(alice, first)
    answer = send(alice, desk, first)
    assert answer.status_code == 303
    assert answer.location.startswith(f"/case/{second}?lane=help&told=queued")
    assert state(desk, first) == CaseState.OUTBOX
    assert cases.by_id(desk.stores(), second)["claimed_by"] == desk.people["alice"]
    page = alice.get(answer.location).text
    assert "Leaves in 10 s." in page
    assert "Undo" in page


def test_after_the_last_case_one_comes_back_to_the_list(desk, alice):
    only = desk.hear(QUESTION)
    take(alice, only)
    assert send(alice, desk, only).location.startswith("/?lane=help&told=queued")


def test_going_on_never_takes_a_case_out_of_other_hands(desk, alice, bob):
    first, second = desk.hear(QUESTION, handle="a"), desk.hear(QUESTION, handle="b")
    take(alice, first)
    take(bob, second)
    assert send(alice, desk, first).location.startswith("/?lane=help")


def test_undo_brings_the_reply_back_into_the_case(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    send(alice, desk, case_id)
    sent = dispatches.of_case(desk.stores(), case_id)[0]
    answer = alice.post(f"/outbox/{sent['id']}/cancel")
    assert answer.location == f"/case/{case_id}?told=cancelled"
    assert state(desk, case_id) == CaseState.CLAIMED
    assert REPLY in alice.get(f"/case/{case_id}").text.replace("&#39;", "'")


def test_a_form_sent_twice_acts_once_and_leads_to_the_same_place(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    draft = desk.draft(case_id)
    known = {"version": draft["version"], "text": REPLY, "key": "k" * 24}
    answers = [alice.post(f"/draft/{draft['id']}/approve?lane=help", data=known) for _ in range(3)]
    assert {answer.location for answer in answers} == {answers[0].location}
    assert len(dispatches.of_case(desk.stores(), case_id)) == 1


def test_a_form_key_of_somebody_else_does_not_act_for_me(desk, alice, bob):
    case_id = desk.hear(QUESTION)
    alice.post(f"/case/{case_id}/open", data={"key": "k" * 24})
    assert bob.post(f"/case/{case_id}/open", data={"key": "k" * 24}).status_code == 409
    assert cases.by_id(desk.stores(), case_id)["claimed_by"] == desk.people["alice"]


def test_a_stale_version_shows_the_difference_and_keeps_what_was_typed(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    draft = desk.draft(case_id)
    with desk.stores().write() as tx:
        acts.save(tx, draft["id"], version=draft["version"], text="Frühere Worte ^AB", user=desk.user("alice"), now=1)
    answer = alice.post(f"/draft/{draft['id']}/approve", data={"version": draft["version"], "text": "Meine Worte ^AB"})
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.text
    assert re.search(r"<del>Frühere ?</del><ins>Meine ?</ins>", answer.text)
    assert "Meine Worte ^AB</textarea>" in answer.text
    assert dispatches.of_case(desk.stores(), case_id) == []


def test_after_comparing_the_second_try_goes_through(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    draft = desk.draft(case_id)
    with desk.stores().write() as tx:
        acts.save(tx, draft["id"], version=draft["version"], text="Andere Worte", user=desk.user("alice"), now=1)
    page = alice.post(f"/draft/{draft['id']}/approve", data={"version": draft["version"], "text": REPLY}).text
    answer = alice.post(f"/draft/{draft['id']}/approve", data={"version": field(page, "version"), "text": REPLY})
    assert answer.status_code == 303
    assert state(desk, case_id) == CaseState.OUTBOX


def test_gaps_are_filled_from_their_own_fields(desk, alice):
    case_id = desk.hear("@fjordfon_hilft Bei mir kein Internet, wann geht es wieder?", topic="outage")
    take(alice, case_id)
    page = alice.get(f"/case/{case_id}").text
    assert "Gap: bis wann" in page
    draft = desk.draft(case_id)
    known = {"version": draft["version"], "text": draft["text"], "gap-name": "bis wann", "gap": "gegen 13 Uhr"}
    alice.post(f"/draft/{draft['id']}/save", data=known)
    saved = desk.draft(case_id)["text"]
    assert "gegen 13 Uhr" in saved
    assert "[bis wann]" not in saved


def test_an_open_gap_is_held_and_says_so(desk, alice):
    case_id = desk.hear("@fjordfon_hilft Bei mir kein Internet, wann geht es wieder?", topic="outage")
    take(alice, case_id)
    answer = send(alice, desk, case_id, text="Das läuft [bis wann] wieder. ^AB")
    assert answer.location.startswith(f"/case/{case_id}?")
    assert "A gap is still open. Fill it." in alice.get(answer.location).text
    assert dispatches.of_case(desk.stores(), case_id) == []


def test_autosave_answers_with_the_new_version_and_refuses_a_stale_one(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    draft = desk.draft(case_id)
    path, known = f"/draft/{draft['id']}/save", {"version": draft["version"], "text": "Erster Anlauf ^AB"}
    first = alice.post(path, data=known, headers={"Accept": "application/json"})
    assert first.json["version"] == draft["version"] + 1
    assert first.json["told"].startswith("Saved")
    again = alice.post(path, data={**known, "text": "Zweiter"}, headers={"Accept": "application/json"})
    assert again.status_code == 409
    assert desk.draft(case_id)["text"] == "Erster Anlauf ^AB"


def test_a_preview_of_the_panel_writes_nothing(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    draft, before = desk.draft(case_id), desk.stores().value("SELECT count(*) FROM log")
    panel = alice.post(f"/draft/{draft['id']}/preview", data={"text": "Schau hier: https://evil.example/x"}).text
    assert "This link does not lead to us." in panel
    assert "<html" not in panel
    assert desk.stores().value("SELECT count(*) FROM log") == before
    assert desk.draft(case_id)["text"] == draft["text"]


def test_the_panel_says_when_only_my_approval_is_missing(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    draft = desk.draft(case_id)
    panel = alice.post(f"/draft/{draft['id']}/preview", data={"text": REPLY}).text
    assert "Ready for your approval" in panel


def test_a_refusal_stays_in_the_case_and_cannot_be_released(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    answer = send(alice, desk, case_id, text="Schau hier: https://evil.example/x ^AB")
    page = alice.get(answer.location).text
    assert "Denied" in page
    assert "This cannot be overridden." in page
    assert 'value="C-23"' not in page
    draft = desk.draft(case_id)
    refused = alice.post(f"/draft/{draft['id']}/release", data={"rule": "C-23", "reason": "bitte"})
    assert refused.status_code == 409
    assert "There is nothing to release here" in refused.text


def test_a_hold_is_released_with_a_reason_beside_it(desk, alice):
    case_id = desk.hear(QUESTION, age_ms=8 * 24 * 60 * MINUTE)
    take(alice, case_id)
    send(alice, desk, case_id)
    page = alice.get(f"/case/{case_id}").text
    assert 'name="rule" value="C-12"' in page
    draft = desk.draft(case_id)
    alice.post(f"/draft/{draft['id']}/release", data={"rule": "C-12", "reason": "Die Frage ist noch offen."})
    assert send(alice, desk, case_id).location.startswith("/?lane=help&told=queued")


def test_a_sensitive_reply_waits_for_a_second_person_who_approves_the_same_text(desk, alice, bob):
    case_id = desk.hear(QUESTION, lane=Lane.ABUSE)
    take(alice, case_id)
    assert "Hand on for approval" in alice.get(f"/case/{case_id}").text
    assert "told=waiting" in send(alice, desk, case_id).location
    assert state(desk, case_id) == CaseState.WAITING
    assert f"/case/{case_id}?" in bob.get("/?state=waiting").text
    take(bob, case_id)
    assert REPLY in bob.get(f"/case/{case_id}").text
    send(bob, desk, case_id)
    assert state(desk, case_id) == CaseState.OUTBOX


def test_a_senior_sends_a_reply_back_with_a_note_that_its_author_reads(desk, alice, bob):
    case_id = desk.hear(QUESTION, lane=Lane.ABUSE)
    take(alice, case_id)
    send(alice, desk, case_id)
    take(bob, case_id)
    draft = desk.draft(case_id)
    bob.post(f"/draft/{draft['id']}/reject", data={"version": draft["version"], "reason": "Bitte freundlicher."})
    bob.post(f"/case/{case_id}/let-go")
    take(alice, case_id)
    page = alice.get(f"/case/{case_id}").text
    assert "Sent back by ^KM." in page
    assert "Bitte freundlicher." in page


@pytest.mark.parametrize("reason", ["no_reply_needed", "answered_by_hand", "not_about_us", "duplicate"])
def test_a_case_is_closed_with_a_reason(desk, alice, reason):
    case_id = desk.hear(QUESTION)
    answer = alice.post(f"/case/{case_id}/close?lane=help", data={"reason": reason})
    assert answer.location == f"/?lane=help&told={'by_hand' if reason == 'answered_by_hand' else 'closed'}"
    assert state(desk, case_id) == CaseState.CLOSED


def test_closing_without_a_reason_changes_nothing(desk, alice):
    case_id = desk.hear(QUESTION)
    assert alice.post(f"/case/{case_id}/close", data={"reason": "because"}).status_code == 409
    assert state(desk, case_id) == CaseState.NEW


@pytest.mark.parametrize("lane", ["threat", "crisis"])
def test_escalating_moves_the_case_and_writes_the_ledger(desk, alice, lane):
    case_id = desk.hear(QUESTION)
    alice.post(f"/case/{case_id}/escalate", data={"lane": lane})
    row = cases.by_id(desk.stores(), case_id)
    assert (row["lane"], row["state"], row["priority"]) == (lane, "escalated", Priority.HIGH)
    assert f'"type":"{lane.upper()}"'.encode() in desk.stores().rows("SELECT body FROM log ORDER BY seq")[-1]["body"]


def test_escalating_elsewhere_is_refused(desk, alice):
    case_id = desk.hear(QUESTION)
    assert alice.post(f"/case/{case_id}/escalate", data={"lane": "praise"}).status_code == 400
    assert alice.post(f"/case/{case_id}/lane", data={"lane": "nowhere"}).status_code == 400


def test_the_lane_is_corrected_by_hand(desk, alice):
    case_id = desk.hear(QUESTION)
    answer = alice.post(f"/case/{case_id}/lane?lane=help", data={"lane": "praise"})
    assert answer.location == f"/case/{case_id}?lane=praise&told=moved"
    assert cases.by_id(desk.stores(), case_id)["lane"] == "praise"


def test_letting_go_needs_no_reason(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    alice.post(f"/case/{case_id}/let-go")
    assert cases.by_id(desk.stores(), case_id)["claimed_by"] is None


def test_do_not_contact_is_one_click_and_can_be_lifted(desk, alice):
    case_id = desk.hear(QUESTION)
    alice.post(f"/case/{case_id}/opt-out")
    page = alice.get(f"/case/{case_id}").text
    assert "Answer this once" in page
    alice.post(f"/case/{case_id}/opt-out/lift")
    assert "Do not contact again" in alice.get(f"/case/{case_id}").text


def test_one_answer_is_allowed_after_an_opt_out(desk, alice):
    case_id = desk.hear(QUESTION)
    alice.post(f"/case/{case_id}/opt-out")
    assert "told=answer_once" in alice.post(f"/case/{case_id}/answer-once").location


def test_looking_again_asks_the_worker(desk, alice):
    case_id = desk.hear(QUESTION)
    alice.post(f"/case/{case_id}/recheck")
    mention = mentions.of_case(desk.stores(), case_id)[0]
    assert status.is_asked(desk.stores(), mention["id"])
    assert "The worker is looking at the post." in alice.get(f"/case/{case_id}").text


def test_only_heard_cases_say_why_no_reply_is_possible(desk, alice):
    case_id = desk.hear(
        "Alle schimpfen über Fjordfon", lane=Lane.LISTEN, trigger=Trigger.NONE, url="https://social.example/1"
    )
    page = alice.get(f"/case/{case_id}").text
    assert "no reply leaves from here" in page
    assert 'href="https://social.example/1" rel="noreferrer' in page
    assert "<textarea" not in page
    assert "Approve" not in page


@pytest.mark.parametrize("lane", [Lane.THREAT, Lane.CRISIS])
def test_own_words_lanes_offer_no_template(desk, bob, lane):
    case_id = desk.hear(QUESTION, lane=lane)
    take(bob, case_id)
    page = bob.get(f"/case/{case_id}").text
    assert "own words count" in page
    assert "Prepared from" not in page


@pytest.mark.parametrize(("language", "told"), [("fi", "Finnish"), ("other", "another language")])
def test_a_post_in_a_language_we_do_not_answer_in_has_no_draft_and_says_why(desk, alice, language, told):
    case_id = desk.hear("@fjordfon_hilft Missä laskuni on?", language=language)
    take(alice, case_id)
    page = alice.get(f"/case/{case_id}").text
    assert f"in a language we do not answer in ({told})" in page
    assert "Prepared from" not in page
    assert "<textarea" in page


def test_a_post_whose_language_cannot_be_determined_says_so_and_may_get_a_draft(desk, alice):
    finding = Finding("language", "2", "undetermined", 0, (), "no-words")
    case_id = desk.hear("@fjordfon_hilft ???", language="undetermined", findings=(finding,))
    take(alice, case_id)
    page = alice.get(f"/case/{case_id}").text
    assert "Language cannot be determined" in page
    assert "we do not answer in" not in page


def test_a_case_that_nobody_assessed_says_so_and_stays_shielded(desk, alice):
    case_id = desk.hear("@fjordfon_hilft Giftpost", poison=True)
    page = alice.get(f"/case/{case_id}").text
    assert "Not assessed." in page
    assert "Giftpost" not in page
    assert "Giftpost" not in alice.get("/?lane=help").text


def test_marks_carry_the_number_of_their_rule(desk, alice):
    case_id = desk.hear("@fjordfon_hilft kein Internet und die Hotline legt auf", terms=("kein Internet", "Hotline"))
    page = alice.get(f"/case/{case_id}").text
    assert "<mark>kein Internet<sup>1</sup></mark>" in page
    assert "<mark>Hotline<sup>2</sup></mark>" in page
    assert "watches/outage.yaml:14" in page


def test_findings_stand_with_grade_score_and_version(desk, alice):
    case_id = desk.hear(QUESTION, findings=(Finding("sentiment", "1.3", "negative", 812, (), "german"),))
    page = alice.get(f"/case/{case_id}").text
    assert "Angry or disappointed" in page
    assert 'value="812"' in page
    assert "sentiment 1.3" in page


def test_a_namesake_is_told_with_its_watch_in_both_languages(desk, alice):
    found = Finding("relevance", "1", "namesake", 870, ((16, 22),), "brand")
    case_id = desk.hear(QUESTION, findings=(found,), reason="namesake brand 870")
    english = alice.get(f"/case/{case_id}").text
    assert "Probably a namesake" in english
    assert "brand · relevance 1" in english
    german = alice.get(f"/case/{case_id}", headers={"Accept-Language": "de"}).text
    assert "Vermutlich ein Namensvetter" in german
    assert "meint einen Namensvetter" in german


def test_a_watch_without_examples_was_not_asked_and_says_nothing(desk, alice):
    unasked = Finding("relevance", "1", "undetermined", 0, (), "no-examples")
    case_id = desk.hear(QUESTION, findings=(unasked,))
    page = alice.get(f"/case/{case_id}").text
    assert "relevance" not in page
    assert "Unclear whether we are meant" not in page


def test_our_sent_reply_stands_in_the_thread(desk, alice):
    case_id = desk.hear(QUESTION)
    verdict = approved(desk, case_id, REPLY)
    with desk.stores().write() as tx:
        dispatches.set_state(tx, verdict.dispatch_id, "queued", "sent", 1, remote_url="https://x.example/9", sent_at=1)
    page = alice.get(f"/case/{case_id}").text
    assert "our reply" in page
    assert "deine Rechnung findest du hier" in page


def test_a_reply_longer_than_the_platform_takes_is_kept_not_sent(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    answer = send(alice, desk, case_id, text="x" * 501)
    assert answer.status_code == 422
    assert "x" * 501 in answer.text
    assert dispatches.of_case(desk.stores(), case_id) == []


def test_every_form_on_the_page_leads_to_a_route_of_ours(desk, alice, app):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    page = alice.get(f"/case/{case_id}").text
    router = app.url_map.bind("localhost")
    for action in re.findall(r'(?:form)?action="([^"?]+)', page):
        assert router.match(action, method="POST")


def test_every_link_on_every_page_leads_somewhere(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    seen = set()
    for start in ("/", f"/case/{case_id}", "/outbox", "/ledger", "/ledger/1", "/account", "/stop", "/square"):
        for link in re.findall(r'<a [^>]*href="([^"#]+)"', alice.get(start).text):
            if link not in seen and link.startswith("/"):
                seen.add(link)
                assert alice.get(link.replace("&amp;", "&")).status_code == 200, (start, link)
    assert len(seen) > 15
