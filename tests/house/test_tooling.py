"""The lock files are whole, make explains itself, and the check of a checkout ends with the tests."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-image.lock")
NAME = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    return {name.lower(): version for name, version in NAME.findall((ROOT / lock).read_text("utf-8"))}


def names(requirements: list) -> set[str]:
    """Plain names of requirements such as "Flask>=3"; included groups are left out."""
    texts = [requirement for requirement in requirements if isinstance(requirement, str)]
    return {re.split(r"[^\w.-]", text)[0].lower() for text in texts}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_release_is_pinned_with_its_hashes_and_names_no_server(lock):
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=sha256:[0-9a-f]{64}( \\)?$)", text, re.MULTILINE)
    for release in re.split(r"\n(?=\S)", text.strip()):
        assert NAME.match(release), release.partition("\n")[0]
        assert "--hash=sha256:" in release, release.partition("\n")[0]


def test_every_dependency_is_locked():
    groups = PROJECT["dependency-groups"]
    assert names(PROJECT["project"]["dependencies"]) | names(groups["build"]) <= pins(LOCKS[0]).keys()
    assert names([each for group in groups.values() for each in group]) <= pins(LOCKS[1]).keys()


def test_the_tools_are_resolved_together_with_what_runs():
    running, developing, packed = (pins(lock) for lock in LOCKS)
    assert running.items() <= packed.items() <= developing.items()


def test_make_without_a_target_explains_every_target():
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1].split()
    assert re.findall(r"^  make (\w+) ", shown, re.MULTILINE) == targets


def test_the_check_of_a_checkout_runs_everything_and_ends_with_the_tests():
    script = ROOT / ".ci" / "run"
    lines = script.read_text("utf-8").splitlines()
    assert script.stat().st_mode & 0o111
    assert "set -euo pipefail" in lines
    assert {"make mutate", "make check"} < set(lines)
    assert lines[-1] == "make test"
    assert any("EARSHOT_REQUIRE_ALL=1" in line for line in lines)
