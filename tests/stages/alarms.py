"""People who are paged, and a pager that writes down what they get, for tests of alarms."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from tents import HouseInATent, post

from bot.config.protection import Chain, Paged, Protection
from bot.config.roster import Roster
from bot.errors import Transient
from bot.model import Notice
from bot.ports import Clock
from bot.protect import paging
from bot.protect.paging import Pager
from bot.store import alarms
from bot.store.db import Row
from bot.wiring import Wiring

MINUTE = 60_000
ACUTE = "@fjordfon_hilft Morgen komme ich mit der Axt in eure Filiale."
BARE = "@fjordfon_hilft Ich stech dich ab."

ONCALL = Paged(name="On-call senior", channels=("EARSHOT_PAGE_ONCALL", "EARSHOT_PAGE_ONCALL_MAIL"), language="de")
BOARD = Paged(name="Health and safety board", channels=("EARSHOT_PAGE_BOARD",), language="en")
HEAD = Paged(name="Head of service", channels=("EARSHOT_PAGE_HEAD",))
TRAINED = Paged(name="Trained on duty", channels=("EARSHOT_PAGE_TRAINED",))
PROTECTION = Protection(
    threat=Chain(first=(ONCALL, BOARD), then=(HEAD,), minutes=5), first_look=Chain(first=(TRAINED,), minutes=5)
)


@dataclass
class Pagers:
    """Channels by name: each notes what it got, unless it is down. ``before`` and ``after`` see each delivery."""

    place: Path
    down: set[str] = field(default_factory=set)
    before: Callable[[], object] = lambda: None
    after: Callable[[], object] = lambda: None

    def of(self, name: str) -> "Channel":
        return Channel(self, name)

    @property
    def got(self) -> list[dict[str, str]]:
        lines = self.place.read_text("utf-8").splitlines() if self.place.exists() else []
        return [json.loads(line) for line in lines]

    @property
    def channels(self) -> list[str]:
        return [each["channel"] for each in self.got]


@dataclass
class Channel:
    pagers: Pagers
    name: str

    def notify(self, notice: Notice) -> None:
        self.pagers.before()
        if self.name in self.pagers.down:
            raise Transient("It is down.")
        with self.pagers.place.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"channel": self.name, "subject": notice.subject, "body": notice.body}) + "\n")
        self.pagers.after()


@dataclass
class Watch:
    """A house with people to page."""

    tent: HouseInATent
    pagers: Pagers
    protection: Protection = PROTECTION
    roster: Roster = field(default_factory=Roster)

    def pager(self) -> Pager:
        keys = self.tent.wiring.keys
        desk, zone = "https://desk.example", ZoneInfo("Europe/Berlin")
        return Pager(self.protection, self.pagers.of, keys.page, desk, "de", self.roster, zone)

    def page(self) -> int:
        return paging.run(self.tent.store, self.pager(), self.tent.clock)

    def page_as_another_process(self, clock: Clock | None = None) -> int:
        """The same with a connection of its own."""
        wiring = Wiring(self.tent.wiring.settings, self.tent.clock)
        return paging.run(wiring.stores(), self.pager(), clock or self.tent.clock)

    def run_for(self, minutes: float, every_s: int = 5) -> None:
        """The worker's step, every few seconds, for so long."""
        for _ in range(int(minutes * 60 / every_s)):
            self.tent.clock.advance(every_s * 1000)
            self.page()

    def threaten(self, text: str = ACUTE, author: str = "kim", number: str = "1") -> Row:
        """A threat comes in; returns its escalation."""
        self.tent.hear(post(number, author, text))
        row = alarms.of_case(self.tent.store, self.tent.case(author)["id"])
        assert row is not None, "no alarm"
        return row

    def escalation(self) -> Row:
        """The newest."""
        row = self.tent.store.row("SELECT * FROM escalations ORDER BY id DESC")
        assert row is not None
        return row

    def steps(self, kind: str = "THREAT") -> list[str]:
        """What the ledger tells of alarms, in order."""
        return [
            ":".join(str(entry[name]) for name in ("step", "timer", "decision", "outcome") if name in entry)
            for entry in self.tent.entries(kind)
            if "escalation" in entry
        ]

    def token(self, number: int = 0) -> str:
        """The token in the link of a page that somebody got."""
        body = self.pagers.got[number]["body"]
        return body.partition("https://desk.example/ack/")[2].split()[0]
