"""What adapters are given instead of a store: a sink for refused requests, and the shared rate budget."""

from collections.abc import Callable

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
    """What is left of a platform's allowance, in the store, so that all processes share it."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def spend(self, bucket: str, cost: int = 1) -> None:
        """Take ``cost`` from a bucket; an unknown bucket or one past its reset is full.

        Raises:
            RateLimited: nothing is left before the reset.
        """
        now = self._clock.now()
        with self._stores().write() as tx:
            row = sources.budget(tx, bucket)
            if row is None or row["reset_at"] <= now:
                return
            if row["remaining"] < cost:
                raise RateLimited("The allowance of this platform is used up for now.", (row["reset_at"] - now) / 1000)
            sources.set_budget(tx, bucket, row["remaining"] - cost, row["reset_at"])

    def learn(self, bucket: str, remaining: int, reset_at: int) -> None:
        """Take over what the platform's headers say."""
        with self._stores().write() as tx:
            sources.set_budget(tx, bucket, remaining, reset_at)
