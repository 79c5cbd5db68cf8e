"""Both languages: every sentence translated, nothing stale, dates and numbers as people write them."""

import io
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from sample_desk import MINUTE

from bot.desk import words
from bot.model import CaseState, DispatchState, EntryKind, Lane, Platform, Priority

DESK = Path(words.__file__).parent
FOLDER = DESK / "translations" / "de" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "ngettext": (1, 2), "lazy_gettext": None, "gettext": None}


def catalog():
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="de")


def spoken() -> set[str]:
    found = extract_from_dir(DESK, METHODS, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def test_every_sentence_of_the_desk_has_its_german_and_none_is_left_over():
    known = {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in catalog() if message.id
    }
    assert spoken() == set(known)
    for message in known.values():
        forms = [message.string] if isinstance(message.string, str) else message.string
        assert all(forms), message.id
        assert not message.fuzzy


def test_the_compiled_words_are_those_of_the_readable_file():
    fresh = io.BytesIO()
    write_mo(fresh, catalog())
    fresh.seek(0)
    with (FOLDER / "messages.mo").open("rb") as file:
        compiled = read_mo(file)
    expected = read_mo(fresh)
    assert {str(m.id): m.string for m in compiled} == {str(m.id): m.string for m in expected}


def test_german_keeps_the_placeholders_and_the_voice():
    for message in catalog():
        if not message.id:
            continue
        sources = [message.id] if isinstance(message.id, str) else message.id
        forms = [message.string] if isinstance(message.string, str) else message.string
        wanted = set(re.findall(r"%\((\w+)\)s", sources[-1]))
        for form in forms:
            assert set(re.findall(r"%\((\w+)\)s", form)) <= wanted, form
            assert not re.search(r"!|leider|\bbitte\b|\"|Oops", form), form


def test_the_browsers_language_counts_until_a_person_chooses(desk, alice):
    assert '<html lang="de">' in alice.get("/", headers={"Accept-Language": "de-AT,de;q=0.9"}).text
    assert '<html lang="en">' in alice.get("/", headers={"Accept-Language": "fr"}).text
    alice.post("/account", data={"language": "de"})
    page = alice.get("/", headers={"Accept-Language": "en"}).text
    assert "Alles anhalten" in page
    assert "Eingang" in page


def test_the_sign_in_page_offers_both_languages(browse):
    page = browse("").get("/sign-in?language=de").text
    assert "Anmelden" in page
    assert 'lang="en">English</a>' in page


def test_posts_carry_their_own_language(desk, alice):
    case_id = desk.hear("@fjordfon_hilft Hello", language="en")
    page = alice.get(f"/case/{case_id}", headers={"Accept-Language": "de"}).text
    assert '<html lang="de">' in page
    assert '<div class="post-body" lang="en">' in page


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        (words.LANES, Lane),
        (words.PRIORITIES, Priority),
        (words.STATES, CaseState),
        (words.PLATFORMS, Platform),
        (words.DISPATCHES, DispatchState),
        (words.ENTRIES, EntryKind),
    ],
)
def test_every_noun_has_a_word(table, kinds):
    assert set(table) == set(kinds)


@pytest.fixture
def speak(app, desk):
    with app.test_request_context(headers={"Accept-Language": "de"}):
        yield desk.clock.now()


def test_times_are_told_in_the_brands_zone(speak):
    assert words.moment(speak) == "heute, 16:13"
    assert words.moment(speak - 24 * 60 * MINUTE) == "gestern, 16:13"
    assert words.moment(speak - 9 * 24 * 60 * MINUTE) == "12. Sept., 16:13"
    assert words.iso(speak).endswith("+02:00")


def test_lengths_are_short(speak):
    assert words.ago(speak - 14 * MINUTE) == "14 Min."
    assert words.ago(speak - 59 * MINUTE) == "59 Min."
    assert words.ago(speak - 119 * MINUTE) == "1 Std."
    assert words.seconds_ago(speak - 20_000) == "vor 20 Sekunden"
    assert words.due(speak - 7 * MINUTE).words == "überfällig, 7 Min."


@given(at=st.integers(-(2**62), 2**62))
def test_any_date_can_be_told(at):
    assert 1969 <= datetime.fromtimestamp(words.clamped(at), ZoneInfo("Pacific/Kiritimati")).year <= 9999
