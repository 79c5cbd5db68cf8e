"""Personal data in a post is covered on every list and page until somebody asks to see it, with a plain link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_desk import abuse

from bot.config.canonical import to_json
from bot.desk.personal import staff_in
from bot.desk.text import covered, marked
from bot.model import Finding, Lane
from bot.store import house as house_rows

NUMBER, MAIL = "0171 3920012", "anna.berg@posteo.example"
POST = f"@fjordfon_hilft Seit gestern kein Netz, ruft {NUMBER} an oder schreibt {MAIL}, bitte!"
NO_DATA = '<div class="finding"><span>No personal data</span>'
CROSSES = '<span class="masked" role="img" aria-label="masked">xxxxxxxxxxxx</span>'


def personal(text: str, *told: str, reason: str = "phone,email") -> Finding:
    spans = tuple((text.index(each), text.index(each) + len(each)) for each in told)
    return Finding("personal_data", "1", "personal_data", 950, spans, reason)


@pytest.fixture
def case_id(desk) -> int:
    return desk.hear(POST, terms=("kein Netz",), findings=(personal(POST, NUMBER, MAIL),))


@pytest.mark.parametrize("path", ["/?lane=help", "/case/{0}", "/case/{0}?lane=help", "/case/{0}?all=1"])
def test_neither_the_list_nor_the_case_holds_the_data(alice, case_id, path):
    page = alice.get(path.format(case_id)).text
    assert NUMBER not in page
    assert MAIL not in page
    assert page.count(CROSSES) >= 2
    assert "<mark>kein Netz</mark>" in page or "<mark>kein Netz<sup>1</sup></mark>" in page


def test_a_chip_names_the_kinds_and_says_that_a_reply_never_repeats_them(alice, case_id):
    page = alice.get(f"/case/{case_id}").text
    assert "Personal data: telephone number, e-mail address" in page
    assert "Never repeat it in a reply." in page
    assert 'title="telephone number, e-mail address"' in alice.get("/?lane=help").text


def test_the_same_in_german(alice, case_id, desk):
    with desk.stores().write() as tx:
        tx.run("UPDATE users SET language = 'de' WHERE name = 'alice'")
    page = alice.get(f"/case/{case_id}").text
    assert "Persönliche Daten: Telefonnummer, E-Mail-Adresse" in page
    assert "Nie in einer Antwort wiederholen." in page


def test_a_plain_link_shows_them_on_the_case_and_another_covers_them_again(alice, case_id):
    assert f'href="/case/{case_id}?lane=help&amp;personal=show"' in alice.get(f"/case/{case_id}?lane=help").text
    page = alice.get(f"/case/{case_id}?lane=help&personal=show").text
    assert page.count(NUMBER) == 1, "the list beside the case stays covered"
    assert MAIL in page
    assert f'href="/case/{case_id}?lane=help">Cover again</a>' in page


def test_the_list_has_no_way_to_show_them(alice, case_id):
    assert NUMBER not in alice.get("/?lane=help&personal=show").text


@pytest.mark.parametrize("value", ["", "0", "1", "SHOW", "show%20"])
def test_only_the_links_own_word_shows_them(alice, case_id, value):
    assert NUMBER not in alice.get(f"/case/{case_id}?personal={value}").text


def test_a_link_that_shows_all_of_a_long_post_keeps_them_as_they_are(desk, alice):
    long = POST + " So geht das nicht." * 200
    case_id = desk.hear(long, findings=(personal(long, NUMBER, MAIL),))
    assert "personal=show" not in alice.get(f"/case/{case_id}").text.split("Show all")[0].rpartition("href=")[2]
    assert (
        "personal=show" in alice.get(f"/case/{case_id}?personal=show").text.split("Show all")[0].rpartition("href=")[2]
    )


def test_others_in_the_thread_are_covered_as_well(desk, alice):
    calm = desk.hear("@fjordfon_hilft Guten Morgen", handle="ruhig", thread="1")
    desk.hear(POST, handle="laut", thread="1", findings=(personal(POST, NUMBER, MAIL),))
    page = alice.get(f"/case/{calm}?lane=praise").text
    assert NUMBER not in page
    assert "Personal data: telephone number" in page


def test_behind_the_shield_they_stay_covered_at_every_step(desk, alice):
    text = f"Du Vollkatastrophe, ruf {NUMBER} an"
    found = (abuse(text, "Vollkatastrophe"), personal(text, NUMBER, reason="phone"))
    case_id = desk.hear(text, lane=Lane.ABUSE, findings=found, reason="abuse de.insult 870")
    assert "Personal data:" not in alice.get(f"/case/{case_id}").text.split('class="finding"')[0]
    for level in (1, 2):
        alice.post(f"/case/{case_id}/reveal", data={"level": str(level)})
        page = alice.get(f"/case/{case_id}?level={level}").text
        assert NUMBER not in page
        assert "ruf " in page
        assert NUMBER in alice.get(f"/case/{case_id}?level={level}&personal=show").text


def test_a_post_without_any_has_no_chip_and_no_crosses(desk, alice):
    case_id = desk.hear("@fjordfon_hilft kein Netz", findings=(Finding("personal_data", "1", "none", 0),))
    page = alice.get(f"/case/{case_id}").text
    assert "Personal data:" not in page
    assert 'class="masked"' not in page
    assert NO_DATA in page


@pytest.mark.parametrize("told", [(), (NUMBER,)])
def test_a_post_that_was_not_read_to_its_end_never_passes_for_one_without_any(desk, alice, told):
    found = personal(POST, *told, reason="phone,cut") if told else Finding("personal_data", "1", "none", 0, (), "cut")
    page = alice.get(f"/case/{desk.hear(POST, findings=(found,))}").text
    kinds = "telephone number, " if told else ""
    assert f"Personal data: {kinds}not all of it was read</span>" in page
    assert '<div class="finding"><span>Not all of it was read</span>' in page
    assert NO_DATA not in page
    assert ("personal=show" in page) == bool(told), "only what is covered can be shown"
    with desk.stores().write() as tx:
        tx.run("UPDATE users SET language = 'de' WHERE name = 'alice'")
    assert "Nicht alles wurde gelesen" in alice.get("/case/1").text


def test_a_detector_that_failed_says_that_nobody_knows(desk, alice):
    case_id = desk.hear(POST, findings=(Finding("personal_data", "1", "undetermined", 0, failed=True),))
    page = alice.get(f"/case/{case_id}").text
    assert page.count("Personal data: not assessed") == 2, "at the post, and among the findings"
    assert NO_DATA not in page
    assert "personal=show" not in page
    with desk.stores().write() as tx:
        tx.run("UPDATE users SET language = 'de' WHERE name = 'alice'")
    assert "Persönliche Daten: nicht geprüft" in alice.get(f"/case/{case_id}").text


def test_a_number_cut_off_by_the_teaser_is_covered_too(desk, alice):
    text = "@fjordfon_hilft " + "x " * 108 + NUMBER
    desk.hear(text, findings=(personal(text, NUMBER),))
    assert "0171" not in alice.get("/?lane=help").text


SPANS = st.lists(st.tuples(st.integers(-3, 30), st.integers(-3, 30)), max_size=4)


@given(st.text(alphabet="ab c", max_size=25), SPANS, SPANS)
def test_nothing_covered_is_in_the_pieces_and_all_the_rest_is(text, hidden, marks):
    pieces = covered(text, [(span, 1) for span in marks], hidden)
    left = "".join(
        sign for place, sign in enumerate(text) if not any(max(0, start) <= place < end for start, end in hidden)
    )
    assert "".join(piece.text for piece in pieces if not piece.masked) == left
    assert all(set(piece.text) == {"x"} for piece in pieces if piece.masked)


@given(st.text(max_size=25), SPANS)
def test_with_nothing_to_cover_a_text_is_marked_as_before(text, marks):
    numbered = [(span, number) for number, span in enumerate(marks)]
    assert covered(text, numbered, ()) == marked(text, numbered)


COLLEAGUES = ("Petra Sander", "Frau Sander")


@pytest.mark.parametrize("told", ["Petra Sander", "petra  SANDER", "Frau Sanders"])
def test_a_list_covers_the_names_of_colleagues_and_the_open_case_shows_them(desk, alice, told):
    protection = desk.config.protection.model_copy(update={"staff_names": COLLEAGUES})
    with desk.stores().write() as tx:
        house_rows.add_config(tx, "named", to_json(desk.config.model_copy(update={"protection": protection})), 1)
    case = desk.hear(f"@fjordfon_hilft Die {told} hat mich abgewimmelt. Kein Netz!", terms=("Netz",))
    listed = alice.get("/?lane=help").text
    assert told not in listed
    assert CROSSES in listed
    assert told in alice.get(f"/case/{case}?lane=listen").text


@given(st.text(max_size=60), st.lists(st.text(min_size=3, max_size=10), max_size=3))
def test_any_text_and_any_names_give_places_inside_the_text(text, names):
    for start, end in staff_in(text, [each for each in names if each.split()]):
        assert 0 <= start < end <= len(text)
