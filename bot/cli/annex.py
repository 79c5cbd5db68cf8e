"""annex: what Earshot holds about staff, generated from the schema, as an annex to a works agreement."""

import tempfile
import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import click

from bot import __version__
from bot.cli.screen import as_json, json_option
from bot.errors import EarshotError
from bot.store import staff
from bot.store.db import Store
from bot.store.migrate import migrate

_CELLS = ("purpose", "seen_by", "kept")


@click.command()
@click.option("--language", type=click.Choice(["de", "en"]), default="de", show_default=True, help="Of the annex.")
@json_option
def annex(language: str, *, json_: bool) -> None:
    """Print the works-agreement annex: each field about staff, its purpose, who sees it, how long.

    It is generated from the schema of this release and needs no database. The output is Markdown.
    """
    texts, place = read_annex(), 0 if language == "de" else 1
    left_out = columns_about_staff() - {column for one in texts["field"] for column in one["columns"]}
    if left_out:
        raise EarshotError(f"The annex says nothing about {', '.join(sorted(left_out))}. Do not sign it.")
    if json_:
        as_json([_row(one, place) for one in (*texts["field"], *texts["beyond"])])
        return
    click.echo(f"# {texts['title'][place]}\n\nEarshot {__version__}\n\n{texts['preamble'][place]}\n")
    heads = texts["heads"][place]
    _line(heads)
    _line(["---"] * len(heads))
    for one in (*texts["field"], *texts["beyond"]):
        _line(list(_row(one, place).values()))
    click.echo(f"\n{texts['closing'][place]}")


def read_annex() -> dict[str, Any]:
    """The texts of ``annex.toml`` beside this file."""
    return tomllib.loads(resources.files("bot.cli").joinpath("annex.toml").read_text("utf-8"))


def columns_about_staff() -> frozenset[str]:
    """The columns about staff in the schema of this release, read from an empty database that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "schema.db"
        migrate(place)
        store = Store(place)
        try:
            return staff.columns(store)
        finally:
            store.close()


def _row(one: dict[str, Any], place: int) -> dict[str, str]:
    field = ", ".join(f"`{column}`" for column in one["columns"]) if "columns" in one else str(one["what"][place])
    return {"field": field, **{name: str(one[name][place]) for name in _CELLS}}


def _line(cells: Sequence[str]) -> None:
    click.echo(f"| {' | '.join(cells)} |")
