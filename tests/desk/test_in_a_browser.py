"""The desk in real Chromium, with and without JavaScript: the main walk, the keys, the shield, the content policy."""

import re
from collections.abc import Iterator

import pytest
from in_chromium import IN_CHROMIUM
from playwright.sync_api import Browser, Page, expect
from sample_desk import PASSWORD, abuse
from sample_posts import approved, left

from bot.model import CaseState, Lane, Priority
from bot.store import cases, dispatches

QUESTION = "@fjordfon_hilft Bei mir kein Internet, wann geht es wieder?"
RUDE = "@fjordfon_hilft Du bist echt eine Vollkatastrophe. Zugesagt waren 20 Euro!"

pytestmark = IN_CHROMIUM


class Visit:
    """One person at the desk, and everything that the browser complained about."""

    def __init__(self, browser: Browser, address: str, *, scripts: bool) -> None:
        context = browser.new_context(java_script_enabled=scripts, locale="en-GB", reduced_motion="reduce")
        self.address = address
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda told: self.complaints.append(told.text) if told.type != "log" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{address}/sign-in")
        self.page.fill("#name", "alice")
        self.page.fill("#pass", PASSWORD)
        with self.page.expect_navigation():  # Until its scripts ran: a click before that follows the link.
            self.page.click("main .btn.primary")

    def go(self, path: str) -> None:
        """Open a page and wait until its scripts ran."""
        self.page.goto(self.address + path)

    def take_first(self) -> None:
        """Open the first case of the list with one key, and wait until its page is whole."""
        with self.page.expect_navigation(url=re.compile("/case/")):
            self.page.keyboard.press("Enter")


@pytest.fixture
def visit(chromium, address) -> Iterator[Visit]:
    seen = Visit(chromium, address, scripts=True)
    yield seen
    seen.page.context.close()
    assert seen.complaints == []


@pytest.fixture
def plain(chromium, address) -> Iterator[Visit]:
    """Without JavaScript."""
    seen = Visit(chromium, address, scripts=False)
    yield seen
    seen.page.context.close()
    assert seen.complaints == []


def test_one_key_and_one_click_answer_an_ordinary_post(desk, visit):
    first = desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?", handle="a", priority=Priority.HIGH)
    second = desk.hear("@fjordfon_hilft Wie kündige ich?", handle="b")
    page = visit.page
    visit.go("/?lane=help")
    visit.take_first()
    expect(page.locator("#case-title")).to_have_text("@a")
    page.fill("#reply-text", "Moin, hier: https://fjordfon.example/rechnung ^AB")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#case-title")).to_have_text("@b")
    expect(page.locator("[data-toast]")).to_contain_text("Leaves in")
    expect(page).not_to_have_url(re.compile("told"))
    assert cases.by_id(desk.stores(), first)["state"] == CaseState.OUTBOX
    assert cases.by_id(desk.stores(), second)["claimed_by"] == desk.people["alice"]


def test_t_takes_a_case_over_from_a_colleague(desk, visit):
    case_id = desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?")
    with desk.stores().write() as tx:
        cases.claim(tx, case_id, desk.people["bob"], desk.clock.now())
    page = visit.page
    visit.go(f"/case/{case_id}")
    with page.expect_navigation():
        page.keyboard.press("t")
    expect(page.locator("#reply-text")).to_be_visible()
    assert cases.by_id(desk.stores(), case_id)["claimed_by"] == desk.people["alice"]


def test_without_scripts_a_warning_is_prepared_with_plain_forms(desk, plain):
    case_id = desk.hear(RUDE, lane=Lane.ABUSE, findings=(abuse(RUDE, "Vollkatastrophe"),), reason="abuse de.insult 870")
    page = plain.page
    plain.go(f"/case/{case_id}")
    page.click("text=Prepare: First warning")
    expect(page.locator("#reply-text")).to_have_value(re.compile(r"\^AB$"))
    expect(page.locator(".ladder")).to_contain_text("proposed by ^AB")


def test_u_takes_the_last_approval_back(desk, visit):
    case_id = desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?")
    page = visit.page
    visit.go("/?lane=help")
    visit.take_first()
    page.fill("#reply-text", "Moin, hier: https://fjordfon.example/rechnung ^AB")
    page.click("[data-approve]")
    expect(page.locator("[data-dismiss]")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator("#reply-text")).to_have_value("Moin, hier: https://fjordfon.example/rechnung ^AB")
    assert dispatches.of_case(desk.stores(), case_id)[0]["state"] == "cancelled"


def test_a_filled_gap_stands_in_the_text_and_nothing_asks_for_it_any_more(desk, visit):
    desk.hear(QUESTION, topic="outage", terms=("kein Internet",))
    page = visit.page
    visit.go("/?lane=help")
    visit.take_first()
    expect(page.locator("[data-gap-hint]")).to_have_count(1)
    gap = page.locator("input[name=gap]")
    gap.fill("gegen 13 Uhr")
    gap.blur()
    expect(page.locator("[data-gap-hint]")).to_have_count(0)
    assert "gegen 13 Uhr" in page.locator("#reply-text").input_value()


def test_the_walk_works_without_javascript(desk, plain):
    case_id = desk.hear(QUESTION, topic="outage", terms=("kein Internet",))
    page = plain.page
    plain.go("/?lane=help")
    page.click("[data-row]")
    page.click("text=Take the case")
    page.fill("input[name=gap]", "gegen 13 Uhr")
    page.click("text=Approve and go on")
    expect(page.locator(".toast")).to_contain_text("Approved.")
    sent = dispatches.of_case(desk.stores(), case_id)[0]
    assert "gegen 13 Uhr" in sent["text"]
    assert "[bis wann]" not in sent["text"]
    plain.go("/outbox")
    page.click("text=Cancel")
    expect(page.locator("#reply-text")).to_be_visible()
    page.click(".drawer >> nth=0")
    page.click("text=No reply needed")
    assert cases.by_id(desk.stores(), case_id)["state"] == CaseState.CLOSED


def test_stop_all_works_without_javascript(desk, plain):
    page = plain.page
    page.click("text=Stop all")
    page.fill("#why", "Falsche Vorlage")
    page.click("text=Stop now")
    expect(page.locator(".banner[role=alert]")).to_contain_text("All replies are stopped.")


def test_stop_all_is_a_dialog_with_javascript(visit):
    page = visit.page
    page.click("text=Stop all")
    expect(page.locator("#stop-all")).to_be_visible()
    page.fill("#stop-why", "Falsche Vorlage")
    page.click("#stop-all .alarm")
    expect(page.locator(".banner[role=alert]")).to_contain_text("^AB stopped them")


def test_altgr_types_its_sign_and_fires_nothing(desk, visit):
    case_id = desk.hear(QUESTION, handle="a")
    page = visit.page
    visit.go(f"/case/{case_id}?lane=help")
    shown = page.url
    for alt in ({"altKey": True, "ctrlKey": True}, {"altKey": True}, {"modifierAltGraph": True}):
        for key in ("e", "x", "q", "@", "?", "u", "Enter"):
            page.evaluate(
                "([key, alt]) => document.body.dispatchEvent(new KeyboardEvent('keydown',"
                " { key, bubbles: true, cancelable: true, ...alt }))",
                [key, alt],
            )
    assert page.locator("details[open].drawer, dialog[open]").count() == 0
    assert page.url == shown
    assert cases.by_id(desk.stores(), case_id)["state"] == CaseState.NEW


def test_typing_at_with_altgr_reaches_the_text(desk, visit):
    case_id = desk.hear(QUESTION)
    page = visit.page
    visit.go("/?lane=help")
    visit.take_first()
    page.fill("#reply-text", "Moin ")
    page.focus("#reply-text")
    page.keyboard.down("AltGraph")
    page.keyboard.insert_text("@")
    page.keyboard.up("AltGraph")
    page.keyboard.type("exu?")
    expect(page.locator("#reply-text")).to_have_value("Moin @exu?")
    assert page.locator("details[open].drawer, dialog[open]").count() == 0
    assert cases.by_id(desk.stores(), case_id)["state"] == CaseState.CLAIMED


def test_letters_move_open_and_ask(desk, visit):
    for number in range(3):
        desk.hear(QUESTION, handle=f"h{number}", due_ms=number * 3_600_000)
    page = visit.page
    visit.go("/?lane=help")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    visit.take_first()
    expect(page.locator("#case-title")).to_have_text("@h0")
    page.keyboard.press("e")
    expect(page.locator("[data-drawer=e]")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("r")
    expect(page.locator("#reply-text")).to_be_focused()


def test_letters_can_be_switched_off_but_approving_stays(desk, visit):
    desk.hear("@fjordfon_hilft Wo finde ich meine Rechnung?")
    page = visit.page
    visit.go("/account")
    page.uncheck("[name=shortcuts]")
    page.click("main .btn.primary")
    visit.go("/?lane=help")
    page.keyboard.press("?")
    page.keyboard.press("Enter")
    assert page.locator("dialog[open]").count() == 0
    assert page.locator("#case-title").count() == 0
    with page.expect_navigation(url=re.compile("/case/")):
        page.click("[data-row]")
    page.fill("#reply-text", "Moin, hier: https://fjordfon.example/rechnung ^AB")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-toast]")).to_contain_text("Approved.")


def test_words_are_kept_while_one_types(desk, visit):
    case_id = desk.hear(QUESTION)
    page = visit.page
    visit.go("/?lane=help")
    visit.take_first()
    page.fill("#reply-text", "Moin, wir sehen nach. ^AB")
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    assert desk.draft(case_id)["text"] == "Moin, wir sehen nach. ^AB"
    page.fill("#reply-text", "Moin, wir sehen gleich nach. ^AB")
    page.click("[data-approve]")
    expect(page.locator("[data-toast]")).to_contain_text("Approved.")


def test_the_panel_follows_the_words(desk, visit):
    desk.hear(QUESTION)
    page = visit.page
    visit.go("/?lane=help")
    visit.take_first()
    page.fill("#reply-text", "Schau hier: https://evil.example/x ^AB")
    expect(page.locator(".verdict")).to_contain_text("Denied")
    page.fill("#reply-text", "Moin, hier: https://fjordfon.example/hilfe ^AB")
    expect(page.locator(".verdict")).to_contain_text("Ready for your approval")


def test_words_that_hurt_are_marked_and_explained_while_one_types(desk, visit):
    desk.hear(QUESTION)
    page = visit.page
    visit.go("/?lane=help")
    visit.take_first()
    page.fill("#reply-text", "Schön \U0001f600, aber das ist deine Schuld!!! ^AB")
    listed = page.locator("[data-composer] [data-hits] li")
    expect(listed).to_have_count(2)
    expect(listed.first).to_contain_text("Sounds like blame.")
    expect(page.locator("[data-hits-told]")).to_have_text("2 places in the text")
    expect(page.locator("[data-panel] [data-hits]")).to_have_count(0)
    expect(page.locator("[data-mirror] mark.hint")).to_have_text(["deine Schuld", "!!!"])
    listed.first.locator("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_be_focused()
    assert page.evaluate("() => getSelection().toString()") == "deine Schuld"
    page.keyboard.type("kein Drama")
    expect(page.locator("[data-mirror] mark.hint")).to_have_text(["!!!"])
    page.fill("#reply-text", "Moin, hier: https://fjordfon.example/hilfe ^AB")
    expect(listed).to_have_count(0)
    expect(page.locator("[data-mirror] mark")).to_have_count(0)
    expect(page.locator("#reply-text")).to_have_value("Moin, hier: https://fjordfon.example/hilfe ^AB")


def test_without_javascript_the_same_words_stand_in_the_panel_after_saving(desk, plain):
    desk.hear(QUESTION)
    page = plain.page
    plain.go("/?lane=help")
    page.click("[data-row]")
    page.click("text=Take the case")
    page.fill("#reply-text", "Das ist deine Schuld. ^AB")
    page.get_by_role("button", name="Save", exact=True).click()
    listed = page.locator("[data-panel] [data-hits] li")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("deine Schuld")
    expect(listed).to_contain_text("Say what helps instead.")
    expect(page.locator("#reply-text")).to_have_value("Das ist deine Schuld. ^AB")


def test_new_cases_wait_behind_a_button_and_move_nothing(desk, visit):
    desk.hear(QUESTION, handle="a")
    page = visit.page
    visit.go("/?lane=help")
    expect(page.locator("[data-row]")).to_have_count(1)
    desk.hear(QUESTION, handle="b")
    expect(page.locator("[data-news]")).to_have_text("Show 1 new")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.click("[data-news]")
    expect(page.locator("[data-row]")).to_have_count(2)


def test_a_shielded_text_is_not_in_the_page_before_it_is_asked_for(desk, visit):
    case_id = desk.hear(RUDE, lane=Lane.ABUSE, findings=(abuse(RUDE, "Vollkatastrophe"),))
    page = visit.page
    for path in ("/?lane=abuse", f"/case/{case_id}?lane=abuse"):
        visit.go(path)
        assert "Vollkatastrophe" not in page.content()
        assert "20 Euro" not in page.content()
    page.click("text=Show the wording")
    expect(page.locator(".shield-words")).to_contain_text("Vollkatastrophe")
    page.click("text=Cover again")
    assert "Vollkatastrophe" not in page.content()


def test_hostile_posts_run_nothing(desk, visit):
    hostile = "@fjordfon_hilft <script>document.title='hit'</script><svg onload=\"document.title='hit'\"> \u202egnp"
    case_id = desk.hear(hostile, handle="<img src=x onerror=alert(1)>")
    for path in ("/?lane=help", f"/case/{case_id}", "/square"):
        visit.go(path)
        assert "hit" not in visit.page.title()
        assert visit.page.locator("main script, main img").count() == 0


def test_every_page_obeys_the_content_policy_and_keeps_the_console_silent(desk, visit):
    case_id = desk.hear(QUESTION, topic="outage", terms=("kein Internet",))
    for path in (
        "/", f"/case/{case_id}", "/outbox", "/outbox?show=failed", "/outbox?show=uncertain", "/outbox?show=sent",
        "/ledger", "/ledger/1", "/account", "/stop", "/confirm", "/square",
    ):  # fmt: skip
        visit.go(path)
        styled = visit.page.evaluate("() => document.querySelectorAll('[style], style, script:not([src])').length")
        assert styled == 0, path
    assert visit.complaints == []


def test_the_theme_button_changes_the_page_and_is_remembered(desk, visit):
    page = visit.page
    page.click("[data-theme-form] button")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.wait_for_load_state("networkidle")
    visit.go("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_answer_to_why_is_copied_with_one_click_and_can_be_marked_without_scripts(desk, visit, plain):
    seq = left(desk, approved(desk, desk.hear(QUESTION), "Moin, wir prüfen die Leitung und melden uns hier. ^AB"))
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.go(f"/ledger/{seq}/why")
    visit.page.click("[data-copies=text-en]")
    expect(visit.page.locator("[data-copies=text-en]")).to_have_text("Copied")
    assert visit.page.evaluate("navigator.clipboard.readText()") == visit.page.input_value("#text-en")
    plain.go(f"/ledger/{seq}/why")
    expect(plain.page.locator("[data-copies]").first).to_be_hidden()
    assert plain.page.input_value("#text-de").startswith("Guten Tag")
