"""Evidence at the desk: one click preserves, every copy is logged, and what must never be kept is not."""

import io
import json
import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sample_desk import KEYS
from sample_posts import approved, left

from bot.model import Lane, Role
from bot.protect.evidence import shelf, work
from bot.protect.evidence.verify import check
from bot.store import evidence as rows
from bot.store import users

THREAT = "@fjordfon_hilft Fliederbusch, morgen um acht stehe ich vor eurer Tür."


def entries(desk, kind):
    bodies = [json.loads(row["body"]) for row in desk.stores().rows("SELECT body FROM log ORDER BY seq")]
    return [body for body in bodies if body["type"] == kind]


def take(desk) -> int:
    """The worker's step."""
    bench = work.Bench(KEYS, desk.clock, lambda source, recorder: None, ZoneInfo("Europe/Berlin"), {"PATH": ""})
    return work.run(desk.stores(), bench, lambda: False)


@pytest.fixture
def case_id(desk) -> int:
    return desk.hear(THREAT, handle="zorn", lane=Lane.THREAT)


@pytest.fixture
def vera(desk, browse):
    with desk.stores().write() as tx:
        hashed = users.by_name(tx, "bob")["password_hash"]
        users.add(tx, name="vera", role=Role.SENIOR, initials="VE", password_hash=hashed, trained=True, at=1)
    return browse("vera")


@pytest.fixture
def theo(desk, browse):
    """An agent who was trained for threats."""
    with desk.stores().write() as tx:
        hashed = users.by_name(tx, "bob")["password_hash"]
        users.add(tx, name="theo", role=Role.AGENT, initials="TH", password_hash=hashed, trained=True, at=1)
    return browse("theo")


def preserve(client, case_id, **more):
    return client.post(f"/case/{case_id}/evidence", data={"offence": "threat", **more})


def test_one_click_preserves_and_the_words_need_not_be_read_for_it(desk, theo, case_id):
    page = theo.get(f"/case/{case_id}").text
    assert "Preserve evidence" in page
    assert '<option value="threat" selected>' in page
    assert "Fliederbusch" not in page
    assert preserve(theo, case_id).location.startswith(f"/case/{case_id}?")
    assert "being taken" in theo.get(f"/case/{case_id}").text
    assert take(desk) == 1
    page = theo.get(f"/case/{case_id}").text
    assert "/evidence/1" in page
    assert "the platform cannot be asked" in page
    assert "no picture: no browser is installed" in page
    assert "Fliederbusch" not in page


def test_bundles_that_were_set_aside_after_a_restore_are_named_in_the_room(desk, theo, case_id):
    preserve(theo, case_id)
    take(desk)
    assert "Bundles without a case" not in theo.get("/evidence").text
    folder = shelf.folder_of(desk.stores().path)
    (folder / "lost-7.zip").write_bytes(b"of after the backup")
    page = theo.get("/evidence").text
    assert "Bundles without a case" in page
    assert "lost-7.zip" in page


def test_a_form_that_is_sent_twice_preserves_once(desk, theo, case_id):
    answers = [preserve(theo, case_id, key="k" * 20) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert len(rows.of_case(desk.stores(), case_id)) == 1


def test_an_untrained_colleague_is_offered_nothing_but_the_way_to_the_police(desk, alice, bob, case_id):
    preserve(bob, case_id)
    take(desk)
    page = alice.get(f"/case/{case_id}").text
    assert "Preserve evidence" not in page
    assert "/evidence/1" not in page
    assert f"/case/{case_id}/police" in page
    for path in ("/evidence", "/evidence/1"):
        assert alice.get(path).status_code == 404
    assert alice.post("/evidence/1/copy").status_code == 404
    assert alice.post("/evidence/1/hand-over", data={"to": "x", "reason": "y"}).status_code == 404
    assert preserve(alice, case_id).status_code == 404
    assert "/evidence" not in alice.get("/ledger").text
    assert "/evidence" in bob.get("/ledger").text


def test_the_page_asks_a_second_senior_and_says_until_when(desk, theo, bob, vera, case_id):
    preserve(theo, case_id)
    take(desk)
    assert "else the evidence goes" in theo.get(f"/case/{case_id}").text
    assert "Approve as the second person" not in theo.get(f"/case/{case_id}").text
    assert "Approve as the second person" in vera.get(f"/case/{case_id}").text
    assert vera.post("/holds/1/approve").status_code == 303
    assert "Under a legal hold until its review" in theo.get(f"/case/{case_id}").text


def test_a_copy_is_the_whole_bundle_and_a_line_and_an_entry(desk, theo, case_id):
    preserve(theo, case_id)
    take(desk)
    answer = theo.post("/evidence/1/copy")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="evidence-1.zip"'
    found = check(answer.data, KEYS.known, rows.by_id(desk.stores(), 1)["manifest"])
    assert found.manifest["case"] == case_id
    with zipfile.ZipFile(io.BytesIO(answer.data)) as box:
        assert THREAT in json.loads(box.read("post.json"))["posts"][0]["text"]
    read = [entry for entry in entries(desk, "ACCESS") if entry["step"] == "evidence_read"]
    assert len(read) == 1
    assert "A copy was taken to read it" in theo.get("/evidence/1").text


def test_a_hand_over_stands_in_the_custody_log_escaped(desk, bob, case_id):
    preserve(bob, case_id)
    take(desk)
    given = {"to": "<b>Polizei</b>, Az. 1/26", "reason": "Anzeige"}
    assert bob.post("/evidence/1/hand-over", data=given).location == "/evidence/1?told=handed_over"
    page = bob.get("/evidence/1").text
    assert "&lt;b&gt;Polizei&lt;/b&gt;, Az. 1/26" in page
    assert "KM" not in page.partition('class="custody"')[2], "people stand there with their pseudonym"
    assert bob.post("/evidence/1/hand-over", data={"to": "", "reason": "x"}).status_code == 409


def test_a_bundle_that_was_changed_or_is_gone_is_not_handed_out_and_the_page_says_so(desk, bob, case_id):
    preserve(bob, case_id)
    take(desk)
    place = shelf.place_of(shelf.folder_of(desk.stores().path), 1)
    raw = bytearray(place.read_bytes())
    raw[300] ^= 1
    place.write_bytes(raw)
    for _ in range(2):
        answer = bob.post("/evidence/1/copy")
        assert answer.status_code == 409
        assert "it is not the one that was taken" in answer.text
        place.unlink(missing_ok=True)
    assert entries(desk, "ACCESS") == [entry for entry in entries(desk, "ACCESS") if entry["step"] == "hold_read"]


def test_the_room_lists_every_bundle_with_its_hold(desk, bob, case_id):
    assert "No evidence yet" in bob.get("/evidence").text
    preserve(bob, case_id)
    take(desk)
    page = bob.get("/evidence").text
    assert 'href="/evidence/1"' in page
    assert "review " in page
    assert bob.get("/evidence/2").status_code == 404


def test_a_folder_that_cannot_be_written_is_told_on_the_case(desk, bob, case_id):
    Path(shelf.folder_of(desk.stores().path)).write_text("a file stands there")
    preserve(bob, case_id)
    take(desk)
    assert "the folder cannot be written" in bob.get(f"/case/{case_id}").text


# what must never be kept --------------------------------------------------------------------------


def test_the_way_to_the_police_says_what_to_do_and_shows_no_picture_and_no_link(desk, alice):
    case_id = desk.hear("@fjordfon_hilft guckt mal", url="https://social.example/bad")
    page = alice.get(f"/case/{case_id}/police").text
    assert "Call the police: 110." in page
    assert "Do not open, save, photograph or forward anything." in page
    assert "<img" not in page.partition("<main")[2]
    assert "https://social.example/bad" not in page
    assert "replay:1" in page, "the police need to know where it stands"


def test_one_click_of_anybody_blocks_preserving_and_hides_what_hangs_on_the_posts_for_good(desk, alice, bob):
    case_id = desk.hear("@fjordfon_hilft guckt mal", url="https://social.example/bad")
    desk.stores().connection.execute(
        "UPDATE mentions SET extras = ?",
        [json.dumps({"media": [{"kind": "image", "alt": "x"}], "quoted": None, "poll": []})],
    )
    assert "1 picture" in alice.get(f"/case/{case_id}").text
    assert "https://social.example/bad" in alice.get(f"/case/{case_id}").text
    assert alice.post(f"/case/{case_id}/police").status_code == 303
    page = alice.get(f"/case/{case_id}").text
    assert "Nothing of this case is kept." in page
    assert "1 picture" not in page
    assert "https://social.example/bad" not in page
    assert preserve(bob, case_id).status_code == 409
    assert "Preserve evidence" not in bob.get(f"/case/{case_id}").text
    assert [entry["step"] for entry in entries(desk, "EVIDENCE")] == ["never_kept"]
    # A later post of the case brings pictures again: they are not shown either.
    desk.stores().connection.execute(
        "UPDATE mentions SET extras = ?",
        [json.dumps({"media": [{"kind": "image", "alt": "x"}], "quoted": None, "poll": []})],
    )
    assert "1 picture" not in alice.get(f"/case/{case_id}").text


def test_evidence_of_a_case_that_we_answered_holds_our_reply_too(desk, bob):
    case_id = desk.hear("@fjordfon_hilft Bei mir kein Internet, wann geht es wieder?")
    left(desk, approved(desk, case_id, "Moin, wir prüfen die Leitung und melden uns hier. ^AB"))
    preserve(bob, case_id, offence="insult")
    take(desk)
    with zipfile.ZipFile(io.BytesIO(bob.post("/evidence/1/copy").data)) as box:
        thread = json.loads(box.read("thread.json"))["posts"]
        assert [post["text"] for post in thread if post.get("ours")] == [
            "Moin, wir prüfen die Leitung und melden uns hier. ^AB"
        ]
        assert "unsere Antwort" in box.read("report.html").decode()


@pytest.mark.parametrize("offence", ["", "murder", "threat' OR 1"])
def test_an_offence_that_is_none_of_the_list_is_refused(desk, bob, case_id, offence):
    assert preserve(bob, case_id, offence=offence).status_code == 400


def test_everything_is_there_in_german(desk, bob, case_id):
    preserve(bob, case_id)
    take(desk)
    german = {"Accept-Language": "de"}
    assert "Beweis sichern" in bob.get(f"/case/{desk.hear('@fjordfon_hilft Hallo')}", headers=german).text
    for path, words in (
        (f"/case/{case_id}", "Noch einmal sichern"),
        ("/evidence/1", "Verwahrprotokoll"),
        ("/evidence", "Löschsperre"),
        (f"/case/{case_id}/police", "Ruf die Polizei an: 110."),
    ):
        assert words in bob.get(path, headers=german).text, path
