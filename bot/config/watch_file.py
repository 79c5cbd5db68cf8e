"""A watch as people write it -> a ``WatchModel`` whose terms know their lines. Pure."""

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from bot.config.models import Name, TermRow, WatchHead, WatchModel
from bot.config.nodes import Leaf, Listing, Node, Table, plain
from bot.config.sentences import problems_of
from bot.errors import Problem
from bot.watch.terms import TermError, parse_term

NOT = "~"
"""A term that begins with this stops its watch."""


def _group(written: object) -> object:
    return (written,) if isinstance(written, str) else written


Group = Annotated[tuple[Name, ...], BeforeValidator(_group), Field(min_length=1)]


class WrittenWatch(WatchHead):
    """A watch as it stands in the file: terms are texts, and a group of one term needs no brackets."""

    any: tuple[Name, ...] = ()
    all: tuple[Group, ...] = ()
    none: tuple[Name, ...] = ()


def read_watch(node: Node) -> tuple[WatchModel | None, list[Problem]]:
    """The watch that ``node`` writes, and every fault in it. There is a watch only if there is no fault."""
    try:
        written = WrittenWatch.model_validate(plain(node))
    except ValidationError as error:
        return None, problems_of(error, WrittenWatch, node)
    leaves = node.nodes if isinstance(node, Table) else {}
    any_of, none_of, all_of = (_leaves(leaves.get(key)) for key in ("any", "none", "all"))
    groups = tuple(_leaves(group) for group in _nodes(leaves.get("all")))
    problems = [problem for leaf in (*any_of, *none_of, *all_of) for problem in _faults(leaf, under_any=leaf in any_of)]
    stops = tuple(leaf for leaf in any_of if leaf.text.startswith(NOT))
    hears = tuple(leaf for leaf in any_of if leaf not in stops)
    if not hears and not groups:
        problems.append(node.place.problem("This watch has no term that hears anything. Add one under 'any' or 'all'."))
    if problems:
        return None, problems
    head = written.model_dump(include=set(WatchHead.model_fields))
    return WatchModel(**head, any=_rows(hears), all=tuple(map(_rows, groups)), none=_rows((*stops, *none_of))), []


def _nodes(node: Node | None) -> tuple[Node, ...]:
    return node.nodes if isinstance(node, Listing) else ()


def _leaves(node: Node | None) -> tuple[Leaf, ...]:
    if isinstance(node, Leaf):
        return (node,)
    return tuple(leaf for inner in _nodes(node) for leaf in _leaves(inner))


def _faults(leaf: Leaf, *, under_any: bool) -> list[Problem]:
    if leaf.text.startswith(NOT) and not under_any:
        return [leaf.place.problem("A term with ~ stands under 'any'. Move it there, or remove the ~.")]
    try:
        parse_term(_term(leaf))
    except TermError as error:
        return [leaf.place.problem(str(error))]
    return []


def _term(leaf: Leaf) -> str:
    return leaf.text.removeprefix(NOT).strip()


def _rows(leaves: tuple[Leaf, ...]) -> tuple[TermRow, ...]:
    return tuple(TermRow(text=_term(leaf), file=leaf.place.file, line=leaf.place.line) for leaf in leaves)
