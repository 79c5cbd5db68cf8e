"""Evidence in real Chromium: one click without JavaScript, pages that fit a phone, a report that runs nothing."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from in_chromium import IN_CHROMIUM, PHONE
from playwright.sync_api import Page, expect
from preserved import read
from sample_desk import KEYS, PASSWORD

from bot.model import Lane
from bot.protect.evidence import shelf, work

THREAT = (
    "@fjordfon_hilft Morgen um acht. <script>document.title='hit'</script><img src=x onerror=\"alert(1)\"> \u202egnp"
)

pytestmark = IN_CHROMIUM


@pytest.fixture
def case_id(desk) -> int:
    return desk.hear(THREAT, handle="zorn", lane=Lane.THREAT)


@pytest.fixture
def page(address, chromium) -> Iterator[Page]:
    """Bob at a phone, without JavaScript."""
    context = chromium.new_context(base_url=address, java_script_enabled=False, locale="en-GB", viewport=PHONE)
    seen, complaints = context.new_page(), []
    seen.on("console", lambda told: complaints.append(told.text))
    seen.goto("/sign-in")
    seen.fill("#name", "bob")
    seen.fill("#pass", PASSWORD)
    seen.click("main .btn.primary")
    yield seen
    context.close()
    assert complaints == []


def take(desk) -> Path:
    bench = work.Bench(KEYS, desk.clock, lambda source, recorder: None, ZoneInfo("Europe/Berlin"), {"PATH": ""})
    assert work.run(desk.stores(), bench, lambda: False) == 1
    return shelf.place_of(shelf.folder_of(desk.stores().path), 1)


def test_one_click_preserves_without_javascript_and_every_page_fits_a_phone(desk, page, case_id):
    page.goto(f"/case/{case_id}")
    page.click("text=Preserve evidence")
    expect(page.locator(".toast")).to_contain_text("The worker takes the evidence within seconds.")
    take(desk)
    for path in (f"/case/{case_id}", "/evidence", "/evidence/1", f"/case/{case_id}/police"):
        page.goto(path)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390, path
        assert page.locator("[style], style").count() == 0, path
    page.goto("/evidence/1")
    with page.expect_download() as copy:
        page.click("text=Take a copy to read it")
    assert copy.value.suggested_filename == "evidence-1.zip"


def test_the_report_of_a_hostile_post_runs_and_loads_nothing(desk, chromium, case_id, tmp_path):
    from bot.model.evidence import Offence
    from bot.protect.evidence import acts

    with desk.stores().write() as tx:
        acts.preserve(tx, KEYS, case_id, offence=Offence.THREAT, user=desk.user("bob"), now=desk.clock.now())
    (tmp_path / "report.html").write_bytes(read(take(desk), "report.html"))
    context = chromium.new_context()
    seen, asked, dialogs = context.new_page(), [], []
    seen.on("request", lambda request: asked.append(request.url))
    seen.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    seen.goto((tmp_path / "report.html").as_uri())
    assert "hit" not in seen.title()
    assert dialogs == []
    assert asked == [(tmp_path / "report.html").as_uri()]
    assert seen.locator("script, img, iframe, object, link").count() == 0
    expect(seen.locator("article.main blockquote")).to_contain_text("<script>document.title='hit'</script>")
    assert seen.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    seen.emulate_media(media="print")
    expect(seen.locator("article.main")).to_be_visible()
    context.close()
