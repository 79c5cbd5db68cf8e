"""An outage in a tent: many who write about it, the incident that somebody opens, and the worker's steps by hand."""

from dataclasses import dataclass

from tents import HouseInATent, post

from bot.recheck import never
from bot.review import batches, open_incidents
from bot.review.open_incidents import Written, folding
from bot.store import batches as batch_rows
from bot.store import incidents, queue
from bot.store.db import Row
from bot.store.queue import Wanted

MINUTE = 60_000
ABOUT = (
    "@fjordfon_hilft Seit heute früh geht hier das Internet nicht, wann wieder?",
    "@fjordfon_hilft Internet tot, wie lange dauert das noch?",
    "@fjordfon_hilft Wann läuft das Internet wieder?",
)
OUTAGE = Written("outage", words="Internet", topic="outage")


@dataclass
class Outage:
    """The incident and the people around it."""

    tent: HouseInATent
    number: int = 0

    @property
    def now(self) -> int:
        return int(self.tent.clock.now())

    @property
    def row(self) -> Row:
        found = incidents.by_id(self.tent.store, self.number)
        assert found is not None
        return found

    def report(self, count: int, *, first: int = 0) -> None:
        """People write about it."""
        self.tent.hear(*(post(f"o{n}", f"kim{n}", ABOUT[n % len(ABOUT)]) for n in range(first, first + count)))
        self.tent.beat()

    def open(self, written: Written = OUTAGE, name: str = "alice") -> None:
        at = self.now - 60 * MINUTE if not written.valid_from else written.valid_from
        known = Written(
            **{field: getattr(written, field) for field in ("kind", "words", "topic", "area", "link")},
            valid_from=at,
            valid_until=written.valid_until,
        )
        with self.tent.store.write() as tx:
            house, user = self.tent.wiring.house(tx), self.tent.user(name)
            self.number = open_incidents.open_incident(tx, house, known, user=user, now=self.now)
        self.look()

    def look(self) -> int:
        store = self.tent.store
        return open_incidents.look(store, self.tent.wiring.house(store), self.now, never)

    def end(self, name: str = "alice") -> None:
        self._act(open_incidents.end, name)

    def reopen(self, name: str = "alice") -> None:
        self._act(open_incidents.reopen, name)
        self.look()

    def _act(self, act, name: str) -> None:
        with self.tent.store.write() as tx:
            house, version = self.tent.wiring.house(tx), self.row["version"]
            act(tx, house, self.number, version=version, user=self.tent.user(name), now=self.now)

    def folds(self) -> dict[int, int]:
        """Incident -> how many open cases stand in its row."""
        wanted = Wanted(folding=folding(self.tent.store, self.now))
        found = queue.folds(self.tent.store, wanted, now=self.now) if wanted.folding else []
        return {row["incident"]: row["n"] for row in found}

    def alone(self) -> set[str]:
        """Authors of the cases that stand for themselves in the list."""
        wanted = Wanted(folding=folding(self.tent.store, self.now))
        return {row["author_handle"] for row in queue.listed(self.tent.store, wanted, now=self.now, limit=5_000)}

    # answers ------------------------------------------------------------------------------------

    def prepare(
        self, template: str = "outage-news-du", *, kind: str = "answer", name: str = "alice", **gaps: str
    ) -> int:
        with self.tent.store.write() as tx:
            house, user = self.tent.wiring.house(tx), self.tent.user(name)
            return batches.prepare(
                tx, house, self.number, kind=kind, template=template, gaps=gaps, user=user, now=self.now
            )

    def approve(self, batch_id: int, name: str = "alice") -> int:
        with self.tent.store.write() as tx:
            house, user = self.tent.wiring.house(tx), self.tent.user(name)
            return batches.approve(
                tx, house, batch_id, version=self.batch(batch_id)["version"], user=user, now=self.now
            )

    def cancel(self, batch_id: int, name: str = "alice") -> int:
        with self.tent.store.write() as tx:
            house, user = self.tent.wiring.house(tx), self.tent.user(name)
            return batches.cancel(tx, house, batch_id, version=self.batch(batch_id)["version"], user=user, now=self.now)

    def batch(self, batch_id: int) -> Row:
        found = batch_rows.by_id(self.tent.store, batch_id)
        assert found is not None
        return found

    def turns(self, times: int = 1, *, every_ms: int = 30_000) -> None:
        """The worker takes posts whose turn has come to the outbox and sends what is due."""
        for _ in range(times):
            self.tent.clock.advance(every_ms)
            self.tent.beat()
            self.step()
            self.tent.beat()
            self.step()
            self.tent.clock.advance(10_000)
            self.tent.send()

    def step(self) -> int:
        store = self.tent.store
        return batches.run(store, self.tent.wiring.house(store), self.tent.clock, never)

    def outcomes(self, batch_id: int) -> list[str]:
        return [row["dispatch_state"] or row["outcome"] for row in batch_rows.posts(self.tent.store, batch_id)]
