"""Every rule about privacy (P), staff (W) and the ledger (A) names two tests at least that show it."""

import ast
import tomllib
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
SHOWN_BY = tomllib.loads((Path(__file__).parent / "other_ids.toml").read_text("utf-8"))["shown_by"]
IDS = [f"{letter}-{number:02}" for letter, last in (("A", 11), ("P", 16), ("W", 5)) for number in range(1, last + 1)]


def test_the_list_holds_every_id_of_these_rules_and_no_other():
    assert sorted(SHOWN_BY) == IDS


@pytest.mark.parametrize("rule", IDS)
def test_every_id_is_shown_by_two_tests_that_exist(rule):
    assert len(set(SHOWN_BY[rule])) >= 2
    for shown in SHOWN_BY[rule]:
        file, _, name = shown.partition("::")
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, shown
