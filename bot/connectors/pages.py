"""A page that cannot be taken is asked for again in smaller pieces, so that a hostile post costs only itself. Pure."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from bot.egress.answers import NOT_JSON, TOO_LARGE
from bot.errors import Transient

_SPOILT: Final = frozenset({TOO_LARGE, NOT_JSON})
"""What the door says of an answer that a single post on the page may have spoilt."""

_SMALLER: Final = 5

ALONE: Final = 3
"""Entries that cannot be taken, one after the other and before any that can, after which it is the list."""

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


def pieces(ask: Callable[[int, int], Sequence[Found]], begin: int, most: int) -> tuple[list[Found | None], bool]:
    """``most`` entries of a list from place ``begin`` on, in pieces that can be taken, and whether others follow.

    ``ask`` is given a place and a size, of which the place is a multiple, as pages that are counted ask for; ``begin``
    is a multiple of ``most``. ``None`` stands for an entry that spoils even a page of its own.

    Raises:
        Spoilt: none of the first entries can be taken.
        PlatformError: whatever else ``ask`` raises.
    """
    found: list[Found | None] = []
    at = begin
    while at < begin + most:
        try:
            brought, size = taken(partial(ask, at), [size for size in sizes(most) if at % size == 0])
        except Spoilt:
            found.append(None)
            at += 1
            if len(found) == ALONE and all(entry is None for entry in found):
                raise
            continue
        found += brought
        at += size
        if len(brought) < size:
            return found, False
    return found, True
