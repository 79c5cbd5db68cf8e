"""A watch as people write it -> a ``WatchModel`` whose terms know their lines. Pure."""

from collections.abc import Mapping
from itertools import chain
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from bot.config.bases import Name
from bot.config.models import Example, TermRow, WatchHead, WatchModel
from bot.config.nodes import Leaf, Listing, Node, Table, plain
from bot.config.sentences import problems_of
from bot.errors import Problem
from bot.watch.terms import TermError, parse_term

NOT = "~"
"""A term that begins with this stops its watch."""


def _group(written: object) -> object:
    return (written,) if isinstance(written, str) else written


Group = Annotated[tuple[Name, ...], BeforeValidator(_group), Field(min_length=1)]
Examples = Annotated[tuple[Example, ...], Field(max_length=200)]
_LEAST_EXAMPLES = 3
"""Fewer than three teach nothing; more than two hundred are a corpus, which belongs somewhere else."""


class WrittenWatch(WatchHead):
    """A watch as it stands in the file: terms are texts, and a group of one term needs no brackets."""

    any: tuple[Name, ...] = ()
    all: tuple[Group, ...] = ()
    none: tuple[Name, ...] = ()
    about: Examples = ()
    not_about: Examples = ()


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
    problems += _example_faults({key: leaves[key] for key in ("about", "not_about") if key in leaves})
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


def _example_faults(lists: Mapping[str, Node]) -> list[Problem]:
    """Relevance is learnt from the difference of two lists, so there must be two, long enough, with nothing in both."""
    if len(lists) == 1:
        [(given, node)] = lists.items()
        missing = "about" if given == "not_about" else "not_about"
        return [node.place.problem(f"'{given}' needs '{missing}' beside it. Write both lists, or neither.")]
    short = f"This list is too short. It needs at least {_LEAST_EXAMPLES}."
    problems = [node.place.problem(short) for node in lists.values() if len(_leaves(node)) < _LEAST_EXAMPLES]
    seen: set[str] = set()
    for leaf in chain.from_iterable(map(_leaves, lists.values())):
        wording = _wording(leaf)
        if not wording:
            problems.append(leaf.place.problem("This sentence has no word to learn from. Write a post as people do."))
        elif wording in seen:
            problems.append(leaf.place.problem("This sentence stands above already. Remove it in one place."))
        seen.add(wording)
    return problems


def _wording(leaf: Leaf) -> str:
    """The letters and digits of an example: what is left to learn from, and to tell it from others."""
    return "".join(letter for letter in leaf.text.casefold() if letter.isalnum())


def _term(leaf: Leaf) -> str:
    return leaf.text.removeprefix(NOT).strip()


def _rows(leaves: tuple[Leaf, ...]) -> tuple[TermRow, ...]:
    return tuple(TermRow(text=_term(leaf), file=leaf.place.file, line=leaf.place.line) for leaf in leaves)
