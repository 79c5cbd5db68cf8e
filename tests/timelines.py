"""The timeline of a replayed platform as its readers see it."""

from pathlib import Path

from bot.connectors.replay_timeline import Reply, lines_of, replies


def read_timeline(path: Path) -> list[Reply]:
    """The replies that stand, oldest first; none if there is no file."""
    if not path.exists():
        return []
    return [reply for reply in replies(lines_of(path), lambda _: True).values() if not reply.retracted]
