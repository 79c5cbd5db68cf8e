"""A folder with a Hugging Face sequence classifier, looked at before anything of it is loaded.

Owns what such a folder must hold and must not hold. It loads no weights and runs nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import EarshotError

RUNS_CODE = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".h5", ".py", ".so", ".dll"})
"""Endings of files that are programs, or that run one when they are read."""
WEIGHTS = (("onnx", "model.onnx"), ("torch", "model.safetensors"))
"""Runtime and the file that it reads; the first file that is there decides."""
MAX_JSON = 50_000_000
"""Bytes of a tokenizer or a configuration. The largest tokenizers in use are about 17 MB."""
_OFFSET_TYPES = frozenset({"roberta", "xlm-roberta", "camembert", "longformer"})
"""Models that count positions from the padding token on, so that two places of the table are no places for words."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder promises. ``labels`` in the order of the model's outputs; ``max_tokens`` 0 means no limit known."""

    path: Path
    runtime: str
    weights: str
    labels: tuple[str, ...]
    multi_label: bool
    pad_id: int
    max_tokens: int

    def fingerprint(self, *also: str) -> str:
        """Twelve hex digits that change when weights, tokenizer, configuration or ``also`` do.

        Raises:
            EarshotError: a file cannot be read.
        """
        digest = hashlib.sha256("\n".join(also).encode())
        extra = sorted(path.name for path in self.path.glob(f"{self.weights}?*"))
        try:
            for name in (self.weights, *extra, "config.json", "tokenizer.json"):
                with (self.path / name).open("rb") as file:
                    while chunk := file.read(_CHUNK):
                        digest.update(chunk)
        except OSError as error:
            raise EarshotError(f"A file of {self.path} cannot be read: {error.strerror}.") from None
        return digest.hexdigest()[:12]


def read_folder(path: Path) -> Folder:
    """What stands in ``path``.

    Raises:
        EarshotError: something is missing, or could run code; says what and what to do.
    """
    if not path.is_dir():
        raise EarshotError(f"There is no folder {path}.")
    unsafe = sorted(each.name for each in path.rglob("*") if each.suffix.lower() in RUNS_CODE)
    if unsafe:
        raise EarshotError(
            f"{path} holds {unsafe[0]}: such a file can run code. Remove it; only ONNX and safetensors are read."
        )
    config = _read_json(path, "config.json")
    if "auto_map" in config:
        raise EarshotError(f"{path}/config.json asks for code of its own (auto_map). Such models are refused.")
    _read_json(path, "tokenizer.json")
    runtime, weights = _weights(path)
    return Folder(
        path=path.resolve(),
        runtime=runtime,
        weights=weights,
        labels=_labels(path, config),
        multi_label=config.get("problem_type") == "multi_label_classification",
        pad_id=_number(config, "pad_token_id"),
        max_tokens=_max_tokens(config),
    )


def check_labels(folder: Folder, wanted: Mapping[str, str]) -> None:
    """Every label of the model has a meaning, and nothing else has.

    Raises:
        EarshotError: names a label that is missing on one side.
    """
    unknown = [label for label in wanted if label not in folder.labels]
    if unknown:
        known = ", ".join(folder.labels)
        raise EarshotError(f"The model has no label '{unknown[0]}'. Its config.json names: {known}.")
    unmapped = [label for label in folder.labels if label not in wanted]
    if unmapped:
        raise EarshotError(f"The model's label '{unmapped[0]}' has no meaning yet. Add it to 'labels'.")


def _weights(path: Path) -> tuple[str, str]:
    for runtime, name in WEIGHTS:
        if (path / name).is_file():
            return runtime, name
    raise EarshotError(f"{path} holds neither model.onnx nor model.safetensors. Export the model to one of them.")


def _read_json(path: Path, name: str) -> Mapping[str, Any]:
    file = path / name
    try:
        if file.stat().st_size > MAX_JSON:
            raise EarshotError(f"{file} is too large for what it should be.")
        read = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise EarshotError(f"{path} holds no {name}. Save the model with its tokenizer once more.") from None
    except OSError as error:
        raise EarshotError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise EarshotError(f"{file} is not JSON.") from None
    if not isinstance(read, dict):
        raise EarshotError(f"{file} does not hold a JSON object.")
    return read


def _labels(path: Path, config: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of ``id2label`` in the order of their numbers, which must be 0, 1, 2 ..."""
    named = config.get("id2label")
    places = [str(place) for place in range(len(named))] if isinstance(named, dict) else []
    if not isinstance(named, dict) or not named or set(named) != set(places):
        raise EarshotError(f"{path}/config.json names no labels: id2label must number them 0, 1, 2 and so on.")
    labels = tuple(str(named[place]) for place in places)
    if len(set(labels)) < len(labels):
        raise EarshotError(f"{path}/config.json gives one label to two outputs.")
    if len(labels) == 1 and config.get("problem_type") != "multi_label_classification":
        raise EarshotError(f"{path}/config.json names one label only: that is a measure, not a classifier.")
    return labels


def _number(config: Mapping[str, Any], key: str) -> int:
    value = config.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _max_tokens(config: Mapping[str, Any]) -> int:
    places = _number(config, "max_position_embeddings")
    if config.get("model_type") in _OFFSET_TYPES:
        places -= _number(config, "pad_token_id") + 1
    return max(0, places)
