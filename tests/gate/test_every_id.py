"""Every id of the consent rules has a rule or a check, and at least two tests that name it."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.gate.table import RULES

HERE = Path(__file__).parent
IDS = [f"C-{number:02}" for number in range(1, 35)]
AFTER_SENDING = {"C-34"}
"""Checked when a reply has left: ``bot/gate/readback.py``."""
LEAST = 2


@cache
def named() -> Counter[str]:
    """How many test functions of the gate and the stages name each id, themselves or through what they call."""
    found: Counter[str] = Counter()
    for path in [*HERE.glob("test_*.py"), *(HERE.parent / "stages").glob("test_*.py")]:
        functions = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
        texts = {function.name: _text(function) for function in functions}
        for function in functions:
            if function.name.startswith("test_") and path != Path(__file__):
                told = texts[function.name] + "".join(texts.get(name, "") for name in _called(function))
                found.update(rule for rule in IDS if rule in told or rule.replace("-", "").lower() in function.name)
    return found


def _text(function: ast.FunctionDef) -> str:
    return "\n".join(ast.unparse(part) for part in (function, *function.decorator_list))


def _called(function: ast.FunctionDef) -> set[str]:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {call.id for call in calls if isinstance(call, ast.Name)} - {function.name}


def test_the_table_holds_every_id_but_those_that_are_checked_after_sending():
    assert [rule.id for rule in RULES] == [rule for rule in IDS if rule not in AFTER_SENDING]


@pytest.mark.parametrize("rule", IDS)
def test_every_id_has_tests_of_its_own(rule):
    assert named()[rule] >= LEAST
