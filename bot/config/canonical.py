"""The canonical JSON of a configuration: what a row of ``config_versions`` keeps, and its id. Pure."""

import hashlib
import json

from pydantic import ValidationError

from bot.config.models import ConfigSet
from bot.errors import ConfigError, Problem


def to_json(config: ConfigSet) -> str:
    """The canonical JSON of ``config``: sorted keys, no spaces. Equal sets give equal texts."""
    return json.dumps(config.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(text: str) -> ConfigSet:
    """The set that ``to_json`` wrote.

    Raises:
        ConfigError: ``text`` was written by another version of Earshot, or damaged.
    """
    try:
        return ConfigSet.model_validate_json(text)
    except ValidationError as error:
        count = error.error_count()
        sentence = (
            f"The stored configuration does not fit this version in {count} places. Start the worker to renew it."
        )
        raise ConfigError([Problem("config_version", 1, 1, sentence)]) from None


def version_of(text: str) -> str:
    """The id of a canonical JSON: its SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
