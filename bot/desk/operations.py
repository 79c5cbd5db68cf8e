"""What the desk tells of the house's running: parts of different versions, and credentials that end."""

from dataclasses import dataclass

from bot import __version__
from bot.credentials import SUFFIX, UNREADABLE, WARN_MS
from bot.desk import words
from bot.desk.i18n import _
from bot.store import credentials
from bot.store import house as house_rows
from bot.store.db import Reader, Row


@dataclass(frozen=True, slots=True)
class Notice:
    """One line above every page."""

    tone: str
    strong: str
    words: str


def notices(reader: Reader, now: int) -> tuple[Notice, ...]:
    """What is to be told now, the gravest first."""
    told = [_ending(row, now) for row in credentials.ending(reader, now + WARN_MS)]
    worker = house_rows.health(reader)
    if worker is not None and worker["version"] != __version__:
        both = _(
            "The worker runs version %(worker)s, this desk version %(desk)s. Restart the older one.",
            worker=worker["version"],
            desk=__version__,
        )
        told.append(Notice("warn", _("Worker and desk are of different versions."), both))
    return tuple(told)


def _ending(row: Row, now: int) -> Notice:
    name, at = row["name"], row["expires_at"]
    if at == UNREADABLE:
        strong = _("The day in %(name)s cannot be read.", name=f"{name}{SUFFIX}")
        return Notice("warn", strong, _("Write it as 2027-03-31."))
    if at <= now:
        strong = _("%(name)s ended on %(day)s.", name=name, day=words.day(at))
        return Notice("bad", strong, _("Put a new one into its file; nothing needs a restart."))
    strong = _("%(name)s ends on %(day)s.", name=name, day=words.day(at))
    return Notice("warn", strong, _("Put a new one into its file before then; nothing needs a restart."))
