"""The wheel is whole: installed in another environment and started from another folder, it is Earshot."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import bot
from bot.ports import __file__ as ports_file

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")


def run(*command: object, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "EARSHOT_"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from the checkout with the tools that are installed here; nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT, folder=folder)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def scratch(wheel, tmp_path_factory) -> Path:
    """An environment of its own with the wheel. Libraries are shared by path, the checkout is not reachable."""
    folder = tmp_path_factory.mktemp("scratch") / "venv"
    made = run(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder.parent)
    assert made.returncode == 0, made.stderr
    python = folder / "bin" / "python"
    installed = run(
        *PIP, "--python", python, "install", "--no-deps", "--no-index", "--no-warn-script-location", wheel,
        folder=folder.parent,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    own = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    # A path file inside the shared folder, such as that of an editable install, is not followed from here.
    (own / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture
def elsewhere(tmp_path) -> Path:
    return tmp_path


def test_the_code_that_runs_is_the_wheels(scratch, elsewhere):
    asked = run(scratch / "bin" / "python", "-c", "import bot; print(bot.__file__)", folder=elsewhere)
    assert Path(asked.stdout.strip()).is_relative_to(scratch), asked.stderr
    assert not Path(ports_file).is_relative_to(scratch)


def test_the_wheel_holds_every_file_of_the_house_and_nothing_else(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if not name.partition("/")[0].endswith(".dist-info")}
    house = {f"bot/{path.relative_to(ROOT / 'bot')}" for path in files(ROOT / "bot")}
    starter = {f"bot/starter/{path.relative_to(ROOT / 'config')}" for path in files(ROOT / "config")}
    assert names == house | starter


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_it_says_its_version(scratch, elsewhere):
    asked = run(scratch / "bin" / "earshot", "--version", folder=elsewhere)
    assert asked.returncode == 0, asked.stderr
    assert bot.__version__ in asked.stdout


def test_the_packaged_starter_folder_is_valid(scratch, elsewhere):
    found = run(
        scratch / "bin" / "python",
        "-c",
        "from bot.config.starter import starter_dir; print(starter_dir())",
        folder=elsewhere,
    )
    starter = Path(found.stdout.strip())
    assert starter.is_relative_to(scratch), found.stderr
    checked = run(scratch / "bin" / "earshot", "check", starter, folder=elsewhere)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_newcomer_starts_from_an_empty_folder(scratch, elsewhere):
    earshot = scratch / "bin" / "earshot"
    made = run(earshot, "init", "--name", "Fjordfon", "--handle", "replay=fjordfon_hilft", folder=elsewhere)
    assert made.returncode == 0, made.stdout + made.stderr
    checked = run(earshot, "check", folder=elsewhere)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    verified = run(earshot, "ledger", "verify", folder=elsewhere)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_asking_for_the_version_leaves_nothing_behind(scratch, elsewhere):
    run(scratch / "bin" / "earshot", "--version", folder=elsewhere)
    assert list(elsewhere.iterdir()) == []
