"""Looking after people at the desk: crises for trained people, hotline cards, breaks, debriefs, one's own figure."""

import re

import pytest
from sample_desk import MINUTE, abuse

from bot.model import Lane, Role
from bot.protect import hotlines
from bot.review import care as review
from bot.store import care, cases, dispatches, drafts, users

NEED = "@fjordfon_hilft Ich kann nicht mehr, ich will nicht mehr leben."
RUDE = "@fjordfon_hilft Du bist echt eine Vollkatastrophe."
OWN = "Wir lesen dich, und es ist gut, dass du schreibst."
DAY_MS = 86_400_000
MOST = 20


@pytest.fixture
def need(desk) -> int:
    return desk.hear(NEED, lane=Lane.CRISIS)


@pytest.fixture
def rude(desk) -> int:
    return desk.hear(RUDE, lane=Lane.ABUSE, findings=(abuse(RUDE, "Vollkatastrophe"),))


def take(client, case_id: int):
    return client.post(f"/case/{case_id}/open")


def reads(desk, name: str, times: int) -> None:
    with desk.stores().write() as tx:
        for _ in range(times):
            care.expose(tx, desk.people[name], desk.clock.now())


def line(card: str, language: str = "de") -> str:
    return next(each.line(language) for each in hotlines.registry().card if each.id == card)


# a crisis -------------------------------------------------------------------------------------------


def test_who_is_not_trained_sees_what_to_call_and_neither_the_text_nor_a_way_in(desk, alice, need):
    page = alice.get(f"/case/{need}").text
    assert "Only people trained for crises open this case." in page
    assert "tel:112" in page
    assert "Show the wording" not in page
    assert "Take the case" not in page
    assert "leben" not in page
    assert alice.post(f"/case/{need}/reveal", data={"level": "2"}).status_code == 403
    assert "trained for crises" in take(alice, need).text
    assert cases.by_id(desk.stores(), need)["claimed_by"] is None


def test_what_was_shown_before_it_became_a_crisis_is_covered_again_for_who_is_not_trained(desk, alice, rude):
    alice.post(f"/case/{rude}/reveal", data={"level": "2"})
    assert "Vollkatastrophe" in alice.get(f"/case/{rude}?level=2").text
    with desk.stores().write() as tx:
        cases.change_lane(tx, rude, Lane.CRISIS, desk.clock.now(), desk.people["bob"])
    assert "Vollkatastrophe" not in alice.get(f"/case/{rude}?level=2").text


def test_a_card_is_put_behind_own_words_and_the_reply_leaves_by_one_person(desk, bob, need):
    take(bob, need)
    draft = desk.draft(need)
    page = bob.get(f"/case/{need}").text
    assert '<span class="number">0800 1110111</span>' in page
    assert 'value="de-eltern"' not in page, "nobody confirmed that card"
    form = {"version": str(draft["version"]), "text": OWN, "card": "de-telefonseelsorge"}
    answer = bob.post(f"/draft/{draft['id']}/card?lane=crisis", data=form)
    assert answer.status_code == 303
    assert desk.draft(need)["text"] == f"{OWN}\n{line('de-telefonseelsorge')}"
    saved = desk.draft(need)
    bob.post(f"/draft/{draft['id']}/approve", data={"version": str(saved["version"]), "text": saved["text"]})
    [sent] = dispatches.of_case(desk.stores(), need)
    assert sent["text"] == saved["text"], "no sign-off"


def test_a_card_is_put_in_once_and_a_stale_form_keeps_what_was_typed(desk, bob, need):
    take(bob, need)
    draft = desk.draft(need)
    form = {"version": str(draft["version"]), "text": f"{OWN}\n{line('de-rescue')}", "card": "de-rescue"}
    bob.post(f"/draft/{draft['id']}/card", data=form)
    assert desk.draft(need)["text"].count("112") == 1
    again = bob.post(f"/draft/{draft['id']}/card", data={**form, "text": "Anders.", "card": "de-kinder"})
    assert again.status_code == 409
    assert "116 111" in again.text


def test_a_blocked_or_unknown_card_and_a_card_outside_a_crisis_go_nowhere(desk, bob, need):
    take(bob, need)
    draft = desk.draft(need)
    for card in ("de-eltern", "us-988", "nobody", ""):
        form = {"version": str(draft["version"]), "text": OWN, "card": card}
        assert bob.post(f"/draft/{draft['id']}/card", data=form).status_code == 404
    other = desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?", handle="b")
    take(bob, other)
    form = {"version": "1", "text": "Moin", "card": "de-rescue"}
    assert bob.post(f"/draft/{desk.draft(other)['id']}/card", data=form).status_code == 404


def test_english_posts_get_the_cards_in_english(desk, bob):
    case_id = desk.hear("@fjordfon_hilft I want to end it all", lane=Lane.CRISIS, language="en")
    take(bob, case_id)
    assert "TelefonSeelsorge (in German)" in bob.get(f"/case/{case_id}").text
    form = {"version": str(desk.draft(case_id)["version"]), "text": "We hear you.", "card": "de-telefonseelsorge"}
    bob.post(f"/draft/{desk.draft(case_id)['id']}/card", data=form)
    assert desk.draft(case_id)["text"].endswith(line("de-telefonseelsorge", "en"))


def test_every_platform_with_people_says_how_to_tell_them():
    for platform in ("x", "reddit", "bluesky", "mastodon", "lemmy", "discourse"):
        told = hotlines.report_for(platform)
        assert told is not None
        assert len(told) == 2
    assert hotlines.report_for("replay") is None


def test_a_flag_leads_to_the_crisis_people_and_out_of_untrained_hands(desk, alice):
    case_id = desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?")
    take(alice, case_id)
    alice.post(f"/case/{case_id}/escalate", data={"lane": "crisis"})
    assert cases.by_id(desk.stores(), case_id)["claimed_by"] is None
    assert take(alice, case_id).status_code == 403


# hotlines -------------------------------------------------------------------------------------------


def test_the_page_of_hotlines_shows_every_number_exactly_with_its_source(alice):
    page = alice.get("/hotlines").text
    for card in hotlines.registry().card:
        for number in card.numbers:
            assert f"<b>{number}</b>" in page
        assert card.source in page
    assert "I looked: the number holds" not in page, "an agent without the training does not confirm"
    assert alice.post("/hotlines/de-eltern/confirm").status_code == 403


def test_a_senior_confirms_a_card_and_it_may_be_put_in(desk, bob, need):
    assert "not yet: we only had an old page for it" in bob.get("/hotlines").text
    assert bob.post("/hotlines/de-eltern/confirm").status_code == 303
    assert " by bob" in bob.get("/hotlines").text
    take(bob, need)
    assert 'value="de-eltern"' in bob.get(f"/case/{need}").text


def test_old_cards_are_blocked_on_the_page_and_in_the_case(desk, bob, need, clock):
    take(bob, need)
    clock.advance(160 * DAY_MS)
    with desk.stores().write() as tx:
        tx.run("UPDATE sessions SET expires_at = :t, seen_at = :n", t=clock.now() + DAY_MS, n=clock.now())
    take(bob, need)
    page = bob.get(f"/case/{need}").text
    assert "not confirmed" in page
    assert 'name="card"' not in page
    assert bob.get("/hotlines").text.count("</svg>blocked<") == 9


# the budget -----------------------------------------------------------------------------------------


def test_near_the_budget_the_case_offers_to_hand_over_and_to_rest(desk, alice, rude):
    take(alice, rude)
    reads(desk, "alice", 15)
    assert "hard texts today" not in alice.get(f"/case/{rude}").text
    alice.post(f"/case/{rude}/reveal", data={"level": "2"})
    page = alice.get(f"/case/{rude}?level=2").text
    assert "16 of 20 hard texts today." in page
    assert "Leave it to somebody else" in page
    answer = alice.post("/care/rest", data={"case": str(rude)})
    assert "told=resting" in answer.location
    assert cases.by_id(desk.stores(), rude)["claimed_by"] is None
    assert "You are on a break until" in alice.get(f"/case/{rude}").text
    alice.post("/care/go-on")
    assert "You are on a break" not in alice.get(f"/case/{rude}").text


def test_past_the_budget_the_case_goes_to_others_and_the_page_says_so_instead_of_an_error(desk, alice, rude):
    reads(desk, "alice", MOST)
    page = alice.get(f"/case/{rude}").text
    assert "You have read enough of this today." in page
    assert "Take the case" not in page
    assert "Show the wording" not in page
    refused = take(alice, rude)
    assert refused.status_code == 403
    assert "You have read enough of this today" in refused.text
    assert alice.post(f"/case/{rude}/reveal", data={"level": "2"}).status_code == 403
    assert "data-opening" not in alice.get("/?lane=abuse").text
    assert take(alice, desk.hear("@fjordfon_hilft Wo ist meine Rechnung?", handle="b")).status_code == 303


def test_the_text_that_fills_the_budget_is_still_read_to_its_end(desk, alice, rude):
    reads(desk, "alice", MOST - 1)
    answer = alice.post(f"/case/{rude}/reveal", data={"level": "2"})
    assert "Vollkatastrophe" in alice.get(answer.location).text


def test_whoever_took_a_case_before_finishes_it(desk, alice, rude):
    take(alice, rude)
    reads(desk, "alice", MOST)
    draft = desk.draft(rude)
    form = {"version": str(draft["version"]), "text": "Wir helfen gern, bitte ohne Angriffe. ^AB"}
    assert alice.post(f"/draft/{draft['id']}/save", data=form).status_code == 303


def test_approving_does_not_lead_to_a_case_that_one_should_not_open(desk, alice, rude, need):
    first = desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?", handle="b")
    reads(desk, "alice", MOST)
    take(alice, first)
    draft = desk.draft(first)
    form = {"version": str(draft["version"]), "text": "Moin, hier: https://fjordfon.example/rechnung ^AB"}
    answer = alice.post(f"/draft/{draft['id']}/approve?platform=replay", data=form)
    assert answer.status_code == 303
    assert "/case/" not in answer.location
    assert len(dispatches.of_case(desk.stores(), first)) == 1


def test_a_crisis_with_nobody_else_there_is_open_past_the_budget_and_says_why(desk, bob, need):
    reads(desk, "bob", MOST)
    page = bob.get(f"/case/{need}").text
    assert "Nobody else can take this case right now" in page
    assert take(bob, need).status_code == 303


def test_ones_own_figure_stands_on_ones_own_account_page_and_nowhere_else(desk, alice, bob, rude):
    reads(desk, "alice", 7)
    assert "You have read 7 hard texts today." in alice.get("/account").text
    assert "You have read 0 hard texts today." in bob.get("/account").text
    for path in ("/", "/care", f"/case/{rude}", "/rules", "/ledger", "/person", "/holds", "/outbox"):
        assert not re.search(r"\b7 (?:of|hard)", bob.get(path).text), path


def test_no_address_asks_for_somebody_elses_figure(app):
    takes_a_person = [
        rule.rule for rule in app.url_map.iter_rules() if set(rule.arguments) & {"user_id", "name", "person", "user"}
    ]
    assert takes_a_person == []


def test_guests_have_no_day(browse):
    assert "Your day" not in browse("charlie").get("/account").text


def test_masked_words_do_not_count_and_the_wording_counts_once_a_reveal(desk, alice, rude):
    alice.post(f"/case/{rude}/reveal", data={"level": "1"})
    alice.post(f"/case/{rude}/reveal", data={"level": "2", "key": "abcdefghijklmnop"})
    alice.post(f"/case/{rude}/reveal", data={"level": "2", "key": "abcdefghijklmnop"})
    assert care.read_by(desk.stores(), desk.people["alice"], 0) == 1


def test_the_sum_of_the_team_stands_on_the_care_page_from_five_people_on(desk, alice, clock):
    assert "fewer than 5 people" in alice.get("/care").text
    with desk.stores().write() as tx:
        for n in range(5):
            someone = users.add(
                tx, name=f"p{n}", role=Role.AGENT, initials="PP", password_hash="-", trained=False, at=1
            )
            care.expose(tx, someone, clock.now() - 7 * DAY_MS)
    assert "the team read 5 hard texts" in alice.get("/care").text


# afterwards -----------------------------------------------------------------------------------------


def test_after_a_crisis_the_talk_is_the_persons_and_the_second_look_somebody_elses(desk, alice, bob, need):
    take(bob, need)
    draft = desk.draft(need)
    bob.post(f"/draft/{draft['id']}/approve", data={"version": str(draft["version"]), "text": OWN})
    assert "Nothing is left to do" in alice.get("/care").text
    assert "After a crisis" in bob.get("/").text
    page = bob.get("/care").text
    assert "Talk it over" in page
    assert "Somebody else reads it." in page
    tasks = {row["kind"]: row["id"] for row in care.open_tasks(desk.stores())}
    assert alice.post(f"/care/tasks/{tasks['debrief']}/done").status_code == 403
    assert bob.post(f"/care/tasks/{tasks['review']}/done").status_code == 403
    assert bob.post(f"/care/tasks/{tasks['debrief']}/done").status_code == 303
    with desk.stores().write() as tx:
        users.set_trained(tx, desk.people["alice"], trained=True)
    assert "Read the answer once more" in alice.get("/care").text
    assert alice.post(f"/care/tasks/{tasks['review']}/done").status_code == 303
    assert alice.post(f"/care/tasks/{tasks['review']}/done").status_code == 409


def test_a_seniors_debrief_list_names_the_person_by_initials(desk, bob, need):
    with desk.stores().write() as tx:
        users.set_trained(tx, desk.people["alice"], trained=True)
        review.answered(tx, cases.by_id(tx, need), desk.user("alice"), desk.clock.now() - MINUTE)
    assert "Talk it over with ^AB" in bob.get("/care").text
    assert drafts.open_of_case(desk.stores(), need) is None
