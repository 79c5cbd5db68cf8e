# ruff: noqa: INP001 - a folder of scripts, not a package
"""Listening wide: a hundred sources polled by one worker, and an archive read back next to the assess stage's pace."""

import http.server
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import Figure
from bench.houses import ROOT, build, write_posts
from bench.running import processor_ms, resident_mb, rest, running
from bot import assess, ingest
from bot.connectors.archive import Source, connector
from bot.model import Platform
from bot.store import sources

SOURCES = 100
WARM_S, MEASURED_S = 75, 60
"""Every source is asked once a minute: the first round starts everything, the second is measured."""
ENTRIES = 30
ARCHIVED = 100_000

_HEAD = '<?xml version="1.0"?><rss version="2.0"><channel><title>Forum</title>'
_ENTRY = "<item><guid>{n}</guid><title>Beitrag {n}</title><description>{text}</description><link>http://f.example/{n}</link></item>"


class _Feeds(http.server.BaseHTTPRequestHandler):
    """A forum whose every feed has three new entries at each look."""

    protocol_version = "HTTP/1.1"
    numbers = itertools.count(3, 3)
    texts: tuple[str, ...] = ()

    def do_GET(self) -> None:
        """Answer with the newest entries."""
        last = next(self.numbers) + ENTRIES
        path = self.path.strip("/")
        newest = range(last, last - ENTRIES, -1)
        entries = (_ENTRY.format(n=f"{path}-{n}", text=self.texts[n % len(self.texts)]) for n in newest)
        body = f"{_HEAD}{''.join(entries)}</channel></rss>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def feeds(texts: list[str]) -> Iterator[str]:
    """A server of feeds on the loopback interface; its address."""
    _Feeds.texts = tuple(text.replace("&", "&amp;").replace("<", "&lt;")[:300] for text in texts[:1000])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Feeds)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def listening_figures(folder: Path, texts: list[str]) -> Iterator[Figure]:
    """A worker with a hundred feeds, each of them asked every minute."""
    house = build(folder / "wide", texts[:1])
    config = folder / "wide" / "config"
    config.unlink()
    config.mkdir()
    for name in ("brand.yaml", "triage.yaml", "watches", "templates"):
        (config / name).symlink_to((ROOT / "config" / name).resolve())
    with feeds(texts) as address:
        lines = (f"  - {{ kind: feed, name: feed{n}, address: '{address}/{n}' }}\n" for n in range(SOURCES))
        (config / "platforms.yaml").write_text(f"poll_seconds: 60\nsources:\n{''.join(lines)}", "utf-8")
        with running(house, "worker") as (worker, _):
            rest(WARM_S)
            begin = processor_ms(worker)
            rest(MEASURED_S)
            used = (processor_ms(worker) - begin) / 10 / MEASURED_S
            yield Figure(f"worker, {SOURCES} sources a minute, of one core", used, "%", most=15)
            yield Figure(f"worker, {SOURCES} sources, resident", resident_mb(worker), "MB", most=150)


def backfill_figures(folder: Path, texts: list[str]) -> Iterator[Figure]:
    """An archive taken in, next to what the assess stage needs for the same posts."""
    house = build(folder / "archived", texts[:1])
    posts = folder / "archived" / "archive.jsonl"
    write_posts(posts, [texts[n % len(texts)] for n in range(ARCHIVED)], addressing=[])
    wiring, config = house.wiring, house.config
    store, config_id, matcher = wiring.stores(), wiring.apply(config), wiring.matcher(config)
    source = Source(kind=Platform.ARCHIVE, name="archive", file="archive.jsonl")
    with store.write() as tx:
        sources.register(tx, source.name, source.kind, source.account)
    wiring.settings.config_dir.unlink()
    wiring.settings.config_dir.symlink_to(posts.parent)
    reader = connector(source, wiring.tools(source))
    door = wiring.door(config, matcher)
    begin = time.perf_counter()
    while ingest.poll(store, reader, door, wiring.clock):
        pass
    taking_in = (time.perf_counter() - begin) / ARCHIVED
    kept = int(store.value("SELECT count(*) FROM mentions"))
    assessor = wiring.assessor(config, config_id, matcher)
    begin = time.perf_counter()
    while assess.run(store, assessor, wiring.clock):
        pass
    assessing = (time.perf_counter() - begin) / max(kept, 1)
    yield Figure(f"archive of {ARCHIVED:,} posts read back", 1 / taking_in, "posts/s")
    yield Figure("the same / pace of the assess stage", assessing / taking_in, least=0.5)
