"""Which files make a configuration folder, and their texts. The only reader of the folder; it parses nothing."""

from collections.abc import Iterator
from pathlib import Path

from bot.config.sentences import nearest
from bot.errors import Problem

SINGLE = ("brand.yaml", "platforms.yaml", "triage.yaml")
OPTIONAL = ("protection.yaml", "roster.yaml")
FOLDERS = ("watches", "templates")

MAX_BYTES = 1_000_000
"""A file of keywords never comes near this; a larger one is not configuration."""


def candidates(folder: Path) -> Iterator[str]:
    """Every YAML file in the folder and its two sub-folders, as a path relative to ``folder`` with "/", sorted.

    Hidden files are left out: editors keep their locks and copies in them.

    Raises:
        OSError: a folder cannot be listed.
    """
    for sub in ("", *FOLDERS):
        if sub and not (folder / sub).is_dir():
            continue
        for path in sorted((folder / sub).iterdir()):
            if path.suffix in (".yaml", ".yml") and not path.name.startswith("."):
                yield f"{sub}/{path.name}".lstrip("/")


def names_in(folder: Path) -> Iterator[str]:
    """The files to read, in order. The three single files are named even if they are missing.

    Raises:
        OSError: a folder cannot be listed.
    """
    yield from SINGLE
    yield from (name for name in OPTIONAL if (folder / name).exists())
    yield from (name for name in candidates(folder) if "/" in name and name.endswith(".yaml") and name.isprintable())


def read_text(folder: Path, name: str) -> str | Problem:
    """The text of one file, or what stands against reading it."""
    try:
        raw = (folder / name).read_bytes()
    except FileNotFoundError:
        return Problem(name, 1, 1, "This file is missing. Create it; 'earshot init' writes an example.")
    except OSError as error:
        return Problem(name, 1, 1, f"This file cannot be read: {error.strerror}. Check its owner and its permissions.")
    if len(raw) > MAX_BYTES:
        return Problem(name, 1, 1, "This file is larger than 1 MB. Split it into several files.")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig")
        place = before.count("\n") + 1, len(before) - before.rfind("\n")
        return Problem(name, *place, "This file is not UTF-8. Open it in an editor and save it as UTF-8.")


def strays(folder: Path) -> Iterator[Problem]:
    """Files that look like configuration but are never read.

    Raises:
        OSError: a folder cannot be listed.
    """
    for name in candidates(folder):
        readable = name.encode("ascii", "backslashreplace").decode()
        if not name.isprintable():
            yield Problem(readable, 1, 1, "This file name holds broken letters. Rename the file.")
        elif "/" in name and name.endswith(".yml"):
            yield Problem(name, 1, 1, "Only names ending in .yaml are read. Rename this file.")
        elif "/" not in name and name not in (*SINGLE, *OPTIONAL):
            hint = nearest(name, (*SINGLE, *OPTIONAL)) or " Watches belong in watches/, templates in templates/."
            yield Problem(name, 1, 1, f"No file of this name is read here.{hint}")
