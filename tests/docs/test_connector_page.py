"""The page about connectors works: a newcomer who writes what stands there has one that keeps the whole contract."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connector.md").read_text("utf-8")
BLOCK = re.compile(
    r"^(?P<fence>`{3,})\w+ title=\"(?P<file>[^\"]+)\"\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL
)
BLOCKS = [(found["file"], found["text"]) for found in BLOCK.finditer(PAGE)]

CONNECTOR = "bot/connectors/wallboard.py"
DOUBLE = "tests/doubles/wallboard_double.py"
OWN_TESTS = "tests/connectors/test_wallboard.py"
ROW = "bot/model/platforms.py"
ENTRY = "docs/platforms.md"
CONTRACT = "tests/connectors/test_contract.py"
PLATFORMS_TEST = "tests/docs/test_platforms_page.py"

WHOLE = (CONNECTOR, DOUBLE, OWN_TESTS)
"""What the page holds as whole files; of the others it holds what is added to them."""

STANDS = (
    "pyproject.toml",
    *(f"tests/{name}.py" for name in ("conftest", "canaries", "clocks", "suite_rules")),
    *(f"tests/doubles/{name}.py" for name in ("http_double", "mastodon_double")),
    *(f"tests/house/{name}.py" for name in ("import_table", "rules_of_the_house")),
    *(ENTRY, CONTRACT, PLATFORMS_TEST, "tests/connectors/conftest.py", "tests/gate/gate_facts.py"),
)
"""Files of the checkout that the tests of a connector need, besides the program and its configuration."""

LOADED = """
import json, sys
from pathlib import Path
from bot.config.load import load
from bot.errors import ConfigError
from bot.registry import writer
try:
    found = [source for source in load(Path("config")).platforms.sources if source.kind == "wallboard"]
except ConfigError as error:
    sys.exit(str(error))
print(json.dumps([[type(each).__module__, each.name, writer(each.kind).publisher.__name__] for each in found]))
"""


ASKED = """
import json, sys
sys.path[:0] = ["tests/doubles", "tests/gate"]
import gate_facts as facts
from wallboard_double import Bench
bench = Bench()
with bench.double:
    status = bench.publisher().inspect(bench.target(bench.say("mein Router blinkt rot")))
same = dict.fromkeys(("stored_hash", "approved_hash"), status.text_hash)
told = facts.snapshot(platform=bench.platform, status=status, **same)
said = facts.decision(told, around=facts.context(not_offered=bench.platform.not_offered))
print(json.dumps([said.outcome, [result.rule for result in said.open_rules]]))
"""

FOUND = """
import json, sys
from pathlib import Path
sys.path[:0] = ["tests/house"]
import rules_of_the_house as rules
house = rules.read_house(Path("bot"))
assert "connectors.wallboard" in house
checks = (rules.forbidden_imports, rules.forbidden_libraries, rules.cycles, rules.long_functions, rules.unfit_names)
found = [sentence for check in checks for sentence in check(house)]
found += rules.broad_handlers(house)
found += rules.calls_outside(house, "publish", ["dispatch"], method=True) + rules.calls_outside(house, "print", ["cli"])
print(json.dumps([sentence for sentence in found if "wallboard" in sentence]))
"""

SAID_OF_AN_ENTRY = (
    "has_its_guide_of_a_page and wallboard",
    "stands_in_the_table",
    "sources_shown_cover_every_platform",
    "source_shown_loads_without_a_fault and wallboard",
    "account_that_answers_is_shown",
    "key_of_a_source_is_told and wallboard",
    "connecting_is_told and wallboard",
)
"""What the test of that page asks of the entry of a platform."""

FAULTS = (
    ('public = note.get("public") is True', "public = True", "goes_no_further_than_its_count"),
    ("raise Uncertain(", "raise Permanent(", "never_tried_twice"),
    ('return json.dumps({"after": "0", "since": at})', 'return json.dumps({"after": "", "since": at})', "backfill"),
    ("> Platform.WALLBOARD.longest:", "> 10 * Platform.WALLBOARD.longest:", "refused_whole"),
    (
        "(reply.parent_key, reply.visibility) != (target.native_id, Visibility.PUBLIC)",
        "reply.visibility is not Visibility.PUBLIC",
        "not_found_under_another",
    ),
)
"""What the page's connector says, what a newcomer might have written, and which test of the contract must notice."""


def parts(file: str) -> list[str]:
    """The page's blocks for one file, in order."""
    return [text for name, text in BLOCKS if name == file]


def code_lines(text: str) -> int:
    """Lines as the house counts them: neither blank nor only a comment."""
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))


def put(path: Path, before: str, addition: str) -> None:
    """Write ``addition`` into a file right before the one place where ``before`` stands."""
    text = path.read_text("utf-8")
    assert text.count(before) == 1, (path.name, before)
    path.write_text(text.replace(before, addition + before), "utf-8")


def yaml_of(guide: str) -> dict[str, str]:
    """What a guide tells people to write: first word -> the lines below it."""
    found = re.findall(r"^   ```yaml\n   (\w+:)\n(.*?)^   ```$", guide, re.MULTILINE | re.DOTALL)
    return {key: re.sub(r"^   ", "", text, flags=re.MULTILINE) for key, text in found}


def follow(page: list[tuple[str, str]], house: Path) -> None:
    """Do what the page says in ``house``, a copy of the checkout."""
    for file, text in page:
        if file in WHOLE:
            (house / file).write_text(text, "utf-8")
    (row,) = parts(ROW)
    put(house / ROW, "\n    @property\n    def answers", row)
    line, guide = parts(ENTRY)
    put(house / ENTRY, "\n`pip install 'earshot[platforms]'`", line)
    with (house / ENTRY).open("a", encoding="utf-8") as entries:
        entries.write(f"\n{guide}")
    contract = (house / CONTRACT).read_text("utf-8")
    contract, changed = re.subn(r"^HEARS = \(", 'HEARS = ("wallboard", ', contract, flags=re.MULTILINE)
    assert changed == 1
    (house / CONTRACT).write_text(contract, "utf-8")
    told = yaml_of(guide)
    for file, key in (("brand.yaml", "accounts:"), ("platforms.yaml", "sources:")):
        path = house / "config" / file
        path.write_text(path.read_text("utf-8").replace(f"\n{key}\n", f"\n{key}\n{told[key]}", 1), "utf-8")


def run(house: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in ``house``; its copy of the program comes before any that is installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
    return subprocess.run([sys.executable, *command], cwd=house, env=kept, capture_output=True, text=True, check=False)


def tried(house: Path, where: str, which: str) -> subprocess.CompletedProcess[str]:
    """Run those tests of ``house`` whose names ``which`` asks for."""
    return run(house, "-m", "pytest", "-q", "-p", "no:cacheprovider", where, "-k", which)


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """A copy of the checkout in which somebody followed the page."""
    copy = tmp_path_factory.mktemp("newcomer")
    for folder in ("bot", "config"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in STANDS:
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, copy / file)
    follow(BLOCKS, copy)
    return copy


def test_the_page_holds_one_file_one_row_and_one_entry():
    """Besides them only tests. The entry has two parts: a line of the table and the guide."""
    assert [file for file, _ in BLOCKS] == [CONNECTOR, ROW, ENTRY, ENTRY, DOUBLE, OWN_TESTS]
    assert len(re.findall(r"^    [A-Z]+ = ", parts(ROW)[0], re.MULTILINE)) == 1


def test_what_a_newcomer_writes_is_short():
    assert code_lines(parts(CONNECTOR)[0]) < 200
    assert len(parts(DOUBLE)[0].splitlines()) < 150


def test_the_connector_of_the_page_keeps_the_contract(house):
    ran = tried(house, "tests/connectors", "wallboard")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.fullmatch(r"(\d+) passed, \d+ deselected in .*", ran.stdout.splitlines()[-1])
    assert passed, ran.stdout
    promises = re.findall(r"^def test_", (ROOT / CONTRACT).read_text("utf-8"), re.MULTILINE)
    own = re.findall(r"^def test_", parts(OWN_TESTS)[0], re.MULTILINE)
    assert int(passed[1]) >= len(promises) + len(own)


def test_the_contract_notices_what_a_newcomer_may_get_wrong(house):
    """Else a connector could pass that breaks a promise. Each fault is one that only its own test can notice."""
    (text,) = parts(CONNECTOR)
    faulty = text
    for right, wrong, _ in FAULTS:
        assert faulty.count(right) == 1, right
        faulty = faulty.replace(right, wrong)
    (house / CONNECTOR).write_text(faulty, "utf-8")
    names = [name for _, _, name in FAULTS]
    try:
        ran = tried(house, CONTRACT, f"wallboard and ({' or '.join(names)})")
    finally:
        (house / CONNECTOR).write_text(text, "utf-8")
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout + ran.stderr
    failed = " ".join(re.findall(r"^FAILED (\S+)", ran.stdout, re.MULTILINE))
    assert [name for name in names if name not in failed] == []


def test_the_entry_of_the_page_is_one_that_the_page_of_platforms_takes(house):
    ran = tried(house, PLATFORMS_TEST, " or ".join(SAID_OF_AN_ENTRY))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{len(SAID_OF_AN_ENTRY)} passed" in ran.stdout


def test_the_gate_lets_a_reply_to_the_new_platform_pass(house):
    """Every question is answered by ``inspect``, or the row says that the platform has no answer to it."""
    ran = run(house, "-c", ASKED)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == ["ALLOW", []]


def test_the_configuration_takes_a_source_of_the_new_kind(house):
    ran = run(house, "-c", LOADED)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [["bot.connectors.wallboard", "wallboard", "WallboardPublisher"]]


def test_a_source_of_the_new_kind_with_a_fault_is_refused_with_its_line(house):
    path = house / "config" / "platforms.yaml"
    text = path.read_text("utf-8")
    line = 1 + text.splitlines().index("    token: EARSHOT_WALLBOARD_TOKEN")
    path.write_text(text.replace("token: EARSHOT_WALLBOARD_TOKEN", "token: the-token-itself"), "utf-8")
    try:
        ran = run(house, "-c", LOADED)
    finally:
        path.write_text(text, "utf-8")
    assert ran.stderr.startswith(f"platforms.yaml:{line}:")


def test_the_connector_of_the_page_is_typed(house):
    pytest.importorskip("mypy")
    ran = run(house, "-m", "mypy", "--strict", "--cache-dir", os.devnull, CONNECTOR)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("command", [("check",), ("format", "--check")])
def test_what_stands_on_the_page_is_as_tidy_as_the_rest(house, command):
    pytest.importorskip("ruff")
    ran = run(house, "-m", "ruff", *command, "--no-cache", *WHOLE, ROW)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_connector_of_the_page_keeps_the_rules_of_the_house(house):
    ran = run(house, "-c", FOUND)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == []


def test_every_file_that_the_page_names_is_there():
    named = set(re.findall(r"`((?:bot|config|docs|tests)/[\w/.-]+)`", PAGE)) - {CONNECTOR, DOUBLE, OWN_TESTS}
    assert len(named) >= 15
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_line_of_the_check_list_names_tests_of_the_contract():
    tests = set(re.findall(r"^def (test_\w+)", (ROOT / CONTRACT).read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`(test_\w+)`", PAGE.partition("## Before you ask")[2]))
    assert len(named) >= 10
    assert named - tests == set()


def test_every_link_within_the_page_leads_to_a_heading():
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(#([^)]+)\)", BLOCK.sub("", PAGE)))
    assert links
    assert links <= slugs
