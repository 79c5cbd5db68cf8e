"""Rules for the whole suite, as pytest hooks: no canary is printed; where everything must run, a skip is a failure."""

import os
from collections.abc import Iterator

import pytest
from canaries import leaks

REQUIRE_ALL = "EARSHOT_REQUIRE_ALL"
"""Set to 1 where every tool is installed: a test that is skipped there has not been run, and fails."""

_leaking: list[str] = []


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get(REQUIRE_ALL) == "1" and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"Skipped, but {REQUIRE_ALL}=1 asks for every test: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    _refuse_skip(report)
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # Sections of earlier phases come again with later ones; the last phase has them all.
    if report.when == "teardown":
        _leaking.extend(f"{report.nodeid}: {name}" for name in leaks(report.sections))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _leaking and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for place in _leaking:
        terminalreporter.write_line(f"A canary was printed by {place}", red=True)
