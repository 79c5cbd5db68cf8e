"""The page of platforms tells the truth: each has its guide, and what it tells people to write loads."""

import re
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import iter_modules
from textwrap import dedent

import pytest
import yaml
from pydantic import TypeAdapter

import bot.egress
from bot.cli.guides import GUIDES
from bot.config.models import Account, Shape
from bot.config.starter import LINES
from bot.model import Platform
from bot.registry import reader

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "platforms.md").read_text("utf-8")
BLOCKS = [dedent(block) for block in re.findall(r"^ *```yaml\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)]
SOURCES = [source for block in BLOCKS if block.startswith("sources:") for source in yaml.safe_load(block)["sources"]]
ACCOUNTS = [yaml.safe_load(block)["accounts"] for block in BLOCKS if block.startswith("accounts:")]
SHARED = frozenset(Shape.model_fields)
PARTS = (
    "How it listens",
    "Limits and costs",
    "What its rules ask of you",
    "What never happens",
    "When something goes wrong",
)
LONGEST_GUIDE = 80
"""Lines: a page."""


@cache
def guides() -> dict[str, str]:
    """Heading -> what stands below it."""
    found = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def guide(platform: Platform) -> str:
    """The one guide whose heading names the platform."""
    named = [text for heading, text in guides().items() if re.search(rf"\b{re.escape(platform.label)}", heading)]
    assert len(named) == 1, platform
    return named[0]


def shape(platform: Platform) -> type[Shape]:
    """What its entries in platforms.yaml look like."""
    found: type[Shape] = reader(platform).Source
    return found


def secret_keys(platform: Platform) -> set[str]:
    """The keys whose value is the name of a secret."""
    properties = shape(platform).model_json_schema()["properties"]
    return {key for key, told in properties.items() if "^EARSHOT_" in str(told)}


def scopes() -> set[str]:
    """Every scope that a rule file of the door names."""
    modules = [import_module(f"bot.egress.{each.name}") for each in iter_modules(bot.egress.__path__)]
    told = [value for module in modules for name, value in vars(module).items() if name.endswith(("SCOPES", "SCOPE"))]
    return {scope for value in told for scope in ([value] if isinstance(value, str) else value)}


@pytest.mark.parametrize("platform", Platform)
def test_every_platform_has_its_guide_of_a_page(platform):
    text = guide(platform)
    assert [part for part in PARTS if f"**{part}.**" not in text] == []
    assert [line[:2] for line in re.findall(r"^\d\. .*", text, re.MULTILINE)][:2] == ["1.", "2."]
    assert len(text.splitlines()) <= LONGEST_GUIDE


def test_every_platform_stands_in_the_table_with_what_must_be_installed():
    lines = (line for line in PAGE.splitlines() if line.startswith("| ["))
    rows = {cells[2]: cells for cells in ([cell.strip() for cell in line.split("|")] for line in lines)}
    assert set(rows) == {f"`{platform.value}`" for platform in Platform}
    for platform in Platform:
        _, _, _, extra, _, answers, _, _ = rows[f"`{platform.value}`"]
        assert (f"`earshot[{platform.extra}]`" in extra) is bool(platform.extra), platform
        assert platform.answers or answers in {"no", "through Bluesky"}, platform
        assert not platform.answers or answers != "no", platform


def test_every_link_within_the_page_leads_to_a_heading():
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in guides()}
    assert [anchor for anchor in re.findall(r"\]\(#([^)]+)\)", PAGE) if anchor not in slugs] == []


def test_the_sources_shown_cover_every_platform():
    assert {source["kind"] for source in SOURCES} == {platform.value for platform in Platform}
    assert len({source["name"] for source in SOURCES}) == len(SOURCES)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["name"])
def test_every_source_shown_loads_without_a_fault(source):
    loaded = shape(Platform(source["kind"])).model_validate(source)
    assert loaded.kind is Platform(source["kind"])


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["name"])
def test_a_source_stands_in_the_guide_of_its_platform(source):
    assert f"kind: {source['kind']}\n" in guide(Platform(source["kind"]))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["name"])
def test_secrets_are_named_and_never_written(source):
    keys = secret_keys(Platform(source["kind"])) & source.keys()
    assert [source[key] for key in keys if not source[key].startswith("EARSHOT_")] == []


def test_the_test_knows_which_keys_are_secrets():
    assert secret_keys(Platform.DISCOURSE) == {"api_key"}
    assert len(secret_keys(Platform.X)) == 5


def test_every_account_that_answers_is_shown_in_brand_yaml():
    known: dict[str, set[str]] = {}
    for block in ACCOUNTS:
        for platform, accounts in TypeAdapter(dict[Platform, tuple[Account, ...]]).validate_python(block).items():
            known.setdefault(platform.value, set()).update(account.handle for account in accounts)
    answering = [each for each in SOURCES if shape(Platform(each["kind"])).model_validate(each).answers]
    wanted = {(each["kind"], each["account"]) for each in answering}
    assert [pair for pair in wanted if pair[1] not in known.get(pair[0], set())] == []


@pytest.mark.parametrize("platform", LINES)
def test_secrets_are_called_as_init_calls_them(platform):
    named = re.findall(r"EARSHOT_\w+", " ".join(LINES[platform]))
    assert [name for name in named if f": {name}\n" not in guide(platform)] == []


@pytest.mark.parametrize("platform", Platform)
def test_every_key_of_a_source_is_told_in_its_guide(platform):
    text = guide(platform)
    keys = set(shape(platform).model_fields) - SHARED
    assert [key for key in sorted(keys) if not re.search(rf"(`|^ +|- ){key}(`|:)", text, re.MULTILINE)] == []


def test_every_scope_stands_in_the_page():
    assert scopes() >= {"write:statuses", "submit", "privatemessages"}
    assert [scope for scope in sorted(scopes()) if f"`{scope}`" not in PAGE] == []


@pytest.mark.parametrize("platform", Platform)
def test_connecting_is_told_where_there_is_something_to_connect(platform):
    told = f"`earshot connect {platform.value}" in guide(platform)
    assert told is (platform in GUIDES)


def test_the_steps_of_each_guide_count_up():
    for heading, text in guides().items():
        numbers = [int(number) for number in re.findall(r"^(\d)\. ", text, re.MULTILINE)]
        assert all(after == before + 1 for before, after in pairwise(numbers)), heading


def test_the_fields_of_a_file_of_posts_are_all_told():
    fields = import_module("bot.connectors.replay_posts").FIELDS
    assert [field for field in sorted(fields) if f"`{field}`" not in guide(Platform.REPLAY)] == []


def test_the_figures_are_those_of_the_code():
    x, files = import_module("bot.connectors.x_client"), import_module("bot.connectors.archive")
    told = guide(Platform.X)
    assert f"${x.REPLY_PRICE / x.MICRO:.3f} for a reply and ${x.LINK_PRICE / x.MICRO:.2f}" in told
    assert f"read_price: {x.Source.model_fields['read_price'].default}" in told
    assert x.SEARCHES_END_AT == 4 / 5
    endings = {kind.removesuffix(".gz") for kind in files.KINDS}
    assert [kind for kind in endings if f"`{kind}`" not in guide(Platform.ARCHIVE)] == []
    for platform in Platform:
        if platform.answers:
            assert f"A reply has {platform.longest:,} " in guide(platform), platform


def test_what_the_page_quotes_are_sentences_of_the_program():
    places = sorted((ROOT / "bot" / "connectors").glob("*.py"))
    code = "".join(path.read_text("utf-8") for path in (*places, ROOT / "bot" / "desk" / "words.py"))
    code = re.sub(r'"\s*\n\s*f?"', "", code)
    troubles = re.findall(r"\*\*When something goes wrong\.\*\*(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    quoted = {" ".join(each.split()) for each in re.findall(r'"([^"{}]+)"', " ".join(troubles))}
    sentences = {each for each in quoted if re.fullmatch(r"[A-Za-z].* .*", each)}
    assert len(sentences) >= 8
    assert {each for each in sentences if each.rstrip(".") not in code} == set()
