"""The checks behind test_house.py: each takes modules or files and returns plain sentences, none when all is well."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import import_table as table

MAX_FILE = 400
MAX_FUNCTION = 60
MAX_BROAD = 5
MAX_LINE = 1_000
BROAD_EDGE = frozenset({"worker", "cli", "desk.app", "assess", "demo"})
BANNED_WORDS = frozenset({"item", "items", "misc", "payload", "process"})
BANNED_STARTS = ("process_", "handle_")
BANNED_ENDS = ("helper", "helpers", "manager", "managers", "util", "utils")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One parsed file. ``name`` is its dotted name below bot: "store.db"; of a package the package's."""

    name: str
    source: str
    package: bool = False

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]


House = Mapping[str, Module]


def read_house(root: Path) -> House:
    """Every Python file below ``root`` by its dotted name."""
    house = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if package else parts)
        house[name] = Module(name, path.read_text("utf-8"), package)
    return house


def house_of(**sources: str) -> House:
    """A house of snippets for tests: ``store__db="import time"`` is the module store.db."""
    names = {name: name.replace("__", ".") for name in sources}
    return {names[name]: Module(names[name], source) for name, source in sources.items()}


def within(name: str, places: Iterable[str]) -> bool:
    """Whether a dotted name is one of ``places`` or lies below one; "" holds everything."""
    return any(place in {"", name} or name.startswith(f"{place}.") for place in places)


# imports ------------------------------------------------------------------------------------------


def imports(module: Module) -> Iterator[tuple[str, int]]:
    """Full dotted names that a module imports, wherever in the file, with the line."""
    for found in ast.walk(module.tree):
        if isinstance(found, ast.Import):
            yield from ((alias.name, found.lineno) for alias in found.names)
        elif isinstance(found, ast.ImportFrom):
            base = _base(module, found)
            yield from ((f"{base}.{alias.name}", found.lineno) for alias in found.names)
        elif isinstance(found, ast.Call) and _called(found) in {"import_module", "__import__"}:
            name = found.args[0] if found.args else None
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, found.lineno


def _base(module: Module, found: ast.ImportFrom) -> str:
    if not found.level:
        return found.module or ""
    parts = ["bot", *module.name.split(".")]
    kept = parts[: len(parts) - found.level + module.package]
    return ".".join([*kept, *filter(None, [found.module])])


def inner_imports(house: House, module: Module) -> Iterator[tuple[str, int]]:
    """Modules of the house that a module imports: "store.db" for "from bot.store.db import Store"."""
    for full, line in imports(module):
        if full != "bot" and not full.startswith("bot."):
            continue
        name = full.removeprefix("bot").removeprefix(".")
        while name and name not in house:
            name = name.rpartition(".")[0]
        yield name, line


def outer_imports(module: Module) -> Iterator[tuple[str, int]]:
    """What a module imports from outside of the house."""
    return ((full, line) for full, line in imports(module) if full.partition(".")[0] != "bot")


def unknown_rooms(house: House) -> list[str]:
    """Rooms without a row in the import table."""
    rooms = {module.room for module in house.values()} - {"", "__main__"}
    return [f"bot/{room} has no row in the import table." for room in sorted(rooms - table.ROOMS.keys())]


def forbidden_imports(house: House) -> list[str]:
    """Imports of the house's own modules that the table does not allow."""
    return [
        f"bot.{module.name}:{line} must not import bot.{name}."
        for module in house.values()
        for name, line in inner_imports(house, module)
        if name and not within(name, _allowed(module))
    ]


def _allowed(module: Module) -> frozenset[str]:
    besides = table.BESIDES.get(module.name, frozenset())
    return table.ROOMS.get(module.room, frozenset()) | besides | {module.room}


def forbidden_libraries(house: House) -> list[str]:
    """Libraries outside of their door, and others than the standard library where only that is allowed."""
    found = []
    for module in house.values():
        for full, line in outer_imports(module):
            doors = [rooms for library, rooms in table.LIBRARY_DOORS.items() if within(full, [library])]
            plain = full.partition(".")[0] in sys.stdlib_module_names
            outside = any(not within(module.name, rooms) for rooms in doors)
            if outside or (module.room in table.STANDARD_LIBRARY_ONLY and not plain):
                found.append(f"bot.{module.name}:{line} must not import {full}.")
    return found


def impurities(house: House) -> list[str]:
    """Input, output and clocks in rooms that must be pure."""
    found = []
    for module in house.values():
        if not within(module.name, table.PURE) or within(module.name, table.IMPURE_INSIDE):
            continue
        found += [
            f"bot.{module.name}:{line} is pure and must not import {full}."
            for full, line in outer_imports(module)
            if within(full, table.IMPURE_LIBRARIES) and full not in table.PURE_PARTS
        ]
        found += [
            f"bot.{module.name}:{call.lineno} is pure and must not call {_called(call)}()."
            for call in _calls(module)
            if _called(call) in table.IMPURE_CALLS
        ]
    return found


def wiring_elsewhere(house: House) -> list[str]:
    """Imports of the composition root from inside the house."""
    return [
        f"bot.{module.name}:{line} must not import the composition root."
        for module in house.values()
        for name, line in inner_imports(house, module)
        if within(name, ["wiring"]) and not within(module.name, table.WIRING_DOORS | {"wiring"})
    ]


def cycles(house: House) -> list[str]:
    """Groups of modules that import each other, imports inside functions and of packages counted."""
    edges = {name: _edges(house, module) for name, module in house.items()}
    reach = {name: _reachable(name, edges) for name in house}
    rings = {frozenset(other for other in reach[name] if name in reach[other]) for name in house if name in reach[name]}
    return [f"These modules import each other: {', '.join(sorted(ring))}." for ring in sorted(rings, key=sorted)]


def _edges(house: House, module: Module) -> set[str]:
    """Imported modules, and the packages whose __init__ runs with them; not the module's own packages."""
    found = set()
    for name, _ in inner_imports(house, module):
        parts = name.split(".")
        runs = {".".join(parts[: count + 1]) for count in range(len(parts))}
        found |= {package for package in runs if package in house and not within(module.name, [package])}
        found |= {name} & house.keys()
    return found - {module.name, ""}


def _reachable(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = edges[waiting.pop()] - seen
        seen |= fresh
        waiting += fresh
    return seen


# single doors -------------------------------------------------------------------------------------


def _calls(module: Module) -> Iterator[ast.Call]:
    return (found for found in ast.walk(module.tree) if isinstance(found, ast.Call))


def _called(call: ast.Call) -> str:
    """The last name of what is called: "publish" for ``a.b.publish()``."""
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def calls_outside(house: House, name: str, doors: Iterable[str], *, method: bool = False) -> list[str]:
    """Calls of ``name`` outside of the modules whose dotted name starts with one of ``doors``."""
    return [
        f"bot.{module.name}:{call.lineno} must not call {name}()."
        for module in house.values()
        for call in _calls(module)
        if _called(call) == name and (not method or isinstance(call.func, ast.Attribute))
        if not module.name.startswith(tuple(doors))
    ]


def renamed_imports(house: House, name: str) -> list[str]:
    """Imports of ``name`` under another name, which would hide its calls."""
    return [
        f"bot.{module.name}:{found.lineno} hides {name} behind another name."
        for module in house.values()
        for found in ast.walk(module.tree)
        if isinstance(found, ast.ImportFrom)
        if any(alias.name == name and alias.asname not in {None, name} for alias in found.names)
    ]


# measured habits ----------------------------------------------------------------------------------


def code_lines(source: str, first: int = 1, last: int | None = None) -> int:
    """Lines that are neither blank nor only a comment, from line ``first`` to ``last``."""
    lines = source.splitlines()[first - 1 : last]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


def long_files(sources: Mapping[str, str]) -> list[str]:
    """Files above the limit."""
    counts = {name: code_lines(source) for name, source in sources.items()}
    return [f"{name} has {count} lines; {MAX_FILE} is the limit." for name, count in counts.items() if count > MAX_FILE]


def _functions(module: Module) -> Iterator[Function]:
    return (found for found in ast.walk(module.tree) if isinstance(found, Function))


def long_functions(house: House) -> list[str]:
    """Functions above the limit, docstring included."""
    return [
        f"bot.{module.name}:{found.lineno} {found.name} is longer than {MAX_FUNCTION} lines."
        for module in house.values()
        for found in _functions(module)
        if code_lines(module.source, found.lineno, found.end_lineno) > MAX_FUNCTION
    ]


def _broad(handler: ast.ExceptHandler) -> bool:
    """Whether a handler swallows everything; one that ends in a bare raise swallows nothing."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    return any(isinstance(n, ast.Name) and n.id in {"Exception", "BaseException"} for n in ast.walk(handler.type))


def broad_handlers(house: House) -> list[str]:
    """Where everything is caught, as "module:line"."""
    return [
        f"{module.name}:{found.lineno}"
        for module in house.values()
        for found in ast.walk(module.tree)
        if isinstance(found, ast.ExceptHandler) and _broad(found)
    ]


def misplaced_broad_handlers(house: House) -> list[str]:
    """Broad handlers away from the edge, and all of them when there are too many."""
    places = broad_handlers(house)
    away = [place for place in places if not within(place.partition(":")[0], BROAD_EDGE)]
    return places if len(places) > MAX_BROAD else away


def unfit_names(house: House) -> list[str]:
    """Modules, classes and functions named after no noun or verb of the field."""
    found = []
    for module in house.values():
        names = [*module.name.split(".")]
        defined = (n for n in ast.walk(module.tree) if isinstance(n, ast.ClassDef | Function))
        names += [definition.name for definition in defined]
        found += [f"bot.{module.name}: {name} says nothing of the field." for name in names if _unfit(name)]
    return found


def _unfit(name: str) -> bool:
    if name in table.FOREIGN_NAMES:
        return False
    word = name.strip("_").lower()
    return word.startswith(BANNED_STARTS) or word.endswith(BANNED_ENDS) or word.rpartition("_")[2] in BANNED_WORDS


# files --------------------------------------------------------------------------------------------

IGNORED = frozenset({".git", ".venv", "__pycache__", "node_modules", ".hypothesis"})
IGNORED_AT_THE_TOP = frozenset({"data", "dist", "build"})


def read_files(root: Path) -> dict[str, bytes]:
    """Every file of the checkout, without the folders that .gitignore names."""
    places = ((path, path.relative_to(root).parts[:-1]) for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path, folders in places if not _ignored(folders)}


def _ignored(folders: tuple[str, ...]) -> bool:
    made = any(part in IGNORED or part.endswith(("_cache", ".egg-info")) for part in folders)
    return made or bool(IGNORED_AT_THE_TOP.intersection(folders[:1]))


def forbidden_words(files: Mapping[str, bytes], words: Iterable[str]) -> list[str]:
    """Files that name a host or a path of somebody's machine."""
    encoded = [word.encode() for word in words]
    return [f"{name} holds {word.decode()}" for name, body in files.items() for word in encoded if word in body]


def minified(files: Mapping[str, bytes]) -> list[str]:
    """Scripts, styles and pages that no person can read."""
    readable = {name: body for name, body in files.items() if name.endswith((".js", ".css", ".html", ".svg"))}
    return [
        f"{name} is minified."
        for name, body in readable.items()
        if ".min." in name or any(len(line) > MAX_LINE for line in body.splitlines())
    ]
