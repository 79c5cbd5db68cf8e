"""What adapters are given instead of a store: a sink for refused requests, the shared rate budget, the purse."""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime

from bot.errors import RateLimited
from bot.ledger import entries
from bot.model import EntryKind
from bot.ports import Clock
from bot.store import sources
from bot.store.db import Store, Stores

HOUR_MS = 3_600_000


class LedgerRefusals:
    """Writes refused requests to the ledger: one entry per platform, endpoint and hour; all are counted."""

    def __init__(self, stores: Callable[[], Store], clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._told: dict[tuple[str, str, str], int] = {}

    def refused(self, platform: str, endpoint: str, reason: str) -> None:
        """Count one refusal, and log the first of its hour."""
        now = self._clock.now()
        key = (platform, endpoint, reason)
        with self._stores().write() as tx:
            sources.count(tx, platform, {f"refused: {reason}": 1}, now)
            if self._told.get(key) != now // HOUR_MS:
                fields: dict[str, entries.Value] = {"act": "EGRESS", "platform": platform, "endpoint": endpoint}
                entries.append(tx, EntryKind.DECISION, {**fields, "outcome": "DENY", "reason": reason}, now)
        self._told[key] = now // HOUR_MS


class StoredBudget:
    """What is left of a platform's allowance, in the store, so that all processes share it.

    ``reserve`` is the share of it that whoever asks here must leave to others.
    """

    def __init__(self, stores: Stores, clock: Clock, *, reserve: float = 0.0) -> None:
        self._stores = stores
        self._clock = clock
        self._reserve = reserve

    def spend(self, bucket: str, cost: int = 1) -> None:
        """Take ``cost`` from a bucket, but nothing of the reserve; an unknown bucket or one past its reset is full.

        Raises:
            RateLimited: nothing is left before the reset.
        """
        now = self._clock.now()
        with self._stores().write() as tx:
            row = sources.budget(tx, bucket)
            if row is None or row["reset_at"] <= now:
                return
            if row["remaining"] - cost < row["most"] * self._reserve:
                raise RateLimited("The allowance of this platform is used up for now.", (row["reset_at"] - now) / 1000)
            sources.set_budget(tx, bucket, row["remaining"] - cost, row["reset_at"], row["most"])

    def learn(self, bucket: str, remaining: int, reset_at: int, most: int) -> None:
        """Take over what the platform's headers say. No refill is waited for longer than a day, whatever they say.

        A platform that does not tell how much a full allowance is has at least what it had in this window.
        """
        now = self._clock.now()
        with self._stores().write() as tx:
            row = sources.budget(tx, bucket)
            known = row["most"] if row is not None and row["reset_at"] > now else 0
            sources.set_budget(tx, bucket, remaining, min(reset_at, now + sources.DAY_MS), max(most, known))


class StoredPurse:
    """What a source has cost and may cost, in the store, so that all processes share it.

    ``day`` and ``month`` are budgets in dollars, 0 for none. Days and months are those of UTC, as bills are.
    """

    def __init__(self, stores: Stores, clock: Clock, source: str, *, day: float, month: float) -> None:
        self._stores = stores
        self._clock = clock
        self._source = source
        self._day = day
        self._month = month

    def pay(self, what: str, micro: int) -> None:
        """See ``Purse.pay``."""
        with self._stores().write() as tx:
            sources.pay(tx, self._source, what, micro, self._clock.now())

    def spent(self) -> float:
        """See ``Purse.spent``."""
        shares = [cost / budget for cost, budget in zip(self.costs(), (self._day, self._month), strict=True) if budget]
        return max(shares, default=0.0)

    def costs(self) -> tuple[float, float]:
        """Dollars spent today and this month."""
        now, store = self._clock.now(), self._stores()
        first = now - (datetime.fromtimestamp(now / 1000, UTC).day - 1) * sources.DAY_MS
        today, month = (sources.cost(store, self._source, since) / 1_000_000 for since in (now, first))
        return today, month

    def forecast(self) -> float:
        """Dollars that this month will have cost at the pace of its days so far."""
        now = datetime.fromtimestamp(self._clock.now() / 1000, UTC)
        return self.costs()[1] / now.day * monthrange(now.year, now.month)[1]
