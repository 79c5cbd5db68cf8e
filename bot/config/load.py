"""The configuration folder -> one valid ``ConfigSet``, or every fault of every file at once.

It changes no file.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from bot.config.crosscheck import M, Parts, Placed, check_across
from bot.config.files import SINGLE, names_in, read_text, strays
from bot.config.models import Brand, ConfigSet, Platforms, Source, Template, TriageRules
from bot.config.nodes import Listing, Node, find, plain
from bot.config.protection import Protection
from bot.config.roster import Roster
from bot.config.sentences import problems_of
from bot.config.watch_file import read_watch
from bot.config.yaml_marks import read_nodes
from bot.errors import ConfigError, EarshotError, Problem
from bot.registry import reader


def load(folder: Path) -> ConfigSet:
    """Read ``folder``.

    Raises:
        ConfigError: something in it is wrong; holds every fault in reading order.
    """
    try:
        names = list(names_in(folder))
        problems = list(strays(folder))
    except OSError as error:
        place = f"The configuration folder cannot be read: {error.strerror}. 'earshot init' writes a new one."
        raise ConfigError([Problem(folder.name or ".", 1, 1, place)]) from None
    parts = _parts(folder, names, problems)
    problems.extend(check_across(parts))
    if problems or not (parts.brand and parts.platforms and parts.triage):
        raise ConfigError(sorted(dict.fromkeys(problems), key=_reading_order))
    return ConfigSet(
        brand=parts.brand.model,
        platforms=parts.platforms.model,
        triage=parts.triage.model,
        watches=tuple(watch.model for watch in parts.watches),
        templates=tuple(template.model for template in parts.templates),
        protection=parts.protection.model if parts.protection else Protection(),
        roster=parts.roster.model if parts.roster else Roster(),
    )


def _reading_order(problem: Problem) -> tuple[int, str, int, int]:
    rank = SINGLE.index(problem.file) if problem.file in SINGLE else len(SINGLE)
    rank += problem.file.startswith("templates/")
    return rank, problem.file, problem.line, problem.column


def _parts(folder: Path, names: list[str], problems: list[Problem]) -> Parts:
    nodes = {name: list(_nodes(folder, name, problems)) for name in names}
    watches, templates = [], []
    for node in _many(nodes, "watches/"):
        watch, faults = read_watch(node)
        problems.extend(faults)
        if watch:
            watches.append(Placed(watch, node))
    for node in _many(nodes, "templates/"):
        template = _validated(Template, node, problems)
        if template:
            templates.append(template)
    return Parts(
        brand=_single(Brand, nodes["brand.yaml"], problems),
        platforms=_shaped(_single(Platforms, nodes["platforms.yaml"], problems), problems),
        triage=_single(TriageRules, nodes["triage.yaml"], problems),
        watches=watches,
        templates=templates,
        protection=_single(Protection, nodes.get("protection.yaml", []), problems),
        roster=_single(Roster, nodes.get("roster.yaml", []), problems),
    )


def _nodes(folder: Path, name: str, problems: list[Problem]) -> tuple[Node, ...]:
    """The documents of one file; none if it has faults of syntax."""
    text = read_text(folder, name)
    if isinstance(text, Problem):
        problems.append(text)
        return ()
    nodes, faults = read_nodes(text, name)
    problems.extend(faults)
    return () if faults else nodes


def _many(nodes: dict[str, list[Node]], under: str) -> Iterator[Node]:
    """The entries below ``under``: each document is one, or a list of them."""
    for name, documents in nodes.items():
        for node in documents if name.startswith(under) else ():
            yield from node.nodes if isinstance(node, Listing) else (node,)


def _single(model: type[M], nodes: list[Node], problems: list[Problem]) -> Placed[M] | None:
    problems.extend(
        node.place.problem("This file holds one document. Remove the line with --- above.") for node in nodes[1:]
    )
    return _validated(model, nodes[0], problems) if nodes else None


def _shaped(platforms: Placed[Platforms] | None, problems: list[Problem]) -> Placed[Platforms] | None:
    """The same with every source in the shape that its connector has for it."""
    if platforms is None:
        return None
    sources: list[Source] = []
    for index, source in enumerate(platforms.model.sources):
        node, _ = find(platforms.node, ("sources", index))
        try:
            placed = _validated(reader(source.kind).Source, node, problems)
        except EarshotError as missing:
            problems.append(platforms.at("sources", index, "kind").problem(str(missing)))
            continue
        if placed:
            sources.append(placed.model)
    whole = len(sources) == len(platforms.model.sources)
    return replace(platforms, model=platforms.model.model_copy(update={"sources": tuple(sources)})) if whole else None


def _validated(model: type[M], node: Node, problems: list[Problem]) -> Placed[M] | None:
    try:
        return Placed(model.model_validate(plain(node)), node)
    except ValidationError as error:
        problems.extend(problems_of(error, model, node))
        return None
