"""What the tests of the watches share: short ways to write a watch down."""

from collections.abc import Callable, Sequence

import pytest

from bot.config.models import TermRow, WatchModel
from bot.watch.compile import Matcher


def _rows(terms: Sequence[str], first_line: int = 1) -> tuple[TermRow, ...]:
    return tuple(TermRow(text=term, file="watches/net.yaml", line=line) for line, term in enumerate(terms, first_line))


def _watch(*terms: str, watch: str = "net", all_of: Sequence[Sequence[str]] = (), none: Sequence[str] = (), **limits):
    groups = tuple(_rows(group, 20 + 10 * number) for number, group in enumerate(all_of))
    return WatchModel(watch=watch, any=_rows(terms), all=groups, none=_rows(none, 90), **limits)


@pytest.fixture(scope="session")
def watch() -> Callable[..., WatchModel]:
    """``watch("term", ..., all_of=[[...]], none=[...], watch="name", languages=(...), platforms=(...))``."""
    return _watch


@pytest.fixture(scope="session")
def words_hit() -> Callable[..., list[str]]:
    """The slices of the text that a watch with these ``any`` terms hits, in order."""

    def hit(text: str, *terms: str) -> list[str]:
        matches = Matcher([_watch(*terms)], "v1").match(text)
        return [text[slice(*match.span)] for match in matches]

    return hit
