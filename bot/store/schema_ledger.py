"""The tables around the ledger that came with its exports and anchors."""

LEDGER_IN_FULL: tuple[str, ...] = (
    # Each ruleset file that decisions rest on, as it was: an export hands it on (rule A-10).
    """CREATE TABLE rulesets (
        hash TEXT PRIMARY KEY,
        source BLOB NOT NULL,
        at INTEGER NOT NULL
    ) STRICT""",
    # Up to which size each place elsewhere has our checkpoints, and since when it is out of reach (rule A-04).
    """CREATE TABLE anchors (
        name TEXT PRIMARY KEY,
        size INTEGER NOT NULL DEFAULT 0,
        at INTEGER,
        failing_since INTEGER
    ) STRICT""",
)
"""The fourth migration."""
