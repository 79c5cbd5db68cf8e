"""The processes: they say where they are, answer, and end within seconds of being asked."""

import re
import shutil
import socket
import subprocess
import sys
import urllib.request

import pytest
from programs import change, ended, until

from bot.config.starter import starter_dir

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


def first_words(process, pattern):
    """What a process printed up to the line that matches."""
    printed = ""
    while not re.search(pattern, printed):
        line = process.stdout.readline()
        assert line, printed
        printed += line
    return printed


def page(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return answer.status, answer.read().decode()


def test_the_demo_says_where_it_is_and_how_to_sign_in_and_ends_when_asked(started, folder):
    demo = started("demo", "--port", "0", "--folder", folder / "trial")
    printed = first_words(demo, r"Ctrl\+C ends it")
    port = ADDRESS.search(printed)[1]
    assert re.findall(r"sign in as (\w+) +\((\w+) *\)  password [0-9a-f]{12}", printed) == [
        ("alice", "agent"),
        ("bob", "senior"),
    ]
    status, square = page(port, "/square")
    assert status == 200
    assert "<html" in square
    until(lambda: "nele_aus_wik" in page(port, "/square")[1])
    ended(demo)
    assert sorted(path.name for path in (folder / "trial").iterdir()) == ["checkpoints", "config", "data", "keys"]


def test_a_second_demo_on_the_same_port_says_what_to_do(started, folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        demo = started("demo", "--port", taken.getsockname()[1], "--folder", folder / "trial")
        printed, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert "Choose another port." in printed
    assert "Traceback" not in printed


def test_a_demo_keeps_what_people_changed(started, folder):
    ended_once = started("demo", "--port", "0", "--folder", "trial")
    first_words(ended_once, r"Ctrl\+C ends it")
    ended(ended_once)
    change(folder / "trial" / "config" / "brand.yaml", "name: Fjordfon", "name: Nordfunk")
    again = started("demo", "--port", "0", "--folder", "trial")
    first_words(again, r"Ctrl\+C ends it")
    ended(again)
    assert "name: Nordfunk" in (folder / "trial" / "config" / "brand.yaml").read_text("utf-8")


@pytest.fixture
def any_port(house, monkeypatch):
    monkeypatch.setenv("EARSHOT_PORT", "0")


@pytest.mark.parametrize(
    ("command", "greeting"),
    [("worker", "The worker runs"), ("desk", "The desk is at"), ("run", "The desk is at")],
)
def test_every_process_ends_when_asked(earshot, started, any_port, command, greeting):
    earshot("ingest")
    process = started(command)
    printed = first_words(process, greeting)
    if command != "worker":
        assert page(ADDRESS.search(printed)[1], "/square")[0] == 200
    ended(process)


@pytest.fixture
def unmade(folder, monkeypatch):
    """A mounted configuration and nothing else."""
    monkeypatch.setenv("EARSHOT_PORT", "0")
    shutil.copytree(starter_dir(), folder / "config")
    return folder


@pytest.mark.parametrize(("command", "greeting"), [("worker", "The worker runs"), ("run", "The desk is at")])
def test_a_first_start_over_a_configuration_makes_the_keys_and_says_so(earshot, started, unmade, command, greeting):
    process = started(command)
    assert "Made keys in keys/" in first_words(process, greeting)
    ended(process)
    assert earshot("ledger", "verify").code == 0
    (unmade / "keys" / "suppression.key").unlink()
    refused = earshot(command)
    assert refused.code == 1
    assert "suppression.key" in refused.err
    assert not (unmade / "keys" / "suppression.key").exists()


def test_a_step_that_hangs_does_not_hold_up_the_end():
    hanging = (
        "import threading; from bot.cli.waiting import End; end = End(last_seconds=0.2);"
        "threading.Thread(target=threading.Event().wait).start(); print('ready', flush=True); end.wait()"
    )
    with subprocess.Popen((sys.executable, "-c", hanging), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.wait(timeout=20) == 0
