"""The worker: runs the stages on a schedule. APScheduler is only its clock; the queues are rows in the store.

Every job can be killed at any instant and goes on where the rows say. The one broad ``except`` stands
around a job: whatever goes wrong is logged by its kind, and the job runs again at its next time.
"""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from bot import __version__, aftercare, assess, bells, credentials, disk, identity, ingest, notice, recheck, sync
from bot.config.models import ConfigSet, Source
from bot.config.reload import Reloader
from bot.errors import ConfigError, EarshotError, LeaseHeld, StoreDamaged, StoreFull, StoreGone
from bot.headroom import Headroom
from bot.lease import Lease, Pause
from bot.ledger.keeper import Keeper
from bot.live import Live, connected_anew, gone_live
from bot.log import bound, place
from bot.model import Platform
from bot.model.retention import JOURNAL_MS
from bot.model.room import Room
from bot.ports import Connector
from bot.protect import erasure, paging, solo, upgrade, weekly
from bot.protect.evidence import work as evidence
from bot.review import batches, open_incidents
from bot.store import house as house_rows
from bot.store import purge
from bot.store.db import Reader
from bot.timekeeping import BACK_MS, Timekeeper
from bot.wiring import Wiring

log = logging.getLogger(__name__)
# A step that is still at work when its next turn comes is no news: the rows wait, and the turn after that takes them.
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)

NAME = "worker"
BEAT_S = 2
STEP_S = 1
REPLAY_S = 2
CHECKPOINT_S = 300
ABROAD_S = 15
NOTICE_S = 60
SYNC_S = 10
CLOCK_S = 1
PAGE_S = 5
INCIDENTS_S = 2
PURGE_S = 3600
DISK_S = 3600
ALIVE_MS = 60_000
"""A worker whose own clock has not moved for so long is ill, whatever the platforms and the database do."""
LATE_BEAT_MS = 10_000
"""After a sleep of this process or its machine nothing is sent before the next sign of life, and what it finds out."""
LAST_SEND_S = 5
"""A stop waits so long for a reply that is on its way; the process has ten seconds in all."""
PAUSE_S = 0.02
"""Between two pages of a source: writing back to back would keep the desk waiting."""


class Worker:
    """All stages of one process, the only one of its kind; ``stop`` ends within 10 s.

    ``ended`` is called, from a thread of the worker's own, when another worker took over: this one does nothing more.
    """

    def __init__(self, wiring: Wiring, ended: Callable[[], None] = lambda: None) -> None:
        self._wiring = wiring
        self._ended = ended
        self._lease: Lease | None = None
        self._displaced: LeaseHeld | None = None
        self._reloader = Reloader(wiring.settings.config_dir)
        self._keeper = Keeper(
            wiring.stores, wiring.keys, wiring.settings.checkpoints_dir, wiring.clock, places=wiring.places
        )
        self._live: Live | None = None
        self._stopping = threading.Event()
        self._sending = threading.Lock()
        self._scheduler: BackgroundScheduler | None = None
        self._bells: list[bells.Ringing] = []
        self._beaten, self._beaten_at = wiring.clock.monotonic(), wiring.clock.now()
        self._time = Timekeeper(wiring.clock)
        self._headroom = Headroom(wiring.settings.data_dir)
        self._troubles: dict[str, str] = {}

    def take_charge(self, pause: Pause | None = None, *, standby: bool = False) -> bool:
        """Become the one worker of this house; False if the process was asked to end while it waited.

        ``pause`` waits some seconds and says whether the end was asked for.

        Raises:
            LeaseHeld: another worker runs, and this one is no ``standby``.
            StoreDamaged: the database file is damaged.
        """
        # Before the first write: a damaged file is left as it is.
        self._wiring.stores().need_sound()
        lease = Lease(self._wiring.stores, self._wiring.clock, NAME)
        if not lease.take(pause or self._stopping.wait, standby=standby):
            return False
        self._lease = lease
        lease.keep(self._give_way)
        return True

    def start(self) -> None:
        """Verify the ledger, put the configuration into force, and begin.

        With faulty files the last good configuration stays in force over a restart, too.

        Raises:
            ConfigError: there has never been a valid configuration.
            StoreDamaged: the database file is damaged.
            LeaseHeld: another worker runs.
        """
        if self._lease is None:
            self.take_charge()
        clock = self._wiring.clock
        store = self._wiring.stores()
        # Before the first write of its own: on a full disk this gives the reserve up.
        self._headroom.look(store, NAME)
        with store.write() as tx:
            house_rows.start_health(tx, name=NAME, pid=os.getpid(), version=__version__, at=clock.now())
        self._headroom.look(store, NAME)
        self._keeper.verify_all(NAME)
        self._keeper.checkpoint(NAME)
        self._take_config()
        self._schedule(self._live or self._go_live(self._last_good()))
        self._beaten, self._beaten_at = clock.monotonic(), clock.now()

    def stop(self) -> None:
        """Finish the running steps and end; polls are abandoned. Stopping twice is stopping once."""
        self._stopping.set()
        self._end_bells()
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown(wait=False)
        lease = self._lease
        if lease is None:
            return
        if self._displaced:
            lease.end()
            return
        # While a reply is on its way nobody takes over: the next worker then waits until the lease stood still.
        if not self._sending.acquire(timeout=LAST_SEND_S):
            return
        self._lease = None
        try:
            if scheduler is not None:
                self._keeper.checkpoint(NAME)
        except EarshotError as error:
            log.warning("no last checkpoint: %s", type(error).__name__)
        try:
            lease.give_back()
        except EarshotError as error:
            log.warning("the lease was not given back: %s", type(error).__name__)
        self._sending.release()

    @property
    def displaced(self) -> LeaseHeld | None:
        """What to tell if this worker ended because another one took over."""
        return self._displaced

    def alive(self) -> bool:
        """Whether its clock still runs; it asks nobody else."""
        return self._wiring.clock.monotonic() - self._beaten < ALIVE_MS

    def _schedule(self, live: Live) -> None:
        steps: dict[str, tuple[Callable[[], None], float]] = {
            "beat": (self._beat, BEAT_S),
            "assess": (self._assess, STEP_S),
            "recheck": (self._recheck, STEP_S),
            "send": (self._send, STEP_S),
            "evidence": (self._evidence, STEP_S),
            "sync": (self._sync, SYNC_S),
            "page": (self._page, PAGE_S),
            "incidents": (self._incidents, INCIDENTS_S),
            "checkpoint": (lambda: self._keeper.checkpoint(NAME), CHECKPOINT_S),
            "notice": (self._notice, NOTICE_S),
            "credentials": (self._credentials, NOTICE_S),
            "abroad": (self._abroad, ABROAD_S),
            "purge": (self._purge, PURGE_S),
            "disk": (self._disk, DISK_S),
        }
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(live.connectors) + len(steps))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
            timezone="UTC",
        )
        for name, (step, seconds) in steps.items():
            scheduler.add_job(self._fenced(name, step), "interval", seconds=seconds, id=name)
        # Once at the start, too: a computer that runs half an hour a day would never purge.
        for name in ("purge", "notice", "credentials", "disk"):
            scheduler.modify_job(name, next_run_time=datetime.now(UTC))
        self._scheduler = scheduler
        self._schedule_polls(live)
        scheduler.start()
        threading.Thread(target=self._watch_clock, name="clock", daemon=True).start()

    def _watch_clock(self) -> None:
        """Wake the schedule when the clock goes back: it goes by that clock and would wait for the old time."""
        while not self._stopping.wait(CLOCK_S):
            step, scheduler = self._time.look(), self._scheduler
            if abs(step) > BACK_MS:
                log.warning("the clock of this machine jumped by %d s; replies wait for a while", step // 1000)
            if step < -BACK_MS and scheduler is not None:
                for job in scheduler.get_jobs():
                    with suppress(JobLookupError):  # a poll that a new configuration took away meanwhile
                        job.modify(next_run_time=datetime.now(UTC))

    def _schedule_polls(self, live: Live) -> None:
        if self._scheduler is None:
            return
        for job in self._scheduler.get_jobs():
            if job.id.startswith("poll:"):
                job.remove()
        self._end_bells()
        known = {source.name: source for source in live.config.platforms.sources}
        begin = datetime.now(UTC)
        for turn, connector in enumerate(live.connectors, 1):
            replayed = known[connector.name].kind is Platform.REPLAY
            seconds = REPLAY_S if replayed else live.config.platforms.poll_seconds
            name = f"poll:{connector.name}"
            poll = self._fenced(name, partial(self._poll, connector, threading.Lock()))
            self._scheduler.add_job(
                poll,
                "interval",
                seconds=seconds,
                jitter=None if replayed else seconds / 10,
                # Spread over the interval, so that a hundred sources do not ask at the same instant.
                next_run_time=begin + timedelta(seconds=seconds * turn / len(live.connectors)),
                id=name,
            )
            self._hang_bell(known[connector.name], poll)

    def _hang_bell(self, source: Source, poll: Callable[[], None]) -> None:
        """Let what a platform tells at once start the source's poll, where there is such a thing."""
        bell = self._wiring.bell(source)
        if bell is None:
            return
        ringing = bells.Ringing(source.name, bell, poll, self._wiring.clock)
        self._bells.append(ringing)
        for act in (ringing.listen, ringing.answer):
            name = f"bell:{source.name}"
            threading.Thread(target=self._fenced(name, act), name=name, daemon=True).start()

    def _end_bells(self) -> None:
        for ringing in self._bells:
            ringing.end()
        self._bells = []

    def _fenced(self, name: str, step: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            if self._stopping.is_set():
                return
            stage, _, source = name.partition(":")
            with bound(stage=stage, **({"source": source} if source else {})):
                self._step(name, step)

        return run

    def _step(self, name: str, step: Callable[[], None]) -> None:
        try:
            self._check(self._wiring.stores())
            step()
        except LeaseHeld as error:
            self._give_way(error)
        except (StoreDamaged, StoreFull, StoreGone) as error:
            self._headroom.give_up_for(error)
            self._tell_once(name, str(error))
        except EarshotError as error:
            log.warning("%s: %s", name, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the outer edge: the next run goes on from the rows
            log.error("%s failed: %s at %s", name, type(error).__name__, place(error))  # noqa: TRY400 - no words in logs
        else:
            if self._troubles.pop(name, ""):
                log.warning("%s goes on", name)

    def _tell_once(self, name: str, trouble: str) -> None:
        """Ten jobs a second run into the same trouble: each says once what it is."""
        if self._troubles.get(name) != trouble:
            self._troubles[name] = trouble
            log.error("%s: %s", name, trouble)

    def _check(self, reader: Reader) -> None:
        """Nothing happens while this is the one worker.

        Raises:
            LeaseHeld: it is not, or not any more.
        """
        if self._lease is None:
            raise LeaseHeld("This worker was stopped.")
        self._lease.check(reader)

    def _give_way(self, error: LeaseHeld) -> None:
        if not self._stopping.is_set():
            log.error("%s", error)
            self._displaced = error
            self._stopping.set()
            self._ended()

    def _beat(self) -> None:
        clock, store = self._wiring.clock, self._wiring.stores()
        self._beaten, self._beaten_at = clock.monotonic(), clock.now()
        self._headroom.look(store, NAME)
        with store.write() as tx:
            house_rows.beat(tx, NAME, clock.now(), self._time.skew_ms, self._time.off_ms)
        self._keeper.verify_tail(NAME)
        self._keeper.checkpoint_if_due(NAME)
        self._take_config()

    def _take_config(self) -> None:
        self._reloader.poll()
        fresh = self._reloader.current
        problems = "\n".join(map(str, self._reloader.problems))
        store = self._wiring.stores()
        row = house_rows.health(store, NAME)
        if row is not None and row["config_problems"] != problems:
            with store.write() as tx:
                house_rows.set_config_problems(tx, NAME, problems)
        # Compared with what is in force, not with the last look: what could not be stored is tried again.
        if fresh is not None and (self._live is None or self._live.config is not fresh):
            self._go_live(fresh)
        elif self._live is not None and self._live.secrets != self._wiring.secret_values(self._live.config):
            self._connect_anew(self._live)

    def _last_good(self) -> ConfigSet:
        store = self._wiring.stores()
        if house_rows.config(store) is None:
            raise ConfigError(self._reloader.problems)
        return self._wiring.house(store).config

    def _go_live(self, config: ConfigSet) -> Live:
        self._live = live = gone_live(self._wiring, config)
        self._schedule_polls(live)
        return live

    def _connect_anew(self, live: Live) -> None:
        """A secret was exchanged in its file: the adapters are made with it, everything else goes on."""
        log.info("a secret was exchanged: the sources are connected anew")
        self._live = connected_anew(self._wiring, live)
        self._schedule_polls(self._live)

    @property
    def _bare(self) -> bool:
        """Whether only what protects people may be written."""
        return self._headroom.room is Room.BARE

    def _poll(self, connector: Connector, turn: threading.Lock) -> None:
        # The schedule and a bell may both ask; an SDK's session is one thread's at a time.
        with turn:
            live, more = self._live, not self._bare
            while live is not None and live is self._live and more and not self._stopping.is_set():
                more = ingest.poll(self._wiring.stores(), connector, live.door, self._wiring.clock)
                if more:
                    self._stopping.wait(PAUSE_S)

    def _assess(self) -> None:
        live = self._live
        while live is not None and not self._stopping.is_set() and not self._bare:
            if not assess.run(self._wiring.stores(), live.assessor, self._wiring.clock):
                return

    def _send(self) -> None:
        live, wiring = self._live, self._wiring
        if live is not None and abs(wiring.clock.now() - self._beaten_at) < LATE_BEAT_MS:
            with self._sending:
                dispatcher = wiring.dispatcher(wiring.stores(), live.publishers, self._check)
                dispatcher.run(self._stopping.is_set, nothing_new=self._bare)

    def _recheck(self) -> None:
        live = self._live
        if live is not None and not self._bare:
            recheck.run(self._wiring.stores(), live.inspectors, self._wiring.clock, self._stopping.is_set)
            # In the same job: an inspector's session is one thread's at a time.
            identity.run(self._wiring.stores(), live.inspectors, self._wiring.clock, live.config.brand)

    def _evidence(self) -> None:
        live = self._live
        if live is not None and not self._bare:
            evidence.run(self._wiring.stores(), self._wiring.evidence_bench(live.config), self._stopping.is_set)

    def _notice(self) -> None:
        live = self._live
        if live is not None:
            wiring = self._wiring
            notice.run(wiring.stores(), live.config.brand.legal.privacy_notice, wiring.read_page, wiring.clock)

    def _credentials(self) -> None:
        live, wiring = self._live, self._wiring
        if live is not None:
            credentials.note(wiring.stores(), wiring.credential_names(live.config), wiring.secrets)

    def _sync(self) -> None:
        live, store = self._live, self._wiring.stores()
        if live is not None and not self._time.far:
            sync.run(store, live.lookers, self._wiring.clock, self._stopping.is_set)
            aftercare.run(store, live.lookers, self._wiring.clock, self._stopping.is_set)
        sync.close(store, self._wiring.clock, self._wiring.keys.author)
        erasure.work(store, self._wiring.keys, self._wiring.clock)

    def _incidents(self) -> None:
        if self._live is not None:
            store, stopping = self._wiring.stores(), self._stopping.is_set
            house = self._wiring.house(store)
            open_incidents.look(store, house, self._wiring.clock.now(), stopping)
            batches.run(store, house, self._wiring.clock, stopping)

    def _page(self) -> None:
        live, wiring = self._live, self._wiring
        if live is not None:
            paging.run(wiring.stores(), wiring.pager(live.config), wiring.clock, self._stopping.is_set)
            solo.run(wiring.stores(), live.config, wiring.clock)

    def _abroad(self) -> None:
        self._keeper.bring_abroad()
        self._wiring.journal.catch_up(self._wiring.stores())

    def _disk(self) -> None:
        disk.sample(self._wiring.stores(), self._wiring.settings.data_dir, self._wiring.clock.now())

    def _purge(self) -> None:
        live = self._live
        if live is not None and not self._time.far:
            brand, store, now = live.config.brand, self._wiring.stores(), self._wiring.clock.now()
            with store.write() as tx:
                weekly.close_finished(tx, ZoneInfo(brand.timezone), now)
            purge.run(
                store,
                now=now,
                days=brand.retention_days,
                author_key=self._wiring.keys.author,
                days_on=brand.retention_days_on,
                answered_days=brand.answered_days,
            )
            purge.settle(store, now)
            self._wiring.journal.forget(now - JOURNAL_MS)
            upgrade.forget(self._wiring.settings.backups_dir, now)
