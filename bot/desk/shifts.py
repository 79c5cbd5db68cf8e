"""What pages show of shifts: an open solo shift, what nobody is on call for, and who is on call until when."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.config.roster import Duty
from bot.desk.i18n import lazy_gettext
from bot.desk.state import house, now
from bot.protect.oncall import OnCall, of_config, unmanned
from bot.store import shifts
from bot.store.db import Reader

DUTIES: Mapping[Duty, str] = {
    "threat": lazy_gettext("Threats"),
    "crisis": lazy_gettext("People in need"),
    "security": lazy_gettext("False helpers"),
    "desk": lazy_gettext("The desk"),
}


@dataclass(frozen=True, slots=True)
class Banners:
    """``solo_until``: when the open solo shift ends, None without one. ``lacking``: duties that nobody has now."""

    solo_until: int | None
    lacking: tuple[str, ...]


def banners(reader: Reader) -> Banners:
    """What stands above every page."""
    solo = shifts.open_solo(reader, now())
    return Banners(
        solo_until=solo["until"] if solo else None,
        lacking=tuple(str(DUTIES[duty]) for duty in unmanned(house().config, now())),
    )


def on_call() -> list[tuple[str, OnCall]]:
    """Each duty that the roster knows, with who has it now and until when."""
    config = house().config
    return [(str(DUTIES[duty]), of_config(config, duty, now())) for duty in config.roster.duties]
