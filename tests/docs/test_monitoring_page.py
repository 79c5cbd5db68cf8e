"""docs/monitoring.md, the alert rules and the dashboard name what there is, all of it and nothing else."""

import json
import re
from pathlib import Path

import pytest
import yaml

from bot.cli.desking import METRICS_TOKEN
from bot.cli.monitoring import PARTS, STARTING_MS
from bot.metrics import GROWTH_MS, METRICS
from bot.model import AlarmKind, DispatchState, Lane, Outcome
from bot.store.house import SILENT_MS
from bot.store.sources import LEAST_QUIET_MS, QUIET_TIMES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
FOLDER = ROOT / "config" / "monitoring"
RULES = yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
BOARD = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
PANELS = BOARD["panels"]
KNOWN = {metric.exposed: metric for metric in METRICS}
QUESTIONS = [rule["expr"] for rule in RULES] + [one["expr"] for panel in PANELS for one in panel["targets"]]
VALUES = {
    "lane": {lane.value for lane in Lane},
    "state": {state.value for state in DispatchState},
    "outcome": {outcome.value for outcome in Outcome} | {"new"},
    "kind": {kind.value for kind in AlarmKind},
}


def rows(title: str) -> list[list[str]]:
    """The cells of a section's tables, without their heads."""
    lines = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return cells[2:]


def test_every_metric_is_documented_with_its_labels_and_nothing_else_is():
    told = {row[0].strip("`"): tuple(re.findall(r"`(\w+)`", row[1])) for row in rows("The figures")}
    assert told == {name: metric.labels for name, metric in KNOWN.items()}
    assert [row[2] for row in rows("The figures")] == [metric.told for metric in METRICS]


@pytest.mark.parametrize("question", sorted(set(QUESTIONS)))
def test_every_question_asks_for_metrics_labels_and_values_that_exist(question):
    named = re.findall(r"\b(earshot_\w+)(?:\{([^}]*)\})?", question)
    assert named
    for name, chosen in named:
        assert name in KNOWN, name
        for label, value in re.findall(r'(\w+)[=!~]+"([^"]*)"', chosen):
            assert label in KNOWN[name].labels, (name, label)
            assert set(value.split("|")) <= VALUES[label], (name, label, value)
    for label in re.findall(r"(?:by|on) \(([\w, ]*)\)", question):
        labels = {each for name, _ in named for each in KNOWN[name].labels}
        assert {each.strip() for each in label.split(",") if each.strip()} <= labels


def test_every_metric_is_looked_at_by_an_alert_or_a_panel():
    asked = set(re.findall(r"\bearshot_\w+", " ".join(QUESTIONS)))
    assert set(KNOWN) - asked == set()


def test_a_counter_is_never_asked_for_its_height_alone():
    for question in QUESTIONS:
        for name in re.findall(r"\bearshot_\w+_total\b", question):
            assert re.search(rf"(rate|increase)\({name}[^)]*\[", question), question


def test_every_alert_says_what_is_wrong_and_the_page_says_what_to_do():
    told = {row[0].strip("`"): row for row in rows("The alerts")}
    assert set(told) == {rule["alert"] for rule in RULES}
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] == told[rule["alert"]][1]
        assert rule["annotations"]["summary"].endswith(".")
        assert len(told[rule["alert"]][3]) > 20
        for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
            assert label in {each for name in re.findall(r"earshot_\w+", rule["expr"]) for each in KNOWN[name].labels}


def test_the_dashboard_is_whole():
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"


def test_the_names_and_numbers_on_the_page_are_those_of_the_code():
    assert f"`{METRICS_TOKEN}`" in PAGE
    assert f"silent for {SILENT_MS // 1000} seconds" in PAGE
    assert "for ten minutes after its start" in PAGE
    assert STARTING_MS == 600_000
    assert (QUIET_TIMES, LEAST_QUIET_MS, GROWTH_MS) == (6, 3_600_000, 7 * 86_400_000)
    assert all(f"`earshot health {part}`" in PAGE for part in PARTS)


def test_every_link_of_the_page_leads_somewhere():
    assert all((ROOT / "docs" / link).exists() for link in re.findall(r"\]\(([^)#\s]+)", PAGE))
    named = re.findall(r"\b(?:config|docs)/[\w./-]+\w", PAGE)
    assert named
    assert all((ROOT / name).exists() for name in named), named
