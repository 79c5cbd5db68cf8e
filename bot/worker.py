"""The worker: runs the stages on a schedule. APScheduler is only its clock; the queues are rows in the store.

Every job can be killed at any instant and goes on where the rows say. The one broad ``except`` stands
around a job: whatever goes wrong is logged by its kind, and the job runs again at its next time.
"""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bot import __version__, assess, ingest, recheck
from bot.config.models import ConfigSet
from bot.config.reload import Reloader
from bot.errors import ConfigError, EarshotError
from bot.ingest import Door
from bot.ledger.keeper import Keeper
from bot.log import place
from bot.ports import Connector
from bot.recheck import Publishers
from bot.store import house as house_rows
from bot.store import purge, sources
from bot.wiring import Wiring

log = logging.getLogger(__name__)

NAME = "worker"
BEAT_S = 2
STEP_S = 1
REPLAY_S = 2
CHECKPOINT_S = 300
PURGE_S = 3600


@dataclass(frozen=True, slots=True)
class Live:
    """What one configuration in force gives the jobs."""

    config: ConfigSet
    connectors: tuple[Connector, ...]
    publishers: Publishers
    door: Door
    assessor: assess.Assessor


class Worker:
    """All stages of one process. ``start`` returns at once; ``stop`` ends within 10 s."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._reloader = Reloader(wiring.settings.config_dir)
        self._keeper = Keeper(wiring.stores, wiring.keys, wiring.settings.checkpoints_dir, wiring.clock)
        self._live: Live | None = None
        self._stopping = threading.Event()
        self._scheduler: BackgroundScheduler | None = None
        self._last = (wiring.clock.now(), wiring.clock.monotonic())

    def start(self) -> None:
        """Verify the ledger, put the configuration into force, and begin.

        Raises:
            ConfigError: there has never been a valid configuration.
        """
        clock = self._wiring.clock
        store = self._wiring.stores()
        with store.write() as tx:
            house_rows.start_health(tx, name=NAME, pid=os.getpid(), version=__version__, at=clock.now())
        self._keeper.verify_all(NAME)
        self._keeper.checkpoint(NAME)
        self._take_config()
        if self._live is None:
            raise ConfigError(self._reloader.problems)
        self._schedule(self._live)

    def stop(self) -> None:
        """Finish the running steps and end; polls are abandoned."""
        self._stopping.set()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
        self._keeper.checkpoint(NAME)

    def _schedule(self, live: Live) -> None:
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(live.connectors) + 4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
            timezone="UTC",
        )
        steps: dict[str, tuple[Callable[[], None], float]] = {
            "beat": (self._beat, BEAT_S),
            "assess": (self._assess, STEP_S),
            "send": (self._send, STEP_S),
            "checkpoint": (lambda: self._keeper.checkpoint(NAME), CHECKPOINT_S),
            "purge": (self._purge, PURGE_S),
        }
        for name, (step, seconds) in steps.items():
            scheduler.add_job(self._fenced(name, step), "interval", seconds=seconds, id=name)
        self._scheduler = scheduler
        self._schedule_polls(live)
        scheduler.start()

    def _schedule_polls(self, live: Live) -> None:
        if self._scheduler is None:
            return
        for job in self._scheduler.get_jobs():
            if job.id.startswith("poll:"):
                job.remove()
        kinds = {source.name: source.kind for source in live.config.platforms.sources}
        for connector in live.connectors:
            replayed = kinds[connector.name] == "replay"
            seconds = REPLAY_S if replayed else live.config.platforms.poll_seconds
            name = f"poll:{connector.name}"
            self._scheduler.add_job(
                self._fenced(name, partial(self._poll, connector)),
                "interval",
                seconds=seconds,
                jitter=None if replayed else seconds / 10,
                id=name,
            )

    def _fenced(self, name: str, step: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            if self._stopping.is_set():
                return
            try:
                step()
            except EarshotError as error:
                log.warning("%s: %s", name, type(error).__name__)
            except Exception as error:  # noqa: BLE001 - the outer edge: the next run goes on from the rows
                log.error("%s failed: %s at %s", name, type(error).__name__, place(error))  # noqa: TRY400 - no words in logs

        return run

    def _beat(self) -> None:
        clock, store = self._wiring.clock, self._wiring.stores()
        now, steady = clock.now(), clock.monotonic()
        skew = (now - self._last[0]) - (steady - self._last[1])
        self._last = (now, steady)
        with store.write() as tx:
            house_rows.beat(tx, NAME, now, skew)
        self._keeper.verify_tail(NAME)
        self._keeper.checkpoint_if_due(NAME)
        self._take_config()

    def _take_config(self) -> None:
        fresh = self._reloader.poll()
        problems = "\n".join(map(str, self._reloader.problems))
        store = self._wiring.stores()
        row = house_rows.health(store, NAME)
        if row is not None and row["config_problems"] != problems:
            with store.write() as tx:
                house_rows.set_config_problems(tx, NAME, problems)
        if fresh is None:
            return
        config_id = self._wiring.apply(fresh)
        matcher = self._wiring.matcher(fresh)
        connectors, publishers = self._adapters(fresh)
        self._live = Live(
            config=fresh,
            connectors=connectors,
            publishers=publishers,
            door=self._wiring.door(fresh, matcher),
            assessor=self._wiring.assessor(fresh, config_id, matcher),
        )
        self._schedule_polls(self._live)

    def _adapters(self, config: ConfigSet) -> tuple[tuple[Connector, ...], Publishers]:
        """Readers and writers of every source that can run; one that cannot stays off and says why."""
        connectors, publishers, now = [], {}, self._wiring.clock.now()
        for source in config.platforms.sources:
            try:
                connectors.append(self._wiring.connector(source))
                publishers[source.name] = self._wiring.publisher(source)
            except EarshotError as error:
                with self._wiring.stores().write() as tx:
                    sources.failed(tx, source.name, str(error), at=now, wait_until=now)
        return tuple(connectors), publishers

    def _poll(self, connector: Connector) -> None:
        live, more = self._live, True
        while live is not None and more and not self._stopping.is_set():
            more = ingest.poll(self._wiring.stores(), connector, live.door, self._wiring.clock)

    def _assess(self) -> None:
        live = self._live
        while live is not None and not self._stopping.is_set():
            if not assess.run(self._wiring.stores(), live.assessor, self._wiring.clock):
                return

    def _send(self) -> None:
        live = self._live
        if live is not None:
            store = self._wiring.stores()
            recheck.run(store, live.publishers, self._wiring.clock)
            self._wiring.dispatcher(store, live.publishers).run()

    def _purge(self) -> None:
        live = self._live
        if live is not None:
            days, keys = live.config.brand.retention_days, self._wiring.keys
            purge.run(self._wiring.stores(), now=self._wiring.clock.now(), days=days, author_key=keys.author)
