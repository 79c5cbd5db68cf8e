"""Log lines: they say by our numbers what they are about, in both forms, and never quote anybody."""

import io
import json
import logging
import sys
import threading

import pytest
from canaries import CANARY_TEXT, CANARY_TOKEN

from bot.log import bound, configure, rebind

log = logging.getLogger("bot.stage")


@pytest.fixture
def lines(monkeypatch):
    """What is logged as JSON, one object a line."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure("json", "info")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    rebind()
    root.handlers[:], root.level = handlers, level


def test_a_line_says_what_it_is_about_until_that_work_ends(lines):
    with bound(stage="assess", source="fedi"):
        with bound(case=7, mention=12):
            log.warning("inside")
        log.warning("between")
    log.warning("outside")
    inside, between, outside = (line for line in lines() if line["logger"] == log.name)
    assert {name: inside[name] for name in ("stage", "source", "case", "mention")} == {
        "stage": "assess",
        "source": "fedi",
        "case": 7,
        "mention": 12,
    }
    assert {"level", "logger", "timestamp", "event"} <= inside.keys()
    assert (inside["logger"], inside["level"], inside["event"]) == ("bot.stage", "warning", "inside")
    assert between.keys() - {"stage", "source"} == outside.keys()


def test_threads_do_not_mix_up_what_they_are_about(lines):
    with bound(stage="send", case=1):
        other = threading.Thread(target=lambda: log.warning("elsewhere"))
        other.start()
        other.join()
    assert "case" not in lines()[0]


def test_one_request_of_the_desk_after_another_carries_its_own_numbers_only(lines):
    rebind(stage="desk", room="case.show", case=5)
    log.warning("first")
    rebind(stage="desk", room="queue.show")
    log.warning("second")
    first, second = lines()
    assert first["case"] == 5
    assert "case" not in second


@pytest.mark.parametrize("form", ["json", "console"])
def test_of_an_error_only_its_kind_and_its_place_are_told(lines, form, monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure(form, "info")
    try:
        int(f"{CANARY_TEXT} {CANARY_TOKEN}")
    except ValueError:
        logging.getLogger("library").exception("it failed", stack_info=True)
    said = written.getvalue()
    assert CANARY_TEXT not in said
    assert CANARY_TOKEN not in said
    assert "Traceback" not in said
    assert "ValueError" in said
    assert "test_log_lines.py:" in said
    assert "it failed" in said


def test_libraries_that_talk_much_speak_up_at_warnings_only(lines):
    for name in ("urllib3", "apscheduler", "websockets"):
        logging.getLogger(name).info(CANARY_TEXT)
        logging.getLogger(name).warning("worth a line")
    assert [line["event"] for line in lines()] == ["worth a line"] * 3
