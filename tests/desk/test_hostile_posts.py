"""A post is text on every page: never markup, never a way to turn the page around, never too long."""

import logging
import re

import pytest
from sample_posts import approved

from bot.model import Lane, Trigger
from bot.store import dispatches

POSTS = {
    "script": "@fjordfon_hilft <script>alert(1)</script>",
    "svg": "@fjordfon_hilft <svg onload=alert(1)><use href=data:x>",
    "attribute": "@fjordfon_hilft \" onmouseover='alert(1)' x=\"",
    "template": "@fjordfon_hilft {{ 7*7 }} {% include '/etc/passwd' %} %(num)s ${x}",
    "bidi": "@fjordfon_hilft \u202egnp.exe\u202c \u2066x",
    "zero width": "@fjordfon_hilft f\u200bj\u2060o\ufeffrd",
    "controls": "@fjordfon_hilft \x07\x1b[31mrot\x1b[0m\x85",
    "huge": "@fjordfon_hilft " + "A<b>" * 260_000,
    "lines": "@fjordfon_hilft " + "\n" * 5_000,
    "link": "@fjordfon_hilft javascript:alert(1) <a href='javascript:alert(1)'>x</a>",
}
PAGES = ("/?lane=help", "/case/{}", "/outbox", "/outbox?show=sent", "/ledger", "/square")


@pytest.mark.parametrize("kind", POSTS)
def test_a_hostile_post_stays_text_on_every_page(desk, alice, kind, caplog):
    text, handle = POSTS[kind], "böse\u202e<b>\n" + "x" * 200
    with caplog.at_level(logging.DEBUG):
        case_id = desk.hear(text, handle=handle, url="javascript:alert(1)", topic="<i>")
        desk.hear(text, handle=handle + "2", lane=Lane.LISTEN, trigger=Trigger.NONE)
        for path in PAGES:
            page = alice.get(path.format(case_id)).text
            check(page)
            assert len(page) < 200_000
    assert "alert(1)" not in caplog.text


def check(page: str) -> None:
    body = re.sub(r'<script type="module" src="/static/app.js"></script>', "", page)
    for markup in ("<script", "<svg onload", "onmouseover='", "<b>\n", "<i>", 'href="javascript:', "<a href='java"):
        assert markup not in body
    assert not set(page) & set("\u202e\u2066\u200b\u2060\ufeff\x07\x1b\x85\x00")
    assert "49" not in re.findall(r"hilft ([^<]*)", page)


@pytest.mark.parametrize("kind", ["huge", "lines"])
def test_a_long_post_is_cut_and_can_be_shown_whole(desk, alice, kind):
    case_id = desk.hear(POSTS[kind])
    page = alice.get(f"/case/{case_id}").text
    assert "Show all" in page
    whole = alice.get(f"/case/{case_id}?all=1").text
    assert len(whole) > len(page)
    assert "Show all" not in whole


def test_a_title_and_a_toast_hold_nothing_of_a_post(desk, alice):
    case_id = desk.hear("@fjordfon_hilft Geheimwort", handle="geheimname")
    page = alice.get(f"/case/{case_id}?told=saved").text
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]
    toast = re.search(r'<div class="toast".*?</div>', page, re.DOTALL)[0]
    assert title == "Case 1 · Inbox · Earshot"
    assert "Geheim" not in toast
    assert "geheimname" not in title + toast


@pytest.mark.parametrize("told", ["<script>", "nonsense", ""])
def test_nobody_puts_words_into_a_toast(alice, told):
    assert 'class="toast"' not in alice.get("/", query_string={"told": told}).text


def test_a_reply_of_ours_is_text_as_well(desk, alice):
    case_id = desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?")
    verdict = approved(desk, case_id, "Moin <b>hier</b>: https://fjordfon.example/rechnung ^AB")
    assert "&lt;b&gt;hier" in alice.get("/outbox").text
    with desk.stores().write() as tx:
        dispatches.set_state(tx, verdict.dispatch_id, "queued", "sent", 1, remote_url="javascript:alert(1)", sent_at=1)
    for path in ("/outbox?show=sent", f"/case/{case_id}", "/square"):
        page = alice.get(path).text
        assert "<b>hier" not in page
        assert "javascript:alert" not in page
