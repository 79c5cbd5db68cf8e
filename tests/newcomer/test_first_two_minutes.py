"""What a newcomer does first: the demo as a real process, a real browser, and a reply that everyone can read."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium")
PROGRAM = (sys.executable, "-c", "from bot.cli import main; main()")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
TWO_MINUTES = 120
ANSWER = "Danke für deine Meldung, wir prüfen die Leitung und melden uns hier. ^AL"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]


@dataclass(frozen=True)
class Demo:
    """A running demo: where it is, and alice's password as it was printed."""

    folder: Path
    address: str
    password: str


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    command = (*PROGRAM, "demo", "--port", "0", "--folder", str(tmp_path / "demo"))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path
    ) as process:
        printed = ""
        while "Ctrl+C" not in printed:
            line = process.stdout.readline() if process.stdout else ""
            assert line, printed
            printed += line
        address = re.search(r"http://127\.0\.0\.1:\d+", printed)
        password = re.search(r"alice .*password (\S+)", printed)
        assert address, printed
        assert password, printed
        yield Demo(tmp_path / "demo", address[0], password[1])
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0


@pytest.fixture(params=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    with sync_playwright() as play:
        browser: Browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        scripts = request.param == "with scripts"
        yield browser.new_context(java_script_enabled=scripts, locale="de-DE").new_page()
        browser.close()


def wait_for_help(page: Page, address: str) -> None:
    """Look at the lane until somebody asks for help: the samples come in on their schedule."""
    until = time.monotonic() + TWO_MINUTES
    page.goto(f"{address}/?lane=help&language=de")
    while not page.locator("[data-row]").count():
        assert time.monotonic() < until, "nobody asked for help"
        page.goto(f"{address}/?lane=help&language=de")


def look_until(page: Page, address: str, words: str) -> None:
    """Reload a public page until it shows ``words``."""
    until = time.monotonic() + TWO_MINUTES
    page.goto(address)
    while not page.get_by_text(words).count():
        assert time.monotonic() < until, "the reply never became public"
        page.wait_for_timeout(500)
        page.goto(address)


def test_a_newcomer_answers_a_customer_in_public_within_two_minutes(demo: Demo, page: Page) -> None:
    started = time.monotonic()
    page.goto(demo.address)
    page.fill("#name", "alice")
    page.fill("#pass", demo.password)
    page.click("main .btn.primary")

    wait_for_help(page, demo.address)
    page.click("[data-row] >> nth=0")
    take = page.locator("button[data-key=Enter]")
    expect(page.locator("#reply-text").or_(take).first).to_be_visible()
    if take.count():
        take.click()
    page.fill("#reply-text", ANSWER)
    approve(page)
    expect(page.get_by_text(re.compile("Freigegeben|geht in")).first).to_be_visible()

    look_until(page, f"{demo.address}/square", "wir prüfen die Leitung")
    assert time.monotonic() - started < TWO_MINUTES
    environment = {
        "EARSHOT_DATA_DIR": str(demo.folder / "data"),
        "EARSHOT_KEYS_DIR": str(demo.folder / "keys"),
        "EARSHOT_CHECKPOINTS_DIR": str(demo.folder / "checkpoints"),
    }
    verified = subprocess.run(
        (*PROGRAM, "ledger", "verify"), env=environment, capture_output=True, text=True, check=False
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr


def approve(page: Page) -> None:
    """Press the one button; while the worker still looks at the post, the case stays and it is pressed again."""
    button = page.locator("[data-approve]")
    until = time.monotonic() + TWO_MINUTES
    while button.count() and page.locator("#reply-text").input_value() == ANSWER:
        assert time.monotonic() < until, "the reply was not approved"
        button.click()
        page.wait_for_load_state()
        page.wait_for_timeout(1000)
