"""YAML text -> nodes that know where they stand. Nothing is guessed: every scalar stays text, as written.

Owns the syntax side of the configuration: duplicate keys, tags, anchors, empty values, depth and broken
YAML are found here, each as a ``Problem`` with a plain sentence. It must not know what a key means, and
it never quotes more of a file than one short key.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import cast

import yaml

from bot.config.nodes import Leaf, Listing, Node, Place, Table, shown
from bot.errors import Problem

MAX_DEPTH = 12
"""Nesting levels. The deepest valid file has six (platforms.yaml: sources, source, map)."""


class _Stop(Exception):
    """Reading this file cannot go on; carries the reason."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__()


@lru_cache(maxsize=64)
def read_nodes(text: str, file: str) -> tuple[tuple[Node, ...], tuple[Problem, ...]]:
    """One node per YAML document of ``text``, and every fault of its syntax. Nodes are shared: nobody changes one.

    The files of a folder are read together, and mostly one of them is new: the others are not taken apart again.

    When there are faults the nodes may be incomplete; use them only if there are none.
    """
    problems: list[Problem] = []
    reader = _Reader(text, file, problems)
    try:
        nodes = tuple(reader.documents())
    except _Stop as stop:
        return (), (*problems, stop.problem)
    if not nodes and not problems:
        problems.append(Problem(file, 1, 1, "The file is empty. Fill it; 'earshot init' writes an example."))
    return nodes, tuple(problems)


def _start(event: yaml.Event) -> yaml.error.Mark:
    return cast("yaml.error.Mark", event.start_mark)


def _end(event: yaml.Event) -> int:
    return cast("yaml.error.Mark", event.end_mark).index


class _Reader:
    """Builds nodes from PyYAML's events, one pass, without its constructors."""

    def __init__(self, text: str, file: str, problems: list[Problem]) -> None:
        self.text = text
        self.file = file
        self.problems = problems
        self.events = self._events()

    def documents(self) -> Iterator[Node]:
        """The nodes of the file, one per non-empty document."""
        for event in self.events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            first = next(self.events)
            if not (isinstance(first, yaml.ScalarEvent) and not first.value and first.style is None):
                yield self._node(first, 0)

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self.text, Loader=yaml.BaseLoader)
        except yaml.MarkedYAMLError as error:
            raise _Stop(self._syntax(error)) from None
        except yaml.reader.ReaderError as error:
            before = self.text[: int(error.position)]
            place = Place(self.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
            raise _Stop(place.problem("An invisible control character stands here. Delete it.")) from None

    def _syntax(self, error: yaml.MarkedYAMLError) -> Problem:
        mark = error.problem_mark or error.context_mark
        if mark is None:
            return Problem(self.file, 1, 1, _UNREADABLE)
        if self.text[mark.index : mark.index + 1] == "\t":
            return self._place(mark).problem("A tab stands here. Use spaces instead, two for each step of indentation.")
        about = f"{error.context} {error.problem}"
        for part, sentence, at_context in _SYNTAX:
            if part in about:
                return self._place((at_context and error.context_mark) or mark).problem(sentence)
        return self._place(mark).problem(_UNREADABLE)

    def _place(self, mark: yaml.error.Mark) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        place = self._place(_start(event))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Stop(place.problem(_ANCHOR))
        if getattr(event, "tag", None):
            raise _Stop(place.problem("Tags (!) are not read. Remove the tag, or put the text in quotes."))
        if depth > MAX_DEPTH:
            raise _Stop(place.problem("The nesting is too deep here. Nothing in this file needs so many levels."))
        if isinstance(event, yaml.ScalarEvent):
            return self._leaf(event, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._listing(event, place, depth)
        return self._table(cast("yaml.MappingStartEvent", event), place, depth)

    def _leaf(self, event: yaml.ScalarEvent, place: Place) -> Leaf:
        if not event.value and event.style is None:
            self.problems.append(place.problem(_NO_VALUE))
        if any("\ud800" <= letter <= "\udfff" for letter in event.value):
            self.problems.append(place.problem(_HALF))
        return Leaf(place, _start(event).index, _end(event), event.value)

    def _listing(self, event: yaml.SequenceStartEvent, place: Place, depth: int) -> Listing:
        nodes: list[Node] = []
        for inner in self.events:
            if isinstance(inner, yaml.SequenceEndEvent):
                end = _end(inner) if event.flow_style or not nodes else nodes[-1].end
                return Listing(place, _start(event).index, end, tuple(nodes))
            nodes.append(self._node(inner, depth + 1))
        raise _Stop(place.problem(_UNREADABLE))

    def _table(self, event: yaml.MappingStartEvent, place: Place, depth: int) -> Table:
        nodes: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        for inner in self.events:
            if isinstance(inner, yaml.MappingEndEvent):
                last = next(reversed(nodes.values()), None)
                end = _end(inner) if event.flow_style or last is None else last.end
                return Table(place, _start(event).index, end, nodes, keys)
            key_place = self._place(_start(inner))
            key = self._node(inner, depth + 1)
            value = self._node(next(self.events), depth + 1)
            if not isinstance(key, Leaf):
                raise _Stop(key_place.problem(_KEY))
            if key.text in nodes:
                first = keys[key.text].line
                self.problems.append(
                    key_place.problem(f"{shown(key.text)} stands here a second time, first in line {first}. Keep one.")
                )
                continue
            nodes[key.text], keys[key.text] = value, key_place
        raise _Stop(place.problem(_UNREADABLE))


_NO_VALUE = "A value is missing here. Write one, or delete the line. A text that begins with # needs quotes."
_ANCHOR = "Anchors (&) and aliases (*) are not read. Write the value out, or put the text in quotes."
_HALF = "An escape in this text is half a character. Write the character itself."
_KEY = "A key must be one word, not a list. Put a text in brackets in quotes."
_UNREADABLE = "This cannot be read as YAML. Check the indentation, the colons and the quotes of this line."

_SYNTAX: tuple[tuple[str, str, bool], ...] = (
    ("mapping values are not allowed", "A colon stands where none may stand. Put the whole text in quotes.", False),
    ("quoted scalar found unexpected end", "This quotation mark is never closed.", True),
    ("quoted scalar", "This quoted text has a backslash that means nothing. Double it, or use 'single quotes'.", False),
    ("flow sequence", "This list is not closed, or a comma is missing in it.", True),
    ("flow mapping", "This {…} is not closed, or a comma is missing. Put a text with braces in quotes.", True),
    ("flow node", "A value is missing before this place, or a bracket above it is not closed.", False),
    ("could not find expected ':'", "A colon is missing after this key, or a line lost its indentation.", True),
    ("found character", "A text may not begin with this character. Put the whole text in quotes.", False),
    ("while scanning an a", "A text may not begin with * or &. Put the whole text in quotes.", False),
    ("scanning a directive", "A text may not begin with %. Put the whole text in quotes.", True),
    ("block", "This line does not fit the lines above it. Check its indentation and its quotes.", False),
    ("expected '<document start>'", "Something stands after the end of the values. Check the indentation.", False),
)
"""Part of PyYAML's message, our sentence, and whether the beginning of the construct is the better place."""
