"""The suite's own rules can fail: a printed canary, and a skip where everything must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from canaries import CANARY_TEXT, CANARY_TOKEN, leaks
from suite_rules import REQUIRE_ALL

TESTS = Path(__file__).parents[1]

LEAKS = f"""
import logging, sys
import pytest

@pytest.fixture
def bird():
    yield
    print({CANARY_TOKEN!r})

def test_prints(): print({CANARY_TOKEN!r})
def test_logs(): logging.getLogger("sdk").warning("heard: %s", {CANARY_TEXT!r})
def test_complains(): sys.stderr.write({CANARY_TEXT!r})
def test_ends_badly(bird): pass
def test_is_quiet(): print("Kanarienvogel")
"""

SKIPS = {
    "test_inside.py": "import pytest\ndef test_it():\n    pytest.skip('no browser')\n",
    "test_mark.py": "import pytest\n@pytest.mark.skipif(True, reason='no browser')\ndef test_it():\n    pass\n",
    "test_module.py": "import pytest\npytest.skip('no browser', allow_module_level=True)\n",
    "test_library.py": "import pytest\npytest.importorskip('no_such_library')\n",
}


def run(folder: Path, require_all: str = "") -> subprocess.CompletedProcess[str]:
    """The suite in ``folder`` under the suite's rules."""
    return subprocess.run(
        [
            sys.executable,
            *["-m", "pytest", "-q", "-p", "suite_rules", "-p", "no:cacheprovider", "--continue-on-collection-errors"],
        ],
        env={**os.environ, "PYTHONPATH": str(TESTS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", REQUIRE_ALL: require_all},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_printed_canary_fails_a_suite_whose_tests_all_pass(tmp_path):
    (tmp_path / "test_birds.py").write_text(LEAKS, "utf-8")
    done = run(tmp_path)
    named = {line.split("::")[1].split(":")[0] for line in done.stdout.splitlines() if "A canary was printed" in line}
    assert named == {"test_prints", "test_logs", "test_complains", "test_ends_badly"}
    assert "5 passed" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED


def test_a_suite_that_prints_no_canary_passes(tmp_path):
    (tmp_path / "test_birds.py").write_text("def test_is_quiet(): print('Kanarienvogel')\n", "utf-8")
    assert run(tmp_path).returncode == pytest.ExitCode.OK


def test_leaks_names_only_the_outputs_that_hold_a_canary():
    assert leaks([("out", "quiet"), ("err", f"x{CANARY_TOKEN}y"), ("log", CANARY_TEXT)]) == ["err", "log"]


@pytest.fixture
def skipping(tmp_path: Path) -> Path:
    for name, text in SKIPS.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_where_everything_must_run_every_way_of_skipping_is_a_failure(skipping):
    done = run(skipping, require_all="1")
    assert done.returncode != pytest.ExitCode.OK
    assert "skipped" not in done.stdout.splitlines()[-1]
    assert all(f"ERROR {name}" in done.stdout or f"FAILED {name}" in done.stdout for name in SKIPS)


def test_elsewhere_a_skip_is_a_skip(skipping):
    assert "4 skipped" in run(skipping).stdout
