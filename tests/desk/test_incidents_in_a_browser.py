"""Real Chromium: an incident is opened by keyboard within a few fields, on a desk and on a phone."""

import pytest
from in_chromium import IN_CHROMIUM, PHONE
from playwright.sync_api import expect
from sample_desk import PASSWORD

from bot.store import incidents

pytestmark = IN_CHROMIUM


def signed_in(chromium, address: str, **more: object):
    page = chromium.new_context(locale="en-GB", timezone_id="Europe/Berlin", **more).new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#name", "alice")
    page.fill("#pass", PASSWORD)
    page.click("main .btn.primary")
    page.wait_for_url(f"{address}/")
    return page


def test_an_incident_is_opened_by_keyboard_with_two_keys_and_one_field(desk, chromium, address):
    page = signed_in(chromium, address)
    page.keyboard.press("i")
    page.wait_for_url("**/incidents")
    page.keyboard.press("n")
    page.wait_for_url("**/incidents/new")
    expect(page.locator("#kind")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Internet")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/1?told=incident_opened")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Outage: Internet")
    [row] = incidents.listed(desk.stores())
    assert (row["kind"], row["words"], row["ended_at"]) == ("outage", "Internet", None)


@pytest.mark.parametrize("path", ["/incidents/new", "/incidents"])
def test_on_a_phone_nothing_is_wider_than_the_page(chromium, address, path):
    page = signed_in(chromium, address, viewport=PHONE)
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
