"""The house keeps its own rules, and every rule can be broken: each check is fed a snippet that breaks it."""

from pathlib import Path

import import_table
import pytest
import rules_of_the_house as rules
from rules_of_the_house import house_of

ROOT = Path(__file__).parents[2]
HOUSE = rules.read_house(ROOT / "bot")
FILES = rules.read_files(ROOT)

HOSTS = ["pypi." + "org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org", "security." + "debian.org"]
MACHINE = ["/" + "work/", "/" + "home/", "/" + "Users/", "/" + "root/"]

CODE = {name: body.decode("utf-8", "replace") for name, body in FILES.items() if name.endswith((".py", ".js"))}


def test_every_room_has_its_row_in_the_import_table():
    assert rules.unknown_rooms(HOUSE) == []


def test_every_import_is_in_the_table():
    assert rules.forbidden_imports(HOUSE) == []


def test_every_library_comes_in_through_its_door():
    assert rules.forbidden_libraries(HOUSE) == []


def test_the_pure_rooms_do_no_input_or_output_and_have_no_clock():
    assert rules.impurities(HOUSE) == []


def test_only_the_edge_imports_the_composition_root():
    assert rules.wiring_elsewhere(HOUSE) == []


def test_no_modules_import_each_other():
    assert rules.cycles(HOUSE) == []


def test_only_the_gate_makes_a_consent():
    assert rules.calls_outside(HOUSE, "Consent", ["gate"]) == []
    assert rules.renamed_imports(HOUSE, "Consent") == []


def test_only_dispatch_publishes():
    assert rules.calls_outside(HOUSE, "publish", ["dispatch"], method=True) == []


def test_only_the_command_line_prints():
    assert rules.calls_outside(HOUSE, "print", ["cli"]) == []


def test_no_file_is_too_long():
    assert rules.long_files(CODE) == []


def test_no_function_is_too_long():
    assert rules.long_functions(HOUSE) == []


def test_everything_is_caught_only_at_the_edge_and_seldom():
    assert rules.misplaced_broad_handlers(HOUSE) == []


def test_names_are_the_words_of_the_field():
    assert rules.unfit_names(HOUSE) == []


def test_no_file_names_a_registry_or_a_path_of_somebodys_machine():
    assert rules.forbidden_words(FILES, HOSTS + MACHINE) == []


def test_every_script_style_and_page_can_be_read():
    assert rules.minified(FILES) == []


def test_the_house_that_is_checked_is_not_empty():
    assert {"model", "store.db", "ledger.verify"} <= HOUSE.keys()
    assert {"pyproject.toml", "bot/model/__init__.py"} <= FILES.keys()


# each check can fail ------------------------------------------------------------------------------


def test_a_room_without_a_row_is_found():
    assert rules.unknown_rooms(house_of(attic="x = 1")) == ["bot/attic has no row in the import table."]


@pytest.mark.parametrize(
    ("module", "source", "named"),
    [
        ("model", "from bot.errors import EarshotError", "errors"),
        ("gate__rules", "import bot.store.db", "store.db"),
        ("gate__rules", "def f():\n    from bot.store import db\n    return db", "store.db"),
        ("watch__match", "from ..store.db import Store", "store.db"),
        ("connectors__replay", "from bot.detectors import abuse", "detectors.abuse"),
        ("connectors__replay", "import importlib\nimportlib.import_module('bot.store.db')", "store.db"),
        ("store__db", "from bot.ledger import verify", "ledger.verify"),
        ("triage", "from bot.config.load import load", "config.load"),
        ("ingest", "from bot.assess import assess", "assess"),
        ("desk__views", "from bot.connectors.replay import Replay", "connectors.replay"),
        ("desk__views", "from bot.dispatch import send", "dispatch"),
        ("desk__views", "import bot.egress", "egress"),
        ("desk__views", "from bot.watch.compile import compile_watches", "watch.compile"),
        ("desk__views", "from bot import wiring", "wiring"),
    ],
)
def test_an_import_that_the_table_does_not_allow_is_found(module, source, named):
    targets = "errors store store__db ledger ledger__verify config config__load detectors detectors__abuse assess"
    targets += " connectors connectors__replay dispatch egress watch watch__compile wiring"
    house = house_of(**{**dict.fromkeys(targets.split(), ""), module: source})
    found = rules.forbidden_imports(house)
    assert len(found) == 1
    assert found[0].endswith(f"must not import bot.{named}.")


def test_imports_that_the_table_allows_are_no_finding():
    house = house_of(
        model="",
        errors="",
        config="",
        config__models="from bot.model import Lane",
        watch="",
        watch__match="from bot.watch import fold\nfrom bot.config.models import Watch\nimport re",
        watch__fold="from . import terms",
        watch__terms="",
        desk__app="from bot.wiring import build",
        wiring="import bot.watch.match",
    )
    assert rules.forbidden_imports(house) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("model", "import pydantic"),
        ("ports", "from requests import Session"),
        ("ledger__verify", "import sqlite3"),
        ("ingest", "def f():\n    import sqlite_utils"),
        ("desk__views", "import requests"),
        ("connectors__bluesky", "import mastodon"),
        ("assess", "import urllib.request"),
        ("dispatch", "from http import client"),
        ("worker", "import click"),
        ("cli__users", "from flask import Flask"),
        ("desk__mail", "import smtplib"),
    ],
)
def test_a_library_beside_its_door_is_found(module, source):
    assert len(rules.forbidden_libraries(house_of(**{module: source}))) == 1


def test_libraries_at_their_doors_are_no_finding():
    sources = {"store__db": "import sqlite3", "model": "import enum", "connectors__mastodon": "import mastodon"}
    assert rules.forbidden_libraries(house_of(**sources)) == []


@pytest.mark.parametrize("module", ["model", "watch__match", "triage", "responder", "gate__rules", "config__models"])
@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from socket import create_connection",
        "def f():\n    import requests",
        "import sqlite3",
        "from subprocess import run",
        "from pathlib import Path",
        "import os.path",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.utcnow()",
        "clock.now()",
        "open('x')",
        "print('x')",
    ],
)
def test_an_impure_room_is_found(module, source):
    assert len(rules.impurities(house_of(**{module: source}))) == 1


def test_reading_a_packaged_file_is_pure_and_other_rooms_may_have_a_clock():
    reading = "from importlib import resources\nresources.files('bot').joinpath('x').read_text()"
    assert rules.impurities(house_of(gate__ruleset=reading, clock="import time", config__load="import pathlib")) == []


def test_an_import_of_the_composition_root_inside_the_house_is_found():
    house = house_of(
        wiring="", ingest="from bot.wiring import build", cli="import bot.wiring", desk__app="import bot.wiring"
    )
    assert rules.wiring_elsewhere(house) == ["bot.ingest:1 must not import the composition root."]


@pytest.mark.parametrize(
    "sources",
    [
        {"a": "import bot.b", "b": "import bot.a"},
        {"a": "import bot.b", "b": "def f():\n    from bot.c import x", "c": "from . import a"},
        {"a": "", "a__one": "import bot.b.two", "b": "import bot.a.one", "b__two": ""},
        {"a": "import importlib\nimportlib.import_module('bot.b')", "b": "from bot.a import x"},
    ],
)
def test_modules_that_import_each_other_are_found(sources):
    assert len(rules.cycles(house_of(**sources))) == 1


def test_a_package_and_its_own_modules_are_no_cycle():
    assert rules.cycles(house_of(a="from bot.a.one import x", a__one="from bot.a.two import y", a__two="")) == []


def test_a_second_door_is_found():
    house = house_of(
        gate="Consent(x)", dispatch_send="p.publish(c)", desk="Consent(x)\np.publish(c)\nprint(1)", cli="print(1)"
    )
    assert rules.calls_outside(house, "Consent", ["gate"]) == ["bot.desk:1 must not call Consent()."]
    assert rules.calls_outside(house, "publish", ["dispatch"], method=True) == ["bot.desk:2 must not call publish()."]
    assert rules.calls_outside(house, "print", ["cli"]) == ["bot.desk:3 must not call print()."]


def test_a_consent_behind_another_name_is_found():
    house = house_of(desk="from bot.model import Consent as Leave", gate="from bot.model import Consent")
    assert rules.renamed_imports(house, "Consent") == ["bot.desk:1 hides Consent behind another name."]


def test_lengths_count_neither_blank_lines_nor_comments():
    body = "\n".join(f"    x = {n}\n\n    # why" for n in range(60))
    assert rules.long_functions(house_of(a=f"def f():\n{body}")) == ["bot.a:1 f is longer than 60 lines."]
    assert rules.long_functions(house_of(a=f"def f():\n{body[:-20]}")) == []
    assert rules.long_files({"long": "x = 1\n" * 401, "fits": "x = 1\n# why\n\n" * 400}) == [
        "long has 401 lines; 400 is the limit."
    ]


@pytest.mark.parametrize("caught", ["Exception", "BaseException", "(ValueError, Exception)", ""])
def test_catching_everything_away_from_the_edge_is_found(caught):
    source = f"try:\n    f()\nexcept {caught}:\n    log()"
    assert rules.misplaced_broad_handlers(house_of(ingest=source, worker=source)) == ["ingest:3"]


def test_catching_everything_too_often_is_found_even_at_the_edge():
    source = "try:\n    f()\nexcept Exception:\n    log()\n"
    assert rules.misplaced_broad_handlers(house_of(worker=source * 5)) == []
    assert len(rules.misplaced_broad_handlers(house_of(worker=source * 6))) == 6


def test_catching_everything_only_to_raise_it_again_is_no_finding():
    source = "try:\n    f()\nexcept BaseException:\n    undo()\n    raise"
    assert rules.broad_handlers(house_of(store__db=source)) == []


@pytest.mark.parametrize("name", ["utils", "text_helpers", "process_mention", "handle_error", "manager", "misc"])
def test_a_name_that_says_nothing_is_found(name):
    assert len(rules.unfit_names(house_of(**{name: ""}))) == 1
    assert len(rules.unfit_names(house_of(a=f"def _{name}(): ..."))) == 1


def test_the_words_of_the_field_are_no_finding():
    assert (
        rules.unfit_names(house_of(watch="class Account:\n    def handles(self): ...\n    def processed(self): ..."))
        == []
    )


def test_a_forbidden_word_and_a_minified_file_are_found():
    files = {"a.md": b"see " + HOSTS[0].encode(), "b.js": b"x" * 1_001, "c.min.css": b"", "d.css": b"a {}\n" * 400}
    assert rules.forbidden_words(files, HOSTS) == [f"a.md holds {HOSTS[0]}"]
    assert rules.minified(files) == ["b.js is minified.", "c.min.css is minified."]


def test_the_import_table_names_no_room_twice_in_its_doors():
    rooms = import_table.ROOMS.keys()
    for library, doors in import_table.LIBRARY_DOORS.items():
        assert {door.partition(".")[0] for door in doors} <= rooms, library
