"""A page that cannot be taken is asked for again in smaller pieces, so that a hostile post costs only itself. Pure."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from bot.egress.answers import NOT_JSON, TOO_LARGE
from bot.errors import Transient

_SPOILT: Final = frozenset({TOO_LARGE, NOT_JSON})
"""What the door says of an answer that a single post on the page may have spoilt."""

_SMALLER: Final = 5

Found = TypeVar("Found")


class Spoilt(Transient):
    """Not even the smallest page can be taken: one post in it is too large or too deep, or the platform is unwell."""


def sizes(most: int, least: int = 1) -> list[int]:
    """How many entries to ask for, one after the other, until an answer can be taken."""
    found = [most]
    while found[-1] > least:
        found.append(max(least, found[-1] // _SMALLER))
    return found


def taken(ask: Callable[[int], Found], tries: Sequence[int]) -> tuple[Found, int]:
    """What ``ask`` brings for the first size of ``tries`` whose answer can be taken, and that size.

    Raises:
        Spoilt: there is none.
        PlatformError: whatever else ``ask`` raises.
    """
    told = ""
    for size in tries:
        try:
            return ask(size), size
        except Transient as failure:
            told = str(failure)
            if told not in _SPOILT:
                raise
    raise Spoilt(told)
