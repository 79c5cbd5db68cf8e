# ruff: noqa: INP001 - a script, not a package
"""Replace each gate rule in turn by one that is always content, and see whether the tests notice.

For C-34, which is asked after sending, whatever is read back counts as the same.

Usage: ``python tools/mutate_gate.py [C-04 ...]``. Prints one line a rule and exits 1 if a mutant survived.
The swap lives in a plug-in that is written to a temporary folder; production code has no switch for it.
"""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.gate.table import RULES

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = """
import dataclasses
from bot.gate import rule, table

table.RULES = tuple(
    dataclasses.replace(line, ask=lambda question, line=line: rule.allow(line.id)) if line.id == "{rule}" else line
    for line in table.RULES
)
"""

AFTER_SENDING = "C-34"
READ_BACK = """
from bot.gate import readback

readback.read_back = lambda sent, found: "same"
"""


def run_without(rule: str) -> str:
    """The name of the first test that fails without ``rule``; "" when all pass, "?" when the run itself broke.

    Only files that name the rule are run: the others would take time and find nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        plugin = READ_BACK if rule == AFTER_SENDING else PLUGIN.format(rule=rule)
        Path(folder, "mutant.py").write_text(plugin, encoding="utf-8")
        files = (ROOT / "tests" / "gate").glob("test_rules*.py")
        tests = sorted(str(path) for path in files if rule in path.read_text("utf-8"))
        paths = os.pathsep.join((folder, str(ROOT)))
        run = subprocess.run(  # noqa: S603 - our own interpreter on our own tests
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "mutant", "-p", "no:cacheprovider", *tests],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode == 0:
        return ""
    failed = re.search(r"^FAILED \S+::(\w+)", run.stdout, re.MULTILINE)
    return failed[1] if failed else "?"


def main(chosen: list[str]) -> int:
    """Try every rule, or only those named. Returns the exit code."""
    ids = [*(rule.id for rule in RULES), AFTER_SENDING]
    rules = [rule for rule in ids if not chosen or rule in chosen]
    with ThreadPoolExecutor(max_workers=2) as pool:
        killers = dict(zip(rules, pool.map(run_without, rules), strict=True))
    for rule, killer in killers.items():
        verdict = {"": "SURVIVED", "?": "the run broke"}.get(killer, f"killed by {killer}")
        sys.stdout.write(f"{rule}  {verdict}\n")
    return int(not killers or any(killer in {"", "?"} for killer in killers.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
