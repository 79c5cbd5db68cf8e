"""What a configuration in force gives the worker's jobs: readers and writers of every source, made from its secrets."""

from dataclasses import dataclass, replace

from pydantic import SecretStr

from bot import assess
from bot.config.models import Brand, ConfigSet, Source
from bot.errors import EarshotError
from bot.ingest import Door
from bot.ports import Connector, Publisher
from bot.recheck import Publishers
from bot.store import sources
from bot.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Live:
    """What one configuration in force gives the jobs.

    ``inspectors`` and ``lookers`` are publishers once more, for the jobs that only look: an SDK's session is one
    thread's at a time. The ``lookers`` spend what reading may spend. ``secrets`` is what the adapters were made with.
    """

    config: ConfigSet
    connectors: tuple[Connector, ...]
    publishers: Publishers
    inspectors: Publishers
    lookers: Publishers
    door: Door
    assessor: assess.Assessor
    secrets: tuple[SecretStr | None, ...]


def gone_live(wiring: Wiring, config: ConfigSet) -> Live:
    """Put a configuration into force, and connect to its sources."""
    config_id = wiring.apply(config)
    matcher = wiring.matcher(config)
    secrets = wiring.secret_values(config)
    connectors, publishers, inspectors, lookers = _adapters(wiring, config)
    return Live(
        config=config,
        connectors=connectors,
        publishers=publishers,
        inspectors=inspectors,
        lookers=lookers,
        door=wiring.door(config, matcher),
        assessor=wiring.assessor(config, config_id, matcher),
        secrets=secrets,
    )


def connected_anew(wiring: Wiring, live: Live) -> Live:
    """The same configuration with its sources connected by the secrets of now."""
    # Before the adapters read them: what changes meanwhile is seen at the next look.
    secrets = wiring.secret_values(live.config)
    connectors, publishers, inspectors, lookers = _adapters(wiring, live.config)
    return replace(
        live,
        connectors=connectors,
        publishers=publishers,
        inspectors=inspectors,
        lookers=lookers,
        secrets=secrets,
    )


def _adapters(wiring: Wiring, config: ConfigSet) -> tuple[tuple[Connector, ...], Publishers, Publishers, Publishers]:
    """Readers and writers of every source: one that cannot read stays off, one that cannot write only listens."""
    now = wiring.clock.now()
    connectors: list[Connector] = []
    roles: tuple[dict[str, Publisher], dict[str, Publisher], dict[str, Publisher]] = ({}, {}, {})
    for source in config.platforms.sources:
        writers, mute = _writers(wiring, source, config.brand)
        with wiring.stores().write() as tx:
            sources.identified(tx, source.name, is_bot=None, bio_ok=None, trouble=mute, at=None)
            sources.look_again(tx, source.name)
        for role, writer in zip(roles, writers, strict=False):
            role[source.name] = writer
        try:
            wiring.need_papers(source, config.brand)
            connectors.append(wiring.connector(source, config.watches))
        except EarshotError as error:
            with wiring.stores().write() as tx:
                sources.failed(tx, source.name, str(error), at=now, wait_until=now)
    return tuple(connectors), *roles


def _writers(wiring: Wiring, source: Source, brand: Brand) -> tuple[list[Publisher], str]:
    """The writers of a source, one for each role that ``Live`` names, or none and why."""
    budgets = (wiring.budget, wiring.budget, wiring.reading_budget) if source.answers else ()
    try:
        wiring.need_papers(source, brand)
        return [wiring.publisher(source, budget) for budget in budgets], ""
    except EarshotError as error:
        missing = ", ".join(wiring.unset(source))
        return [], f"{sources.NOT_SET}{missing}" if missing else str(error)
