"""The tables of monitoring: what a stage got through, and how the disk filled. No word, no id, no person."""

MONITORING: tuple[str, ...] = (
    # Counts that only grow: rows that would tell them are purged.
    """CREATE TABLE stage_counts (
        stage TEXT PRIMARY KEY CHECK (stage IN ('assessed', 'not_assessed')),
        n INTEGER NOT NULL CHECK (n >= 0)
    ) STRICT, WITHOUT ROWID""",
    # ``used``: bytes of all files in the data folder; ``free``: bytes that are left on its disk.
    """CREATE TABLE disk_samples (
        at INTEGER PRIMARY KEY,
        free INTEGER NOT NULL CHECK (free >= 0),
        used INTEGER NOT NULL CHECK (used >= 0)
    ) STRICT""",
)
"""The thirteenth migration."""
