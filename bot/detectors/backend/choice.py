"""Which model speaks for which head, as the operator wrote it down. Reads one TOML file and no model."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import EarshotError

HEADS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "threat": ("none", "threat", "legal"),
        "crisis": ("none", "crisis"),
        "abuse": ("none", "abuse", "quoted", "profanity"),
        "hate": ("none", "hate"),
        "scam": ("none", "scam", "impostor_report"),
        "sentiment": ("neutral", "negative", "positive"),
    }
)
"""The heads that a model may speak for, with the labels that it may give. The first one means: nothing found."""


class Choice(BaseModel):
    """One model for one head. ``labels`` says which label of the head each label of the model means."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    folder: Path
    labels: Annotated[dict[str, str], Field(min_length=1)]
    device: Literal["cpu", "gpu"] = "cpu"
    batch: Annotated[int, Field(ge=1, le=64)] = 16
    timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 10
    max_tokens: Annotated[int, Field(ge=8, le=512)] = 256


def read_choices(file: Path) -> dict[str, Choice]:
    """The choice for each head named in ``file``; relative folders count from the file's own.

    Raises:
        EarshotError: the file cannot be used; one sentence a line, each names the head and the key.
    """
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise EarshotError(f"{file.name} cannot be read: {error.strerror}. EARSHOT_MODELS names it.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise EarshotError(f"{file.name} is not TOML: {error}.") from None
    faults: list[str] = []
    choices = {head: _choice(head, table, file, faults) for head, table in tables.items()}
    if faults:
        raise EarshotError("\n".join(f"{file.name}: {fault}" for fault in faults))
    return {head: choice for head, choice in choices.items() if choice is not None}


def _choice(head: str, table: object, file: Path, faults: list[str]) -> Choice | None:
    if head not in HEADS:
        faults.append(f"[{head}] is not a head that a model can speak for. Known heads: {', '.join(HEADS)}.")
        return None
    try:
        choice = Choice.model_validate(table)
    except ValidationError as error:
        faults += [_sentence(head, fault) for fault in error.errors(include_url=False, include_input=False)]
        return None
    for theirs, ours in choice.labels.items():
        if ours not in HEADS[head]:
            known = ", ".join(HEADS[head])
            faults.append(f"[{head}] labels: '{theirs}' cannot mean '{ours}'. Labels of this head: {known}.")
    return choice.model_copy(update={"folder": file.parent / choice.folder})


def _sentence(head: str, fault: ErrorDetails) -> str:
    key = ".".join(str(step) for step in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"[{head}] {key} is not a key. Known keys: {', '.join(Choice.model_fields)}."
    if fault["type"] == "missing":
        return f"[{head}] {key} is missing."
    return f"[{head}] {key}: {fault['msg']}.".replace(" :", ":")
