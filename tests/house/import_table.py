"""Who may import whom, as data. A room that is not named here does not exist yet: give it a row first.

A name stands for a module and all below it. Every room may import its own modules.
"""

NOUNS = frozenset({"model", "errors"})
CONFIG_NOUNS = frozenset({"config.bases", "config.models", "config.protection", "config.roster"})
PURE_NOUNS = NOUNS | CONFIG_NOUNS | {"config.places", "config.canonical", "config.papers"}
ADAPTER = NOUNS | {"ports", "egress", "text", "lengths"}
CONNECTOR = ADAPTER | CONFIG_NOUNS | {"config.places"}
STAGE = PURE_NOUNS | {"ports", "text", "lengths", "store", "ledger", "keys", "log", "metrics"}
EVERYTHING = frozenset({""})

ROOMS: dict[str, frozenset[str]] = {
    "model": frozenset(),
    "errors": frozenset(),
    "ports": NOUNS,
    "clock": frozenset(),
    "keys": frozenset({"errors"}),
    "settings": frozenset({"errors"}),
    "log": frozenset({"errors"}),
    "metrics": NOUNS | {"store", "config.canonical", "config.models", "protect.oncall"},
    "registry": NOUNS,
    # pure rooms: no I/O and no clock
    "text": frozenset(),
    "watch": PURE_NOUNS,
    "triage": PURE_NOUNS | {"triage_words"},
    "triage_words": NOUNS,
    "responder": PURE_NOUNS,
    "addressee": PURE_NOUNS,
    "lengths": NOUNS,
    "gate": PURE_NOUNS,
    # files to models: its cross-checks ask the keyword language and the responder what they accept
    "config": NOUNS | {"watch", "responder", "registry"},
    # adapters
    "egress": NOUNS | {"ports"},
    "connectors": CONNECTOR,
    "detectors": ADAPTER,
    "notifiers": ADAPTER,
    # how weights are made and measured: beside the worker, never in it
    "training": NOUNS | {"detectors", "ports", "config.models", "gate", "responder", "text"},
    # the only SQL, and the ledger over it
    "store": NOUNS,
    "ledger": NOUNS | {"ports", "store", "keys"},
    # stages meet only through rows: ingest, assess, desk and dispatch never name each other
    "ingest": STAGE | {"withdrawal"},
    "bells": NOUNS | {"ports"},
    "disk": NOUNS | {"store"},
    "assess": STAGE
    | {
        "protect.alarm",
        "protect.impostor",
        "protect.security",
        "watch",
        "triage",
        "responder",
        "drafting",
        "withdrawal",
        "gate.optout",
        "gate.ruleset",
    },
    "withdrawal": STAGE,
    "drafting": STAGE | {"responder"},
    "lease": STAGE,
    "credentials": STAGE,
    "recheck": STAGE | {"withdrawal"},
    "identity": STAGE | {"recheck"},
    "headroom": STAGE,
    "timekeeping": NOUNS | {"ports"},
    "aftercare": STAGE | {"gate.texts", "recheck", "review.surroundings"},
    "sync": STAGE | {"recheck", "withdrawal"},
    "notice": STAGE,
    "refusals": STAGE,
    "review": STAGE | {"gate", "incidents", "responder", "drafting", "withdrawal", "protect"},
    "dispatch": STAGE | {"aftercare", "gate", "review", "recheck"},
    "protect": STAGE | {"gate", "withdrawal"},
    # pure: what an incident covers, and how one answer is shared out
    "incidents": PURE_NOUNS | {"watch", "triage"},
    "desk": STAGE
    | {"config", "gate", "incidents", "review", "responder", "drafting", "triage_words", "watch.explain", "protect"}
    | {"credentials", "timekeeping"},
    # the edge
    "wiring": EVERYTHING,
    "live": EVERYTHING,
    "worker": EVERYTHING,
    "cli": EVERYTHING,
    "demo": EVERYTHING,
}

BESIDES = {"desk.app": frozenset({"wiring"})}
"""Single modules that may import more than their room."""

STANDARD_LIBRARY_ONLY = frozenset({"model", "errors", "ports", "clock", "text"})

PURE = frozenset(
    {
        "model",
        "errors",
        "text",
        "watch",
        "triage",
        "triage_words",
        "responder",
        "addressee",
        "incidents",
        "lengths",
        "gate",
        "config.bases",
        "config.models",
        "config.places",
        "config.protection",
        "config.roster",
        "protect.oncall",
        "detectors",
    }
)

IMPURE_INSIDE = frozenset({"detectors.backend"})
"""Modules of a pure room that are not: a foreign model is read from a folder and runs in a process of its own."""

IMPURE_LIBRARIES = frozenset(
    {"asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "requests", "secrets"}
    | {"shutil", "socket", "sqlite3", "structlog", "subprocess", "tempfile", "threading", "time", "urllib3", "uuid"}
)
PURE_PARTS = frozenset({"threading.RLock", "pathlib.PurePosixPath", "pathlib.PureWindowsPath"})
"""A lock keeps threads from one memory of sums, a pure path is a name: they read, write and start nothing."""
IMPURE_CALLS = frozenset({"open", "input", "print", "now", "utcnow", "today", "urlopen"})

LIBRARY_DOORS: dict[str, frozenset[str]] = {
    "sqlite3": frozenset({"store"}),
    "sqlite_utils": frozenset({"store"}),
    "requests": frozenset({"egress", "connectors"}),
    "urllib3": frozenset({"egress"}),
    "urllib.request": frozenset(),
    "http.client": frozenset({"egress"}),
    "socket": frozenset({"egress", "desk", "worker", "cli", "demo"}),
    "smtplib": frozenset({"ledger.mail"}),
    "mastodon": frozenset({"connectors.mastodon"}),
    "atproto": frozenset({"connectors.bluesky_client"}),
    "atproto_client": frozenset({"connectors.bluesky_client"}),
    "atproto_core": frozenset({"connectors.bluesky_client"}),
    "feedparser": frozenset({"connectors.feed"}),
    "pyarrow": frozenset({"connectors.archive"}),
    "websockets": frozenset({"connectors.jetstream_line"}),
    "praw": frozenset({"connectors.reddit_client"}),
    "prawcore": frozenset({"connectors.reddit_client"}),
    "tweepy": frozenset({"connectors.x_client"}),
    "ahocorasick_rs": frozenset({"watch", "detectors"}),
    "vaderSentiment": frozenset({"detectors"}),
    "phonenumbers": frozenset({"detectors"}),
    "stdnum": frozenset({"detectors"}),
    "onnxruntime": frozenset({"detectors.backend"}),
    "tokenizers": frozenset({"detectors.backend"}),
    "torch": frozenset({"detectors.backend"}),
    "transformers": frozenset({"detectors.backend"}),
    "numpy": frozenset({"detectors", "training"}),
    "scipy": frozenset({"training"}),
    "sklearn": frozenset({"training"}),
    "yaml": frozenset({"config"}),
    "click": frozenset({"cli", "training.bars"}),
    "flask": frozenset({"desk", "cli.running"}),
    "flask_babel": frozenset({"desk"}),
    "jinja2": frozenset({"desk", "protect.evidence"}),
    "argon2": frozenset({"desk"}),
    "waitress": frozenset({"desk", "worker", "cli", "demo"}),
    "apscheduler": frozenset({"worker"}),
    "apprise": frozenset({"notifiers"}),
    "warcio": frozenset({"protect.evidence"}),
    "prometheus_client": frozenset({"metrics"}),
    "structlog": frozenset({"log"}),
    "cryptography": frozenset({"keys", "ledger", "protect.evidence"}),
}
"""Libraries that only the named rooms may import; an empty set means nobody."""

FOREIGN_NAMES = frozenset({"handle_starttag", "handle_endtag", "handle_data"})
"""Methods that the standard library's HTMLParser calls by these names."""

WIRING_DOORS = frozenset({"cli", "live", "worker", "desk.app", "demo"})
"""Who may import the composition root."""
