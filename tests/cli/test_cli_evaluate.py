"""evaluate: the figures of any labelled file, equal to what scikit-learn gives, and never a word of a post."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from programs import ROOT
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support
from trained import FEELINGS, HEADS, LANGUAGE

from bot.detectors.abuse import Abuse
from bot.detectors.sentiment import Sentiment

CANARY = "Zirbelnuss"
POSTS = [
    ("Ihr seid Idioten, Zirbelnuss.", "OFFENSE", "de"),
    ("You are all morons, Zirbelnuss.", "OFFENSE", "en"),
    ("Danke für die schnelle Hilfe, Zirbelnuss!", "OTHER", "de"),
    ("Schon wieder kein Netz in Kiel, Zirbelnuss.", "OFFENSE", "de"),
    ("No signal since Monday, Zirbelnuss.", "OTHER", "en"),
    ("Du Arschloch, Zirbelnuss.", "RUDE", "de"),
    ("Wann kommt der Techniker? " * 15 + "Zirbelnuss", "OTHER", "de"),
]
MOODS = ["negative", "negative", "positive", "negative", "neutral", "positive", "neutral"]


def written(path: Path, **fields: Any) -> Path:
    """A file of the posts; each field takes one value for each post, or a function of its label."""
    rows = []
    for place, (text, label, language) in enumerate(POSTS):
        values = {name: value(label) if callable(value) else value[place] for name, value in fields.items()}
        rows.append({"text": text, "label": label, "lang": language, **values})
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def posts(folder: Path) -> Path:
    return written(folder / "posts.jsonl", mood=MOODS)


def said_abuse() -> list[str]:
    found = Abuse(LANGUAGE, HEADS).detect([text for text, _, _ in POSTS])
    return ["positive" if finding.label == "abuse" else "negative" for finding in found]


def truth(*values: str) -> list[str]:
    return ["positive" if label in values else "negative" for _, label, _ in POSTS]


def check(figures: Mapping[str, Any], true: list[str], said: list[str]) -> None:
    labels = sorted(set(true))
    precision, recall, f1, support = precision_recall_fscore_support(true, said, labels=labels, zero_division=0)
    assert figures["n"] == len(true)
    assert figures["accuracy"] == pytest.approx(accuracy_score(true, said))
    assert figures["macro_f1"] == pytest.approx(f1_score(true, said, labels=labels, average="macro", zero_division=0))
    assert set(figures["per_class"]) == set(labels)
    for place, label in enumerate(labels):
        assert figures["per_class"][label] == pytest.approx(
            {"precision": precision[place], "recall": recall[place], "f1": f1[place], "n": support[place]}
        )


@pytest.mark.parametrize(("option", "values"), [("OFFENSE", ["OFFENSE"]), ("OFFENSE, RUDE,", ["OFFENSE", "RUDE"])])
def test_the_figures_of_a_positive_class_are_the_libraries(earshot, posts, option, values):
    told = earshot("evaluate", "--data", posts, "--head", "abuse", "--positive", option, "--json")
    assert (told.code, told.err) == (0, "")
    figures = json.loads(told.out)
    true, said = truth(*values), said_abuse()
    check(figures, true, said)
    clean = [found for label, found in zip(true, said, strict=True) if label == "negative"]
    assert figures["alarms_per_1000"] == pytest.approx(1000 * clean.count("positive") / len(clean))
    assert (figures["head"], figures["data"]) == ("abuse", "posts.jsonl")
    assert "groups" not in figures


def test_the_figures_of_equal_classes_are_the_libraries(earshot, posts):
    told = earshot("evaluate", "--data", posts, "--head", "sentiment", "--label-field", "mood", "--json")
    found = Sentiment(LANGUAGE, HEADS, FEELINGS).detect([text for text, _, _ in POSTS])
    check(json.loads(told.out), MOODS, [finding.label for finding in found])
    assert "alarms_per_1000" not in json.loads(told.out)


@pytest.mark.parametrize(("yes", "no", "value"), [(1, 0, "1"), (True, False, "true"), (1.0, 0.0, "1"), ("1", "0", "1")])
def test_numbers_and_booleans_are_labels(earshot, folder, yes, no, value):
    data = written(folder / "a.jsonl", toxic=lambda label: yes if label != "OTHER" else no)
    words = ("evaluate", "--data", data, "--head", "abuse", "--label-field", "toxic", "--positive", value, "--json")
    check(json.loads(earshot(*words).out), truth("OFFENSE", "RUDE"), said_abuse())


def test_each_group_has_its_own_accuracy(earshot, posts):
    words = ("evaluate", "--data", posts, "--head", "abuse", "--positive", "OFFENSE,RUDE", "--group", "lang", "--json")
    groups = json.loads(earshot(*words).out)["groups"]
    assert set(groups) == {"de", "en"}
    for language, row in groups.items():
        inside = [place for place, post in enumerate(POSTS) if post[2] == language]
        true, said = ([labels[place] for place in inside] for labels in (truth("OFFENSE", "RUDE"), said_abuse()))
        assert row["n"] == len(inside)
        assert row["accuracy"] == pytest.approx(accuracy_score(true, said))


def test_one_part_can_be_measured_alone(earshot, folder):
    data = written(folder / "a.jsonl", part=["train", "test"] * 3 + ["test"])
    words = ("evaluate", "--data", data, "--head", "abuse", "--positive", "OFFENSE", "--json")
    assert json.loads(earshot(*words, "--part", "test").out)["n"] == 4
    told = earshot(*words, "--part", "dev")
    assert (told.code, told.err) == (1, f'{data} holds no row to measure whose part is "dev"\n')


def test_people_read_a_table_with_every_figure_and_no_post(earshot, posts, folder):
    words = ("evaluate", "--data", posts, "--head", "abuse", "--positive", "OFFENSE", "--group", "lang")
    told = earshot(*words, "--output", folder / "figures.json")
    figures = json.loads((folder / "figures.json").read_text("utf-8"))
    assert told.out.startswith("abuse on posts.jsonl: 7 posts\n")
    for part in (
        f"macro-F1  {figures['macro_f1']:.3f}",
        f"accuracy  {figures['accuracy']:.3f}",
        f"alarms    {figures['alarms_per_1000']:.1f} per 1,000 posts",
        "281+",
        "language",
        "group",
    ):
        assert part in told.out
    for label, row in figures["per_class"].items():
        (line,) = [line for line in told.out.splitlines() if line.split()[:1] == [label] and len(line.split()) == 5]
        assert line.split()[1:] == [*(f"{row[name]:.3f}" for name in ("precision", "recall", "f1")), str(row["n"])]
    assert CANARY not in told.out + told.err + json.dumps(figures)


def test_a_label_cannot_command_the_terminal(earshot, folder):
    data = written(folder / "a.jsonl", mood=["negative"] * 6 + ["\x1b[2Jgone"])
    told = earshot("evaluate", "--data", data, "--head", "sentiment", "--label-field", "mood", "--group", "mood")
    assert told.code == 0
    assert "\x1b" not in told.out
    assert "gone" in told.out


GOOD = '{"text": "Zirbelnuss", "label": "none", "lang": "de"}\n'


@pytest.mark.parametrize(
    ("content", "words", "complaint"),
    [
        (GOOD + '\n{"text": "Zirbelnuss"', [], "posts.jsonl:3 is no JSON: each line holds one object"),
        (GOOD + '["Zirbelnuss"]\n', [], 'posts.jsonl:2 has no "text"'),
        (GOOD + '{"label": "Zirbelnuss"}\n', [], 'posts.jsonl:2 has no "text"'),
        (GOOD + '{"text": "Zirbelnuss"}\n', [], "posts.jsonl:2 has no 'label'"),
        (GOOD, ["--label-field", "mood"], "posts.jsonl:1 has no 'mood'"),
        (GOOD, ["--head", "anger"], "there is no head 'anger': choose one of abuse, crisis"),
        (GOOD, ["--label-field", "text"], "the text of a post is no label"),
        (GOOD, ["--group", "text"], "the text of a post is no label"),
        (GOOD.replace("none", "OFFENSE"), [], "abuse never says 'OFFENSE': name the ones that mean it with --positive"),
        ("", [], "posts.jsonl holds no row to measure"),
        (None, [], "posts.jsonl cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_without_the_post(earshot, folder, content, words, complaint):
    if content is not None:
        (folder / "posts.jsonl").write_text(content, "utf-8")
    told = earshot("evaluate", "--data", folder / "posts.jsonl", "--head", "abuse", *words)
    assert (told.code, told.out) == (1, "")
    assert complaint in told.err
    assert told.err.count("\n") == 1
    assert CANARY not in told.err


@pytest.mark.parametrize("words", [[], ["--head", "abuse"], ["--data", "x.jsonl"]])
def test_a_missing_option_is_wrong_usage(earshot, words):
    assert earshot("evaluate", *words).code == 3


def test_measuring_stores_nothing(earshot, posts, folder):
    earshot("evaluate", "--data", posts, "--head", "abuse", "--positive", "OFFENSE")
    assert [path.name for path in folder.iterdir()] == ["posts.jsonl"]


def test_measuring_needs_no_learning_library(posts):
    words = ["evaluate", "--data", str(posts), "--head", "abuse", "--positive", "OFFENSE", "--json"]
    code = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('sklearn', 'scipy', 'threadpoolctl')))\n"
        "from bot.cli import main\n"
        "sys.argv[0] = 'earshot'\n"
        "main()\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")
    check(json.loads(told.stdout), truth("OFFENSE"), said_abuse())


def test_a_set_without_a_positive_post_counts_alarms_and_says_so(earshot, folder):
    (folder / "posts.jsonl").write_text(GOOD, "utf-8")
    told = earshot("evaluate", "--data", folder / "posts.jsonl", "--head", "abuse", "--positive", "OFFENSE", "--json")
    assert told.code == 0
    assert json.loads(told.out)["alarms_per_1000"] == 0
    assert "No row has one of OFFENSE as label: every post counts as clean." in told.err


@pytest.mark.parametrize("target", ["", "nowhere/figures.json"])
def test_an_output_that_cannot_be_written_is_said_with_its_path(earshot, posts, folder, target):
    told = earshot(
        "evaluate", "--data", posts, "--head", "sentiment", "--label-field", "mood", "--output", folder / target
    )
    assert told.code == 1
    assert f"{folder / target} cannot be written" in told.err
    assert "Traceback" not in told.err
