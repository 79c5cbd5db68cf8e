"""A small valid configuration that the tests of this room bend."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.config.load import load
from bot.errors import ConfigError

FILES = {
    "brand.yaml": """\
name: Fjordfon
names: [Fjordfon]
accounts:
  replay:
    - handle: fjordfon_hilft
contacts:
  - { topic: outage, language: de, value: "https://fjordfon.example/stoerung" }
""",
    "platforms.yaml": """\
sources:
  - kind: replay
    name: samples
    file: posts.jsonl
    account: fjordfon_hilft
""",
    "triage.yaml": "topics:\n  outage: [Störung]\n",
    "watches/outage.yaml": "watch: outage\ntopic: outage\nany: [Fjordfon]\n",
    "templates/de.yaml": """\
template: outage
released: true
lanes: [help]
topics: [outage]
language: de
wordings:
  - "Eins: {contact:outage}"
  - "Zwei [bis wann]"
  - "Drei {name}"
""",
}

Write = Callable[..., Path]
Faults = Callable[..., list[str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the valid files into a folder, some of them replaced; ``None`` leaves a file out."""

    def write(changes: dict[str, str | bytes | None] | None = None) -> Path:
        for name, text in {**FILES, **(changes or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


@pytest.fixture
def faults(write: Write) -> Faults:
    """The faults of a folder as lines, "file:line:column: sentence"; the folder must have some."""

    def faults(changes: dict[str, str | bytes | None]) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(write(changes))
        return [str(problem) for problem in caught.value.problems]

    return faults
