"""Cases of an account that cannot send at present: the page says why, and a person answers at the original."""

from html import unescape

import pytest
from sample_posts import approved

from bot.config.canonical import to_json, version_of
from bot.config.models import Source
from bot.model import CaseState, Lane, Platform
from bot.store import cases, sources
from bot.store import house as house_rows

QUESTION = "@fjordfon_hilft Wo finde ich meine Rechnung?"
REPLY = "Moin, deine Rechnung findest du hier: https://fjordfon.example/rechnung ^AB"


def take(client, case_id: int) -> None:
    assert client.post(f"/case/{case_id}/open").status_code == 303


def trouble(desk, told, source="samples"):
    with desk.stores().write() as tx:
        sources.register(tx, source, "replay", "fjordfon_hilft")
        sources.identified(tx, source, is_bot=None, bio_ok=None, trouble=told, at=1)


@pytest.mark.parametrize(
    ("told", "english", "german"),
    [
        ("not set: EARSHOT_A, EARSHOT_B", "Not set: EARSHOT_A, EARSHOT_B.", "Nicht gesetzt: EARSHOT_A, EARSHOT_B."),
        ("another account", "belong to another account", "gehören einem anderen Konto"),
        ("The token <b>was</b> refused.", "credentials do not work", "funktionieren nicht"),
    ],
)
def test_where_the_account_cannot_send_a_person_answers_by_hand(*, desk, alice, told, english, german):
    case_id = desk.hear(QUESTION, url="https://x.example/9")
    trouble(desk, told)
    for taken in (False, True):
        page = alice.get(f"/case/{case_id}").text
        assert "This account cannot send at present" in page
        assert english in page
        assert "data-composer" not in page
        assert "Ready for your approval" not in page
        assert 'href="https://x.example/9"' in page
        assert desk.draft(case_id)["text"].splitlines()[0] in unescape(page)
        if not taken:
            take(alice, case_id)
    page = alice.get(f"/case/{case_id}", headers={"Accept-Language": "de"}).text
    assert "Dieses Konto kann gerade nichts senden" in page
    assert german in page
    assert "<b>" not in page.partition("kann gerade nichts senden")[2].partition("</section>")[0]
    assert alice.post(f"/case/{case_id}/close", data={"reason": "answered_by_hand"}).status_code == 303
    assert cases.by_id(desk.stores(), case_id)["state"] == CaseState.CLOSED


def test_a_fault_of_another_account_lets_a_reply_leave(desk, alice):
    case_id = desk.hear(QUESTION)
    trouble(desk, "The token was refused.", "other")
    take(alice, case_id)
    page = alice.get(f"/case/{case_id}").text
    assert "cannot send" not in page
    assert "<textarea" in page


def test_where_we_only_listen_a_person_answers_by_hand(desk, alice):
    case_id = desk.hear(QUESTION)
    silent = desk.config.platforms.model_copy(update={"sources": (Source(kind=Platform.ARCHIVE, name="samples"),)})
    body = to_json(desk.config.model_copy(update={"platforms": silent}))
    with desk.stores().write() as tx:
        house_rows.add_config(tx, version_of(body), body, desk.clock.now())
    page = alice.get(f"/case/{case_id}").text
    assert "Earshot only listens here." in page
    assert "Take the case" not in page


def test_what_was_answered_stays_answered_though_the_account_cannot_send(desk, alice):
    case_id = desk.hear(QUESTION)
    approved(desk, case_id, REPLY)
    trouble(desk, "The token was refused.")
    page = alice.get(f"/case/{case_id}").text
    assert "A reply is on its way out." in page
    assert "cannot send" not in page


def test_a_threat_is_never_offered_to_be_answered_by_hand(desk, bob):
    case_id = desk.hear("@fjordfon_hilft Ich weiss, wo dein Auto steht", lane=Lane.THREAT)
    trouble(desk, "The token was refused.")
    page = bob.get(f"/case/{case_id}").text
    assert "A threat is not answered." in page
    assert "cannot send" not in page


def test_the_rail_names_the_secrets_that_an_account_lacks(desk, alice):
    trouble(desk, "not set: EARSHOT_A, EARSHOT_B")
    assert "Nothing is sent for samples. Not set: EARSHOT_A, EARSHOT_B." in alice.get("/").text
    german = alice.get("/", headers={"Accept-Language": "de"}).text
    assert "Für samples wird nichts gesendet. Nicht gesetzt: EARSHOT_A, EARSHOT_B." in german
