"""A day's log: the stages bind their numbers, and no post, reply, handle or token stands in it, whatever goes wrong."""

import io
import json
import logging
import sys
from dataclasses import replace

import pytest
from canaries import CANARY_TEXT, CANARY_TOKEN
from port_doubles import Feed
from tents import HouseInATent, own_words, post

from bot import ingest, recheck, sync
from bot.assess import Assessor
from bot.errors import Permanent, Transient
from bot.log import configure
from bot.store import status, upkeep
from bot.worker import Worker

HANDLE_OF_AUTHOR = "kanarie_handle_3f"


class Talkative:
    """A platform whose every error quotes the post, and a detector that does likewise."""

    name, version = "talkative", "1"

    def __init__(self, *texts: str) -> None:
        self._error = Transient(" ".join(texts))

    def __getattr__(self, act: str) -> object:
        def fail(*_: object) -> None:
            raise self._error

        return fail

    def detect(self, texts: object) -> object:
        raise RuntimeError(str(texts))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch):
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure("json", "debug")
    yield stream
    root.handlers[:], root.level = handlers, level


def test_every_stage_that_fails_says_where_and_about_what_and_quotes_nobody(
    tent: HouseInATent, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, clock = tent.store, tent.clock
    name = tent.config.platforms.sources[0].name
    talkative = Talkative(CANARY_TEXT, CANARY_TOKEN, HANDLE_OF_AUTHOR)
    tent.hear(post("1", HANDLE_OF_AUTHOR, f"@fjordfon_hilft {CANARY_TEXT} Warum geht das Internet nicht?"))
    case_id = tent.case(HANDLE_OF_AUTHOR)["id"]
    tent.approve(HANDLE_OF_AUTHOR, own_words(0))
    clock.advance(20_000)
    tent.publishers[name] = talkative
    tent.send()
    with store.write() as tx:
        status.ask(tx, 1, clock.now())
        upkeep.can_be_asked(tx, [name])
    recheck.run(store, tent.publishers, clock)
    clock.advance(40 * 86_400_000)
    sync.run(store, tent.publishers, clock)
    worker = Worker(tent.wiring)
    worker.take_charge()
    failing = Feed(Permanent(f"{CANARY_TEXT} {CANARY_TOKEN}"), name=name)
    door = tent.wiring.door(tent.config, tent.wiring.matcher(tent.config))
    worker._fenced(f"poll:{name}", lambda: ingest.poll(store, failing, door, clock))()
    worker._fenced("purge", talkative.anything)()
    worker._fenced("notice", lambda: {}[CANARY_TEXT])()
    monkeypatch.setitem(vars(tent.wiring), "assessor", _with(tent.wiring.assessor, talkative))
    clock.advance(86_400_000)
    tent.hear(post("2", "ole", f"@fjordfon_hilft {CANARY_TEXT}"))
    worker.stop()

    said = written.getvalue()
    for secret in (CANARY_TEXT, CANARY_TOKEN, HANDLE_OF_AUTHOR, "Internet", own_words(0)[:20]):
        assert secret not in said
    lines = [json.loads(line) for line in said.splitlines()]
    told = [(line.get("stage"), line.get("source"), line.get("case"), line.get("mention")) for line in lines]
    assert (None, None, case_id, 1) in told, "the reply that waits"
    assert (None, name, None, 1) in told, "the look at the post"
    assert ("poll", name, None, None) in told
    assert ("purge", None, None, None) in told
    assert ("notice", None, None, None) in told
    assert (None, None, None, 2) in told, "the post that a detector failed on"
    assert any(line.get("dispatch") == 1 for line in lines)


def _with(make, detector):
    def assessor(*args: object) -> Assessor:
        return replace(make(*args), detectors=(detector,))

    return assessor
