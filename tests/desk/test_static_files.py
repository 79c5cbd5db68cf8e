"""Styles, scripts and icons: whole, used, and our own."""

import re
from pathlib import Path

import pytest

from bot.desk import app, public

DESK = Path(app.__file__).parent
STYLES = sorted((DESK / "static").glob("*.css"))
SCRIPTS = sorted((DESK / "static").glob("*.js"))
TEMPLATES = sorted((DESK / "templates").glob("*.html"))


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_every_brace_of_a_style_is_closed_again(style):
    depth = 0
    for sign in re.findall(r"[{}]", re.sub(r"/\*.*?\*/", "", style.read_text("utf-8"), flags=re.DOTALL)):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize("file", [*STYLES, *SCRIPTS, *TEMPLATES], ids=lambda path: path.name)
def test_no_file_is_longer_than_the_house_allows(file):
    assert len(file.read_text("utf-8").splitlines()) <= 400


def test_every_script_is_loaded_and_every_style_linked():
    entry = (DESK / "static" / "app.js").read_text("utf-8")
    known = "".join(script.read_text("utf-8") for script in SCRIPTS)
    assert all(script.name == "app.js" or f"./{script.name}" in known for script in SCRIPTS)
    assert "import" in entry
    base = (DESK / "templates" / "base.html").read_text("utf-8")
    assert all(f'"{style.stem}"' in base or style.name in public.SHEETS for style in STYLES)


def test_icons_that_pages_use_are_in_the_sprite_and_none_stands_there_for_nothing():
    sprite = set(re.findall(r'<symbol id="i-([a-z-]+)"', (DESK / "templates" / "_sprite.html").read_text("utf-8")))
    pages = "".join(page.read_text("utf-8") for page in TEMPLATES)
    code = "".join(file.read_text("utf-8") for file in DESK.glob("*.py"))
    used = {name for name in sprite if f'"{name}"' in pages + code or f"'{name}'" in pages + code}
    named = set(re.findall(r'icon\("([a-z-]+)"', pages))
    lanes = {"threat", "crisis", "abuse", "scam", "help", "complaint", "praise", "noise"}
    assert named <= sprite
    assert sprite == used | lanes


def test_nothing_inline_and_nothing_from_elsewhere():
    for page in TEMPLATES:
        text = page.read_text("utf-8")
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|https?://[\w{]", text), page.name
        assert "|safe" not in text, page.name
    for script in SCRIPTS:
        assert not re.search(r"innerHTML|insertAdjacentHTML|eval\(|document\.write", script.read_text("utf-8")), (
            script.name
        )
