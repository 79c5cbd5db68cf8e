"""The shield and a crisis in Chromium: no word in the page before it is asked for, cards with and without scripts."""

import pytest
from in_chromium import IN_CHROMIUM, PHONE
from playwright.sync_api import Page, expect
from sample_desk import PASSWORD, abuse

from bot.model import Finding, Lane
from bot.store import care, dispatches

WORD = "Fliederkanarie"
TEXT = f"@fjordfon_hilft {WORD} seid ihr, wegen der Rechnung."
OWN = "Wir lesen dich, und es ist gut, dass du schreibst."

pytestmark = IN_CHROMIUM


@pytest.fixture
def visit(chromium, address):
    """Sign in as somebody, on a phone, with or without scripts."""
    contexts = []

    def sign_in(name: str, *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            java_script_enabled=scripts, locale="en-GB", viewport=PHONE, reduced_motion="reduce", base_url=address
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("#name", name)
        page.fill("#pass", PASSWORD)
        with page.expect_navigation():
            page.click("main .btn.primary")
        return page

    yield sign_in
    for context in contexts:
        context.close()


def hear(desk, lane: Lane) -> int:
    first = TEXT.index(WORD)
    span = ((first, first + len(WORD)),)
    found = abuse(TEXT, WORD) if lane is Lane.ABUSE else Finding(lane.value, "1", lane.value, 900, span)
    return desk.hear(TEXT, lane=lane, findings=(found,))


@pytest.mark.parametrize("lane", [Lane.ABUSE, Lane.THREAT, Lane.CRISIS])
def test_the_text_is_not_in_the_page_before_each_step_was_asked_for(desk, visit, lane):
    case_id, page = hear(desk, lane), visit("bob")
    for path in (f"/?lane={lane}", f"/case/{case_id}", f"/case/{case_id}?level=2", "/square"):
        page.goto(path)
        assert WORD not in page.content(), path
        assert WORD not in page.title()
    page.goto(f"/case/{case_id}")
    page.click("text=Read with masked words")
    expect(page.locator(".shield-words")).to_contain_text("wegen der Rechnung")
    assert WORD not in page.content()
    page.click("text=Show the wording")
    expect(page.locator(".shield-words")).to_contain_text(WORD)
    page.click("text=Cover again")
    assert WORD not in page.content()
    assert care.read_by(desk.stores(), desk.people["bob"], 0) == 1


def test_on_a_phone_the_numbers_to_call_come_first_and_nothing_runs_out_of_the_screen(desk, visit):
    case_id, page = hear(desk, Lane.CRISIS), visit("bob")
    page.goto(f"/case/{case_id}")
    page.get_by_role("button", name="Take the case").click()
    calls = page.locator(".call")
    expect(calls).to_have_count(2)
    assert [each.get_attribute("href") for each in calls.all()] == ["tel:112", "tel:110"]
    for call in calls.all():
        box = call.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= PHONE["width"]
    shield, first = page.locator(".shield").bounding_box(), calls.first.bounding_box()
    assert shield is not None
    assert first is not None
    assert first["y"] < shield["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_card_is_inserted_behind_what_was_typed_and_the_reply_leaves(desk, visit, scripts):
    case_id, page = hear(desk, Lane.CRISIS), visit("bob", scripts=scripts)
    page.goto(f"/case/{case_id}")
    page.get_by_role("button", name="Take the case").click()
    expect(page.locator("#reply-text")).to_have_value("")
    page.fill("#reply-text", OWN)
    page.get_by_role("button", name="Insert: TelefonSeelsorge").first.click()
    card = "TelefonSeelsorge: 0800 1110111 oder 0800 1110222 (rund um die Uhr, anonym, gebührenfrei)"
    expect(page.locator("#reply-text")).to_have_value(f"{OWN}\n{card}")
    page.click("[data-approve]")
    expect(page.locator(".toast")).to_contain_text("Approved.")
    assert [row["text"] for row in dispatches.of_case(desk.stores(), case_id)] == [f"{OWN}\n{card}"]


def test_a_typed_number_is_marked_and_denied(desk, visit):
    case_id, page = hear(desk, Lane.CRISIS), visit("bob")
    page.goto(f"/case/{case_id}")
    page.get_by_role("button", name="Take the case").click()
    page.fill("#reply-text", f"{OWN} Ruf an: 0800 111 0 111")
    expect(page.locator("[data-composer] [data-hits] li").first).to_contain_text("Typed by hand.", timeout=20_000)
    expect(page.locator(".verdict")).to_contain_text("Denied", timeout=20_000)


def test_near_the_budget_a_break_is_one_click_without_scripts(desk, visit):
    case_id, page = hear(desk, Lane.ABUSE), visit("alice", scripts=False)
    with desk.stores().write() as tx:
        for _ in range(16):
            care.expose(tx, desk.people["alice"], desk.clock.now())
    page.goto(f"/case/{case_id}")
    page.get_by_role("button", name="Break for 30 minutes").click()
    page.goto(f"/case/{case_id}")
    expect(page.locator(".case-read")).to_contain_text("You are on a break until")
    page.get_by_role("button", name="End the break").click()
    expect(page.locator("#day")).to_be_visible()
    page.goto(f"/case/{case_id}")
    expect(page.get_by_role("button", name="Take the case")).to_be_visible()
