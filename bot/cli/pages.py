"""pages: the public pages as files for the brand's own website."""

from pathlib import Path

import click

from bot.cli.common import wired
from bot.desk.app import create_app
from bot.desk.public import files
from bot.errors import EarshotError

_TOLD = {
    "operator": "who operates the account",
    "imprint": "the imprint",
    "responsible_editor": "who answers for the content",
    "privacy_notice": "the privacy notice",
    "privacy_contact": "whom to ask about personal data",
}
"""Lines under ``legal`` that the pages print, and what a reader misses without them."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def pages(folder: Path) -> None:
    """Write "How this account works" and "Check the record" for the brand's own website.

    FOLDER gets both pages in German and English as plain HTML with one stylesheet, made from the configuration in
    force, the figures of each month and the public key. Write them again when any of these change.
    """
    wiring = wired()
    if not wiring.database.exists():
        raise EarshotError(f"There is no database at {wiring.database}. See EARSHOT_DATA_DIR, or run: earshot init")
    app = create_app(stores=wiring.stores, keys=wiring.keys, clock=wiring.clock, ruleset=wiring.ruleset)
    written = files(app)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in written.items():
        (folder / name).write_text(text, "utf-8")
    click.echo(f"Wrote {', '.join(sorted(written))} into {folder}/.")
    legal = wiring.house(wiring.stores()).brand.legal
    lacking = [f"legal.{line} ({what})" for line, what in _TOLD.items() if not getattr(legal, line)]
    if lacking:
        click.echo(f"brand.yaml lacks {', '.join(lacking)}; the pages leave it out.", err=True)
