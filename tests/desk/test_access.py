"""Who may enter which room: a guest, a trainee, an agent, a senior and nobody meet every route and method."""

import pytest
from werkzeug.routing import Rule

from bot.desk.guard import ACCESS, SAFE
from bot.model import Role

RANK = {"": -1, "charlie": 0, "dora": 1, "alice": 2, "bob": 3}
ENDS_SESSIONS = {"door.sign_out", "account.sign_out_everywhere"}
ASKS_FOR_A_PASSWORD = {"door.enter", "door.confirmed"}
ASKS_FOR_TRAINING = {"care.confirm"} | {
    f"escalations.{act}" for act in ("take", "confirm", "figurative", "tell", "close", "no_report", "link")
}
"""For people trained for crises and threats, and for seniors; Alice is neither."""


def least(endpoint: str) -> int:
    role = ACCESS[endpoint]
    return -1 if role is None else (Role.GUEST, Role.TRAINEE, Role.AGENT, Role.SENIOR).index(role)


def path_of(rule: Rule) -> str:
    values = {name: 999 if name.endswith("_id") or name == "seq" else "app.js" for name in rule.arguments}
    return rule.build(values)[1]


def test_every_route_stands_in_the_table_and_the_table_names_no_other(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)


@pytest.mark.parametrize("name", RANK)
def test_everyone_meets_every_route_and_method(app, browse, name):
    client = browse(name)
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"OPTIONS"}):
            status, location = meet(client, rule, method)
            place = (rule.rule, method, status)
            if RANK[name] >= least(rule.endpoint) and not (name == "alice" and rule.endpoint in ASKS_FOR_TRAINING):
                assert status not in {401, 403} or rule.endpoint in ASKS_FOR_A_PASSWORD, place
            elif name:
                assert status == 403, place
            else:
                assert status == 303, place
                assert location.startswith("/sign-in"), place
            if rule.endpoint in ENDS_SESSIONS:
                client = browse(name)


def meet(client, rule: Rule, method: str) -> tuple[int, str]:
    answer = client.open(path_of(rule), method=method, data={} if method not in SAFE else None)
    return answer.status_code, answer.location or ""


@pytest.mark.parametrize("name", RANK)
def test_a_method_that_a_room_does_not_know_is_refused_plainly(browse, name):
    client = browse(name)
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.open("/outbox", method=method).status_code == 405


def test_a_route_that_the_table_does_not_name_is_closed_to_everyone(desk, browse, app):
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    for name in RANK:
        assert browse(name).get("/forgotten").status_code == 403


def test_a_guest_sees_their_account_and_no_link_to_a_closed_room(browse):
    page = browse("charlie").get("/account").text
    assert "Your account" in page
    for closed in ('href="/"', 'href="/outbox"', 'href="/ledger"', 'href="/stop"'):
        assert closed not in page


def test_only_a_senior_is_offered_what_only_a_senior_may(desk, alice, bob):
    assert alice.post("/outbox/1/resolve", data={"seen": "yes"}).status_code == 403
    assert alice.post("/draft/1/reject", data={"reason": "no"}).status_code == 403
    assert bob.post("/outbox/1/resolve", data={"seen": "yes"}).status_code == 404


CLOSED_TO_TRAINEES = {
    *("draft.approve", "draft.reject", "draft.release", "ladder.warn", "ladder.withdraw", "case.close"),
    *("case.change_lane", "case.opt_out", "stop.lift", "outbox.cancel", "outbox.retract", "escalations.confirm"),
    *("escalations.close", "evidence.preserve", "ledger.show", "solo.begin", "solo.review"),
}


def test_a_trainee_neither_approves_nor_releases_nor_warns_nor_decides():
    open_to_them = {endpoint for endpoint, role in ACCESS.items() if role in {None, Role.GUEST, Role.TRAINEE}}
    assert not open_to_them & CLOSED_TO_TRAINEES
    assert {"draft.save", "draft.hand_on", "case.open_case", "case.escalate", "stop.begin"} <= open_to_them


def test_our_own_scripts_get_a_status_instead_of_the_sign_in_page(browse):
    answer = browse("").get("/changes", headers={"X-Earshot-Live": "1"})
    assert answer.status_code == 401
    assert answer.json == {"status": 401}
