"""The words that rules mind, in the consent panel and under the text: which, why, and what to write instead."""

import re

QUESTION = "@fjordfon_hilft Wo finde ich meine Rechnung?"
REPLY = "Moin, deine Rechnung findest du hier: https://fjordfon.example/rechnung ^AB"


def take(client, case_id: int) -> None:
    assert client.post(f"/case/{case_id}/open").status_code == 303


def test_the_panel_lists_the_words_that_rules_mind_with_advice_in_the_persons_language(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    path = f"/draft/{desk.draft(case_id)['id']}/preview"
    rude = {"text": "Moin <b>, das ist deine Schuld!!! ^AB"}
    panel = alice.post(path, data=rude).text
    assert "2 places in the text" in panel
    assert '<q dir="auto">deine Schuld</q> <small>Sounds like blame. Say what helps instead.</small>' in panel
    assert 'data-outcome="hold" data-start="18" data-end="30"' in panel
    german = alice.post(path, data=rude, headers={"Accept-Language": "de"}).text
    assert "2 Stellen im Text" in german
    assert "Klingt nach Vorwurf. Sag lieber, was jetzt hilft." in german
    assert "<b>," not in panel
    assert "data-hits" not in alice.post(path, data={"text": REPLY}).text


def test_a_reply_in_another_language_is_one_hit_on_the_whole_text(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    text = "We are looking into it for you and your neighbours. ^AB"
    panel = alice.post(f"/draft/{desk.draft(case_id)['id']}/preview", data={"text": text}).text
    assert "<b>The whole text</b> <small>Another language than the post." in panel
    assert "neighbours" not in panel


def test_long_words_of_a_hit_are_shortened_and_a_gap_is_listed_once_in_its_own_place(desk, alice):
    post = "@fjordfon_hilft " + " ".join(f"wort{number}" for number in range(40))
    case_id = desk.hear(post)
    take(alice, case_id)
    text = f"Es läuft [bis wann]. Du sagst: {post[16:]} ^AB"
    panel = alice.post(f"/draft/{desk.draft(case_id)['id']}/preview", data={"text": text}).text
    assert "1 place in the text" in panel
    assert re.search(r'<q dir="auto">wort0 wort1 [^<]*…</q>', panel)


def test_a_released_hold_takes_its_hits_along(desk, alice):
    case_id = desk.hear(QUESTION)
    take(alice, case_id)
    draft, text = desk.draft(case_id), "Moin, das ist deine Schuld. Wir sehen nach. ^AB"
    alice.post(f"/draft/{draft['id']}/approve", data={"version": draft["version"], "text": text})
    assert "Sounds like blame." in alice.get(f"/case/{case_id}").text
    alice.post(f"/draft/{draft['id']}/release", data={"rule": "C-16", "reason": "So hat er es selbst genannt."})
    shown = alice.get(f"/case/{case_id}").text
    assert "Released with a reason." in shown
    assert "Sounds like blame." not in shown


def test_the_form_of_address_is_the_posts_own_and_either_where_it_shows_none(desk, alice):
    formal = {"text": "Bitte prüfen Sie das auf https://fjordfon.example/rechnung ^AB"}
    for post, fits in (("@fjordfon_hilft Sagst du mir, wo das steht?", False), (QUESTION, True)):
        case_id = desk.hear(post, handle=f"person{fits}")
        take(alice, case_id)
        panel = alice.post(f"/draft/{desk.draft(case_id)['id']}/preview", data=formal).text
        assert ("Keep to du, or to Sie, throughout." in panel) != fits
