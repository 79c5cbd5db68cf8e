"""The acute screen on a phone, in real Chromium: one thumb reaches the police, and nothing needs JavaScript."""

from collections.abc import Iterator

import pytest
from in_chromium import IN_CHROMIUM, PHONE
from playwright.sync_api import Page, expect
from sample_desk import PASSWORD
from test_escalations import name_people, page, row, threaten

THUMB = 44
"""Points that a thumb hits (WCAG 2.2, target size enhanced)."""

pytestmark = IN_CHROMIUM


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def phone(chromium, request) -> Iterator[Page]:
    context = chromium.new_context(
        viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=request.param, locale="de-DE"
    )
    yield context.new_page()
    context.close()


def sign_in(phone: Page, address: str, name: str) -> None:
    phone.goto(f"{address}/sign-in")
    phone.fill("#name", name)
    phone.fill("#pass", PASSWORD)
    phone.click("main .btn.primary")
    expect(phone).not_to_have_url(f"{address}/sign-in")


def fits(phone: Page) -> bool:
    """Whether nothing stands out of the screen sideways."""
    return phone.locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")


def test_on_a_phone_both_numbers_are_in_sight_large_enough_and_the_page_is_no_wider_than_it(desk, address, phone):
    number = threaten(desk)
    sign_in(phone, address, "bob")
    phone.goto(f"{address}/escalations/{number}")
    for call in ("110", "112"):
        link = phone.locator(f'a[href="tel:{call}"]')
        expect(link).to_be_visible()
        box = link.bounding_box()
        assert box["height"] >= THUMB
        assert box["width"] >= THUMB
        assert box["y"] + box["height"] <= PHONE["height"], "without scrolling"
    expect(phone.locator("body")).not_to_contain_text("Axt")
    assert fits(phone)


def test_a_threat_is_confirmed_and_the_police_noted_with_a_thumb(desk, address, phone):
    number = threaten(desk)
    sign_in(phone, address, "bob")
    phone.goto(f"{address}/escalations/{number}")
    phone.click("text=Ich kümmere mich")
    phone.click("text=Es ist eine Drohung")
    expect(phone.locator("#reports")).to_have_text("Wer es wissen muss")
    phone.fill("#receipt-police", "VN 4711/26")
    phone.locator(".checks li").first.get_by_role("button").click()
    expect(phone.locator(".checks li").first).to_contain_text("VN 4711/26")
    assert row(desk, number)["state"] == "confirmed"
    assert fits(phone)


def test_the_link_in_a_page_needs_one_touch_and_no_sign_in(desk, address, phone):
    name_people(desk)
    number = threaten(desk)
    path = page(desk)
    phone.goto(address + path)
    button = phone.get_by_role("button", name="Ich kümmere mich")
    assert button.bounding_box()["height"] >= 40
    assert fits(phone)
    button.click()
    expect(phone.locator("main")).to_contain_text("Lena Lindgren kümmert sich")
    assert row(desk, number)["acknowledged_contact"] == "Lena Lindgren"


def test_one_key_says_that_it_is_a_figure_of_speech(desk, address, chromium):
    number = threaten(desk, acute=False)
    context = chromium.new_context(locale="en-GB", reduced_motion="reduce")
    desktop = context.new_page()
    sign_in(desktop, address, "bob")
    desktop.goto(f"{address}/escalations/{number}", wait_until="networkidle")
    desktop.keyboard.press("f")
    expect(desktop.locator(".page-head")).to_contain_text("figure of speech")
    context.close()
    assert row(desk, number)["state"] == "figurative"
