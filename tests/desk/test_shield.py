"""Nobody reads hate by accident: below its step a text is not in the page at all."""

import pytest
from sample_desk import MINUTE, abuse

from bot.model import Finding, Lane
from bot.store import cases

RUDE = "@fjordfon_hilft Du bist echt eine Vollkatastrophe. Zugesagt waren 20 Euro!"
WORD = "Vollkatastrophe"


@pytest.fixture
def case_id(desk) -> int:
    return desk.hear(RUDE, lane=Lane.ABUSE, findings=(abuse(RUDE, WORD),), reason="abuse de.insult 870")


def reveal(client, case_id: int, level: int):
    return client.post(f"/case/{case_id}/reveal?lane=abuse", data={"level": str(level)})


def test_list_and_case_show_a_summary_and_no_word_of_the_text(alice, case_id):
    for path in ("/?lane=abuse", f"/case/{case_id}", f"/case/{case_id}?level=2", f"/case/{case_id}?all=1&level=2"):
        page = alice.get(path).text
        assert WORD not in page
        assert "20 Euro" not in page
        assert "Attacks a person." in page


def test_the_first_step_masks_what_was_found_and_shows_the_rest(alice, case_id):
    answer = reveal(alice, case_id, 1)
    assert answer.location == f"/case/{case_id}?lane=abuse&level=1"
    page = alice.get(answer.location).text
    assert WORD not in page
    assert "20 Euro" in page
    assert 'class="masked" role="img" aria-label="masked">xxxxxxxxxxxx<' in page


def test_the_second_step_shows_the_wording_and_a_way_back(alice, case_id):
    page = alice.get(reveal(alice, case_id, 2).location).text
    assert WORD in page
    assert "Cover again" in page
    assert WORD not in alice.get(f"/case/{case_id}").text


def test_each_step_is_counted_for_the_person_who_took_it(desk, alice, case_id):
    reveal(alice, case_id, 1)
    reveal(alice, case_id, 2)
    events = [(row["kind"], row["user_id"]) for row in cases.events(desk.stores(), case_id)]
    assert events[-2:] == [("shown_masked", desk.people["alice"]), ("shown_words", desk.people["alice"])]


def test_a_step_counts_only_for_who_took_it_and_only_for_ten_minutes(alice, bob, case_id, clock):
    reveal(alice, case_id, 2)
    assert WORD not in bob.get(f"/case/{case_id}?level=2").text
    clock.advance(10 * MINUTE + 1)
    assert WORD not in alice.get(f"/case/{case_id}?level=2").text


def test_the_first_step_does_not_open_the_second(alice, case_id):
    reveal(alice, case_id, 1)
    assert WORD not in alice.get(f"/case/{case_id}?level=2").text


@pytest.mark.parametrize("level", ["0", "3", "x", ""])
def test_there_are_no_other_steps(alice, case_id, level):
    assert alice.post(f"/case/{case_id}/reveal", data={"level": level}).status_code == 400


def test_without_found_words_there_is_nothing_to_mask_and_no_first_step(desk, alice):
    case_id = desk.hear(RUDE, lane=Lane.ABUSE, findings=(Finding("abuse", "2", "abuse", 800),))
    assert "Read with masked words" not in alice.get(f"/case/{case_id}").text
    reveal(alice, case_id, 1)
    assert "20 Euro" not in alice.get(f"/case/{case_id}?level=1").text


def test_others_in_the_thread_stay_shielded_when_their_own_case_is(desk, alice, case_id):
    calm = desk.hear("@fjordfon_hilft Guten Morgen", handle="ruhig", thread="1")
    rude = desk.hear(f"@fjordfon_hilft {WORD} seid ihr", handle="laut", lane=Lane.ABUSE, thread="1")
    page = alice.get(f"/case/{calm}").text
    assert rude != calm
    assert "in the thread" in page
    assert WORD not in page


@pytest.mark.parametrize(("lane", "summary"), [(Lane.THREAT, "Reads like a threat"), (Lane.CRISIS, "acute distress")])
def test_each_shielded_lane_has_its_own_neutral_words(desk, alice, lane, summary):
    case_id = desk.hear(RUDE, lane=lane)
    assert summary in alice.get(f"/case/{case_id}").text
    assert summary in alice.get(f"/?lane={lane}").text


def test_the_reason_of_a_finding_is_left_out_where_texts_are_shielded(alice, case_id):
    page = alice.get(f"/case/{case_id}").text
    assert "abuse 2" in page
    assert "de.insult · abuse" not in page
