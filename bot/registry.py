"""Which adapter serves which kind of source: a static table, imported on first use.

A configuration can name only what stands here; it can never import code.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from bot.errors import ConfigError, Problem

CONNECTORS: Mapping[str, str] = {
    "replay": "bot.connectors.replay:ReplayConnector",
    "mastodon": "bot.connectors.mastodon:MastodonConnector",
}
PUBLISHERS: Mapping[str, str] = {
    "replay": "bot.connectors.replay_publisher:ReplayPublisher",
    "mastodon": "bot.connectors.mastodon_publisher:MastodonPublisher",
}


def adapter(table: Mapping[str, str], kind: str) -> Any:  # noqa: ANN401 - the caller knows which class it asked for
    """The class that serves ``kind``.

    Raises:
        ConfigError: nothing in the table serves it.
    """
    if kind not in table:
        raise ConfigError([Problem("platforms.yaml", 1, 1, f"No adapter serves '{kind}'.")])
    module, name = table[kind].split(":")
    return getattr(import_module(module), name)
