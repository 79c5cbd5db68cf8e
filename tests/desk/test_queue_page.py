"""The list: lanes with counts, order, filters in the address, paging, and what changed meanwhile."""

import re

import pytest
from sample_desk import MINUTE

from bot.desk.forms import PAGE
from bot.model import CaseState, Lane, Platform, Priority, Trigger
from bot.store import cases, queue
from bot.store.db import Store


def order(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'data-row[^>]*href="/case/(\d+)', page)]


def test_the_most_urgent_comes_first_and_each_priority_has_its_heading(desk, alice):
    low = desk.hear("@fjordfon_hilft a", handle="a", priority=Priority.LOW)
    late = desk.hear("@fjordfon_hilft b", handle="b", priority=Priority.HIGH, due_ms=60 * MINUTE)
    soon = desk.hear("@fjordfon_hilft c", handle="c", priority=Priority.HIGH, due_ms=5 * MINUTE)
    page = alice.get("/?lane=help").text
    assert order(page) == [soon, late, low]
    assert re.findall(r"<h2>(High|Medium|Low)</h2>", page) == ["High", "Low"]


def test_a_bare_address_opens_the_gravest_lane_with_work(desk, alice):
    desk.hear("Fjordfon", lane=Lane.LISTEN, trigger=Trigger.NONE)
    assert "<title>Help (0)" in alice.get("/").text
    desk.hear("@fjordfon_hilft a", handle="a")
    desk.hear("@fjordfon_hilft b", handle="b", lane=Lane.THREAT)
    assert "<title>Threat (1)" in alice.get("/").text


def test_the_rail_counts_every_lane_only_heard_ones_too(desk, alice):
    for number in range(3):
        desk.hear("Fjordfon", handle=f"h{number}", lane=Lane.LISTEN, trigger=Trigger.NONE)
    page = alice.get("/").text
    assert re.search(r'data-lane="listen".*?<span class="num">3</span>', page, re.DOTALL)


def test_clocks_say_over_near_and_far(desk, alice):
    for handle, due in (("a", -7 * MINUTE), ("b", 16 * MINUTE), ("c", 3 * 60 * MINUTE)):
        desk.hear(f"@fjordfon_hilft {handle}", handle=handle, due_ms=due)
    page = alice.get("/?lane=help").text
    assert re.search(r'data-tone="bad">.*?overdue, 7 min', page)
    assert re.search(r'data-tone="warn">.*?16 min left', page)
    assert re.search(r'<span class="due">.*?3 hr left', page)


def test_filters_stand_in_the_address_and_narrow_the_list(desk, alice):
    german = desk.hear("@fjordfon_hilft Moin", handle="a")
    english = desk.hear("@fjordfon_hilft Hello", handle="b", language="en")
    assert order(alice.get("/?lane=help&language=en").text) == [english]
    assert order(alice.get("/?lane=help&platform=mastodon").text) == []
    assert order(alice.get("/?language=de").text) == [german]
    alice.post(f"/case/{german}/open")
    assert order(alice.get("/?mine=1").text) == [german]


@pytest.mark.parametrize(
    "query", ["lane=x", "state=x", "language=<b>", "platform=x", "page=-4", "page=x", "page=99999999"]
)
def test_a_filter_that_makes_no_sense_is_left_out(desk, alice, query):
    desk.hear("@fjordfon_hilft Moin")
    assert alice.get(f"/?{query}").status_code == 200


def test_the_list_stays_beside_the_case_with_its_filters(desk, alice):
    case_id = desk.hear("@fjordfon_hilft Hello", language="en")
    page = alice.get(f"/case/{case_id}?lane=help&language=en").text
    assert f'href="/case/{case_id}?lane=help&amp;language=en" aria-current="true"' in page


def test_long_lists_have_pages(desk, alice):
    for number in range(PAGE + 3):
        desk.hear("@fjordfon_hilft a", handle=f"h{number}")
    first, second = alice.get("/?lane=help").text, alice.get("/?lane=help&page=2").text
    assert len(order(first)) == PAGE
    assert len(order(second)) == 3
    assert not set(order(first)) & set(order(second))
    assert "Page 2 of 2" in second


def test_who_holds_a_case_is_told_until_the_claim_runs_out(desk, alice, bob, clock):
    case_id = desk.hear("@fjordfon_hilft a")
    bob.post(f"/case/{case_id}/open")
    assert "KM</span>has it" in alice.get("/?lane=help").text
    assert "data-opening" not in alice.get("/?lane=help").text
    clock.advance(cases.CLAIM_MS + 1)
    assert "has it" not in alice.get("/?lane=help").text


def test_the_list_leaves_out_whom_a_post_is_addressed_to(desk, alice):
    desk.hear("@fjordfon_hilft @other kein Internet hier", terms=("kein Internet",))
    assert ">" + "<mark>kein Internet</mark> hier" in alice.get("/?lane=help").text


def test_changes_tell_of_new_cases_once_and_then_not_modified(desk, alice):
    since = queue.newest_change(desk.stores())
    desk.hear("@fjordfon_hilft a", handle="a")
    desk.hear("@fjordfon_hilft b", handle="b")
    answer = alice.get(f"/changes?since={since}&lane=help")
    assert answer.json == {"news": "Show 2 new", "outbox": 0, "stopped": False}
    again = alice.get(f"/changes?since={since}&lane=help", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_a_stop_changes_the_mark(desk, alice):
    mark = alice.get("/changes").headers["ETag"]
    alice.post("/stop", data={"reason": "Probe"})
    answer = alice.get("/changes", headers={"If-None-Match": mark})
    assert answer.status_code == 200
    assert answer.json["stopped"] is True


def test_a_page_of_the_list_takes_few_queries_however_long_it_is(desk, alice, monkeypatch):
    counts = []
    for number in range(40):
        desk.hear("@fjordfon_hilft kein Internet", handle=f"h{number}", terms=("kein Internet",))
        if number in {0, 39}:
            counts.append(queries(alice, monkeypatch))
    assert counts[0] == counts[1]
    assert counts[1] < 40


def queries(client, monkeypatch) -> int:
    run, asked = Store.rows, []
    ask_row = Store.row
    with monkeypatch.context() as patch:
        patch.setattr(Store, "rows", lambda self, sql, **more: asked.append(sql) or run(self, sql, **more))
        patch.setattr(Store, "row", lambda self, sql, **more: asked.append(sql) or ask_row(self, sql, **more))
        client.get("/?lane=help")
    return len(asked)


def test_next_case_skips_what_others_hold_and_what_is_on_its_way(desk, store):
    first, second, third = (desk.hear("@fjordfon_hilft a", handle=f"h{n}") for n in range(3))
    wanted, now = queue.Wanted(lane=Lane.HELP), desk.clock.now()
    with desk.stores().write() as tx:
        cases.claim(tx, second, desk.people["bob"], now)
    found = queue.next_case(store, wanted, now=now, after=first, user_id=desk.people["alice"])
    assert found == third


def test_what_is_wanted_is_counted_the_same_way_as_it_is_listed(desk, store):
    for number in range(5):
        desk.hear("@fjordfon_hilft a", handle=f"h{number}", language="en" if number % 2 else "de")
    for wanted in (
        queue.Wanted(),
        queue.Wanted(lane=Lane.HELP, language="en"),
        queue.Wanted(state=CaseState.NEW),
        queue.Wanted(platform=Platform.MASTODON),
        queue.Wanted(holder=1),
    ):
        listed = queue.listed(store, wanted, now=desk.clock.now(), limit=99)
        assert len(listed) == queue.counted(store, wanted, now=desk.clock.now())
