"""Looks at every page of the desk in a real browser: takes pictures, and finds what overflows or is too faint.

    python tools/shots.py FOLDER [--pictures-only]

Pictures: 1440 px light German and 390 px dark English. Faults are looked for at four widths, in both themes and
both languages; each is printed, and any makes the exit code 1.
"""

# ruff: noqa: INP001 - a script that is started by its path, in no package

import argparse
import itertools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "desk")]

from sample_desk import PASSWORD, SampleDesk  # noqa: E402 - the path above comes first
from sample_posts import Still, fill, published  # noqa: E402 - likewise

from bot.desk.serve import Server  # noqa: E402 - likewise
from bot.store.db import Stores  # noqa: E402 - likewise
from bot.store.migrate import migrate  # noqa: E402 - likewise

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
WIDTHS = (390, 768, 1024, 1440)
HEIGHTS = {390: 844, 768: 1024, 1024: 768, 1440: 900}
LEAST_CONTRAST = 4.5

MEASURE = """() => {
  const faults = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push(`the page is ${wide} px too wide`);
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => top.slice(0, 3).map((value, at) => value * top[3] + under[at] * (1 - top[3]));
  const light = (color) => {
    const linear = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = color.map((value) => linear(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || seen.has(element) || element.closest("svg, .masked, .sr, .skip, [data-mirror], script")) continue;
    seen.add(element);
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (!box.width || !box.height || style.visibility === "hidden") continue;
    const under = ground(element);
    const ink = over(rgba(style.color), under);
    const [a, b] = [light(ink), light(under)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    const name = `${element.tagName.toLowerCase()}.${element.className}`;
    if (contrast < LEAST) faults.push(`contrast ${contrast.toFixed(2)} of ${name}: ${text.slice(0, 30)}`);
    const scrolls = element.closest(
      ".scroll, .list, .case-body, .case-main, .case-side, .rail, .tabs, .row, .list-group",
    );
    if (!scrolls && box.right > innerWidth + 1) faults.push(`${name} sticks out: ${text.slice(0, 30)}`);
  }
  return faults;
}""".replace("LEAST", str(LEAST_CONTRAST))


@dataclass(frozen=True)
class Look:
    """One way of looking: width, theme, language."""

    width: int
    theme: str
    language: str

    def __str__(self) -> str:
        return f"{self.width} {self.theme} {self.language}"


SENIOR = {
    "vouch": "/rules?missing=C-18",
    "escalations": "/escalations",
    "escalation": "/escalations/1",
    "ladder": "/ladder",
    "evidence": "/evidence",
    "care": "/care",
    "hotlines": "/hotlines",
    "security": "/security",
    "weekly": "/protection/report",
    "solo": "/solo",
}
"""Pages that look different to a senior, name -> path."""

PICTURES = (Look(1440, "light", "de"), Look(390, "dark", "en"))


def every_look() -> Iterator[Look]:
    """All widths, themes and languages."""
    for width, theme, language in itertools.product(WIDTHS, ("light", "dark"), ("de", "en")):
        yield Look(width, theme, language)


def open_page(browser: Browser, look: Look, address: str, name: str) -> Page:
    """A page that looks so, signed in as ``name`` ("" stays outside)."""
    context = browser.new_context(
        viewport={"width": look.width, "height": HEIGHTS[look.width]},
        color_scheme="dark" if look.theme == "dark" else "light",
        locale="de-DE" if look.language == "de" else "en-GB",
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if name:
        page.goto(f"{address}/sign-in")
        page.fill("#name", name)
        page.fill("#pass", PASSWORD)
        page.click("main .btn.primary")
    return page


def walk(page: Page, address: str, paths: dict[str, str], look: Look, folder: Path) -> list[str]:
    """Visit every page; take its picture if this look is pictured; return what is wrong."""
    faults = []
    for name, path in paths.items():
        page.goto(address + path)
        if look in PICTURES:
            page.screenshot(path=folder / f"{name}-{look.width}-{look.theme}-{look.language}.png")
        faults += [f"{name} at {look}: {fault}" for fault in page.evaluate(MEASURE)]
    return faults


def main() -> int:
    """Start the desk, look, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--pictures-only", action="store_true", help="only the two looks that are pictured")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as play:
        database = Path(temporary) / "earshot.db"
        migrate(database)
        desk = SampleDesk(Stores(database), Still(), config=published())
        inside, outside = fill(desk)
        server = Server(desk.app(), "127.0.0.1", 0)
        server.start()
        address = f"http://127.0.0.1:{server.port}"
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        faults: list[str] = []
        for look in PICTURES if chosen.pictures_only else every_look():
            faults += walk(open_page(browser, look, address, ""), address, outside, look, chosen.folder)
            faults += walk(open_page(browser, look, address, "alice"), address, inside, look, chosen.folder)
            faults += walk(open_page(browser, look, address, "bob"), address, SENIOR, look, chosen.folder)
        browser.close()
        server.stop()
        desk.stores.close()
    for fault in faults:
        print(fault)  # noqa: T201 - this is what the tool is for
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
