"""evaluate: how well a detector does on labelled posts of any JSONL file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bot.cli.screen import as_json, columns, json_option, plain
from bot.errors import EarshotError
from bot.training import sets
from bot.training.judge import POSITIVE, judge
from bot.training.measure import report


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="JSON lines with a text and a label.")
@click.option("--head", required=True, help="The detector: language, sentiment, abuse, hate, threat, crisis, scam ...")
@click.option("--label-field", default="label", show_default=True, help="Where a row's label stands.")
@click.option("--positive", default="", help="Labels that mean the head's positive class, divided by commas.")
@click.option("--group", default="", help="A field by which accuracy is shown in groups.")
@click.option("--part", default="", help='Only rows whose "part" is this, for example "test".')
@click.option("--output", type=click.Path(path_type=Path), help="Write the figures as JSON to this file as well.")
@json_option
def evaluate(
    *, data: Path, head: str, label_field: str, positive: str, group: str, part: str, output: Path | None, json_: bool
) -> None:
    """Show how well a detector does on labelled posts.

    Nothing is stored and no text is shown.
    """
    if "text" in {label_field, group}:
        raise EarshotError("the text of a post is no label: name another field")
    rows = [row for row in sets.read(data, label_field) if not part or row.get("part") == part]
    if not rows:
        raise EarshotError(f"{data} holds no row to measure" + (f' whose part is "{part}"' if part else ""))
    wanted = frozenset(value.strip() for value in positive.split(",") if value.strip())
    judged = judge(head, rows, field=label_field, positive=wanted, group=group)
    if wanted and not any(post.truth == POSITIVE for post in judged):
        click.echo(f"No row has one of {positive} as {label_field}: every post counts as clean.", err=True)
    figures = {"head": head, "data": data.name, **report(judged, POSITIVE if wanted else "")}
    if output:
        _write(output, figures)
    if json_:
        as_json(figures)
    else:
        _print(figures)


def _write(output: Path, figures: Mapping[str, Any]) -> None:
    try:
        output.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise EarshotError(f"{output} cannot be written: {error.strerror}") from None


def _print(figures: Mapping[str, Any]) -> None:
    click.echo(f"{figures['head']} on {figures['data']}: {figures['n']} posts")
    click.echo(f"  macro-F1  {figures['macro_f1']:.3f}")
    click.echo(f"  accuracy  {figures['accuracy']:.3f}")
    if "alarms_per_1000" in figures:
        click.echo(f"  alarms    {figures['alarms_per_1000']:.1f} per 1,000 posts that are none")
    click.echo()
    rows = [["label", "precision", "recall", "F1", "posts"]]
    rows += [
        [plain(label), *(f"{row[name]:.3f}" for name in ("precision", "recall", "f1")), str(row["n"])]
        for label, row in figures["per_class"].items()
    ]
    columns(rows)
    click.echo()
    columns([["true", "said", "posts"], *_confusion(figures)])
    for title, name in (("length", "by_length"), ("language", "by_language"), ("group", "groups")):
        if name in figures:
            click.echo()
            columns([[title, "accuracy", "macro-F1", "posts"], *_grouped(figures[name])])


def _confusion(figures: Mapping[str, Any]) -> list[list[str]]:
    return [[plain(row["truth"]), row["said"], str(row["n"])] for row in figures["confusion"]]


def _grouped(groups: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    return [
        [plain(name), f"{row['accuracy']:.3f}", f"{row['macro_f1']:.3f}", str(row["n"])] for name, row in groups.items()
    ]
