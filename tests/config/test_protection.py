"""protection.yaml: optional, and every fault of it has its place and a plain sentence."""

from pathlib import Path

import pytest

from bot.config.canonical import from_json, to_json
from bot.config.load import load
from bot.config.starter import starter_dir
from bot.errors import ConfigError

WHOLE = """
threat:
  first:
    - name: On-call senior
      channels: [EARSHOT_PAGE_ONCALL, EARSHOT_PAGE_ONCALL_MAIL]
      language: de
    - name: Health and safety board
      channels: [EARSHOT_PAGE_SAFETY]
  then:
    - name: Head of service
      channels: [EARSHOT_PAGE_HEAD]
  minutes: 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in starter_dir().rglob("*.yaml"):
        part = path.relative_to(starter_dir())
        if part.parts[0] != "examples":
            (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / part).write_text(path.read_text("utf-8"), "utf-8")
    return tmp_path


def test_without_the_file_nobody_is_paged_and_nothing_is_at_fault(folder: Path) -> None:
    (folder / "protection.yaml").unlink()
    assert load(folder).protection.unpaged == ["threat", "crisis", "security"]


def test_the_starter_pages_nobody() -> None:
    assert load(starter_dir()).protection.unpaged == ["threat", "crisis", "security"]


def test_people_and_their_order_are_read_and_kept_as_written(folder: Path) -> None:
    (folder / "protection.yaml").write_text(WHOLE, "utf-8")
    config = load(folder)
    threat = config.protection.threat
    assert [one.name for one in threat.first] == ["On-call senior", "Health and safety board"]
    assert [one.name for one in threat.then] == ["Head of service"]
    assert (threat.minutes, threat.first[0].language) == (3, "de")
    assert config.protection.unpaged == ["crisis", "security"]
    assert from_json(to_json(config)).protection == config.protection


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("threat:\n  first:\n    - name: A\n      channels: [https://hook.example/secret]\n", "4:18", "EARSHOT_"),
        ("threat:\n  first:\n    - name: A\n", "3:7", "channels"),
        ("threat:\n  minutes: 0\n", "2:12", "1"),
        ("threats:\n  minutes: 5\n", "1:1", "threat"),
        ("threat:\n  first:\n    - name: A\n      channels: []\n", "4:17", ""),
    ],
)
def test_a_fault_names_its_place_and_what_to_do_and_never_what_may_be_secret(
    folder: Path, text: str, place: str, said: str
) -> None:
    (folder / "protection.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as told:
        load(folder)
    assert f"protection.yaml:{place}:" in str(told.value)
    assert said in str(told.value)
    assert "hook.example" not in str(told.value)
