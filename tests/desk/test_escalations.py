"""The room of escalations, its banners, the acknowledge link, and who may do what there."""

import re

import pytest
from sample_desk import KEYS, MINUTE

from bot.config.canonical import to_json, version_of
from bot.config.protection import Chain, Paged, Protection
from bot.model import AlarmKind, Lane, Notice
from bot.protect import escalation, paging
from bot.protect.alarm import raise_alarm
from bot.store import alarms, cases
from bot.store import house as house_rows

WORDS = "Morgen komme ich mit der Axt in eure Filiale"
CONTACT = Paged(name="Lena Lindgren", channels=("EARSHOT_PAGE_ONCALL",))
NAMED = Protection(threat=Chain(first=(CONTACT,)), first_look=Chain(first=(CONTACT,)))


def threaten(desk, *, acute: bool = True, handle: str = "kim") -> int:
    """A threat comes in; returns its escalation."""
    case_id = desk.hear(f"@fjordfon_hilft {WORDS}", handle=handle, lane=Lane.THREAT)
    with desk.stores().write() as tx:
        why = "acute_pattern" if acute else "suspected"
        now = desk.clock.now()
        return raise_alarm(tx, case_id=case_id, kind=AlarmKind.THREAT, acute=acute, why=why, now=now)


def name_people(desk) -> None:
    """Somebody is paged from now on."""
    config = desk.config.model_copy(update={"protection": NAMED})
    body = to_json(config)
    with desk.stores().write() as tx:
        house_rows.add_config(tx, version_of(body), body, desk.clock.now())


class Told:
    """A channel that keeps what it is sent."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def notify(self, notice: Notice) -> None:
        self.notices.append(notice)


def page(desk) -> str:
    """Page somebody; returns the path of the link that they got."""
    told = Told()
    pager = paging.Pager(NAMED, lambda _: told, KEYS.page, "https://desk.example", "de")
    paging.run(desk.stores(), pager, desk.clock)
    return re.search(r"https://desk\.example(/ack/\S+)", told.notices[-1].body)[1]


def row(desk, escalation_id: int):
    return alarms.by_id(desk.stores(), escalation_id)


def form(text: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that leads to ``action``."""
    found = re.search(rf'action="[^"]*{action}"[^>]*>(.*?)</form>', text, re.DOTALL)
    assert found, f"no form for {action}"
    return dict(re.findall(r'name="(key|version|target)" value="([^"]*)"', found[1]))


def has_form(text: str, action: str) -> bool:
    return re.search(rf'action="[^"]*{action}"', text) is not None


# the acute screen -----------------------------------------------------------------------------------


def test_the_acute_screen_says_call_110_before_anything_else_and_shows_no_word_of_the_post(desk, bob):
    number = threaten(desk)
    text = bob.get(f"/escalations/{number}").text
    assert 'href="tel:110"' in text
    assert 'href="tel:112"' in text
    assert text.index("tel:110") < text.index("/confirm")
    assert "Axt" not in text


def test_every_act_of_the_page_works_as_a_plain_form_to_the_end(desk, bob):
    number = threaten(desk)
    bob.get(f"/escalations/{number}")
    path = f"/escalations/{number}"
    for action, more in (
        ("take", {}),
        ("confirm", {}),
        ("told", {"target": "police", "receipt": "VN 4711/26"}),
        ("told", {"target": "board", "receipt": ""}),
        ("close", {}),
    ):
        fields = form(bob.get(path).text, action) | more
        assert bob.post(f"{path}/{action}", data=fields).status_code == 303
    text = bob.get(path).text
    assert row(desk, number)["state"] == "reported"
    assert "VN 4711/26" in text
    assert not any(has_form(text, action) for action in ("take", "confirm", "told", "close", "figurative", "no-report"))


def test_a_form_that_is_sent_twice_acts_once(desk, bob):
    number = threaten(desk)
    fields = form(bob.get(f"/escalations/{number}").text, "confirm")
    first = bob.post(f"/escalations/{number}/confirm", data=fields)
    again = bob.post(f"/escalations/{number}/confirm", data=fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]


def test_a_page_that_is_older_than_the_escalation_decides_nothing(desk, bob):
    number = threaten(desk)
    fields = form(bob.get(f"/escalations/{number}").text, "confirm")
    with desk.stores().write() as tx:
        escalation.take(tx, KEYS, number, user=desk.user("bob"), now=desk.clock.now())
    assert bob.post(f"/escalations/{number}/confirm", data=fields).status_code == 409
    assert row(desk, number)["state"] == "open"


def test_who_is_not_trained_sees_whom_to_call_but_is_offered_no_decision(desk, alice):
    number = threaten(desk)
    text = alice.get(f"/escalations/{number}").text
    assert 'href="tel:110"' in text
    for action in ("take", "confirm", "figurative", "told", "no-report", "link"):
        assert not has_form(text, action)
        assert alice.post(f"/escalations/{number}/{action}", data={"version": "1"}).status_code in {403, 409}
    assert row(desk, number)["state"] == "open"


def test_closing_without_a_report_takes_two_people_and_a_reason(desk, bob, browse):
    number = threaten(desk)
    bob.post(f"/escalations/{number}/confirm", data=form(bob.get(f"/escalations/{number}").text, "confirm"))
    fields = form(bob.get(f"/escalations/{number}").text, "no-report")
    assert bob.post(f"/escalations/{number}/no-report", data=fields | {"reason": "no"}).status_code == 409
    fields = form(bob.get(f"/escalations/{number}").text, "no-report")
    bob.post(f"/escalations/{number}/no-report", data=fields | {"reason": "The police see no danger."})
    assert row(desk, number)["state"] == "confirmed"
    assert not has_form(bob.get(f"/escalations/{number}").text, "no-report")
    with desk.stores().write() as tx:
        tx.run("UPDATE users SET trained = 1 WHERE name = 'alice'")
    alice = browse("alice")
    fields = form(alice.get(f"/escalations/{number}").text, "no-report")
    alice.post(f"/escalations/{number}/no-report", data=fields | {"reason": "I see it in the same way."})
    assert row(desk, number)["state"] == "no_report"


def test_a_case_says_that_it_is_held_and_offers_the_one_key_to_who_is_trained(desk, bob, alice):
    number = threaten(desk, acute=False)
    [case_id] = alarms.case_ids(desk.stores(), number)
    text = bob.get(f"/case/{case_id}").text
    assert f'href="/escalations/{number}"' in text
    assert 'data-key="f"' in text
    assert 'data-key="f"' not in alice.get(f"/case/{case_id}").text
    bob.post(f"/escalations/{number}/figurative", data=form(text, "figurative"))
    assert cases.by_id(desk.stores(), case_id)["state"] == "closed"


def test_an_unknown_escalation_is_not_found(bob):
    assert bob.get("/escalations/99").status_code == 404


# deadlines ------------------------------------------------------------------------------------------


def test_a_deadline_shows_to_the_person_concerned_and_to_nobody_else(desk, alice, bob):
    number = threaten(desk)
    fields = form(alice.get(f"/escalations/{number}").text, "concerns-me")
    answer = alice.post(
        f"/escalations/{number}/concerns-me", data=fields | {"section": "185", "known_on": "2026-05-31"}
    )
    assert answer.status_code == 303
    assert "until 31 Aug 2026" in alice.get("/escalations").text
    for path in ("/escalations", f"/escalations/{number}"):
        assert "31 Aug 2026" not in bob.get(path).text


@pytest.mark.parametrize("day", ["", "soon", "2126-01-01", "1999-01-01", "2026-02-30"])
def test_a_day_that_cannot_be_is_refused(desk, alice, day):
    number = threaten(desk)
    data = {"section": "185", "known_on": day}
    assert alice.post(f"/escalations/{number}/concerns-me", data=data).status_code == 409


# banners --------------------------------------------------------------------------------------------


def test_without_an_alarm_no_banner_cries(desk, bob):
    assert "Nobody is paged." not in bob.get("/").text


def test_an_alarm_for_which_nobody_is_named_is_loud_on_every_page(desk, bob, alice):
    threaten(desk)
    for someone in (bob, alice):
        for path in ("/", "/outbox", "/ledger"):
            assert "Nobody is paged." in someone.get(path).text
    assert "Nobody is paged for:" in bob.get("/escalations").text


def test_an_alarm_in_nobodys_hands_is_loud_until_somebody_takes_it(desk, bob):
    name_people(desk)
    number = threaten(desk)
    assert "1 alarm is in nobody’s hands" in bob.get("/").text
    bob.post(f"/escalations/{number}/take", data=form(bob.get(f"/escalations/{number}").text, "take"))
    text = bob.get("/").text
    assert "nobody’s hands" not in text
    assert "Nobody is paged." not in text


def test_a_page_that_does_not_arrive_is_loud_and_names_who_is_not_reached(desk, bob):
    name_people(desk)
    threaten(desk)

    def missing(name: str):
        raise LookupError(name)

    pager = paging.Pager(NAMED, missing, KEYS.page, "https://desk.example", "de")
    with pytest.raises(LookupError):  # the process dies here: nobody knows whether the page left
        paging.run(desk.stores(), pager, desk.clock)
    desk.clock.advance(MINUTE)
    paging.run(desk.stores(), paging.Pager(NAMED, lambda _: Told(), KEYS.page, "", "de"), desk.clock)
    text = bob.get("/").text
    assert "A page does not arrive." in text
    assert CONTACT.name in text


# the link in a page ---------------------------------------------------------------------------------


def test_the_link_works_on_a_phone_without_signing_in_and_shows_who_acknowledged(desk, browse):
    name_people(desk)
    number = threaten(desk)
    path, phone = page(desk), browse("")
    text = phone.get(path).text
    assert f'action="{path}"' in text
    assert row(desk, number)["acknowledged_at"] is None, "looking alone acknowledges nothing: link scanners look"
    assert phone.post(path).status_code == 303
    text = phone.get(path).text
    assert "Lena Lindgren looks after it since" in text
    assert f'action="{path}"' not in text
    assert row(desk, number)["acknowledged_contact"] == "Lena Lindgren"
    for word in ("Axt", "kim", WORDS):
        assert word not in text


def test_the_link_opens_nothing_else(desk, browse):
    name_people(desk)
    number = threaten(desk)
    path, phone = page(desk), browse("")
    phone.post(path)
    assert phone.get(f"/escalations/{number}").status_code == 303, "to the sign-in page"
    assert phone.get("/").status_code == 303


@pytest.mark.parametrize("token", ["0" * 40, "x", "%F0%9F%92%A3", "a" * 3000])
def test_a_wrong_link_is_not_found_and_changes_nothing(desk, browse, token):
    name_people(desk)
    number = threaten(desk)
    page(desk)
    phone = browse("")
    assert phone.get(f"/ack/{token}").status_code == 404
    phone.post(f"/ack/{token}")
    assert row(desk, number)["acknowledged_at"] is None


def test_a_foreign_page_cannot_press_the_button(desk, browse):
    name_people(desk)
    number = threaten(desk)
    path = page(desk)
    assert browse("").post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert row(desk, number)["acknowledged_at"] is None


def test_a_link_ends_after_a_day(desk, browse):
    name_people(desk)
    threaten(desk)
    path = page(desk)
    desk.clock.advance(paging.LINK_MS + 1)
    assert browse("").get(path).status_code == 404


def test_nobody_tries_tokens_without_end(desk, browse):
    phone = browse("")
    answers = {phone.get(f"/ack/{number:040}").status_code for number in range(40)}
    assert answers == {404, 429}


def test_a_second_link_tells_who_was_first(desk, browse):
    name_people(desk)
    number = threaten(desk)
    path = page(desk)
    with desk.stores().write() as tx:
        escalation.take(tx, KEYS, number, user=desk.user("bob"), now=desk.clock.now())
    text = browse("").get(path).text
    assert "^KM looks after it" in text
    assert f'action="{path}"' not in text


# whose room it is -----------------------------------------------------------------------------------


def test_a_guest_does_not_come_in(desk, browse):
    number = threaten(desk)
    charlie = browse("charlie")
    assert charlie.get("/escalations").status_code == 403
    assert charlie.get(f"/escalations/{number}").status_code == 403


def test_the_page_tells_in_whose_hands_it_is_and_that_nobody_was_paged(desk, bob):
    number = threaten(desk)
    bob.post(f"/escalations/{number}/take", data=form(bob.get(f"/escalations/{number}").text, "take"))
    text = bob.get(f"/escalations/{number}").text
    assert "^KM looks after it" in text
    assert "Nobody yet." in text
