"""What a review needs besides rows: the configuration in force, the rules, the keys."""

from dataclasses import dataclass
from functools import lru_cache

from bot.config.canonical import from_json
from bot.config.models import Brand, ConfigSet
from bot.errors import EarshotError
from bot.gate.ruleset import Ruleset
from bot.keys import Keys
from bot.store import house as rows
from bot.store.db import Reader


@dataclass(frozen=True, slots=True)
class House:
    """The configuration row in force with the rules and keys."""

    config: ConfigSet
    config_id: int
    config_hash: str
    ruleset: Ruleset
    keys: Keys

    @property
    def brand(self) -> Brand:
        """Who we are and how we speak."""
        return self.config.brand


@lru_cache(maxsize=4)
def _parsed(_config_id: int, body: str) -> ConfigSet:
    return from_json(body)


def house_of(reader: Reader, *, ruleset: Ruleset, keys: Keys) -> House:
    """The house as the store knows it now.

    Raises:
        EarshotError: no configuration came into force yet.
    """
    row = rows.config(reader)
    if row is None:
        raise EarshotError("No configuration is in force yet. Start the worker once: earshot worker")
    config = _parsed(row["id"], row["body"])
    return House(config, row["id"], row["hash"], ruleset, keys)
