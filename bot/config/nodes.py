"""Nodes of a configuration file: text, lists and tables that know where they stand. No syntax, no meaning."""

import re
from dataclasses import dataclass

from bot.errors import Problem

_QUOTED = 40
_SECRETIVE = 20
_LIKE_A_SECRET = re.compile(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}|(?=\w*[a-z])(?=\w*[A-Z])\w{16,}|[A-Za-z]{24,}")
"""App passwords of Bluesky, and long runs of letters that are no word of a configuration."""

Loc = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file; ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int

    def problem(self, sentence: str) -> Problem:
        """The fault that ``sentence`` tells, standing at this place."""
        return Problem(self.file, self.line, self.column, sentence)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar, always text. ``start`` and ``end`` are code point offsets in the file's text."""

    place: Place
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of nodes."""

    place: Place
    start: int
    end: int
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with values, in the order of the file. ``keys`` says where each key stands."""

    place: Place
    start: int
    end: int
    nodes: "dict[str, Node]"
    keys: dict[str, Place]


Node = Leaf | Listing | Table


def shown(text: str) -> str:
    """``text`` in quotes if it is a short word; otherwise nothing of it, because it could be a secret."""
    secretive = len(text) >= _SECRETIVE and " " not in text and any(map(str.isdigit, text))
    secretive = secretive or bool(_LIKE_A_SECRET.fullmatch(text))
    if not text or len(text) > _QUOTED or secretive or not text.isprintable():
        return "This"
    return f"'{text}'"


def plain(node: Node) -> object:
    """The node as strings, lists and dicts, without its places."""
    if isinstance(node, Leaf):
        return node.text
    if isinstance(node, Listing):
        return [plain(each) for each in node.nodes]
    return {key: plain(each) for key, each in node.nodes.items()}


def find(node: Node, loc: Loc) -> tuple[Node, Loc]:
    """The deepest node that ``loc`` leads to, and the part of ``loc`` that led there.

    Steps that are not in the file (a missing key, the tag of a union) are skipped.
    """
    way: list[int | str] = []
    for step in loc:
        inner = _step(node, step)
        if inner is not None:
            node = inner
            way.append(step)
    return node, tuple(way)


def _step(node: Node, step: int | str) -> Node | None:
    if isinstance(node, Table) and isinstance(step, str):
        return node.nodes.get(step)
    if isinstance(node, Listing) and isinstance(step, int) and step < len(node.nodes):
        return node.nodes[step]
    return None
