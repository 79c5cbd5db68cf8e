"""The page of weekly sums: for seniors, in both languages, small numbers hidden, and a file that is an entry."""

import csv
import io
import json

import pytest
from sample_desk import KEYS

from bot.desk.views.weekly import NAMES
from bot.model import Lane
from bot.store.weekly import QUERIES


@pytest.fixture
def rude(desk):
    for number in range(6):
        desk.hear("@fjordfon_hilft ...", handle=f"person{number}", lane=Lane.ABUSE, age_ms=1_000)
    for number in range(2):
        desk.hear("@fjordfon_hilft ...", handle=f"wild{number}", lane=Lane.THREAT, age_ms=1_000)


def test_every_sum_has_a_name(desk):
    assert set(NAMES) == set(QUERIES)


def test_the_page_tells_sums_and_hides_small_ones(bob, rude):
    page = bob.get("/protection/report?weeks=2").text
    assert '<th scope="row">Attacks on a person</th><td class="n">6</td><td class="n faint">0</td>' in page
    assert '<th scope="row">Threats, suspected or confirmed</th><td class="n">&lt;5</td>' in page
    assert "person0" not in page


def test_the_same_in_german(desk, bob, rude):
    with desk.stores().write() as tx:
        tx.run("UPDATE users SET language = 'de' WHERE name = 'bob'")
    page = bob.get("/protection/report").text
    assert "Schutz der Beschäftigten nach Wochen" in page
    assert "Angriffe auf eine Person" in page


def test_it_is_for_seniors(alice, bob):
    assert alice.get("/protection/report").status_code == 403
    assert "/protection/report" in bob.get("/ledger").text
    assert "/protection/report" not in alice.get("/ledger").text


@pytest.mark.parametrize(("asked", "weeks"), [("0", 1), ("-4", 1), ("3", 3), ("999999", 104), ("x", 8)])
def test_any_number_of_weeks_is_answered(bob, asked, weeks):
    assert bob.get(f"/protection/report?weeks={asked}").text.count('<th scope="col" class="n">') == weeks


def test_the_file_holds_the_same_and_is_an_entry_without_a_name(desk, bob, rude):
    answer = bob.post("/protection/report/export", data={"weeks": "2"})
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    told = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [line[:3] for line in told[:2]] == [["Week", "Attacks on a person", told[0][2]], [told[1][0], "6", "<5"]]
    bodies = [json.loads(row["body"]) for row in desk.stores().rows("SELECT body FROM log ORDER BY seq")]
    [entry] = [body for body in bodies if body["type"] == "EXPORT"]
    assert entry["by"] == KEYS.staff(desk.people["bob"], desk.clock.now())
    assert "bob" not in json.dumps(entry)
