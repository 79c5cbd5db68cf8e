"""Pictures, sound, polls and quotations are told on the card; quoted words are never the author's."""

import json

import pytest
from sample_desk import SampleDesk

from bot.model import Lane

QUOTED = {"native_id": "5", "author_id": "9", "visibility": "public", "text": "Euer Netz ist doch super."}


def hear(desk: SampleDesk, text: str, lane: Lane = Lane.HELP, **extras: object) -> int:
    case_id = desk.hear(text, lane=lane)
    whole = {"quoted": None, "media": [], "poll": [], **extras}
    with desk.stores().write() as tx:
        tx.run("UPDATE mentions SET extras = :extras", extras=json.dumps(whole))
    return case_id


def image(alt=""):
    return {"kind": "image", "alt": alt}


@pytest.mark.parametrize(
    ("extras", "told"),
    [
        ({"media": [image()]}, "No words, only: 1 picture"),
        ({"media": [image(), image(), {"kind": "video", "alt": ""}]}, "No words, only: 2 pictures, 1 video"),
        ({"media": [{"kind": "audio", "alt": ""}]}, "No words, only: 1 sound recording"),
        ({"media": [{"kind": "gifv", "alt": ""}]}, "No words, only: 1 moving picture"),
        ({"media": [{"kind": "unknown", "alt": ""}]}, "No words, only: 1 attachment"),
        ({"poll": ["ja", "nein"]}, "No words, only: poll with 2 answers"),
        ({"quoted": QUOTED}, "No words, only a quoted post"),
        ({}, "No words"),
    ],
)
def test_a_post_without_words_says_on_its_card_what_it_has_instead(desk, alice, extras, told):
    hear(desk, "", **extras)
    assert told in alice.get("/").text


def test_descriptions_answers_and_quoted_words_stand_beside_the_authors_own(desk, alice):
    case_id = hear(
        desk, "Seht selbst", media=[image("Router blinkt <rot>")], poll=["hält", "hält nicht"], quoted=QUOTED
    )
    page = alice.get(f"/case/{case_id}").text
    for told in ("Router blinkt &lt;rot&gt;", "hält nicht", "Euer Netz ist doch super.", "somebody else"):
        assert told in page
    assert "Ohne Worte" not in page


@pytest.mark.parametrize("visibility", ["followers", "direct", "unknown"])
def test_quoted_words_that_not_everybody_may_read_are_not_shown(desk, alice, visibility):
    case_id = hear(desk, "Seht selbst", quoted={**QUOTED, "visibility": visibility})
    page = alice.get(f"/case/{case_id}").text
    assert "Euer Netz" not in page
    assert "whose words are not shown here" in page


def test_behind_a_shield_only_the_counts_are_told_until_the_wording_is_shown(desk, bob):
    case_id = hear(desk, "Du dumme Kuh", Lane.ABUSE, media=[image("Du dumme Kuh in groß")], quoted=QUOTED)
    page = bob.get(f"/case/{case_id}").text
    assert "1 picture" in page
    assert "in groß" not in page
    assert "Euer Netz" not in page


def test_a_picture_is_never_loaded(desk, alice):
    case_id = hear(desk, "Seht selbst", media=[image("x")])
    assert "<img" not in alice.get(f"/case/{case_id}").text
