"""Every sentence of the rules' acceptance list (section 8) names the tests that show it, and they are there."""

import ast
import tomllib
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
SENTENCES = tomllib.loads((Path(__file__).parent / "acceptance.toml").read_text("utf-8"))["sentence"]
IN_THE_RULES = 17


def names_in(file: Path) -> set[str]:
    return {node.name for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}


def test_no_sentence_is_left_out():
    assert len({row["says"] for row in SENTENCES}) == len(SENTENCES) == IN_THE_RULES


@pytest.mark.parametrize("row", SENTENCES, ids=[row["says"] for row in SENTENCES])
def test_every_sentence_is_shown_by_tests_that_exist(row):
    assert row["shown_by"]
    for shown in row["shown_by"]:
        file, _, name = shown.partition("::")
        assert name in names_in(TESTS / file), shown
