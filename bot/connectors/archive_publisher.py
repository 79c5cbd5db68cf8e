"""Public replies below the posts of an archive: they go into the file that its source names, as for a replay.

Nothing here writes to the archive itself, and nothing leaves the machine.
"""

from dataclasses import dataclass

from bot.connectors.archive import ArchiveConnector, Source, Stand, connector, posts_of
from bot.connectors.archive_files import Columns
from bot.connectors.replay_posts import PostReader, Unreadable
from bot.connectors.replay_publisher import LOOK_UP, ReplayPublisher
from bot.connectors.tools import Tools
from bot.errors import EarshotError
from bot.model import Mention, Platform

LOOK_UP_ROWS = 200_000
"""Rows of an archive that a look at one post searches."""


def publisher(source: Source, tools: Tools) -> ReplayPublisher:
    """The writer below the posts of ``source``.

    Raises:
        EarshotError: the source names no timeline, or the file cannot be read as what it is.
    """
    if not source.timeline:
        raise EarshotError(f"Source '{source.name}' names no timeline, so it is only listened to.")
    return ReplayPublisher(
        file=tools.config_dir / source.file,
        timeline=tools.data_dir / source.timeline,
        account=source.account,
        clock=tools.clock,
        surface=source.name,
        platform=Platform.ARCHIVE,
        look_up=_Rows(connector(source, tools), Columns(source.map), posts_of(source)).post,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of an archive, searched for one post."""

    archive: ArchiveConnector
    columns: Columns
    posts: PostReader

    def post(self, native_id: str) -> tuple[Mention | None, bool]:
        """See ``LookUp``."""
        found = None
        for offset, line, row in self.archive.rows(Stand()):
            if line > LOOK_UP_ROWS or offset > LOOK_UP:
                return found, False
            if isinstance(row, str) or native_id not in {str(row.get(self.columns.id)).strip(), str(line)}:
                continue
            try:
                post = self.posts.mention(self.columns.typed(row), line, 0, 0)
            except Unreadable:
                continue
            found = post if post.native_id == native_id else found
        return found, True
