"""No word of abuse, of a threat or of a person in need stands in any page before somebody asks to read it (W-04)."""

import json

import pytest
from sample_desk import MINUTE, abuse

from bot.desk.guard import ACCESS
from bot.model import AlarmKind, Finding, Lane, Priority
from bot.protect.alarm import raise_alarm
from bot.store import cases, drafts, mentions

CANARY = "Fliederkanarie"
HARD = (Lane.ABUSE, Lane.THREAT, Lane.CRISIS)
TEXT = f"@fjordfon_hilft {CANARY} seid ihr, wegen der Rechnung."
EXTRAS = {
    "quoted": {"native_id": "q1", "author_id": "9", "visibility": "public", "text": f"zitiert: {CANARY}"},
    "media": [{"kind": "image", "alt": f"Bild: {CANARY}"}],
    "poll": [f"ja, {CANARY}", "nein"],
}


def hear(desk, lane: Lane, **more: object) -> int:
    finding = abuse(TEXT, CANARY) if lane is Lane.ABUSE else Finding(lane.value, "1", lane.value, 900, ((16, 30),))
    case_id = desk.hear(TEXT, handle=f"laut-{lane}", lane=lane, findings=(finding,), priority=Priority.HIGH, **more)
    with desk.stores().write() as tx:
        tx.run("UPDATE mentions SET extras = :e WHERE case_id = :id", e=json.dumps(EXTRAS), id=case_id)
    return case_id


def places(app, case_ids: list[int], draft_ids: list[int]) -> list[str]:
    """Every address that can be looked at, with every number that may stand in it."""
    numbers = {"case_id": case_ids, "draft_id": draft_ids, "seq": list(range(1, 12)), "dispatch_id": [1]}
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint == "static" or rule.endpoint not in ACCESS:
            continue
        first = next(iter(rule.arguments), None)
        for value in numbers.get(first, [1, 2, 3]) if first else [None]:
            with app.test_request_context():
                found.append(app.url_for(rule.endpoint, **({first: value} if first else {})))
    return found


@pytest.fixture
def hard(desk) -> list[int]:
    found = {lane: hear(desk, lane, thread="root") for lane in HARD}
    with desk.stores().write() as tx:
        for kind in (AlarmKind.THREAT, AlarmKind.CRISIS):
            raise_alarm(tx, case_id=found[Lane(kind)], kind=kind, acute=True, why="flagged", now=desk.clock.now())
    return list(found.values())


def test_no_page_of_the_desk_holds_a_word_that_nobody_asked_for(desk, app, alice, bob, hard):
    calm = desk.hear("@fjordfon_hilft Guten Morgen", handle="ruhig", thread="root")
    known = [*hard, calm]
    for client in (alice, bob):
        for case_id in known:
            client.post(f"/case/{case_id}/open")
    draft_ids = [row["id"] for row in (drafts.open_of_case(desk.stores(), each) for each in known) if row]
    looked_at = 0
    shapes = [
        "",
        "?lane=abuse",
        "?lane=threat",
        "?lane=crisis",
        "?level=2",
        "?level=1&all=1",
        "?mine=1",
        "?state=escalated",
    ]
    for client in (alice, bob):
        for place in places(app, known, draft_ids):
            for shape in shapes if place == "/" or place.startswith("/case/") else [""]:
                answer = client.get(place + shape)
                assert CANARY not in answer.text, place + shape
                assert CANARY not in str(answer.headers), place
                looked_at += answer.status_code == 200
    assert looked_at > 60, "the check looks at something"


@pytest.mark.parametrize("lane", HARD)
def test_before_the_wording_comes_the_summary_then_the_masked_words(desk, bob, lane):
    case_id = hear(desk, lane)
    assert CANARY not in bob.get(f"/case/{case_id}").text
    masked = bob.get(bob.post(f"/case/{case_id}/reveal", data={"level": "1"}).location).text
    assert CANARY not in masked
    assert "wegen der Rechnung" in masked
    shown = bob.get(bob.post(f"/case/{case_id}/reveal", data={"level": "2"}).location).text
    assert CANARY in shown


def test_a_calm_post_does_not_show_the_shielded_one_that_it_quotes(desk, alice, hard):
    calm = desk.hear("@fjordfon_hilft Seht euch das an", handle="ruhig")
    [hidden] = mentions.of_case(desk.stores(), hard[0])
    extras = {"quoted": {**EXTRAS["quoted"], "native_id": hidden["native_id"]}, "media": [], "poll": []}
    with desk.stores().write() as tx:
        tx.run("UPDATE mentions SET extras = :e WHERE case_id = :id", e=json.dumps(extras), id=calm)
    page = alice.get(f"/case/{calm}").text
    assert CANARY not in page
    assert "whose words are not shown here" in page
    with desk.stores().write() as tx:
        cases.change_lane(tx, hard[0], Lane.HELP, desk.clock.now(), desk.people["bob"])
    assert CANARY in alice.get(f"/case/{calm}").text, "what is calm is quoted"


def test_what_nobody_assessed_yet_is_covered_in_list_and_thread(desk, alice):
    calm = desk.hear("@fjordfon_hilft Guten Morgen", handle="ruhig", thread="root")
    fresh = desk.hear(TEXT, handle="neu", thread="root", age_ms=MINUTE)
    with desk.stores().write() as tx:
        tx.run("UPDATE mentions SET stage = 'kept' WHERE case_id = :id", id=fresh)
    for path in ("/", f"/case/{calm}", f"/case/{fresh}"):
        page = alice.get(path).text
        assert CANARY not in page
        assert "Not assessed yet" in page


def test_a_preview_and_a_refused_save_hold_no_word_of_the_post(desk, bob, hard):
    for case_id in hard:
        bob.post(f"/case/{case_id}/open")
        draft = desk.draft(case_id)
        form = {"version": "99", "text": "Wir helfen dir gern."}
        for path in ("preview", "save", "approve"):
            answer = bob.post(f"/draft/{draft['id']}/{path}", data=form)
            assert CANARY not in answer.text, (case_id, path)


def test_what_is_held_of_a_person_is_told_without_a_word(desk, bob, hard):
    page = bob.post("/person", data={"platform": "replay", "name": "laut-abuse"}).text
    assert "laut-abuse" in page
    assert CANARY not in page
