"""What pydantic found -> plain sentences at the places where people wrote the fault. Reads no file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from bot.config.nodes import Leaf, Loc, Node, Place, Table, find, shown
from bot.errors import Problem

_LIKE_ENOUGH = 60
"""Likeness in per cent from which a name is proposed; below it the proposal only confuses."""


def nearest(word: str, names: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` with the name most like ``word``, or nothing."""
    best = process.extractOne(word, sorted(names), scorer=fuzz.ratio, score_cutoff=_LIKE_ENOUGH)
    return f" Did you mean '{best[0]}'?" if best else ""


def listed(names: Sequence[str]) -> str:
    """The names in quotes with commas between them."""
    return ", ".join(f"'{name}'" for name in names)


def problems_of(error: ValidationError, model: type[BaseModel], node: Node) -> list[Problem]:
    """One problem for each fault that ``model`` found in ``node``."""
    return [_problem(fault, model, node) for fault in error.errors(include_url=False)]


def _problem(fault: ErrorDetails, model: type[BaseModel], node: Node) -> Problem:
    loc = fault["loc"]
    at, way = find(node, loc)
    kind = fault["type"]
    if kind == "extra_forbidden":
        return _key_place(node, loc).problem(_unknown_key(str(loc[-1]), model, loc[:-1]))
    if loc and loc[-1] == "[key]":
        key = str(loc[-2])
        ctx = fault.get("ctx", {})
        sentence = _not_allowed(key, ctx) if "expected" in ctx else _PATTERNS["language"]
        return _key_place(node, loc[:-1]).problem(sentence)
    if kind == "missing":
        return at.place.problem(f"Key '{loc[-1]}' is missing here.")
    named = next((str(step) for step in reversed(way) if isinstance(step, str)), "")
    return at.place.problem(_sentence(kind, at, fault.get("ctx", {}), named))


def _key_place(node: Node, loc: Loc) -> Place:
    table, _ = find(node, loc[:-1])
    return table.keys.get(str(loc[-1]), table.place) if isinstance(table, Table) else table.place


def _unknown_key(key: str, model: type[BaseModel], loc: Loc) -> str:
    names = _fields(model, loc)
    hint = nearest(key, names) or f" Known keys here: {listed(sorted(names))}."
    return f"Unknown key {shown(key)}.{hint}" if shown(key) != "This" else f"This key is unknown.{hint}"


def _fields(model: type[BaseModel], loc: Loc) -> list[str]:
    """Names of the keys that are allowed at ``loc``."""
    annotation: Any = model
    for step in loc:
        annotation = _inside(annotation, step)
    annotation = _bare(annotation)
    return list(annotation.model_fields) if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []


def _bare(annotation: Any) -> Any:  # noqa: ANN401 - an annotation may be any object
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _inside(annotation: Any, step: int | str) -> Any:  # noqa: ANN401 - an annotation may be any object
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.model_fields[str(step)].annotation
    return get_args(annotation)[-1 if get_origin(annotation) is dict else 0]


def _not_allowed(word: str, ctx: Mapping[str, Any]) -> str:
    allowed = re.findall(r"'([^']*)'", str(ctx.get("expected", "")))
    return f"{shown(word)} is not allowed here.{nearest(word, allowed)} Allowed: {listed(allowed)}."


def _sentence(kind: str, at: Node, ctx: Mapping[str, Any], key: str) -> str:
    word = at.text if isinstance(at, Leaf) else ""
    if kind in ("enum", "literal_error"):
        return _not_allowed(word, ctx)
    if kind == "value_error":
        return str(ctx["error"])
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(key, _PATTERNS["language"])
    return _SENTENCES.get(kind, "This value is not allowed here.").format(**ctx, word=shown(word))


_PATTERNS: Mapping[str, str] = {
    "watch": "A watch name has lower-case letters, digits and hyphens only, 40 at most.",
    "template": "A template name has lower-case letters, digits and hyphens only, 60 at most.",
    **dict.fromkeys(
        (
            *("token", "client_id", "client_secret", "refresh_token", "bearer", "consumer_key", "consumer_secret"),
            *("access_token", "access_secret", "app_password", "password", "api_key"),
        ),
        "Write the name of the secret here, such as EARSHOT_MASTODON_TOKEN, never the secret itself.",
    ),
    "channels": "Write the name of a secret here, such as EARSHOT_PAGE_ONCALL, never the address itself.",
    "language": "A language is written as two or three lower-case letters, such as de.",
}

_LIST = "A list is expected here, such as [one, two], or one line with a dash for each."
_KEYS = "Keys with values are expected here, one line each: 'key: value'."
_NUMBER = "A whole number is expected here, not {word}."

_SENTENCES: Mapping[str, str] = {
    "string_type": "One text is expected here, not a list or keys.",
    "string_too_short": "This text is empty. Write something, or delete the line.",
    "string_too_long": "This text is too long. At most {max_length} characters are allowed.",
    "tuple_type": _LIST,
    "list_type": _LIST,
    "too_short": "This list is too short. It needs at least {min_length}.",
    "too_long": "This list is too long. At most {max_length} are allowed.",
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "dict_type": _KEYS,
    "dict_attributes_type": _KEYS,
    "int_parsing": _NUMBER,
    "int_type": _NUMBER,
    "int_from_float": _NUMBER,
    "int_parsing_size": "This number is too large.",
    "bool_parsing": "Write true or false here.",
    "bool_type": "Write true or false here.",
    "greater_than_equal": "The number must be at least {ge}.",
    "less_than_equal": "The number must be at most {le}.",
}
